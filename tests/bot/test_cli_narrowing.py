"""What narrows a command; what cannot be meant gets one sentence, and the status promised."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.db.audit import Audit
from bot.library import open_corpus
from tests.conftest import settings_for

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def chancery(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on an empty home."""
    monkeypatch.setenv("CHANCERY_HOME", str(home))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return run


@pytest.fixture
def on_the_sample(sample_home: Path, chancery: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CHANCERY_HOME", str(sample_home))
    return chancery


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["stories", "--since", "2019-04-05", "--until", "2019-04-01"], "ends before it begins"),
        (["search", "x", "--since", "2019-04-05", "--until", "2019-04-01"], "ends before"),
        (["ask", "x?", "--since", "2019-04-05", "--until", "2019-04-01"], "ends before"),
        (["timeline", "x", "--since", "2019-04-05", "--until", "2019-04-01"], "ends before"),
        (["quotes", "--speaker", "x", "--since", "2019-02-31"], "is not a time"),
        (["stories", "--since", ""], "is not a time"),
        (["stories", "--source", " "], "An empty --source means nothing"),
        (["summary", "Libya", "--place", ""], "An empty --place means nothing"),
        (["digest", "--topic", ""], "An empty --topic means nothing"),
        (["quotes", "--since", "2019-04-01"], "Name a speaker"),
        (["quotes", "--place", "Libya"], "Name a speaker"),
        (["quotes", "--speaker", "Guterres", "--topic", ""], "The topic is empty."),
        (["subscriptions", "add", "--channel", "C0PRESS", "--topic", ""], "An empty --topic"),
        (["watches", "add", " ", "--reader", "U0DESK"], "The name of the watch is empty."),
        (["retain", "--older-than", "99999y"], "is before anything was written"),
        (["withdraw", "nope"], "not a web address"),
    ],
)
def test_what_cannot_be_meant_is_wrong_use(
    chancery: Run, home: Path, arguments: list[str], sentence: str
) -> None:
    ended = chancery(*arguments)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert sentence in ended.stderr
    assert ended.stderr.endswith(".\n")
    assert ended.stderr.count("\n") == 1


def test_a_source_that_was_never_read_is_said_to_be_unknown(on_the_sample: Run) -> None:
    ended = on_the_sample("search", "Libya", "--source", "Sample Wires", "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["results"] == []
    assert ended.stderr == (
        "Nothing was read from a source called 'Sample Wires'; chancery stats names them.\n"
    )


@pytest.mark.slow
def test_stories_as_of_a_moment_hold_what_was_published_by_then(on_the_sample: Run) -> None:
    told = json.loads(on_the_sample("stories", "--as-of", "2019-04-03", "--json").stdout)
    assert told["stories"]
    assert all(story["to"] <= "2019-04-04" for story in told["stories"])


def test_a_summary_and_a_digest_tell_as_many_stories_as_asked_for(on_the_sample: Run) -> None:
    for command in (
        ["summary", "Libya", "--as-of", "2019-04-05"],
        ["digest", "--for", "2019-04-05"],
    ):
        told = json.loads(on_the_sample(*command, "-k", "1", "--json").stdout)
        assert len(told["stories"]) == 1


def test_who_is_quoted_most_is_listed_first_and_as_many_as_asked_for(on_the_sample: Run) -> None:
    every = json.loads(on_the_sample("quotes", "--json").stdout)["speakers"]
    first = json.loads(on_the_sample("quotes", "-k", "2", "--json").stdout)["speakers"]
    assert first == every[:2]


def test_a_country_is_kept_by_its_code_whatever_it_was_called(chancery: Run) -> None:
    told = chancery("subscriptions", "add", "--channel", "C0PRESS", "--place", "Libya", "--json")
    assert json.loads(told.stdout)["added"]["places"] == ["LY"]
    told = chancery("watches", "add", "March", "--reader", "U0DESK", "--place", "Libya", "--json")
    assert json.loads(told.stdout)["added"]["places"] == ["LY"]


def test_whoever_watches_nothing_is_told_so_though_others_watch(chancery: Run) -> None:
    chancery("watches", "add", "Gharyan", "--reader", "U0DESK")
    ended = chancery("watches", "list", "--reader", "U0OTHER")
    assert (ended.exit_code, ended.stderr) == (1, "U0OTHER watches nothing.\n")


def test_every_change_from_the_terminal_is_in_the_trail_once(chancery: Run, home: Path) -> None:
    chancery("sources", "import", "--starter")
    chancery("watches", "add", "Gharyan", "--reader", "U0DESK")
    chancery("watches", "pause", "Gharyan")
    chancery("watches", "pause", "Gharyan")
    chancery("subscriptions", "add", "--channel", "C0PRESS", "--place", "Libya")
    chancery("sources", "pause", "UN News")
    corpus = open_corpus(settings_for(home))
    entries = Audit(corpus.engine).recent()[::-1]
    corpus.close()
    assert [entry.action for entry in entries] == [
        "sources imported",
        "watch added",
        "watch paused",
        "subscription added",
        "source paused",
    ]
    assert all(entry.by.startswith("terminal:") for entry in entries)
    assert entries[3].detail == "every day 07:30 UTC · Libya"


def test_an_age_counts_back_from_the_end_that_is_given(on_the_sample: Run) -> None:
    asked = ["search", "Libya", "--since", "7d", "--until", "2019-04-08", "-k", "50", "--json"]
    found = json.loads(on_the_sample(*asked).stdout)["results"]
    days = sorted(one["published_at"][:10] for one in found)
    assert days
    assert days[0] >= "2019-04-01"
    assert days[-1] <= "2019-04-08"


@pytest.mark.slow
def test_ask_reads_plain_words_as_the_chat_does(on_the_sample: Run) -> None:
    told = json.loads(on_the_sample("ask", "Libya 1 to 7 April 2019", "--json").stdout)
    assert (told["status"], told["intent"]) == ("answered", "summary")
    assert {mark for one in told["statements"] for mark in one["citations"]} <= {
        one["mark"] for one in told["citations"]
    }
    nothing = on_the_sample("ask", "Libya this week")
    assert "Newest on Libya: 27 June 2019" in nothing.stdout
    assert "summary of Libya since 21 June 2019" in nothing.stdout
