"""What time a question is about, what a paragraph gains by telling of it, and moments as typed.

    question ─ find_window ─▶ TimeWindow ─ gain(paragraph) ─▶ fusion
    "7d", "last week", "2019-04-04" ─ parse_moment ─▶ datetime

A question's dates are read like those of any text (`corpus.text.dates`), counted from the day it
was asked; the word before one says how it bounds the window ("since", "until", "before", …). What
only names an event is no window: "the 2018 elections", "the 4 April offensive", "Friday prayers",
anything in quotation marks.

Neither an embedding nor a bag of words knows that "from July 2003 to December 2007" is spoken of by
"he returned in 2004": the dates of a paragraph are read too and laid over the window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial

from corpus.text.calendar import NUMBER, Precision, moved, number_of
from corpus.text.dates import DateMention, date_mentions
from corpus.text.sentences import quoted_spans
from corpus.text.tables import either

RECENTLY_DAYS = 14
# "In recent weeks" names no number; these are what it is taken to mean.
_RECENT = {"hour": 24, "day": 7, "week": 4, "month": 3, "year": 3}
_VAGUE = {"few": 3, "several": 5}
_LOOK_BACK = 40
# "Libya this week. What is new?": so short a sentence before a question sets its frame.
_HEADING_WORDS = 5
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\bMrs)(?<!\bGen)(?<!\.[A-Z])[.?!]+(?=\s|\Z)|\n"
)

_any = partial(either, __package__, "asking")
_REQUEST = re.compile(
    r"(?:please\s+|can you\s+|i (?:want|need|would like)\s+)?(?:to\s+)?" + _any("requests") + r"\b",
    re.I,
)
_SINGLE_QUOTED = re.compile(r"(?<!\w)['‘][^'’\n]{1,80}['’](?!\w)")
_SPELL = re.compile(
    r"(?:\b(?:in|over|during|within|for)\s+)?(?:\bthe\s+)?"
    rf"\b(?:(?:past|last)\s+(?:{NUMBER}|(?P<vague>few|several))|(?P<recent>recent))\s+"
    r"(?P<unit>hour|day|week|month|year)s?\b(?!\s+of\b)"
    r"|(?<!most )(?<!more )(?<!, )(?<!also )(?<!just )(?<!and )\b(?:recently|lately|of\s+late)\b",
    re.I,
)
_GOVERNOR = re.compile(
    r"(?:\b(?P<since>(?:ever\s+)?since|(?:starting|beginning)(?:\s+(?:on|in|from))?|so\s+far"
    rf"|{_any('since')})"
    rf"|\b(?P<until>until|till|up\s+to|no\s+later\s+than|by|as\s+of|{_any('until')})"
    r"|\b(?P<inclusive>on\s+or\s+)?(?:(?P<before>before|prior\s+to)|(?P<after>after))"
    r"|\b(?P<within>on|in|during|throughout|between|from|over|within|at|for|of|earlier|later))"
    r"\s+(?:about\s+|around\s+)?(?:(?:the|el|le|la|dem|den)\s+)?(?P<year>year\s+)?\Z",
    re.I,
)
_NAMES_AN_EVENT_BEFORE = re.compile(r"(?:\b(?:the|this|that|its|his|her|their)|['’]s)\s+\Z", re.I)
_NO_EVENT = re.compile(r"\sof\s|(?:\ds|century)\Z", re.I)
_YEARLY_AFTER = re.compile(r"\s+(?:\w+\s+)?(?:elections?|season|census|budget|referendum)\b", re.I)
_FROM_BEFORE = re.compile(r"\bfrom\s+(?:the\s+)?\Z", re.I)
_ONWARD = re.compile(r"\s+(?:onwards?|on)\b", re.I)
_HAS_YEAR = re.compile(r"\d{4}")
_LATEST = re.compile(
    rf"{_any('latest in Chinese')}|(?<!\w){_any('latest in words')}(?!\w)|"
    r"(?<!at the )(?<!at )\blatest\b|\b(?:most\s+recent(?:ly)?|newest|current(?:ly)?|right\s+now"
    r"|as\s+of\s+now|up[\s-]to[\s-]date|at\s+the\s+moment|at\s+present"
    r"|any\s+news|anything\s+new|what(?:['’]s|\s+is)\s+(?:new|the\s+news)"
    r"|last\s+(?:known\s+)?(?:statements?|speech|remarks?|word|comments?|briefing|position))\b"
    r"|(?<!until )(?<!till )(?<!by )(?<!from )(?<!before )\bnow\b(?!\s+that\b)",
    re.I,
)
_AGE = re.compile(
    r"(?P<count>\d{1,6})\s*(?P<unit>h|d|w|m|y|hours?|days?|weeks?|months?|years?)(?:\s+ago)?", re.I
)
_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
# What a passage gains. Tried on timeqa between 0 and .2 each: hit@1 goes from .18 to .39 and hit@10
# from .81 to .89; squad2 and briefings stay as they are.
MENTIONS_TIME = 0.03
SHARES_A_YEAR = 0.10
SHARES_BOTH_YEARS = 0.07
# What was published in the time asked about, or while it was still reported, tells of it too.
PUBLISHED_THEN = 0.03
REPORTED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Both bounds are inclusive and in UTC; None is an open end.

    `phrase` is `text[start:end]` of the question, with its preposition, so that it can be cut
    out. `relative` tells a window that moves with the asking ("last week", "since March") from
    one that stays ("in April 2019").
    """

    since: datetime | None
    until: datetime | None
    phrase: str
    start: int
    end: int
    relative: bool


def find_window(text: str, asked_at: datetime, zone: tzinfo = UTC) -> TimeWindow | None:
    """The time that a question is about, or None; never raises.

    Days begin and end in `zone`. Where a question names several times, those that move with the
    asking win; of several such the window spans all, or what "after …" and "before …" leave
    between them, and the phrase is the first one's.
    """
    masked = _without_quotations(text)
    windows = [
        window for window in _windows(masked, asked_at, zone) if _is_asked_about(masked, window)
    ]
    windows.sort(key=lambda window: window.start)
    if any(window.relative for window in windows):
        windows = [window for window in windows if window.relative]
    if not windows:
        return None
    first, *others = windows
    found = replace(first, phrase=text[first.start : first.end])
    for other in others:
        found = _together(found, other)
    return found


def wants_latest(text: str) -> bool:
    """Whether a question asks for the newest there is, whenever that was."""
    return _LATEST.search(_without_quotations(text)) is not None


def parse_moment(text: str, now: datetime, zone: tzinfo = UTC, *, end: bool = False) -> datetime:
    """A moment as typed on a command line, in UTC; of a day or longer span its start or its end.

    "7d" is exactly seven days before `now`. Raises ValueError with a sentence for the user.
    """
    words = " ".join(text.split())
    try:
        moment = _aged(words, now, zone) or _clock(words, zone)
        if moment is None and (span := _whole_mention(words, now.astimezone(zone).date())):
            moment = _end_of(span.last, zone) if end else _start_of(span.first, zone)
    except OverflowError:
        moment = None
    if moment is None:
        raise ValueError(
            f"{text!r} is not a time: write 24h, 7d, 2w or 3m, 2019-04-04, 2019-04-04T10:00, "
            "4 April 2019, yesterday, last week, monday or march."
        )
    return moment


def _without_quotations(text: str) -> str:
    """The text with quoted words blotted out, offsets kept."""
    spans = [*quoted_spans(text), *(match.span() for match in _SINGLE_QUOTED.finditer(text))]
    for start, end in spans:
        text = text[:start] + "|" * (end - start) + text[end:]
    return text


def _is_asked_about(text: str, window: TimeWindow) -> bool:
    """Whether a window stands in what is asked, not in the story told before the question.

    In press briefings half of the times in such stories ("There was a report yesterday …. Do
    you …?") are not the time of the answer.
    """
    if "?" not in text:
        return True
    start = max((end.end() for end in _SENTENCE_END.finditer(text, 0, window.start)), default=0)
    end = _SENTENCE_END.search(text, window.end)
    sentence = text[start : end.end() if end else len(text)].strip()
    heading = len(sentence.split()) <= _HEADING_WORDS
    return sentence.endswith("?") or heading or _REQUEST.match(sentence) is not None


def _windows(text: str, asked_at: datetime, zone: tzinfo) -> Iterator[TimeWindow]:
    today = asked_at.astimezone(zone).date()
    spells = []
    for spell in _SPELL.finditer(text):
        try:
            since = _spell_start(spell, asked_at, today, zone)
        except (ValueError, OverflowError):
            continue
        spells.append(spell.span())
        yield TimeWindow(since, None, spell[0], *spell.span(), relative=True)
    nearest = {mention.start: mention for mention in date_mentions(text, today)}
    for mention in date_mentions(text, today, past=True):
        if any(mention.start < end and start < mention.end for start, end in spells):
            continue
        try:
            window = _window(text, mention, nearest.get(mention.start, mention), zone)
        except OverflowError:
            continue
        if window is not None:
            yield window


def _spell_start(spell: re.Match[str], asked_at: datetime, today: date, zone: tzinfo) -> datetime:
    if not spell["unit"]:
        return _start_of(today - timedelta(days=RECENTLY_DAYS), zone)
    unit = spell["unit"].casefold()
    if spell["count"]:
        count = number_of(spell["count"])
    else:
        count = _VAGUE[spell["vague"].casefold()] if spell["vague"] else _RECENT[unit]
    if unit == "hour":
        return asked_at.astimezone(UTC) - timedelta(hours=count)
    return _start_of(moved(today, -count, unit), zone)


def _window(
    text: str, mention: DateMention, nearest: DateMention, zone: tzinfo
) -> TimeWindow | None:
    before = text[max(0, mention.start - _LOOK_BACK) : mention.start]
    governor = _GOVERNOR.search(before)
    if not _is_a_time(text, mention, before, governor):
        return None
    start = mention.start - (len(governor[0]) if governor else 0)
    groups = governor.groupdict() if governor else {}
    since: datetime | None = None
    until: datetime | None = None
    end, day = mention.end, timedelta(days=1)
    onward = _ONWARD.match(text, end) if _FROM_BEFORE.search(before) else None
    to_the_asking = bool(onward or groups.get("since"))
    if to_the_asking:
        since, end = _start_of(mention.first, zone), onward.end() if onward else end
    elif groups.get("until"):
        until = _end_of(nearest.last, zone)
    elif groups.get("before"):
        until = _end_of(nearest.last if groups["inclusive"] else nearest.first - day, zone)
    elif groups.get("after"):
        since = _start_of(mention.first if groups["inclusive"] else mention.last + day, zone)
    else:
        since, until = _start_of(mention.first, zone), _end_of(mention.last, zone)
    moves = mention.relative or (to_the_asking and not _HAS_YEAR.search(mention.text))
    return TimeWindow(since, until, text[start:end], start, end, moves)


def _is_a_time(
    text: str, mention: DateMention, before: str, governor: re.Match[str] | None
) -> bool:
    """Whether a date says when, rather than name an event or a document."""
    if mention.relative:
        return True
    broad = _NO_EVENT.search(mention.text) is not None
    in_year = governor is not None and governor["year"] is not None
    if _NAMES_AN_EVENT_BEFORE.search(before) and not broad and not in_year:
        return False
    if mention.precision is Precision.YEAR:
        led = governor is not None and not governor[0].casefold().startswith(("of", "at", "for"))
        return led and not _YEARLY_AFTER.match(text, mention.end)
    if mention.precision is Precision.DAY or (_HAS_YEAR.search(mention.text) and not broad):
        return True
    return governor is not None


def _together(one: TimeWindow, other: TimeWindow) -> TimeWindow:
    """Both windows' span; what lies between them where one only begins and the other only ends."""
    for begins, ends in ((one, other), (other, one)):
        if begins.since and ends.until and begins.until is None and ends.since is None:
            if begins.since <= ends.until:
                return replace(one, since=begins.since, until=ends.until)
            break
    since = min(one.since, other.since) if one.since and other.since else None
    until = max(one.until, other.until) if one.until and other.until else None
    return replace(one, since=since, until=until)


def _start_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _end_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.max, zone).astimezone(UTC)


def _aged(words: str, now: datetime, zone: tzinfo) -> datetime | None:
    if words.casefold() == "now":
        return now.astimezone(UTC)
    age = _AGE.fullmatch(words)
    if age is None:
        return None
    count, unit = int(age["count"]), _UNITS[age["unit"][0].casefold()]
    if unit in ("month", "year"):
        local = now.astimezone(zone)
        return datetime.combine(moved(local.date(), -count, unit), local.timetz()).astimezone(UTC)
    return now.astimezone(UTC) - count * timedelta(**{f"{unit}s": 1})


def _clock(words: str, zone: tzinfo) -> datetime | None:
    """An ISO date with a time of day; without an offset it is local to `zone`."""
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d", words):
        return None
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _whole_mention(words: str, today: date) -> DateMention | None:
    """The one date that the words are, if they are no more than that."""
    # A bare year or month is a date only after "in".
    for text in (words, f"in {words}"):
        for mention in date_mentions(text, today, past=True):
            if mention.text.casefold() == words.casefold():
                return mention
    return None


def overlaps(window: TimeWindow, mention: DateMention) -> bool:
    """Whether a mentioned date lies in a window, wholly or in part."""
    after = window.since is None or mention.last >= window.since.date()
    return after and (window.until is None or mention.first <= window.until.date())


def lies_in(window: TimeWindow, day: date) -> bool:
    """Whether a day lies in a window, or so soon after it that its events are still told."""
    after = window.since is None or day >= window.since.date()
    return after and (window.until is None or day <= window.until.date() + REPORTED_FOR)


def gain(text: str, published: datetime | None, window: TimeWindow) -> float:
    """What a paragraph gains by speaking of a time, on the scale of `retrieval.search.fusion`."""
    day = published.date() if published else None
    mentions = date_mentions(text, day)
    begins = window.since.year if window.since else None
    ends = window.until.year if window.until else None
    gain = 0.0
    if any(overlaps(window, mention) for mention in mentions):
        gain += MENTIONS_TIME
    if any(mention.first.year == begins or mention.last.year == ends for mention in mentions):
        gain += SHARES_A_YEAR
    if any(mention.first.year == begins and mention.last.year == ends for mention in mentions):
        gain += SHARES_BOTH_YEARS
    if day is not None and lies_in(window, day):
        gain += PUBLISHED_THEN
    return gain
