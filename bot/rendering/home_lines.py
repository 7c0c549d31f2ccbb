"""The lines of the Home page: a digest, a watch, a story, the sources. Pure.

Moments are told in the person's zone, which is that of `now`; wall-clock times of digests and
watches in the zone they were set in, by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.schedule import next_slot
from bot.delivery.subscriptions import Subscription
from bot.desk.digests import day_ahead, name_of
from bot.desk.watches import looked_for
from bot.home.forms import channel_of
from bot.monitoring.watches import Watch
from bot.rendering.digest_wording import duration_words, moment_words, origins_words
from bot.rendering.rich_text import Element, link, words
from bot.rendering.wording import counted, excerpt
from bot.requests.clock import days_in_words
from bot.requests.words import in_words
from bot.requests.zones import zone_in_words
from corpus.feeds.polling import Health, PolledSource
from retrieval.stories.nouns import Status, Story

LATELY = timedelta(hours=1)
NEW_FOR = timedelta(hours=24)
"""How long a story is told as new."""
MOST_FAILED = 10
LONGEST_NAME = 160
LONGEST_LINE = 500

_TROUBLED = (Health.FAILING, Health.GONE)


def read_line(articles: int, sources: int, newest: datetime | None, now: datetime) -> str:
    """ "1,234 articles from 14 sources read · newest: today 09:12, Paris time"."""
    if not articles:
        return "Nothing has been read yet."
    read = f"{articles:,} {'article' if articles == 1 else 'articles'}"
    told = f"{read} from {counted(sources, 'source')} read" if sources else f"{read} read"
    if newest is None:
        return told
    return f"{told} · newest: {_day_and_time(newest, now)}, {_zone_of(now)}"


# Digests


def digest_lines(one: Subscription, user: str, now: datetime) -> list[list[Element]]:
    """What it is on and for whom, when it comes, when it comes next."""
    interests = one.interests
    subjects = name_of(interests)
    name = one.name or subjects
    about = "" if name == subjects else f" · on {excerpt(subjects, LONGEST_LINE)}"
    when = f"{_upper(days_in_words(one.days))} at {one.at} {zone_in_words(one.zone)}"
    only = f" · only from {in_words(interests.sources)}" if interests.sources else ""
    most = f"{counted(interests.length, 'story', 'stories')} at most"
    return [
        [
            words(excerpt(name, LONGEST_NAME), bold=True),
            words(about),
            *_where(one.reader, user),
            *_if_paused(one.paused),
        ],
        [words(excerpt(f"{when} · {most}{only}", LONGEST_LINE))],
        [words(next_line(one, now))],
    ]


def next_line(one: Subscription, now: datetime) -> str:
    """ "Next tomorrow at 07:30 Tripoli time (06:30 your time)"."""
    if one.paused:
        return "Nothing comes until it is resumed."
    zone = ZoneInfo(one.zone)
    due = next_slot(one.schedule, max(now, one.active_from or now)).due_at
    own_zone = ZoneInfo(str(now.tzinfo))
    local, own = due.astimezone(zone), due.astimezone(own_zone)
    yours = ""
    if local.replace(tzinfo=None) != own.replace(tzinfo=None):
        day = "" if local.date() == own.date() else f"{day_ahead(due, now, own_zone)} at "
        yours = f" ({day}{own:%H:%M} your time)"
    ahead = day_ahead(due, now, zone)
    return f"Next {ahead} at {local:%H:%M} {zone_in_words(one.zone)}{yours}"


# Watches


def watch_lines(
    one: Watch, user: str, last_alert: datetime | None, now: datetime
) -> list[list[Element]]:
    """Its name and for whom, what it looks for, when it keeps quiet and when it last told."""
    parts = []
    if one.quiet_from and one.quiet_to:
        parts.append(f"Quiet {one.quiet_from} to {one.quiet_to} {zone_in_words(one.zone)}")
    parts.append(f"at most {counted(one.daily_cap, 'alert')} a day")
    parts.append(
        f"last alert {_day_and_time(last_alert, now)}" if last_alert else "no alert so far"
    )
    return [
        [
            words(excerpt(one.name, LONGEST_NAME), bold=True),
            *_where(one.reader, user),
            *_if_paused(one.paused),
        ],
        [words(excerpt(f"Looks for {looked_for(one.criteria)}", LONGEST_LINE))],
        [words(_upper(" · ".join(parts)))],
    ]


# Stories


def story_lines(story: Story, headline: str, url: str, now: datetime) -> list[list[Element]]:
    """Its headline, linked; whether it is new, how many tell it, when it went on last."""
    told = link(url, excerpt(headline, LONGEST_LINE))
    parts = (status_words(story, now), origins_words(story), _day_and_time(story.ends, now))
    return [
        [{**told, "style": {"bold": True}}],
        [words(" · ".join(part for part in parts if part))],
    ]


def status_words(story: Story, now: datetime) -> str:
    """ "NEW" for what began within a day, "DEVELOPING, day 3" for what went on, in local days; ""
    for what began and ended on one day before."""
    if now - story.begins < NEW_FOR:
        return Status.NEW.value.upper()
    begun, last = (one.astimezone(now.tzinfo).date() for one in (story.begins, story.ends))
    day = (last - begun).days + 1
    return f"{Status.DEVELOPING.value.upper()}, day {day}" if day > 1 else ""


# Sources


def sources_lines(
    sources: Sequence[PolledSource], now: datetime, admin: bool
) -> list[list[Element]]:
    """How many were read lately, and which could not be, since when and why."""
    if not sources:
        adds = "Add source adds the first." if admin else "An admin adds sources here."
        return [[words(f"No source is polled yet. {adds}", italic=True)]]
    on = [one for one in sources if not one.paused]
    troubled = [one for one in on if one.health in _TROUBLED]
    lately = [one for one in on if _read_lately(one, now)]
    lines = [[words(_counts(sources, on, lately, troubled, now))]]
    if not troubled:
        return lines
    lines.append([words("Not read, so that silence from them is not news:")])
    lines += [_failed_line(one, now) for one in troubled[:MOST_FAILED]]
    left = len(troubled) - MOST_FAILED
    if left > 0:
        lines.append([words(f"… and {left} more; “sources?” written to me lists them.")])
    return lines


def source_line(one: PolledSource, now: datetime) -> list[Element]:
    """One source as admins see it: "UN News · official · every 15 minutes · last read 09:41"."""
    parts = [str(one.source.kind), f"every {duration_words(one.interval)}"]
    if one.paused:
        parts.append("paused")
    elif one.health in _TROUBLED:
        parts.append(one.health.value)
    elif one.last_success_at is None:
        parts.append("not yet read")
    if one.last_success_at is not None:
        parts.append(f"last read {_day_and_time(one.last_success_at, now)}")
    return [
        words(excerpt(one.name, LONGEST_NAME), bold=True),
        words(f" · {' · '.join(parts)}"),
    ]


def _counts(
    sources: Sequence[PolledSource],
    on: Sequence[PolledSource],
    lately: Sequence[PolledSource],
    troubled: Sequence[PolledSource],
    now: datetime,
) -> str:
    """ "12 of 14 sources read in the last hour, 2 failed; the last one today 09:41."."""
    if not on:
        return "All sources are paused: nothing new is read."
    parts = [f"{len(lately)} of {counted(len(on), 'source')} read in the last hour"]
    waiting = sum(
        one not in lately and one.health not in _TROUBLED and one.last_success_at is not None
        for one in on
    )
    unread = sum(one.last_success_at is None and one.health not in _TROUBLED for one in on)
    named = (
        (waiting, "read before that"),
        (unread, "not yet read"),
        (len(troubled), "failed"),
        (len(sources) - len(on), "paused"),
    )
    parts += [f"{number} {what}" for number, what in named if number]
    read = [one.last_success_at for one in sources if one.last_success_at]
    newest = f"; the last one {_day_and_time(max(read), now)}" if read else ""
    none = "" if troubled else " No source failed."
    return f"{', '.join(parts)}{newest}.{none}"


def _failed_line(one: PolledSource, now: datetime) -> list[Element]:
    since = (
        f"last read {moment_words(one.last_success_at, now)}"
        if one.last_success_at
        else "never read"
    )
    return [
        words("• "),
        words(excerpt(one.name, LONGEST_NAME), bold=True),
        words(f" · {since} · {_why(one)}"),
    ]


def _why(one: PolledSource) -> str:
    if one.reason:
        return excerpt(one.reason, LONGEST_NAME)
    return "it is gone" if one.health is Health.GONE else "it could not be read"


def _read_lately(one: PolledSource, now: datetime) -> bool:
    read = one.last_success_at
    return one.health not in _TROUBLED and read is not None and now - read <= LATELY


# Words


def _where(reader: str, user: str) -> list[Element]:
    """For whom it is; Slack shows a channel's name to whoever may know it."""
    if reader == user:
        return [words(" · to you")]
    channel = channel_of(reader)
    if channel is None:
        return [words(" · to somebody else")]
    return [words(" · in "), {"type": "channel", "channel_id": channel}]


def _if_paused(paused: bool) -> list[Element]:
    return [words(" · "), words("PAUSED", bold=True)] if paused else []


def _day_and_time(moment: datetime, now: datetime) -> str:
    """ "today 09:12", "yesterday 18:00", "Wednesday 07:30", "28 March 2019, 07:30"."""
    local = moment.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    if days == 0:
        return f"today {local:%H:%M}"
    if days == 1:
        return f"yesterday {local:%H:%M}"
    if 0 < days < 7:
        return f"{local:%A %H:%M}"
    return f"{local:%-d %B %Y, %H:%M}"


def _zone_of(now: datetime) -> str:
    return zone_in_words(str(now.tzinfo))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
