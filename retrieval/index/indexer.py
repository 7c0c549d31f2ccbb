"""Keeping the indexes up with the article store.

    store.changes_since(index.position)  ->  batch of changes
        lexical:  documents                          ->  LexicalIndex.apply(…, position)
        vectors:  windows -> encode -> entries       ->  VectorIndex.apply(…, position)
                  a space after another, each with the paragraphs in its languages

Each index and space remembers the last change it holds, so a first build, a rebuild, a crash, a
second model and a second process that stored something are the same case: catch up. Batches are
encoded while the one before is being written.

    rebuilt(home, …)  the same into indexes beside those that answer, which take their place
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from corpus.articles import Article
from corpus.store.articles import ArticleStore, Change
from retrieval.errors import DiskFull
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.lexical import SCHEMA_VERSION, LexicalIndex
from retrieval.index.vectors import Entry, VectorIndex

# Paragraphs of like length are encoded together: the larger the batch, the less padding. The
# bare model sorts everything it is given; from 4,000 paragraphs on the difference is noise.
BATCH_PARAGRAPHS = 4_000
_ARTICLES_A_READ = 200
# A paragraph of 120 words takes about 6 kB in both indexes; a merge of the lexical one and Chroma's
# log need some beside.
BYTES_A_PARAGRAPH = 8_000
SPARE_BYTES = 16_000_000

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
        home: Path | None = None,
        *,
        spare_bytes: int = SPARE_BYTES,
    ) -> None:
        """`home` is the folder that the indexes are written to; of its disk so much stays free."""
        self._home = home
        self._spare_bytes = spare_bytes
        self.whole = True
        """Whether nothing that was written was broken off."""
        self._store = store
        self._vectors = vectors
        self._lexical = lexical
        self._embeddings = embeddings

    def _require_room(self, batch: Sequence[Change]) -> None:
        """Vectors are written in place, and a file that the disk cuts short is lost."""
        if self._home is None:
            return
        paragraphs = sum(len(change.article.paragraphs) for change in batch)
        free = shutil.disk_usage(self._home).free
        if free < self._spare_bytes + paragraphs * BYTES_A_PARAGRAPH:
            raise DiskFull(
                f"The disk of {self._home} is full ({free / 1_000_000:,.0f} MB are free): nothing "
                "more is indexed until there is room; what is there still answers."
            )

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
        self.whole = False
        self._vectors.refresh()
        if self._lexical.position > last:
            self._lexical.clear()
        if self._vectors.position > last:
            self._vectors.clear()
        for batch in _batches(self._store, self._lexical.position):
            self._require_room(batch)
            self._lexical.apply([change.article for change in batch], batch[-1].number)
        positions = enumerate(self._vectors.positions)
        embedded = sum(self._fill(space, position, progress) for space, position in positions)
        self.whole = True
        return embedded

    def _fill(self, space: int, position: int, progress: Progress | None) -> int:
        """Bring one space up; the number of paragraphs embedded."""
        embedded = 0
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="vectors") as writer:
            writing: Future[None] | None = None
            for batch in _batches(self._store, position):
                articles = [change.article for change in batch]
                self._require_room(batch)
                entries, count = self._entries(articles, space)
                if writing is not None:
                    writing.result()
                writing = writer.submit(
                    self._vectors.apply, articles, entries, batch[-1].number, space
                )
                embedded += count
                if progress is not None:
                    progress(count)
            if writing is not None:
                writing.result()
        return embedded

    def _entries(self, articles: Sequence[Article], space: int) -> tuple[list[Entry], int]:
        """The records of a space, and of how many paragraphs they are."""
        readable = [
            (article, paragraph)
            for article in articles
            if article.withdrawn_at is None
            for paragraph in article.paragraphs
            if paragraph.text.strip()
            and self._embeddings.space_of(paragraph.text, article.language) == space
        ]
        # What stands in several articles is encoded once.
        texts = list(dict.fromkeys(paragraph.text for _, paragraph in readable))
        rows = self._embeddings.encode_paragraphs(texts, space)
        vectors = dict(zip(texts, rows, strict=True))
        return [
            Entry(article, paragraph, number, len(own), vector, space)
            for article, paragraph in readable
            for own in (vectors[paragraph.text],)
            for number, vector in enumerate(own)
        ], len(readable)


# -- built anew -----------------------------------------------------------------------------------

_FOLDER = f"lexical-{SCHEMA_VERSION}"
_REPLACED = "replaced"


def beside(home: Path) -> Path:
    """Where a lexical index is built next to the one of a home (`VectorIndex` has its own way)."""
    return home / "reindex"


def take_over(home: Path) -> None:
    """Put a closed lexical index that was built beside in the place of the other."""
    current, replaced = home / _FOLDER, beside(home) / _REPLACED
    shutil.rmtree(replaced, ignore_errors=True)
    if current.exists():
        current.rename(replaced)
    else:
        replaced.mkdir()
    finish_taking_over(home)


def finish_taking_over(home: Path) -> None:
    """Go on where a process ended within `take_over`: one index was away and the other not there.

    An index that was not complete stays where it is, to be gone on with.
    """
    made, current = beside(home) / _FOLDER, home / _FOLDER
    if (beside(home) / _REPLACED).exists():
        if made.exists() and not current.exists():
            made.rename(current)
        shutil.rmtree(beside(home))


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
