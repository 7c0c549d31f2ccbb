"""A ministry's feed as it was over fifteen months, polled again in order.

Every item must come out once, every edit as a version, nothing lost, nothing doubled, although
captures came from caches behind, addresses were used again and items changed theirs.
`CHANCERY_REPLAY=all` replays every poll; otherwise the first and last weeks and those with the
known difficulties are.
"""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.articles import Source, SourceKind, article_id, text_digest
from corpus.fetch import Fetcher
from corpus.poll import Poller
from corpus.polling import Health, PolledSource
from corpus.register import SourceRegister
from corpus.store import ArticleStore, open_store
from tests.fakes.web import Asked, LocalWeb, Reply

PATH = "/rss-feed/press-releases/feed/"
# Of the polls: a start, the weeks in which addresses were used again, and an end.
PARTS = (slice(0, 120), slice(1480, 1600), slice(2010, 2130), slice(2290, 2343))


@dataclass(frozen=True, slots=True)
class Poll:
    """One capture: when it was made, its file's name in the archive, its items' guids."""

    at: datetime
    file: str
    guids: tuple[str, ...]


@dataclass(slots=True)
class Replay:
    """What stands in the store after the polls, and what was asked of the server."""

    store: ArticleStore
    polls: list[Poll]
    outcomes: Counter[Health]
    not_modified: int


@pytest.fixture(scope="module")
def captures(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the unpacked captures."""
    folder = tmp_path_factory.mktemp("captures")
    with tarfile.open(data_folder / "feed_polls" / "raw_feeds_all.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def items(data_folder: Path) -> dict[str, dict[str, Any]]:
    """The items that people expect, by guid."""
    with gzip.open(data_folder / "feed_polls" / "items.jsonl.gz", "rt") as lines:
        return {item["guid"]: item for item in map(json.loads, lines)}


@pytest.fixture(scope="module")
def replay(
    data_folder: Path, captures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replay]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('replay') / 'chancery.db'}")
    polls = list(_polls(data_folder / "feed_polls" / "polls.jsonl.gz", captures))
    if os.environ.get("CHANCERY_REPLAY") != "all":
        polls = [poll for part in PARTS for poll in polls[part]]
    with LocalWeb() as web:
        yield _replayed(store, web, polls)
    store.close()


def _polls(path: Path, captures: Path) -> Iterator[Poll]:
    files = {file.stem.rpartition("_")[2]: file for file in captures.rglob("*.rss")}
    with gzip.open(path, "rt") as lines:
        for line in map(json.loads, lines):
            at = datetime.fromisoformat(line["at"])
            yield Poll(at, str(files[line["blob"][:8]]), tuple(line["guids"]))


def _replayed(store: ArticleStore, web: LocalWeb, polls: list[Poll]) -> Replay:
    """Poll each capture at its moment; each is asked for twice, the second time unchanged."""
    register = SourceRegister(store)
    source = Source("State Department", web.url(), SourceKind.OFFICIAL, "US", "en")
    register.put(PolledSource(source, web.url(PATH), full_text=False))
    now = polls[0].at
    outcomes: Counter[Health] = Counter()
    not_modified = 0
    with Fetcher(frozenset({web.host})) as fetcher:
        poller = Poller(store, fetcher, lambda: now, chance=lambda: 0.5, pause_seconds=0, workers=1)
        for number, poll in enumerate(polls):
            now = max(now + timedelta(hours=1), poll.at)
            _serve(web, Path(poll.file))
            outcomes[poller.poll().sources[0].outcome.health] += 1
            if number % 10 == 0:
                now += timedelta(hours=1)
                assert poller.poll().sources[0].outcome.health is Health.UNCHANGED
                not_modified += 1
    return Replay(store, polls, outcomes, not_modified)


def _serve(web: LocalWeb, file: Path) -> None:
    body, etag = file.read_bytes(), f'"{file.stem}"'

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, {"ETag": etag})
        return Reply(200, {"ETag": etag, "Content-Type": "application/rss+xml"}, [body])

    web.answer(PATH, answer)


def _expected(replay: Replay, items: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    polled = {guid for poll in replay.polls for guid in poll.guids}
    return {guid: item for guid, item in items.items() if guid in polled}


def _stored(replay: Replay) -> dict[str, list[Any]]:
    """Stored articles by the title they have now."""
    found = defaultdict(list)
    for change in replay.store.changes_since(0, limit=100_000):
        found[" ".join(change.article.title.split())].append(change.article)
    return found


def test_every_item_comes_out_once(replay: Replay, items: dict[str, dict[str, Any]]) -> None:
    expected = _expected(replay, items)
    # Two guids with one address and one text are one item that was published again.
    distinct = {
        (item["url"], text_digest(item["title"], item["paragraphs"])) for item in expected.values()
    }
    articles = replay.store.counts().articles
    print(
        f"{len(replay.polls)} polls, {len(expected)} items, {articles} articles, "
        f"{replay.store.counts().versions} versions, {dict(replay.outcomes)}"
    )
    assert articles == len(distinct)


def test_no_item_is_lost(replay: Replay, items: dict[str, dict[str, Any]]) -> None:
    stored = _stored(replay)
    lost = [
        item["url"]
        for item in _expected(replay, items).values()
        if " ".join(item["title"].split()) not in stored
    ]
    assert not lost
