"""A whole corpus with both its indexes in one folder, wired as the application wires them."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from corpus.articles import ReadArticle
from corpus.ingest import ingest
from corpus.store.articles import open_store
from retrieval.answers.extractive import SentenceScorer
from retrieval.encoders.cross_encoder import Reader
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.indexer import Indexer
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import VectorIndex, embedded_client
from retrieval.passages import ParagraphKey
from retrieval.search.retriever import HybridSearch
from tests.fakes.articles import NOON
from tests.fakes.databases import new_database
from tests.fakes.embedding import HashedWords


class IndexedCorpus:
    """Store, indexes, indexer and search on a folder; `keys` are what each of them holds."""

    def __init__(self, folder: Path, embeddings: SentenceEmbeddings | None = None) -> None:
        self.embeddings = embeddings or HashedWords()
        with ExitStack() as opened:
            self.store = open_store(new_database(folder))
            opened.callback(self.store.close)
            self.lexical = LexicalIndex(folder)
            opened.callback(self.lexical.close)
            self.client = embedded_client(folder)
            self.vectors = VectorIndex(self.client, self.embeddings)
            self._opened = opened.pop_all()
        parts = (self.store, self.vectors, self.lexical, self.embeddings)
        self.indexer = Indexer(*parts)
        self.search = HybridSearch(*parts)
        self.scorer = SentenceScorer(self.lexical)

    def read(self, *articles: ReadArticle, at: datetime = NOON) -> int:
        """Store articles and index them; the number of paragraphs embedded."""
        ingest(self.store, articles, lambda: at)
        return self.indexer.catch_up()

    def searching(self, reader: Reader) -> HybridSearch:
        """The search with a reader."""
        return HybridSearch(self.store, self.vectors, self.lexical, self.embeddings, reader=reader)

    def stored_keys(self) -> set[ParagraphKey]:
        """Every paragraph that can be found: current, not withdrawn, not empty."""
        return {
            (paragraph.article_id, paragraph.number)
            for change in self.store.changes_since(0, 1_000_000)
            if change.article.withdrawn_at is None
            for paragraph in change.article.paragraphs
            if paragraph.text.strip()
        }

    def vector_records(self) -> list[str]:
        """Ids of all records of the vector index: article, number, window."""
        return sorted(self.client.get_collection("paragraphs").get(include=[])["ids"])

    def lexical_keys(self) -> list[ParagraphKey]:
        """Keys of the lexical index, one an entry, through a word that every title has."""
        return sorted(key for key, _ in self.lexical.search("Talks on Libya", 100_000))

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
