"""An optional second opinion: a cross-encoder that reads question and paragraph together.

    passages in the search's order ─ the first ones, a portion at a time, until time is up
        ─▶ scores ─▶ those read by their scores, then the rest as they were

A cross-encoder tells better than two separate vectors whether a paragraph answers, and takes some
thirty milliseconds a paragraph on a processor; so it reads few, and never for longer than it may.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from retrieval.errors import RerankerModelError
from retrieval.passages import Passage
from retrieval.search.retriever import RERANKED

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# Passages that are read between two looks at the clock.
PORTION = 8
# Seconds after which what was not read yet stays where it was.
LONGEST = 1.5


class CrossEncoderReranker:
    """Reorders passages with a sentence-transformers cross-encoder. Threads may share it.

    `model` is a hub id or a folder; it is loaded at the first use. `clock` counts seconds.
    """

    def __init__(
        self,
        model: str,
        *,
        seconds: float = LONGEST,
        device: str = "cpu",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model_name = model
        self._seconds = seconds
        self._device = device
        self._clock = clock
        self._loaded: CrossEncoder | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the model now; RerankerModelError where it cannot be."""
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self.model_name, self._device)

    def reordered(self, text: str, passages: Sequence[Passage]) -> list[Passage]:
        """The passages with those that were read in the order of the model's scores.

        The passages' own scores are dealt out anew in the new order, so that they still fall.
        """
        self.load()
        read = list(passages[:RERANKED])
        scores = self._scores(text, read)
        # Those that were read go before those that were not, as they did before.
        order = sorted(range(len(scores)), key=lambda place: -scores[place])
        chosen = [read[place] for place in order] + list(passages[len(scores) :])
        return [
            passage.with_score(before.score)
            for passage, before in zip(chosen, passages, strict=True)
        ]

    def _scores(self, text: str, passages: Sequence[Passage]) -> list[float]:
        """Scores of the first passages, of as many as there was time for."""
        until = self._clock() + self._seconds
        scores: list[float] = []
        with self._lock:
            model = self._loaded
            assert model is not None
            for start in range(0, len(passages), PORTION):
                if start and self._clock() >= until:
                    break
                portion = passages[start : start + PORTION]
                pairs = [(text, f"{one.article.title}\n{one.text}") for one in portion]
                found = model.predict(pairs, batch_size=PORTION, show_progress_bar=False)
                scores += [float(score) for score in found]
        return scores


def _load(name: str, device: str) -> CrossEncoder:
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: CrossEncoder = CrossEncoder(name, device=device)
    except Exception as error:  # The hub, torch and the file system all raise their own.
        raise RerankerModelError(
            f"RERANKER_MODEL {name!r} could not be loaded: it is neither a folder with a "
            "cross-encoder nor a model that can be downloaded from here."
        ) from error
    if model.num_labels != 1:
        raise RerankerModelError(
            f"RERANKER_MODEL {name!r} gives {model.num_labels} scores for a pair; a reranker "
            "gives one."
        )
    return model
