"""Fits the weights of `retrieval.support` on the claims of WiCE and says what they are worth.

`python -m tests.evaluation.fit_support` prints the weights, and the macro-F1 of the whole check
(rules and weights) where each fold is labelled by weights that have not seen it.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from retrieval.citations import Source, check
from retrieval.support import Support, carried_by
from tests.evaluation.claims import Claim, load_claims
from tests.evaluation.sets import data_folder

LABELS = (Support.NOT, Support.PARTLY, Support.SUPPORTED)
FOLDS, REPEATS = 5, 5


def main() -> None:
    claims = load_claims(data_folder())
    values = np.array([_values(claim) for claim in claims])
    labels = np.array([LABELS.index(claim.label) for claim in claims])
    capped = np.array([_breaks_a_rule(claim) for claim in claims])
    found = []
    for seed in range(REPEATS):
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        predicted = cross_val_predict(_model(), values, labels, cv=folds)
        predicted = np.where(capped, np.minimum(predicted, 1), predicted)
        found.append(f1_score(labels, predicted, average="macro"))
    print(f"macro-F1, {FOLDS} folds, {REPEATS} times: {np.mean(found):.3f} ±{np.std(found):.3f}")
    model = _model().fit(values, labels)
    scaler, regression = model[0], model[1]
    weights = regression.coef_ / scaler.scale_
    constants = regression.intercept_ - (weights * scaler.mean_).sum(axis=1)
    for label, row, constant in zip(LABELS, weights, constants, strict=True):
        print(f"Support.{label.name}: ({', '.join(f'{w:.2f}' for w in (*row, constant))}),")


def _model() -> object:
    regression = LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000)
    return make_pipeline(StandardScaler(), regression)


def _values(claim: Claim) -> tuple[float, float, float, float]:
    carried = carried_by(claim.text, " \n".join(claim.evidence))
    return carried.words, carried.names_missing, carried.numbers_missing, carried.length


def _breaks_a_rule(claim: Claim) -> bool:
    """Whether a rule of the check, other than the fitted one, finds something missing."""
    reason = check(claim.text, [Source(sentence) for sentence in claim.evidence]).reason
    return bool(reason) and "much of it" not in reason


if __name__ == "__main__":
    main()
