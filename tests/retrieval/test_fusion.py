"""The score of a paragraph: shares, weighed."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest

from corpus.text.sentences import rough_sentences
from retrieval.search.fusion import WEIGHTS, Signals, best_covered
from tests.retrieval.signals import fused, share_covered

RARITY = {"gharyan": 6.0, "clash": 3.0, "say": 1.0}


def test_a_score_lies_between_nothing_and_one() -> None:
    assert fused(Signals()) == 0
    assert fused(Signals(1, 1, 1, 1, 1, 1)) == pytest.approx(1)


def test_every_signal_speaks_for_a_paragraph() -> None:
    assert all(weight > 0 for weight in astuple(WEIGHTS))
    low = Signals(cosine=0.4)
    assert fused(replace(low, covered=0.5)) > fused(low)


def test_coverage_counts_each_term_once_by_its_rarity() -> None:
    assert share_covered(RARITY, {"gharyan", "tripoli"}) == pytest.approx(0.6)
    assert share_covered({}, {"gharyan"}) == 0


def test_the_best_sentence_counts_not_the_sum_of_all() -> None:
    assert best_covered(RARITY, [{"gharyan"}, {"clash", "say"}]) == pytest.approx(0.6)
    assert best_covered(RARITY, []) == 0
    assert best_covered({}, [{"gharyan"}]) == 0


def test_a_text_is_cut_where_sentences_end() -> None:
    text = "Clashes began today. “Nobody left,” he said. It rained …"
    assert rough_sentences(text) == [
        "Clashes began today.",
        "“Nobody left,” he said.",
        "It rained …",
    ]
    assert rough_sentences("One thing") == ["One thing"]
