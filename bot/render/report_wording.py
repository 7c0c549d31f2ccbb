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

from bot.render.catalogues import N_, comma, dated, framed, gettext, interval, ngettext
from bot.render.page import Line, Span, emphasis, marks, strong
from bot.render.wording import articles_words, excerpt, isolated, publisher, withheld_line, worded
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
        return dated(first, "%B %Y" if with_year else "%B")
    if first == last:
        return _day(first, with_year=with_year)
    if foreign := interval(first, last, "%-d %b %Y" if with_year else "%-d %b"):
        return foreign
    same_month = (first.year, first.month) == (last.year, last.month)
    begins = f"{first.day}" if same_month else _day(first, with_year=first.year != last.year)
    return f"{begins} to {_day(last, with_year=with_year)}"


def _day(day: date, *, with_year: bool) -> str:
    return dated(day, "%-d %b %Y" if with_year else "%-d %b")


NOT_RUNNING = N_("Chancery was not running")
"""Why a digest is late or was skipped; kept so, and told in the reader's language."""
NOT_IN_TIME = N_("it could not be made in time")
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
        return gettext("today")
    if day == today - timedelta(days=1):
        return gettext("yesterday")
    return gettext("on {day}", day=_named(day, today))


def moment_words(moment: datetime, now: datetime) -> str:
    """ "03:10" for today, "yesterday 18:00", "Wednesday 07:30", "28 March", "3 April 2018"."""
    local = moment.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if days == 1:
        return gettext("yesterday {time}", time=f"{local:%H:%M}")
    if -7 < days < 7:
        return f"{dated(local, '%A')} {local:%H:%M}"
    return _named(local.date(), now.date())


def clock_words(moment: datetime, now: datetime) -> str:
    """ "07:30" for today, else "Saturday 07:30", else "14 April, 07:30"."""
    local = moment.astimezone(now.tzinfo)
    days = abs((local.date() - now.date()).days)
    if days == 0:
        return f"{local:%H:%M}"
    return f"{dated(local, '%A')} {local:%H:%M}" if days < 7 else day_and_time(local, "%-d %B")


def day_and_time(moment: datetime, pattern: str) -> str:
    """ "5 April 2019, 07:30"."""
    return f"{dated(moment, pattern)}{comma()} {moment:%H:%M}"


def span_words(first: date, last: date) -> str:
    """ "14 Apr", "14 to 16 Apr", "30 Apr to 2 May"."""
    if first == last:
        return dated(first, "%-d %b")
    if foreign := interval(first, last, "%-d %b"):
        return foreign
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last:%-d %b}"
    return f"{first:%-d %b} to {last:%-d %b}"


def period_words(since: datetime, until: datetime) -> str:
    """The days of [since, until): "1 to 7 April 2019", "28 March to 3 April 2019"."""
    return period_of_days(since.date(), (until - timedelta(microseconds=1)).date())


def period_of_days(first: date, last: date) -> str:
    """ "1 to 7 April 2019" for days that are both included."""
    if first >= last:
        return dated(last, "%-d %B %Y")
    if foreign := interval(first, last, "%-d %B %Y"):
        return foreign
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
    told = [
        *([ngettext("{count} day", "{count} days", days)] if days else ()),
        *([ngettext("{count} hour", "{count} hours", hours)] if hours else ()),
        *([ngettext("{count} minute", "{count} minutes", minutes)] if minutes else ()),
    ]
    return " ".join(told[:2]) or gettext("less than a minute")


def _named(day: date, today: date) -> str:
    if day.year != today.year:
        return dated(day, "%-d %B %Y")
    return dated(day, "%A %-d %B" if abs((today - day).days) < 7 else "%-d %B")


# A digest


def title_line(heading: DigestHeading) -> str:
    """ "Your digest · Friday 5 April 2019, 07:30 Tripoli"; a channel’s is nobody’s own."""
    whose = gettext("Digest") if heading.shared else gettext("Your digest")
    when = day_and_time(heading.at, "%A %-d %B %Y")
    return f"{whose} · {when} {zone_words(heading.zone_name)}".rstrip()


def counts_line(digest: Digest, heading: DigestHeading) -> str:
    """ "3 stories, 11 new articles since Thursday’s digest · 12 of 12 sources read"."""
    new = ngettext("{count} new article", "{count} new articles", digest.coverage.articles)
    told = gettext("{stories}, {articles} {since}")
    stories = stories_words(len(digest.briefs))
    told = told.format(stories=stories, articles=new, since=_since(digest, heading))
    return _dotted(told, sources_line(digest.coverage))


def stories_words(count: int) -> str:
    return ngettext("{count} story", "{count} stories", count)


def _since(digest: Digest, heading: DigestHeading) -> str:
    previous = heading.previous_at
    if previous is None:
        return gettext("since {moment}", moment=moment_words(digest.since, heading.at))
    local = previous.astimezone(heading.at.tzinfo)
    days = (heading.at.date() - local.date()).days
    if 0 < days < 7:
        return gettext("since {weekday}’s digest", weekday=dated(local, "%A"))
    last = f"{local:%H:%M}" if days == 0 else _named(local.date(), heading.at.date())
    return gettext("since the digest of {moment}", moment=last)


def span_line(since: datetime, until: datetime, zone: tzinfo) -> str:
    """ "Thursday 4 April 2019 (UTC)", "4 April 2019, 07:30 to 5 April 2019, 07:30 (Tripoli)"."""
    first, last = since.astimezone(zone), until.astimezone(zone)
    where = zone_words(str(zone))
    if (first.hour, first.minute, last.hour, last.minute) == (0, 0, 0, 0):
        days = (last.date() - first.date()).days
        shown = dated(first, "%A %-d %B %Y") if days == 1 else period_words(first, last)
        return f"{shown} ({where})"
    first_at, last_at = (day_and_time(one, "%-d %B %Y") for one in (first, last))
    span = gettext("{first} to {last}", first=first_at, last=last_at)
    return f"{span} ({where})"


def span_counts_line(digest: Digest) -> str:
    """ "3 stories, 11 articles · 12 of 12 sources read", or "Nothing new"."""
    read = sources_line(digest.coverage)
    if not digest.briefs:
        return _dotted(gettext("Nothing new"), read)
    articles = articles_words(digest.coverage.articles)
    stories = stories_words(len(digest.briefs))
    told = gettext("{stories}, {articles}", stories=stories, articles=articles)
    return _dotted(told, read)


def sources_line(coverage: Coverage) -> str:
    """ "12 of 12 sources read"; nothing where no source is polled."""
    if not coverage.sources:
        return ""
    read = max(0, coverage.sources - len(coverage.failed))
    return sources_read(read, coverage.sources)


def sources_read(read: int, count: int) -> str:
    """ "12 of 14 sources read"."""
    return ngettext(
        "{read} of {count} source read", "{read} of {count} sources read", count, read=read
    )


def quiet_line(digest: Digest, heading: DigestHeading) -> str:
    """ "Nothing new for #libya-desk since Thursday 07:30 (12 of 12 sources read). Next …"."""
    now = heading.at
    since = clock_words(heading.previous_at or digest.since, now)
    said = gettext("Nothing new since {moment}", moment=since)
    if heading.name:
        name = isolated(excerpt(heading.name, LONGEST_SPEAKER))
        said = gettext("Nothing new for {name} since {moment}", name=name, moment=since)
    read = sources_line(digest.coverage)
    line = f"{said}{f' ({read})' if read else ''}."
    if heading.next_at is None:
        return line
    coming = clock_words(heading.next_at, now)
    return f"{line} {gettext('Next digest {moment}.').format(moment=coming)}"


def outage_line(coverage: Coverage, now: datetime) -> str:
    """ "2 of 12 sources could not be read (…): silence from them is not news."; or nothing."""
    failed = coverage.failed
    if not failed:
        return ""
    named = [_outage(source, now) for source in failed[:MOST_FAILED]]
    if len(failed) > MOST_FAILED:
        named.append(gettext("and {count} more", count=len(failed) - MOST_FAILED))
    return ngettext(
        "{failed} of {count} source could not be read ({names}): {silence}",
        "{failed} of {count} sources could not be read ({names}): {silence}",
        coverage.sources,
        failed=len(failed),
        names=f"{comma()} ".join(named),
        silence=gettext("silence from it is not news.")
        if len(failed) == 1
        else gettext("silence from them is not news."),
    )


def _outage(source: FailedSource, now: datetime) -> str:
    name = isolated(excerpt(source.name, LONGEST_SPEAKER))
    if source.since is None:
        return gettext("{name} never", name=name)
    return gettext("{name} since {moment}", name=name, moment=moment_words(source.since, now))


def late_note(length: timedelta, reason: str = NOT_RUNNING) -> str:
    """ "This digest is late by 40 minutes: Chancery was not running."."""
    said = gettext("This digest is late by {time}: {reason}.")
    return said.format(time=duration_words(length), reason=gettext(reason))


def skipped_note(due: datetime, now: datetime, reason: str = NOT_RUNNING) -> str:
    """ "The digest of Thursday 07:30 was skipped: Chancery was not running."."""
    said = gettext("The digest of {moment} was skipped: {reason}.")
    return said.format(moment=moment_words(due, now), reason=gettext(reason))


def skipped_several_note(count: int, since: str, reason: str) -> str:
    """ "4 digests since Thursday 07:30 were skipped: Chancery was not running."."""
    return ngettext(
        "{count} digest since {moment} was skipped: {reason}.",
        "{count} digests since {moment} were skipped: {reason}.",
        count,
        moment=since,
        reason=gettext(reason),
    )


def left_out_line(count: int) -> str:
    """ "2 more stories fit and are not told here"; nothing for none."""
    if not count:
        return ""
    return ngettext(
        "{count} more story fits and is not told here",
        "{count} more stories fit and are not told here",
        count,
    )


def closing_lines(told: Digest | Summary) -> tuple[str, ...]:
    """ "2 more stories fit and are not told here · nothing withheld", under what was told."""
    if not told.briefs:
        return ()
    written = told.answerer != EXTRACTIVE
    by = gettext("written by {model}", model=isolated(told.answerer)) if written else ""
    line = _dotted(left_out_line(told.left_out), by, withheld_line(told))
    return (line, worded(told.notice)) if told.notice else (line,)


# A story


def status_words(brief: Brief) -> str:
    """ "NEW", "DEVELOPING, day 3", "CORRECTED"."""
    if brief.status is Status.DEVELOPING:
        return gettext("DEVELOPING, day {day}", day=brief.day)
    return gettext("CORRECTED") if brief.status is Status.CORRECTED else gettext("NEW")


def origins_words(story: Story) -> str:
    """ "6 articles, 3 origins"; one article is its own origin."""
    if len(story.articles) == 1:
        return articles_words(1)
    return articles_words(len(story.articles), story.origins)


def spoken_line(spoken: Spoken) -> Line:
    """ "“There is no military solution.” — António Guterres, UN Secretary-General [3]".

    What the writer reports has no quotation marks and says so: they are not the speaker's words.
    """
    who = excerpt(spoken.speaker, LONGEST_SPEAKER)
    if spoken.role:
        who += f", {excerpt(spoken.role, LONGEST_SPEAKER)}"
    who = isolated(who)
    said = " ".join(spoken.quote.split())
    if spoken.translation:
        beside = f"{who}, translated: {spoken.translation} Original: «{unquoted(said)}»"
        return (Span(beside), *marks([spoken.mark]))
    if spoken.direct:
        return (Span(f"{isolated(f'“{unquoted(said)}”')} — {who}"), *marks([spoken.mark]))
    told = gettext("{who}, as reported: {words}")
    line = framed(told.format(who=who, words=isolated(said)))
    return (Span(line), *marks([spoken.mark]))


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
    lines: list[Line] = [(emphasis(gettext("Disputed")), Span(f" — {isolated(dispute.about)}"))]
    for account in dispute.accounts:
        named = dict.fromkeys(publisher(articles[mark]) for mark in account.citations)
        said = f"• {' · '.join(named)}: {isolated(account.text)}"
        lines.append((Span(said), *marks(account.citations)))
    return lines


def announced_line(announcement: Announcement) -> Line:
    """ "14 Apr: National Conference, Ghadamis [7]"."""
    statement = announcement.statement
    when = span_words(announcement.first, announcement.last)
    return (strong(f"{when}: "), Span(statement.text), *marks(statement.citations))


def published_words(article: Article, zone: tzinfo) -> str:
    """ "4 Apr 2019, 09:12" in a zone, or "undated"."""
    if article.published_at is None:
        return gettext("undated")
    return day_and_time(article.published_at.astimezone(zone), "%-d %b %Y")


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
