"""The fused score of a paragraph, computed plainly: what the search is measured against."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import astuple

from retrieval.search.fusion import WEIGHTS, Signals


def fused(signals: Signals) -> float:
    """The score of a paragraph, between 0 and 1."""
    pairs = zip(astuple(WEIGHTS), astuple(signals), strict=True)
    return float(sum(weight * value for weight, value in pairs))


def share_covered(rarity: Mapping[str, float], there: Set[str]) -> float:
    """Share of some terms, by their rarity, that are among others; 0 of none."""
    total = sum(rarity.values())
    return sum(rarity[term] for term in rarity.keys() & there) / total if total else 0.0
