"""What is done with an article that was read: decided from plain values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.articles import ReadArticle, SourceKind, article_id
from corpus.decisions import (
    Amended,
    Candidate,
    Changed,
    Known,
    New,
    Standing,
    Unchanged,
    as_of,
    decide,
    decide_again,
    first_of_copies,
    standing,
)
from corpus.text.differences import are_alike
from tests.fakes.articles import NOON, address, days, read_article

TEXT = (
    "The Security Council met behind closed doors on Friday evening in New York.",
    "Germany, which presides over it this month, called for a halt of all movements.",
)
ARTICLE = read_article("own", *TEXT, author="A. Writer", kind=SourceKind.WIRE)
KNOWN = Known(
    version=3,
    digest=ARTICLE.digest,
    title=ARTICLE.title,
    source=ARTICLE.source,
    kind=SourceKind.WIRE,
    author=ARTICLE.author,
    published_at=ARTICLE.published_at,
    language=ARTICLE.language,
    duplicate_of=None,
)


def candidate(
    name: str, *, day: float | None = 0, text: tuple[str, ...] = TEXT, copy_of: str | None = None
) -> Candidate:
    published_at = None if day is None else NOON + days(day)
    original = article_id(address(copy_of)) if copy_of else None
    return Candidate(article_id(address(name)), published_at, text, original)


def identity(name: str) -> str:
    return article_id(address(name))


# -- a text that is stored already -------------------------------------------------------------


def test_the_same_reading_is_unchanged() -> None:
    assert decide_again(ARTICLE, KNOWN) == Unchanged(ARTICLE)


@pytest.mark.parametrize("field", ["source", "author", "published_at", "language"])
def test_what_becomes_known_amends(field: str) -> None:
    assert decide_again(ARTICLE, replace(KNOWN, **{field: None})) == Amended(ARTICLE)


def test_what_is_told_otherwise_amends() -> None:
    later = replace(ARTICLE, published_at=NOON + days(1))
    assert decide_again(later, KNOWN) == Amended(later)
    opinion = replace(ARTICLE, kind=SourceKind.OPINION)
    assert decide_again(opinion, KNOWN) == Amended(opinion)


def test_a_poorer_reading_is_unchanged() -> None:
    poorer = replace(ARTICLE, source=None, author=None, published_at=None, language=None, kind=None)
    assert decide_again(poorer, KNOWN) == Unchanged(poorer)


def test_a_withdrawn_article_that_is_read_again_is_there_again() -> None:
    assert decide_again(ARTICLE, replace(KNOWN, withdrawn=True)) == Amended(ARTICLE)


# -- a text that is not ------------------------------------------------------------------------


def test_an_unknown_article_is_new() -> None:
    assert decide(ARTICLE, None, (1, 2), []) == New(ARTICLE, (1, 2), None)


def test_another_text_is_the_next_version() -> None:
    assert decide(ARTICLE, KNOWN, (1, 2), []) == Changed(ARTICLE, (1, 2), None, 4)


def test_another_text_keeps_what_only_earlier_readings_told() -> None:
    poorer = ReadArticle(ARTICLE.url, ARTICLE.title, ("Another text.",))
    decision = decide(poorer, KNOWN, (), [])
    assert decision == Changed(replace(ARTICLE, paragraphs=("Another text.",)), (), None, 4)


def test_what_the_new_text_tells_wins() -> None:
    told = replace(
        ARTICLE, paragraphs=("Another text.",), author="B. Writer", kind=SourceKind.OPINION
    )
    assert decide(told, KNOWN, (), []) == Changed(told, (), None, 4)


def test_a_copy_names_the_first() -> None:
    decision = decide(ARTICLE, None, (), [candidate("first")])
    assert decision.duplicate_of == identity("first")


# -- copies ------------------------------------------------------------------------------------


def test_a_chain_leads_to_the_first() -> None:
    assert first_of_copies(ARTICLE, [candidate("second", copy_of="first")]) == identity("first")


def test_an_article_is_no_copy_of_itself_or_of_its_own_copies() -> None:
    assert first_of_copies(ARTICLE, [candidate("own")]) is None
    assert first_of_copies(ARTICLE, [candidate("second", copy_of="own")]) is None


def test_the_next_candidate_is_tried_when_one_is_none() -> None:
    strangers = candidate("stranger", text=("Rain is expected in the mountains on Sunday.",))
    assert first_of_copies(ARTICLE, [strangers, candidate("first")]) == identity("first")


@pytest.mark.parametrize(
    ("day", "copy"), [(0, True), (-10, True), (10, True), (10.1, False), (365, False), (None, True)]
)
def test_the_same_words_long_after_are_a_new_occasion(day: float | None, copy: bool) -> None:
    found = first_of_copies(ARTICLE, [candidate("first", day=day)])
    assert found == (identity("first") if copy else None)


# -- whether it is the same article --------------------------------------------------------------

LONGER = (*TEXT, "The meeting is to be continued on Monday, when the envoy reports from Tripoli.")
FOREIGN = replace(ARTICLE, source="Quay Blog", kind=SourceKind.OPINION, is_own=False)
REMARK = ("Nobody at the quay believes what those gentlemen write, and neither does my old aunt.",)


def stands(article: ReadArticle, text: tuple[str, ...], **known: object) -> Standing:
    return standing(article, replace(KNOWN, **known), text)  # type: ignore[arg-type]


def test_an_edit_by_the_same_source_is_a_reading() -> None:
    assert stands(ARTICLE, LONGER) is Standing.READING
    assert stands(replace(ARTICLE, source=None), LONGER) is Standing.READING


def test_a_text_that_shares_next_to_nothing_is_another_article() -> None:
    other = replace(ARTICLE, title="A remark", paragraphs=REMARK)
    assert stands(other, TEXT) is Standing.OTHER


def test_a_short_remark_shares_no_more_with_a_long_text_than_any_sentence_does() -> None:
    told = (
        "The ministry received the mayors of the valley and spoke with them for two hours about "
        "the lock, about the dam and about the people who have lived below it for eleven years.",
        "It was agreed that an office is to be opened in the port after the election, and that it "
        "has a staff of six until the lock is built.",
    )
    remark = (
        "At last it is noticed, after all of eleven years, that somebody has lived below, and the "
        "reason is an election.",
    )
    assert not are_alike(remark, told)
    assert are_alike((told[0],), told)


def test_a_teaser_of_what_stands_there_tells_nothing_new() -> None:
    teaser = replace(ARTICLE, paragraphs=(f"{TEXT[0][:60]} …",), is_teaser=True)
    assert stands(teaser, TEXT) is Standing.NOTHING_NEW
    reworded = replace(teaser, paragraphs=(f"The Council has met. {TEXT[0][:60]}",))
    assert stands(reworded, TEXT) is Standing.NOTHING_NEW
    assert stands(replace(teaser, is_teaser=False), TEXT) is Standing.READING


def test_another_source_never_edits_an_article() -> None:
    assert stands(replace(FOREIGN, paragraphs=REMARK), TEXT) is Standing.OTHER
    quoted = replace(FOREIGN, paragraphs=(*TEXT, "I believe none of it."))
    assert stands(quoted, TEXT, is_own=True) is Standing.OTHER
    assert stands(replace(FOREIGN, paragraphs=TEXT[:1]), TEXT, is_own=True) is Standing.NOTHING_NEW


def test_the_publishers_fuller_text_takes_the_place_of_anothers() -> None:
    own = replace(FOREIGN, is_own=True)
    assert stands(own, TEXT[:1], is_own=False) is Standing.TAKES_OVER
    assert stands(own, LONGER, is_own=False) is Standing.OTHER


def test_two_feeds_of_one_publisher_edit_one_article_which_keeps_its_source() -> None:
    own = replace(FOREIGN, is_own=True, paragraphs=(TEXT[0], REMARK[0], TEXT[1]))
    assert stands(own, TEXT, is_own=True) is Standing.OTHER_FEED
    kept = as_of(own, replace(KNOWN, is_own=True))
    assert (kept.source, kept.kind, kept.paragraphs) == (None, None, own.paragraphs)


def test_what_was_withdrawn_another_source_does_not_bring_back() -> None:
    assert stands(FOREIGN, TEXT, withdrawn=True) is Standing.OTHER


def test_anothers_repetition_renames_nothing_and_dates_nothing_anew() -> None:
    later = replace(FOREIGN, published_at=NOON + days(1), author="Q.")
    assert isinstance(decide_again(later, replace(KNOWN, is_own=True)), Unchanged)
    by_hand = replace(later, is_own=None)
    assert decide_again(by_hand, KNOWN) == Amended(by_hand)


def test_a_text_taken_over_does_not_keep_the_kind_of_the_other_source() -> None:
    own = replace(ARTICLE, source="Ministry", kind=None, author=None, is_own=True)
    decision = decide(own, KNOWN, (), [])
    assert (decision.article.kind, decision.article.author) == (None, None)
