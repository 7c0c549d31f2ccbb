"""Grouping, as pure functions: average linkage, carrying names over, the centre of a story."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.stories.grouping import (
    Placed,
    Weights,
    average_linkage,
    carry_over,
    central_article,
    new_story_id,
)
from tests.evaluation.metrics import adjusted_rand_index
from tests.fakes.articles import NOON, stored_article


def nobody(story: str) -> bool:
    return False


def likeness_of(groups: Sequence[int], within: float, across: float) -> Weights:
    """A matrix in which texts of one number are `within` alike and others `across`."""
    numbers = np.array(groups)
    same = numbers[:, None] == numbers[None, :]
    return np.where(same, within, across).astype(np.float32)


# -- average linkage ---------------------------------------------------------------------------


def test_texts_that_are_alike_are_one_group() -> None:
    assert average_linkage(likeness_of([1, 2, 1, 2], 0.5, 0.1)) == [[0, 2], [1, 3]]


def test_what_is_like_nothing_stays_alone() -> None:
    assert average_linkage(likeness_of([1, 2, 3], 1.0, 0.2)) == [[0], [1], [2]]


def test_look_alike_events_stay_apart_where_each_is_more_like_itself() -> None:
    """Above the threshold, and yet two events: what each has in common is much more."""
    two_fights = likeness_of([1] * 5 + [2] * 5, 0.6, 0.4)
    assert [len(group) for group in average_linkage(two_fights)] == [5, 5]
    assert len(average_linkage(two_fights, as_close=0.0)) == 1


def test_one_text_of_many_that_is_like_one_other_does_not_join_two_stories() -> None:
    chain = likeness_of([1] * 4 + [2] * 4, 0.6, 0.05)
    chain[3, 4] = chain[4, 3] = 0.55
    assert [len(group) for group in average_linkage(chain)] == [4, 4]


def test_nothing_is_no_group() -> None:
    assert average_linkage(np.zeros((0, 0), dtype=np.float32)) == []


@given(st.integers(2, 9), st.integers(0, 10_000), st.data())
def test_what_a_person_decided_is_never_overridden(
    size: int, seed: int, data: st.DataObject
) -> None:
    alike = np.random.default_rng(seed).random((size, size)).astype(np.float32)
    alike = (alike + alike.T) / 2
    names = st.sampled_from([None, "a", "b"])
    fixed = data.draw(st.lists(names, min_size=size, max_size=size))
    groups = average_linkage(alike, fixed)
    assert sorted(index for group in groups for index in group) == list(range(size))
    decided = [{fixed[index] for index in group} - {None} for group in groups]
    assert all(len(names) <= 1 for names in decided)
    for name in ("a", "b"):
        assert sum(name in names for names in decided) == (name in fixed)


# -- names -------------------------------------------------------------------------------------


def placed(key: str, story: str | None, day: int) -> Placed:
    return Placed(key, story, NOON + timedelta(days=day))


def test_a_new_text_takes_the_name_of_the_story_it_comes_to() -> None:
    texts = [placed("c", None, 2), placed("a", "one", 0), placed("b", "one", 1)]
    carried = carry_over([[0, 1, 2]], texts, {"one": NOON}, nobody)
    assert (carried.stories, carried.joined) == (("one", "one", "one"), {})


def test_joined_stories_keep_the_name_of_the_older() -> None:
    texts = [placed("a", "young", 3), placed("b", "young", 4), placed("c", "old", 5)]
    begun = {"young": NOON + timedelta(days=3), "old": NOON}
    carried = carry_over([[0, 1, 2]], texts, begun, nobody)
    assert (set(carried.stories), carried.joined) == ({"old"}, {"young": "old"})


def test_the_larger_part_of_a_story_keeps_its_name() -> None:
    texts = [placed("a", "one", 0), placed("b", "one", 1), placed("c", "one", 2)]
    carried = carry_over([[0], [1, 2]], texts, {"one": NOON}, nobody)
    assert carried.stories[1:] == ("one", "one")
    assert carried.stories[0] == new_story_id("a", nobody)


def test_of_equal_parts_that_with_the_first_article_keeps_the_name() -> None:
    texts = [placed("b", "one", 1), placed("a", "one", 0)]
    carried = carry_over([[0], [1]], texts, {"one": NOON}, nobody)
    assert carried.stories == (new_story_id("b", nobody), "one")


def test_a_new_story_has_a_name_that_no_other_has() -> None:
    taken = new_story_id("a", nobody)
    carried = carry_over([[0]], [placed("a", None, 0)], {}, lambda story: story == taken)
    assert carried.stories != (taken,)
    assert len(carried.stories[0]) == 16


# -- the centre --------------------------------------------------------------------------------


def test_the_central_article_is_the_one_most_like_the_others() -> None:
    reports = [
        stored_article("aside", "Tourists in Tunis spoke of it.", title="Weather in Tunis"),
        stored_article("first", "Haftar ordered his forces to Tripoli.", title="Haftar on Tripoli"),
        stored_article("second", "Haftar told forces to take Tripoli.", title="Forces and Tripoli"),
    ]
    assert central_article(reports).title in {"Haftar on Tripoli", "Forces and Tripoli"}


def test_a_copy_is_no_centre_while_its_origin_is_there() -> None:
    origin = stored_article("origin", "Haftar ordered his forces to Tripoli.", title="Origin")
    copy = stored_article(
        "copy", "Haftar ordered his forces to Tripoli.", title="A copy", duplicate_of="origin"
    )
    assert central_article([copy, origin]) == origin


def test_nothing_has_no_centre() -> None:
    with pytest.raises(ValueError, match="without articles"):
        central_article([])


# -- the measure -------------------------------------------------------------------------------


def test_adjusted_rand_index_of_a_worked_example() -> None:
    """Three of the pairs are together in both, of 7 and 4 (of 15): (3 - 28/15) / (5.5 - 28/15)."""
    given = dict(zip("abcdef", "xxxxyy", strict=True))
    gold = dict(zip("abcdef", "xxxyyz", strict=True))
    assert adjusted_rand_index(given, gold) == pytest.approx((3 - 28 / 15) / (5.5 - 28 / 15))


def test_adjusted_rand_index_of_equal_groupings_is_one() -> None:
    alone = {"a": 1, "b": 2}
    assert adjusted_rand_index(alone, {"a": "x", "b": "y"}) == 1.0
    assert adjusted_rand_index({"a": 1, "b": 1}, alone) == 0.0
    with pytest.raises(ValueError, match="same items"):
        adjusted_rand_index({"a": 1}, {"b": 1})
