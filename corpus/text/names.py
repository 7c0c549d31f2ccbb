"""Who is named in an article, and which spellings are one name.

    text → runs of capitalised words → `read_run` (role, name, kind) → `Names` (fullest forms)
    name → `name_parts`: folded, without honorifics and articles → `alike`, part by part?
    name + the spellings that a corpus has → `meant`: the one that stands for it

"Israeli Prime Minister Benjamin Netanyahu" is a role and a name; a later "Netanyahu" is the same
person unless two persons of the article share the surname. Names word by word, for search and
checks, are `corpus.text.words.names`.

Vowels and doubled letters are passed over only where an article ("al-") or a given name shows that
the name was written in Arabic: "Haftar" and "Hifter", "Sarraj" and "Serraj" are one spelling,
"Miller" and "Mueller" two. What such spellings have in common is the name's sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache

from anyascii import anyascii

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.sentences import MASK
from corpus.text.words import (
    CAPITAL,
    FUNCTION_WORDS,
    NAME_ARTICLE,
    TITLES,
    bare_word,
    fold,
    names,
    opening_words,
    unaccented,
)


def _table(section: str) -> frozenset[str]:
    return tables.words(__package__, "names", section)


HONORIFICS = _table("honorifics")
ROLE_WORDS = HONORIFICS | _table("roles")
ROLE_MODIFIERS = _table("role modifiers")
INSTITUTIONS = _table("institutions")
TOO_VAGUE = _table("vague institutions")
"""Institutions that name nobody with only an article before them."""
DESCRIPTORS = _table("descriptors")
"""What a name may be called without a title: "rights group EDRi"."""
FEMALE_ROLES, MALE_ROLES = _table("female roles"), _table("male roles")
FEMALE_NAMES, MALE_NAMES = _table("female names"), _table("male names")
ARABIC_GIVEN = _table("arabic names")
FAMILY_FIRST = _table("family first")
"""Family names that stand first, in Chinese, Korean and Vietnamese: "Xi Jinping", "Ri Yong Ho"."""
# Words that stand before the noun of a title: "Prime", "Deputy", "Foreign" alone are half of one.
_HALVES = ROLE_MODIFIERS | _table("halves of roles")
_LONG_TITLES = sorted(word for word in ROLE_WORDS - _HALVES if len(word) >= 7)
_PORTFOLIO = re.compile(r"\s+(?:of|for|to)\s+", re.IGNORECASE)
# "May" is a name, and a prime minister's.
NEVER_NAMES = _table("never names") | DAYS_AND_MONTHS - {"may"}

_PARTICLE = "|".join(sorted(_table("particles")))
_ABBREVIATION = "|".join(sorted((*TITLES, "Jr", "Sr")))
TOKEN = (
    rf"(?:(?:{_ABBREVIATION})\.|(?:[A-Z]\.)+(?:[A-Z]\b)?"
    rf"|{NAME_ARTICLE}?{CAPITAL}\w*(?:[-’'][\w]+)*’?)"
)
RUN = re.compile(rf"(?<![\w@#/.-]){TOKEN}(?:\s(?:(?:{_PARTICLE})\s){{0,2}}{TOKEN}){{0,7}}")
_ENDS_SENTENCE = frozenset('.!?…”"’)')
_CAPITAL = re.compile(CAPITAL)
_ARTICLE_BEFORE = re.compile(rf"(?<!\w){NAME_ARTICLE}$")
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
    last = bare_word(tokens[-1])
    if last in INSTITUTIONS and (len(tokens) > 1 or last not in TOO_VAGUE):
        return Named(" ".join(tokens), "", Kind.INSTITUTION)
    cut = 0
    for index, token in enumerate(tokens):
        if bare_word(token) in ROLE_WORDS or _POSSESSIVE.search(token):
            cut = index + 1
    cut = max(cut, _given_name_at(tokens))
    titled = cut > 0 and not _POSSESSIVE.search(tokens[cut - 1])
    while cut < len(tokens) - 1 and tokens[cut].isupper() and len(tokens[cut].strip(".")) > 1:
        cut += 1
    role, name = tokens[:cut], tokens[cut:]
    if not name or any(bare_word(token) in NEVER_NAMES for token in name):
        return None
    shown = " ".join(role)
    if all(bare_word(token) in HONORIFICS for token in role):
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
        if bare_word(token) in FEMALE_NAMES or bare_word(token) in MALE_NAMES:
            return index if index > 1 and not any("." in one for one in tokens[:index]) else 0
    return 0


def _kind(name: list[str]) -> Kind:
    first = bare_word(name[0])
    if len(name) > 1 and (first in FEMALE_NAMES or first in MALE_NAMES):
        return Kind.PERSON
    if len(name) == 1 and name[0].isupper():
        return Kind.INSTITUTION
    return Kind.EITHER


def _gender(first: str, role: str) -> bool | None:
    roles = {bare_word(word) for word in role.split()}
    if roles & FEMALE_ROLES or bare_word(first) in FEMALE_NAMES:
        return True
    if roles & MALE_ROLES or bare_word(first) in MALE_NAMES:
        return False
    return None


def is_whole_title(role: str) -> bool:
    """Whether a role ends with the noun of a title: "Prime Minister", not "Prime"."""
    tokens = [bare_word(word) for word in _PORTFOLIO.split(role)[0].split()]
    return bool(tokens) and tokens[-1] not in _HALVES


def misspells_title(token: str) -> bool:
    """Whether a word is a title's noun with a slip of the typist: "Mininster"."""
    plain = bare_word(token)
    near = get_close_matches(plain, _LONG_TITLES, n=1, cutoff=0.85)
    return plain not in ROLE_WORDS and bool(near)


def _opens_only(token: str) -> bool:
    """Whether a capitalised word at the head of a run is no part of a name: "Thursday"."""
    folded = bare_word(token)
    if folded in HONORIFICS:
        return False
    return folded in NEVER_NAMES or bool(_CONTRACTION.search(folded))


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
            self._inside.update(map(bare_word, match.group().split()[opens:]))
            complete = text.rstrip()[-1:] in _ENDS_SENTENCE or text[match.end() :][:1] == ","
            if named.kind is Kind.PERSON and (complete or named.role):
                self.hear(named.name, named.role)
            elif named.kind is Kind.EITHER and " " in named.name:
                if not _NAME_GOES_ON.match(text, match.end()):
                    continue
                last = bare_word(named.name.split()[-1])
                self._possible.setdefault(last, set()).add(named.name)
            elif named.kind is Kind.INSTITUTION:
                last = bare_word(named.name.split()[-1])
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
            known = place.setdefault(bare_word(key), [])
            if len(tokens) > 1 and name not in known:
                known.append(name)
        female = _gender(tokens[0] if len(tokens) > 1 else "", role or "")
        if female is not None:
            self._female.setdefault(bare_word(tokens[-1]), female)

    def bearer(self, role: str, text: str) -> str | None:
        """Who a text calls by a role, in the fullest form: "Remarks by President Biden"; None
        where it names nobody so, or several."""
        wanted = [bare_word(word) for word in role.split()]
        found = {
            self.fullest(named.name)
            for match in _runs(text)
            if (named := read_run(_POSSESSIVE.sub("", match.group())))
            and [bare_word(word) for word in named.role.split()][-len(wanted) :] == wanted
        }
        return found.pop() if len(found) == 1 else None

    def is_common(self, word: str) -> bool:
        """Whether a capitalised word that opens a sentence is likely no name."""
        folded = bare_word(word)
        if folded in self._inside or folded in self._persons:
            return folded in NEVER_NAMES
        return folded in self._lower or folded.endswith("s") or folded in NEVER_NAMES

    def is_person(self, name: str) -> bool:
        return bare_word(name.split()[-1]) in self._persons or name in self._given.get(
            bare_word(name.split()[0]), ()
        )

    def female(self, name: str) -> bool | None:
        """Whether a person is a woman; None where nothing tells."""
        return self._female.get(bare_word(name.split()[-1]))

    def fullest(self, name: str) -> str:
        """The fullest form of a person's name, or the name as it stands where that is in doubt."""
        tokens = [bare_word(token) for token in name.split()]
        fitting = [
            full
            for full in self._persons.get(tokens[-1], ())
            if set(tokens[:-1]) <= {bare_word(token) for token in full.split()}
        ]
        if not fitting and len(tokens) == 1:
            fitting = self._given.get(tokens[0], [])
            if tokens[0] in FEMALE_NAMES or tokens[0] in MALE_NAMES:
                fitting = []
        if not fitting and len(tokens) == 1 and not name.isupper():
            possible = self._possible.get(tokens[0], set())
            first = {bare_word(full.split()[0]) for full in possible}
            if len(possible) == 1 and not first & (self._lower | NEVER_NAMES):
                fitting = list(possible)
        if not fitting:
            return name
        longest = max(fitting, key=lambda full: (len(full.split()), len(full)))
        parts = {bare_word(token) for token in longest.split()}
        same = all({bare_word(token) for token in full.split()} <= parts for full in fitting)
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


_ARTICLE = re.compile(
    r"(?<![\w-])(?:(?:[Aa](?:[dlnrtz]|sh?)|[Ee](?:[dlnrtz]|sh?))[-’']|(?:al|el)\s)(?=\w)"
)
_SLAVIC_ENDING = re.compile(r"sk(?:iy|yy|ii|ij|yi|i)\b")
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "æ": "ae"})
# Consonants that transliterations of Arabic use for one another, longest first.
_CONSONANTS = (("kh", "h"), ("gh", "g"), ("dh", "d"), ("dj", "j"), ("th", "t"), ("q", "g"))
_VOWELS = re.compile(r"[aeiouwy']+")
_LAST_VOWEL = re.compile(r"[aeiouy]+h?$")
_DOUBLED = re.compile(r"([^_])\1+")
SHORTEST_SKELETON = 3
"""Consonants; with fewer, "Ali" and "Ola" would be one name."""

_NO_PART = HONORIFICS | {"jr", "sr"}


def speaker_key(name: str) -> str:
    """A name folded: no case, accents, honorifics, possessive, Arabic article or punctuation."""
    return " ".join(name_parts(name))


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same parts, spelled alike."""
    first, second = name_parts(one), name_parts(other)
    arabic = is_arabic(one, first) or is_arabic(other, second)
    return len(first) == len(second) and all(
        alike(a, b, arabic) for a, b in zip(first, second, strict=True)
    )


@lru_cache(maxsize=65_536)
def fold_name(word: str) -> str:
    """A folded word of a name: letters that only look accented, and Slavic endings, spelled one
    way."""
    plain = unaccented(word.casefold().translate(_UNDECOMPOSED)).replace("’", "'")
    return _SLAVIC_ENDING.sub("sky", plain.removesuffix("'s")).strip(".,'\"")


@lru_cache(maxsize=65_536)
def name_parts(name: str) -> tuple[str, ...]:
    """Folded words of a name without honorifics, articles and initials that only divide."""
    bare = re.split(r"[\s-]+", _ARTICLE.sub("", name))
    plain = [fold_name(word).strip("'") for word in bare]
    return tuple(part for part in plain if part and part not in _NO_PART)


def is_arabic(name: str, parts: Sequence[str]) -> bool:
    """Whether an article or a given name shows that a name was written in Arabic."""
    return bool(_ARTICLE.search(name)) or any(part in ARABIC_GIVEN for part in parts)


@lru_cache(maxsize=65_536)
def skeleton(part: str) -> str:
    """A transliterated Arabic word with its consonants, and "_" for vowels between them.

    A vowel at the end tells names apart: Salami is not Salamé, Salama and Salameh are.
    """
    for spelled, sound in _CONSONANTS:
        part = part.replace(spelled, sound)
    ending = _LAST_VOWEL.search(part)
    last = ("i" if ending[0][0] in "iy" else "a") if ending and ending.start() else ""
    stem = part[: ending.start()] if last and ending else part
    return _DOUBLED.sub(r"\1", _VOWELS.sub("_", stem)) + last


def alike(one: str, other: str, arabic: bool) -> bool:
    """Whether two parts of names are spelled alike."""
    if one == other:
        return True
    if not arabic:
        return False
    bare = skeleton(one)
    return len(bare.replace("_", "")) >= SHORTEST_SKELETON and bare == skeleton(other)


# Letters. A shorter name has too many others around it that differ by one letter.
SHORTEST_NAME = 4
# Letters. A longer name may differ by two from what was meant, others by one; with this many, two
# transliterations may differ by two where they share only three consonants ("Qadhafi", "Gaddafi").
LONG_NAME = 7

_WORD = r"(?:[A-ZÀ-Þ][\w’'-]{0,60}+|of|for|the|and|on|in|to|de|du|des|la)"
_DEFINED = re.compile(
    rf"(?P<long>[A-ZÀ-Þ][\w’'-]{{0,60}}+(?:[ \-]{_WORD}){{0,9}}),? \((?:the |or )?[“\"‘]?"
    r"(?P<short>[A-Z][A-Za-z.]{1,7})[”\"’]?\)"
)

_LONGEST_DEFINED = 300


def spelled_names(text: str) -> Iterator[str]:
    """The folded names of a text, word by word, that are long enough to be misspelt."""
    for name in (*names(text), *opening_words(text)):
        for part in fold(name).split("-"):
            if len(part) >= SHORTEST_NAME and part.isalpha():
                yield part


def sound_of(name: str) -> str:
    """The consonants of a folded name as transliterations share them; empty for too few."""
    bare = skeleton(name)
    return bare if len(bare.replace("_", "")) >= SHORTEST_SKELETON else ""


def defined_acronyms(text: str) -> Iterator[tuple[str, str]]:
    """Acronyms that a text explains, folded, each with what it stands for.

    "the Libyan National Army (LNA)" gives ("lna", "Libyan National Army"): the initials of the
    words before the bracket must be those in it.
    """
    for match in _DEFINED.finditer(text):
        short = match["short"].replace(".", "")
        if sum(letter.isupper() for letter in short) < 2:
            continue
        if long := _spelled_out(short.casefold(), match["long"]):
            yield short.casefold(), long


def _spelled_out(short: str, before: str) -> str | None:
    """The last words before a bracket whose initials an acronym takes, grammar left out or not."""
    found = before[-_LONGEST_DEFINED:].split()
    for start in range(len(found) - 1, -1, -1):
        parts = [part for word in found[start:] for part in word.split("-") if part]
        every = "".join(part[0] for part in parts).casefold()
        content = "".join(p[0] for p in parts if p.casefold() not in FUNCTION_WORDS).casefold()
        if short in (every, content):
            return " ".join(found[start:])
    return None


def meant(name: str, spellings: Mapping[str, int]) -> str | None:
    """Which of the corpus's spellings a folded name stands for; None where none is near enough.

    The nearest wins, of equally near ones the commonest.
    """
    near: list[tuple[int, int, str]] = []
    for other, count in spellings.items():
        changes = changed_letters(name, other)
        if _is_near(name, other, changes):
            near.append((changes, -count, other))
    return min(near)[2] if near else None


def _is_near(name: str, other: str, changes: int) -> bool:
    """Whether a spelling is near enough to be what was meant: a mistyped letter or two, or
    another transliteration."""
    if changes > 2:
        return False
    if is_same_sound(name, other):
        long = len(sound_of(name).replace("_", "")) > SHORTEST_SKELETON or len(name) >= LONG_NAME
        return changes == 1 or long
    # The first letter is seldom mistyped, and tells names apart.
    return name[0] == other[0] and changes <= (2 if len(name) > LONG_NAME else 1)


def is_same_sound(one: str, other: str) -> bool:
    """Whether two folded names are one in transliterated Arabic."""
    return bool(sound := sound_of(one)) and sound == sound_of(other)


def changed_letters(one: str, other: str) -> int:
    """How many letters were added, left out, replaced or swapped with a neighbour.

    Damerau 1964, with each letter changed at most once.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, first in enumerate(one, 1):
        this = [row]
        for column, second in enumerate(other, 1):
            cost = min(last[column] + 1, this[column - 1] + 1, last[column - 1] + (first != second))
            swapped = row > 1 and column > 1 and first == other[column - 2]
            if swapped and one[row - 2] == second:
                cost = min(cost, before[column - 2] + 1)
            this.append(cost)
        before, last = last, this
    return last[-1]


# -- names in any script --------------------------------------------------------------------------

_SOUNDS = tuple(
    (spelled, sound) for spelled, (sound,) in tables.entries(__package__, "names", "sounds")
)
_TRANSCRIBING = "".join(sorted(tables.words(__package__, "names", "chinese transcription")))
_NAMING = re.compile(
    rf"(?P<han>[{_TRANSCRIBING}]{{2,12}})"
    r"|(?P<arabic>[\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff]{3,40}+)"
    r"|(?P<letters>[^\W\d_\u0620-\u06ff\u3040-\u30ff\u3400-\u9fff]{3,40}+)"
    r"|(?P<number>(?<![\d.,])\d{2,9}(?![\d.,]*\d))"
)
# Words that Arabic writes together with what follows, and its article.
_ARABIC_BEFORE = re.compile(r"\A(?:[وفبكل]?ال|لل)(?=\w{3})")
_ARABIC_PARTICLE = re.compile(r"\A[بكلف](?=\w{4})")
_SOFT_C = re.compile(r"c(?=[eiy])")
# Endings that add a consonant to a name: "Хафтаром", "Путиных".
_RUSSIAN_CASE = re.compile(r"(?<=[\u0400-\u052f]{4})(?:[оеы]м|ых|о[йв]|ого|ому|ами|ах)\Z")
# "Geneva" and "Gerhard": both ways to say it are tried.
_SOFT_G = re.compile(r"[Gg](?=[eiy])")
_UNHEARD = re.compile(r"[aeiouwy]+|h\Z|[^a-z]")
# Pinyin has "ji", "qi" and "xi" where other languages have "gi", "chi" and "si".
_PINYIN = str.maketrans("JQX", "KSS")
_MOST_READINGS = 8
_LAST_LATIN = "\u024f"
SCRIPTS = ("latin", "cyrillic", "arabic", "han")
"""As far as names are told by them; the other scripts with capitals count as Cyrillic."""


def sounds(text: str) -> frozenset[str]:
    """What the names of a text sound like, and its numbers: the same in every script.

    "Haftar", "حفتر", "Хафтара" and "哈夫塔尔" have "hftr" in common. A sound is a name's
    consonants, as far as transliterations agree on them (`anyascii` reads the letters); with
    fewer than three it would be any word's. Scripts without capitals give a sound for every word,
    Chinese for runs of the characters that it transcribes with, in each of its readings.
    """
    return frozenset(sound for _, sound in heard(text))


def heard(text: str) -> Iterator[tuple[str, str]]:
    """The same with the script that each is written in: one of `SCRIPTS`, or "number"."""
    for match in _NAMING.finditer(text):
        script = match.lastgroup or ""
        if script == "letters":
            script = "latin" if match[0][0] <= _LAST_LATIN else "cyrillic"
        for sound in _sounds(match):
            yield script, sound


def _sounds(match: re.Match[str]) -> tuple[str, ...]:
    word = match[0]
    match match.lastgroup:
        case "number":
            return (str(int(word)),)
        case "letters" if word[0].islower() or fold(word) in FUNCTION_WORDS:
            return ()
        case script:
            return _sounds_of(word, script or "")


@lru_cache(maxsize=65_536)
def _sounds_of(word: str, script: str) -> tuple[str, ...]:
    if script == "arabic":
        bare = _ARABIC_BEFORE.sub("", word).removesuffix("ة")
        spelled = [bare, _ARABIC_PARTICLE.sub("", bare)]
    elif script == "han":
        return tuple(one for one in _chinese(word) if len(one) >= SHORTEST_SKELETON)
    else:
        spelled = [word, _SOFT_G.sub("j", word), _RUSSIAN_CASE.sub("", word)]
    heard = (_consonants(anyascii(one)) for one in dict.fromkeys(spelled))
    return tuple(one for one in dict.fromkeys(heard) if len(one) >= SHORTEST_SKELETON)


def _chinese(run: str) -> list[str]:
    """Chinese has one sound for l and r."""
    found = [""]
    for consonant in _consonants(anyascii(run).translate(_PINYIN)):
        heard = "lr" if consonant in "lr" and len(found) < _MOST_READINGS else consonant
        found = [begun + one for begun in found for one in heard]
    return found


def _consonants(word: str) -> str:
    word = _SOFT_C.sub("s", word.casefold())
    for spelled, sound in _SOUNDS:
        word = word.replace(spelled, sound)
    return _DOUBLED.sub(r"\1", _UNHEARD.sub("", word))
