"""Fits the weights of `retrieval.grounding.check` on the claims of WiCE.

`python -m tests.evaluation.fit_support` prints the weights, and the macro-F1 of the whole check
(rules and weights) where each fold is labelled by weights that have not seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from retrieval.grounding.check import Source, check
from retrieval.grounding.support import Support, carried_by
from tests.evaluation.claims import Claim, load_claims
from tests.evaluation.sets import data_folder
from tests.evaluation.table import Measurement

LABELS = (Support.NOT, Support.PARTLY, Support.SUPPORTED)
FOLDS, REPEATS = 5, 5
# Highest cosine of an evidence sentence with fitted thresholds, as the data's own page gives it:
# encoding all evidence takes minutes.
HIGHEST_COSINE = 0.366


def main() -> None:
    claims = load_claims(data_folder())
    found = cross_validated(claims)
    print(f"macro-F1, {FOLDS} folds, {REPEATS} times: {np.mean(found):.3f} ±{np.std(found):.3f}")
    model = _model().fit(*_fitted_on(claims))
    scaler, regression = model[0], model[1]
    weights = regression.coef_ / scaler.scale_
    constants = regression.intercept_ - (weights * scaler.mean_).sum(axis=1)
    for label, row, constant in zip(LABELS, weights, constants, strict=True):
        print(f"Support.{label.name}: ({', '.join(f'{w:.2f}' for w in (*row, constant))}),")


def cross_validated(claims: Sequence[Claim]) -> list[float]:
    """Macro-F1 of the whole check, once for each way of folding."""
    values, labels = _fitted_on(claims)
    capped = np.array([_breaks_a_rule(claim) for claim in claims])
    found = []
    for seed in range(REPEATS):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        predicted = cross_val_predict(_model(), values, labels, cv=folds)
        predicted = np.where(capped, np.minimum(predicted, 1), predicted)
        found.append(float(f1_score(labels, predicted, average="macro")))
    return found


def measure_claims(folder: Path, label: str) -> list[Measurement]:
    """How well the check tells supported, partly and not: weights that have not seen the claim.

    Beside it what it would be to call every claim by its commonest label.
    """
    claims = load_claims(folder)
    _, labels = _fitted_on(claims)
    commonest = np.bincount(labels).argmax()
    shipped = [LABELS.index(_checked(claim)) for claim in claims]
    return [
        Measurement(
            label, "macro-F1, cross-validated", float(np.mean(cross_validated(claims))),
            dense=HIGHEST_COSINE,
            bm25=float(f1_score(labels, np.full(len(labels), commonest), average="macro")),
        ),
        Measurement(
            label, "macro-F1, shipped weights", float(f1_score(labels, shipped, average="macro")),
            gated=False,
        ),
    ]  # fmt: skip


def _fitted_on(claims: Sequence[Claim]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    values = np.array([_values(claim) for claim in claims])
    return values, np.array([LABELS.index(claim.label) for claim in claims])


def _model() -> Any:
    regression = LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000)
    return make_pipeline(StandardScaler(), regression)


def _values(claim: Claim) -> tuple[float, float, float, float]:
    carried = carried_by(claim.text, " \n".join(claim.evidence))
    return carried.words, carried.names_missing, carried.numbers_missing, carried.length


def _checked(claim: Claim) -> Support:
    return check(claim.text, [Source(sentence) for sentence in claim.evidence], wholly=True).support


def _breaks_a_rule(claim: Claim) -> bool:
    """Whether a rule of the check, other than the fitted one, finds something missing."""
    sources = [Source(sentence) for sentence in claim.evidence]
    reason = check(claim.text, sources, wholly=True).reason
    return bool(reason) and "much of it" not in reason


if __name__ == "__main__":
    main()
