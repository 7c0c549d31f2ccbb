"""`chancery backup` and `chancery restore`: after a loss the same question has the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

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
