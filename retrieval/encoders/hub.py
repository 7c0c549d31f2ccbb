"""Encoders that sentence-transformers loads: any model of a hub, and any in a local folder.

Importing it takes seconds and torch with it, so it is imported when such a model is first used.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.encoders.encoder import (
    Offsets,
    Prompts,
    Vectors,
    documented_prompts,
    overlapping,
    unit,
)
from retrieval.errors import EmbeddingModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_TEXTS = 32
# A question waits for at most this many texts while paragraphs are being encoded.
PORTION_TEXTS = 64
# What a tokenizer tells that reads without end; a window as long as that helps nobody.
_LONGEST_WINDOW = 8192
# Tokens where a model does not tell how many it reads.
_USUAL_WINDOW = 512
# A piece that begins inside a word may have some tokens more than it had in its place.
_SPARE_TOKENS = 4


class HubEncoder:
    """An `Encoder` over a sentence-transformers model, loaded at the first use.

    `model` is a hub id or a folder. Its own prompts are used where its configuration has some,
    else those that are documented for its family. Vectors are made unit vectors, so a model made
    for the inner product is asked by the cosine: see `similarity`.
    """

    def __init__(self, model: str, *, device: str = "cpu") -> None:
        self._name = model
        self._device = device
        self._lock = threading.Lock()
        self._loaded: tuple[SentenceTransformer, Prompts | None] | None = None
        # One thread does all the encoding: torch keeps a team of threads for each thread that
        # calls it, and several teams on few cores slow each other down many times over.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedding")

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return int(self._model().get_embedding_dimension() or 0)

    @property
    def similarity(self) -> str:
        return str(self._model().similarity_fn_name or "cosine")

    @property
    def window(self) -> int:
        model, documented = self._ready()
        tokenizer = model.tokenizer
        longest = min(int(model.max_seq_length or _USUAL_WINDOW), _LONGEST_WINDOW)
        prompts = [*(model.prompts or {}).values()]
        if documented is not None:
            prompts += [documented.query, documented.document]
        prompt = max(len(tokenizer(one, add_special_tokens=False)["input_ids"]) for one in prompts)
        return longest - int(tokenizer.num_special_tokens_to_add()) - prompt - _SPARE_TOKENS

    def load(self) -> None:
        self._ready()

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        model, documented = self._ready()
        return self._encoded(model.encode_query, texts, documented.query if documented else None)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        model, documented = self._ready()
        return self._encoded(
            model.encode_document, texts, documented.document if documented else None
        )

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        return overlapping(texts, self.window, self._offsets)

    def _encoded(
        self, encode: Callable[..., Any], texts: Sequence[str], prompt: str | None
    ) -> Vectors:
        """Texts encoded a portion at a time, long ones first; `prompt` None: the model's own."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        longest_first = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        for start in range(0, len(texts), PORTION_TEXTS):
            chosen = longest_first[start : start + PORTION_TEXTS]
            portion = [texts[place] for place in chosen]
            encoding = self._worker.submit(
                encode,
                portion,
                prompt=prompt,
                batch_size=BATCH_TEXTS,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
            vectors[chosen] = encoding.result()
        return unit(vectors)

    def _offsets(self, texts: list[str]) -> Sequence[Offsets]:
        encoded = self._model().tokenizer(
            texts,
            add_special_tokens=False,
            return_offsets_mapping=True,
            truncation=False,
            verbose=False,
        )
        found: Sequence[Offsets] = encoded["offset_mapping"]
        return found

    def _model(self) -> SentenceTransformer:
        return self._ready()[0]

    def _ready(self) -> tuple[SentenceTransformer, Prompts | None]:
        """The model and, where it has no prompts of its own, those of its family."""
        with self._lock:
            if self._loaded is None:
                model = _load(self._name, self._device)
                self._loaded = model, _missing_prompts(model, self._name)
            return self._loaded


def _missing_prompts(model: SentenceTransformer, name: str) -> Prompts | None:
    if any((model.prompts or {}).values()) or model.default_prompt_name:
        return None
    # A model in a folder of whatever name may still say where it came from.
    configuration = getattr(getattr(model[0], "auto_model", None), "config", None)
    origin = str(getattr(configuration, "_name_or_path", "") or "")
    for known in (name, origin):
        if (prompts := documented_prompts(known)) != Prompts():
            return prompts
    return None


def _load(name: str, device: str) -> SentenceTransformer:
    # Torch's threads spin while they wait for each other, which on cores that others use too made
    # one encoding ten times as slow and dear (6 short texts, 2 busy cores: 1.2 s against 0.1 s).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    # Its bar goes to stderr, terminal or not; whoever loads a model shows progress of his own.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(name, device=device)
    except Exception as error:  # The hub, torch and the file system all raise their own.
        raise EmbeddingModelError(
            f"EMBEDDING_MODEL {name!r} could not be loaded: it is neither a packaged model nor a "
            "folder with a model nor one that can be downloaded from here."
        ) from error
