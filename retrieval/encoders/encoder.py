"""What an encoder is, and those that onnxruntime runs.

    texts ─ prompt ─▶ tokens ─ batches of like length, side by side ─▶ hidden states
        ─ pooled ─▶ unit vectors

Method names are those of sentence-transformers, whose models are the best known encoders. Two
kinds: `OnnxEncoder` for models that come with packages (no torch, two to three times its speed on a
processor), `retrieval.encoders.hub.HubEncoder` for any other. In single precision a vector does not
depend on the texts it was encoded with (but for rounding).
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.encoders.bert import ATTENTION_MASK, INPUT_IDS
from retrieval.errors import EmbeddingModelError, WeightsError

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Unit vectors of texts; cosine is their product. Threads may share one.

    A text that is longer than `window` is cut there: `windows` gives pieces that are not.
    """

    @property
    def name(self) -> str:
        """What an index remembers of the model that made it."""

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""

    @property
    def window(self) -> int:
        """How many tokens of text are read at once; control tokens and prompts not counted."""

    @property
    def similarity(self) -> str:
        """What the model was made for, in sentence-transformers' words: cosine, dot, …"""

    def load(self) -> None:
        """Load the model now; EmbeddingModelError where it cannot be."""

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of questions, float32, shape (len(texts), dimension)."""

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of what is searched, float32, shape (len(texts), dimension)."""

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        """For each text the overlapping pieces that fit the model; a short text is one piece.

        Pieces are slices of the text and together cover it.
        """


def batches(lengths: Sequence[int], texts: int, tokens: int) -> Iterator[list[int]]:
    """Places of texts, the longest first, in batches of like length.

    A batch has at most `texts` texts and, padded, at most `tokens` tokens; a longer text is alone.
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        fitting = max(1, tokens // max(1, lengths[order[start]]))
        end = start + min(texts, fitting)
        yield order[start:end]
        start = end


def unit(vectors: Vectors) -> Vectors:
    """Rows at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled.astype(np.float32, copy=False)


# -- languages -------------------------------------------------------------------------------------

# Letters of a text by which its script is told.
_LOOKED_AT = 400
_LAST_LATIN = "\u024f"


def is_english(text: str, language: str | None) -> bool:
    """Whether a text whose language was told so, or is unknown, is for an English model."""
    return is_latin(text) and (language or "en").partition("-")[0] == "en"


def is_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin; also where it has none."""
    letters = [character for character in text[:_LOOKED_AT] if character.isalpha()]
    return 2 * sum(letter <= _LAST_LATIN for letter in letters) >= len(letters)


# -- prompts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prompts:
    """Put before a question, and before a text that is searched."""

    query: str = ""
    document: str = ""


E5 = Prompts("query: ", "passage: ")
BGE = Prompts("Represent this sentence for searching relevant passages: ")
_BGE_CHINESE = Prompts("为这个句子生成表示以用于检索相关文章：")
_NOMIC = Prompts("search_query: ", "search_document: ")

_DOCUMENTED: tuple[tuple[str, Prompts], ...] = (
    (r"e5\b.*instruct|e5-mistral", Prompts()),
    (r"(multilingual-)?e5-(small|base|large)", E5),
    (r"bge-(small|base|large)-en", BGE),
    (r"bge-(small|base|large)-zh", _BGE_CHINESE),
    (r"nomic-embed-text", _NOMIC),
    (r"modernbert-embed", _NOMIC),
    (r"snowflake-arctic-embed.*v2", Prompts("query: ")),
    (r"snowflake-arctic-embed", BGE),
    (r"mxbai-embed-large", BGE),
    (r"gte-(small|base|large|multilingual)", Prompts()),
)


def documented_prompts(name: str) -> Prompts:
    """The prompts of a model's family, by the last part of its hub id or path; none of others."""
    last = name.rstrip("/").rpartition("/")[2].casefold()
    for pattern, prompts in _DOCUMENTED:
        if re.search(rf"(?:^|[-_]){pattern}", last):
            return prompts
    return Prompts()


# -- chunking --------------------------------------------------------------------------------------
#
# A paragraph that is longer than the model's window becomes overlapping windows of it, so that no
# part of a long one goes unread. Each is indexed as a record of its own that points to its
# paragraph (`retrieval.index.vectors.Entry`), and the best of them speaks for it.

# Share of a window that the next one repeats, so that no sentence is only seen cut in two.
OVERLAP = 0.25

Offsets = Sequence[tuple[int, int]]
"""Where each token of a text begins and ends, in characters."""


def overlapping(
    texts: Sequence[str], window: int, tokenise: Callable[[list[str]], Sequence[Offsets]]
) -> list[list[str]]:
    """For each text the overlapping slices of at most `window` tokens that together cover it.

    A text that fits is one slice. `tokenise` is called once, with the texts that may not fit.
    """
    pieces: list[list[str]] = [[text] for text in texts]
    # A token stands for at least one byte, though not for a character: a Korean syllable has
    # three. Short texts need no counting.
    long = [index for index, text in enumerate(texts) if len(text.encode()) > window]
    if not long:
        return pieces
    found = tokenise([texts[index] for index in long])
    for index, offsets in zip(long, found, strict=True):
        if len(offsets) > window:
            pieces[index] = _slices(texts[index], offsets, window)
    return pieces


def _slices(text: str, offsets: Offsets, window: int) -> list[str]:
    """The first begins and the last ends with the text, white space included."""
    step = max(1, int(window * (1 - OVERLAP)))
    pieces = []
    for first in range(0, len(offsets), step):
        last = min(first + window, len(offsets)) - 1
        start = offsets[first][0] if first else 0
        end = offsets[last][1] if last < len(offsets) - 1 else len(text)
        pieces.append(text[start:end])
        if last == len(offsets) - 1:
            break
    return pieces


# -- tokens ----------------------------------------------------------------------------------------


class Tokenization(Protocol):
    """Texts to token numbers, without control tokens and uncut."""

    begin: int
    end: int
    padding: int

    def encode(self, texts: Sequence[str]) -> list[list[int]]: ...

    def offsets(self, texts: Sequence[str]) -> Sequence[Offsets]: ...


class WordPieces:
    """BERT's own: a `tokenizer.json` of the library tokenizers."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer: Any = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self.begin, self.end, self.padding = map(self._number, ("[CLS]", "[SEP]", "[PAD]"))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [found.ids for found in self._encoded(texts)]

    def offsets(self, texts: Sequence[str]) -> Sequence[Offsets]:
        return [found.offsets for found in self._encoded(texts)]

    def _number(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise WeightsError(f"The tokenizer has no token {token}: it is not BERT's.")
        return int(number)

    def _encoded(self, texts: Sequence[str]) -> Any:
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)


class SentencePieces:
    """XLM-RoBERTa's: a model of the library sentencepiece.

    The library tokenizers reads such models too, but with a quarter of a million pieces it takes
    300 MB where this takes 60, and eight times as long.
    """

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor: Any = SentencePieceProcessor(model_file=str(path), num_threads=1)
        self.begin: int = self._processor.bos_id()
        self.end: int = self._processor.eos_id()
        self.padding: int = self._processor.pad_id()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        found: list[list[int]] = self._processor.encode(list(texts))
        return found

    def offsets(self, texts: Sequence[str]) -> Sequence[Offsets]:
        found = self._processor.encode(list(texts), return_type="offset_mapping")
        return [one["offsets"] for one in found]


# -- models that onnxruntime runs -----------------------------------------------------------------

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
    """Where a model's ONNX file lies, how its tokenization is loaded, and what is taken out of its
    vectors (`without_common`), where something is."""

    model: Path
    tokenization: Callable[[], Tokenization]
    common: Path | None = None


class OnnxEncoder:
    """An `Encoder` over an ONNX session. Threads may share it.

    `find` makes or finds the files at the first use; it may raise WeightsError.
    """

    def __init__(self, description: Description, find: Callable[[], ModelFiles]) -> None:
        self.description = description
        self._find = find
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Tokenization, int] | None = None
        self._common: Vectors | None = None

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
        return self._told_apart(self.encode([prompt + text for text in texts]))

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        prompt = self.description.prompts.document
        return self._told_apart(self.encode([prompt + text for text in texts]))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors as the model gives them, without a prompt; (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        session, tokenization, _ = self._ready()
        most = self.description.positions - 2
        tokens = [found[:most] for found in tokenization.encode(texts)]

        def encode_batch(batch: list[int]) -> None:
            ids, mask = padded([tokens[place] for place in batch], tokenization)
            vectors[batch] = self._pooled(run(session, ids, mask)[0], mask)

        lengths = [len(one) + 2 for one in tokens]
        side_by_side(encode_batch, list(batches(lengths, BATCH_TEXTS, BATCH_TOKENS)))
        return unit(vectors)

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        _, tokenization, _ = self._ready()
        return overlapping(texts, self.window, tokenization.offsets)

    def _told_apart(self, vectors: Vectors) -> Vectors:
        return vectors if self._common is None else without_common(vectors, self._common)

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
            if files.common is not None:
                self._common = np.load(files.common)
        except WeightsError as error:
            raise EmbeddingModelError(str(error)) from error
        except Exception as error:  # onnxruntime and the tokenizers raise types of their own.
            raise EmbeddingModelError(
                f"The packaged embedding model {self.name} could not be loaded ({error})."
            ) from error
        prompts = self.description.prompts
        lengths = map(len, tokenization.encode([prompts.query, prompts.document]))
        return session, tokenization, max(lengths)


def common_of(languages: Sequence[Vectors]) -> Vectors:
    """What the vectors of the same texts in several languages have in common, and what tells the
    languages apart: the mean of all on top of the directions in which their means differ.

    Mu and Viswanath 2018, "All-but-the-Top"; Yang et al. 2021, "A Simple and Effective Method To
    Eliminate the Self Language Bias in Multilingual Representations".
    """
    means = np.stack([vectors.mean(axis=0) for vectors in languages])
    centre = means.mean(axis=0)
    # The last direction is that of nothing: the means' differences sum to zero.
    directions = np.linalg.svd(means - centre, full_matrices=False)[2][: len(means) - 1]
    return np.vstack([centre, directions]).astype(np.float32)


def without_common(vectors: Vectors, common: Vectors) -> Vectors:
    """Unit vectors without what says nothing of a text, as `common_of` gives it.

    Cosines of some models lie between .7 and .9 whatever is compared; of these they are about 0
    where nothing is shared, as they are of others, and one threshold serves both.
    """
    centre, directions = common[0], common[1:]
    apart = vectors - centre
    return unit(apart - (apart @ directions.T) @ directions)


def open_session(model: Path | bytes) -> Any:
    """An onnxruntime session on the processor that runs in the thread that calls it, and quietly.
    The model is a file or what one holds.

    Its own threads would split every operation, which for small batches costs a fifth more than
    running whole batches side by side, and twice as much on cores that others use too.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    given = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])


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


def run(
    session: Any, ids: Integers, mask: Integers, types: Integers | None = None
) -> list[Vectors]:
    """The session's outputs; token types, where the model asks for them, are 0 by default."""
    given = {INPUT_IDS: ids, ATTENTION_MASK: mask}
    if any(one.name == "token_type_ids" for one in session.get_inputs()):
        given["token_type_ids"] = np.zeros_like(ids) if types is None else types
    found: list[Vectors] = session.run(None, given)
    return found
