"""What is measured: a set's corpus, read, stored and indexed as the product does it.

    articles -> read_path -> ingest -> ArticleStore -> Indexer -> both indexes -> HybridSearch

Only embeddings and what a reader finds come through caches. Beside the product's own order stand
those of its halves and of plain rank fusion, over the same indexes.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from corpus.articles import ReadArticle
from corpus.ingest import ingest
from corpus.readers.folders import Refused, read_path
from corpus.store.articles import open_store
from retrieval.answers.chain import FOUND
from retrieval.answers.extractive import SentenceScorer
from retrieval.encoders.cross_encoder import PACKAGED_READER, Reader, make_reader
from retrieval.evidence import Evidence, gather
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.indexer import Indexer
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import VectorIndex, embedded_client
from retrieval.passages import Filter, ParagraphKey
from retrieval.questions.understand import Question, understand
from retrieval.search.retriever import HybridSearch
from tests.evaluation.embedding_cache import CachedReader
from tests.evaluation.sets import ASKED_AT, ROOT, Asked, QuestionSet

FIRST = 10
# Reciprocal rank fusion as published: Cormack, Clarke and Büttcher 2009, k = 60.
RRF_K = 60
RRF_DEPTH = 100

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Orders:
    """The first paragraphs that each way finds for one question, best first."""

    dense: Sequence[ParagraphKey]
    bm25: Sequence[ParagraphKey]
    rrf: Sequence[ParagraphKey]
    chancery: Sequence[ParagraphKey]


@dataclass(frozen=True, slots=True)
class Halves:
    """The candidates of each half alone, best first, for measuring the fusion against them."""

    dense: tuple[ParagraphKey, ...]
    lexical: tuple[ParagraphKey, ...]


def halves_of(search: HybridSearch, text: str, k: int, narrow: Filter | None = None) -> Halves:
    """What each half of a search alone would have found."""
    vectors = search._embeddings.encode_questions([text])
    return Halves(
        tuple(search._candidates.nearest(vectors, k, narrow)[0][:k]),
        tuple(key for key, _ in search._lexical.search(text, k, narrow)),
    )


@dataclass(frozen=True, slots=True)
class System:
    """One indexed corpus and everything that asks it."""

    search: HybridSearch
    scorer: SentenceScorer
    vectors: VectorIndex
    embeddings: SentenceEmbeddings
    reader: Reader

    def orders(self, asked: Asked) -> Orders:
        halves = halves_of(self.search, asked.text, RRF_DEPTH)
        return Orders(
            dense=halves.dense[:FIRST],
            bm25=halves.lexical[:FIRST],
            rrf=reciprocal_rank_fusion([halves.dense, halves.lexical])[:FIRST],
            chancery=[passage.key for passage in self.search.find(understood(asked), FIRST)],
        )

    def highest_cosine(self, asked: Asked) -> float:
        """Cosine of the nearest paragraph: the plainest sign that something answers."""
        found = self.vectors.search(self.embeddings.encode_question(asked.text), 1)
        return found[0][1] if found else 0.0

    def evidence(self, asked: Asked) -> Evidence:
        """The evidence that the chain would answer from."""
        question = understood(asked)
        return gather(question, self.search.find(question, FOUND), self.scorer.score)


def open_system(
    given: QuestionSet, embeddings: SentenceEmbeddings
) -> AbstractContextManager[System]:
    """The corpus of a set, indexed in a temporary folder that goes with it."""
    return open_corpus(read_path(given.articles), embeddings)


@contextmanager
def open_corpus(
    articles: Iterable[ReadArticle | Refused],
    embeddings: SentenceEmbeddings,
    *,
    reranked: bool = True,
) -> Iterator[System]:
    """Articles, indexed in a temporary folder that goes with them; what is found is put in order
    by the packaged reader unless told otherwise."""
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="evaluation-")))
        store = open_store(f"sqlite:///{home / 'chancery.db'}")
        opened.callback(store.close)
        receipt = ingest(store, articles, lambda: ASKED_AT)
        if receipt.failed:
            raise RuntimeError(f"{receipt.failed[0]} could not be read")
        lexical = LexicalIndex(home)
        opened.callback(lexical.close)
        vectors = VectorIndex(embedded_client(home), embeddings)
        Indexer(store, vectors, lexical, embeddings).catch_up()
        packaged = make_reader(PACKAGED_READER)
        assert packaged is not None
        reader = CachedReader(ROOT / ".eval-cache", packaged)
        opened.callback(reader.save)
        yield System(
            HybridSearch(
                store, vectors, lexical, embeddings, reader=reader if reranked else None
            ),
            SentenceScorer(lexical, reader, embeddings),
            vectors,
            embeddings,
            reader,
        )


def understood(asked: Asked) -> Question:
    """The question as the product understands it at the moment it was asked."""
    return understand(asked.text, asked.asked_at)


def reciprocal_rank_fusion(lists: Sequence[Sequence[Item]]) -> list[Item]:
    """Items by the sum of 1 / (60 + rank) over the lists; of equal sums the first seen first."""
    scores: defaultdict[Item, float] = defaultdict(float)
    for ranked in lists:
        for rank, item in enumerate(ranked, 1):
            scores[item] += 1 / (RRF_K + rank)
    return sorted(scores, key=lambda item: -scores[item])
