"""Reading what a person wants to be told of as soon as it comes. Pure.

"follow Haftar in Libya, also called Hifter, from official sources"
    -> words Haftar, places LY, aliases Hifter, kinds official
"""

from __future__ import annotations

import re

from bot.requests.nouns import Follow, Request, Unclear, Unfollow
from bot.requests.subjects import country_code
from bot.requests.words import listed, mended, several_requests, subject
from corpus.articles import SourceKind
from retrieval.watching.criteria import Criteria

EXAMPLE = "follow Gharyan, or follow Haftar in Libya"
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
            return Unclear("Unfollow what?", "unfollow Gharyan, or unfollow all")
        return Unfollow("" if what.casefold() in _ALL else what)
    match = _FOLLOW.fullmatch(plain)
    if match is None or (fixed.endswith("?") and not polite and len(plain.split()) > 6):
        return None
    what = match["what"].strip(" ,.:;")
    if not what or what.casefold() in ("me", "us", "it", "this", "that", "when", "if", "for"):
        return Unclear("Follow what?", EXAMPLE)
    if what.casefold() in _ALL:
        return Unclear("A watch looks for something: a name, a place, a subject.", EXAMPLE)
    if len(what) > LONGEST_WATCH:
        return Unclear(f"A watch takes at most {LONGEST_WATCH} characters.", EXAMPLE)
    if several_requests(listed(what)[1:]):
        return Unclear("That is more than one request; write each of them alone.", EXAMPLE)
    criteria = read_criteria(what)
    if not (criteria.words or criteria.actors or criteria.places):
        return Unclear("Follow what?", EXAMPLE)
    return Follow(_name(what), criteria)


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


def _name(what: str) -> str:
    """What the watch is called: its words without the aliases."""
    for pattern in (_ALIASES, _IN_BRACKETS):
        what = pattern.sub("", what)
    return " ".join(subject(_IS_MENTIONED.sub("", _NOISE.sub("", what))).split())
