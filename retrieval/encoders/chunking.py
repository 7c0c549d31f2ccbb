"""Chunking: a paragraph that is longer than the model's window becomes overlapping windows of it.

    texts ─ short enough? ─▶ one window, the text itself
          └─ tokens and where they stand ─▶ slices of `window` tokens, each a step further

The paragraph is the unit of everything that is found and cited; windows exist only so that no part
of a long one goes unread by the model. Each is indexed as a record of its own that points to its
paragraph (`retrieval.index.vectors.Entry`), and the best of them speaks for it. Pure: the tokens
come from the tokenizer that is passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Share of a window that the next one repeats, so that no sentence is only seen cut in two.
OVERLAP = 0.25

Offsets = Sequence[tuple[int, int]]
"""Where each token of a text begins and ends, in characters."""


def windows(
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
