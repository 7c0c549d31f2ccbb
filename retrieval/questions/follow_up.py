"""Follow-ups: what was said before completes a question that leans on it. Pure.

    text, earlier turns, what else stands in the thread ─▶ Completed(search text, looked for)

    "And Serraj?"            after "What did Guterres say about Haftar?"   the speaker gives way
    "What did he ask for?"   after the same                                the pronoun is named
    "When did it start?"     after "Were there clashes in Gharyan?"        the subject is added

A question with names of its own stands alone. Whatever leans on what was said counts a second time
in the search itself, by its meaning and its words (`retrieval.search.candidates`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.tables import either
from corpus.text.words import FUNCTION_WORDS, content_words, fold, words
from retrieval.questions.understand import Question, Turn, speaker_of, understand

_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)

_any = partial(either, __package__, "asking")

_LEANS = re.compile(rf"\b{_any('leaning questions')}\b", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(rf"\W*{_any('afterthoughts')}\b", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    r"\W*(?:(?:and|but|or|so|ok(?:ay)?)[\s,]+)?"
    r"(?:(?:what|how) about|same for|and|or|anything from)?\s*(?P<rest>.+?)[\s?!.]*\Z",
    re.IGNORECASE | re.DOTALL,
)
_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w’'-]*(?:\s+(?:al-|el-|de |of |the |bin )?[A-ZÀ-Þ][\w’'-]*)*"
    r"|\b(?:al|el)-[A-ZÀ-Þ]\w+"
)
_NO_NAMES = FUNCTION_WORDS | DAYS_AND_MONTHS | tables.words(__package__, "asking", "no names")
# Content words. A shorter question that begins like an afterthought is one; with fewer than
# `BARE` it says nothing by itself, and takes words where there are no names.
FEWEST_WORDS = 4
BARE = 3
# On mtrag_un (`python -m tests.evaluation --sets mtrag_un`) recall@5 falls from .90 to .89 with six
# words, and where words are added to questions that have their own.
MOST_NAMES, MOST_WORDS = 3, 4


@dataclass(frozen=True, slots=True)
class Completed:
    """What is searched for; `looked_for` tells it where something was added, else None."""

    search_text: str
    looked_for: str | None = None


def understand_in_talk(
    text: str,
    asked_at: datetime,
    earlier: tuple[Turn, ...] = (),
    context: Sequence[str] = (),
) -> Question:
    """A question of a talk: what the reader wrote, and what is searched for instead of it."""
    completed = complete(text, earlier, context)
    question = understand(completed.search_text, asked_at, earlier=earlier)
    return replace(question, text=" ".join(text.split()), looked_for=completed.looked_for)


def complete(text: str, earlier: Sequence[Turn] = (), context: Sequence[str] = ()) -> Completed:
    """A question with what it leans on, from the latest that names something.

    `earlier` are the turns of the same talk and `context` what people wrote around it, both
    oldest first.
    """
    plain = " ".join(text.split())
    last = earlier[-1] if earlier else None
    if not leans(plain) or not (last or context):
        return Completed(plain)
    completed = (
        last and (_with_other_speaker(plain, last) or _with_person_named(plain, last))
    ) or _with_subjects(plain, last, context)
    return Completed(completed, completed) if completed else Completed(plain)


def leans(text: str) -> bool:
    """Whether a question cannot be understood by itself."""
    asked = len(content_words(text))
    if asked < FEWEST_WORDS and _AFTERTHOUGHT.match(text):
        return True
    return not any(_names(text)) and (bool(_LEANS.search(text)) or asked < 2)


def _with_other_speaker(text: str, last: Turn) -> str | None:
    """ "And Serraj?" after a question of what somebody said: the same of the other."""
    speaker = speaker_of(last.question)
    named = _WHAT_ABOUT.match(text)
    if speaker is None or named is None or not any(_names(named["rest"])):
        return None
    rest = named["rest"]
    if len(words(rest)) > len(words(" ".join(_names(rest)))) + 1:
        # More than a name: it asks something of its own.
        return None
    return last.question.replace(speaker, rest, 1)


def _with_person_named(text: str, last: Turn) -> str | None:
    """The question with its first "he" or "she" named, where the last turn is of one speaker."""
    speaker = speaker_of(last.question)
    pronoun = _PERSON.search(text)
    if speaker is None or pronoun is None or not any(_names(speaker)):
        return None
    possessive = pronoun[0].casefold() in ("his", "hers") or (
        pronoun[0].casefold() == "her" and re.match(r"\s+\w", text[pronoun.end() :])
    )
    name = f"{speaker}’s" if possessive else speaker
    return f"{text[: pronoun.start()]}{name}{text[pronoun.end() :]}"


def _with_subjects(text: str, last: Turn | None, context: Sequence[str]) -> str | None:
    """The question and what the latest text before it names; failing names, its words."""
    said = [*((last.question, last.answer) if last else ()), *reversed(context)]
    known = set(words(text))
    for one in said:
        found = [name for name in _names(one) if not {fold(w) for w in name.split()} <= known]
        if found:
            return _added(text, list(dict.fromkeys(found))[:MOST_NAMES])
        if len(content_words(text)) < BARE:
            plain = [word for word in content_words(one) if word not in known]
            if plain:
                return _added(text, list(dict.fromkeys(plain))[:MOST_WORDS])
        elif last:
            # What the question before does not name, its answer names by the way.
            return None
    return None


def _added(text: str, subjects: Sequence[str]) -> str:
    return f"{text.rstrip(' ?!.')} ({', '.join(subjects)})?"


def _names(text: str) -> Iterable[str]:
    for match in _NAME.finditer(text):
        found = match[0].split()
        while found and fold(found[0]) in _NO_NAMES:
            found = found[1:]
        if found:
            yield " ".join(found).removesuffix("’s").removesuffix("'s")
