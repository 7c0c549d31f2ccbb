"""Reading what is said of digests: regular ones, changed ones, none any more, one at once. Pure.

    "weekly digest on Libya and Sudan at 8 Paris time"
    lead up to the word -> rest: days, time, zone, length, sources, subjects -> DigestAt

Whatever remains that is none of these is asked about, never left out.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.requests.clock import another_time, taken_days, taken_time, taken_zone
from bot.requests.nouns import (
    Concern,
    DigestAt,
    DigestChange,
    DigestNow,
    DigestOff,
    DigestWish,
    ListMine,
    Pause,
    Request,
    Resume,
    Unclear,
)
from bot.requests.subjects import country_code
from bot.requests.words import listed, mended, several_requests, subject

EXAMPLE = "daily digest at 07:30 on Libya and Sudan"
_WORDS = """
digest digests daily weekly weekdays every monday tuesday wednesday thursday friday saturday sunday
morning evening instead stories send weekday weekend
""".split()
# Only these stand before the word in a wish for a digest; anything else belongs to a question.
_LEAD_WORDS = frozenset(
    """
    send give get post make set up schedule start stop create show change move switch turn put
    me us my our a an the i we want need would like to have i'd daily weekly morning evening
    weekday today's todays off on end cancel delete remove unsubscribe subscribe receive new
    another pause resume no more what what's whats is are in list this single one regular every
    day week weekend news press short long quick please from adjust update reschedule drop quit kill
    sending posting
    longer any    don't dont do not which do when and unpause restart
    """.split()
)
_DIGEST = re.compile(r"\b(?:news\s+)?digests?\b", re.I)
_BEFORE_DIGEST = re.compile(
    r"\A(?P<subjects>(?:[^\s,?]+(?:\s+(?:and\s+)?|,\s+)){1,5})digest\b"
    r"(?P<when>\s+(?:at|every|daily|on\s+\w*days?|each|weekly|now|please)\b.*|)\Z",
    re.I,
)
_OFF = re.compile(
    r"\b(?:off|stop|end|cancel|delete|remove|unsubscribe|no\s+(?:more|longer)|drop|quit|kill"
    r"|do(?:n['’]?t|\s+not)\s+(?:send|want|post|need))\b",
    re.I,
)
_CHANGE = re.compile(r"\b(?:change|move|switch|adjust|update|reschedule)\b", re.I)
_LIST = re.compile(
    r"\A(?:(?:show|list|what|what['’]?s|which|see|when)\b.*|(?:my|our|the)\s+)?digests?"
    r"(?:\s+settings?|\s+are\s+there|\s+do\s+(?:i|we)\s+(?:have|get|receive)|\s+subscriptions?"
    r"|\s+am\s+i\s+getting|\s+is\s+set(?:\s+up)?)?\Z",
    re.I,
)
_NOW = re.compile(
    r"\b(?:right\s+now|now|today['’]?s|straight\s+away|at\s+once|immediately|for\s+today|today)\b",
    re.I,
)
_REGULARLY = re.compile(r"\A\s*on\s*\Z|\b(?:subscribe|start|schedule|set\s+up|regular)\b", re.I)
_SETTINGS = re.compile(r"\bsettings?\b", re.I)
_INSTEAD = re.compile(r"[\s,]*\b(?:instead|rather)\b", re.I)
_TO = re.compile(r"\A\s*(?:to|till)\b\s*", re.I)
_LENGTH = re.compile(
    r"[\s,]*\b(?:with\s+)?(?:at\s+most\s+|up\s+to\s+|max(?:imum)?\.?\s+|the\s+top\s+|top\s+|only\s+)?"
    r"(?P<count>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:stories|story|items?)"
    r"(?:\s+at\s+most|\s+only)?",
    re.I,
)
_SOURCES = re.compile(
    r"\b(?:only\s+)?(?:from|by|using|sources?:)\s+(?:the\s+)?(?:sources?\s+)?(?P<names>\S.*)\Z",
    re.I,
)
_SUBJECTS = re.compile(
    r"\A[\s,:]*(?:(?:on|about|for|of|covering|regarding|concerning|re)\b|:)?\s*(?:news\s+(?:on|about|from)\s+)?"
    r"(?P<names>.*)\Z",
    re.I,
)
_EVERYTHING = frozenset(
    ("everything", "all", "anything", "all topics", "all news", "everything new", "all countries")
)
_FILLER = frozenset("on at me us for to in and the a every please my our with time local".split())
_OFTEN = re.compile(
    r"\b(?:hourly|every\s+hour|monthly|every\s+month|twice\s+(?:a|per)\s+day|yearly|"
    r"fortnightly|every\s+(?:two|other|second)\s+\w+)\b",
    re.I,
)
# What is no subject but a day of its own: a digest comes on days of the week, or now.
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_A_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{1,2}}(?![:.\d])"
    r"|\d{4}-\d\d-\d\d)"
)
_A_TIME = re.compile(
    r"(?:the )?(?:tomorrow|tonight|yesterday|today"
    rf"|(?:this|next|last|past) (?:week|month|weekend|year)|{_A_DATE})(?: morning| evening)?",
    re.I,
)
_OF_A_DATE = re.compile(
    rf"\A[\s,|]*(?:for|on|of|from|since)?\s*(?:the )?(?P<date>{_A_DATE})(?=\s*(?:\Z|at\b|,))", re.I
)
_NO_SUBJECTS = frozenset("i no not want longer never don't dont why who when how is are".split())
_NUMBERS = "one two three four five six seven eight nine ten".split()
MOST_LENGTH = 20


def read_digest(text: str) -> Request | None:
    """What a text wants of digests; None where it does not speak of them in that way."""
    text = mended(text.rstrip("?! "), _WORDS, first_only=False)
    found = _DIGEST.search(text)
    if found is None:
        return None
    lead, rest = text[: found.start()], text[found.end() :]
    lead, rest = _time_after(lead, rest)
    if not _is_lead(lead):
        before = _BEFORE_DIGEST.match(text)
        if before is None or _NO_SUBJECTS & set(before["subjects"].casefold().split()):
            return None
        return _wanted("", f" {before['when']} on {before['subjects'].strip()}", text)
    if request := _management(lead, rest, text):
        return request
    return _wanted(lead, rest, text)


def _is_lead(lead: str) -> bool:
    words = [word.strip(",.!") for word in lead.casefold().replace("’", "'").split()]
    return len(words) <= 9 and all(word in _LEAD_WORDS for word in words)


def _time_after(lead: str, rest: str) -> tuple[str, str]:
    """A time that stands before ("every day at 7 send me a digest") put where it is read."""
    at, written, without, where = taken_time(lead)
    if at is None:
        return lead, rest
    zone, _, without = taken_zone(without, where)
    return (without, f" {written} {zone or ''}{rest}") if _is_lead(without) else (lead, rest)


def _management(lead: str, rest: str, text: str) -> Request | None:
    if re.search(r"\b(?:resume|restart|unpause)\b", lead, re.I):
        return Resume(Concern.DIGESTS, _name(rest))
    if re.search(r"\bpause\b", lead, re.I) or re.fullmatch(r"\s*pause", rest, re.I):
        return Pause(Concern.DIGESTS, _name(rest) if "pause" not in rest.casefold() else "")
    off = _OFF.search(lead) or re.match(r"\s*(?:off|stop|cancel|end)\b", rest, re.I)
    if off:
        return DigestOff(_name(re.sub(r"\A\s*(?:off|stop|cancel|end)\b", "", rest, flags=re.I)))
    if _LIST.match(text) and (text[-1] in "sS" or "my" in lead.split() or _SETTINGS.search(text)):
        return ListMine(Concern.DIGESTS)
    if _SETTINGS.search(rest) and not taken_time(rest)[1]:
        return ListMine(Concern.DIGESTS)
    return None


def _name(rest: str) -> str:
    name = _SUBJECTS.match(rest)
    shown = subject(name["names"]) if name else ""
    nothing = ("s", "all", "everything", "now", "any more", "anymore")
    return "" if shown.casefold() in nothing else shown


def _wanted(lead: str, rest: str, text: str) -> Request:
    if often := _OFTEN.search(text):
        return Unclear(
            f"I send digests on days of the week, once a day, not “{often[0]}”.",
            "digest every Monday and Thursday at 8",
        )
    changes = bool(_CHANGE.search(lead) or _INSTEAD.search(rest))
    rest = _INSTEAD.sub("", rest)
    if changes:
        rest = _TO.sub(" at ", rest) if re.match(r"\s*to\s+\w", rest) else rest
    now = bool(_NOW.search(lead) or _NOW.search(rest))
    rest = _NOW.sub("", rest)
    regular = bool(_REGULARLY.search(lead) or _REGULARLY.match(rest))
    if re.fullmatch(r"\s*on\s*", rest, re.I):
        rest = ""
    wish = _read_wish(lead, rest)
    if isinstance(wish, Unclear):
        return wish
    if changes:
        if wish == DigestWish():
            return Unclear("What should the digest be like?", "digest at 08:00 instead")
        return DigestChange(wish)
    timed = wish.at is not None or wish.days or wish.zone
    if not timed and not regular:
        return DigestNow(wish)
    if now and not wish.at:
        return DigestNow(replace(wish, days=(), zone=None))
    return DigestAt(wish)


def _read_wish(lead: str, rest: str) -> DigestWish | Unclear:
    """Everything that is said of a digest; what cannot be made out is asked about."""
    days, part, rest = taken_days(f"{lead} | {rest}")
    before, _, rest = rest.partition("|")
    if of_a_date := _OF_A_DATE.match(rest):
        return _not_on(of_a_date["date"])
    rest = _readable_time(rest)
    at, written, rest, where = taken_time(rest)
    if written and at is None:
        return Unclear(f"“{written}” is no time of day.", EXAMPLE)
    if another := another_time(rest):
        return Unclear(
            f"A digest comes once a day; for “{another}” too there is a second one.", EXAMPLE
        )
    zone, unknown, rest = taken_zone(rest, where)
    if unknown:
        return Unclear(f"I do not know the time zone “{unknown}”.", "digest at 07:30 Paris time")
    length, rest = _length(rest, before)
    if length == 0:
        return Unclear(f"A digest tells 1 to {MOST_LENGTH} stories.", "digest at 8, 5 stories")
    rest = rest.strip(" ,.;")
    if re.fullmatch(r"(?:at|@|to|in|by|every|on)", rest, re.I):
        what = {"on": "On what?", "every": "On which days?"}.get(rest.casefold(), "At what time?")
        return Unclear(what, EXAMPLE)
    sources, rest = _sources(rest)
    topics, places, interests = _interests(rest)
    if "at" in rest.casefold().split():
        return Unclear(f"I did not understand “{rest}”.", EXAMPLE)
    if several_requests(topics):
        return Unclear("That is more than one request; write each of them alone.", EXAMPLE)
    if dated := next((name for name in topics if _A_TIME.fullmatch(name)), None):
        return _not_on(dated)
    named = interests or bool(sources)
    return DigestWish(at or part, days, zone, topics, places, sources, length, named)


def _not_on(day: str) -> Unclear:
    return Unclear(
        f"A digest comes on days of the week, or now for the last 24 hours, not “{day}”.",
        "digest every Monday at 8, or summary of Libya since Monday",
    )


def _readable_time(rest: str) -> str:
    """A bare number right after the word is a time too: "digest 8", "digest 7.30"."""
    return re.sub(
        r"\A\s*(?=\d{1,2}(?:[:.]\d\d)?(?:\s|\Z)(?!\s*(?:stories|story|items?)))", " at ", rest
    )


def _length(rest: str, before: str) -> tuple[int | None, str]:
    if match := _LENGTH.search(rest):
        word = match["count"].casefold()
        count = int(word) if word.isdigit() else _NUMBERS.index(word) + 1
        return (count if 1 <= count <= MOST_LENGTH else 0), rest[: match.start()] + rest[
            match.end() :
        ]
    for word, count in (("short", 3), ("quick", 3), ("long", 10)):
        if re.search(rf"\b{word}\b", before, re.I):
            return count, rest
    return None, rest


def _sources(rest: str) -> tuple[tuple[str, ...], str]:
    match = _SOURCES.search(rest)
    if match is None:
        return (), rest
    names = listed(re.sub(r"\s+only\Z", "", match["names"], flags=re.I))
    # "news from Libya" is about Libya.
    if all(country_code(name) for name in names):
        return (), rest[: match.start()] + " on " + match["names"]
    return names, rest[: match.start()]


def _interests(rest: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    match = _SUBJECTS.match(rest)
    names = listed(match["names"]) if match else ()
    names = tuple(name for name in names if name.casefold() not in _FILLER)
    if any(name.casefold() in _EVERYTHING for name in names):
        return (), (), True
    places = tuple(dict.fromkeys(code for name in names if (code := country_code(name))))
    topics = tuple(name for name in names if not country_code(name))
    return topics, places, bool(names)
