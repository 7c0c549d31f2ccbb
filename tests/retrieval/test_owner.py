"""One process owns an embedded index; a second learns who, and a dead one owns nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from retrieval.errors import IndexOwned, IndexUnavailable
from retrieval.index.vectors import IndexOwnership

_OWNER = """
import sys
from pathlib import Path
from retrieval.index.vectors import IndexOwnership

with IndexOwnership(Path(sys.argv[1]), sys.argv[2]):
    print("owned", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_owner(folder: Path, purpose: str = "serve") -> Iterator[subprocess.Popen[str]]:
    """A process that owns the folder until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder), purpose],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "owned\n"
            yield process
        finally:
            process.kill()


def test_a_second_process_learns_who_owns_the_index(tmp_path: Path) -> None:
    with other_owner(tmp_path) as process, pytest.raises(IndexOwned) as raised:
        IndexOwnership(tmp_path, "ingest")
    assert f"process {process.pid} (chancery serve)" in str(raised.value)
    assert "CHROMA_URL" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.retry


def test_an_owner_that_ends_gives_the_index_up(tmp_path: Path) -> None:
    with other_owner(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
        IndexOwnership(tmp_path, "ingest").release()


def test_an_owner_that_is_killed_gives_the_index_up(tmp_path: Path) -> None:
    with other_owner(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        with IndexOwnership(tmp_path, "ingest"), pytest.raises(IndexOwned) as raised:
            IndexOwnership(tmp_path, "serve")
    assert f"process {os.getpid()} (chancery ingest)" in str(raised.value)


def test_an_owner_that_is_not_named_is_unknown(tmp_path: Path) -> None:
    with IndexOwnership(tmp_path, "serve"):
        (tmp_path / "index.owner").unlink()
        with pytest.raises(IndexOwned, match="process unknown"):
            IndexOwnership(tmp_path, "ingest")


def test_two_folders_have_two_owners(tmp_path: Path) -> None:
    with IndexOwnership(tmp_path / "a", "serve"), IndexOwnership(tmp_path / "b", "serve"):
        pass


def test_the_folder_is_made(tmp_path: Path) -> None:
    with IndexOwnership(tmp_path / "new" / "home", "serve"):
        assert (tmp_path / "new" / "home" / "index.lock").exists()
    assert not (tmp_path / "new" / "home" / "index.owner").exists()


def test_an_owner_that_fails_gives_the_index_up(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), IndexOwnership(tmp_path, "serve"):
        raise RuntimeError("something else broke")
    IndexOwnership(tmp_path, "serve").release()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(IndexUnavailable, match="cannot be written"):
        IndexOwnership(tmp_path / "file" / "home", "serve")
