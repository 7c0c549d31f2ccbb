"""Accounts that differ on what is asked, laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from corpus.articles import Article
from corpus.text.sentences import split_sentences
from retrieval.answers.extractive import ExtractiveAnswerer
from retrieval.encoders.encoder import Vectors
from retrieval.evidence import Evidence, Features, ScoredSentence
from retrieval.questions.understand import Question, understand
from retrieval.reports.disputes import differing
from tests.fakes.articles import NOON, passage, stored_article

NOW = datetime(2019, 4, 6, tzinfo=UTC)
KILLED = understand("How many people were killed near Tripoli?", NOW)
GOVERNMENT = "Officials in Libya said that 21 people were killed near Tripoli on Thursday."
HOSPITAL = "A hospital said that 14 people were killed near Tripoli on Thursday."
NOTHING = Features(*([0.0] * 9))


def told(name: str, text: str, source: str, hours: float = 0) -> Article:
    published = NOON + timedelta(hours=hours)
    return stored_article(name, text, source=source, published_at=published)


def evidence(*articles: Article) -> Evidence:
    passages = tuple(passage(article) for article in articles)
    sentences = tuple(
        ScoredSentence(mark, one, split_sentences(one.text)[0], 0, -float(mark), NOTHING)
        for mark, one in enumerate(passages, start=1)
    )
    return Evidence(passages, sentences, 1.0)


def alike(texts: Sequence[str]) -> Vectors:
    """Vectors by which all sentences mean the same."""
    return np.ones((len(texts), 1), dtype=np.float32)


def answered(question: Question, given: Evidence) -> list[str]:
    return [sentence.text for sentence in ExtractiveAnswerer().draft(question, given)]


def test_two_counts_of_one_harm_are_two_accounts() -> None:
    given = evidence(told("a", GOVERNMENT, "Agency"), told("b", HOSPITAL, "Gazette"))
    (found,) = differing(KILLED, given, encode=alike)
    assert [account.sentences for account in found.accounts] == [
        ((1, GOVERNMENT),),
        ((2, HOSPITAL),),
    ]


def test_a_toll_that_rises_with_the_days_is_no_difference() -> None:
    later = told("b", HOSPITAL.replace("Thursday", "Friday"), "Gazette", hours=26)
    assert differing(KILLED, evidence(told("a", GOVERNMENT, "Agency"), later), encode=alike) == []


def test_one_source_does_not_differ_from_itself() -> None:
    given = evidence(told("a", GOVERNMENT, "Agency"), told("b", HOSPITAL, "Agency"))
    assert differing(KILLED, given, encode=alike) == []


def test_what_is_differed_about_elsewhere_is_no_matter_of_the_question() -> None:
    given = evidence(told("a", GOVERNMENT, "Agency"), told("b", HOSPITAL, "Gazette"))
    unread = Evidence(given.passages, (), 1.0)
    assert differing(understand("Who opened the harbour office?", NOW), unread, encode=alike) == []


def test_another_number_in_the_same_words_is_told_too() -> None:
    given = evidence(told("a", GOVERNMENT, "Agency"), told("b", HOSPITAL, "Gazette"))
    assert answered(KILLED, given) == [GOVERNMENT, HOSPITAL]


def test_the_same_number_in_the_same_words_is_told_once() -> None:
    again = told("b", HOSPITAL.replace("14", "21"), "Gazette")
    assert answered(KILLED, evidence(told("a", GOVERNMENT, "Agency"), again)) == [GOVERNMENT]
