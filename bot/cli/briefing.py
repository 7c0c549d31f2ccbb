"""Commands that brief: the digest of a day, and the summary of a topic."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import AsCable
from bot.cli.console import DONE, IN_PART, WrongUse, say, show, show_json
from bot.cli.narrowing import (
    ENDS_FIRST,
    AsOf,
    Place,
    Since,
    SourceName,
    Until,
    moment_of,
    named,
    note_unknown_sources,
)
from bot.cli.opening import opened_library
from bot.cli.reading import Json
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.wiring import Library
    from retrieval.digests.nouns import Digest
    from retrieval.summaries.nouns import Summary

Day = Annotated[
    str | None, typer.Option("--for", help="The whole of this day: 2019-04-04, yesterday.")
]
Topic = Annotated[list[str] | None, typer.Option("--topic", help="A topic; may be repeated.")]
Length = Annotated[int, typer.Option("--length", "-k", min=1, max=50, help="Stories told at most.")]
Most = Annotated[int | None, typer.Option("-k", min=1, max=50, help="Stories told at most.")]
Zone = Annotated[str, typer.Option("--zone", help="The zone of its days, such as Europe/Paris.")]
Page = Annotated[Path | None, typer.Option("--html", help="Write the digest as a page, too.")]


def digest(
    day: Day = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    topic: Topic = None,
    place: Place = None,
    source: SourceName = None,
    length: Length = 5,
    zone: Zone = "UTC",
    html: Page = None,
    as_json: Json = False,
) -> None:
    """Tell what is new of a day, story by story, every sentence with its source."""
    from bot.documents.answers import current_of
    from bot.documents.digests import digest_document
    from bot.wiring import make_digest_maker, make_stories
    from corpus.feeds.register import SourceRegister
    from retrieval.digests.making import told_before
    from retrieval.digests.nouns import Interests

    where = _zone(zone)
    begins, ends = _span(day, since, until, where)
    then = moment_of(as_of, utc_now(), where, end=True) if as_of else None
    interests = Interests(
        named(topic, "topic"), named(place, "place"), named(source, "source"), length
    )
    with opened_library("digest") as library:
        note_unknown_sources(library.corpus, interests.sources)
        follow_stories(library)
        started = time.perf_counter()
        # A reader of the terminal is taken to have read of the days before, so that a story
        # that goes on is told by what is new in it.
        told = told_before(make_stories(library.corpus, then).stories(begins, ends), begins)
        made = make_digest_maker(library, then).digest(
            interests,
            begins,
            ends,
            told,
            SourceRegister(library.corpus).sources(),
            zone=where,
        )
        seconds = time.perf_counter() - started
        current = current_of(made.citations, library.corpus) if then else None
    if html is not None:
        _write_page(html, made, where)
    if as_json:
        show_json(digest_document(made, seconds, current))
    else:
        show(_digest_text(made, where))
    raise typer.Exit(DONE if made.briefs else IN_PART)


def summary(
    topic: Annotated[str, typer.Argument(metavar="TOPIC")],
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    k: Most = None,
    zone: Zone = "UTC",
    as_cable: AsCable = False,
    as_json: Json = False,
) -> None:
    """Sum up what happened on a topic, story by story, every sentence with its source."""
    from bot.documents.answers import current_of
    from bot.documents.digests import summary_document
    from bot.wiring import make_summary_maker
    from corpus.feeds.register import SourceRegister
    from retrieval.passages import Filter
    from retrieval.summaries.making import MOST_STORIES, understand_summary

    if not topic.strip():
        raise WrongUse("Name a topic: chancery summary Libya --since 7d.")
    where, now = _zone(zone), utc_now()
    then = moment_of(as_of, now, where, end=True) if as_of else None
    # "This week" is the week of that moment.
    now = then or now
    asked = understand_summary(topic, now, where)
    begins = moment_of(since, now, where) if since else asked.since
    ends = moment_of(until, now, where, end=True) if until else asked.until
    if until and not since and asked.since >= ends:
        begins = ends - timedelta(days=7)
    if begins >= ends:
        raise WrongUse(ENDS_FIRST)
    narrow = Filter(sources=named(source, "source"), places=named(place, "place"))
    with opened_library("summary") as library:
        note_unknown_sources(library.corpus, narrow.sources)
        follow_stories(library)
        started = time.perf_counter()
        made = make_summary_maker(library, then).summary(
            asked.topic,
            begins,
            ends,
            narrow,
            SourceRegister(library.corpus).sources(),
            where,
            k or MOST_STORIES,
        )
        seconds = time.perf_counter() - started
        current = current_of(made.citations, library.corpus) if then else None
    if as_json:
        show_json(summary_document(made, seconds, topic, current))
    elif as_cable and made.briefs:
        show(_summary_cable(made, where))
    else:
        show(_summary_text(made, where))
    raise typer.Exit(DONE if made.briefs else IN_PART)


def follow_stories(library: Library) -> int:
    """Group what has been read into stories; the number of articles looked at."""
    from bot.wiring import make_library_follower

    return make_library_follower(library).catch_up()


def _span(
    day: str | None, since: str | None, until: str | None, zone: tzinfo
) -> tuple[datetime, datetime]:
    """[since, until) of a digest: a whole day, or what was given; the last day by default."""
    now = utc_now()
    if day is not None and (since or until):
        raise WrongUse("Give either --for or --since and --until.")
    if day is not None:
        begins = _midnight(moment_of(day, now, zone), zone)
        return begins, _midnight(begins + timedelta(hours=36), zone)
    ends = moment_of(until, now, zone, end=True) if until else now
    begins = moment_of(since, now, zone) if since else ends - timedelta(days=1)
    if begins >= ends:
        raise WrongUse(ENDS_FIRST)
    return begins, ends


def _midnight(moment: datetime, zone: tzinfo) -> datetime:
    """The beginning of the local day of a moment, in UTC."""
    local = moment.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUse(f"{name!r} is no time zone; write Europe/Paris or UTC.") from None


def _write_page(path: Path, made: Digest, zone: tzinfo) -> None:
    from bot.rendering.charts import coverage_by_place_png
    from bot.rendering.digest_html import digest_html

    page = digest_html(made, zone, chart=coverage_by_place_png(made.coverage))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror or 'cannot be written'}.") from None
    say(f"Written: {path}")


def _digest_text(made: Digest, zone: tzinfo) -> str:
    from bot.rendering.digest_text import digest_text

    return digest_text(made, zone)


def _summary_cable(made: Summary, zone: tzinfo) -> str:
    from bot.rendering.cable import Cabled, cable_text
    from bot.rendering.sections import content_of_page
    from bot.rendering.summary_page import summary_page

    content = content_of_page(summary_page(made, zone), len(made.withheld))
    cabled = Cabled("summary", made.topic, utc_now(), content, made.citations)
    return cable_text(cabled).rstrip()


def _summary_text(made: Summary, zone: tzinfo) -> str:
    from bot.rendering.summary_text import summary_text

    return summary_text(made, zone)
