"""How far paragraphs carry a sentence: told from their words, or by a model that reads both.

    a sentence + the text it leans on  ->  what of it stands there  ->  supported | partly | not
    sentences with their cited paragraphs ─ Verifier ─▶ the same, and what differs

Of the claims of WiCE (Kamoi et al. 2023) the words tell as much as words and vectors together do.
The weights are those of a logistic regression over three labels, fitted by
`python -m tests.evaluation.fit_support`, which also prints what cross-validation gives.

Rules compare words; a verifier compares meanings. It comes after the rules for marks, quotations,
numbers, dates and names, which it cannot lift. The language model is one
(`retrieval.answers.model.ModelVerifier`); `CrossEncoderVerifier` is another, for machines that send
nothing out. One that fails is named to the reader, and the rules alone decide.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from corpus.text.sentences import split_sentences
from corpus.text.words import content_words, fold, names, numbers, stem, words
from retrieval.errors import CheckerModelError
from retrieval.outcomes import Said

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

    from retrieval.grounding.check import Source


class Support(StrEnum):
    """How far the cited paragraphs carry a sentence."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Carried:
    """Shares of a sentence that stand in a text, between 0 and 1, and how long it is.

    `words` counts content words by their stems; `length` is the logarithm of one more than their
    number.
    """

    words: float
    names_missing: float
    numbers_missing: float
    length: float


# Weights of words, names missing, numbers missing and length, and a constant, for each label.
WEIGHTS: dict[Support, tuple[float, float, float, float, float]] = {
    Support.NOT: (-4.94, 0.83, 1.13, -0.44, 3.79),
    Support.PARTLY: (1.19, 0.30, 1.27, 0.45, -1.75),
    Support.SUPPORTED: (3.75, -1.13, -2.40, 0.00, -2.05),
}

# A claim of which less stands there is not called supported, whatever the weights say of short
# ones: to take a claim for supported is the worse mistake. Macro-F1 on WiCE is best at .65
# (.573; without it .552).
ENOUGH_WORDS = 0.65


def support_of(sentence: str, text: str, excused: Set[str] = frozenset()) -> Support:
    """The likeliest label of a sentence that leans on a text.

    `excused` are folded words and numbers that need not stand there, such as the question's names.
    """
    carried = carried_by(sentence, text, excused)
    likeliest = max(WEIGHTS, key=lambda label: score(label, carried))
    if likeliest is Support.SUPPORTED and carried.words < ENOUGH_WORDS:
        return Support.PARTLY
    return likeliest


def score(label: Support, carried: Carried) -> float:
    """Log-odds of a label, up to what all labels share."""
    *weights, constant = WEIGHTS[label]
    values = (carried.words, carried.names_missing, carried.numbers_missing, carried.length)
    return sum(w * value for w, value in zip(weights, values, strict=True)) + constant


def carried_by(sentence: str, text: str, excused: Set[str] = frozenset()) -> Carried:
    """What of a sentence stands in a text."""
    wanted = list(dict.fromkeys(content_words(sentence)))
    there = {stem(word) for word in (*content_words(text), *excused)}
    named = {fold(name) for name in names(sentence)}
    counted = numbers(sentence)
    return Carried(
        words=_share(sum(stem(word) in there for word in wanted), len(wanted)),
        names_missing=_share(len(named - set(words(text)) - excused), len(named)),
        numbers_missing=_share(len(counted - numbers(text) - excused), len(counted)),
        length=math.log(len(wanted) + 1),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


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
                said = Said("CHECKER_MODEL {name} could not be run.", name=repr(self.name))
                raise CheckerModelError(said) from error
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
    return Finding(support, Said("it does not follow from the cited paragraphs"))


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
