"""Encoders that onnxruntime runs: no torch, two to three times its speed on a processor.

    texts ─ prompt ─▶ tokens ─ batches of like length, side by side ─▶ hidden states
        ─ pooled ─▶ unit vectors

In single precision a vector does not depend on the texts it was encoded with (but for rounding).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.bert import ATTENTION_MASK, INPUT_IDS
from retrieval.encoders.encoder import Vectors, batches, pieces, unit
from retrieval.encoders.prompts import Prompts
from retrieval.encoders.tokenization import Tokenization
from retrieval.encoders.weights import WeightsError
from retrieval.errors import EmbeddingModelError

Integers = NDArray[np.int64]
Task = TypeVar("Task")

# Padded tokens and texts of a batch. Small ones stay in the processor's cache: with 2048 tokens the
# same paragraphs take 1.7 (long) to 2.6 times (short) as long as with 256; fewer gain nothing.
BATCH_TOKENS = 256
BATCH_TEXTS = 32
# A piece that begins inside a word may have some tokens more than it had in its place.
_SPARE_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Description:
    """What a model's ONNX file does not tell.

    `positions`: tokens read at once, control tokens counted. `pooling`: what of the hidden states
    stands for a text, their mean or the first.
    """

    name: str
    dimension: int
    positions: int
    pooling: Literal["mean", "first"]
    prompts: Prompts


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where a model's ONNX file lies, and how its tokenization is loaded."""

    model: Path
    tokenization: Callable[[], Tokenization]


class OnnxEncoder:
    """An `Encoder` over an ONNX session. Threads may share it.

    `find` makes or finds the files at the first use; it may raise WeightsError.
    """

    def __init__(self, description: Description, find: Callable[[], ModelFiles]) -> None:
        self.description = description
        self._find = find
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Tokenization, int] | None = None

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def dimension(self) -> int:
        return self.description.dimension

    @property
    def window(self) -> int:
        _, _, prompt = self._ready()
        return self.description.positions - 2 - prompt - _SPARE_TOKENS

    @property
    def similarity(self) -> str:
        return "cosine"

    def load(self) -> None:
        self._ready()

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        prompt = self.description.prompts.query
        return self.encode([prompt + text for text in texts])

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        prompt = self.description.prompts.document
        return self.encode([prompt + text for text in texts])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts as they are, without a prompt; (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        session, tokenization, _ = self._ready()
        most = self.description.positions - 2
        tokens = [found[:most] for found in tokenization.encode(texts)]

        def encode_batch(batch: list[int]) -> None:
            ids, mask = padded([tokens[place] for place in batch], tokenization)
            vectors[batch] = self._pooled(run(session, ids, mask), mask)

        lengths = [len(one) + 2 for one in tokens]
        side_by_side(encode_batch, list(batches(lengths, BATCH_TEXTS, BATCH_TOKENS)))
        return unit(vectors)

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        _, tokenization, _ = self._ready()
        return pieces(texts, self.window, tokenization.offsets)

    def _pooled(self, hidden: Vectors, mask: Integers) -> Vectors:
        """One vector a text, shape (texts, dimension); padding takes no part."""
        if self.description.pooling == "first":
            return hidden[:, 0]
        summed: Vectors = np.einsum("tph,tp->th", hidden, mask.astype(np.float32))
        return summed

    def _ready(self) -> tuple[Any, Tokenization, int]:
        """Session, tokenization and the tokens that the longer of the prompts takes."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[Any, Tokenization, int]:
        try:
            files = self._find()
            tokenization = files.tokenization()
            session = open_session(files.model)
        except WeightsError as error:
            raise EmbeddingModelError(str(error)) from error
        except Exception as error:  # onnxruntime and the tokenizers raise types of their own.
            raise EmbeddingModelError(
                f"The packaged embedding model {self.name} could not be loaded ({error})."
            ) from error
        prompts = self.description.prompts
        lengths = map(len, tokenization.encode([prompts.query, prompts.document]))
        return session, tokenization, max(lengths)


def open_session(model: Path) -> Any:
    """An onnxruntime session on the processor that runs in the thread that calls it, and quietly.

    Its own threads would split every operation, which for small batches costs a fifth more than
    running whole batches side by side, and twice as much on cores that others use too.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def side_by_side(work: Callable[[Task], None], tasks: Sequence[Task]) -> None:
    """Do the tasks on as many threads as there are cores; a single one in the caller's.

    Each call has threads of its own, so that a question never waits behind paragraphs.
    """
    workers = min(len(tasks), _cores())
    if workers < 2:
        for task in tasks:
            work(task)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="encoding") as pool:
        for _ in pool.map(work, tasks):
            pass


def _cores() -> int:
    """How many this process may use; not every system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def padded(
    tokens: Sequence[Sequence[int]], tokenization: Tokenization
) -> tuple[Integers, Integers]:
    """Token numbers between control tokens and which of them are no padding: (texts, longest)."""
    longest = max(map(len, tokens)) + 2
    ids = np.full((len(tokens), longest), tokenization.padding, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, one in enumerate(tokens):
        ids[row, : len(one) + 2] = [tokenization.begin, *one, tokenization.end]
        mask[row, : len(one) + 2] = 1
    return ids, mask


def run(session: Any, ids: Integers, mask: Integers, types: Integers | None = None) -> Vectors:
    """The session's first output; token types, where the model asks for them, are 0 by default."""
    given = {INPUT_IDS: ids, ATTENTION_MASK: mask}
    if any(one.name == "token_type_ids" for one in session.get_inputs()):
        given["token_type_ids"] = np.zeros_like(ids) if types is None else types
    found: Vectors = session.run(None, given)[0]
    return found
