"""`chancery digest` and `chancery summary` as their users and other programs run them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

Run = Callable[..., Result]


@pytest.fixture
def chancery(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home of its own that holds the sample."""
    monkeypatch.setenv("CHANCERY_HOME", str(sample_home))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return run


def document(result: Result) -> dict[str, Any]:
    """The one JSON document that stdout holds."""
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def test_the_digest_of_a_day_as_one_document(chancery: Run) -> None:
    ended = chancery("digest", "--for", "2019-04-04", "--zone", "Africa/Tripoli", "--json")
    assert ended.exit_code == 0
    told = document(ended)
    assert (told["from"], told["to"]) == ("2019-04-03T22:00:00+00:00", "2019-04-04T22:00:00+00:00")
    lead = told["stories"][0]
    assert lead["headline"] == "Haftar orders his forces to march on Tripoli"
    assert lead["status"] in ("new", "developing")
    assert lead["origins"] == len(lead["urls"]) >= 4
    cited = {citation["mark"]: citation for citation in told["citations"]}
    used = {citation["mark"] for citation in lead["citations"]}
    for statement in lead["statements"]:
        assert set(statement["citations"]) <= used <= set(cited)
    assert told["announced"][0]["from"] == "2019-04-05"
    assert told["coverage"]["failed"] == []
    assert told["coverage"]["by_place"]["LY"] == 4


def test_the_digest_as_text_and_as_a_page(chancery: Run, tmp_path: Path) -> None:
    page = tmp_path / "digest.html"
    ended = chancery("digest", "--for", "2019-04-04", "--html", str(page))
    assert ended.exit_code == 0
    text = " ".join(ended.stdout.split())
    assert "Haftar orders his forces to march on Tripoli" in text
    assert "“There is no military solution." in text
    assert "Security Council is to meet on Libya on Friday 5 April" in text
    assert "Haftar orders his forces" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_has_the_chart_of_places_that_slack_shows(chancery: Run, tmp_path: Path) -> None:
    page = tmp_path / "digest.html"
    given = ("digest", "--since", "2019-04-01", "--until", "2019-04-12", "--html", str(page))
    assert chancery(*given).exit_code == 0
    shown = page.read_text(encoding="utf-8")
    assert 'src="data:image/png;base64,' in shown
    assert "Articles by place" in shown


def test_a_day_without_news_ends_with_one(chancery: Run) -> None:
    ended = chancery("digest", "--for", "2019-04-04", "--topic", "fisheries", "--json")
    assert ended.exit_code == 1
    assert document(ended)["stories"] == []


@pytest.mark.slow
def test_a_summary_as_one_document(chancery: Run) -> None:
    ended = chancery("summary", "Libya", "--since", "2019-04-01", "--until", "2019-04-07", "--json")
    assert ended.exit_code == 0
    told = document(ended)
    assert (told["question"], told["status"]) == ("Libya", "answered")
    assert told["stories"]
    marks = {citation["mark"] for citation in told["citations"]}
    assert all(set(statement["citations"]) <= marks for statement in told["statements"])
    assert {"nearest", "withheld", "answerer", "seconds"} <= told.keys()
    assert len(told["coverage"]["by_day"]) == 7


def test_a_summary_of_nothing_says_so(chancery: Run) -> None:
    ended = chancery("summary", "fisheries in Peru", "--since", "2019-04-01", "--json")
    assert ended.exit_code == 1
    told = document(ended)
    assert (told["status"], told["statements"], told["citations"]) == ("unanswered", [], [])


@pytest.mark.parametrize(
    "arguments",
    [
        ("digest", "--for", "someday"),
        ("digest", "--for", "2019-04-04", "--since", "7d"),
        ("digest", "--for", "2019-04-04", "--zone", "Europe/Atlantis"),
        ("digest", "--since", "2019-04-05", "--until", "2019-04-01"),
        ("summary", "  "),
    ],
)
def test_wrong_use_is_one_sentence(arguments: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(app, list(arguments))
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1
