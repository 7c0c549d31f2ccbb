"""Which names are one person's: full names, surnames alone, other spellings of Arabic names.

    names of the corpus -> parts, folded -> spelled alike -> shorter forms joined -> `Speaker`

Two names are one person's only where every part of the shorter stands in the longer and nobody
else in the corpus fits it as well; a surname that two people bear is joined with neither. Vowels
and doubled letters are passed over only where an article ("al-") or a given name shows that the
name was written in Arabic, where "Haftar" and "Hifter", "Sarraj" and "Serraj" are one spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus import name_words as words

NEAREST = 3
_CUT = re.compile(r"\s*[,(;:]|\s[—–-]\s")
_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
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

_ARABIC_GIVEN = frozenset(
    """
    abd abdel abdul abdallah abdullah abdelfattah abdelaziz abdulaziz abdulrahman abdelrahman
    abdou abu adel adil ahmad ahmed akram ali amin amir ammar anwar aref ashraf awad ayman
    aziz bashar bashir fadi fahd faisal farid farouk fathi fayez fayiz fawzi ghassan habib
    hadi hafez hakim hamad hamdi hamid hamza hani hasan hassan haider hazem hisham hosni
    hussein husayn ibrahim idris imad ismail issa jalal jamal kamal kamel karim khaled khalid
    khalifa khalil mahdi mahmoud mahmud majid malik mansour marwan moammar mohamed mohammad
    mohammed moncef mostafa moussa muammar muhammad mukhtar munir musa mustafa nabil naguib
    najib nasser nayef nizar nouri omar osama othman qasem qassim rachid rafik rami rashid
    riad riyad saad sabah sadiq saeed said salah salam saleh salem salim salman sameh samir
    saud seif sharif sultan suleiman tamim tarek tariq usama wael walid yahya yasser yusuf
    youssef zaid zayed ziad
    """.split()
)
_FAMILY_FIRST = frozenset(
    """
    ban cao chang chen cho choe choi deng fu gao guo han ho hu huang hwang jang jiang jung kang kim
    li lim lin liu lu ma moon nguyen pak park qin ri ryu shin song sun tran wang wu xi xu yang yi
    yoon yun zhang zhao zheng zhou zhu
    """.split()
)
"""Family names that stand first, in Chinese, Korean and Vietnamese: "Xi Jinping", "Ri Yong Ho"."""
_NO_PART = words.HONORIFICS | {"jr", "sr"}
_ACRONYM = re.compile(r"[A-Z]{2,6}")
_GIVEN = words.MALE_NAMES | words.FEMALE_NAMES | _ARABIC_GIVEN
_SMALL = frozenset("of the and for on in to a an at".split())
_NO_PERSON = _SMALL | frozenset("states command guards group".split())


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker of the corpus: the fullest name, every other form, the key of each form.

    `roles` are what articles call the speaker, most often first; `quotations` how many there are.
    """

    name: str
    forms: tuple[str, ...]
    keys: tuple[str, ...]
    roles: tuple[str, ...]
    quotations: int


@dataclass(frozen=True, slots=True)
class NamedSpeaker:
    """Who is meant by a name: one `speaker`, or None with those that `several` may mean it, or
    those that come `near` it."""

    speaker: Speaker | None
    several: tuple[Speaker, ...] = ()
    near: tuple[Speaker, ...] = ()


def speaker_key(name: str) -> str:
    """A name folded: no case, accents, honorifics, possessive, Arabic article or punctuation."""
    return " ".join(_parts(name))


def same_name(one: str, other: str) -> bool:
    """Whether two names have the same parts, spelled alike."""
    first, second = _parts(one), _parts(other)
    arabic = _is_arabic(one, first) or _is_arabic(other, second)
    return len(first) == len(second) and all(
        _alike(a, b, arabic) for a, b in zip(first, second, strict=True)
    )


@dataclass(slots=True)
class _Form:
    """A name as it stands in the corpus."""

    name: str
    key: str
    parts: tuple[str, ...]
    arabic: bool
    person: bool
    roles: frozenset[str]
    count: int


class SpeakerNames:
    """The speakers of a corpus by any of their names."""

    def __init__(self, quoted: Iterable[tuple[str, str | None, int]]) -> None:
        """`quoted`: name, role and how many quotations, in any order, repeated or not."""
        counts: Counter[str] = Counter()
        roles: dict[str, Counter[str]] = defaultdict(Counter)
        for name, role, count in quoted:
            counts[name] += count
            if role:
                roles[name][role] += count
        self._speakers = [_speaker(group, roles) for group in _grouped(_forms(counts, roles))]
        self._speakers.sort(key=lambda one: (-one.quotations, one.name))

    def speakers(self) -> list[Speaker]:
        """Everybody, most quoted first."""
        return list(self._speakers)

    def named(self, name: str) -> NamedSpeaker:
        """Who is meant by a name, part of one, or a name with a description beside it."""
        asked = bare_name(name)
        parts = _parts(asked)
        if not parts:
            return NamedSpeaker(None)
        exact = [one for one in self._speakers if any(same_name(asked, form) for form in one.forms)]
        fitting = [one for one in self._speakers if _is_part_of(asked, parts, one)]
        spelled = [one for one in fitting if _is_spelled(parts, one)]
        fitting = spelled or fitting
        full = [one for one in fitting if any(len(_parts(form)) > 1 for form in one.forms)]
        if len(full) == 1 and len(parts) == 1:
            # The surname alone in other articles: whoever asks for it wants these too.
            fitting = [_together(full[0], [one for one in fitting if one is not full[0]])]
        elif exact:
            fitting = exact
        if not fitting and _ACRONYM.fullmatch(asked.strip()):
            fitting = [one for one in self._speakers if _initials(one.name) == asked.strip()]
        if len(fitting) == 1:
            return NamedSpeaker(fitting[0])
        return NamedSpeaker(None, tuple(fitting), () if fitting else self._near(parts))

    def _near(self, parts: Sequence[str]) -> tuple[Speaker, ...]:
        from difflib import SequenceMatcher

        def likeness(speaker: Speaker) -> float:
            theirs = [part for form in speaker.forms for part in _parts(form)]
            ratios = (SequenceMatcher(None, a, b).ratio() for a in parts for b in theirs)
            return max(ratios, default=0.0)

        scored = [(likeness(one), one) for one in self._speakers]
        scored = [item for item in scored if item[0] >= _NEAR]
        scored.sort(key=lambda item: -item[0])
        return tuple(one for _, one in scored[:NEAREST])


_NEAR = 0.7
"""Share of common letters (2·M/T) from which a name is worth offering instead."""


def bare_name(text: str) -> str:
    """A name without what describes it: "Guterres, UN chief", "President Trump", "the LNA"."""
    text = _CUT.split(text.strip(), maxsplit=1)[0]
    found = text.split()
    while len(found) > 1 and _is_description(found[0]):
        found.pop(0)
    last_role = max(
        (at for at, word in enumerate(found[:-1]) if _folded(word) in words.ROLE_WORDS), default=-1
    )
    return " ".join(found[last_role + 1 :]).strip(" .,’'“”\"").removesuffix("’s").removesuffix("'s")


def _is_description(word: str) -> bool:
    folded = _folded(word)
    return folded in words.ROLE_WORDS or folded in ("the", "a", "an")


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_UNDECOMPOSED))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'")
    return _SLAVIC_ENDING.sub("sky", plain.removesuffix("'s")).strip(".,'\"")


@lru_cache(maxsize=65_536)
def _parts(name: str) -> tuple[str, ...]:
    """Folded words of a name without honorifics, articles and initials that only divide."""
    bare = re.split(r"[\s-]+", _ARTICLE.sub("", name))
    folded = [_folded(word).strip("'") for word in bare]
    return tuple(part for part in folded if part and part not in _NO_PART)


def _is_arabic(name: str, parts: Sequence[str]) -> bool:
    return bool(_ARTICLE.search(name)) or any(part in _ARABIC_GIVEN for part in parts)


@lru_cache(maxsize=65_536)
def _skeleton(part: str) -> str:
    """A transliterated Arabic word with its consonants, and "_" for vowels between them.

    A vowel at the end tells names apart: Salami is not Salamé, Salama and Salameh are.
    """
    for spelled, sound in _CONSONANTS:
        part = part.replace(spelled, sound)
    ending = _LAST_VOWEL.search(part)
    last = ("i" if ending[0][0] in "iy" else "a") if ending and ending.start() else ""
    stem = part[: ending.start()] if last and ending else part
    return _DOUBLED.sub(r"\1", _VOWELS.sub("_", stem)) + last


def _alike(one: str, other: str, arabic: bool) -> bool:
    if one == other:
        return True
    if not arabic:
        return False
    skeleton = _skeleton(one)
    enough = len(skeleton.replace("_", "")) >= SHORTEST_SKELETON
    return enough and skeleton == _skeleton(other)


def _forms(counts: Counter[str], roles: dict[str, Counter[str]]) -> list[_Form]:
    forms = []
    for name, count in counts.items():
        parts = _parts(name)
        if not parts:
            continue
        arabic = _is_arabic(name, parts)
        known = arabic or parts[0] in _GIVEN or parts[0] in _FAMILY_FIRST
        told = frozenset(_folded(word) for role in roles.get(name, ()) for word in role.split())
        person = not _names_institution(name) and (known or bool(told))
        forms.append(_Form(name, " ".join(parts), parts, arabic, person, told - _SMALL, count))
    return forms


def _grouped(forms: Sequence[_Form]) -> list[list[_Form]]:
    """Forms of one speaker together: the same parts, then shorter forms that fit only one."""
    groups: list[list[_Form]] = []
    by_surname: dict[str, list[list[_Form]]] = defaultdict(list)
    for form in sorted(forms, key=lambda one: (-len(one.parts), -one.count, one.name)):
        near = by_surname[_bucket(form)]
        fitting = [group for group in near if any(_is_form_of(form, other) for other in group)]
        if len(fitting) == 1:
            fitting[0].append(form)
            continue
        group = [form]
        groups.append(group)
        near.append(group)
    return _with_acronyms(groups)


def _with_acronyms(groups: list[list[_Form]]) -> list[list[_Form]]:
    """Groups with "LNA" joined to "Libyan National Army", where only one has these initials."""
    spelled: dict[str, list[list[_Form]]] = defaultdict(list)
    for group in groups:
        if len(group[0].parts) > 1 and _names_institution(group[0].name):
            spelled[_initials(group[0].name)].append(group)
    kept = []
    for group in groups:
        full = spelled.get(group[0].name, []) if _ACRONYM.fullmatch(group[0].name) else []
        if len(full) == 1:
            full[0].extend(group)
        else:
            kept.append(group)
    return kept


def _bucket(form: _Form) -> str:
    """Forms of one person share it: the surname, as bare as any spelling makes it."""
    return _skeleton(_surname(form)) or _surname(form)


def _surname(form: _Form) -> str:
    return form.parts[0] if _is_family_first(form) else form.parts[-1]


def _is_family_first(form: _Form) -> bool:
    return form.parts[0] in _FAMILY_FIRST and len(form.parts) > 1


def _is_form_of(short: _Form, full: _Form) -> bool:
    """Whether one name is another spelled otherwise, or a shorter form of a person's name."""
    arabic = short.arabic or full.arabic
    if len(short.parts) == len(full.parts):
        return all(_alike(a, b, arabic) for a, b in zip(short.parts, full.parts, strict=True))
    if not full.person or _names_institution(short.name) or not _roles_agree(short, full):
        return False
    if not _alike(_surname(short), _surname(full), arabic):
        return False
    left = list(full.parts)
    for part in short.parts:
        at = next((i for i, other in enumerate(left) if _alike(part, other, arabic)), None)
        if at is None:
            return False
        del left[: at + 1]
    return len(short.parts) == 1 or _alike(short.parts[0], full.parts[0], arabic)


def _roles_agree(short: _Form, full: _Form) -> bool:
    """Whether nothing speaks against a surname with a title being that of a person known in full:
    "Secretary Baker" is nobody who is never called anything like it."""
    return not short.roles or bool(short.roles & full.roles)


@lru_cache(maxsize=65_536)
def _names_institution(name: str) -> bool:
    """Whether a name is no person's, by its words: "Libyan National Army", "LNA"."""
    found = [_folded(word) for word in name.split()]
    if _ACRONYM.fullmatch(name.strip()):
        return True
    return any(word in words.INSTITUTIONS or word in _NO_PERSON for word in found)


def _is_part_of(asked: str, parts: Sequence[str], speaker: Speaker) -> bool:
    """Whether each part of a name stands in one form of a speaker's name.

    Of an institution its noun must be among them: "US" is not "US Africa Command".
    """
    for form in speaker.forms:
        theirs = _parts(form)
        if _names_institution(form) and theirs[-1] not in parts:
            continue
        arabic = _is_arabic(form, theirs) or _is_arabic(asked, parts)
        if all(any(_alike(part, other, arabic) for other in theirs) for part in parts):
            return True
    return False


def _is_spelled(parts: Sequence[str], speaker: Speaker) -> bool:
    """Whether the parts stand in one form of a speaker's name letter for letter."""
    return any(set(parts) <= set(_parts(form)) for form in speaker.forms)


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.split(r"[\s-]+", name) if word[:1].isupper())


def _together(full: Speaker, others: Sequence[Speaker]) -> Speaker:
    return Speaker(
        full.name,
        tuple(form for one in (full, *others) for form in one.forms),
        tuple(dict.fromkeys(key for one in (full, *others) for key in one.keys)),
        tuple(dict.fromkeys(role for one in (full, *others) for role in one.roles)),
        sum(one.quotations for one in (full, *others)),
    )


def _speaker(group: Sequence[_Form], roles: dict[str, Counter[str]]) -> Speaker:
    fullest = max(group, key=lambda form: (len(form.parts), form.count, form.name))
    told: Counter[str] = Counter()
    for form in group:
        told += roles.get(form.name, Counter())
    return Speaker(
        name=fullest.name,
        forms=tuple(form.name for form in group),
        keys=tuple(dict.fromkeys(form.key for form in group)),
        roles=tuple(role for role, _ in told.most_common()),
        quotations=sum(form.count for form in group),
    )
