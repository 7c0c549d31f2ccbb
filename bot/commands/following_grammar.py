"""Reading what a person wants to be told: digests, and what is followed. Pure.

    "weekly digest on Libya and Sudan at 8 Paris time"
    lead up to the word -> rest: days, time, zone, length, sources, subjects -> DigestAt

    "follow Haftar in Libya, also called Hifter, from official sources"
    -> words Haftar, places LY, aliases Hifter, kinds official

Digests are regular ones, changed ones, none any more, or one at once. Whatever remains that is none
of these is asked about, never left out.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.commands.intents import (
    Concern,
    DigestAt,
    DigestChange,
    DigestNow,
    DigestOff,
    Follow,
    ListMine,
    Pause,
    Request,
    Resume,
    Unclear,
    Unfollow,
    another_time,
    country_code,
    listed,
    mended,
    several_requests,
    subject,
    taken_days,
    taken_time,
    taken_zone,
)
from bot.records import SubscriptionDraft
from bot.render.catalogues import gettext
from corpus.articles import SourceKind
from corpus.text import tables
from corpus.text.calendar import MONTH_WORD as _MONTH
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria

DIGEST_EXAMPLE = "daily digest at 07:30 on Libya and Sudan"
_WORDS = tables.words("bot.commands", "grammar", "digest words")
# Only these stand before the word in a wish for a digest; anything else belongs to a question.
_LEAD_WORDS = tables.words("bot.commands", "grammar", "before a digest")
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
_FILLER = tables.words("bot.commands", "grammar", "filler")
_OFTEN = re.compile(
    r"\b(?:hourly|every\s+hour|monthly|every\s+month|twice\s+(?:a|per)\s+day|yearly|"
    r"fortnightly|every\s+(?:two|other|second)\s+\w+)\b",
    re.I,
)
# What is no subject but a day of its own: a digest comes on days of the week, or now.
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
_NO_SUBJECTS = tables.words("bot.commands", "grammar", "no subjects")
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
        never = gettext("I send digests on days of the week, once a day, not “{often}”.")
        return Unclear(never.format(often=often[0]), "digest every Monday and Thursday at 8")
    changes = bool(_CHANGE.search(lead) or _INSTEAD.search(rest))
    rest = _INSTEAD.sub("", rest)
    if changes:
        rest = _TO.sub(" at ", rest) if re.match(r"\s*to\s+\w", rest) else rest
    now = bool(_NOW.search(lead) or _NOW.search(rest))
    rest = _NOW.sub("", rest)
    regular = bool(_REGULARLY.search(lead) or _REGULARLY.match(rest))
    if re.fullmatch(r"\s*on\s*", rest, re.I):
        rest = ""
    draft = _read_draft(lead, rest)
    if isinstance(draft, Unclear):
        return draft
    if changes:
        if draft == SubscriptionDraft():
            return Unclear(gettext("What should the digest be like?"), "digest at 08:00 instead")
        return DigestChange(draft)
    timed = draft.at is not None or draft.days or draft.zone
    if not timed and not regular:
        return DigestNow(draft)
    if now and not draft.at:
        return DigestNow(replace(draft, days=(), zone=None))
    return DigestAt(draft)


def _read_draft(lead: str, rest: str) -> SubscriptionDraft | Unclear:
    """Everything that is said of a digest; what cannot be made out is asked about."""
    days, part, rest = taken_days(f"{lead} | {rest}")
    before, _, rest = rest.partition("|")
    if of_a_date := _OF_A_DATE.match(rest):
        return _not_on(of_a_date["date"])
    rest = _readable_time(rest)
    at, written, rest, where = taken_time(rest)
    if written and at is None:
        return Unclear(gettext("“{time}” is no time of day.", time=written), DIGEST_EXAMPLE)
    if another := another_time(rest):
        once = gettext("A digest comes once a day; for “{time}” too there is a second one.")
        return Unclear(once.format(time=another), DIGEST_EXAMPLE)
    zone, unknown, rest = taken_zone(rest, where)
    if unknown:
        return Unclear(
            gettext("I do not know the time zone “{zone}”.", zone=unknown),
            "digest at 07:30 Paris time",
        )
    length, rest = _length(rest, before)
    if length == 0:
        return Unclear(
            gettext("A digest tells 1 to {count} stories.", count=MOST_LENGTH),
            "digest at 8, 5 stories",
        )
    rest = rest.strip(" ,.;")
    if re.fullmatch(r"(?:at|@|to|in|by|every|on)", rest, re.I):
        what = {"on": gettext("On what?"), "every": gettext("On which days?")}.get(
            rest.casefold(), gettext("At what time?")
        )
        return Unclear(what, DIGEST_EXAMPLE)
    sources, rest = _sources(rest)
    topics, places, named = _interests(rest)
    if "at" in rest.casefold().split():
        return Unclear(gettext("I did not understand “{words}”.", words=rest), DIGEST_EXAMPLE)
    if several_requests(topics):
        return Unclear(
            gettext("That is more than one request; write each of them alone."), DIGEST_EXAMPLE
        )
    if dated := next((name for name in topics if _A_TIME.fullmatch(name)), None):
        return _not_on(dated)
    about = Interests(topics, places, sources) if named or sources else None
    return SubscriptionDraft(at or part, days, zone, about, length)


def _not_on(day: str) -> Unclear:
    said = gettext("A digest comes on days of the week, or now for the last 24 hours, not “{day}”.")
    example = "digest every Monday at 8, or summary of Libya since Monday"
    return Unclear(said.format(day=day), example)


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


WATCH_EXAMPLE = "follow Gharyan, or follow Haftar in Libya"
_COMMANDS = "follow unfollow watch unwatch monitor track alert alerts notify".split()

# Texts come with single spaces. "When something comes on …", in the parts it is made of:
_WHEN = r"(?:when(?:ever)?|if|as soon as|once)"
_NEWS = (
    r"(?:something|anything|any news|news"
    r"|there (?:is|are) (?:something|anything|news|any news|reports?)"
    r"|there['’]s (?:something|anything|news|any news)"
    r"|(?:an? |any )?(?:new )?(?:reports?|articles?|stor(?:y|ies)|statements?))"
)
_COMES = (
    r"(?: (?:new|else))?(?: (?:is|are|has|have|gets?|was|were))?"
    r"(?: (?:comes?|come|appears?|happens?|published|said|reported|breaks?|arrives?|written|turns?"
    r"|been (?:said|published|reported)))?(?: (?:in|up|out))?"
)
_ON = r"(?:on|about|of|from|mentions?|concerning|regarding|in)"
_WHEN_NEWS = rf"{_WHEN} {_NEWS}{_COMES} {_ON} "
_ME = r"(?:me|us)"
_FOLLOW = re.compile(
    r"(?:(?:start|begin) (?:following|watching|tracking|monitoring) "
    r"|i (?:want|need|would like) to (?:follow|watch|track|monitor) "
    r"|(?:follow|track(?! record)|monitor)\b ?(?:the (?:topic|subject|story) (?:of )?)?"
    r"|watch\b ?(?:out for |for |over )?"
    r"|(?:set up|create|add|make|new) (?:an? |the )?(?:new )?(?:watch|alert)\b"
    r" ?(?:for|on|about|of|:)? ?"
    r"|keep (?:an eye|a watch|watch) on |look out for "
    rf"|(?:alert|notify|warn|ping) {_ME}\b ?(?:\Z|{_WHEN_NEWS}|{_WHEN} "
    rf"|(?:about|on|of|for|to) (?:{_NEWS} (?:on|about|of) )?)"
    r"|alerts? (?:on|about|for) "
    rf"|(?:tell|let|inform|message|text|write) {_ME} (?:know )?{_WHEN_NEWS}"
    rf"|(?:tell|let|inform|message|text|write) {_ME} (?:know )?{_WHEN} "
    r"(?=\S+(?: \S+){0,3} (?:says|speaks) (?:(?:something|anything)\b|(?:on|about)\b)"
    r"|\S+(?: \S+){0,3} (?:is|are|gets) (?:mentioned|named|quoted|in the news)\Z))"
    r"(?P<what>.*)",
    re.I,
)
_OF = r"(?:about|on|of)"
_UNFOLLOW = re.compile(
    r"(?:unfollow|unwatch|un-follow|untrack"
    rf"|stop (?:following|watching|tracking|monitoring|alerting {_ME}(?: {_OF})?)"
    r"|(?:stop|end|cancel|delete|remove|drop) (?:my |the |our |all )*(?:watch(?:es)?|alerts?)\b"
    r" ?(?:for|on|about|of|from)?"
    rf"|(?:do not|don['’]?t) (?:follow|watch|track|(?:alert|notify) {_ME}(?: {_OF})?)"
    r"|no more (?:alerts|watches)\b ?(?:for|on|about|of)?)"
    r" ?:? ?(?P<what>.*?)(?: any ?more)?",
    re.I,
)
# "Forget Gharyan": a name, while a sentence is about something that was forgotten.
_FORGET = re.compile(r"forget (?:about )?(?:the )?(?P<what>[^\s,;]+(?: [^\s,;]+){0,2})", re.I)
_ALIASES = re.compile(
    r"[ ,;(]*\b(?:also (?:called|known as|spelled|spelt|written(?: as)?|named)"
    r"|(?:also )?(?:known as|spelled|spelt)|a\.?k\.?a\.?|alias(?:es)?|called also|i\.e\.)[ :]+"
    r"(?P<names>[^;()]+?)\)?(?=,? (?:only )?(?:from|in) | ?\Z)",
    re.I,
)
_IN_BRACKETS = re.compile(r" ?\((?:also:? |or )?(?P<names>[^()]{2,80})\)")
_KINDS_OF_SOURCE = {
    SourceKind.OFFICIAL: r"official|government(?:al)?",
    SourceKind.WIRE: r"wires?|(?:news )?agenc(?:y|ies)",
    SourceKind.STATE_MEDIA: r"state|state[- ](?:media|run|owned)",
    SourceKind.INDEPENDENT: r"independent",
    SourceKind.OPINION: r"opinion",
}
_MEDIA = re.compile(r" (?:news )?(?:sources?|media|outlets?|channels?|statements?|sites?)\Z", re.I)
_ORIGIN = re.compile(r"[ ,;]*\b(?:only )?(?:from|by) (?P<names>[^;]+?)(?: only)?\Z", re.I)
_PLACES = re.compile(r" (?:in|inside|within) (?P<names>[^;]+)\Z", re.I)
_NOISE = re.compile(
    r"\A(?:(?:the )?(?:all )?(?:news|everything|anything|something|articles|stories|reports"
    r"|developments|what happens|updates?|mentions) (?:on|about|of|from|in|with|mentioning) "
    r"|what (?:is )?happen(?:s|ing) (?:in|with) |topic )",
    re.I,
)
_SAYS = re.compile(
    r"\A(?:(?:what )?(?P<one>.+?) (?:says|said|is saying|speaks|tells)(?: (?:something|anything))?"
    r"|(?:statements?|remarks|quotes|speeches|words) (?:by|from|of) (?P<two>.+?))"
    r"(?: (?:on|about|regarding) (?P<topic>.+))?\Z",
    re.I,
)
_IS_MENTIONED = re.compile(
    r" (?:is|are|gets?|was|were|has been) (?:mentioned|named|in the news|quoted|spoken of"
    r"|published|reported|posted|written)\Z"
    r"| (?:comes?|appears?|turns?) (?:up|out|in the news)\Z",
    re.I,
)
_ALL = frozenset(
    ("all", "everything", "all of them", "all of it", "them all", "all watches", "anything", "any")
)
LONGEST_WATCH = 160


def read_watch(text: str, *, polite: bool) -> Request | None:
    """The watch that a text wants or wants no more; None where it speaks of none."""
    fixed = mended(text, _COMMANDS)
    plain = fixed.rstrip("?! ").strip()
    if (match := _FORGET.fullmatch(plain)) and not fixed.endswith("?"):
        return Unfollow(subject(match["what"]))
    if match := _UNFOLLOW.fullmatch(plain):
        what = subject(match["what"])
        if not what and not re.search(r"\b(?:watches|alerts)\b", plain, re.I):
            return Unclear(gettext("Unfollow what?"), "unfollow Gharyan, or unfollow all")
        return Unfollow("" if what.casefold() in _ALL else what)
    match = _FOLLOW.fullmatch(plain)
    if match is None or (fixed.endswith("?") and not polite and len(plain.split()) > 6):
        return None
    what = match["what"].strip(" ,.:;")
    if not what or what.casefold() in ("me", "us", "it", "this", "that", "when", "if", "for"):
        return Unclear(gettext("Follow what?"), WATCH_EXAMPLE)
    if what.casefold() in _ALL:
        return Unclear(
            gettext("A watch looks for something: a name, a place, a subject."), WATCH_EXAMPLE
        )
    if len(what) > LONGEST_WATCH:
        return Unclear(
            gettext("A watch takes at most {count} characters.", count=LONGEST_WATCH), WATCH_EXAMPLE
        )
    if several_requests(listed(what)[1:]):
        return Unclear(
            gettext("That is more than one request; write each of them alone."), WATCH_EXAMPLE
        )
    criteria = read_criteria(what)
    if not (criteria.words or criteria.actors or criteria.places):
        return Unclear(gettext("Follow what?"), WATCH_EXAMPLE)
    return Follow(_watch_name(what), criteria)


def read_criteria(what: str) -> Criteria:
    """What a watch looks for, from the words after "follow"."""
    aliases: tuple[str, ...] = ()
    for pattern in (_ALIASES, _IN_BRACKETS):
        if match := pattern.search(what):
            aliases += listed(match["names"])
            what = what[: match.start()] + what[match.end() :]
    kinds, sources, what = _origin(what)
    what = _IS_MENTIONED.sub("", _NOISE.sub("", what.strip(" ,;")))
    places: tuple[str, ...] = ()
    if match := _PLACES.search(what):
        codes = tuple(country_code(name) for name in listed(match["names"]))
        if codes and all(codes):
            places = tuple(code for code in codes if code)
            what = what[: match.start()]
    actors: tuple[str, ...] = ()
    if match := _SAYS.match(what):
        actors = listed(match["one"] or match["two"])
        what = match["topic"] or ""
    words = listed(what)
    # All of them countries: then articles that speak of one. Else one of several subjects.
    if not places and words and all(country_code(word) for word in words):
        places = tuple(dict.fromkeys(code for word in words if (code := country_code(word))))
        words = ()
    return Criteria(words, aliases, actors, places, sources, kinds)


def _origin(what: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Kinds and names of sources that are named at the end, and what stands before them."""
    match = _ORIGIN.search(what)
    if match is None or not what[: match.start()].strip():
        return (), (), what
    names, kinds, sources = match["names"], [], []
    media = _MEDIA.search(names)
    for name in listed(_MEDIA.sub("", names)):
        kind = _kind_named(name)
        if kind and (media or kind is SourceKind.WIRE):
            kinds.append(kind.value)
        elif name[:1].isupper() and not country_code(name):
            sources.append(name)
        else:
            return (), (), what
    return tuple(kinds), tuple(sources), what[: match.start()]


def _kind_named(name: str) -> SourceKind | None:
    for kind, words in _KINDS_OF_SOURCE.items():
        if re.fullmatch(rf"(?:the )?(?:{words})(?: (?:sources?|media))?", name, re.I):
            return kind
    return None


def _watch_name(what: str) -> str:
    """What the watch is called: its words without the aliases."""
    for pattern in (_ALIASES, _IN_BRACKETS):
        what = pattern.sub("", what)
    return " ".join(subject(_IS_MENTIONED.sub("", _NOISE.sub("", what))).split())
