"""Reading what asks for a report: a summary, quotations, a timeline. Pure.

Their forms are narrow, since a question is worth more than a report that nobody asked for.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.commands.intents import (
    AskQuotes,
    AskSummary,
    AskTimeline,
    Request,
    Unclear,
    Zone,
    country_code,
    mended,
    subject,
)
from bot.render.catalogues import gettext
from corpus.text import tables
from corpus.text.calendar import MONTH_WORD as _MONTH
from corpus.text.calendar import MONTHS
from corpus.text.places import listed_places
from corpus.text.words import foreign_language
from retrieval.questions.time import find_window, parse_moment

_COMMANDS = tables.words("bot.commands", "grammar", "report commands")
_GIVE = (
    r"(?:(?:give|show|send|get|have|see|write|make|prepare|draw|bring|find|list|tell) (?:me |us )?"
    r"|i (?:want|need) |i['’]?d like |(?:may|can) i (?:have|get) )?"
    r"(?:to have )?(?:an? |the |some |all (?:the )?|any )?"
    r"(?:(?:short|brief|quick|little|long|full|recent|latest|new|weekly|press) )*"
)
_ABOUT = r"(?:on|of|about|for|regarding|concerning|from|in|with|re)"
_SUMMARY = re.compile(
    rf"(?:{_GIVE}(?:summar(?:y|ies)|overview|round[- ]?up|wrap[- ]?up|recap|sit-?rep"
    rf"|situation report|briefing|update)\b(?! (?:me|us)\b)(?P<led> ?(?::|{_ABOUT}\b))?"
    r"|summari[sz]e\b(?: for me\b)?(?P<verb>)(?: (?:the )?(?:news|situation|developments"
    r"|events) (?:on|in|of|about|from)\b)?"
    r"|(?:brief|update) (?:me|us)\b(?: (?:on|about))?"
    r"|catch (?:me|us) up\b(?: (?:on|about|with))?"
    r"|(?:bring|get) (?:me|us) up to (?:date|speed)\b(?: (?:on|about|with))?"
    rf"|{_GIVE}(?:news|headlines|developments)(?: {_ABOUT}\b)(?P<news>)"
    rf"|(?:the )?latest(?: (?:news|developments|headlines))? {_ABOUT}\b(?P<latest>))"
    r"[\s:]*(?P<topic>.*)",
    re.I,
)
_WHATS_NEW = re.compile(
    r"(?:so )?(?:(?:what(?:['’]?s| is| are)?|any(?:thing)?|is there any(?:thing)?) "
    r"(?:(?:the )?(?:new|news|latest|newest|latest news|in the news|going on|happening|up"
    r"|developments)(?: today)?|happened|has happened|happened today)\b"
    r"|(?:is there )?anything\b(?= (?:on|about)\b)"
    r"|(?:the |today['’]?s |latest )*(?:news|headlines)(?P<alone>\Z))"
    r"(?: (?:on|in|about|with|from|regarding|around|to)\b(?P<topic>.*)|(?P<rest>.*))",
    re.I,
)
_TIMELINE = re.compile(
    rf"(?:{_GIVE}(?:time[- ]?lines?|chronolog(?:y|ies)|sequence of events)\b"
    rf"(?: ?(?::|{_ABOUT}\b))? ?(?P<topic>.*)"
    r"|(?P<before>(?:\S+ ){1,5})(?:time-?line|chronology)(?P<rest>\b.*))",
    re.I,
)
_SAYINGS = (
    r"(?:quot(?:e|ation)s?|direct (?:speech|quotes)|statements|remarks|positions?|utterances)"
)
_SPEAKER_END = r"(?: (?:on|about|regarding|concerning|re|over|against) (?P<topic{0}>.*))?"
_QUOTES = re.compile(
    rf"(?:{_GIVE}{_SAYINGS}\b ?(?:(?:by|from|of|for):?|:) (?P<speaker>.+?){_SPEAKER_END.format(1)}"
    rf"|{_GIVE}{_SAYINGS} (?:on|about|regarding|concerning) (?P<topic2>.+)"
    rf"|(?P<before>(?:\S+ ){{1,4}}?){_SAYINGS}\b(?P<rest>{_SPEAKER_END.format(3)})"
    r"|quote (?P<quoted>.+?)"
    + _SPEAKER_END.format(4)
    + r"|(?P<who>who said what) (?:on|about|in) (?P<topic5>.+)"
    r"|quotes (?P<plain>\S.*))",
    re.I,
)
_SAID_BY_BEFORE = re.compile(r"['’]s? ?\Z")
_AGE = re.compile(
    r"(?:(?:for|over|in|of) )?(?:the )?\b(?P<age>\d{1,3} ?(?:h|d|w|m|y)"
    r"|\d{1,3} (?:hours?|days?|weeks?|months?)) ?\Z",
    re.I,
)
# Of a calendar week there would be next to nothing on a Monday: the last seven days are meant.
_THIS_WEEK = re.compile(
    r"\b(?:(?:for|of|over|during|in) )?(?:this|the) (?:past )?week\b(?: so far)?", re.I
)
_EDGE = re.compile(
    r"\A(?:(?:on|of|about|for|in|from|regarding|concerning|with|re|to)\b|[\s,:;–—-])+ ?"
    r"|(?: ?\b(?:on|of|about|for|in|from|with|the|so far|news|to)|[\s,:;?!.–—-]+)\Z",
    re.I,
)
_EVERYTHING = frozenset(
    "everything;all;it all;all news;the world;world;today;us;me;anything;new;the news;news".split(
        ";"
    )
)
# Words of a sentence; a heading such as "Libya this week" has none of them.
_SENTENCE_WORDS = tables.words("bot.commands", "grammar", "sentence words")
# "Summarise how …", "summarise what …" are questions.
_ASKS_ITSELF = re.compile(r"(?:how|what|why|whether|if|who|when|where)\b|\W*\d+\W*\Z", re.I)
LONGEST_HEADING = 4
LONGEST_NEWS_TOPIC = 7
_BARE_TIMES = re.compile(
    r"(?:the )?(?:today|yesterday|(?:this|last|past) (?:week|month|weekend)|last night"
    r"|(?:the )?(?:last|past) \d{1,2} (?:days|hours|weeks))",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A topic and its time, None for an open end."""

    topic: str
    since: datetime | None
    until: datetime | None


_MONTHS = [name[:3] for name in MONTHS]
_DATED = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b"
    rf"|\b(?P<before>{_MONTH}) (?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d)",
    re.I,
)
LONGEST_DATED = 12


def read_impossible_day(text: str) -> Unclear | None:
    """ "Libya since 31 February": a day that no year has is asked about, never passed over."""
    if text.endswith("?") or len(text.split()) > LONGEST_DATED:
        return None
    for match in _DATED.finditer(text):
        day, month = int(match["day"] or match["after"]), match["month"] or match["before"]
        last = monthrange(2020, _MONTHS.index(month[:3].casefold()) + 1)[1]
        if not 1 <= day <= last:
            return Unclear(gettext("There is no {day}.", day=match[0]), "Libya since 28 February")
    return None


def read_report(text: str, asked_at: datetime, zone: Zone, *, polite: bool) -> Request | None:
    """The report that a text asks for; None where it may be a question."""
    mended_text = mended(text, _COMMANDS)
    plain = mended_text.rstrip("?! ")
    asks = mended_text.endswith("?") and not polite
    for read in (_quotes, _timeline, _summary):
        if request := read(plain, asked_at, zone, asks):
            return request
    return _whats_new(plain, asked_at, zone) or _heading(text, asked_at, zone)


def _summary(text: str, asked_at: datetime, zone: Zone, asks: bool) -> Request | None:
    match = _SUMMARY.fullmatch(text)
    if match is None:
        return None
    plain_noun = match["led"] is None and match["verb"] is None and match["topic"].strip()
    heads = re.match(r"(?:briefing|update|overview|recap)s?\b(?!\s+(?:me|us)\b)", text, re.I)
    if plain_noun and heads:
        return None
    scope = scoped(match["topic"], asked_at, zone)
    if _ASKS_ITSELF.match(scope.topic):
        return None
    newest = match["news"] is not None or match["latest"] is not None
    if newest and scope.topic and _has_no_time(scope):
        # What is newest is an answer, whenever it was.
        return None
    if (asks or newest) and (
        len(scope.topic.split()) > LONGEST_NEWS_TOPIC or _is_sentence(scope.topic)
    ):
        return None
    if match["verb"] is not None and _has_no_time(scope) and not _is_reported(scope.topic):
        # "Summarise the vote": the gist of one matter is an answer and no report of a week.
        return None
    named = scope.topic or scope.since or match["topic"].strip() or match["news"] is not None
    if not named and text.casefold().startswith(("summary", "summari", "brief")):
        return Unclear(gettext("Of what?"), "summary of Libya this week")
    return AskSummary(scope.topic, scope.since, scope.until)


def _has_no_time(scope: Scope) -> bool:
    return scope.since is None and scope.until is None


def _is_reported(topic: str) -> bool:
    """Whether a topic is one of a report even without a time: a place, a story, everything."""
    plain = not topic or topic.casefold().startswith("story ")
    return plain or bool(listed_places(topic)) or country_code(topic) is not None


def _whats_new(text: str, asked_at: datetime, zone: Zone) -> Request | None:
    match = _WHATS_NEW.fullmatch(text)
    if match is None:
        return None
    happened = "happened" in text.casefold()
    if match["topic"] is None:
        rest = (match["rest"] or "").strip(" ,.")
        scope = scoped(rest, asked_at, zone)
        if scope.topic or (happened and scope.since is None):
            return None
        return AskSummary("", scope.since, scope.until)
    scope = scoped(match["topic"], asked_at, zone)
    words = scope.topic.split()
    if _ASKS_ITSELF.match(scope.topic) or _has_no_time(scope):
        return None
    if not words or len(words) > LONGEST_NEWS_TOPIC - 2 or _is_sentence(scope.topic):
        return None
    # "What happened in Libya in 1969?" wants an answer, "… this week" a summary.
    if happened and (
        scope.since is None or not country_code(scope.topic) or not _moves(text, asked_at)
    ):
        return None
    return AskSummary(scope.topic, scope.since, scope.until)


def _moves(text: str, asked_at: datetime) -> bool:
    window = find_window(text, asked_at)
    return window is not None and window.relative


def _heading(text: str, asked_at: datetime, zone: Zone) -> Request | None:
    """ "Libya this week", "This week in Libya", "Libya": a topic and a time, no sentence."""
    plain = text.rstrip("?! ").strip()
    if _BARE_TIMES.fullmatch(plain) and not text.endswith("?"):
        scope = scoped(plain, asked_at, zone)
        return AskSummary("", scope.since, scope.until) if scope.since else None
    if country_code(plain):
        return AskSummary(plain)
    scope = scoped(plain, asked_at, zone)
    words = scope.topic.split()
    if scope.since is None and scope.until is None:
        return None
    if listed_places(scope.topic):
        return AskSummary(scope.topic, scope.since, scope.until)
    if not words or len(words) > LONGEST_HEADING or _is_sentence(scope.topic):
        return None
    # "Johnny Carson on the tonight show": a time in the middle is part of a name.
    if scope.topic not in " ".join(plain.split()):
        return None
    if len(words) > 2 and text.endswith("?"):
        return None
    # Of a request in another language only names are known to be a topic.
    if not words[0][0].isupper() and foreign_language(plain):
        return None
    return AskSummary(scope.topic, scope.since, scope.until)


def _is_sentence(topic: str) -> bool:
    words = topic.casefold().replace("’", "'").split()
    return any(word.strip(",.;:'\"") in _SENTENCE_WORDS or "n't" in word for word in words)


def _timeline(text: str, asked_at: datetime, zone: Zone, asks: bool) -> Request | None:
    match = _TIMELINE.fullmatch(text)
    if match is None:
        return None
    if before := match["before"]:
        if asks or _is_sentence(before) or len(before.split()) > LONGEST_HEADING:
            return None
        scope = scoped(f"{before} {match['rest']}", asked_at, zone)
    else:
        scope = scoped(match["topic"], asked_at, zone)
    if asks and _is_sentence(scope.topic):
        return None
    if not scope.topic:
        return Unclear(gettext("A timeline of what?"), "timeline of Brexit since January")
    return AskTimeline(scope.topic, scope.since, scope.until)


def _quotes(text: str, asked_at: datetime, zone: Zone, asks: bool) -> Request | None:
    if re.fullmatch(r"(?:show\s+(?:me\s+)?)?(?:quot(?:e|ation)s?)", text, re.I):
        return Unclear(gettext("Whose?"), "quotes by Guterres on Libya since March")
    match = _QUOTES.fullmatch(text)
    if match is None:
        return None
    topic = next((match[f"topic{n}"] for n in range(1, 6) if match[f"topic{n}"]), "")
    speaker = match["speaker"] or match["quoted"] or ""
    if match["before"]:
        plural = not re.search(r"\bposition\b|\bquote\b", text, re.I) or _SAID_BY_BEFORE.search(
            match["before"]
        )
        speaker = _SAID_BY_BEFORE.sub("", match["before"].strip())
        if asks or not plural or _is_sentence(f"{speaker} {topic}") or not speaker[:1].isupper():
            return None
        if not match["topic3"] and match["rest"].strip() and find_window(text, asked_at) is None:
            return None
        topic = topic or match["rest"]
    if match["plain"]:
        words = match["plain"].split()
        speaker, topic = words[0], " ".join(words[1:])
    said = scoped(speaker, asked_at, zone)
    scope = scoped(topic, asked_at, zone)
    if asks and (_is_sentence(scope.topic) or _is_sentence(said.topic)):
        return None
    speaker = subject(said.topic)
    if speaker.casefold() in ("anyone", "anybody", "everyone", "everybody", "all"):
        speaker = ""
    if match["who"]:
        # A summary says of each story who said what.
        return AskSummary(scope.topic, scope.since, scope.until)
    if not speaker:
        return Unclear(
            gettext("Whose?"), f"quotes by Guterres on {scope.topic or 'Libya'} since March"
        )
    return AskQuotes(speaker, scope.topic, scope.since or said.since, scope.until or said.until)


def scoped(text: str, asked_at: datetime, zone: Zone) -> Scope:
    """The topic of a text and the time that it names, which is no part of the topic.

    The zone is asked for only where there is such a time.
    """
    text = text.strip()
    since: datetime | None = None
    until: datetime | None = None
    if age := _AGE.search(text):
        try:
            since = parse_moment(age["age"], asked_at, zone())
            text = re.sub(
                r"(?:\b(?:last|past|the)\s*)+\Z", "", text[: age.start()].strip(), flags=re.I
            )
        except ValueError:
            since = None
    else:
        text, week = _THIS_WEEK.subn(" ", text)
        if week:
            first = asked_at.astimezone(zone()).date() - timedelta(days=6)
            since = datetime.combine(first, time.min, zone()).astimezone(UTC)
        elif find_window(text, asked_at) and (window := find_window(text, asked_at, zone())):
            since, until = window.since, window.until
            text = f"{text[: window.start]} {text[window.end :]}"
    text = " ".join(text.split())
    while (shorter := _EDGE.sub("", text)) != text:
        text = shorter
    topic = subject(text)
    return Scope("" if topic.casefold() in _EVERYTHING else topic, since, until)
