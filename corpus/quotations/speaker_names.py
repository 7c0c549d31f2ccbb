"""Which names are one person's: full names, surnames alone, other spellings of Arabic names.

    names of the corpus -> parts, folded -> spelled alike -> shorter forms joined -> `Speaker`

Two names are one person's only where every part of the shorter stands in the longer and nobody
else in the corpus fits it as well; a surname that two people bear is joined with neither. How
parts are spelled alike: `corpus.text.names`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.text.names import (
    ARABIC_GIVEN,
    FAMILY_FIRST,
    FEMALE_NAMES,
    INSTITUTIONS,
    MALE_NAMES,
    ROLE_WORDS,
    alike,
    fold_name,
    is_arabic,
    name_parts,
    same_name,
    skeleton,
)

NEAREST = 3
_CUT = re.compile(r"\s*[,(;:]|\s[—–-]\s")
_ACRONYM = re.compile(r"[A-Z]{2,6}")
_GIVEN = MALE_NAMES | FEMALE_NAMES | ARABIC_GIVEN
_SMALL = frozenset("of the and for on in to a an at".split())
_ARTICLES = frozenset(("the", "a", "an"))
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
        parts = name_parts(asked)
        if not parts:
            return NamedSpeaker(None)
        exact = [one for one in self._speakers if any(same_name(asked, form) for form in one.forms)]
        fitting = [one for one in self._speakers if _is_part_of(asked, parts, one)]
        given = set(parts)
        fitting = [
            one for one in fitting if any(given <= set(name_parts(form)) for form in one.forms)
        ] or fitting
        full = [one for one in fitting if any(len(name_parts(form)) > 1 for form in one.forms)]
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
            theirs = [part for form in speaker.forms for part in name_parts(form)]
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
    while len(found) > 1 and fold_name(found[0]) in ROLE_WORDS | _ARTICLES:
        found.pop(0)
    last_role = max(
        (at for at, word in enumerate(found[:-1]) if fold_name(word) in ROLE_WORDS), default=-1
    )
    return " ".join(found[last_role + 1 :]).strip(" .,’'“”\"").removesuffix("’s").removesuffix("'s")


def _forms(counts: Counter[str], roles: dict[str, Counter[str]]) -> list[_Form]:
    forms = []
    for name, count in counts.items():
        parts = name_parts(name)
        if not parts:
            continue
        arabic = is_arabic(name, parts)
        known = arabic or parts[0] in _GIVEN or parts[0] in FAMILY_FIRST
        told = frozenset(fold_name(word) for role in roles.get(name, ()) for word in role.split())
        person = not _names_institution(name) and (known or bool(told))
        forms.append(_Form(name, " ".join(parts), parts, arabic, person, told - _SMALL, count))
    return forms


def _grouped(forms: Sequence[_Form]) -> list[list[_Form]]:
    """Forms of one speaker together: the same parts, then shorter forms that fit only one."""
    groups: list[list[_Form]] = []
    by_surname: dict[str, list[list[_Form]]] = defaultdict(list)
    for form in sorted(forms, key=lambda one: (-len(one.parts), -one.count, one.name)):
        # Forms of one person share the surname, as bare as any spelling makes it.
        near = by_surname[skeleton(_surname(form)) or _surname(form)]
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


def _surname(form: _Form) -> str:
    is_family_first = form.parts[0] in FAMILY_FIRST and len(form.parts) > 1
    return form.parts[0] if is_family_first else form.parts[-1]


def _is_form_of(short: _Form, full: _Form) -> bool:
    """Whether one name is another spelled otherwise, or a shorter form of a person's name."""
    arabic = short.arabic or full.arabic
    if len(short.parts) == len(full.parts):
        return all(alike(a, b, arabic) for a, b in zip(short.parts, full.parts, strict=True))
    if not full.person or _names_institution(short.name):
        return False
    # "Secretary Baker" is nobody who is never called anything like it.
    if (short.roles and not short.roles & full.roles) or not alike(
        _surname(short), _surname(full), arabic
    ):
        return False
    left = list(full.parts)
    for part in short.parts:
        at = next((i for i, other in enumerate(left) if alike(part, other, arabic)), None)
        if at is None:
            return False
        del left[: at + 1]
    return len(short.parts) == 1 or alike(short.parts[0], full.parts[0], arabic)


@lru_cache(maxsize=65_536)
def _names_institution(name: str) -> bool:
    """Whether a name is no person's, by its words: "Libyan National Army", "LNA"."""
    found = [fold_name(word) for word in name.split()]
    if _ACRONYM.fullmatch(name.strip()):
        return True
    return any(word in INSTITUTIONS or word in _NO_PERSON for word in found)


def _is_part_of(asked: str, parts: Sequence[str], speaker: Speaker) -> bool:
    """Whether each part of a name stands in one form of a speaker's name.

    Of an institution its noun must be among them: "US" is not "US Africa Command".
    """
    for form in speaker.forms:
        theirs = name_parts(form)
        if _names_institution(form) and theirs[-1] not in parts:
            continue
        arabic = is_arabic(form, theirs) or is_arabic(asked, parts)
        if all(any(alike(part, other, arabic) for other in theirs) for part in parts):
            return True
    return False


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
