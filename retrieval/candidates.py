"""Candidates for what is wanted, and their signals as far as the indexes tell them.

    each text: nearest vectors, best words ─▶ union ─▶ every signal of every candidate ─▶ Looked

Every candidate gets every signal, whichever way it was found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from corpus.articles import Article
from retrieval.as_of import OlderTexts
from retrieval.embedding import Vectors
from retrieval.fusion import WEIGHTS
from retrieval.lexical import LexicalIndex
from retrieval.passages import Filter, ParagraphKey
from retrieval.vectors import VectorIndex
from retrieval.wanted import Wanted

# Candidates taken from each half; 200 instead of 100 changes hit@10 by less than .002.
CANDIDATES = 100
# For a part of a question fewer do: with 50 instead of 30 all@10 of multihop rises by .004.
CANDIDATES_OF_PART = 30
# Below this many paragraphs a filtered search scores all of them instead of asking the vector
# index to filter: fetching 2,000 vectors by id takes less time than a filtered query.
FEW_PARAGRAPHS = 1_000
# Above this share of the collection it is cheaper to ask for more and drop what does not
# match than to let the vector index filter (measured at 100,000 records: 1.3 ms unfiltered,
# 204 ms with a filter that half of them match).
LARGE_SHARE = 0.1

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looked:
    """The first look at all candidates: a score for each text that is wanted.

    `scores` has a row for each; `cosines` and `lexical` are those of the whole text. `then` are
    articles that are told as they were.
    """

    keys: list[ParagraphKey]
    scores: Scores
    cosines: Scores
    lexical: Scores
    then: Mapping[str, Article]


class Candidates:
    """Finds and scores candidates in both indexes. Threads may share it."""

    def __init__(self, vectors: VectorIndex, lexical: LexicalIndex, older: OlderTexts) -> None:
        self._vectors = vectors
        self._lexical = lexical
        self._older = older

    def look(
        self, texts: Sequence[Wanted], k: int, narrow: Filter | None, as_of: datetime | None
    ) -> Looked:
        """The candidates for all texts, with a score for each of these."""
        vectors = np.stack([one.vector for one in texts])
        most = [CANDIDATES + k, *(CANDIDATES_OF_PART for _ in texts[1:])]
        matches = [
            dict(self._lexical.search(one.terms, count, narrow))
            for one, count in zip(texts, most, strict=True)
        ]
        near = self.nearest(vectors[:1], CANDIDATES + k, narrow)
        if len(texts) > 1:
            near += self.nearest(vectors[1:], CANDIDATES_OF_PART, narrow)
        candidates = dict.fromkeys(key for found in (*near, *matches) for key in found)
        cosines = self._vectors.cosines_to(vectors, list(candidates))
        for one, known in zip(texts, matches, strict=True):
            known |= self._lexical.scores(one.terms, [key for key in cosines if key not in known])
        then: Mapping[str, Article] = {}
        if as_of is not None:
            then = self._take_older(texts, cosines, matches, narrow, as_of)
        keys = list(cosines)
        if not keys:
            nothing = np.zeros((len(texts), 0))
            return Looked([], nothing, nothing[0], nothing[0], then)
        meaning = np.array([cosines[key] for key in keys], dtype=np.float64).T
        words = np.array([_shares(keys, known) for known in matches])
        scores = np.array(
            [
                self._scores(one, keys, meaning[row], words[row], then)
                for row, one in enumerate(texts)
            ]
        )
        return Looked(keys, scores, meaning[0], words[0], then)

    def _scores(
        self,
        text: Wanted,
        keys: Sequence[ParagraphKey],
        cosines: Scores,
        lexical: Scores,
        then: Mapping[str, Article],
    ) -> Scores:
        """Fused scores of the candidates for one text, but for what takes reading them."""
        rare = text.rare
        covered = self._lexical.covered(rare, keys)
        articles = dict.fromkeys(identity for identity, _ in keys)
        by_article = self._lexical.articles.covered(text.rarity, articles)
        for identity, number in keys:
            if (older := then.get(identity)) is not None:
                own = self._lexical.terms(f"{older.title}\n{older.paragraph(number).text}")
                covered[identity, number] = sum(rare.get(term, 0.0) for term in own)
        for identity in articles:
            if (older := then.get(identity)) is not None:
                every = "\n".join((older.title, *(one.text for one in older.paragraphs)))
                own = self._lexical.terms(every)
                by_article[identity] = sum(text.rarity.get(term, 0.0) for term in own)
        whole, rarest = sum(text.rarity.values()) or 1.0, sum(rare.values()) or 1.0
        return (
            WEIGHTS.cosine * cosines
            + WEIGHTS.lexical * lexical
            + WEIGHTS.covered * np.array([covered.get(key, 0.0) / rarest for key in keys])
            + WEIGHTS.covered_by_article
            * np.array([by_article.get(key[0], 0.0) / whole for key in keys])
        )

    def _take_older(
        self,
        texts: Sequence[Wanted],
        cosines: dict[ParagraphKey, Vectors],
        matches: Sequence[dict[ParagraphKey, float]],
        narrow: Filter | None,
        as_of: datetime,
    ) -> Mapping[str, Article]:
        """Put what articles said then in the place of what the indexes hold of them."""
        found = [self._older.search(one.text, one.vector, as_of, narrow) for one in texts]
        then = found[0].articles
        for key in [key for key in cosines if key[0] in then]:
            del cosines[key]
        for known, older in zip(matches, found, strict=True):
            for key in [key for key in known if key[0] in then]:
                del known[key]
            known |= older.matches
        for key in dict.fromkeys(key for older in found for key in older.cosines):
            cosines[key] = np.array([older.cosines.get(key, 0.0) for older in found])
        return then

    def nearest(self, vectors: Vectors, k: int, narrow: Filter | None) -> list[list[ParagraphKey]]:
        """For each vector about the `k` nearest paragraphs that a filter lets pass, best first."""
        if not narrow:
            return self._vectors.nearest(vectors, k)
        total, matching = self._lexical.size, self._lexical.count(narrow)
        if matching <= FEW_PARAGRAPHS:
            keys = self._lexical.matching(narrow, FEW_PARAGRAPHS)
            cosines = self._vectors.cosines_to(vectors, keys)
            return [
                sorted(cosines, key=lambda key: (-cosines[key][row], key))[:k]
                for row in range(len(vectors))
            ]
        if matching >= LARGE_SHARE * total or narrow.places:
            share = matching / max(total, 1)
            found = self._vectors.nearest(vectors, min(total, int(2 * k / share) + k))
            every = list(dict.fromkeys(key for keys in found for key in keys))
            allowed = self._lexical.passing(every, narrow)
            kept = [[key for key in keys if key in allowed][:k] for keys in found]
            if narrow.places or all(len(keys) >= k for keys in kept):
                return kept
        return self._vectors.nearest(vectors, k, narrow)


def _shares(keys: Sequence[ParagraphKey], matches: Mapping[ParagraphKey, float]) -> Scores:
    """BM25 of each paragraph as a share of the best."""
    best = max(matches.values(), default=0.0) or 1.0
    return np.array([matches.get(key, 0.0) / best for key in keys])
