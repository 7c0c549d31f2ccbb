"""Keeping the indexes up with the article store.

    store.changes_since(index.position)  ->  batch of changes
        lexical:  documents                          ->  LexicalIndex.apply(…, position)
        vectors:  windows -> encode -> entries       ->  VectorIndex.apply(…, position)

Each index remembers the last change it holds, so a first build, a rebuild, a crash and a
second process that stored something are the same case: catch up. Batches are encoded while
the one before is being written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from corpus.articles import Article, Paragraph
from corpus.store.articles import ArticleStore, Change
from retrieval.index.embedding import SentenceEmbeddings, Vectors
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import Entry, VectorIndex

# Paragraphs of like length are encoded together: the larger the batch, the less padding. The
# bare model sorts everything it is given; from 4,000 paragraphs on the difference is noise.
BATCH_PARAGRAPHS = 4_000
_ARTICLES_A_READ = 200

Progress = Callable[[int], None]
"""Called with the number of paragraphs indexed since the last call."""


class Indexer:
    """Brings both indexes up to the store; only the owner of the index calls it."""

    def __init__(
        self,
        store: ArticleStore,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        embeddings: SentenceEmbeddings,
    ) -> None:
        self._store = store
        self._vectors = vectors
        self._lexical = lexical
        self._embeddings = embeddings

    @property
    def position(self) -> int:
        """Number of the last change of the store that both indexes hold."""
        return min(self._vectors.position, self._lexical.position)

    def pending(self) -> tuple[int, int]:
        """Articles and paragraphs that the slower of the indexes has not seen."""
        return self._store.pending(self.position)

    def catch_up(self, progress: Progress | None = None) -> int:
        """Index whatever is pending and return the number of paragraphs embedded.

        An index that is ahead of the store followed another one, such as the one that a backup
        replaced: it is built anew.
        """
        last = self._store.last_change()
        if self._lexical.position > last:
            self._lexical.clear()
        if self._vectors.position > last:
            self._vectors.clear()
        for batch in _batches(self._store, self._lexical.position):
            self._lexical.apply([change.article for change in batch], batch[-1].number)
        embedded = 0
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="vectors") as writer:
            writing: Future[None] | None = None
            for batch in _batches(self._store, self._vectors.position):
                articles = [change.article for change in batch]
                entries, count = self._entries(articles)
                if writing is not None:
                    writing.result()
                writing = writer.submit(self._vectors.apply, articles, entries, batch[-1].number)
                embedded += count
                if progress is not None:
                    progress(count)
            if writing is not None:
                writing.result()
        return embedded

    def _entries(self, articles: Sequence[Article]) -> tuple[list[Entry], int]:
        readable = [
            (article, paragraph)
            for article in articles
            if article.withdrawn_at is None
            for paragraph in article.paragraphs
            if paragraph.text.strip()
        ]
        pieces = self._embeddings.windows([paragraph.text for _, paragraph in readable])
        vectors = self._encode_distinct([text for texts in pieces for text in texts])
        entries: list[Entry] = []
        for (article, paragraph), texts in zip(readable, pieces, strict=True):
            entries.extend(_windows(article, paragraph, texts, vectors))
        return entries, len(readable)

    def _encode_distinct(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Vectors by text: what stands in several articles is encoded once."""
        distinct = list(dict.fromkeys(texts))
        return dict(zip(distinct, self._embeddings.encode(distinct), strict=True))


def _windows(
    article: Article, paragraph: Paragraph, texts: Sequence[str], vectors: dict[str, Vectors]
) -> Iterator[Entry]:
    for number, text in enumerate(texts):
        yield Entry(article, paragraph, number, len(texts), vectors[text])


def _batches(store: ArticleStore, position: int) -> Iterator[list[Change]]:
    """Changes after `position`, in batches of about `BATCH_PARAGRAPHS` paragraphs."""
    batch: list[Change] = []
    size = 0
    while changes := store.changes_since(position, _ARTICLES_A_READ):
        position = changes[-1].number
        for change in changes:
            batch.append(change)
            size += len(change.article.paragraphs)
            if size >= BATCH_PARAGRAPHS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch
