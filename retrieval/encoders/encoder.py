"""What an encoder is: texts become unit vectors, questions and paragraphs each with their prompt.

Method names are those of sentence-transformers, whose models are the best known encoders. Two
kinds: `OnnxEncoder` for models that come with packages (no torch), `HubEncoder` for any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Offsets = Sequence[tuple[int, int]]
"""Where each token of a text begins and ends, in characters."""

# Share of a window that the next one repeats, so that no sentence is only seen cut in two.
OVERLAP = 0.25


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


def pieces(
    texts: Sequence[str], window: int, offsets: Callable[[list[str]], Sequence[Offsets]]
) -> list[list[str]]:
    """`Encoder.windows` by means of the tokens' places; short texts need no counting."""
    found: list[list[str]] = [[text] for text in texts]
    # A token stands for at least one byte, though not for a character: a Korean syllable has three.
    long = [index for index, text in enumerate(texts) if len(text.encode()) > window]
    if not long:
        return found
    for index, places in zip(long, offsets([texts[index] for index in long]), strict=True):
        if len(places) > window:
            found[index] = list(_slices(texts[index], places, window))
    return found


def _slices(text: str, places: Offsets, window: int) -> Iterator[str]:
    step = max(1, int(window * (1 - OVERLAP)))
    for first in range(0, len(places), step):
        last = min(first + window, len(places)) - 1
        start = places[first][0] if first else 0
        end = places[last][1] if last < len(places) - 1 else len(text)
        yield text[start:end]
        if last == len(places) - 1:
            return


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
