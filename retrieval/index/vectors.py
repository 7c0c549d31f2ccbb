"""The vectors of paragraphs, kept in a Chroma collection for each space.

    Entry, … ─ apply ─▶ one record a window: vector, what a search is narrowed by, its id
    vectors ─ nearest, cosines_to ─▶ paragraphs, the best of their windows

A paragraph longer than the model's window has several records, all of which point to it by their
ids (`article:number:window`); its text stays in the article store. Each space of the embeddings
(`retrieval.index.embedding`) has a collection, which remembers the model that made it and the last
change of the store that it holds; it refuses another model. What is asked and answered are vectors
of all spaces side by side.

An index is built anew beside the one that answers, in collections of their own, and takes its
place when it is complete: `VectorIndex(…, beside=True)`, `complete`, `take_over`. Every step may be
the last of its process.

LangChain's `Chroma` opens a collection, and `search` asks it in LangChain's way. Whatever takes
more asks the collection directly, for what that interface does not have: several vectors in one
request (`nearest`), cosines of given paragraphs by their ids (`cosines_to`; a filtered search took
204 ms where fetching 2,000 vectors takes less), vectors read back (`of_paragraphs`, `of_article`),
vectors written as they were encoded, once for all texts alike, and the collection's own metadata
(`apply`, `position`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout

from corpus.articles import Article, Paragraph
from retrieval.encoders.encoder import Vectors
from retrieval.errors import ANOTHER_STORE, IndexOwned, IndexUnavailable, ModelMismatch, OtherStore
from retrieval.index.embedding import SentenceEmbeddings, Space
from retrieval.passages import Filter, ParagraphKey

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from langchain_chroma import Chroma

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")

COLLECTION = "paragraphs"
COLLECTIONS = (COLLECTION, f"{COLLECTION}-others")
"""Of English paragraphs, or of all where there is one space, and of those in other languages."""
_BESIDE = "-beside"
_SETTINGS = ("EMBEDDING_MODEL", "MULTILINGUAL_MODEL")
# Chroma refuses larger batches of records.
_BATCH = 5_000
# Beyond this many ids a lookup by id costs more than a filtered search.
_MOST_IDS = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to be stored: window `window` of `windows` of a paragraph, and its unit vector
    in the space of that number."""

    article: Article
    paragraph: Paragraph
    window: int
    windows: int
    vector: Vectors
    space: int = 0


def _reopening(
    method: Callable[Concatenate[VectorIndex, _Given], _Found],
) -> Callable[Concatenate[VectorIndex, _Given], _Found]:
    """A method that is tried again on collections opened anew, where another process has built
    the index anew beside them and taken their place."""

    @wraps(method)
    def tried(self: VectorIndex, /, *given: _Given.args, **named: _Given.kwargs) -> _Found:
        from chromadb.errors import NotFoundError

        try:
            return method(self, *given, **named)
        except NotFoundError:
            self.refresh()
            return method(self, *given, **named)

    return tried


def store_of(client: ClientAPI) -> str | None:
    """The identity of the store whose index is there; None where there is none, or an old one."""
    found = (one.metadata or {} for one in client.list_collections() if one.name == COLLECTION)
    store = next(found, {}).get("store")
    return None if store is None else str(store)


class VectorIndex:
    """Paragraphs by meaning. Threads may share it; processes only through a Chroma server."""

    def __init__(
        self,
        client: ClientAPI,
        embeddings: SentenceEmbeddings,
        store: str | None = None,
        *,
        beside: bool = False,
    ) -> None:
        """`store` is the identity of the article store that is followed; another's index is
        refused. With `beside` the index that is being built next to the one that answers; what
        was begun for the same models and store is gone on with."""
        self._client = client
        self._embeddings = embeddings
        self._store = store
        self._suffix = _BESIDE if beside else ""
        _finish_taking_over(client)
        if beside:
            self._discard_other_models()
        self._stores = [self._open(number) for number in range(len(embeddings.encoders))]
        self._tell_what_is_read()

    # -- following the store -----------------------------------------------------------------

    def refresh(self) -> None:
        """Open anew what another process may have moved on, or replaced."""
        self._stores = [self._open(number) for number in range(len(self._stores))]
        self._tell_what_is_read()

    @property
    def positions(self) -> tuple[int, ...]:
        """For each space the number of the last change of the store that it holds."""
        return tuple(
            int((one._collection.metadata or {}).get("position", 0)) for one in self._stores
        )

    @property
    def position(self) -> int:
        """Number of the last change of the store that every space holds."""
        return min(self.positions)

    @_reopening
    def apply(
        self,
        changed: Sequence[Article],
        entries: Sequence[Entry],
        position: int,
        space: int | None = None,
    ) -> None:
        """Replace what the index, or one space of it, holds of the changed articles and move to
        `position`.

        A crash in between is harmless: the same changes are applied again.
        """
        # A first version has nothing to be replaced, and its records have the same ids when
        # they are written twice.
        stale = [article.id for article in changed if article.version > 1 or article.withdrawn_at]
        for number in range(len(self._stores)) if space is None else (space,):
            collection = self._collection(number)
            for start in range(0, len(stale), 100):
                collection.delete(where={"article": {"$in": stale[start : start + 100]}})
            own = [entry for entry in entries if entry.space == number]
            for start in range(0, len(own), _BATCH):
                batch = own[start : start + _BATCH]
                collection.upsert(
                    ids=[_record_id(entry) for entry in batch],
                    embeddings=np.stack([entry.vector for entry in batch]),
                    metadatas=[_metadata(entry) for entry in batch],
                    # LangChain passes over records without a document; the text itself stays in
                    # the article store.
                    documents=[_record_id(entry) for entry in batch],
                )
            collection.modify(metadata=self._describe(number, position))
        self._tell_what_is_read()

    def clear(self) -> None:
        """Forget everything, also which models made it; `position` is 0 again."""
        for number in range(len(self._stores)):
            self._client.delete_collection(self._name(number))
            self._stores[number] = self._open(number)

    def complete(self) -> None:
        """Let an index that was built beside take the other's place."""
        for number, position in enumerate(self.positions):
            described = self._describe(number, position)
            self._collection(number).modify(metadata={**described, "complete": True})
        _finish_taking_over(self._client)

    @property
    def size(self) -> int:
        """Number of records held."""
        return sum(self._count(number) for number in range(len(self._stores)))

    @property
    def languages(self) -> int:
        """How many spaces hold something: two once other languages than English were read. A
        question that was encoded before has nothing to find them by."""
        return 1 + self._embeddings.reads_others

    # -- searching ---------------------------------------------------------------------------

    @_reopening
    def search(
        self, vector: Vectors, k: int, narrow: Filter | None = None
    ) -> list[tuple[ParagraphKey, float]]:
        """The `k` paragraphs of highest cosine, best first; fewer where windows coincide.

        `narrow.places` is not applied here: it is a matter of words.
        """
        if k < 1:
            return []
        best: dict[ParagraphKey, float] = {}
        for number, space in self._asked(vector):
            found = self._stores[number].similarity_search_by_vector_with_relevance_scores(
                [float(value) for value in space.of(vector)], k=k, filter=_where(narrow)
            )
            for document, distance in found:
                key = (str(document.metadata["article"]), int(document.metadata["number"]))
                best[key] = max(best.get(key, -1.0), 1.0 - distance)
        return sorted(best.items(), key=lambda one: -one[1])[:k]

    @_reopening
    def nearest(
        self, vectors: Vectors, k: int, narrow: Filter | None = None
    ) -> list[list[ParagraphKey]]:
        """For each row the paragraphs of the `k` nearest windows of each space, best first."""
        if k < 1 or not len(vectors):
            return [[] for _ in vectors]
        found: list[list[tuple[float, ParagraphKey]]] = [[] for _ in vectors]
        for number, space in self._asked(vectors):
            answer = self._collection(number).query(
                query_embeddings=space.of(vectors),
                n_results=k,
                where=_where(narrow),
                include=["distances"],
            )
            for row, ids, distances in zip(found, answer["ids"], answer["distances"], strict=True):
                row += zip(distances, map(_key, ids), strict=True)
        return [
            list(dict.fromkeys(key for _, key in sorted(row, key=lambda one: one[0])))
            for row in found
        ]

    def cosines(self, vector: Vectors, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, float]:
        """Cosine of each of these paragraphs to a vector, the best of its windows.

        At most 2,000 paragraphs; those that are not in the index are left out.
        """
        found = self.cosines_to(vector[np.newaxis], keys)
        return {key: float(cosines[0]) for key, cosines in found.items()}

    @_reopening
    def cosines_to(
        self, vectors: Vectors, keys: Sequence[ParagraphKey]
    ) -> dict[ParagraphKey, Vectors]:
        """The same for several vectors: of each paragraph its cosine to each row."""
        best: dict[ParagraphKey, Vectors] = {}
        # A paragraph that was read before there was a second space may still be in the first.
        for number, space in self._held():
            best |= self._cosines_in(number, space.of(vectors), list(keys[:_MOST_IDS]))
        return best

    def _cosines_in(
        self, number: int, vectors: Vectors, wanted: list[ParagraphKey]
    ) -> dict[ParagraphKey, Vectors]:
        best: dict[ParagraphKey, Vectors] = {}
        window = 0
        while wanted:
            # Asking for the next window of each, which few have, takes less time than reading
            # from the metadata how many there are.
            ids = [f"{key[0]}:{key[1]}:{window + n}" for key in wanted for n in (0, 1)]
            found = self._collection(number).get(ids=ids, include=["embeddings"])
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

    @_reopening
    def of_paragraphs(self, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, Vectors]:
        """The vector of the first window of each of these paragraphs that is in the index."""
        found: dict[ParagraphKey, Vectors] = {}
        ids = [f"{article}:{number}:0" for article, number in dict.fromkeys(keys)]
        for start in range(0, len(ids), _MOST_IDS):
            for space, rows in self._rows(ids[start : start + _MOST_IDS]):
                found |= {_key(identity): self._beside(space, row) for identity, row in rows}
        return found

    @_reopening
    def of_article(self, article: Article) -> tuple[Vectors, list[int]]:
        """Vectors of an article's windows, shape (windows, dimension), and of each its
        paragraph's number; none of an article that is not in the index."""
        ids = [f"{article.id}:{paragraph.number}:0" for paragraph in article.paragraphs]
        found: dict[str, Vectors] = {}
        window = 0
        while ids:
            new = {
                identity: self._beside(space, row)
                for space, rows in self._rows(ids)
                for identity, row in rows
            }
            found |= new
            window += 1
            ids = [f"{identity.rpartition(':')[0]}:{window}" for identity in new]
        if not found:
            return np.zeros((0, 0), dtype=np.float32), []
        return np.stack(list(found.values())), [_key(identity)[1] for identity in found]

    def _rows(self, ids: list[str]) -> Iterator[tuple[Space, list[tuple[str, Any]]]]:
        """Of each space the records among these, each with its own vector."""
        for number, space in self._held() if ids else ():
            held = self._collection(number).get(ids=ids, include=["embeddings"])
            yield space, list(zip(held["ids"], held["embeddings"], strict=True))

    def _beside(self, space: Space, row: Any) -> Vectors:
        """A vector of one space as one of all."""
        whole = np.zeros(self._embeddings.dimension, dtype=np.float32)
        whole[space.start : space.end] = row
        return whole

    # -- the collections ---------------------------------------------------------------------

    def _asked(self, vectors: Vectors) -> Iterator[tuple[int, Space]]:
        """The spaces that hold something and of which the vectors say something."""
        return ((number, space) for number, space in self._held() if space.of(vectors).any())

    def _held(self) -> Iterator[tuple[int, Space]]:
        """The spaces that hold something; of the first it is not asked, which takes time."""
        for number, space in enumerate(self._embeddings.spaces):
            if not number or self._embeddings.reads_others:
                yield number, space

    def _tell_what_is_read(self) -> None:
        """Let the second model be loaded once there is something for it to find."""
        if len(self._stores) > 1 and self._count(1):
            self._embeddings.reads_others = True

    def _collection(self, number: int) -> Any:
        return self._stores[number]._collection

    def _count(self, number: int) -> int:
        return int(self._collection(number).count())

    def _name(self, number: int) -> str:
        return f"{COLLECTIONS[number]}{self._suffix}"

    def _describe(self, number: int, position: int) -> dict[str, Any]:
        encoders = self._embeddings.encoders
        alone = number == 0 and len(encoders) == 1
        described: dict[str, Any] = {
            "model": encoders[number].name,
            "languages": "every" if alone else ("en", "others")[number],
            "position": position,
        }
        return described if self._store is None else {**described, "store": self._store}

    def _discard_other_models(self) -> None:
        """Throw away what was begun for other models, or is left of another number of spaces."""
        wanted = [self._describe(n, 0) for n in range(len(self._embeddings.encoders))]
        made = {one.name: one for one in self._client.list_collections()}
        names = [f"{name}{self._suffix}" for name in COLLECTIONS]
        found = [made.get(name) for name in names]
        same = len(wanted) == sum(one is not None for one in found) and all(
            one is not None
            and all(
                (one.metadata or {}).get(key) == told.get(key)
                for key in ("model", "languages", "store")
            )
            for one, told in zip(found, wanted, strict=False)
        )
        for one in found if not same else ():
            if one is not None:
                self._client.delete_collection(one.name)

    def _open(self, number: int) -> Chroma:
        from chromadb.errors import ChromaError
        from langchain_chroma import Chroma

        name = self._name(number)
        try:
            there = name in {found.name for found in self._client.list_collections()}
            store = Chroma(
                client=self._client,
                collection_name=name,
                embedding_function=self._embeddings,
                collection_metadata=None if there else self._describe(number, 0),
                collection_configuration=None if there else {"hnsw": {"space": "cosine"}},
            )
        except (ChromaError, ValueError, OSError) as error:
            raise IndexUnavailable(f"The vector index cannot be opened ({error}).") from error
        self._require_own(number, store._collection)
        return store

    def _require_own(self, number: int, collection: Any) -> None:
        told = collection.metadata or {}
        if self._store is not None and told.get("store", self._store) != self._store:
            raise OtherStore(ANOTHER_STORE)
        named = self._embeddings.encoders[number].name
        if told.get("model") != named:
            raise ModelMismatch(
                f"The index was made by the embedding model {told.get('model')!r}, but "
                f"{_SETTINGS[number]} is {named!r}. Set it back, or run: chancery reindex"
            )
        if told.get("languages") == "en" and len(self._embeddings.encoders) == 1:
            raise ModelMismatch(
                "The index has paragraphs in other languages by a model of their own, but "
                "MULTILINGUAL_MODEL names none. Set it back, or run: chancery reindex"
            )
        space = (collection.configuration.get("hnsw") or {}).get("space")
        if space != "cosine":
            raise IndexUnavailable(
                f"The vector index measures {space!r} instead of cosine. Run: chancery reindex"
            )


def _finish_taking_over(client: ClientAPI) -> None:
    """Put an index that was built beside in the place of the other, if it is complete.

    The first collection goes last: as long as it stands there, all of this is done again.
    """
    made = {one.name: one for one in client.list_collections()}
    beside = [made.get(f"{name}{_BESIDE}") for name in COLLECTIONS]
    if beside[0] is None or any(
        one is not None and not (one.metadata or {}).get("complete") for one in beside
    ):
        return
    for name, one in reversed(list(zip(COLLECTIONS, beside, strict=True))):
        if name in made:
            client.delete_collection(name)
        if one is not None:
            one.modify(name=name)


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

    def __exit__(self, *raised: object) -> None:
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
        return chromadb.PersistentClient(path=str(folder / "chroma"), settings=client_settings())
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
            settings=client_settings(),
        )
    except Exception as error:  # Connection failures surface as several unrelated types.
        raise IndexUnavailable(
            f"The Chroma server at {parts.hostname} cannot be reached; is it running?"
        ) from error


def client_settings() -> Any:
    """Chroma's settings: nothing is told to anybody."""
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
