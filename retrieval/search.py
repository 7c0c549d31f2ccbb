"""Hybrid search: a question's words and its meaning, fused.

    question text ── vectors.search ──┐
                                      ├─ union of candidates ── both scores of each ── fused
    question text ── lexical.search ──┘                                              order

Every candidate gets both scores, whichever half found it: score = w·cosine + (1-w)·BM25/max.
A weighted sum of scores keeps how clear a half was in its choice, which rank fusion (RRF)
throws away (Bruch, Gai and Ingber 2023, "An Analysis of Fusion Functions for Hybrid
Retrieval").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from corpus.articles import Article
from corpus.store.article_store import ArticleStore
from retrieval.as_of import OlderTexts
from retrieval.embedding import SentenceEmbeddings, Vectors
from retrieval.lexical import LexicalIndex
from retrieval.passages import Filter, ParagraphKey, Passage
from retrieval.questions import Question
from retrieval.temporal import prefer_time
from retrieval.time_window import TimeWindow
from retrieval.vectors import VectorIndex

# Weight of the cosine. `python -m tests.evaluation --weights` prints hit@10 by weight: multihop
# is best at .5, timeqa from .5 to .6, squad2 and briefings at .7; at .55 each is within .02 of
# its best.
COSINE_WEIGHT = 0.55
# Candidates taken from each half; 200 instead of 100 changes hit@10 by less than .002.
CANDIDATES = 100
# How many passages are looked at for the time that is asked about.
REORDERED = 60
# Below this many paragraphs a filtered search scores all of them instead of asking the vector
# index to filter: fetching 2,000 vectors by id takes less time than a filtered query.
FEW_PARAGRAPHS = 1_000
# Paragraphs whose cosines the vector index gives in one call.
KEYS_AT_ONCE = 2_000
# Above this share of the collection it is cheaper to ask for more and drop what does not
# match than to let the vector index filter (measured at 100,000 records: 1.3 ms unfiltered,
# 204 ms with a filter that half of them match).
LARGE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Halves:
    """The candidates of each half alone, best first, for measuring the fusion against them."""

    dense: tuple[ParagraphKey, ...]
    lexical: tuple[ParagraphKey, ...]


class HybridSearch:
    """Ranked passages for a text. Reads the indexes and the store, changes nothing."""

    def __init__(
        self,
        store: ArticleStore,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        embeddings: SentenceEmbeddings,
        as_of: datetime | None = None,
    ) -> None:
        """With `as_of` every search finds what was known then, unless it names its own moment."""
        self._as_of = as_of
        self._store = store
        self._vectors = vectors
        self._lexical = lexical
        self._embeddings = embeddings
        self._older = OlderTexts(store, lexical, embeddings)

    def search(
        self,
        text: str,
        k: int = 10,
        narrow: Filter | None = None,
        around: TimeWindow | None = None,
        as_of: datetime | None = None,
    ) -> list[Passage]:
        """The `k` best passages for a text, best first; fewer where fewer match `narrow`.

        Passages that speak of the time `around` come before others that fit as well. With `as_of`
        articles read as they did then (`retrieval.as_of`); nothing published later is found.
        """
        as_of = as_of or self._as_of
        if as_of is not None:
            narrow = _closed(narrow, as_of)
        vector = self._embeddings.encode_question(text)
        dense = self._dense(vector, CANDIDATES + k, narrow)
        lexical = self._lexical.search(text, CANDIDATES + k, narrow)
        cosines, matches = dict(dense), dict(lexical)
        cosines |= self._vectors.cosines(vector, [key for key in matches if key not in cosines])
        matches |= self._lexical.scores(text, [key for key in cosines if key not in matches])
        then: Mapping[str, Article] = {}
        if as_of is not None:
            older = self._older.search(text, vector, as_of, narrow)
            then = older.articles
            cosines = {key: one for key, one in cosines.items() if key[0] not in then}
            cosines |= older.cosines
            matches = {key: one for key, one in matches.items() if key[0] not in then}
            matches |= older.matches
        best = max(matches.values(), default=0.0) or 1.0
        scored = [
            (_fuse(cosine, matches.get(key, 0.0) / best), key, cosine, matches.get(key, 0.0) / best)
            for key, cosine in cosines.items()
        ]
        scored.sort(key=lambda item: (-item[0], item[1]))
        if around is None:
            return self._passages(scored[:k], then)
        return prefer_time(self._passages(scored[: max(k, REORDERED)], then), around)[:k]

    def then(self, moment: datetime) -> HybridSearch:
        """The same search of what was known at a moment."""
        return HybridSearch(
            self._store, self._vectors, self._lexical, self._embeddings, as_of=moment
        )

    def find(self, question: Question, k: int) -> list[Passage]:
        """The `k` best passages for a question as it was understood."""
        return self.search(
            question.search_text, k, question.narrow or None, question.around, question.as_of
        )

    def cosines(self, text: str, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, float]:
        """Cosine of these paragraphs to a text, of those that the index holds."""
        if not keys:
            return {}
        vector = self._embeddings.encode_question(text)
        found: dict[ParagraphKey, float] = {}
        for first in range(0, len(keys), KEYS_AT_ONCE):
            found |= self._vectors.cosines(vector, keys[first : first + KEYS_AT_ONCE])
        return found

    def halves(self, text: str, k: int = 10, narrow: Filter | None = None) -> Halves:
        """What each half alone would have found."""
        vector = self._embeddings.encode_question(text)
        return Halves(
            tuple(key for key, _ in self._dense(vector, k, narrow)[:k]),
            tuple(key for key, _ in self._lexical.search(text, k, narrow)),
        )

    def _dense(
        self, vector: Vectors, k: int, narrow: Filter | None
    ) -> list[tuple[ParagraphKey, float]]:
        if not narrow:
            return self._vectors.search(vector, k)
        total, matching = self._lexical.size, self._lexical.count(narrow)
        if matching <= FEW_PARAGRAPHS:
            keys = self._lexical.matching(narrow, FEW_PARAGRAPHS)
            return _ranked(self._vectors.cosines(vector, keys))[:k]
        if matching >= LARGE_SHARE * total or narrow.places:
            share = matching / max(total, 1)
            found = self._vectors.search(vector, min(total, int(2 * k / share) + k))
            allowed = self._lexical.passing([key for key, _ in found], narrow)
            kept = [(key, cosine) for key, cosine in found if key in allowed]
            if len(kept) >= k or narrow.places:
                return kept[:k]
        return self._vectors.search(vector, k, narrow)

    def _passages(
        self,
        scored: Sequence[tuple[float, ParagraphKey, float, float]],
        then: Mapping[str, Article],
    ) -> list[Passage]:
        """Passages of what the store still holds; an index may be a moment behind it.

        `then` are articles that are told as they were, also those retracted since.
        """
        ids = dict.fromkeys(key[0] for _, key, _, _ in scored if key[0] not in then)
        articles = {
            article.id: article
            for article in self._store.articles(ids)
            if article.withdrawn_at is None
        } | dict(then)
        passages = []
        for score, (identity, number), cosine, lexical in scored:
            article = articles.get(identity)
            if article is None or number > len(article.paragraphs):
                continue
            passages.append(Passage(article, article.paragraph(number), score, cosine, lexical))
        return passages


def _closed(narrow: Filter | None, as_of: datetime) -> Filter:
    """A filter that lets nothing pass that was published after a moment."""
    narrow = narrow or Filter()
    return replace(narrow, until=min(narrow.until or as_of, as_of))


def _fuse(cosine: float, lexical: float) -> float:
    return COSINE_WEIGHT * cosine + (1 - COSINE_WEIGHT) * lexical


def _ranked(scores: dict[ParagraphKey, float]) -> list[tuple[ParagraphKey, float]]:
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
