"""Whether paragraphs entail a sentence, told by a model that reads both.

    sentences with their cited paragraphs ─ Verifier ─▶ supported | partly | not, and what differs

Rules compare words; a verifier compares meanings. It comes after the rules for marks, quotations,
numbers, dates and names, which it cannot lift. The language model is one
(`retrieval.answers.model.ModelVerifier`); `CrossEncoderVerifier` is another, for machines that send
nothing out. One that fails is named to the reader, and the rules alone decide.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from corpus.text.sentences import split_sentences
from retrieval.errors import CheckerModelError
from retrieval.grounding.check import Support

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from retrieval.grounding.check import Source

ENTAILED = 0.5
"""Probability of entailment from which a sentence is supported."""
PARTLY_ENTAILED = 0.2
PREMISE_CHARACTERS = 1_500
"""A premise is read in portions of about so many characters; the models have windows of 512."""
PORTION = 8


@dataclass(frozen=True, slots=True)
class Unverified:
    """A sentence that passed the hard rules, and what it cites."""

    sentence: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verifier says of a sentence; `differs` tells in words what does not stand there."""

    support: Support
    differs: str = ""


class Verifier(Protocol):
    """Reads sentences beside their paragraphs; RetrievalError where it cannot."""

    @property
    def name(self) -> str: ...

    def verify(self, items: Sequence[Unverified]) -> list[Finding]: ...


class CrossEncoderVerifier:
    """An entailment model of sentence-transformers: a hub id or a folder. Threads may share it.

    Three forms are read, told by the model's own configuration: one score (HHEM), two labels of
    which the second supports (MiniCheck), and natural-language inference with a label whose name
    begins with "entail". Loaded at the first use; CheckerModelError where that fails.
    """

    def __init__(self, model: str, *, device: str = "cpu") -> None:
        self.name = model
        self._device = device
        self._loaded: CrossEncoder | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the model now; CheckerModelError where it cannot be."""
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self.name, self._device)

    def verify(self, items: Sequence[Unverified]) -> list[Finding]:
        """A finding for each item: the likeliest of its premises, alone and together."""
        self.load()
        pairs = [
            (number, premise, item.sentence)
            for number, item in enumerate(items)
            for premise in _premises(item.sources)
        ]
        best = [0.0] * len(items)
        scores = self._probabilities([(premise, told) for _, premise, told in pairs])
        for (number, _, _), probability in zip(pairs, scores, strict=True):
            best[number] = max(best[number], probability)
        return [_finding(probability) for probability in best]

    def _probabilities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        if not pairs:
            return []
        from torch import nn

        with self._lock:
            model = self._loaded
            assert model is not None
            try:
                logits = model.predict(
                    list(pairs),
                    batch_size=PORTION,
                    show_progress_bar=False,
                    activation_fn=nn.Identity(),
                    convert_to_numpy=True,
                )
            except Exception as error:  # torch and the tokenizer raise their own.
                raise CheckerModelError(f"CHECKER_MODEL {self.name!r} could not be run.") from error
            label = entailment_label(model.config)
        return [_probability(row, label) for row in logits]


def entailment_label(config: Any) -> int | None:
    """The place of the label that means entailment; None where one score is all there is.

    CheckerModelError for a model of another kind.
    """
    names = {int(at): str(name).casefold() for at, name in (config.id2label or {}).items()}
    for at, name in names.items():
        if name.startswith(("entail", "support", "consistent")):
            return at
    if config.num_labels == 1:
        return None
    if config.num_labels == 2:
        return 1
    raise CheckerModelError(
        f"CHECKER_MODEL has {config.num_labels} labels, of which none is named entailment."
    )


def _probability(row: Any, label: int | None) -> float:
    values = [float(value) for value in row] if getattr(row, "ndim", 0) else [float(row)]
    if label is None:
        return 1 / (1 + math.exp(-values[0]))
    highest = max(values)
    exponents = [math.exp(value - highest) for value in values]
    return exponents[label] / sum(exponents)


def _finding(probability: float) -> Finding:
    if probability >= ENTAILED:
        return Finding(Support.SUPPORTED)
    support = Support.PARTLY if probability >= PARTLY_ENTAILED else Support.NOT
    return Finding(support, "it does not follow from the cited paragraphs")


def _premises(sources: Sequence[Source]) -> list[str]:
    """What a sentence may follow from: each paragraph in portions, and all together if short."""
    portions: list[str] = []
    for source in sources:
        held = ""
        for sentence in split_sentences(source.text):
            if held and len(held) + len(sentence.text) > PREMISE_CHARACTERS:
                portions.append(held)
                held = ""
            held = f"{held} {sentence.text}".strip()
        portions.append(held)
    together = " ".join(portions)
    if len(portions) > 1 and len(together) <= PREMISE_CHARACTERS:
        portions.append(together)
    return [portion for portion in portions if portion]


def _load(name: str, device: str) -> CrossEncoder:
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: CrossEncoder = CrossEncoder(name, device=device)
    except Exception as error:  # The hub, torch and the file system all raise their own.
        raise CheckerModelError(
            f"CHECKER_MODEL {name!r} could not be loaded: it is neither a folder with a "
            "cross-encoder nor a model that can be downloaded from here."
        ) from error
    entailment_label(model.config)
    return model
