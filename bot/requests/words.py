"""The words around a request: courtesies, slips of the finger, lists of subjects. Pure.

"Hi, could you pls folow Gharyan, thanks!"  ->  "follow Gharyan"
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpus.places.finding import place_name

LONGEST_REQUEST = 40
"""Words; a longer text is a question with its story, whatever it begins with."""

_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|ok|okay|so)\b"
    r"(?:[\s,]+(?:there|chancery|bot|team|all))?[\s,!.:–—-]+",
    re.I,
)
_BEFORE = re.compile(
    r"(?:@?chancery[\s,:]+|(?:please|pls|plz|kindly)[\s,]+|let['’]?s\s+"
    r"|(?:can|could|would|will)\s+(?:you|u|we|i)\s+(?:(?:please|pls|kindly|just|also|maybe)\s+)?"
    r"|would\s+you\s+mind\s+"
    r"|i(?:['’]d|\s+would)\s+like\s+(?:you\s+)?to\s+|i\s+(?:want|need)\s+(?:you\s+)?to\s+"
    r"|i\s+wish\s+to\s+|just\s+|also\s+|now\s+(?=\w+\s))",
    re.I,
)
_AFTER = re.compile(
    r"[\s,;]*\b(?:please|pls|plz|thanks(?:\s+a\s+lot)?|thank\s+you|thx|cheers)[\s.!]*\Z", re.I
)
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
_ENDING = re.compile(r"[\s.!;,]+\Z")
_QUOTATION_MARKS = "“”\"„«»‘’'"
_AND = re.compile(r"\s*(?:[,;/]\s*(?:and|or)\s+|[,;]|\s/\s|\s&\s|\s\+\s|\band\b|\bor\b)\s*", re.I)
_QUOTED = re.compile(r"[“\"„«]([^”\"“»]{1,200})[”\"“»]")
# Words that one letter parts from a command and that begin sentences of their own.
_NO_SLIPS = frozenset(
    "fellow hollow quite quota quoted quotas paused pauses resumed resumen sourced".split()
)


def bare(text: str) -> tuple[str, bool]:
    """A text without its courtesies, and whether it was put as a request ("can you …")."""
    text = undressed(text)
    asked_politely = False
    while True:
        shorter = _GREETING.sub("", text, count=1) if _GREETING.match(text) else text
        if match := _BEFORE.match(shorter):
            shorter = shorter[match.end() :]
            asked_politely = True
        if shorter == text or not shorter.strip():
            break
        text = shorter
    shorter = _AFTER.sub("", text)
    text = shorter if shorter.strip() else text
    return _ENDING.sub("", text), asked_politely


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

    parts = _AND.split(_QUOTED.sub(keep, text.replace("\x00", "")))
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


def quoted_item(item: str) -> str:
    """An item as it can be written in a list: in quotation marks where it would be taken apart."""
    return f"“{item}”" if _AND.search(item) or not item[:1].isalnum() else item
