"""Roles beside names: "retired Army general", "director of the centre", and where they begin."""

from __future__ import annotations

import re

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


def folded(word: str) -> str:
    """A word without case, outer punctuation and possessive."""
    return word.strip(".,’'()“”\"").removesuffix("’s").removesuffix("'s").casefold()
