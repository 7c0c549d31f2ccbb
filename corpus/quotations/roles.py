"""Roles beside names: "retired Army general", "director of the centre", and where they begin."""

from __future__ import annotations

import re
from difflib import get_close_matches

from corpus import name_words as words

_DESCRIPTION = re.compile(r"\s*(?:an?|the|who|whose|one|\d+|[a-zà-ÿ][\w’'-]*)\b")
_OPENS_CLAUSE = frozenset(
    "and but while as when because though although whereas since after before so or yet".split()
)
"""Not “that”, which opens a relative clause as often: "a raid that Putin said had failed"."""
_BEFORE_NAMES = words.ROLE_WORDS | words.ROLE_MODIFIERS | words.DESCRIPTORS


def role_before(before: str, *, portfolio: bool) -> tuple[str, str]:
    """The role that ends here and what stands before it.

    `portfolio`: what follows began with one ("of State"), so a preposition may stand here.
    """
    taken: list[str] = []
    rest = before
    while len(taken) < 8 and rest and rest[-1] not in ',;:—–”“"(':
        at = max(rest.rfind(" "), rest.rfind("\u00a0")) + 1
        word = rest[at:]
        if not taken:
            if word in ("the", "The"):
                return "", rest[:at].rstrip()
            office = portfolio and word in ("of", "to", "for")
            if not office and folded(word) not in _BEFORE_NAMES:
                return "", rest
        elif folded(word) in _OPENS_CLAUSE and folded(word) != "and":
            break
        taken.insert(0, word)
        rest = rest[:at].rstrip()
        if folded(word) in ("the", "a", "an"):
            break
    return " ".join(taken), rest


def opens_clause(before: str) -> bool:
    """Whether what follows can be the subject of a clause."""
    before = before.rstrip()
    if not before or before[-1] in ',;:—–”“"().•…!?|':
        return True
    if before.endswith("-") and before[-2:-1].isspace():
        return True
    word = folded(before[before.rfind(" ") + 1 :])
    if word == "and" or word == "or":
        earlier = before[: before.rfind(" ")].rstrip()
        return not earlier[earlier.rfind(" ") + 1 :][:1].isupper() or earlier.endswith(",")
    return word in _OPENS_CLAUSE


def is_role_phrase(before: list[str]) -> bool:
    """Whether words can stand between an inverted verb and the name: "said LNA spokesman"."""
    if not before:
        return True
    last = folded(before[-1])
    if last == "and" and len(before) > 1:
        last = folded(before[-2])
    if last in words.ROLE_WORDS | words.ROLE_MODIFIERS:
        return not (set(before) & {"in", "with", "to", "about", "by", "on"})
    return len(before) == 1 and last in ("the", "then", "also")


def reads_as_role(described: str) -> bool:
    """Whether words after a name and a comma say who that is."""
    found = {folded(word) for word in described.split()[:12]}
    return bool(found & words.ROLE_WORDS) or described.startswith(("a ", "an ", "the ", "who "))


def describes(described: str) -> bool:
    """Whether words between commas can describe the name before them."""
    first = described.split(maxsplit=1)[:1]
    return bool(_DESCRIPTION.match(described)) or bool(
        first and folded(first[0]) in words.ROLE_WORDS
    )


def is_personal(described: str) -> bool:
    """Whether a description is a person's: "director of the centre", not "a news agency"."""
    head = re.split(r"\b(?:of|for|at|in|with|which|that)\b", described, maxsplit=1)[0]
    return bool({folded(word) for word in head.split()} & words.ROLE_WORDS)


def shown_role(words_of_role: str) -> str | None:
    """A role without its article; None where the words name no role."""
    shown = re.sub(
        r"^(?:the|an?|The|An?|who (?:is|was)(?: the| an?)?)\s+", "", words_of_role.strip()
    )
    found = {folded(word) for word in shown.split()}
    participle = shown.split(" ")[0].endswith("ing") and "acting" not in found
    clause = participle or "that" in found
    return shown if found & _BEFORE_NAMES and not clause else None


# Words that stand before the noun of a title: "Prime", "Deputy", "Foreign" alone are half of one.
_HALVES = words.ROLE_MODIFIERS | frozenset(
    """
    acting assistant associate defence defense deputy exterior finance foreign former interim
    interior national permanent press prime principal senior special state under vice health
    trade treasury affairs
    """.split()
)
_VAGUE = frozenset("secretary minister official officer member head chief chair director".split())
"""Titles that say little without of what."""


_PORTFOLIO = re.compile(r"\s+(?:of|for|to)\s+", re.IGNORECASE)


def is_whole(role: str) -> bool:
    """Whether a role ends with the noun of a title: "Prime Minister", not "Prime"."""
    tokens = [folded(word) for word in _PORTFOLIO.split(role)[0].split()]
    return bool(tokens) and tokens[-1] not in _HALVES


def is_vague(role: str) -> bool:
    """Whether a role says next to nothing of whose it is: "Secretary", "Minister"."""
    return folded(role) in _VAGUE


def misspells_title(token: str) -> bool:
    """Whether a word is a title's noun with a slip of the typist: "Mininster"."""
    plain = folded(token)
    near = get_close_matches(plain, _LONG_TITLES, n=1, cutoff=0.85)
    return plain not in words.ROLE_WORDS and bool(near)


_LONG_TITLES = sorted(word for word in words.ROLE_WORDS - _HALVES if len(word) >= 7)


def folded(word: str) -> str:
    """A word without case, outer punctuation and possessive."""
    return word.strip(".,’'()“”\"").removesuffix("’s").removesuffix("'s").casefold()
