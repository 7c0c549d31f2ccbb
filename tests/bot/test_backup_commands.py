"""`chancery backup` and `chancery restore`: after a loss the same question has the same answer.
`chancery migrate` says in one sentence what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from retrieval.index.vectors import IndexOwnership
from tests.fakes.command_line import chancery as run_on
from tests.scenarios.old_home import unpacked

QUESTION = "Who announced his resignation on 2 April 2019?"

Run = Callable[..., Result]


@pytest.fixture
def chancery(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home of its own that holds the sample."""
    monkeypatch.setenv("CHANCERY_HOME", str(sample_home))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return run


def told_by(result: Result) -> dict[str, Any]:
    """An answer without how long it took."""
    document: dict[str, Any] = json.loads(result.stdout)
    return {name: value for name, value in document.items() if name != "seconds"}


@pytest.mark.slow
def test_a_home_whose_database_is_garbled_is_restored_with_its_answers(
    chancery: Run, sample_home: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "chancery.backup")
    before = chancery("ask", QUESTION, "--json")
    told = json.loads(chancery("backup", file, "--json").stdout)
    assert told["articles"] == json.loads(chancery("stats", "--json").stdout)["articles"] > 50
    (sample_home / "chancery.db").write_bytes(b"\0" * 100_000)
    assert chancery("ask", QUESTION).exit_code != 0
    refused = chancery("restore", file)
    assert "Say --yes to replace what can no longer be read" in refused.stderr
    restored = chancery("restore", file, "--yes")
    assert restored.exit_code == 0, restored.stderr
    assert "Put back what was kept on" in restored.stderr
    after = chancery("ask", QUESTION, "--json")
    assert told_by(after) == told_by(before)


def test_what_is_no_backup_is_refused_in_one_sentence(chancery: Run, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear colleague")
    refused = chancery("restore", str(tmp_path / "letter"), "--yes")
    assert refused.exit_code == 1
    assert "is no backup of Chancery" in str(refused.exception or refused.stderr)
    assert chancery("stats").exit_code == 0


# -- from a home to servers --------------------------------------------------------------------

SERVER = "postgresql://chancery@127.0.0.1:9/chancery"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return unpacked(tmp_path)


@pytest.mark.slow
def test_a_home_is_copied_and_keeps_its_indexes(home: Path, postgresql_copy: str) -> None:
    done = run_on(home, "migrate", "--json", DATABASE_URL=postgresql_copy)
    assert done.status == 0, done.err
    assert done.document["articles"] == 12
    assert done.document["written"] == done.document["rows"] - 1, "whose store it is was there"
    assert "***" in done.document["database"]
    assert "Now set DATABASE_URL in .env" in done.err
    again = run_on(home, "migrate", DATABASE_URL=postgresql_copy)
    assert again.status == 0, again.err
    assert "12 articles in postgresql" in again.out
    assert "was copied before" in again.out
    listed = run_on(home, "watches", "list", DATABASE_URL=postgresql_copy)
    assert "Haftar" in listed.out


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (None, "Set DATABASE_URL to an empty PostgreSQL database, and CHROMA_URL"),
        ("sqlite:////tmp/other.db", "DATABASE_URL is no address of a PostgreSQL database."),
        ("somewhere", "DATABASE_URL is no address of a PostgreSQL database."),
    ],
)
def test_servers_must_be_named(home: Path, address: str | None, sentence: str) -> None:
    refused = run_on(home, "migrate", **({"DATABASE_URL": address} if address else {}))
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith(sentence)
    assert refused.err.count("\n") == 1


def test_a_home_without_a_store_is_none(tmp_path: Path) -> None:
    refused = run_on(tmp_path / "nowhere", "migrate", DATABASE_URL=SERVER)
    assert refused.status == 2
    assert "holds no store to copy; CHANCERY_HOME names it." in refused.err
    assert not (tmp_path / "nowhere").exists()


def test_a_home_whose_bot_runs_stays_where_it_is(home: Path) -> None:
    with IndexOwnership(home, "serve"):
        refused = run_on(home, "migrate", DATABASE_URL=SERVER)
    assert refused.status == 1
    assert "(chancery serve)" in refused.err
    assert refused.err.count("\n") == 1


def test_a_server_that_is_not_there_is_named_without_its_password(home: Path) -> None:
    pytest.importorskip("psycopg")
    address = SERVER.replace("chancery@", "chancery:hunter2@")
    refused = run_on(home, "migrate", DATABASE_URL=address)
    assert refused.status == 1
    assert "127.0.0.1:9" in refused.err
    assert "hunter2" not in refused.err
    assert refused.err.count("\n") == 1
