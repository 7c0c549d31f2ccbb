"""Who is named in an article: runs of capitalised words, told apart and brought together.

    text → runs → `read_run` (role, name, kind) → `Names` (the fullest form of each name)

"Israeli Prime Minister Benjamin Netanyahu" is a role and a name; a later "Netanyahu" is the same
person unless two persons of the article share the surname.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from corpus import name_words as words
from corpus.quotations.marks import MASK

_UPPER = "".join(f"\\u{code:04x}" for code in range(0xC0, 0x250) if chr(code).isupper())
_PARTICLE = "|".join(words.PARTICLES.split())
_ABBREVIATION = "Lt|Gen|Col|Maj|Capt|Sgt|Dr|Mr|Mrs|Ms|Sen|Rep|Gov|Prof|Adm|Amb|Jr|Sr|St|Rev"
TOKEN = (
    rf"(?:(?:{_ABBREVIATION})\.|(?:[A-Z]\.)+(?:[A-Z]\b)?"
    rf"|(?:(?:al|el|an|ash|as|at|ar)-|[dD][’'])?[A-Z{_UPPER}][\w]*(?:[-’'][\w]+)*’?)"
)
RUN = re.compile(rf"(?<![\w@#/.-]){TOKEN}(?:\s(?:(?:{_PARTICLE})\s){{0,2}}{TOKEN}){{0,7}}")
_ENDS_SENTENCE = frozenset('.!?…”"’)')
_CAPITAL = re.compile(f"[A-Z{_UPPER}]")
_ARTICLE_BEFORE = re.compile(r"(?<!\w)(?:(?:al|el|an|ash|as|at|ar)-|[dD][’'])$")
_CONTRACTION = re.compile(r"(?:n[’']t|[’'](?:ve|re|ll|d|m))$")
_NAME_GOES_ON = re.compile(
    r", (?:[a-z0-9]|who)| (?:said|says|told|wrote|is|was|has|who|added)\b| \("
)
_POSSESSIVE = re.compile(r"[’']s$|s[’']$")


class Kind(Enum):
    """What bears a name."""

    PERSON = "person"
    INSTITUTION = "institution"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Named:
    """One run as it stands: the words that name, and where they begin; the words before them."""

    name: str
    role: str
    kind: Kind


@lru_cache(maxsize=16_384)
def read_run(run: str) -> Named | None:
    """The name in a run of capitalised words, None where only roles and common words stand."""
    tokens = run.split()
    while tokens and _opens_only(tokens[0]):
        tokens.pop(0)
    if not tokens:
        return None
    if _is_institution(tokens):
        return Named(" ".join(tokens), "", Kind.INSTITUTION)
    cut = 0
    for index, token in enumerate(tokens):
        if _folded(token) in words.ROLE_WORDS or _POSSESSIVE.search(token):
            cut = index + 1
    cut = max(cut, _given_name_at(tokens))
    titled = cut > 0 and not _POSSESSIVE.search(tokens[cut - 1])
    while cut < len(tokens) - 1 and tokens[cut].isupper() and len(tokens[cut].strip(".")) > 1:
        cut += 1
    role, name = tokens[:cut], tokens[cut:]
    if not name or any(_folded(token) in words.NEVER_NAMES for token in name):
        return None
    shown = " ".join(role)
    if all(_folded(token) in words.HONORIFICS for token in role):
        shown = ""
    kind = Kind.PERSON if titled else _kind(name)
    return Named(" ".join(name), shown, kind)


def _runs(text: str) -> Iterator[re.Match[str]]:
    """What `RUN.finditer` gives; looking for capitals first is several times faster."""
    position = 0
    while capital := _CAPITAL.search(text, position):
        article = _ARTICLE_BEFORE.search(text, max(0, capital.start() - 4), capital.start())
        run = RUN.match(text, article.start() if article else capital.start())
        if run:
            yield run
        position = run.end() if run else capital.end()


def _given_name_at(tokens: list[str]) -> int:
    """Where a given name begins after another word: "Northern Triangle Ricardo Zuniga"."""
    for index, token in enumerate(tokens[:-1]):
        if _folded(token) in words.FEMALE_NAMES or _folded(token) in words.MALE_NAMES:
            return index if index > 1 and not any("." in one for one in tokens[:index]) else 0
    return 0


def _kind(name: list[str]) -> Kind:
    first = _folded(name[0])
    if len(name) > 1 and (first in words.FEMALE_NAMES or first in words.MALE_NAMES):
        return Kind.PERSON
    if len(name) == 1 and name[0].isupper():
        return Kind.INSTITUTION
    return Kind.EITHER


def _gender(first: str, role: str) -> bool | None:
    roles = {_folded(word) for word in role.split()}
    if roles & words.FEMALE_ROLES or _folded(first) in words.FEMALE_NAMES:
        return True
    if roles & words.MALE_ROLES or _folded(first) in words.MALE_NAMES:
        return False
    return None


def _is_institution(tokens: list[str]) -> bool:
    last = _folded(tokens[-1])
    return last in words.INSTITUTIONS and (len(tokens) > 1 or last not in words.TOO_VAGUE)


def _opens_only(token: str) -> bool:
    """Whether a capitalised word at the head of a run is no part of a name: "Thursday"."""
    folded = _folded(token)
    if folded in words.HONORIFICS:
        return False
    return folded in words.NEVER_NAMES or bool(_CONTRACTION.search(folded))


@lru_cache(maxsize=65_536)
def _folded(token: str) -> str:
    return _POSSESSIVE.sub("", token).strip(".,’'").casefold()


class Names:
    """The names of one article, and which of them have been heard as persons."""

    def __init__(self, paragraphs: Sequence[str], title: str = "") -> None:
        self._persons: dict[str, list[str]] = {}
        self._given: dict[str, list[str]] = {}
        self._female: dict[str, bool] = {}
        self._runs: list[list[tuple[int, Named]]] = []
        self._institutions: dict[str, set[str]] = {}
        self._possible: dict[str, set[str]] = {}
        self._inside: set[str] = set()
        self._lower: set[str] = set()
        for text in (title, *paragraphs):
            self._read(text)

    def _read(self, text: str) -> None:
        runs: list[tuple[int, Named]] = []
        heading = text.isupper()
        for match in () if heading else _runs(text):
            named = read_run(_POSSESSIVE.sub("", match.group()))
            if named is None:
                continue
            at = match.start()
            runs.append((at, named))
            opens = at < 2 or text[at - 2 : at - 1] in ".!?:"
            self._inside.update(map(_folded, match.group().split()[opens:]))
            complete = text.rstrip()[-1:] in _ENDS_SENTENCE or text[match.end() :][:1] == ","
            if named.kind is Kind.PERSON and (complete or named.role):
                self.hear(named.name, named.role)
            elif named.kind is Kind.EITHER and " " in named.name:
                if not _NAME_GOES_ON.match(text, match.end()):
                    continue
                last = _folded(named.name.split()[-1])
                self._possible.setdefault(last, set()).add(named.name)
            elif named.kind is Kind.INSTITUTION:
                last = _folded(named.name.split()[-1])
                self._institutions.setdefault(last, set()).add(named.name)
        self._runs.append(runs)
        self._lower.update(re.findall(r"\b[a-z]{3,}\b", text))

    def hear(self, name: str, role: str | None = None) -> None:
        """Take note of a person."""
        tokens = name.split()
        places = [(self._persons, tokens[-1]), (self._given, tokens[0])]
        if "-" in tokens[-1] and tokens[-1][:3].casefold() not in ("al-", "el-"):
            # Of a double surname either part may come alone, and may be another person's.
            places.append((self._persons, tokens[-1].rpartition("-")[2]))
        for place, key in places:
            known = place.setdefault(_folded(key), [])
            if len(tokens) > 1 and name not in known:
                known.append(name)
        female = _gender(tokens[0] if len(tokens) > 1 else "", role or "")
        if female is not None:
            self._female.setdefault(_folded(tokens[-1]), female)

    def is_common(self, word: str) -> bool:
        """Whether a capitalised word that opens a sentence is likely no name."""
        folded = _folded(word)
        if folded in self._inside or folded in self._persons:
            return folded in words.NEVER_NAMES
        return folded in self._lower or folded.endswith("s") or folded in words.NEVER_NAMES

    def is_person(self, name: str) -> bool:
        return _folded(name.split()[-1]) in self._persons or name in self._given.get(
            _folded(name.split()[0]), ()
        )

    def female(self, name: str) -> bool | None:
        """Whether a person is a woman; None where nothing tells."""
        return self._female.get(_folded(name.split()[-1]))

    def fullest(self, name: str) -> str:
        """The fullest form of a person's name, or the name as it stands where that is in doubt."""
        tokens = [_folded(token) for token in name.split()]
        fitting = [
            full
            for full in self._persons.get(tokens[-1], ())
            if set(tokens[:-1]) <= {_folded(token) for token in full.split()}
        ]
        if not fitting and len(tokens) == 1:
            fitting = self._given.get(tokens[0], [])
            if tokens[0] in words.FEMALE_NAMES or tokens[0] in words.MALE_NAMES:
                fitting = []
        if not fitting and len(tokens) == 1 and not name.isupper():
            possible = self._possible.get(tokens[0], set())
            first = {_folded(full.split()[0]) for full in possible}
            if len(possible) == 1 and not first & (self._lower | words.NEVER_NAMES):
                fitting = list(possible)
        if not fitting:
            return name
        longest = max(fitting, key=lambda full: (len(full.split()), len(full)))
        parts = {_folded(token) for token in longest.split()}
        same = all({_folded(token) for token in full.split()} <= parts for full in fitting)
        return longest if same else name

    def institution(self, noun: str) -> str | None:
        """The one institution of the article that ends in this noun: "the commission"."""
        found = self._institutions.get(noun.casefold(), set())
        longer = {name for name in found if len(name.split()) > 1}
        return next(iter(longer)) if len(longer) == 1 else None

    def persons_between(
        self, first: tuple[int, int], last: tuple[int, int], hidden: Sequence[str]
    ) -> list[str]:
        """Persons named from one (paragraph, position) to another, outside quotation marks.

        `hidden` are the paragraphs with their quotations masked.
        """
        found: list[str] = []
        for paragraph in range(first[0], last[0] + 1):
            for at, named in self._runs[paragraph + 1]:
                outside = hidden[paragraph][at] != MASK
                if outside and first <= (paragraph, at) < last and self.is_person(named.name):
                    found.append(self.fullest(named.name))
        return found
