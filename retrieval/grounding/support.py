"""How far paragraphs carry a sentence, told from their words alone.

    a sentence + the text it leans on  ->  what of it stands there  ->  supported | partly | not

Pure and without a model: of the claims of WiCE (Kamoi et al. 2023) the words tell as much as words
and vectors together do. The weights are those of a logistic regression over three labels, fitted by
`python -m tests.evaluation.fit_support`, which also prints what cross-validation gives.
"""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from corpus.text.words import content_words, fold, names, numbers, stem, words


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
