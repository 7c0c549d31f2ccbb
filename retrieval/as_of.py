"""Searching what was known at a moment: the texts that the indexes no longer hold.

    as-of moment ── articles that changed since, as they read then ──▶ scored as the indexes would
                                                                     ▶ in place of what they hold

The indexes hold current text. Of the articles that changed or were retracted after the moment
(mostly few) the paragraphs of the version of that time are scored directly: cosine by the model,
BM25 with the index's own counts of how rare a word is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.articles import Article, Paragraph
from corpus.store.article_store import ArticleStore
from corpus.store.known_then import changed_after
from retrieval.embedding import SentenceEmbeddings, Vectors
from retrieval.lexical import LexicalIndex
from retrieval.passages import Filter, ParagraphKey

# Paragraphs that are encoded for a question, those that share its rarest words first. A hundred
# take as long as a few questions.
ENCODED = 100
# The constants of BM25 in the lexical index (tantivy's own).
_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Older:
    """Articles as they were, by id, and the scores of their best paragraphs.

    What an index holds of these articles was not known then.
    """

    articles: Mapping[str, Article]
    cosines: Mapping[ParagraphKey, float]
    matches: Mapping[ParagraphKey, float]


class OlderTexts:
    """Finds what has changed since in the texts of that time. Threads may share it."""

    def __init__(
        self, store: ArticleStore, lexical: LexicalIndex, embeddings: SentenceEmbeddings
    ) -> None:
        self._store = store
        self._lexical = lexical
        self._embeddings = embeddings

    def search(
        self, text: str, vector: Vectors, moment: datetime, narrow: Filter | None = None
    ) -> Older:
        """The paragraphs of that time that fit a text, of articles that read otherwise now."""
        narrow = narrow or Filter()
        articles = changed_after(self._store, moment, narrow.since, narrow.until)
        readable = [
            (article, paragraph)
            for article in articles
            if _is_of_sources(article, narrow.sources)
            for paragraph in article.paragraphs
            if paragraph.text.strip() and self._is_of_places(article, paragraph, narrow.places)
        ]
        matches = self._matches(text, readable)
        best = sorted(
            readable,
            key=lambda one: (-matches.get(_key(one[1]), 0.0), _key(one[1])),
        )[:ENCODED]
        kept = {_key(paragraph) for _, paragraph in best}
        return Older(
            {article.id: article for article in articles},
            self._cosines(vector, [paragraph for _, paragraph in best]),
            {key: score for key, score in matches.items() if key in kept},
        )

    def _cosines(
        self, vector: Vectors, paragraphs: Sequence[Paragraph]
    ) -> dict[ParagraphKey, float]:
        windows = self._embeddings.windows([paragraph.text for paragraph in paragraphs])
        flat = [text for texts in windows for text in texts]
        if not flat:
            return {}
        scores = iter((self._embeddings.encode(flat) @ vector).tolist())
        return {
            _key(paragraph): max(next(scores) for _ in texts)
            for paragraph, texts in zip(paragraphs, windows, strict=True)
        }

    def _matches(
        self, text: str, readable: Sequence[tuple[Article, Paragraph]]
    ) -> dict[ParagraphKey, float]:
        """BM25 as the lexical index counts it; paragraphs without a word of the text left out."""
        total = self._lexical.size
        frequency = self._lexical.document_frequency(self._lexical.terms(text))
        rarity = {
            term: math.log(1 + (max(total, n) - n + 0.5) / (n + 0.5))
            for term, n in frequency.items()
        }
        counted = [
            (_key(paragraph), self._lexical.counts(f"{article.title}\n{paragraph.text}"))
            for article, paragraph in readable
        ]
        usual = _mean(terms.total() for _, terms in counted)
        scores = {key: _bm25(rarity, terms, usual) for key, terms in counted}
        return {key: score for key, score in scores.items() if score > 0}

    def _is_of_places(self, article: Article, paragraph: Paragraph, places: Sequence[str]) -> bool:
        if not places:
            return True
        said = set(self._lexical.terms(f"{article.title}\n{paragraph.text}"))
        return any(said >= set(self._lexical.terms(place)) for place in places)


def _bm25(rarity: Mapping[str, float], terms: Counter[str], usual: float) -> float:
    length = _K1 * (1 - _B + _B * terms.total() / usual) if usual else _K1
    return sum(
        weight * (_K1 + 1) * terms[term] / (terms[term] + length)
        for term, weight in rarity.items()
        if terms[term]
    )


def _is_of_sources(article: Article, sources: Sequence[str]) -> bool:
    wanted = {name.casefold() for name in sources}
    return not wanted or (article.source or "").casefold() in wanted


def _mean(lengths: Iterable[int]) -> float:
    counted = list(lengths)
    return sum(counted) / len(counted) if counted else 0.0


def _key(paragraph: Paragraph) -> ParagraphKey:
    return (paragraph.article_id, paragraph.number)
