"""Reports over a real size of corpus: how long a reader waits for a summary or a timeline.

The corpus is dated statements; what is asked of it are topics of its days, one after another in
one process, so that from the second round on what was encoded before is remembered.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.intents import AskQuotes, AskSummary, AskTimeline, DigestNow, ReportRequest
from bot.commands.reports import Reports
from bot.library import Library, make_library_follower
from corpus.quotations.store import QuotationRegister
from retrieval.reports.report import Interests
from tests.benchmarks.measures import Row

NOW = datetime(2022, 4, 15, 12, tzinfo=UTC)
TOPICS = ("Ukraine", "sanctions on Russia", "nuclear talks with Iran", "Taiwan", "Ethiopia")
SPEAKERS = ("Ned Price", "Blinken", "Linda Thomas-Greenfield")
DAYS = (7, 30)
ROUNDS = 3
FIRST_TARGET = "first < 2 s"
ZONE = ZoneInfo("UTC")


def time_following(library: Library) -> list[Row]:
    """What serving does once after reading: quotations, then stories, beside a filled index."""
    held = library.corpus.counts().articles
    rows = []
    for name, follow in (
        ("quotations found", QuotationRegister(library.corpus).catch_up),
        ("put into stories", make_library_follower(library).catch_up),
    ):
        started = time.perf_counter()
        follow()
        seconds = time.perf_counter() - started
        rows.append(Row(f"{held:,} articles, {name}", f"{seconds:.1f} s"))
    return rows


def time_reports(library: Library, kind: str) -> list[Row]:
    """A kind of report: the median when asked again, beside the first time each is asked."""
    reports = Reports(library)
    reports.report(AskSummary("weather", NOW - timedelta(days=1), NOW), NOW, ZONE)
    asked = list(_asked(kind))
    rounds = [[_seconds(_made(reports, *one)) for one in asked] for _ in range(ROUNDS)]
    again = statistics.median(seconds for later in rounds[1:] for seconds in later)
    first = rounds[0]
    held = f"{library.corpus.counts().paragraphs:,} ¶"
    beside = f"first: median {statistics.median(first):.2f} s, longest {max(first):.2f} s"
    return [Row(f"{kind}, {held}", f"{1000 * again:.0f} ms", beside, "", FIRST_TARGET)]


def _asked(kind: str) -> Iterator[tuple[ReportRequest, datetime, Interests]]:
    for topic in TOPICS:
        match kind:
            case "summary":
                for days in DAYS:
                    since = NOW - timedelta(days=days)
                    yield AskSummary(topic, since, NOW), NOW, Interests()
            case "timeline":
                yield AskTimeline(topic), NOW, Interests()
            case "quotes":
                for speaker in SPEAKERS:
                    yield AskQuotes(speaker, topic), NOW, Interests()
            case "digest":
                yield DigestNow(), NOW, Interests(topics=(topic,))
    if kind == "digest":
        for day in range(len(TOPICS)):
            yield DigestNow(), NOW - timedelta(days=day), Interests()


def _made(
    reports: Reports, asked: ReportRequest, now: datetime, interests: Interests
) -> Callable[[], object]:
    return lambda: reports.report(asked, now, ZONE, interests)


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
