"""Accounts that differ, side by side, and what is no dispute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from corpus.articles import Article
from retrieval.reports.disputes import Disputed, disputes
from retrieval.reports.lines import passages_of
from retrieval.similarity import Sameness
from retrieval.stories.story import Story
from tests.fakes.articles import NOON, stored_article
from tests.fakes.embedding import HashedWords


def found_in(*articles: Article) -> list[Disputed]:
    story = Story("story", articles)
    return disputes(passages_of(story), Sameness(HashedWords(dimension=256).encode))


def texts(dispute: Disputed) -> list[str]:
    return [" ".join(line.text for line in account) for account in dispute.lines]


def test_a_claim_and_those_who_dispute_it_stand_together() -> None:
    claim = "The LNA said that it had taken full control of Gharyan on Thursday."
    rival = "Some witnesses disputed the account and said that the troops had gone around the town."
    (found,) = found_in(stored_article("a", "Fighting went on in Libya.", f"{claim} {rival}"))
    assert found.about == "control of Gharyan"
    assert texts(found) == [f"{claim} {rival}"]


def test_a_sentence_that_says_that_accounts_differ_brings_them_along() -> None:
    (found,) = found_in(
        stored_article(
            "a",
            "A drone was shot down on Thursday. Iran and the United States disagree on where the "
            "aircraft was.",
            "The Revolutionary Guards said that the drone was in Iranian airspace. Bill Urban, "
            "spokesman of the US command, said that it was over international waters.",
        )
    )
    assert found.about == "where the aircraft was"
    assert len(texts(found)) == 1
    assert "Revolutionary Guards" in texts(found)[0]
    assert "Bill Urban" in texts(found)[0]


def test_two_speakers_who_claim_one_place_are_two_accounts() -> None:
    (found,) = found_in(
        stored_article("a", "LNA spokesman Mismari said that the army had taken Gharyan."),
        stored_article("b", "Interior Minister Bashagha said that his forces held Gharyan."),
    )
    assert found.about == "control of Gharyan"
    assert len(found.lines) == 2


def test_counts_of_the_same_harm_at_the_same_hour_differ() -> None:
    (found,) = found_in(
        stored_article(
            "a",
            "At least 21 people were killed in the fighting near Tripoli on Sunday.",
            source="Wire",
        ),
        stored_article(
            "b",
            "At least 35 people were killed in the fighting near Tripoli on Sunday.",
            source="Regional",
        ),
    )
    assert found.about == "how many were killed"
    assert len(found.lines) == 2


def test_what_one_source_counts_anew_is_no_dispute() -> None:
    told = [
        stored_article(
            name,
            f"At least {count} people were killed in the fighting near Tripoli on Sunday.",
            source="Wire",
        )
        for name, count in (("a", 21), ("b", 35))
    ]
    assert found_in(*told) == []


def test_what_two_speakers_of_one_transcript_say_is_no_dispute_of_writers() -> None:
    said = "The LNA said that it had taken Gharyan; the government said that it held Gharyan."
    assert found_in(stored_article("a", f"MR PRICE: {said}", f"QUESTION: {said}")) == []


def test_a_toll_that_rises_by_the_next_day_is_no_dispute() -> None:
    later = NOON + timedelta(days=1)
    assert not found_in(
        stored_article("a", "At least 21 people were killed in the fighting near Tripoli."),
        stored_article(
            "b", "At least 35 people were killed in the fighting near Tripoli.", published_at=later
        ),
    )


@pytest.mark.parametrize(
    "paragraph",
    [
        "Russia denies that the missile violates the treaty.",
        "The leaders differed from their hosts in dress and in manners only.",
        "The United States also blamed Iran for that attack, and Iran denied it.",
        "Parliament rejected the withdrawal agreement for the third time on Friday.",
        "The army said that it had taken part in an exercise with two allies.",
    ],
)
def test_one_side_alone_and_what_was_disputed_before_are_none(paragraph: str) -> None:
    assert not found_in(stored_article("a", "Something else happened.", paragraph))


def test_a_copy_is_no_second_account() -> None:
    text = "At least 21 people were killed in the fighting near Tripoli on Sunday."
    assert not found_in(stored_article("a", text), stored_article("b", text, duplicate_of="a"))
