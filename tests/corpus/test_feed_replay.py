"""A ministry's feed as it was over fifteen months, polled again in order.

Every item must come out once, every edit as a version, nothing lost, nothing doubled, although
captures came from caches behind, addresses were used again and items changed theirs.
`CHANCERY_REPLAY=all pytest -o timeout=0 tests/corpus/test_feed_replay.py` replays every poll, which
takes minutes; otherwise the first and last weeks are, and those with known difficulties.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from corpus.articles import Article, Source, SourceKind, text_digest
from corpus.feeds.poll import Poller
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from corpus.fetch.client import Fetcher
from corpus.store import schema
from corpus.store.articles import ArticleStore, open_store
from tests.fakes.captured_feed import Poll, polls_of, serve
from tests.fakes.databases import new_database
from tests.fakes.web import LocalWeb

pytestmark = pytest.mark.slow

PATH = "/rss-feed/press-releases/feed/"
# Of the polls: a start, the weeks in which addresses were used again, and an end.
PARTS = (slice(0, 120), slice(1480, 1600), slice(2010, 2130), slice(2290, 2343))


@dataclass(slots=True)
class Replay:
    """What stands in the store after the polls, and how often the source was found how."""

    store: ArticleStore
    polls: list[Poll]
    outcomes: Counter[Health]


@pytest.fixture(scope="module")
def items(data_folder: Path) -> dict[str, dict[str, Any]]:
    """The items that people expect, by guid."""
    with gzip.open(data_folder / "feed_polls" / "items.jsonl.gz", "rt") as lines:
        return {item["guid"]: item for item in map(json.loads, lines)}


@pytest.fixture(scope="module")
def replay(
    data_folder: Path, captures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replay]:
    store = open_store(new_database(tmp_path_factory.mktemp("replay")))
    polls = list(polls_of(data_folder, captures))
    if os.environ.get("CHANCERY_REPLAY") != "all":
        polls = [poll for part in PARTS for poll in polls[part]]
    with LocalWeb() as web:
        yield _replayed(store, web, polls)
    store.close()


def _replayed(store: ArticleStore, web: LocalWeb, polls: list[Poll]) -> Replay:
    """Poll each capture at its moment; every tenth twice, the second time unchanged."""
    register = SourceRegister(store)
    source = Source("State Department", web.url(), SourceKind.OFFICIAL, "US", "en")
    register.put(PolledSource(source, web.url(PATH), full_text=False))
    now = polls[0].at
    outcomes: Counter[Health] = Counter()
    with Fetcher(frozenset({web.host})) as fetcher:
        poller = Poller(store, fetcher, lambda: now, chance=lambda: 0.5, pause_seconds=0, workers=1)
        for number, poll in enumerate(polls):
            now = max(now + timedelta(hours=1), poll.at)
            serve(web, PATH, Path(poll.file))
            outcomes[poller.poll().sources[0].outcome.health] += 1
            if number % 10 == 0:
                now += timedelta(hours=1)
                assert poller.poll().sources[0].outcome.health is Health.UNCHANGED
    return Replay(store, polls, outcomes)


def _told(polls: list[Poll]) -> dict[str, list[str]]:
    """The wordings of each item in order, read from the captures by other means.

    Captures older than one before them count only for items that they alone have.
    """
    told: dict[str, list[str]] = defaultdict(list)
    newest = datetime.min.replace(tzinfo=UTC)
    for poll in polls:
        content = Path(poll.file).read_text("utf-8")
        built = parsedate_to_datetime(_between(content, "<lastBuildDate>", "</lastBuildDate>"))
        for item in content.split("<item>")[1:]:
            guid = html.unescape(_between(item, '<guid isPermaLink="false">', "</guid>"))
            wordings = told[guid]
            title = _between(item, "<title>", "</title>")
            text = _between(item, "<content:encoded><![CDATA[", "]]></content:encoded>")
            wording = _letters(f"{title} {re.sub('<[^>]*>', '', text)}")
            if not wordings or (built >= newest and wordings[-1] != wording):
                wordings.append(wording)
        newest = max(newest, built)
    return told


def _between(content: str, start: str, end: str) -> str:
    return content.partition(start)[2].partition(end)[0]


def _letters(content: str) -> str:
    """A text without white space and without signs that stand alone as ornaments."""
    return re.sub(r"[\s\xad\u200b*#_`—]", "", html.unescape(html.unescape(content)))


def _stored(replay: Replay, guids: list[str]) -> dict[str, str]:
    """The id of the article that each item became, by guid."""
    columns = schema.feed_entries.c
    with replay.store.engine.connect() as connection:
        rows = connection.execute(select(columns.key, columns.article_id)).tuples().all()
    return {guid: identity for guid, identity in rows if guid in set(guids)}


def _versions(replay: Replay, identity: str) -> list[Article]:
    current = replay.store.article(identity)
    assert current is not None
    found = [replay.store.version(identity, number + 1) for number in range(current.version)]
    return [version for version in found if version is not None]


def test_every_item_comes_out_once(replay: Replay, items: dict[str, dict[str, Any]]) -> None:
    expected = {guid: items[guid] for poll in replay.polls for guid in poll.guids}
    became = _stored(replay, list(expected))
    assert became.keys() == expected.keys()
    # Two guids with one address and one text are one item that was published again.
    distinct = {
        (item["url"], text_digest(item["title"], item["paragraphs"])) for item in expected.values()
    }
    assert replay.store.counts().articles == len(distinct) == len(set(became.values()))
    dates = defaultdict(set)
    for guid, identity in became.items():
        dates[identity].add(parsedate_to_datetime(expected[guid]["published"]))
    for identity in dates:
        article = replay.store.article(identity)
        assert article is not None
        assert article.withdrawn_at is None
        assert article.published_at in dates[identity]


def test_every_edit_is_a_version_and_nothing_else_is(
    replay: Replay, items: dict[str, dict[str, Any]]
) -> None:
    """An item's wordings are its versions; where only paragraphs were joined, people saw it."""
    told = _told(replay.polls)
    became = _stored(replay, list(told))
    different = {}
    for guid, wordings in told.items():
        versions = [
            _letters(" ".join([one.title, *(paragraph.text for paragraph in one.paragraphs)]))
            for one in _versions(replay, became[guid])
        ]
        most = max(len(wordings), items[guid]["n_versions"])
        if set(versions) != set(wordings) or not len(wordings) <= len(versions) <= most:
            different[guid] = (len(versions), len(wordings), items[guid]["n_versions"])
    print(
        f"{len(replay.polls)} polls, {len(told)} items, {replay.store.counts()}, "
        f"{dict(replay.outcomes)}, different: {different}"
    )
    assert not different
