"""`chancery check`: claims of a text with marks and citations, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.fakes.language_models import LocalModelServer

SUPPORTED = "Eighty-one of 120 members of the parliament in Skopje voted for the changes."
WRONG = "INSTEX is registered in Brussels and headed by the German banker Per Fischer."
PARTLY = "INSTEX is registered in Paris and has already processed its first payment."

Check = Callable[..., Result]


@pytest.fixture
def check(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.setenv("CHANCERY_HOME", str(sample_home))

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, ["check", *arguments], input=stdin)

    return run


def document(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_text_whose_claims_are_all_supported_ends_with_0(check: Check, tmp_path: Path) -> None:
    result = check(written(tmp_path, "brief.txt", SUPPORTED))
    assert result.exit_code == 0, result.output
    assert f"+ {SUPPORTED}" in result.stdout
    assert "[1] Sample Brussels Desk · independent · 11 Jan 2019 · ¶1 of 3" in result.stdout
    assert "1 claim: 1 supported." in result.stdout


def test_claims_that_are_not_supported_say_why_and_end_with_1(check: Check, tmp_path: Path) -> None:
    text = f"# Brief\n\n- {SUPPORTED}\n- {WRONG}\n- {PARTLY}\n\nWho holds Gharyan?\n"
    result = check(written(tmp_path, "brief.md", text))
    assert result.exit_code == 1
    assert "- INSTEX is registered in Brussels" in result.stdout
    assert "Paris stands there, not Brussels." in result.stdout
    assert "Decided by: " in result.stdout
    assert "~ INSTEX is registered in Paris" in result.stdout
    assert "“has already processed its first payment” does not stand there." in result.stdout
    assert "3 claims: 1 supported, 1 partly supported, 1 not supported." in result.stdout
    assert "Passed over" in result.stdout


def test_the_json_form_is_a_contract(check: Check, tmp_path: Path) -> None:
    text = f"{SUPPORTED}\n\n{WRONG}\n\nThanks, Amal\n"
    found = document(check(written(tmp_path, "brief.txt", text), "--json"))
    assert set(found) == {"claims", "counts", "passed_over", "seconds"}
    assert found["counts"] == {"supported": 1, "partly": 0, "not": 1}
    assert found["passed_over"] == ["Thanks, Amal"]
    first, second = found["claims"]
    assert set(first) == {"text", "support", "reason", "read_as", "citations", "nearest"}
    assert (first["text"], first["support"], first["reason"]) == (SUPPORTED, "supported", None)
    (citation,) = first["citations"]
    assert (citation["mark"], citation["paragraph"]) == (1, 1)
    assert citation["url"].endswith("/skopje-81-votes")
    assert citation["quote"].startswith("Eighty-one of 120 members voted in favour")
    assert (second["support"], second["citations"]) == ("not", [])
    assert second["reason"] == "Paris stands there, not Brussels"
    assert second["nearest"][0]["url"].endswith("/instex-founded")


def test_a_text_comes_from_stdin_too(check: Check) -> None:
    result = check("-", "--json", stdin=SUPPORTED)
    assert result.exit_code == 0, result.output
    assert document(result)["counts"]["supported"] == 1


def test_pages_are_read_as_ingest_reads_them(check: Check, tmp_path: Path) -> None:
    other = "The Prespa agreement was signed with Greece on 17 June 2018 after long talks."
    page = f"<html><body><article><h1>Brief</h1><p>{SUPPORTED}</p><p>{other}</p></article></body>"
    found = document(check(written(tmp_path, "brief.html", page), "--json"))
    assert SUPPORTED in [claim["text"] for claim in found["claims"]]


@pytest.mark.parametrize(
    "narrowing",
    [
        ("--until", "2018-12-31"),
        ("--as-of", "2018-12-31"),
        ("--source", "Sample Horn Desk"),
        ("--place", "Sudan"),
    ],
)
@pytest.mark.slow
def test_what_narrows_the_corpus_narrows_the_check(
    check: Check, tmp_path: Path, narrowing: tuple[str, str]
) -> None:
    found = document(check(written(tmp_path, "a.txt", SUPPORTED), "--json", *narrowing))
    assert found["counts"]["supported"] == 0


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_text_is_wrong_use(check: Check, tmp_path: Path, text: str) -> None:
    result = check(written(tmp_path, "empty.txt", text))
    assert result.exit_code == 2
    assert "empty, nothing to" in result.stderr


@pytest.mark.parametrize(
    ("name", "said"), [("absent.txt", "no such file"), ("a.docx", "no such file"), (".", "folder")]
)
def test_what_cannot_be_read_is_wrong_use_in_one_sentence(
    check: Check, tmp_path: Path, name: str, said: str
) -> None:
    result = check(str(tmp_path / name))
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_text_that_claims_nothing_says_so(check: Check, tmp_path: Path) -> None:
    result = check(written(tmp_path, "q.txt", "Who holds Gharyan?"))
    assert result.exit_code == 1
    assert "no sentence of it claims anything" in result.stderr
    assert result.stdout == ""


def test_an_impossible_time_is_wrong_use(check: Check, tmp_path: Path) -> None:
    result = check(written(tmp_path, "a.txt", SUPPORTED), "--since", "2019-13-01")
    assert result.exit_code == 2


@pytest.mark.slow
def test_with_a_language_model_it_verifies(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalModelServer() as server:
        monkeypatch.setenv("LLM_MODEL", "openai:local")
        monkeypatch.setenv("LLM_API_KEY", "k")
        monkeypatch.setenv("LLM_BASE_URL", server.openai_url)
        said = {"id": "s1", "verdict": "not", "differs": "nobody voted"}
        server.say(json.dumps({"checks": [said]}))
        result = check(written(tmp_path, "brief.txt", SUPPORTED))
        assert result.exit_code == 1
        assert "Nobody voted" in result.stdout
        server.fail(401)
        result = check(written(tmp_path, "brief.txt", SUPPORTED))
        assert result.exit_code == 0, result.output
        assert "hecked by rules only" in " ".join(result.stdout.split())
