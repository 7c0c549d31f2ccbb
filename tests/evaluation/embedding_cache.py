"""Embeddings that remember on disk what they encoded, so that measuring again is quick.

    .eval-cache/<model>/vectors.f32    unit vectors, float32, one after another
                        digests.bin    the SHA-256 of each one's text, in the same order
                        model.json     the model's full name and its number of components

Both files only grow. Vectors are written before digests, so an interruption leaves at most
vectors without digests, which the next writer cuts off. Delete the folder to encode anew.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock

from corpus.text.sentences import split_sentences
from retrieval.encoders.cross_encoder import Reader, Titled
from retrieval.encoders.encoder import Encoder, OnnxEncoder, Prompts, Vectors, documented_prompts
from retrieval.index.embedding import PACKAGED_MODEL, SentenceEmbeddings, make_embeddings
from tests.fakes.embedding import HashedEncoder

_DIGEST_BYTES = 32
# Encoded and saved at a time: what an interruption can lose, and how often progress shows.
_PORTION = 1_024
# Fewer new vectors than this wait in memory, so that small requests do not write each time.
_WAITING = 512


class CachedEncoder:
    """An `Encoder` through a cache of its name and the text's digest, prompt included.

    For one thread. Several processes may share a folder: each appends under a lock and reads
    what was there when it opened.
    """

    similarity = "cosine"

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        name = re.sub(r"[^\w.-]+", "-", self.name).strip("-")
        self._folder = folder / f"{name}-{_digest(self.name).hex()[:8]}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._guard = FileLock(self._folder / "lock")
        self._waiting: dict[bytes, Vectors] = {}
        with self._guard:
            self._known = self._read()

    def __enter__(self) -> CachedEncoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.save()

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    @property
    def window(self) -> int:
        return self._encoder.window

    def load(self) -> None:
        self._encoder.load()

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        return self._encoder.windows(texts)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Without prompts a question has the vector that the same text has as a document."""
        kind = "query: " if _prompts(self._encoder) != Prompts() else ""
        return self.through(texts, kind, self._encoder.encode_query)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        return self.through(texts, "", self._encoder.encode_document)

    def __len__(self) -> int:
        return len(self._known)

    def _remember(self, digests: Sequence[bytes], vectors: Vectors) -> None:
        for digest, vector in zip(digests, vectors, strict=True):
            self._known[digest] = self._waiting[digest] = np.asarray(vector, dtype=np.float32)
        if len(self._waiting) >= _WAITING:
            self.save()

    def save(self) -> None:
        """Append to the files whatever is not in them yet."""
        if not self._waiting:
            return
        rows = np.stack(list(self._waiting.values())).astype("<f4")
        with self._guard:
            self._describe(rows.shape[1])
            count = self._whole(rows.shape[1])
            _append(self._vectors, rows.tobytes(), count * rows.shape[1] * 4)
            _append(self._digests, b"".join(self._waiting), count * _DIGEST_BYTES)
        self._waiting.clear()

    def through(
        self, texts: Sequence[str], kind: str, encode: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        """Only texts that were never seen reach the model."""
        if not texts:
            return encode(texts)
        digests = [_digest(kind + text) for text in texts]
        missing = {
            digest: text
            for digest, text in zip(digests, texts, strict=True)
            if digest not in self._known
        }
        if missing:
            self._encode_missing(missing, encode)
        return np.stack([self._known[digest] for digest in digests])

    def _encode_missing(
        self, missing: dict[bytes, str], encode: Callable[[Sequence[str]], Vectors]
    ) -> None:
        # Texts of like length together: less padding.
        items = sorted(missing.items(), key=lambda one: len(one[1]), reverse=True)
        started = time.monotonic()
        for start in range(0, len(items), _PORTION):
            portion = items[start : start + _PORTION]
            vectors = encode([text for _, text in portion])
            self._remember([digest for digest, _ in portion], vectors)
            if len(items) > _PORTION:
                done = start + len(portion)
                speed = done / (time.monotonic() - started)
                print(
                    f"\r  encoded {done:,} of {len(items):,} texts, {speed:.0f} a second ",
                    end="\n" if done == len(items) else "",
                    file=sys.stderr,
                    flush=True,
                )

    def _read(self) -> dict[bytes, Vectors]:
        if not self._description.is_file() or not self._digests.is_file():
            return {}
        dimension = json.loads(self._description.read_text(encoding="utf-8"))["dimension"]
        digests = self._digests.read_bytes()
        whole = self._whole(dimension)
        rows = np.fromfile(self._vectors, dtype="<f4", count=whole * dimension)
        keys = (
            digests[start : start + _DIGEST_BYTES]
            for start in range(0, whole * _DIGEST_BYTES, _DIGEST_BYTES)
        )
        return dict(zip(keys, rows.reshape(whole, dimension), strict=True))

    def _whole(self, dimension: int) -> int:
        """How many vectors both files hold completely."""
        sizes = [path.stat().st_size if path.exists() else 0 for path in self._files]
        return min(sizes[0] // (dimension * 4), sizes[1] // _DIGEST_BYTES)

    def _describe(self, dimension: int) -> None:
        if not self._description.is_file():
            text = json.dumps({"model": self.name, "dimension": dimension})
            self._description.write_text(text + "\n", encoding="utf-8")

    @property
    def _vectors(self) -> Path:
        return self._folder / "vectors.f32"

    @property
    def _digests(self) -> Path:
        return self._folder / "digests.bin"

    @property
    def _description(self) -> Path:
        return self._folder / "model.json"

    @property
    def _files(self) -> tuple[Path, Path]:
        return self._vectors, self._digests


class CachedEmbeddings(SentenceEmbeddings):
    """The product's embeddings through such caches."""

    def __init__(
        self, folder: Path, model: str = PACKAGED_MODEL, multilingual: str | None = None
    ) -> None:
        plain = make_embeddings(model, multilingual, folder / "models")
        self.caches = [CachedEncoder(folder, encoder) for encoder in plain.encoders]
        super().__init__(*self.caches)

    def __enter__(self) -> CachedEmbeddings:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.save()

    def save(self) -> None:
        for cache in self.caches:
            cache.save()


class CachedReader:
    """A `Reader` through such a cache, a score for each pair; it has all the time it needs."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self._reader = reader
        self.name = reader.name
        # A score is a vector of one component; nothing is encoded.
        self._cache = CachedEncoder(folder, HashedEncoder(reader.name, 1, 512))

    def load(self) -> None:
        self._reader.load()

    def reads(self, text: str, language: str | None) -> bool:
        return self._reader.reads(text, language)

    def score(self, question: str, texts: Sequence[str], *, seconds: float = math.inf) -> Vectors:
        del seconds
        start = f"{question}\0"

        def read(pairs: Sequence[str]) -> Vectors:
            own = [pair.removeprefix(start) for pair in pairs]
            return self._reader.score(question, own, seconds=math.inf)[:, np.newaxis]

        if not texts:
            return np.zeros(0, dtype=np.float32)
        return self._cache.through([start + text for text in texts], "", read)[:, 0]

    def score_sentences(
        self, question: str, texts: Sequence[Titled], *, seconds: float = math.inf
    ) -> list[Vectors]:
        del seconds
        return [self._of_sentences(question, one) for one in texts]

    def _of_sentences(self, question: str, text: Titled) -> Vectors:
        count = len(split_sentences(text.text))
        if not count:
            return np.zeros(0, dtype=np.float32)

        def read(_: Sequence[str]) -> Vectors:
            # None or all of a paragraph's sentences are known.
            (scores,) = self._reader.score_sentences(question, [text], seconds=math.inf)
            return scores[order][:, np.newaxis]

        keys = [f"{question}\0{text}\0{place}" for place in range(count)]
        order = sorted(range(count), key=lambda place: len(keys[place]), reverse=True)
        return self._cache.through(keys, "", read)[:, 0]

    def save(self) -> None:
        self._cache.save()


def _prompts(encoder: Encoder) -> Prompts:
    """Of a packaged model; of others it is not known before they are loaded."""
    if isinstance(encoder, OnnxEncoder):
        return encoder.description.prompts
    return documented_prompts(encoder.name)


def _append(path: Path, content: bytes, at: int) -> None:
    """Write at an offset, cutting off what an interruption left behind it."""
    with path.open("r+b" if path.exists() else "w+b") as stream:
        stream.truncate(at)
        stream.seek(at)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
