"""A day of real feeds, polled from captures: what became of every source, and of what was not read.

    python -m tests.evaluation.feed_day            every source of `feeds_misc`, and the ministry's
                                                   feed of `feed_polls` as it changed within a day
    python -m tests.evaluation.feed_day 2022-03-01 the ministry's feed on that day

The captures are served from a local web; pages behind teasers are not fetched, since they were not
captured. Each source has a line; under it stand what was refused or set aside, with its reason, and
the articles whose date is not stated.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from bot.cli.sources import report_line
from corpus.articles import Source
from corpus.feeds.poll import Poller, SourceReport
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.fetch.client import Fetcher
from corpus.store import schema
from corpus.store.articles import ArticleStore, open_store
from tests.evaluation.sets import DataAbsent, data_folder
from tests.fakes.captured_feed import Poll, polls_of, serve
from tests.fakes.web import LocalWeb

# The day with most captures of the ministry's feed; the others are of many years, up to May 2026.
DAY = date(2022, 3, 8)
OTHERS_AT = datetime(2026, 7, 1, tzinfo=UTC)
# Who captured feeds as they were; the other folders hold feeds written for tests.
_CAPTURED_BY = ("NetNewsWire", "feedjira")
_MINISTRY = "/rss-feed/press-releases/feed/"
_FORMS = {
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/json",
}


def day_of_feeds(folder: Path, day: date = DAY) -> Iterator[str]:
    """Lines of what became of the feeds captured in `folder`, polled over a day."""
    with tempfile.TemporaryDirectory() as home, LocalWeb() as web:
        store = open_store(f"sqlite:///{Path(home) / 'day.db'}")
        try:
            captures = _unpacked(folder / "feed_polls" / "raw_feeds_all.tar.xz", Path(home) / "a")
            polls = [one for one in polls_of(folder, captures) if one.at.date() == day]
            others = _unpacked(folder / "feeds_misc" / "feeds.tar.xz", Path(home) / "b")
            yield from _polled(store, web, polls, sorted(_files(others)))
        finally:
            store.close()


def _unpacked(archive: Path, folder: Path) -> Path:
    if not archive.is_file():
        raise DataAbsent(f"{archive} is not here")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(name in str(path.relative_to(folder)) for name in _CAPTURED_BY)
    ]


def _polled(
    store: ArticleStore, web: LocalWeb, polls: Sequence[Poll], others: Sequence[Path]
) -> Iterator[str]:
    register = SourceRegister(store)
    for number, path in enumerate(others):
        address = f"/feeds/{number}"
        kind = _FORMS.get(path.suffix, "text/xml")
        web.page(address, path.read_bytes(), content_type=kind)
        name = f"{path.parent.name}/{path.name} ({number})"
        register.put(PolledSource(Source(name), web.url(address), full_text=False))
    with Fetcher(frozenset({web.host})) as fetcher:
        for report in Poller(store, fetcher, lambda: OTHERS_AT, pause_seconds=0).poll().sources:
            yield report_line(report)
            yield from _set_aside(report)
        register.put(PolledSource(Source("Ministry"), web.url(_MINISTRY), full_text=False))
        for poll in polls:
            serve(web, _MINISTRY, Path(poll.file))
            poller = Poller(store, fetcher, partial(_at, poll.at), pause_seconds=0)
            for report in poller.poll(["Ministry"]).sources:
                yield f"{poll.at:%H:%M} {report_line(report)}"
                yield from _set_aside(report)
    yield from _told_elsewhere(store)
    yield from _undated(store)
    counts = store.counts()
    yield (
        f"{counts.articles} articles of {counts.sources} sources, {counts.versions} versions, "
        f"{counts.duplicates} copies of others."
    )


def _at(moment: datetime) -> datetime:
    return moment


def _set_aside(report: SourceReport) -> Iterator[str]:
    for own, other in report.receipt.became.items():
        yield f"  an article of its own, {other}: its address is that of another, {own}"


def _told_elsewhere(store: ArticleStore) -> Iterator[str]:
    """Entries that became no article of their source, since another's tells all that they do."""
    entries, articles = schema.feed_entries.c, schema.articles.c
    query = (
        select(entries.source, entries.url, articles.source.label("other"))
        .join_from(schema.feed_entries, schema.articles, articles.id == entries.article_id)
        .where(articles.source != entries.source)
        .order_by(entries.source, entries.url)
    )
    with store.engine.connect() as connection:
        for row in connection.execute(query):
            yield f"  set aside: {row.source}: {row.url}: all of it stands in {row.other}"


def _undated(store: ArticleStore) -> Iterator[str]:
    for change in store.changes_since(0, limit=100_000):
        if change.article.published_at is None:
            yield f"  undated: {change.article.source}: {change.article.title[:80]}"


def main(arguments: Sequence[str]) -> int:
    try:
        day = date.fromisoformat(arguments[0]) if arguments else DAY
        for line in day_of_feeds(data_folder(), day):
            print(line)
    except DataAbsent as absent:
        print(f"skipped: {absent}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
