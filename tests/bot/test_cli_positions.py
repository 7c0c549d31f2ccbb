"""`chancery quotes` and `chancery timeline` as their users and other programs run them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

Run = Callable[..., Result]
SOLUTION = "There is no military solution. Only intra-Libyan dialogue can solve Libyan problems."


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


def test_quotations_of_a_speaker_as_one_document(chancery: Run) -> None:
    ended = chancery("quotes", "--speaker", "Guterres", "--until", "2019-04-30", "--json")
    assert ended.exit_code == 0
    told = document(ended)
    assert told["speaker"] == "António Guterres"
    quoted = {one["quote"]: one for one in told["quotations"]}
    one = quoted[
        "There is no military solution. Only intra-Libyan dialogue can solve Libyan problems."
    ]
    assert (one["speaker"], one["verb"], one["direct"]) == ("António Guterres", "wrote", True)
    assert one["url"].endswith("/2019/04/04/guterres-no-military-solution")
    assert one["link"].startswith(f"{one['url']}#:~:text=There%20is%20no%20military")
    assert (one["paragraph"], one["published_at"][:10]) == (2, "2019-04-04")
    assert one["changed"] is None
    published = [one["published_at"] for one in told["quotations"]]
    assert published == sorted(published)
    assert not any(moment > "2019-05" for moment in published)


def test_quotations_on_a_topic_as_text(chancery: Run) -> None:
    ended = chancery("quotes", "--speaker", "guterres", "--topic", "Gulf of Oman")
    assert ended.exit_code == 0
    assert "the world could not afford a major confrontation in the Gulf" in " ".join(
        ended.stdout.split()
    )
    assert "no military solution" not in ended.stdout
    assert "#:~:text=" in ended.stdout


def test_a_speaker_who_is_not_quoted(chancery: Run) -> None:
    ended = chancery("quotes", "--speaker", "Gutteres", "--json")
    assert ended.exit_code == 1
    told = document(ended)
    assert (told["speaker"], told["quotations"]) == (None, [])
    assert [one["speaker"] for one in told["near"]] == ["António Guterres"]


def test_who_is_quoted(chancery: Run) -> None:
    ended = chancery("quotes", "--json")
    assert ended.exit_code == 0
    speakers = document(ended)["speakers"]
    assert speakers[0]["speaker"] == "Donald Trump"
    counts = [one["quotations"] for one in speakers]
    assert counts == sorted(counts, reverse=True)
    assert "Donald Trump" in chancery("quotes").stdout


def test_one_source_and_a_few(chancery: Run) -> None:
    ended = chancery(
        "quotes", "--speaker", "Trump", "--source", "Sample Wire Desk", "-k", "2", "--json"
    )
    told = document(ended)
    assert len(told["quotations"]) == 2
    assert {one["source"] for one in told["quotations"]} == {"Sample Wire Desk"}
    assert told["left_out"] > 0


def test_a_timeline_as_one_document(chancery: Run) -> None:
    ended = chancery("timeline", "Sudan", "--since", "2019-04-01", "--json")
    assert ended.exit_code == 0
    told = document(ended)
    assert told["topic"] == "Sudan"
    days = [event["date"] for event in told["events"]]
    assert days == sorted(days)
    assert days[0] >= "2019-04-01"
    (ousted,) = [event for event in told["events"] if event["date"] == "2019-04-11"]
    assert ousted["text"].startswith("Sudan’s armed forces removed President Omar al-Bashir")
    assert (ousted["precision"], ousted["announced"], ousted["paragraph"]) == ("day", False, 1)
    assert ousted["link"].startswith(f"{ousted['url']}#:~:text=")


def test_a_timeline_as_it_was_known(chancery: Run) -> None:
    told = document(chancery("timeline", "Libya", "--as-of", "2019-04-04", "--json"))
    assert {event["date"] for event in told["events"] if event["announced"]}
    assert all(event["published_at"][:10] <= "2019-04-04" for event in told["events"])


def test_a_timeline_is_drawn(chancery: Run, tmp_path: Path) -> None:
    picture = tmp_path / "sudan.png"
    ended = chancery("timeline", "Sudan", "--picture", str(picture))
    assert ended.exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "sudan.png" in ended.stderr
    assert "[1]" in ended.stdout


def test_a_picture_that_cannot_be_written(chancery: Run, tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "sudan.png"
    ended = chancery("quotes", "--speaker", "Guterres", "--picture", str(nowhere))
    assert ended.exit_code == 2
    assert "No such file or directory." in ended.stderr


def test_nothing_dated_is_found(chancery: Run) -> None:
    ended = chancery("timeline", "the price of cod in Bergen", "--json")
    assert ended.exit_code == 1
    assert document(ended)["events"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("quotes", "--speaker", " "), "The speaker's name is empty."),
        (("quotes", "--topic", "Libya"), "Name a speaker with --speaker"),
        (("quotes", "--speaker", "Trump", "--since", "the day of the dog"), "the day of the dog"),
        (("timeline", " "), "The topic is empty."),
    ],
)
def test_wrong_use_is_one_sentence(chancery: Run, arguments: tuple[str, ...], says: str) -> None:
    ended = chancery(*arguments)
    assert ended.exit_code == 2
    assert says in ended.stderr
    assert ended.stdout == ""


def test_nothing_has_been_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHANCERY_HOME", str(tmp_path / "empty"))
    for arguments in (("quotes", "--speaker", "Trump"), ("timeline", "Libya")):
        ended = CliRunner().invoke(app, list(arguments))
        assert ended.exit_code == 1
        assert ended.stderr.startswith("Nothing has been read yet")
