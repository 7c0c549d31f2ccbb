"""The vectors of paragraphs, kept in a Chroma collection.

    Entry, … ─ apply ─▶ one record a window: vector, what a search is narrowed by, its id
    vectors ─ nearest, cosines_to ─▶ paragraphs, the best of their windows

A paragraph longer than the model's window has several records, all of which point to it by their
ids (`article:number:window`); its text stays in the article store. The collection remembers which
model made it and the last change of the store that it holds; it refuses another model.

LangChain's `Chroma` opens the collection, and `search` asks it in LangChain's way. Whatever takes
more asks the collection directly, for what that interface does not have: several vectors in one
request (`nearest`), cosines of given paragraphs by their ids (`cosines_to`; a filtered search took
204 ms where fetching 2,000 vectors takes less), vectors read back (`of_paragraphs`, `of_article`),
vectors written as they were encoded, once for all texts alike, and the collection's own metadata
(`apply`, `position`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout

from corpus.articles import Article, Paragraph
from retrieval.errors import IndexOwned, IndexUnavailable, ModelMismatch
from retrieval.index.embedding import SentenceEmbeddings, Vectors
from retrieval.passages import Filter, ParagraphKey

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from langchain_chroma import Chroma

COLLECTION = "paragraphs"
# Chroma refuses larger batches of records.
_BATCH = 5_000
# Beyond this many ids a lookup by id costs more than a filtered search.
_MOST_IDS = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to be stored: window `window` of `windows` of a paragraph, and its unit vector."""

    article: Article
    paragraph: Paragraph
    window: int
    windows: int
    vector: Vectors


class VectorIndex:
    """Paragraphs by meaning. Threads may share it; processes only through a Chroma server."""

    def __init__(
        self, client: ClientAPI, embeddings: SentenceEmbeddings, *, discard: bool = False
    ) -> None:
        """`discard` throws away an existing collection, whichever model made it."""
        self._client = client
        self._embeddings = embeddings
        if discard and COLLECTION in self._names():
            client.delete_collection(COLLECTION)
        self._store = self._open()

    # -- following the store -----------------------------------------------------------------

    @property
    def position(self) -> int:
        """Number of the last change of the store that this index holds."""
        return int((self._collection.metadata or {}).get("position", 0))

    def apply(self, changed: Sequence[Article], entries: Sequence[Entry], position: int) -> None:
        """Replace what the index holds of the changed articles and move to `position`.

        A crash in between is harmless: the same changes are applied again.
        """
        # A first version has nothing to be replaced, and its records have the same ids when
        # they are written twice.
        stale = [article.id for article in changed if article.version > 1 or article.withdrawn_at]
        for start in range(0, len(stale), 100):
            self._collection.delete(where={"article": {"$in": stale[start : start + 100]}})
        for start in range(0, len(entries), _BATCH):
            batch = entries[start : start + _BATCH]
            self._collection.upsert(
                ids=[_record_id(entry) for entry in batch],
                embeddings=np.stack([entry.vector for entry in batch]),
                metadatas=[_metadata(entry) for entry in batch],
                # LangChain passes over records without a document; the text itself stays in
                # the article store.
                documents=[_record_id(entry) for entry in batch],
            )
        self._collection.modify(metadata=self._describe(position))

    def clear(self) -> None:
        """Forget everything, also which model made it; `position` is 0 again."""
        self._client.delete_collection(COLLECTION)
        self._store = self._open()

    @property
    def size(self) -> int:
        """Number of records held."""
        return int(self._collection.count())

    # -- searching ---------------------------------------------------------------------------

    def search(
        self, vector: Vectors, k: int, narrow: Filter | None = None
    ) -> list[tuple[ParagraphKey, float]]:
        """The `k` paragraphs of highest cosine, best first; fewer where windows coincide.

        `narrow.places` is not applied here: it is a matter of words.
        """
        if k < 1:
            return []
        found = self._store.similarity_search_by_vector_with_relevance_scores(
            [float(value) for value in vector], k=k, filter=_where(narrow)
        )
        best: dict[ParagraphKey, float] = {}
        for document, distance in found:
            key = (str(document.metadata["article"]), int(document.metadata["number"]))
            best[key] = max(best.get(key, -1.0), 1.0 - distance)
        return list(best.items())

    def nearest(
        self, vectors: Vectors, k: int, narrow: Filter | None = None
    ) -> list[list[ParagraphKey]]:
        """For each row the paragraphs of the `k` nearest windows, best first, in one request."""
        if k < 1 or not len(vectors):
            return [[] for _ in vectors]
        found = self._collection.query(
            query_embeddings=vectors, n_results=k, where=_where(narrow), include=[]
        )
        return [list(dict.fromkeys(map(_key, ids))) for ids in found["ids"]]

    def cosines(self, vector: Vectors, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, float]:
        """Cosine of each of these paragraphs to a unit vector, the best of its windows.

        At most 2,000 paragraphs; those that are not in the index are left out.
        """
        found = self.cosines_to(vector[np.newaxis], keys)
        return {key: float(cosines[0]) for key, cosines in found.items()}

    def cosines_to(
        self, vectors: Vectors, keys: Sequence[ParagraphKey]
    ) -> dict[ParagraphKey, Vectors]:
        """The same for several unit vectors: of each paragraph its cosine to each row."""
        best: dict[ParagraphKey, Vectors] = {}
        wanted, window = list(keys[:_MOST_IDS]), 0
        while wanted:
            # Asking for the next window of each, which few have, takes less time than reading
            # from the metadata how many there are.
            ids = [f"{key[0]}:{key[1]}:{window + n}" for key in wanted for n in (0, 1)]
            found = self._collection.get(ids=ids, include=["embeddings"])
            if not found["ids"]:
                break
            products = np.asarray(found["embeddings"], dtype=np.float32) @ vectors.T
            wanted = []
            for identity, row in zip(found["ids"], products, strict=True):
                key = _key(identity)
                best[key] = np.maximum(best[key], row) if key in best else row
                if identity.endswith(f":{window + 1}"):
                    wanted.append(key)
            window += 2
        return best

    def of_paragraphs(self, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, Vectors]:
        """The unit vector of the first window of each of these paragraphs that is in the index."""
        found: dict[ParagraphKey, Vectors] = {}
        ids = [f"{article}:{number}:0" for article, number in dict.fromkeys(keys)]
        for start in range(0, len(ids), _MOST_IDS):
            held = self._collection.get(ids=ids[start : start + _MOST_IDS], include=["embeddings"])
            for identity, row in zip(held["ids"], held["embeddings"], strict=True):
                found[_key(identity)] = np.asarray(row, dtype=np.float32)
        return found

    def of_article(self, article: Article) -> tuple[Vectors, list[int]]:
        """Unit vectors of an article's windows, shape (windows, dimension), and of each its
        paragraph's number; none of an article that is not in the index."""
        ids = [f"{article.id}:{paragraph.number}:0" for paragraph in article.paragraphs]
        found = self._collection.get(ids=ids, include=["embeddings", "metadatas"]) if ids else {}
        rows = dict(zip(found.get("ids", ()), found.get("embeddings", ()), strict=True))
        more = [
            f"{metadata['article']}:{metadata['number']}:{window}"
            for metadata in found.get("metadatas", ())
            for window in range(1, int(metadata["windows"]))
        ]
        if more:
            rest = self._collection.get(ids=more, include=["embeddings"])
            rows.update(zip(rest["ids"], rest["embeddings"], strict=True))
        if not rows:
            return np.zeros((0, 0), dtype=np.float32), []
        return np.asarray(list(rows.values()), dtype=np.float32), [_key(i)[1] for i in rows]

    @property
    def _collection(self) -> Any:
        return self._store._collection

    def _names(self) -> list[str]:
        return [found.name for found in self._client.list_collections()]

    def _describe(self, position: int) -> dict[str, Any]:
        return {"model": self._embeddings.model_name, "position": position}

    def _open(self) -> Chroma:
        from chromadb.errors import ChromaError
        from langchain_chroma import Chroma

        try:
            names = self._names()
            store = Chroma(
                client=self._client,
                collection_name=COLLECTION,
                embedding_function=self._embeddings,
                collection_metadata=None if COLLECTION in names else self._describe(0),
                collection_configuration=None
                if COLLECTION in names
                else {"hnsw": {"space": "cosine"}},
            )
        except (ChromaError, ValueError, OSError) as error:
            raise IndexUnavailable(f"The vector index cannot be opened ({error}).") from error
        self._require_own(store._collection)
        return store

    def _require_own(self, collection: Any) -> None:
        made_by = (collection.metadata or {}).get("model")
        if made_by != self._embeddings.model_name:
            raise ModelMismatch(
                f"The index was made by the embedding model {made_by!r}, but EMBEDDING_MODEL is "
                f"{self._embeddings.model_name!r}. Set it back, or run: chancery reindex"
            )
        space = (collection.configuration.get("hnsw") or {}).get("space")
        if space != "cosine":
            raise IndexUnavailable(
                f"The vector index measures {space!r} instead of cosine. Run: chancery reindex"
            )


class IndexOwnership:
    """Holds `folder`/index.lock; raises IndexOwned where another process does.

    Two processes that write one directory destroy it. The operating system frees the lock when
    its process ends, however it ends; a second process learns who the owner is.

    IndexUnavailable where the folder cannot be written.
    """

    def __init__(self, folder: Path, purpose: str) -> None:
        self._lock = FileLock(folder / "index.lock")
        self._note = folder / "index.owner"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._note.write_text(f"{os.getpid()} {purpose}", encoding="utf-8")
        except Timeout:
            raise IndexOwned(self._message()) from None
        except OSError as error:
            self._lock.release()
            raise IndexUnavailable(
                f"The index in {folder} cannot be written ({error.strerror}); "
                "set CHANCERY_HOME to a folder that can."
            ) from error

    def release(self) -> None:
        self._note.unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> IndexOwnership:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _message(self) -> str:
        try:
            process, _, purpose = self._note.read_text(encoding="utf-8").partition(" ")
        except OSError:
            process, purpose = "unknown", ""
        running = f" (chancery {purpose})" if purpose else ""
        return (
            f"The index is in use by process {process}{running}. "
            "Ask there, or stop it first; set CHROMA_URL to share one index between processes."
        )


def embedded_client(folder: Path) -> ClientAPI:
    """A Chroma client on a directory of this process's own (see `IndexOwnership`)."""
    import chromadb

    try:
        return chromadb.PersistentClient(path=str(folder / "chroma"), settings=_settings())
    except Exception as error:  # Chroma's native part raises types of its own.
        raise IndexUnavailable(
            f"The vector index in {folder / 'chroma'} cannot be opened ({error}); "
            "delete that folder and run: chancery reindex"
        ) from error


def server_client(url: str, token: str | None = None) -> ClientAPI:
    """A Chroma client on a server (http or https) or, with a token, on Chroma Cloud."""
    import chromadb

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise IndexUnavailable("CHROMA_URL is not an http or https address.")
    try:
        return chromadb.HttpClient(
            host=parts.hostname,
            port=parts.port or (443 if parts.scheme == "https" else 8000),
            ssl=parts.scheme == "https",
            headers={"x-chroma-token": token} if token else None,
            settings=_settings(),
        )
    except Exception as error:  # Connection failures surface as several unrelated types.
        raise IndexUnavailable(
            f"The Chroma server at {parts.hostname} cannot be reached; is it running?"
        ) from error


def _settings() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _record_id(entry: Entry) -> str:
    return f"{entry.article.id}:{entry.paragraph.number}:{entry.window}"


def _key(record_id: str) -> ParagraphKey:
    article, number, _ = record_id.split(":")
    return article, int(number)


def _metadata(entry: Entry) -> dict[str, Any]:
    article = entry.article
    metadata: dict[str, Any] = {
        "article": article.id,
        "number": entry.paragraph.number,
        "windows": entry.windows,
        "kind": article.kind.value,
    }
    if article.published_at is not None:
        metadata["published"] = int(article.published_at.timestamp())
    if article.source is not None:
        metadata["source"] = article.source.casefold()
    return metadata


def _where(narrow: Filter | None) -> dict[str, Any] | None:
    clauses: list[dict[str, Any]] = []
    if narrow is not None:
        if narrow.since is not None:
            clauses.append({"published": {"$gte": int(narrow.since.timestamp())}})
        if narrow.until is not None:
            clauses.append({"published": {"$lte": int(narrow.until.timestamp())}})
        if narrow.sources:
            clauses.append({"source": {"$in": [name.casefold() for name in narrow.sources]}})
    if not clauses:
        return None
    return clauses[0] if len(clauses) == 1 else {"$and": clauses}
