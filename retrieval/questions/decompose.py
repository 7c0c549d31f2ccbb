"""A question of several parts, taken apart. Pure rules, and careful ones.

    "Who visited Tripoli, and how many were killed at Gharyan?"  ─ subquestions ─▶ two questions
    "What did Guterres and Haftar say about the talks?"          ─ subquestions ─▶ one each
    "Did A attribute … to B, while C suggests that …?"           ─ parts_of ─▶ halves to search for

`subquestions` are answered one by one: a part that leans on another ("and when did he leave?")
stays with it, and so does a relative clause ("the minister who resigned and who later joined …").
`parts_of` are only searched for: a paragraph that answers one part shares few words with the
others, and the meaning of the whole lies between all of them; searched as one, the parts drown each
other.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from corpus.text.sentences import split_sentences
from corpus.text.tables import either
from corpus.text.words import content_words, names
from retrieval.questions.understand import Narrowing, Question, understand

Item = TypeVar("Item", bound=Hashable)
# Content words. A shorter piece is an apposition or the item of a list; it stays with its
# neighbour.
SHORTEST_PART = 4
MOST_PARTS = 5
_JOINT = re.compile(
    r"\s*(?:[,;]\s*(?:while|whereas|and|but|or|despite|as well as|compared (?:to|with))?\b"
    r"|\b(?:while|whereas|as well as|compared (?:to|with)|and)\b)\s*",
    re.IGNORECASE,
)
MOST_SUBQUESTIONS = 4
FEWEST_WORDS = 2
"""Content words that a part has of its own; less cannot be looked up by itself."""
_ASKING = r"(?:who|whom|whose|what|when|where|why|how|which)"
_NEXT = re.compile(
    rf"(?:[?;]\s*(?:and\s+|but\s+)?|,?\s+(?:and|but)\s+)(?={_ASKING}\b)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\s(?:who|whom|whose|which|where|what|how)\b", re.IGNORECASE)

_any = partial(either, __package__, "asking")
_LEANS = re.compile(rf"\b{_any('leaning parts')}\b", re.IGNORECASE)
_NAME = r"(?:[A-ZÀ-Þ][\w’'.-]*|of|the|al|el|bin|ibn|de|van|von)"
_SPEAKERS = re.compile(
    rf"^(?P<before>what (?:did|do|have|had))\s+(?P<first>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*"
    rf"(?:\s+{_NAME}){{0,4}}?)\s+and\s+(?P<second>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*"
    rf"(?:\s+{_NAME}){{0,4}}?)\s+(?:each\s+|both\s+)?"
    rf"(?P<after>(?:say|said|tell|told|tweet|announce|declare|warn|demand|write|wrote)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_COMPARED = re.compile(
    rf"^(?i:compare|contrast|how do|how did)\s+(?:(?:the\s+)?(?:positions?|views?|statements?|"
    rf"accounts?|words)\s+(?:of\s+)?)?(?P<first>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*(?:\s+{_NAME}){{0,4}}?)"
    rf"\s+(?:and|with|to)\s+(?P<second>(?:the\s+)?[A-ZÀ-Þ][\w’'.-]*(?:\s+{_NAME}){{0,4}}?)"
    rf"\s+(?:differ\s+|disagree\s+|compare\s+)?(?:on|about|over|regarding)\s+(?P<topic>.+?)[?.!]*$",
    re.DOTALL,
)


def subquestions(question: Question) -> tuple[Question, ...]:
    """The parts of a question in their order; the question itself where it has only one."""
    if question.looked_for is not None:
        # What the talk before completes is one matter.
        return (question,)
    texts = _compared(question.text) or _several_speakers(question.text) or _asked(question.text)
    if not 2 <= len(texts) <= MOST_SUBQUESTIONS:
        return (question,)
    return tuple(_part(question, text) for text in texts)


def _asked(text: str) -> list[str]:
    """The clauses of a text that each ask something."""
    pieces: list[str] = []
    start = 0
    for match in _NEXT.finditer(text):
        piece = text[start : match.start()]
        asks_anew = "?" in match.group() or not _RELATIVE.search(f"{piece.strip()} "[1:])
        if asks_anew and _stands_alone(piece) and _stands_alone(text[match.end() :]):
            pieces.append(piece)
            start = match.end()
    return [_as_question(piece) for piece in (*pieces, text[start:])] if pieces else []


def _stands_alone(piece: str) -> bool:
    """Whether a clause asks something that can be looked up by itself."""
    begins = re.match(rf"\s*{_ASKING}\b", piece, re.IGNORECASE)
    leans = _LEANS.search(piece) and not names(piece)
    enough = len(set(content_words(piece))) >= FEWEST_WORDS or bool(names(piece))
    return bool(begins) and enough and not leans


def _several_speakers(text: str) -> list[str]:
    match = _SPEAKERS.match(text.strip())
    if match is None or "between" in match["after"].lower():
        return []
    before, after = match["before"], match["after"].rstrip(" ?.!")
    return [f"{before} {match[name].strip()} {after}?" for name in ("first", "second")]


def _compared(text: str) -> list[str]:
    match = _COMPARED.match(text.strip())
    if match is None:
        return []
    topic = match["topic"]
    return [f"What did {match[name].strip()} say about {topic}?" for name in ("first", "second")]


def _as_question(piece: str) -> str:
    bare = piece.strip(" ,;?.!")
    return f"{bare[:1].upper()}{bare[1:]}?"


def _part(question: Question, text: str) -> Question:
    """A part as a question of its own, narrowed as the whole is."""
    narrow = question.narrow
    given = Narrowing(narrow.since, narrow.until, question.as_of, narrow.places, narrow.sources)
    part = understand(text, question.asked_at, given)
    return replace(part, latest=question.latest or part.latest, earlier=question.earlier)


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a question that is one sentence; empty where it is not taken apart.

    Of a text in several sentences only one asks: the others tell what it is about, and are not
    parts of it.
    """
    if not is_one_sentence(text):
        return ()
    parts: list[str] = []
    for piece in filter(None, (found.strip(" ,;") for found in _JOINT.split(text))):
        if parts and (_is_short(piece) or _is_short(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return tuple(parts) if 2 <= len(parts) <= MOST_PARTS else ()


def is_one_sentence(text: str) -> bool:
    """Whether a text does nothing but ask, without telling what it is about beforehand."""
    return len(split_sentences(text)) == 1


def in_turns(orders: Sequence[Sequence[Item]], k: int) -> list[Item]:
    """The first `k` distinct items of several orders: in turn each gives its best that is left."""
    taken: dict[Item, None] = {}
    left = [iter(order) for order in orders]
    while len(taken) < k and left:
        for order in list(left):
            item = next((one for one in order if one not in taken), None)
            if item is None:
                left.remove(order)
            else:
                taken[item] = None
    return list(taken)[:k]


def _is_short(piece: str) -> bool:
    return len(content_words(piece)) < SHORTEST_PART
