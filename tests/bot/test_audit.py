"""The audit trail, and the commands for whoever runs Chancery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.console import DONE, IN_PART, WRONG_USE
from bot.db.audit import Audit, Entry, terminal_user
from bot.db.outbox import Outbox, Posting
from bot.db.retention import DailyRetention, retain
from bot.db.turns import Turns
from corpus.articles import Source, SourceKind, article_id
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.outcomes import Citation
from tests.fakes.articles import NOON, address, days, read_article
from tests.fakes.databases import new_database


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArticleStore]:
    """The store of the home that commands use, with two articles of a polled source."""
    monkeypatch.setenv("CHANCERY_HOME", str(tmp_path))
    opened = open_store(new_database(tmp_path))
    ingest(opened, [read_article("first"), read_article("second", "The envoy left.")], lambda: NOON)
    feed = PolledSource(Source("Example News"), "https://example.org/feed")
    SourceRegister(opened).put(feed)
    yield opened
    opened.close()


def run(*arguments: str, status: int = DONE) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == status, result.output
    return result.output


def document(*arguments: str, status: int = DONE) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == status, result.output
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


# -- the trail -----------------------------------------------------------------------------------


def test_entries_come_newest_first(store: ArticleStore) -> None:
    audit = Audit(store.engine)
    audit.record("terminal:amal", "source paused", "Example News", None, NOON)
    audit.record("U0DESK", "digest added", "Libya", "at 07:30", NOON + days(1))

    assert audit.recent() == [
        Entry(NOON + days(1), "U0DESK", "digest added", "Libya", "at 07:30"),
        Entry(NOON, "terminal:amal", "source paused", "Example News", None),
    ]
    assert [entry.action for entry in audit.recent(1)] == ["digest added"]
    assert [entry.action for entry in audit.recent(since=NOON + days(1))] == ["digest added"]


@pytest.mark.slow
def test_what_is_done_to_sources_is_recorded(store: ArticleStore, tmp_path: Path) -> None:
    run("sources", "pause", "Example News")
    run("sources", "resume", "Example News")
    run("sources", "set", "Example News", "--interval", "30m", "--kind", "official")
    feeds = tmp_path / "feeds.opml"
    feeds.write_text(
        '<opml version="2.0"><body><outline type="rss" text="Other" '
        'xmlUrl="https://other.example/feed"/></body></opml>'
    )
    run("sources", "import", str(feeds))
    run("sources", "remove", "Other")

    entries = document("audit")["entries"]

    assert [(entry["action"], entry["subject"]) for entry in entries[::-1]] == [
        ("source paused", "Example News"),
        ("source resumed", "Example News"),
        ("source changed", "Example News"),
        ("sources imported", "feeds.opml"),
        ("source removed", "Other"),
    ]
    assert entries[2]["detail"] == "kind unknown → official, interval 15m → 30m"
    assert {entry["by"] for entry in entries} == {terminal_user()}
    assert terminal_user().startswith("terminal:")


def test_what_changes_nothing_is_not_recorded(store: ArticleStore) -> None:
    run("sources", "set", "Example News", "--interval", "15m")

    assert document("audit", status=IN_PART) == {"entries": []}


def test_the_trail_is_told_in_lines(store: ArticleStore) -> None:
    assert "Nothing was changed yet" in run("audit", status=IN_PART)
    run("sources", "pause", "Example News")

    assert "source paused: Example News" in run("audit", "--since", "1d")


# -- sources set ---------------------------------------------------------------------------------


def test_another_interval_counts_from_the_last_poll(store: ArticleStore) -> None:
    register = SourceRegister(store)
    polled = PolledSource(
        Source("Example News"),
        "https://example.org/feed",
        health=Health.FRESH,
        etag='"7"',
        last_polled_at=NOON,
        next_poll_at=NOON + timedelta(minutes=15),
    )
    register.put(polled)

    changed = document("sources", "set", "Example News", "--every", "2h")["changed"]

    assert changed["every_seconds"] == 7200
    (found,) = register.sources(["Example News"])
    assert found.next_poll_at == NOON + timedelta(hours=2)
    assert (found.etag, found.health) == ('"7"', Health.FRESH)


def test_a_new_name_and_kind_are_those_of_its_articles_too(store: ArticleStore) -> None:
    before = store.last_change()

    told = document("sources", "set", "example news", "--name", "Ministry", "--kind", "official")

    assert told["articles"] == 2
    changed = [change.article for change in store.changes_since(before)]
    assert {(a.source, a.kind) for a in changed} == {("Ministry", SourceKind.OFFICIAL)}
    assert [one.name for one in SourceRegister(store).sources()] == ["Ministry"]


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--kind", "rumour"),
        ("--interval", "soon"),
        ("--country", "Norway"),
        ("--name", " "),
        ("--name", "Other News"),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence(
    store: ArticleStore, options: tuple[str, ...]
) -> None:
    SourceRegister(store).put(PolledSource(Source("Other News"), "https://other.example/feed"))

    said = run("sources", "set", "Example News", *options, status=WRONG_USE)

    assert said.strip().endswith(".")
    assert "Traceback" not in said


# -- retention, withdraw -------------------------------------------------------------------------


def turn_on(store: ArticleStore, name: str, at: datetime) -> str:
    article = store.article(article_id(address(name)))
    assert article is not None
    citation = Citation(1, article, article.paragraph(1), article.paragraph(1).text)
    turns = Turns(store.engine)
    return turns.record_posting("answer", "C0:1.5", "U0DESK", at, "What?", ["Said."], [citation])


def test_articles_stay_as_long_as_what_cites_them(store: ArticleStore) -> None:
    turns = Turns(store.engine)
    old = turn_on(store, "first", NOON)
    young = turn_on(store, "second", NOON + days(50))

    done = retain(store, days(30), NOON + days(60), followed=store.last_change())

    assert (done.expired, done.cited, done.turns) == (1, 1, 1)
    assert turns.cited(old) == []
    assert len(turns.cited(young)) == 1


def test_a_dry_run_changes_nothing(store: ArticleStore) -> None:
    turn = turn_on(store, "first", NOON)
    before = store.last_change()

    done = retain(store, days(30), NOON + days(60), followed=before, dry_run=True)

    assert (done.expired, done.turns) == (2, 1)
    assert store.last_change() == before
    assert Turns(store.engine).cited(turn)


def test_keys_of_postings_stay_while_a_schedule_may_look_back(store: ArticleStore) -> None:
    outbox = Outbox(store.engine)
    outbox.put(Posting("digest:a", "digest", "C0", "C0", None, {}, NOON))
    outbox.posted("digest:a", "C0:1.5", None, NOON)

    retain(store, days(5), NOON + days(20), followed=0)
    assert outbox.find("digest:a") is not None
    retain(store, days(5), NOON + days(41), followed=0)
    assert outbox.find("digest:a") is None


def test_the_bot_lets_go_once_a_day_and_purges_when_the_indexes_followed(
    store: ArticleStore,
) -> None:
    position = store.last_change()
    retention = DailyRetention(store, days(30), lambda: position)
    now = NOON + days(60)

    assert retention.run(now) == 2
    ingest(store, [read_article("new", published_at=now)], lambda: now)
    assert retention.run(now + timedelta(minutes=1)) == 0
    position = store.last_change()
    assert retention.run(now + timedelta(minutes=2)) == 2
    assert store.article(article_id(address("first"))) is None
    assert DailyRetention(store, None, lambda: position).run(now + days(900)) == 0


def test_retain_says_how_much_goes(store: ArticleStore) -> None:
    """The articles are of 2019, so that any clock finds them old."""
    told = document("retain", "--older-than", "365d", "--dry-run")
    assert (told["articles"], told["dry_run"], told["older_than_days"]) == (2, True, 365)
    assert "2 articles older than 365 days would be removed" in run(
        "retain", "--older-than", "1y", "--dry-run"
    )
    assert "RETENTION_DAYS" in run("retain", status=WRONG_USE)
    assert "no age" in run("retain", "--older-than", "soon", status=WRONG_USE)


def test_a_withdrawn_article_is_recorded(store: ArticleStore) -> None:
    told = document("withdraw", address("first"))

    assert told == {"url": address("first"), "withdrawn": True}
    assert document("withdraw", address("first"))["withdrawn"] is False
    assert [entry["action"] for entry in document("audit")["entries"]] == ["article withdrawn"]
    assert "No article" in run("withdraw", address("unknown"), status=IN_PART)


# -- stats ---------------------------------------------------------------------------------------


def test_stats_show_growth_sources_followers_and_deliveries(store: ArticleStore) -> None:
    today = datetime.now(UTC)
    ingest(store, [read_article("today", "One.", "Two.", source="Other")], lambda: today)
    outbox = Outbox(store.engine)
    outbox.put(Posting("alert:a", "alert", "C0", "C0", None, {}, today))

    state = document("stats", "--last", "2")

    assert (state["articles"], state["paragraphs"], state["versions"]) == (3, 4, 3)
    assert state["sources"] == ["Example News", "Other"]
    assert state["growth"]["by"] == "day"
    assert [step["articles"] for step in state["growth"]["steps"]] == [0, 1]
    assert state["growth"]["steps"][-1]["paragraphs"] == 2
    assert [(one["source"], one["of_late"]) for one in state["by_source"]] == [
        ("Example News", 0),
        ("Other", 1),
    ]
    assert state["bytes"]["database"] > 0
    assert state["deliveries"]["waiting"] == {"alert": 1}
    assert state["source_health"] == {"not yet checked": 1}
    assert "Read by month:" in run("stats", "--by", "month")
    assert "--by takes" in run("stats", "--by", "year", status=WRONG_USE)
