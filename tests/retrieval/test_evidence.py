"""Which passages an answer may rest on: copies collapse, time is minded, articles take turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import Article
from retrieval.evidence import (
    ENOUGH,
    PASSAGES,
    PASSAGES_AN_ARTICLE,
    Evidence,
    ScoredSentence,
    collapse_copies,
    gather,
)
from retrieval.passages import Passage
from retrieval.questions.understand import understand
from tests.fakes.articles import NOON, days, passage, stored_article

ASKED_AT = datetime(2019, 4, 20, tzinfo=UTC)
WORDS = "There is no military solution to the conflict, the Secretary-General said in Tripoli."
CLOSE = WORDS.replace("said in Tripoli", "said on Thursday in Tripoli")


def unscored(_question: object, _passages: Sequence[Passage]) -> list[ScoredSentence]:
    return []


def gathered(text: str, *found: Passage) -> list[Passage]:
    return list(gather(understand(text, ASKED_AT), found, unscored).passages)


def names(passages: Sequence[Passage]) -> list[str]:
    return [found.article.url.rpartition("/")[2] for found in passages]


def carriers(found: Passage) -> set[str]:
    return {article.url.rpartition("/")[2] for article in found.carried_by}


# -- copies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["first copy", "copy first"])
def test_the_first_article_stands_for_its_copies(order: str) -> None:
    articles = {
        "first": stored_article("first", WORDS),
        "copy": stored_article("copy", WORDS, duplicate_of="first", published_at=NOON - days(1)),
    }
    found = [
        passage(articles[name], score=score)
        for name, score in zip(order.split(), (0.9, 0.8), strict=True)
    ]
    (kept,) = collapse_copies(found)
    assert names([kept]) == ["first"]
    assert carriers(kept) == {"copy"}
    assert kept.score == 0.9


def test_several_copies_are_all_kept_in_mind() -> None:
    articles = [
        stored_article("third", WORDS, duplicate_of="first"),
        stored_article("second", WORDS, duplicate_of="first"),
        stored_article("first", WORDS),
    ]
    (kept,) = collapse_copies([passage(article) for article in articles])
    assert names([kept]) == ["first"]
    assert carriers(kept) == {"second", "third"}


def test_of_two_articles_of_unknown_origin_the_earlier_one_stands() -> None:
    later = stored_article("later", WORDS, published_at=NOON + days(1))
    earlier = stored_article("earlier", f"{WORDS} ")
    (kept,) = collapse_copies([passage(later, score=0.9), passage(earlier, score=0.4)])
    assert names([kept]) == ["earlier"]
    assert kept.score == 0.9


def test_an_edited_paragraph_of_a_copy_is_the_same_paragraph() -> None:
    first = stored_article("first", f"{WORDS} A long second sentence follows it in the original.")
    copy = stored_article("copy", WORDS, duplicate_of="first")
    (kept,) = collapse_copies([passage(first), passage(copy)])
    assert carriers(kept) == {"copy"}


def test_another_paragraph_of_a_copy_is_another_paragraph() -> None:
    first = stored_article("first", WORDS)
    copy = stored_article("copy", "Its own reporter saw tanks near Gharyan.", duplicate_of="first")
    assert len(collapse_copies([passage(first), passage(copy)])) == 2


def test_like_words_of_unrelated_articles_stay_apart() -> None:
    found = [passage(stored_article("a", WORDS)), passage(stored_article("b", CLOSE))]
    assert len(collapse_copies(found)) == 2


def test_the_same_words_long_after_are_said_again() -> None:
    then = stored_article("then", WORDS)
    again = stored_article("again", WORDS, published_at=NOON + days(30))
    found = [passage(again), passage(then)]
    assert names(collapse_copies(found)) == ["again", "then"]


def test_a_paragraph_found_twice_is_one_and_carried_by_nobody() -> None:
    article = stored_article("a", WORDS, WORDS)
    (kept,) = collapse_copies([passage(article, 1), passage(article, 1), passage(article, 2)])
    assert kept.carried_by == ()


# -- time --------------------------------------------------------------------------------------


def day(name: str, number: int, score: float) -> Passage:
    words = f"On day {number} the {name} talks ended without result."
    return passage(
        stored_article(name, words, published_at=datetime(2019, 4, number, tzinfo=UTC)), score=score
    )


def test_the_latest_is_first_when_it_is_asked_for() -> None:
    found = [day("old", 1, 0.80), day("newest", 18, 0.60), day("newer", 11, 0.70)]
    assert names(gathered("What is the latest on Libya?", *found))[0] == "newest"
    assert names(gathered("What about Libya?", *found)) == ["old", "newest", "newer"]


def test_what_is_new_but_beside_the_point_is_not_the_latest() -> None:
    found = [day("relevant", 11, 0.80), day("beside", 18, 0.30)]
    assert names(gathered("What is the latest on Libya?", *found))[0] == "relevant"


def test_an_undated_article_is_never_the_latest() -> None:
    undated = passage(stored_article("undated", WORDS, published_at=None), score=0.8)
    found = [undated, day("dated", 18, 0.6)]
    assert names(gathered("What is the latest on Libya?", *found))[0] == "dated"
    assert names(gathered("What is the latest on Libya?", undated)) == ["undated"]


# -- how much ----------------------------------------------------------------------------------


def test_one_article_does_not_take_every_place() -> None:
    long = stored_article("long", *(f"Paragraph {number} of it." for number in range(1, 10)))
    other = stored_article("other", "Another account of the day.")
    found = [*(passage(long, number) for number in range(1, 10)), passage(other)]
    kept = gathered("What happened?", *found)
    assert names(kept) == ["long"] * PASSAGES_AN_ARTICLE + ["other"]


def test_there_is_an_end_to_evidence() -> None:
    found = [passage(stored_article(f"{n}", f"Account number {n}.")) for n in range(PASSAGES + 5)]
    assert len(gathered("What happened?", *found)) == PASSAGES


def test_nothing_is_not_enough() -> None:
    evidence = gather(understand("What happened?", ASKED_AT), [], unscored)
    assert evidence == Evidence(())
    assert evidence.confidence == 0 < ENOUGH
    assert not evidence.suffices


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3), st.floats(0, 1)), max_size=12)
)
def test_collapsing_keeps_the_order_and_loses_no_article(
    found: list[tuple[str, int, float]],
) -> None:
    articles: dict[str, Article] = {
        "a": stored_article("a", WORDS, "Two.", "Three."),
        "b": stored_article("b", WORDS, "Two, told otherwise.", "3.", duplicate_of="a"),
        "c": stored_article("c", "Something else.", "Two.", "Trois.", published_at=None),
        "d": stored_article("d", WORDS, "Deux.", "Drei.", published_at=NOON + days(90)),
    }
    passages = [
        passage(articles[name], number, score)
        for name, number, score in sorted(found, key=lambda item: -item[2])
    ]
    kept = collapse_copies(passages)
    assert collapse_copies(kept) == kept
    assert [one.score for one in kept] == sorted((one.score for one in kept), reverse=True)
    present = {one.article.id for one in kept} | {a.id for one in kept for a in one.carried_by}
    assert present == {one.article.id for one in passages}


def test_what_is_asked_from_the_floor_and_boilerplate_is_no_evidence() -> None:
    article = stored_article("briefing", "MR LUND: We agree.", "Q On what?", "For release")
    said, asked, repeated = (passage(article, number) for number in (1, 2, 3))
    floor = replace(asked, paragraph=replace(asked.paragraph, asked=True))
    form = replace(repeated, paragraph=replace(repeated.paragraph, boilerplate=True))
    assert gathered("What was agreed?", floor, form, said) == [said]


@pytest.mark.parametrize(
    ("name", "is_theirs"),
    [
        ("Blinken", True),
        ("Antony Blinken", True),
        ("Secretary Blinken", True),
        ("Price", False),
        ("Evan Blinken", False),
    ],
)
def test_a_turn_is_spoken_by_whoever_its_label_names(name: str, is_theirs: bool) -> None:
    turn = passage(stored_article("briefing", "SECRETARY BLINKEN: We agree."))
    spoken = replace(turn, paragraph=replace(turn.paragraph, speaker="Antony J. Blinken"))
    assert spoken.is_spoken_by(name) is is_theirs
    assert not turn.is_spoken_by(name)
