"""Words that turn a statement round: opposites, and what a negation denies. Pure.

claim + clause of the same matter -> "did not join" for "joined", "rejected" for "approved"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from retrieval.support import stem
from retrieval.terms import content_words, fold, words

# Two sides a line; words of news, in the forms in which they stand there.
_OPPOSITES = """
approve approved accept accepted adopt adopted ratify ratified pass passed
    | reject rejected refuse refused veto vetoed
win won wins victory | lose lost loses defeat defeated
rise rose risen rises increase increased grow grew grown
    | fall fell fallen falls decrease decreased shrink shrank drop dropped
begin began begun begins start started starts resume resumed
    | end ended ends stop stopped halt halted suspend suspended cancel cancelled postpone postponed
join joined joins enter entered | leave left quit withdraw withdrew
support supported supports back backed welcome welcomed endorse endorsed
    | oppose opposed opposes condemn condemned criticise criticised criticize criticized
confirm confirmed admit admitted | deny denied denies
open opened opens reopen reopened | close closed closes shut
impose imposed imposes | lift lifted lifts ease eased
agree agreed agreement | disagree disagreed disagreement
before ahead earlier | after later
longer larger bigger higher stronger upper | shorter smaller lower weaker
take taken took capture captured seize seized gain gained retake retaken
    | lose lost abandon abandoned
more above over exceed exceeded | fewer less below under
north northern | south southern
east eastern | west western
all entire entirely full fully | partial partially partly part some
succeed succeeded success | fail failed failure
free freed release released | arrest arrested detain detained
build built | destroy destroyed dismantle dismantled
send sent deploy deployed | recall recalled withdraw withdrew
first | last second third
unanimous unanimously | narrow narrowly divided split
government governments | opposition
civilian civilians | military soldiers
import imports imported | export exports exported
buy buys bought purchase purchased | sell sells sold sale
"""
_SIDES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, _, other in (
        line.partition("|") for line in _OPPOSITES.replace("\n    |", " |").strip().splitlines()
    )
)
_NEGATIONS = frozenset("not no never neither nor cannot without".split())
MARKS = ".,;:!?()“”\"'"
REACH = 3
"""Words after a negation among which the first content word is the one that is denied."""


def has_opposite(word: str) -> bool:
    """Whether a word is one side of two."""
    return any(word in side for sides in _SIDES for side in sides)


def opposite(claim: str, clause: str) -> str:
    """A word of a claim whose opposite stands in a clause that has not the word's own side."""
    told, there = set(words(claim)), set(words(clause))
    for sides in _SIDES:
        for side, other in (sides, sides[::-1]):
            has = told & side - other
            if has and not told & other and there & other and not there & side:
                return f"“{min(there & other)}” stands there, not “{min(has)}”"
    return ""


def other_sense(claim: str, clause: str, around: str) -> str:
    """A word that is denied on one side only: "did not join" for "joined"."""
    denied_there, denied = _denied(clause), _denied(claim)
    told = set(stems(content_words(claim)))
    plainly = set(stems(content_words(around))) - denied_there.keys()
    for word, shown in denied_there.items():
        if word in told and word not in denied and word not in plainly:
            return f"“{shown}” stands there"
    for word, shown in denied.items():
        if word in plainly:
            return f"that stands there without “{shown.split()[0]}”"
    return ""


def stems(found: Iterable[str]) -> Iterator[str]:
    """The stems of folded words."""
    return (stem(word) for word in found)


def _denied(text: str) -> dict[str, str]:
    """Stems of the words that a negation goes before, each with the negation and the word."""
    found: dict[str, str] = {}
    tokens = text.split()
    for position, token in enumerate(tokens):
        plain = fold(token)
        if plain not in _NEGATIONS and not plain.endswith("n't"):
            continue
        for word in tokens[position + 1 : position + 1 + REACH]:
            if fold(word) == "longer":
                continue
            for content in content_words(word):
                found.setdefault(stem(content), f"{plain} {word.strip(MARKS)}")
            if content_words(word) or word.rstrip(MARKS) != word:
                break
    return found
