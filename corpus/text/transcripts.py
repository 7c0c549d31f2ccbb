"""Who speaks in each paragraph of a transcript, in which role, and what is asked from the floor.

    paragraphs ─ what could be a label ─▶ forms, contents, recurrence ─▶ labels of this text
               ─ a paragraph without one goes on with the speaker before ─▶ Turn, …
               ─ share of question marks, who answers ─▶ from the floor

What a label is, is seen from the whole text. Four forms can be one: words before a colon ("MR
PRICE:", "The Spokesperson:", "Mr. Nebenzia (Russian Federation) (spoke in Russian):"); a letter by
itself ("Q And could I …"); a line that only names somebody ("Tobias Ellwood (Bournemouth East)
(Con)"). They are labels where what follows is speech (its sentences end), and where they carry a
title in capitals or come again, after questions of others. A dateline ("KABUL: …"), a heading
("Vessel type: tanker") and "My question is: …" are none.

From the floor speaks whose turns are questions, before somebody who seldom asks. Accepted gaps:
of several turns in one paragraph only the first has a speaker; who chairs and asks is of the floor.

A speech without labels is its byline's ("Antony J. Blinken, Secretary of State") where it says "I".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.text import tables
from corpus.text.names import (
    HONORIFICS,
    NEVER_NAMES,
    ROLE_WORDS,
    Kind,
    Names,
    is_whole_title,
    misspells_title,
    read_run,
)
from corpus.text.places import place_code
from corpus.text.words import FUNCTION_WORDS, bare_word, numbers

LONGEST_LABEL = 8
"""Words."""
RECURS = 2
"""Times that a label without a title in capitals must stand in a text."""
ASKS = 0.5
"""Share of the turns that hold a question, from which on a label is the floor's."""
ANSWERS = 0.4
"""Share of the turns of a speaker without a title that follow a question of another."""
SAYS_I = 0.3
"""Share of the longer paragraphs of a speech that say "I"."""
_LONG = 60
_BYLINE_WITHIN = 3

_ASIDE = r"(?P<aside>(?:\s*[(\[][^()\[\]\n]{1,60}[)\]]){0,3})"
_NAME = r"(?P<name>[^\W\d_](?:[^:：()\[\]?!“”\"\n]{0,58}[^\s:：()\[\]?!“”\"])?)"
_COLON = re.compile(rf"[\W_]{{0,4}}{_NAME}{_ASIDE}\s*[:：]\**(?=\s|$|[“\"]|[^\W\d_/])")
_LETTER = re.compile(r"\s*(?P<name>[B-HJ-Z])(?P<aside>)\s+(?=[“\"‘(\[—–-]?\s?[A-ZÀ-Þ]|\()")
_LINE = re.compile(rf"\s*{_NAME}{_ASIDE}\s*\Z")
_SPEECH_END = re.compile(r"(?:[.?!…。？！؟۔—–-]|\.\.\.)[)\]”\"’'»\s]*\Z")
_QUESTION = re.compile(r"[?؟？]")
_REMARK = re.compile(r"\s*[(\[][^()\[\]]*[)\]][\s.]*")
_LEADING_REMARK = re.compile(r"\s*[(\[][^()\[\]]{1,60}[)\]]\s*")
_END = "# #"
_I = re.compile(r"\b(?:I|[Mm]y)\b(?!\.)")
_BYLINE = re.compile(
    r"(?:[Bb]y )?(?P<name>[A-ZÀ-Þ][\w.’'-]+(?: [A-ZÀ-Þ][\w.’'-]+){1,4}), (?P<role>[^,.]{4,80})\Z"
)
_PARTICLES = frozenset("of the and for to de la van von bin ibn".split())
_UNNAMED = tables.words("corpus.text", "names", "unnamed")
_FLOOR = tables.words("corpus.text", "names", "from the floor")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one paragraph adds to a speaker's turn: `text[start:end]` are the words themselves.

    `speaker` is the fullest form of the name in the text, or the label as it stands where that
    names nobody ("Senior State Department Official"); None for a remark of the page, and for who
    asks without a name. `named`: a person is named, so that the words can be quoted as theirs.
    `asked`: from the floor.
    """

    paragraph: int
    start: int
    end: int
    speaker: str | None
    role: str | None
    named: bool = False
    asked: bool = False
    others: bool = False
    """Whether others speak in the paragraph after `end`, in a text whose lines ran together."""


@dataclass(frozen=True, slots=True)
class _Label:
    """What could be a label: its words, what stands in brackets after them, where it ends."""

    name: str
    aside: str
    end: int
    form: str

    @property
    def key(self) -> str:
        return re.sub(r"[^\w\s-]", "", self.name).casefold()

    @property
    def words(self) -> list[str]:
        return [bare_word(word) for word in self.name.split()]

    @property
    def in_capitals(self) -> bool:
        return self.name.isupper() and len(self.name) > 1

    @property
    def has_title(self) -> bool:
        return bool(ROLE_WORDS & set(self.words))

    @property
    def is_unnamed(self) -> bool:
        """Whether it is "MODERATOR" or "SENIOR OFFICIAL TWO"; "One" alone counts something."""
        found = self.words
        counts = len(found) == 1 and bool(numbers(self.name))
        return bool((_UNNAMED | _FLOOR) & {found[0], found[-1]}) and not counts


def turns(
    paragraphs: Sequence[str], title: str = "", names: Names | None = None
) -> dict[int, Turn]:
    """The turns of a transcript by paragraph (0-based); empty where the text is none.

    `names` are those of the text, where somebody has read them already.
    """
    labels = _labels(paragraphs)
    if not labels:
        return {}
    names = names or Names(paragraphs, title)
    floor = _floor(paragraphs, labels)
    another = _within(labels.values())
    known: dict[str, tuple[str | None, str | None, bool]] = {}
    found: dict[int, Turn] = {}
    current: _Label | None = None
    for index, text in enumerate(paragraphs):
        label = labels.get(index)
        current = label or current
        if current is None:
            continue
        if label is None and _END in text:
            current = None
            continue
        if current.key not in known or (label and label.aside):
            known[current.key] = _speaker(current, names, title)
        speaker, role, named = known[current.key]
        start, end = _words(text, label.end if label else 0)
        asked = current.key in floor
        is_remark = start >= end or _REMARK.fullmatch(text, start) or _END in text
        # "END 3:04 P.M. EDT"; a script without cases has no such words.
        if is_remark or (text[start:end].isupper() and end - start < _LONG):
            speaker, role, named = None, None, False
        elif asked and not named:
            speaker, role = None, None
        if other := another.search(text, start):
            end = len(text[: other.start()].rstrip())
        found[index] = Turn(
            index, start, end, speaker, role, named, asked, others=other is not None
        )
    return found


def speech(paragraphs: Sequence[str]) -> dict[int, Turn]:
    """The turns of a speech without labels, from its byline on; empty where there is none."""
    long = [text for text in paragraphs if len(text) >= _LONG]
    if not long or sum(bool(_I.search(text)) for text in long) < SAYS_I * len(long):
        return {}
    for index, text in enumerate(paragraphs[:_BYLINE_WITHIN]):
        match = _BYLINE.match(text.strip())
        named = read_run(match["name"]) if match else None
        if match and named and named.kind is Kind.PERSON:
            if not ROLE_WORDS & {bare_word(word) for word in match["role"].split()}:
                return {}
            return {
                later: Turn(later, *_words(said, 0), named.name, match["role"], named=True)
                for later, said in enumerate(paragraphs[index + 1 :], index + 1)
                if len(said) >= _LONG and not _REMARK.fullmatch(said)
            }
    return {}


def _within(labels: Iterable[_Label]) -> re.Pattern[str]:
    """Finds the labels of a text behind the end of a sentence."""
    names = {f"{re.escape(one.name)}\\s*:" for one in labels if one.form == "colon"}
    names |= {f"{one.name}\\s+(?=[A-ZÀ-Þ(“])" for one in labels if one.form == "letter"}
    return re.compile(rf"(?<=[.?!…—–)”\"-]\s)(?:{'|'.join(sorted(names)) or '(?!)'})")


def _words(text: str, start: int) -> tuple[int, int]:
    """Where the words of a turn begin and end, "(Via interpreter)" before them left out."""
    end = len(text.rstrip())
    remark = _LEADING_REMARK.match(text, start)
    if remark and remark.end() < end:
        start = remark.end()
    return start + len(text[start:]) - len(text[start:].lstrip()), end


@dataclass(slots=True)
class _Reading:
    """The candidates of a text: labels by paragraph, and how each of them stands there."""

    paragraphs: Sequence[str]
    labels: dict[int, _Label]
    count: Counter[str] = field(default_factory=Counter)
    speaking: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for index, label in self.labels.items():
            self.count[label.key] += 1
            said = self.paragraphs[index][label.end :].strip() or self._next(index)
            self.speaking[label.key] += bool(_SPEECH_END.search(said))
        for at, following in pairwise(sorted(self.labels)):
            asks = any(map(_QUESTION.search, self.paragraphs[max(at, following - 2) : following]))
            other = self.labels[at].key != self.labels[following].key
            self.answers[self.labels[following].key] += asks and other

    def _next(self, index: int) -> str:
        following = index + 1
        if following in self.labels or following >= len(self.paragraphs):
            return ""
        return self.paragraphs[following]

    def speaks(self, label: _Label) -> bool:
        return self.speaking[label.key] * 2 >= self.count[label.key]

    def is_strong(self, label: _Label) -> bool:
        """Whether a label needs no other beside it to be taken for one."""
        if not self.speaks(label) or place_code(label.name):
            return False
        if label.form == "colon" and label.in_capitals:
            titled = label.has_title and len(label.words) > 1
            if titled or bool(_FLOOR & set(label.words)):
                return True
        if label.form == "colon" and label.aside and label.has_title:
            return True
        if self.count[label.key] < RECURS:
            return False
        if label.form == "line":
            return bool(label.aside) or label.has_title
        if label.has_title or label.is_unnamed or label.form == "letter":
            return True
        if NEVER_NAMES & set(label.words) or numbers(label.name):
            return False
        answers = self.answers[label.key]
        return answers >= RECURS and answers >= ANSWERS * self.count[label.key]


def _labels(paragraphs: Sequence[str]) -> dict[int, _Label]:
    """The labels of a text by paragraph; empty where it is no transcript."""
    for forms in (("colon", "letter"), ("line",)):
        found = {
            index: label
            for index, text in enumerate(paragraphs)
            for label in _candidates(text)
            if label.form in forms
        }
        if labels := _of_transcript(_Reading(paragraphs, found)):
            return labels
    return {}


def _candidates(text: str) -> Iterator[_Label]:
    if match := _COLON.match(text):
        if _is_name_like(match["name"]):
            yield _Label(match["name"], match["aside"], match.end(), "colon")
    elif match := _LETTER.match(text):
        yield _Label(match["name"], "", match.end(), "letter")
    elif (match := _LINE.match(text)) and _is_name_like(match["name"]):
        yield _Label(match["name"], match["aside"], len(text), "line")


def _is_name_like(name: str) -> bool:
    """Whether all words but particles begin with a capital, or the script has none."""
    tokens = name.split()
    if len(tokens) > LONGEST_LABEL or "," in name:
        return False
    if name.lower() == name.upper():
        return len(name) <= 20
    capital = (token[:1].isupper() or token[:1].isdigit() for token in tokens)
    return tokens[0][:1].isupper() and all(
        upper or token.casefold() in _PARTICLES or token[:3] in ("al-", "el-")
        for upper, token in zip(capital, tokens, strict=True)
    )


def _of_transcript(reading: _Reading) -> dict[int, _Label]:
    strong = {label.key: label for label in reading.labels.values() if reading.is_strong(label)}
    sure = any(one.in_capitals and one.has_title for one in strong.values())
    answered = any(reading.answers[key] for key in strong)
    members = sum(bool(one.aside) for one in reading.labels.values() if one.form == "line") > 1
    if not (sure or len(strong) > 1 or answered or (strong and members)):
        return {}
    return {
        index: label
        for index, label in reading.labels.items()
        if label.key in strong or _belongs(reading, index, label, strong)
    }


def _belongs(reading: _Reading, index: int, label: _Label, strong: dict[str, _Label]) -> bool:
    """Whether what could be a label is one in a text that has others."""
    if label.form == "line":
        others = (set(one.words) for one in strong.values())
        return bool(label.aside) or any(set(label.words) < other for other in others)
    if label.form == "letter":
        return label.words[0] in _FLOOR
    if place_code(label.name) or not reading.speaks(label):
        return False
    capitals = any(one.in_capitals for one in strong.values())
    if label.has_title and (len(label.words) > 1 or label.in_capitals is capitals):
        return True
    if label.is_unnamed or (label.in_capitals and capitals):
        return True
    following = next((at for at in sorted(reading.labels) if at > index), None)
    answered = following is not None and reading.labels[following].key in strong
    return answered and any(map(_QUESTION.search, reading.paragraphs[index:following]))


def _floor(paragraphs: Sequence[str], labels: dict[int, _Label]) -> set[str]:
    """The keys of the labels under which questions are asked that others answer."""
    order = sorted(labels)
    texts: dict[str, list[str]] = {}
    after: dict[str, Counter[str]] = {}
    for at, following in zip(order, [*order[1:], len(paragraphs)], strict=True):
        key = labels[at].key
        said = "\n".join([paragraphs[at][labels[at].end :], *paragraphs[at + 1 : following]])
        texts.setdefault(key, []).append(said)
        if following in labels:
            after.setdefault(key, Counter())[labels[following].key] += 1
    asking = {
        key: sum(bool(_QUESTION.search(text)) for text in said) / len(said)
        for key, said in texts.items()
    }
    found = set()
    for label in labels.values():
        key = label.key
        if _FLOOR & {label.words[0], label.words[-1]}:
            found.add(key)
            continue
        answers = [one for one in after.get(key, ()) if asking[one] * 2 <= asking[key]]
        office = label.has_title and not set(label.words) & ROLE_WORDS <= HONORIFICS
        if answers and not office and label.form != "line" and asking[key] >= ASKS:
            found.add(key)
    return found


def _speaker(label: _Label, names: Names, title: str) -> tuple[str | None, str | None, bool]:
    """Who is meant by a label, in which role, and whether that is a person's name."""
    if label.is_unnamed:
        return _shown(label.name), None, False
    brackets = [one.strip() for one in re.findall(r"[(\[]([^()\[\]]+)[)\]]", label.aside)]
    tokens = label.name.replace("/", " ").split()
    cut = 0
    for index, token in enumerate(tokens):
        if bare_word(token) in ROLE_WORDS or (index < len(tokens) - 1 and token == "OF"):
            cut = index + 1
    role, name = tokens[:cut], tokens[cut:]
    # "PRIME MININSTER NETANYAHU": half a title, and a name that begins with the other half.
    half = bool(role) and bool(name) and not is_whole_title(" ".join(role))
    if half and len(name) > 1 and misspells_title(name[0]):
        role, name = [], name[1:]
    elif half:
        role = []
    if not name or all(bare_word(token) in FUNCTION_WORDS for token in name):
        return _office(label, brackets, names, title)
    is_said = any(bare_word(token) not in HONORIFICS for token in role)
    shown = _shown(" ".join(role)) if is_said else ""
    if not shown and brackets and label.form == "colon" and not brackets[0].islower():
        shown = "" if brackets[0].casefold().startswith("spoke ") else brackets[0]
    written = _shown(" ".join(name))
    whole = len(name) > 1 or label.name.lower() == label.name.upper() or label.form == "line"
    named = bool(cut) or whole or names.is_person(written)
    return (names.fullest(written) if named else written), shown or None, named


def _office(
    label: _Label, brackets: Sequence[str], names: Names, title: str
) -> tuple[str | None, str | None, bool]:
    """An office without a name: the one in brackets, the one whom the title calls so, or itself."""
    shown = _shown(label.name)
    role = re.sub(r"(?i)^the\s+", "", shown)
    for one in brackets:
        if len(one.split()) > 1 and _is_name_like(one) and place_code(one) is None:
            return names.fullest(one), role, True
    bearer = names.bearer(role, title)
    return (bearer, role, True) if bearer else (shown, role, False)


def _shown(words: str) -> str:
    return " ".join(_title_case(token) if token.isupper() else token for token in words.split())


def _title_case(token: str) -> str:
    if token in ("OF", "THE", "AND", "FOR", "TO"):
        return token.capitalize() if token == "THE" else token.lower()
    plain = re.sub(r"[^\W\d_]+", lambda match: match.group().capitalize(), token)
    return re.sub(r"\bMc([a-z])", lambda match: f"Mc{match.group(1).upper()}", plain)
