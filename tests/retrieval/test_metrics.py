"""The measures, against small cases computed by hand."""

from __future__ import annotations

import pytest

from tests.evaluation.metrics import (
    ErrorRates,
    all_at,
    any_at,
    b_cubed,
    contains,
    error_rates,
    evidence_found,
    hit_at,
    recall_at,
    roc_auc,
    token_f1,
)

RANKED = ["a", "b", "c", "d"]
PIECES = [{"b"}, {"x", "d"}, {"y"}]


@pytest.mark.parametrize(("k", "hit"), [(0, False), (1, False), (2, True), (10, True)])
def test_a_hit_counts_from_its_rank_on(k: int, hit: bool) -> None:
    assert hit_at(RANKED, {"b", "z"}, k) is hit


def test_evidence_is_counted_by_piece() -> None:
    assert evidence_found(RANKED, PIECES, 4) == [True, True, False]
    assert recall_at(RANKED, PIECES, 4) == pytest.approx(2 / 3)
    assert recall_at(RANKED, PIECES, 2) == pytest.approx(1 / 3)
    assert not all_at(RANKED, PIECES, 4)
    assert all_at(RANKED, PIECES[:2], 4)
    assert any_at(RANKED, PIECES, 2)
    assert not any_at(RANKED, PIECES, 1)


def test_recall_without_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one piece"):
        recall_at(RANKED, [], 10)


@pytest.mark.parametrize(
    ("positive", "negative", "area"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        # Of the six pairs four are won, one is a tie, one is lost.
        ([0.9, 0.4], [0.4, 0.7, 0.1], 4.5 / 6),
    ],
)
def test_the_area_is_the_share_of_pairs_won(
    positive: list[float], negative: list[float], area: float
) -> None:
    assert roc_auc(positive, negative) == pytest.approx(area)


def test_the_area_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        roc_auc([1.0], [])


def test_errors_at_a_threshold() -> None:
    rates = error_rates([0.3, 0.2, 0.9, 0.8], [0.3, 0.1], 0.3)
    assert rates == ErrorRates(wrongly_refused=0.25, wrongly_answered=0.5)
    assert rates.balanced_accuracy == pytest.approx(0.625)


def test_error_rates_need_both_kinds() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        error_rates([], [0.1], 0.3)


@pytest.mark.parametrize(
    ("given", "gold", "f1"),
    [
        ("The Normans.", "normans", 1.0),
        ("in the 10th century", "10th century", 0.8),
        ("Rollo", "Charles", 0.0),
        ("the", "", 1.0),
        ("Rollo", "", 0.0),
        # Repeated words count as often as both have them: 2 common of 3 and 2.
        ("no no never", "no no", 0.8),
    ],
)
def test_token_f1(given: str, gold: str, f1: float) -> None:
    assert token_f1(given, gold) == pytest.approx(f1)


def test_contains_is_by_whole_normalised_words() -> None:
    assert contains("They came from Denmark, Iceland, and Norway.", "Iceland and Norway")
    assert contains("It rose to 1,500 men.", "1500 men")
    assert not contains("The Normandy landings", "Norman")
    assert not contains("anything", "the")


def test_b_cubed() -> None:
    gold = {"a": 1, "b": 1, "c": 2, "d": 2}
    assert b_cubed(gold, gold).f1 == 1.0
    one_group = b_cubed(dict.fromkeys(gold, "x"), gold)
    assert (one_group.precision, one_group.recall) == (0.5, 1.0)
    alone = b_cubed({item: item for item in gold}, gold)
    assert (alone.precision, alone.recall) == (1.0, 0.5)
    # Given {a, b, c} {d}: precision (2/3 + 2/3 + 1/3 + 1) / 4, recall (1 + 1 + 1/2 + 1/2) / 4.
    mixed = b_cubed({"a": "x", "b": "x", "c": "x", "d": "y"}, gold)
    assert mixed.precision == pytest.approx(2 / 3)
    assert mixed.recall == pytest.approx(0.75)


def test_b_cubed_needs_the_same_items() -> None:
    with pytest.raises(ValueError, match="same items"):
        b_cubed({"a": 1}, {"b": 1})
