"""Utterances: the same words of one speaker, however many articles carry them.

    (article, quotation), … -> those with the same words, days apart at most -> Utterance

The origin, or the first that reported the words, stands for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from corpus.articles import Article
from corpus.quotations.extracting import Quotation
from retrieval.stories.nouns import moment_of
from retrieval.terms import words

REPORTED_FOR = timedelta(days=4)
"""The same words later than this after they were first reported were said again."""
FEWEST_WORDS = 4
"""Fewer words in another origin's article may have been said at another time."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A quotation, the copies of its article, and other articles that report the same words."""

    article: Article = field(repr=False)
    quotation: Quotation
    carried_by: tuple[Article, ...] = field(default=(), repr=False)
    also_in: tuple[Article, ...] = field(default=(), repr=False)

    def stands_within(self, other: Utterance) -> bool:
        """Whether these words are part of the other's, in the same place."""
        mine, theirs = self.quotation, other.quotation
        same = self.article.id == other.article.id and mine.paragraph == theirs.paragraph
        return same and theirs.start <= mine.start and mine.end <= theirs.end and mine != theirs


def utterances(found: Sequence[tuple[Article, Quotation]]) -> list[Utterance]:
    """Each utterance once; the order of the first ones is kept."""
    groups: list[list[tuple[Article, Quotation]]] = []
    by_words: dict[tuple[bool, tuple[str, ...]], list[list[tuple[Article, Quotation]]]] = {}
    for article, quotation in found:
        key = (quotation.direct, tuple(words(quotation.quote)))
        near = by_words.setdefault(key, [])
        group = next((one for one in near if _is_same(article, key[1], one)), None)
        if group is None:
            group = []
            groups.append(group)
            near.append(group)
        group.append((article, quotation))
    return [_utterance(group) for group in groups]


def _is_same(
    article: Article, said: Sequence[str], group: Sequence[tuple[Article, Quotation]]
) -> bool:
    """Whether an article's words are those of a group, not said again."""
    for other, _ in group:
        if other.id == article.id:
            return False
        if _origin(other) == _origin(article):
            return True
        near = abs(moment_of(other) - moment_of(article)) <= REPORTED_FOR
        if near and len(said) >= FEWEST_WORDS:
            return True
    return False


def _origin(article: Article) -> str:
    return article.duplicate_of or article.id


def _utterance(group: Sequence[tuple[Article, Quotation]]) -> Utterance:
    article, quotation = min(
        group, key=lambda one: (one[0].duplicate_of is not None, moment_of(one[0]), one[0].id)
    )
    others = [other for other, _ in group if other.id != article.id]
    return Utterance(
        article,
        quotation,
        tuple(other for other in others if _origin(other) == _origin(article)),
        tuple(other for other in others if _origin(other) != _origin(article)),
    )
