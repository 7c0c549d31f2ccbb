"""What a person can ask for in plain words, one noun a kind of request.

The words around and inside of a request: courtesies, slips, subjects, times, days, zones. Pure.

    "Hi, could you pls folow Gharyan, thanks!"          ->  "follow Gharyan"
    "at half past seven on weekdays, Paris time"        ->  "07:30", ("mon", …, "fri"), the zone

`taken_…` functions give what they read and the text without it, so that what remains is what was
said of something else. Times are read here and not by dateparser: strictly it finds none of "at 8",
"half past seven" or "7.30 pm"; otherwise it takes "07:30 on March protests" for a day in March, and
"Monday at 8" for the eighth of a month.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import cache

from bot.clock import DAYS, WORKING_DAYS, zone_named
from bot.records import SubscriptionDraft
from bot.render.wording import AND
from corpus.text.calendar import WEEKDAYS
from corpus.text.places import place_code, place_name
from corpus.text.tables import entries
from retrieval.questions.understand import without_courtesies
from retrieval.watches.matching import Criteria

DAY_NAMES = {name[:3]: name.capitalize() for name in WEEKDAYS}
_HOURS = "one two three four five six seven eight nine ten eleven twelve".split()
_MINUTES = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty-five": 45, "forty five": 45}
_HOUR = rf"(?:\d{{1,2}}(?!\d)|(?:{'|'.join(_HOURS)})\b)"
_O_CLOCK = r"\s?h(?:rs|ours)?\b"


def _half(name: str) -> str:
    """Which half of the day, after a time of it."""
    in_words = r"\s+in\s+the\s+(?:morning|afternoon|evening)|\s+at\s+night"
    return rf"(?P<{name}>\s*[ap]\.?\s?m\b\.?|{in_words})?"


TIME = re.compile(
    r"(?<![\w.:/-])(?P<led>(?:at|@|around|by|for|to|from|until|till|and)\s*)?(?<![\w.:/-])"
    r"(?:(?P<word>noon|midday|midnight)\b"
    rf"|(?P<part>half|quarter|ten|five|twenty)\s+(?P<side>past|to)\s+(?P<of>{_HOUR}){_half('of_half')}"
    rf"|(?P<hour>\d{{1,2}})\s?[:.h]\s?(?P<minute>\d{{2}})(?!\d)(?:{_O_CLOCK})?{_half('hour_half')}"
    rf"|(?P<four>[0-2]\d[0-5]\d)(?:{_O_CLOCK})?(?![\d:.-])"
    rf"|(?P<bare>{_HOUR})(?:\s+(?P<spoken>{'|'.join(_MINUTES)})\b)?"
    rf"(?P<clock>\s+o['’]?\s?clock\b|{_O_CLOCK})?{_half('bare_half')})(?![\w:]|\.\d)",
    re.I,
)
_EARLIER = {"half": 30, "quarter": 15, "ten": 10, "five": 5, "twenty": 20}

_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?\b\.?"
_EVERY_DAY = re.compile(
    r"\b(?:daily|each\s+day|every\s*day|every\s+single\s+day|all\s+week|seven\s+days\s+a\s+week"
    r"|every\s+(?P<part>morning|evening|afternoon|night)|in\s+the\s+mornings?)\b",
    re.I,
)
_WORKING = re.compile(
    r"\b(?:on\s+|every\s+|each\s+)?(?:weekdays?|week\s+days|work(?:ing)?\s*days?|business\s+days?)\b"
    r"(?:\s+only)?",
    re.I,
)
_WEEKENDS = re.compile(r"\b(?:on\s+|at\s+|every\s+)?(?:the\s+)?weekends?\b(?:\s+only)?", re.I)
_SPAN = re.compile(
    rf"\b(?:from\s+|on\s+)?(?P<first>{_DAY})\s*(?:-|–|—|to|through|till|until)\s*(?P<last>{_DAY})",
    re.I,
)
_NAMED = re.compile(
    rf"\b(?:(?P<every>every|each|on|only)\s+)*(?P<days>{_DAY}"
    rf"(?:\s*(?:,\s*and|,|/|&|\+|and)?\s+?(?:on\s+|every\s+)?{_DAY}|\s*[,/&+]\s*{_DAY})*)(?:\s+only)?",
    re.I,
)
_WEEKLY = re.compile(
    r"\b(?:weekly|(?:once|every|each|per|a)\s+(?:a\s+)?week|once\s+weekly)\b", re.I
)
_EXCEPT = re.compile(
    rf"\b(?:but\s+not|except|not)\s+(?:for\s+)?(?:on\s+)?(?:the\s+)?(?:(?P<weekend>weekends?)|(?P<days>{_DAY}"
    rf"(?:\s*(?:,|and|or)\s*{_DAY})*))",
    re.I,
)
_ONE_DAY = re.compile(_DAY, re.I)
MORNING, EVENING, AFTERNOON = "07:30", "18:00", "14:00"
_PARTS = {"morning": MORNING, "evening": EVENING, "night": EVENING, "afternoon": AFTERNOON}

_NAMED_ZONE = re.compile(
    r"[\s,(]*(?:\b(?:in|at)\s+)?(?P<name>"
    r"\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[\w+/-]+"
    r"|\b(?:(?:utc|gmt)(?:\s?[+−-]\s?\d{1,2}(?::?00)?)?|cest|cet|eest|eet|eat|wat|sast|msk|jst|bst"
    r"|est|edt|et|pst|pdt)\b)(?:\s+time)?(?:\s+zone)?\)?",
    re.I,
)
_OWN_ZONE = re.compile(
    r"[\s,(]*\b(?:in\s+)?(?:my|our|local|the\s+local)\s+(?:local\s+)?time\b\)?", re.I
)
_CITY_TIME = re.compile(
    r"[\s,(]*(?P<words>(?:[^\s,()]+\s+){1,3})(?:local\s+)?time(?:\s+zone)?\b\)?", re.I
)
_CITY_AFTER = re.compile(
    r"\A[\s,(]*(?:(?:in|at)\s+)?(?P<city>[^\W\d][\w.’'-]*(?:\s[^\W\d][\w.’'-]*){0,2}?)\)?"
    r"(?=\s+(?:on|every|about|for|daily|each|from|with|weekdays)\b|\s*,|\s*\Z)",
    re.I,
)


def clock_time(match: re.Match[str]) -> str | None:
    """A match of `TIME` as "07:30"; None for a time that no clock shows."""
    if word := match["word"]:
        return "00:00" if word.casefold() == "midnight" else "12:00"
    if match["part"]:
        minutes, sign = _EARLIER[match["part"].casefold()], match["side"].casefold()
        total = _number(match["of"]) * 60 + (minutes if sign == "past" else -minutes)
        hour, minute, half = total // 60 % 24, total % 60, match["of_half"]
    elif match["four"]:
        hour, minute, half = int(match["four"][:2]), int(match["four"][2:]), None
    elif match["hour"]:
        hour, minute, half = int(match["hour"]), int(match["minute"]), match["hour_half"]
    else:
        hour, half = _number(match["bare"]), match["bare_half"]
        minute = _MINUTES[match["spoken"].casefold()] if match["spoken"] else 0
    half = "".join((half or "").casefold().replace(".", "").split())
    if half:
        if not 1 <= hour <= 12 and half in ("am", "pm"):
            return None
        late = half == "pm" or half in ("intheafternoon", "intheevening", "atnight")
        hour = hour % 12 + (12 if late else 0) if hour <= 12 else hour
    if (hour, minute) == (24, 0):
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def is_plain_number(match: re.Match[str]) -> bool:
    """Whether a match of `TIME` is a bare number, which needs an "at" to be a time."""
    bare = match["bare"] and not (match["clock"] or match["bare_half"] or match["spoken"])
    return bool((bare or match["four"]) and not match["led"])


def taken_days(text: str) -> tuple[tuple[str, ...], str | None, str]:
    """The days named (empty for none), the time that a part of the day means, and the rest."""
    days: set[str] = set()
    at = None
    left_out, text = _left_out(text)
    if match := _EVERY_DAY.search(text):
        days.update(DAYS)
        at = _PARTS.get((match["part"] or "").casefold())
        text = _cut(text, match)
    if match := _WORKING.search(text):
        days = set(WORKING_DAYS)
        text = _cut(text, match)
    if match := _WEEKENDS.search(text):
        days |= {"sat", "sun"}
        text = _cut(text, match)
    if match := _SPAN.search(text):
        first, last = _day(match["first"]), _day(match["last"])
        length = (DAYS.index(last) - DAYS.index(first)) % 7 + 1
        days = {DAYS[(DAYS.index(first) + step) % 7] for step in range(length)}
        text = _cut(text, match)
    weekly = _WEEKLY.search(text)
    if weekly:
        text = _cut(text, weekly)
    while match := _NAMED.search(text):
        if days == set(DAYS):
            days = set()
        days |= {_day(one[0]) for one in _ONE_DAY.finditer(match["days"])}
        text = _cut(text, match)
    if weekly and not days:
        days = {"mon"}
    if left_out:
        days = (days or set(DAYS)) - left_out
    return in_order(days), at, text


def _left_out(text: str) -> tuple[set[str], str]:
    match = _EXCEPT.search(text)
    if match is None:
        return set(), text
    if match["weekend"]:
        return {"sat", "sun"}, _cut(text, match)
    return {_day(one[0]) for one in _ONE_DAY.finditer(match["days"])}, _cut(text, match)


def taken_time(text: str) -> tuple[str | None, str, str, int]:
    """The first time of day, what it was written as, the rest, and where in the rest it stood.

    (None, "", text, …) where there is none, (None, "25:00", …) for one that no clock shows.
    """
    for match in TIME.finditer(text):
        if is_plain_number(match):
            continue
        return clock_time(match), match[0].strip(), _cut(text, match), match.start()
    return None, "", text, len(text)


def another_time(text: str) -> str | None:
    """A time of day that is left in a text from which one was taken: "08:00 and 18:00"."""
    for match in TIME.finditer(text):
        led = (match["led"] or "").strip().casefold()
        written = match["hour"] or match["part"] or match["bare_half"] or match["clock"]
        last = led == "and" and re.match(r"\s*(?:\Z|(?:on|about|for)\b)", text[match.end() :])
        if (written or led in ("at", "@") or last) and clock_time(match):
            return match[0][len(match["led"] or "") :].strip()
    return None


def taken_zone(text: str, after: int) -> tuple[str | None, str, str]:
    """The zone named in a text, else words that name one we do not know, and the rest.

    `after` is where the time of day stood: a bare city may follow it ("at 8 in Paris").
    """
    if match := _NAMED_ZONE.search(text):
        zone = zone_named(match["name"])
        return zone, "" if zone else match["name"], _cut(text, match)
    if match := _OWN_ZONE.search(text):
        return None, "", _cut(text, match)
    if match := _CITY_TIME.search(text):
        return _city_time(text, match)
    match = _CITY_AFTER.match(text[after:])
    if match and (zone := zone_named(match["city"])):
        return zone, "", _joined(text[:after], text[after + match.end() :])
    return None, "", text


def _city_time(text: str, match: re.Match[str]) -> tuple[str | None, str, str]:
    """ "Paris time", "New York time": the longest run of words before "time" that is a zone."""
    words = list(re.finditer(r"\S+", match["words"]))
    offset = match.start("words")
    for word in words:
        name = match["words"][word.start() :].strip()
        if zone := zone_named(name):
            before = re.sub(
                r"[\s,(]*(?:\b(?:in|at)\s+)?\Z", "", text[: offset + word.start()], flags=re.I
            )
            return zone, "", _joined(before, text[match.end() :])
    start = offset + words[-1].start()
    return None, words[-1][0], _joined(text[:start], text[match.end() :])


def in_order(days: set[str]) -> tuple[str, ...]:
    return tuple(day for day in DAYS if day in days)


def days_in_words(days: tuple[str, ...]) -> str:
    """ "every day", "on weekdays", "every Monday", "on Mondays and Thursdays"."""
    if not days or len(days) == 7:
        return "every day"
    if days == WORKING_DAYS:
        return "on weekdays"
    if days == ("sat", "sun"):
        return "at weekends"
    if len(days) == 1:
        return f"every {DAY_NAMES[days[0]]}"
    names = [f"{DAY_NAMES[day]}s" for day in days]
    return f"on {', '.join(names[:-1])} and {names[-1]}"


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _HOURS.index(text.casefold()) + 1


def _day(text: str) -> str:
    return text.casefold()[:3]


def _cut(text: str, match: re.Match[str]) -> str:
    return _joined(text[: match.start()], text[match.end() :])


def _joined(before: str, after: str) -> str:
    return f"{before} {after.lstrip()}" if before and not before[-1].isspace() else before + after


LONGEST_REQUEST = 40
"""Words; a longer text is a question with its story, whatever it begins with."""

# What a message is dressed in and does not ask: marks of quoting and of code around all of it, a
# call to everybody, characters that are not seen, emoji. A flag is its country.
_DRESSED = re.compile(
    r"(?P<mark>`{1,3}|[*_~])(?P<marked>[^\s`*_~](?:.*[^\s`*_~])?)(?P=mark)"
    r"|[“\"„«](?P<quoted>[^”\"“»]+)[”\"“»]",
    re.S,
)
_LED_BY = re.compile(r"(?:(?:>{1,3}|[•*–—-](?=\s))\s*)+(?=\S)")
_EVERYBODY = re.compile(r"(?<!\S)@(?:here|channel|everyone)\b[\s,:]*", re.I)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}|(?<![\\w:]):flag-(?P<code>[a-z]{2}):(?!\\w)")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b50][\ufe0f\u200d\u20e3\U0001f000-\U0001faff\u2600-\u27bf]*"
    "|(?<!\\w):(?=[a-z+-])[\\w+'-]{1,40}:(?!\\w)"
)
_FIRST_OF_FLAGS = 0x1F1E6
_QUOTATION_MARKS = "“”\"„«»‘’'"
_QUOTED = re.compile(r"[“\"„«]([^”\"“»]{1,200})[”\"“»]")
# Words that one letter parts from a command and that begin sentences of their own.
_NO_SLIPS = frozenset(
    "fellow hollow quite quota quoted quotas paused pauses resumed resumen sourced".split()
)


def bare(text: str) -> tuple[str, bool]:
    """A text without its courtesies, and whether it was put as a request ("can you …")."""
    return without_courtesies(undressed(text))


def undressed(text: str) -> str:
    """A text without what it is dressed in: "*Libya this week* 🙏" is "Libya this week".

    "" where there is nothing else, as in a message that is one emoji.
    """
    text = _UNSEEN.sub("", " ".join(text.split()))
    text = _EMOJI.sub(" ", _FLAG.sub(_country_of_flag, text))
    text = " ".join(_EVERYBODY.sub("", text).split())
    while True:
        shorter = _LED_BY.sub("", text) if _LED_BY.match(text) else text
        if match := _DRESSED.fullmatch(shorter):
            shorter = (match["marked"] or match["quoted"]).strip()
        if shorter == text:
            return text
        text = shorter


def _country_of_flag(flag: re.Match[str]) -> str:
    code = flag["code"] or "".join(chr(ord(one) - _FIRST_OF_FLAGS + ord("a")) for one in flag[0])
    name = place_name(code.upper())
    return "" if name == code.upper() else name


def mended(text: str, commands: Iterable[str], *, first_only: bool = True) -> str:
    """The text with slips of one letter in command words put right.

    Only the first word is looked at, unless `first_only` is false: what follows is what the
    person wants, where a rare name must stay as it is.
    """
    known = frozenset(commands)
    words = text.split(" ")
    for position, word in enumerate(words[:1] if first_only else words):
        core = word.strip(",.:;!?")
        if right := _meant(core.casefold(), known, strict=position > 0 and not core.islower()):
            words[position] = word.replace(core, right)
    return " ".join(words)


def _meant(word: str, known: frozenset[str], *, strict: bool) -> str | None:
    if len(word) < 4 or word in known or word in _NO_SLIPS or strict:
        return None
    fitting = sorted(command for command in known if len(command) > 3 and _is_slip(word, command))
    return fitting[0] if fitting else None


def _is_slip(word: str, command: str) -> bool:
    """Whether one letter was left out, doubled, changed (never the first) or swapped."""
    if abs(len(word) - len(command)) > 1 or word[0] != command[0]:
        return False
    start = 0
    while start < min(len(word), len(command)) and word[start] == command[start]:
        start += 1
    one, other = word[start:], command[start:]
    if len(one) == len(other):
        swapped = one[:2] == other[:2][::-1] and one[2:] == other[2:]
        # In a short word one changed letter makes another word: "list", "lift".
        return swapped or (one[1:] == other[1:] and len(command) > 5)
    return one[1:] == other or one == other[1:]


def listed(text: str) -> tuple[str, ...]:
    """The items of "Libya, Sudan and “war and peace”"; what is in quotation marks stays whole."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[1])
        return f"\x00{len(kept) - 1}\x00"

    parts = AND.split(_QUOTED.sub(keep, text.replace("\x00", "")))
    items = (re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m[1])], part) for part in parts)
    return tuple(dict.fromkeys(item for item in map(subject, items) if item))


_BEGIN_REQUESTS = frozenset(
    "follow unfollow send pause resume mute tell alert notify digest stop summarise".split()
)


def several_requests(items: Iterable[str]) -> bool:
    """Whether one of the subjects of a request is a request itself: "Libya", "follow Gharyan"."""
    return any(item.partition(" ")[0] in _BEGIN_REQUESTS and " " in item for item in items)


def subject(text: str) -> str:
    """What is spoken of, without the words and marks that lead to it."""
    text = " ".join(text.split()).strip(" ,;:.!?–—-")
    text = text.strip(_QUOTATION_MARKS + " ")
    return re.sub(r"\A(?:the\s+(?=[a-z])|also\s+|both\s+|either\s+)", "", text)


def in_words(items: Iterable[str]) -> str:
    """ "Libya", "Libya and Sudan", "Libya, Sudan and Mali"."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def country_code(name: str) -> str | None:
    """The ISO 3166 code of a country by one of its names; None for a city and anything else.

    Who follows Benghazi does not want all of Libya.
    """
    bare = " ".join(name.split()).strip(" .,")
    folded = bare.casefold().removeprefix("the ")
    code = place_code(bare) if len(bare) > 2 or bare.isupper() else None
    if code is None:
        return None
    return code if folded == place_name(code).casefold() or folded in _aliases() else None


def subject_name(subject: str) -> str:
    """What a country's code or any other subject is called: "Libya" for "LY"."""
    return place_name(subject) if len(subject) == 2 and subject.isupper() else subject


@cache
def _aliases() -> frozenset[str]:
    names = (name for _, names in entries("corpus.text", "places", "aliases") for name in names)
    return frozenset(name.casefold().removeprefix("the ") for name in names)


Zone = Callable[[], tzinfo]
"""Tells in whose days times are meant; asked only where the words name one."""


class Concern(StrEnum):
    """What a list, a pause or a resumption is about."""

    DIGESTS = "digests"
    WATCHES = "watches"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """A question to be answered: whatever is not clearly something else."""

    text: str


@dataclass(frozen=True, slots=True)
class AskSummary:
    """What happened on a topic; an empty one means everything, None an open end of the window."""

    topic: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskQuotes:
    """What a speaker said, on a topic or on anything, in order of time."""

    speaker: str
    topic: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskTimeline:
    """What happened when on a topic."""

    topic: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DigestAt:
    """A digest is wanted regularly."""

    draft: SubscriptionDraft = field(default_factory=SubscriptionDraft)


@dataclass(frozen=True, slots=True)
class DigestChange:
    """A digest that there is already is wanted otherwise."""

    draft: SubscriptionDraft


@dataclass(frozen=True, slots=True)
class DigestNow:
    """A digest is wanted once, at once."""

    draft: SubscriptionDraft = field(default_factory=SubscriptionDraft)


@dataclass(frozen=True, slots=True)
class DigestOff:
    """A digest is wanted no more; without a name, all of them."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """A watch is wanted."""

    name: str
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class Unfollow:
    """A watch is wanted no more; without a name, all of them."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class ListMine:
    """What is set up for the reader?"""

    concern: Concern = Concern.EVERYTHING


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is to be sent for now; a name narrows it to one digest or watch."""

    concern: Concern = Concern.EVERYTHING
    name: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """What was paused is to go on."""

    concern: Concern = Concern.EVERYTHING
    name: str = ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No alerts from one local time to another; None for both ends quiet hours."""

    begin: str | None
    end: str | None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """No more alerts on the story of this thread; with `lifted` they come again."""

    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Which sources are read, or only those that could not be."""

    failed: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """What is kept about the writer, or only of this conversation, is to be deleted."""

    conversation: bool = False


@dataclass(frozen=True, slots=True)
class SummariseThread:
    """What is known on the topic of the thread that this is written in?"""


@dataclass(frozen=True, slots=True)
class SourcesHere:
    """What do the answers in this thread rest on?"""


@dataclass(frozen=True, slots=True)
class Help:
    """What can one say?"""


@dataclass(frozen=True, slots=True)
class Thanks:
    """A courtesy that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A command that was understood in part: what is missing, and an example to go by."""

    missing: str
    example: str


ReportRequest = AskSummary | AskQuotes | AskTimeline | DigestNow
"""What a report is made of."""
Request = (
    AskQuestion
    | AskSummary
    | AskQuotes
    | AskTimeline
    | DigestAt
    | DigestChange
    | DigestNow
    | DigestOff
    | Follow
    | Unfollow
    | ListMine
    | Pause
    | Resume
    | QuietHours
    | Mute
    | Sources
    | SummariseThread
    | SourcesHere
    | Forget
    | Help
    | Thanks
    | Unclear
)
