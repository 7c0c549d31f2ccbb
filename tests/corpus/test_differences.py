"""Differences between two readings of a text: to the letter, readable, and by paragraph."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.differences import (
    ParagraphChange,
    WordChange,
    paragraph_changes,
    same_words,
    word_changes,
)

texts = st.text(
    st.sampled_from("ab c.,’'\"“” \n\t0123éй利ا\u0301-") | st.characters(codec="utf-8"), max_size=60
)
paragraphs = st.lists(
    st.lists(st.sampled_from("alpha beta gamma delta epsilon".split()), max_size=6).map(" ".join),
    max_size=7,
)


def marked(before: str, after: str) -> str:
    """Changes as a reader sees them: [-removed-] and {+added+}."""
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[one.kind].format(one.text) for one in word_changes(before, after))


@given(texts, texts)
def test_the_runs_give_both_texts_back_to_the_letter(before: str, after: str) -> None:
    runs = word_changes(before, after)

    assert "".join(run.text for run in runs if run.kind != "added") == before
    assert "".join(run.text for run in runs if run.kind != "removed") == after
    assert all(run.text for run in runs)


@given(texts, texts)
def test_no_two_runs_of_a_kind_stand_side_by_side(before: str, after: str) -> None:
    kinds = [run.kind for run in word_changes(before, after)]

    assert all(first != second for first, second in pairwise(kinds))
    assert ("added", "removed") not in set(pairwise(kinds))


@given(texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert word_changes(text, text) == ((WordChange("same", text),) if text else ())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("It had five vehicles.", "It had two vehicles.", "It had [-five-]{+two+} vehicles."),
        ("On Monday.", "On Monday evening.", "On Monday{+ evening+}."),
        ("Talks, he said, failed.", "Talks failed.", "Talks[-, he said,-] failed."),
        ("killing 1,200 people", "killing 1,300 people", "killing [-1,200-]{+1,300+} people"),
        ("at 14:05 today", "at 14:50 today", "at [-14:05-]{+14:50+} today"),
        ("he wasn't there", "he was there", "he [-wasn't-]{+was+} there"),
        # One short word that stayed would only cut the change in two.
        ("the 5 of 7 towns", "the 4 of 9 towns", "the [-5 of 7-]{+4 of 9+} towns"),
        ("利比亚总理今天", "利比亚总统今天", "利比亚总[-理-]{+统+}今天"),
        ("قال الرئيس اليوم", "قال الوزير اليوم", "قال [-الرئيس-]{+الوزير+} اليوم"),
        ("मंत्री ने कहा", "मंत्रियों ने कहा", "[-मंत्री-]{+मंत्रियों+} ने कहा"),
    ],
)
def test_changes_are_runs_of_whole_words(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_a_long_text_is_compared_by_words_too() -> None:
    before = " ".join(f"the word {n} of it" for n in range(2_000))

    changed = word_changes(before, before.replace(" 777 ", " none "))

    assert [run.text for run in changed if run.kind != "same"] == ["777", "none"]


@given(paragraphs, paragraphs)
def test_every_paragraph_is_accounted_for(old: list[str], new: list[str]) -> None:
    changes = paragraph_changes(old, new)

    assert {one.old for one in changes if one.old} == set(range(1, len(old) + 1))
    assert {one.new for one in changes if one.new} == set(range(1, len(new) + 1))
    assert [one.new for one in changes if one.new] == sorted(one.new for one in changes if one.new)
    for one in changes:
        assert (one.kind == "added") == (one.old is None)
        assert (one.kind == "removed") == (one.new is None)


@given(paragraphs, st.integers(0, 7), st.text("xyz", min_size=1, max_size=5))
def test_a_paragraph_put_in_changes_no_other(old: list[str], at: int, text: str) -> None:
    new = [*old[:at], text, *old[at:]]

    changes = paragraph_changes(old, new)

    assert [one.kind for one in changes if one.kind != "same"] == ["added"]


@given(st.permutations(["one two three", "four five six", "seven eight nine", "ten eleven"]))
def test_paragraphs_in_another_order_are_the_same(new: list[str]) -> None:
    old = sorted(new)

    changes = paragraph_changes(old, new)

    assert {one.kind for one in changes} == {"same"}
    assert all(old[one.old - 1] == new[one.new - 1] for one in changes if one.old and one.new)


def test_an_edited_paragraph_is_found_beside_a_new_one() -> None:
    old = ["The convoy had five vehicles, officials said.", "It left at dawn."]
    new = ["This report has been updated.", "The convoy had two vehicles, officials said.", old[1]]

    assert paragraph_changes(old, new) == (
        ParagraphChange("added", None, 1),
        ParagraphChange("changed", 1, 2),
        ParagraphChange("same", 2, 3),
    )


def test_a_removed_paragraph_stands_where_it_stood() -> None:
    assert paragraph_changes(["a b c", "d e f", "g h i"], ["a b c", "g h i"]) == (
        ParagraphChange("same", 1, 1),
        ParagraphChange("removed", 2, None),
        ParagraphChange("same", 3, 2),
    )


def test_a_paragraph_of_another_matter_is_not_an_edit() -> None:
    old = ["The Secretary-General called for calm in Tripoli on Thursday."]
    new = ["Oil output rose to a million barrels a day in March."]

    assert paragraph_changes(old, new) == (
        ParagraphChange("added", None, 1),
        ParagraphChange("removed", 1, None),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["One began. Two followed."], ["One began.", "Two followed."]),
        (["One began.", "Two followed."], ["One began. Two followed."]),
        (["“Peace”, he said – at  last."], ['"Peace", he said - at last.']),
        (["Cafe\u0301 talks\u00a0began…"], ["Café talks began..."]),
    ],
)
def test_what_only_looks_otherwise_is_the_same(old: list[str], new: list[str]) -> None:
    assert {one.kind for one in paragraph_changes(old, new)} == {"same"}


def test_a_sentence_added_to_a_paragraph_changes_it() -> None:
    old = ["The army entered the town on Wednesday."]
    new = ["The army entered the town on Wednesday. It withdrew the same night."]

    assert paragraph_changes(old, new) == (ParagraphChange("changed", 1, 1),)


def test_same_words() -> None:
    assert same_words("“No military solution”", '"No  military solution" ')
    assert not same_words("five vehicles", "two vehicles")
