"""What a speaker changed in words that come again: "grave concern" became "deep concern".

    quotations in order of time -> sentences -> the nearest earlier variant of each -> Reworded

Pure. Only sentences that are plainly variants of one formula are compared: enough of their words
are the same and in the same order, and what changed is little. Everything else is two statements,
between which no change is claimed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from corpus.differences import WordChange, word_changes
from corpus.places.finding import places_of
from corpus.quotations.extracting import Quotation
from corpus.sentences import split_sentences
from retrieval.terms import FUNCTION_WORDS, fold, names, words

# Read off pairs of sentences of one speaker in 694 statements and briefings of a ministry: from
# here on they are the same formula with another word or two; under it they share only phrases.
ALIKE = 0.72
FEWEST_WORDS = 6
"""Words of a sentence that can be called a formula."""
FEWEST_SHARED = 4
"""Words that mean something (not "the", "of") which both must have."""
NOT_AGAIN = timedelta(hours=20)
"""Nearer together than this, two wordings are two reports of one utterance."""
SHARED = 0.5
"""Share of a sentence's meaning words that another must have to be compared with it."""
_COURTESY = re.compile(
    r"\b(?:questions?|at the top|welcome|pleasure|honou?r to|thanks?|thank you|sorry|good to see"
    r"|(?:morning|afternoon|evening), everyone|see if we can|get back to you"
    r"|(?:let['’]s|will|first) go to|the line of)\b",
    re.IGNORECASE,
)
LOOK_BACK = 400
"""Of a word that stands everywhere, so many of the latest sentences are looked at."""


@dataclass(frozen=True, slots=True)
class Reworded:
    """A sentence as it was said before and as it is said now.

    `mark` is the earlier position's; `changes` make up both wordings (see `word_changes`).
    """

    mark: int
    before: str
    after: str
    changes: tuple[WordChange, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of the quotation at `place`: its folded words, and those that carry meaning."""

    place: int
    text: str
    words: tuple[str, ...]
    meaning: frozenset[str]
    names: frozenset[str]
    moment: datetime
    direct: bool


@dataclass(slots=True)
class _Earlier:
    """What was said before, by the words that carry meaning."""

    sentences: list[_Said] = field(default_factory=list)
    by_word: dict[str, list[int]] = field(default_factory=dict)

    def add(self, sentence: _Said) -> None:
        for word in sentence.meaning:
            self.by_word.setdefault(word, []).append(len(self.sentences))
        self.sentences.append(sentence)

    def near(self, sentence: _Said) -> Iterator[_Said]:
        """Sentences that share enough words to be worth comparing, the latest first."""
        shared: Counter[int] = Counter()
        for word in sentence.meaning:
            shared.update(self.by_word.get(word, ())[-LOOK_BACK:])
        enough = max(FEWEST_SHARED, round(len(sentence.meaning) * SHARED))
        for number in sorted((n for n, count in shared.items() if count >= enough), reverse=True):
            yield self.sentences[number]


def reworded(said: Sequence[tuple[Quotation, datetime | None]]) -> dict[int, Reworded]:
    """For each quotation (by its place, from 0) that varies an earlier one, how.

    `said` are one speaker's quotations with when they were published, in order of time.
    """
    earlier = _Earlier()
    found: dict[int, Reworded] = {}
    for place, (quotation, moment) in enumerate(said):
        if moment is None:
            continue
        sentences = _sentences(place, quotation, moment)
        for sentence in sentences:
            before = _variant(sentence, earlier.near(sentence))
            if before is not None and place not in found:
                changes = word_changes(before.text, sentence.text)
                found[place] = Reworded(before.place + 1, before.text, sentence.text, changes)
        for sentence in sentences:
            earlier.add(sentence)
    return found


def _sentences(place: int, quotation: Quotation, moment: datetime) -> list[_Said]:
    found = []
    for sentence in split_sentences(quotation.quote):
        folded = tuple(words(sentence.text))
        if len(folded) >= FEWEST_WORDS and not _COURTESY.search(sentence.text):
            meaning = frozenset(w for w in folded if w not in FUNCTION_WORDS and w.isalpha())
            named = frozenset(fold(name) for name in names(sentence.text))
            found.append(
                _Said(place, sentence.text, folded, meaning, named, moment, quotation.direct)
            )
    return found


def _variant(sentence: _Said, earlier: Iterable[_Said]) -> _Said | None:
    """The latest earlier wording of the same formula; None where there is none, or where the
    last time it was said in the very same words."""
    for before in earlier:
        if before.direct != sentence.direct or sentence.moment - before.moment < NOT_AGAIN:
            continue
        if before.words == sentence.words:
            return None
        if _is_one_matter(before, sentence) and is_variant(before.words, sentence.words):
            return before
    return None


def _is_one_matter(before: _Said, after: _Said) -> bool:
    """Whether two sentences can be of one thing, and differ in more than grammar.

    A name for another name makes another matter of it: "India is a strong partner" is no variant
    of "Indonesia is a strong partner".
    """
    renamed = before.names - after.names and after.names - before.names
    if renamed or before.meaning == after.meaning:
        return False
    if len(before.meaning & after.meaning) < FEWEST_SHARED:
        return False
    then, now = set(places_of(before.text)), set(places_of(after.text))
    return then <= now or now <= then


def is_variant(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two sentences, as folded words, are wordings of one formula."""
    shorter, longer = sorted((len(before), len(after)))
    # 2·matches/(sum of lengths) cannot reach ALIKE where one is that much longer.
    if shorter < FEWEST_WORDS or 2 * shorter < ALIKE * (shorter + longer):
        return False
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
