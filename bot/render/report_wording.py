"""The words of digests, summaries and alerts, whatever front end shows them.

Dates are told as a reader uses them, counted from the reader's own day: "yesterday 07:30",
"on Wednesday 3 April". Moments handed in are aware; those that are shown are turned to the zone
of `now`, which is the reader's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from bot.render.page import Line, Span, emphasis, marks, strong
from bot.render.wording import counted, excerpt, publisher, withheld_line
from corpus.articles import Article
from corpus.text.calendar import Precision
from retrieval.outcomes import EXTRACTIVE
from retrieval.stories.story import Status, Story

if TYPE_CHECKING:
    from retrieval.outcomes import Citation
    from retrieval.reports.report import (
        Announcement,
        Brief,
        Coverage,
        Digest,
        Dispute,
        FailedSource,
        Spoken,
        Summary,
    )
    from retrieval.reports.timeline import Event


def event_date(event: Event, *, with_year: bool) -> str:
    """ "3 Apr", "14 to 16 Apr 2019", "April 2019", "2019": as exactly as it is known."""
    first, last = event.first, event.last
    if event.precision is Precision.YEAR:
        return f"{first:%Y}"
    if event.precision is Precision.MONTH:
        return f"{first:%B %Y}" if with_year else f"{first:%B}"
    if first == last:
        return _day(first, with_year=with_year)
    same_month = (first.year, first.month) == (last.year, last.month)
    begins = f"{first.day}" if same_month else _day(first, with_year=first.year != last.year)
    return f"{begins} to {_day(last, with_year=with_year)}"


def _day(day: date, *, with_year: bool) -> str:
    return f"{day:%-d %b %Y}" if with_year else f"{day:%-d %b}"


MOST_FAILED = 6
"""Failed sources that are named; more are counted."""
LONGEST_SPEAKER = 120


@dataclass(frozen=True, slots=True)
class DigestHeading:
    """Whom a digest is for, and when: `at`, `previous_at` and `next_at` in the reader's zone.

    `name` is the channel ("#libya-desk") or the name of the subscription; `zone_name` is an IANA
    name or a city. `notes` are whole sentences about the delivery itself (late, skipped); `shared`
    is what goes to a channel.
    """

    name: str
    at: datetime
    zone_name: str
    previous_at: datetime | None = None
    next_at: datetime | None = None
    notes: tuple[str, ...] = ()
    shared: bool = False


# When


def day_words(day: date, today: date) -> str:
    """ "today", "yesterday", "on Wednesday 3 April", "on 28 March", "on 3 April 2018"."""
    if day == today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    return f"on {_named(day, today)}"


def moment_words(moment: datetime, now: datetime) -> str:
    """ "03:10" for today, "yesterday 18:00", "Wednesday 07:30", "28 March", "3 April 2018"."""
    local = moment.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if days == 1:
        return f"yesterday {local:%H:%M}"
    if -7 < days < 7:
        return f"{local:%A %H:%M}"
    return _named(local.date(), now.date())


def clock_words(moment: datetime, now: datetime) -> str:
    """ "07:30" for today, else "Saturday 07:30", else "14 April, 07:30"."""
    local = moment.astimezone(now.tzinfo)
    days = abs((local.date() - now.date()).days)
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%A %H:%M}" if days < 7 else f"{local:%-d %B, %H:%M}"


def span_words(first: date, last: date) -> str:
    """ "14 Apr", "14 to 16 Apr", "30 Apr to 2 May"."""
    if first == last:
        return f"{first:%-d %b}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last:%-d %b}"
    return f"{first:%-d %b} to {last:%-d %b}"


def period_words(since: datetime, until: datetime) -> str:
    """The days of [since, until): "1 to 7 April 2019", "28 March to 3 April 2019"."""
    return period_of_days(since.date(), (until - timedelta(microseconds=1)).date())


def period_of_days(first: date, last: date) -> str:
    """ "1 to 7 April 2019" for days that are both included."""
    if first >= last:
        return f"{last:%-d %B %Y}"
    if first.year != last.year:
        return f"{first:%-d %B %Y} to {last:%-d %B %Y}"
    if first.month != last.month:
        return f"{first:%-d %B} to {last:%-d %B %Y}"
    return f"{first.day} to {last:%-d %B %Y}"


def zone_words(zone_name: str) -> str:
    """ "Tripoli" for "Africa/Tripoli"."""
    return zone_name.rpartition("/")[2].replace("_", " ")


def duration_words(length: timedelta) -> str:
    """ "40 minutes", "2 hours 5 minutes", "1 day 3 hours"."""
    minutes = max(0, round(length.total_seconds() / 60))
    days, minutes = divmod(minutes, 1440)
    hours, minutes = divmod(minutes, 60)
    named = ((days, "day"), (hours, "hour"), (minutes, "minute"))
    told = [counted(number, noun) for number, noun in named if number]
    return " ".join(told[:2]) or "less than a minute"


def _named(day: date, today: date) -> str:
    if day.year != today.year:
        return f"{day:%-d %B %Y}"
    return f"{day:%A %-d %B}" if abs((today - day).days) < 7 else f"{day:%-d %B}"


# A digest


def title_line(heading: DigestHeading) -> str:
    """ "Your digest · Friday 5 April 2019, 07:30 Tripoli"; a channel’s is nobody’s own."""
    at, whose = heading.at, "Digest" if heading.shared else "Your digest"
    return f"{whose} · {at:%A %-d %B %Y, %H:%M} {zone_words(heading.zone_name)}".rstrip()


def counts_line(digest: Digest, heading: DigestHeading) -> str:
    """ "3 stories, 11 new articles since Thursday’s digest · 12 of 12 sources read"."""
    told = [
        counted(len(digest.briefs), "story", "stories"),
        counted(digest.coverage.articles, "new article"),
    ]
    return _dotted(f"{', '.join(told)} {_since(digest, heading)}", sources_line(digest.coverage))


def _since(digest: Digest, heading: DigestHeading) -> str:
    previous = heading.previous_at
    if previous is None:
        return f"since {moment_words(digest.since, heading.at)}"
    local = previous.astimezone(heading.at.tzinfo)
    days = (heading.at.date() - local.date()).days
    if days == 0:
        return f"since the digest of {local:%H:%M}"
    if days < 7:
        return f"since {local:%A}’s digest"
    return f"since the digest of {_named(local.date(), heading.at.date())}"


def span_line(since: datetime, until: datetime, zone: tzinfo) -> str:
    """ "Thursday 4 April 2019 (UTC)", "4 April 2019, 07:30 to 5 April 2019, 07:30 (Tripoli)"."""
    first, last = since.astimezone(zone), until.astimezone(zone)
    where = zone_words(str(zone))
    if (first.hour, first.minute, last.hour, last.minute) == (0, 0, 0, 0):
        days = (last.date() - first.date()).days
        shown = f"{first:%A %-d %B %Y}" if days == 1 else period_words(first, last)
        return f"{shown} ({where})"
    return f"{first:%-d %B %Y, %H:%M} to {last:%-d %B %Y, %H:%M} ({where})"


def span_counts_line(digest: Digest) -> str:
    """ "3 stories, 11 articles · 12 of 12 sources read", or "Nothing new"."""
    read = sources_line(digest.coverage)
    if not digest.briefs:
        return _dotted("Nothing new", read)
    told = [
        counted(len(digest.briefs), "story", "stories"),
        counted(digest.coverage.articles, "article"),
    ]
    return _dotted(", ".join(told), read)


def sources_line(coverage: Coverage) -> str:
    """ "12 of 12 sources read"; nothing where no source is polled."""
    if not coverage.sources:
        return ""
    read = max(0, coverage.sources - len(coverage.failed))
    return f"{read} of {counted(coverage.sources, 'source')} read"


def quiet_line(digest: Digest, heading: DigestHeading) -> str:
    """ "Nothing new for #libya-desk since Thursday 07:30 (12 of 12 sources read). Next …"."""
    now = heading.at
    whom = f" for {excerpt(heading.name, LONGEST_SPEAKER)}" if heading.name else ""
    since = clock_words(heading.previous_at or digest.since, now)
    read = sources_line(digest.coverage)
    line = f"Nothing new{whom} since {since}{f' ({read})' if read else ''}."
    if heading.next_at is None:
        return line
    return f"{line} Next digest {clock_words(heading.next_at, now)}."


def outage_line(coverage: Coverage, now: datetime) -> str:
    """ "2 of 12 sources could not be read (…): silence from them is not news."; or nothing."""
    failed = coverage.failed
    if not failed:
        return ""
    named = [_outage(source, now) for source in failed[:MOST_FAILED]]
    if len(failed) > MOST_FAILED:
        named.append(f"and {len(failed) - MOST_FAILED} more")
    them = "it" if len(failed) == 1 else "them"
    return (
        f"{len(failed)} of {counted(coverage.sources, 'source')} could not be read "
        f"({', '.join(named)}): silence from {them} is not news."
    )


def _outage(source: FailedSource, now: datetime) -> str:
    name = excerpt(source.name, LONGEST_SPEAKER)
    return f"{name} since {moment_words(source.since, now)}" if source.since else f"{name} never"


def late_note(length: timedelta, reason: str = "Chancery was not running") -> str:
    """ "This digest is late by 40 minutes: Chancery was not running."."""
    return f"This digest is late by {duration_words(length)}: {reason}."


def skipped_note(due: datetime, now: datetime, reason: str = "Chancery was not running") -> str:
    """ "The digest of Thursday 07:30 was skipped: Chancery was not running."."""
    return f"The digest of {moment_words(due, now)} was skipped: {reason}."


def left_out_line(count: int) -> str:
    """ "2 more stories fit and are not told here"; nothing for none."""
    if not count:
        return ""
    verb = "fits and is" if count == 1 else "fit and are"
    return f"{counted(count, 'more story', 'more stories')} {verb} not told here"


def closing_lines(told: Digest | Summary) -> tuple[str, ...]:
    """ "2 more stories fit and are not told here · nothing withheld", under what was told."""
    if not told.briefs:
        return ()
    by = f"written by {told.answerer}" if told.answerer != EXTRACTIVE else ""
    line = _dotted(left_out_line(told.left_out), by, withheld_line(told))
    return (line, told.notice) if told.notice else (line,)


# A story


def status_words(brief: Brief) -> str:
    """ "NEW", "DEVELOPING, day 3", "CORRECTED"."""
    if brief.status is Status.DEVELOPING:
        return f"DEVELOPING, day {brief.day}"
    return brief.status.value.upper()


def origins_words(story: Story) -> str:
    """ "6 articles, 3 origins"; one article is its own origin."""
    if len(story.articles) == 1:
        return "1 article"
    return f"{counted(len(story.articles), 'article')}, {counted(story.origins, 'origin')}"


def spoken_line(spoken: Spoken) -> Line:
    """ "“There is no military solution.” — António Guterres, UN Secretary-General [3]".

    What the writer reports has no quotation marks and says so: they are not the speaker's words.
    """
    who = excerpt(spoken.speaker, LONGEST_SPEAKER)
    if spoken.role:
        who += f", {excerpt(spoken.role, LONGEST_SPEAKER)}"
    said = " ".join(spoken.quote.split())
    if spoken.translation:
        beside = f"{who}, translated: {spoken.translation} Original: «{unquoted(said)}»"
        return (Span(beside), *marks([spoken.mark]))
    if spoken.direct:
        return (Span(f"“{unquoted(said)}” — {who}"), *marks([spoken.mark]))
    return (Span(f"{who}, as reported: {said}"), *marks([spoken.mark]))


def unquoted(said: str) -> str:
    """Words without quotation marks around all of them, and without the comma before "he said"."""
    for opening, closing in ("“”", '""', "«»", "„“"):
        inner = said[1:-1]
        whole = len(said) > 2 and said[0] == opening and said[-1] == closing
        if whole and opening not in inner and closing not in inner:
            said = inner
            break
    return said.strip().removesuffix(",")


def dispute_lines(dispute: Dispute, citations: Sequence[Citation]) -> list[Line]:
    """What is disputed, then each account under the name of who gives it."""
    articles = {citation.mark: citation.article for citation in citations}
    lines: list[Line] = [(emphasis("Disputed"), Span(f" — {dispute.about}"))]
    for account in dispute.accounts:
        named = dict.fromkeys(publisher(articles[mark]) for mark in account.citations)
        lines.append((Span(f"• {' · '.join(named)}: {account.text}"), *marks(account.citations)))
    return lines


def announced_line(announcement: Announcement) -> Line:
    """ "14 Apr: National Conference, Ghadamis [7]"."""
    statement = announcement.statement
    when = span_words(announcement.first, announcement.last)
    return (strong(f"{when}: "), Span(statement.text), *marks(statement.citations))


def published_words(article: Article, zone: tzinfo) -> str:
    """ "4 Apr 2019, 09:12" in a zone, or "undated"."""
    if article.published_at is None:
        return "undated"
    return f"{article.published_at.astimezone(zone):%-d %b %Y, %H:%M}"


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
