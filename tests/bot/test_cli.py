"""The command `chancery` as its users and other programs run it.

The console script that was installed is started for what a process of its own may do differently;
each start takes seconds. All else runs in the test's own process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.library import open_corpus
from bot.settings import Settings
from retrieval.index.vectors import IndexOwnership
from tests.conftest import settings_for
from tests.fakes.command_line import Ended, chancery

QUESTION = "What did Guterres say about a military solution in Libya?"
UNANSWERABLE = "How many tons of wheat did Egypt import in March 2019?"
ARTICLE = {
    "url": "https://vessels.example/ormsund",
    "title": "Ormsund protocol signed",
    "source": "Vessels Gazette",
    "published_at": "2019-04-05T07:00:00+00:00",
    "paragraphs": ["The Ormsund protocol was signed by Marit Solvang on 4 April 2019."],
}


Asked = Callable[[str], Ended]


def started(home: Path, *arguments: object) -> Ended:
    """Run the console script that was installed, without a terminal, on a home."""
    done = subprocess.run(
        [Path(sys.executable).parent / "chancery", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "CHANCERY_HOME": str(home)},
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


class TestHelp:
    def test_lists_the_commands(self, tmp_path: Path) -> None:
        shown = started(tmp_path, "--help")
        assert shown.status == 0
        for command in ("ingest", "search", "ask", "chat", "serve", "stats", "doctor", "reindex"):
            assert f"\n  {command} " in shown.out
        assert shown.err == ""

    def test_of_every_command_says_what_it_does(self) -> None:
        from bot.cli import app

        for command in app.registered_commands:
            assert command.callback is not None
            assert command.callback.__doc__


class TestWrongUse:
    """Exit status 2, a sentence on stderr, nothing on stdout, and nothing is made."""

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("ask",), "Ask one question, or name a file of them with --queries."),
            (("ask", "  "), "The question is empty."),
            (("search", "--queries", "missing.jsonl"), "missing.jsonl: No such file or directory."),
            (("ask", "Who?", "--since", "the day of the dog"), "the day of the dog"),
            (("ingest",), "Name a file, a folder or an address to read"),
            (("serve",), "Slack needs SLACK_BOT_TOKEN and SLACK_APP_TOKEN in .env"),
        ],
    )
    def test_is_answered_with_a_sentence(
        self, tmp_path: Path, arguments: tuple[str, ...], says: str
    ) -> None:
        home = tmp_path / "home"
        ended = chancery(home, *arguments)
        assert (ended.status, ended.out) == (2, "")
        assert says in ended.err
        assert one_sentence(ended.err)
        assert not home.exists()

    def test_of_an_option_is_explained(self, tmp_path: Path) -> None:
        ended = chancery(tmp_path, "search", "Libya", "-k", "0")
        assert (ended.status, ended.out) == (2, "")
        assert "-k" in ended.err
        assert "Traceback" not in ended.err

    def test_a_broken_line_of_queries_is_named(self, tmp_path: Path) -> None:
        queries = tmp_path / "queries.jsonl"
        queries.write_text('{"id": 1, "question": "Who?"}\n{"id": 2}\n')
        ended = chancery(tmp_path / "home", "ask", "--queries", queries)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err == f"{queries}, line 2: needs id and question as JSON.\n"

    def test_a_bad_setting_is_named(self, tmp_path: Path) -> None:
        ended = chancery(tmp_path, "stats", SLACK_MODE="carrier pigeon")
        assert ended.status != 0
        assert ended.out == ""
        assert ended.err.startswith("SLACK_MODE cannot be used: ")
        assert one_sentence(ended.err)

    def test_a_store_that_cannot_be_opened_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "chancery.db").write_text("This is no database. " * 100)
        ended = chancery(tmp_path, "stats", "--json")
        assert (ended.status, ended.out) == (1, "")
        assert "chancery.db: cannot be opened" in ended.err
        assert ended.err.count("\n") == 1


class TestEmptyStore:
    @pytest.mark.parametrize("command", ["ask", "search"])
    def test_says_what_to_do_first(self, tmp_path: Path, command: str) -> None:
        ended = chancery(tmp_path, command, "Who?", "--json")
        assert (ended.status, ended.out) == (1, "")
        assert ended.err == (
            "Nothing has been read yet: chancery ingest PATH, or chancery ingest --sample.\n"
        )

    def test_counts_nothing(self, tmp_path: Path) -> None:
        ended = chancery(tmp_path, "stats", "--json")
        assert ended.status == 0
        assert ended.document["articles"] == ended.document["last_change"] == 0


class TestIngest:
    def test_gives_a_receipt_and_is_idempotent(self, tmp_path: Path) -> None:
        good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
        good.write_text(json.dumps(ARTICLE))
        bad.write_text('{"url": "https://vessels.example/none", "paragraphs": []}')
        ended = chancery(tmp_path / "home", "ingest", good, bad, good, "--json")
        assert ended.status == 1
        receipt = ended.document
        assert list(receipt) == [
            "new",
            "updated",
            "unchanged",
            "duplicates",
            "paragraphs",
            "failed",
            "seconds",
        ]
        counted = ("new", "updated", "unchanged", "duplicates", "paragraphs")
        assert [receipt[name] for name in counted] == [1, 0, 1, 0, 1]
        (failed,) = receipt["failed"]
        assert set(failed) == {"item", "reason"}
        assert "bad.jsonl" in failed["item"]


@pytest.fixture(scope="module")
def asked(copied_sample: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """What a command over the sample gives, by name; each is run once, when it is wanted."""
    queries = tmp_path_factory.mktemp("queries") / "queries.jsonl"
    lines = [{"id": "a", "question": QUESTION}, {"id": 7, "question": UNANSWERABLE}]
    queries.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    runs: dict[str, Callable[[], Ended]] = {
        "search": lambda: chancery(
            copied_sample(), "search", "military solution Libya", "-k", "3", "--json"
        ),
        "answered": lambda: chancery(copied_sample(), "ask", QUESTION, "--json"),
        "unanswered": lambda: chancery(copied_sample(), "ask", UNANSWERABLE),
        "queries": lambda: chancery(copied_sample(), "ask", "--queries", queries),
        "run": lambda: chancery(copied_sample(), "run"),
    }
    return cache(lambda name: runs[name]())


class TestSearch:
    def test_gives_ranked_paragraphs(self, asked: Asked) -> None:
        ended = asked("search")
        assert ended.status == 0
        assert list(ended.document) == ["query", "results", "seconds"]
        results = ended.document["results"]
        assert len(results) == 3
        promised = {"url", "paragraph", "score", "title", "source", "published_at", "text"}
        assert all(promised <= set(result) for result in results)
        scores = [result["score"] for result in results]
        assert scores == sorted(scores, reverse=True)


class TestAsk:
    PROMISED = (
        "question",
        "status",
        "statements",
        "citations",
        "nearest",
        "withheld",
        "answerer",
        "seconds",
    )

    def test_gives_one_document_with_the_promised_keys(self, asked: Asked) -> None:
        ended = asked("answered")
        assert (ended.status, ended.err) == (0, "")
        document = ended.document
        assert set(self.PROMISED) <= set(document)
        assert (document["question"], document["status"]) == (QUESTION, "answered")
        assert "reason" not in document

    def test_cites_every_statement_in_words_that_stand_there(self, asked: Asked) -> None:
        document = asked("answered").document
        marks = [citation["mark"] for citation in document["citations"]]
        assert marks == list(range(1, len(marks) + 1))
        for statement in document["statements"]:
            assert set(statement) == {"text", "citations"}
            assert statement["citations"]
            assert set(statement["citations"]) <= set(marks)
        promised = {
            "mark",
            "url",
            "link",
            "title",
            "source",
            "published_at",
            "paragraph",
            "quote",
        }
        for citation in document["citations"]:
            assert promised <= set(citation)
            assert citation["link"].startswith(f"{citation['url']}#:~:text=")
            assert citation["quote"]

    def test_without_an_answer_says_so_and_ends_with_one(self, asked: Asked) -> None:
        ended = asked("unanswered")
        assert ended.status == 1
        assert ended.out.startswith("I found nothing that answers “How many tons of wheat")
        assert ended.err == ""

    @pytest.mark.slow
    def test_of_a_file_gives_a_line_a_question_with_its_id(self, asked: Asked) -> None:
        ended = asked("queries")
        assert ended.status == 0
        first, second = map(json.loads, ended.out.splitlines())
        assert (first["id"], first["status"]) == ("a", "answered")
        assert (second["id"], second["status"]) == ("7", "unanswered")
        assert second["reason"]
        assert second["statements"] == second["citations"] == []
        assert set(self.PROMISED) <= set(second)


class TestRun:
    @pytest.mark.slow
    def test_without_tokens_and_terminal_shows_five_questions(self, asked: Asked) -> None:
        ended = asked("run")
        assert ended.status == 0
        assert sum(line.startswith("> ") for line in ended.out.splitlines()) == 5
        assert ended.out.count("I found nothing that answers") == 1
        assert "[1] Sample" in ended.out
        assert "[1] Sample Arabic Desk" in ended.out
        assert "No Slack tokens in .env and no terminal" in ended.err


class TestSecondProcess:
    @pytest.fixture
    def owned(self, tmp_path: Path) -> Iterator[Settings]:
        """A home whose index belongs to this process."""
        settings = settings_for(tmp_path / "home")
        with IndexOwnership(settings.home, "serve"):
            yield settings

    @pytest.mark.slow
    def test_is_told_who_owns_the_index_and_still_stores(
        self, owned: Settings, tmp_path: Path
    ) -> None:
        owner = f"The index is in use by process {os.getpid()} (chancery serve)."
        line = tmp_path / "line.jsonl"
        line.write_text(json.dumps(ARTICLE))

        stored = started(owned.home, "ingest", line, "--json")
        assert stored.status == 0
        assert stored.document["new"] == 1
        assert owner in stored.err
        corpus = open_corpus(owned)
        assert corpus.counts().articles == 1
        corpus.close()

        refused = started(owned.home, "ask", QUESTION, "--json")
        assert (refused.status, refused.out) == (1, "")
        assert refused.err.startswith(owner)
        assert refused.err.count("\n") == 1


class TestUnusual:
    @pytest.mark.slow
    def test_a_home_of_any_name_is_the_owners_alone(self, tmp_path: Path) -> None:
        home = tmp_path / "what? 100%20 #1"
        line = tmp_path / "line.jsonl"
        line.write_text(json.dumps(ARTICLE))
        assert started(home, "ingest", line).status == 0
        assert (home / "chancery.db").is_file()
        assert {path.name for path in tmp_path.iterdir()} == {home.name, line.name}
        assert home.stat().st_mode & 0o777 == 0o700
        assert all(one.stat().st_mode & 0o077 == 0 for one in home.rglob("*") if one.is_file())

    @pytest.mark.slow
    def test_a_question_that_no_encoding_can_write_is_read_all_the_same(
        self, copied_sample: Callable[[], Path]
    ) -> None:
        ended = started(copied_sample(), "search", "military solution \udced\udca0 Libya", "--json")
        assert ended.status == 0
        assert ended.document["results"]

    @pytest.mark.slow
    def test_a_damaged_index_is_named_and_then_healed(
        self, copied_sample: Callable[[], Path]
    ) -> None:
        home = copied_sample()
        for path in home.glob("lexical-*/paragraphs/*.idx"):
            path.write_bytes(b"garbled" * 100)
        told = "The word index is damaged"
        assert f"FAIL  indexes: {told}" in chancery(home, "doctor").out
        healed = chancery(home, "search", "military solution Libya", "--json")
        assert healed.document["results"]
        assert told in healed.err
        assert "ok    indexes: up to date" in chancery(home, "doctor").out
