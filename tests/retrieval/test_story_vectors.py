"""The vectors of leads: what the index has is not encoded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from corpus.articles import Article
from retrieval.encoders.encoder import Vectors
from retrieval.passages import ParagraphKey
from retrieval.stories.follower import LeadVectors
from retrieval.stories.grouping import Repeated, StoryText
from tests.fakes.articles import stored_article
from tests.fakes.embedding import HashedWords

WORDS = HashedWords()
TALKS = stored_article("a", "They met in Geneva.", "Talks go on on Monday.", title="Talks begin")
VOTE = stored_article("b", "The chamber voted.", title="A vote")


class Held:
    """An index that holds the paragraphs of some articles, up to change 7."""

    position = 7

    def __init__(self, *articles: Article) -> None:
        self._texts = {
            (article.id, one.number): one.text for article in articles for one in article.paragraphs
        }

    def of_paragraphs(self, keys: Sequence[ParagraphKey]) -> Mapping[ParagraphKey, Vectors]:
        return {key: WORDS.encode([self._texts[key]])[0] for key in keys if key in self._texts}


def told(*articles: Article) -> list[tuple[Article, StoryText]]:
    return [(article, Repeated().told(article)) for article in articles]


def test_are_the_direction_between_the_first_paragraphs() -> None:
    (vector,) = LeadVectors(WORDS).of(told(TALKS))
    first, second = WORDS.encode([one.text for one in TALKS.paragraphs])
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-6)
    assert float(vector @ first) == pytest.approx(float(vector @ second), abs=1e-6)


def test_encode_only_what_the_index_does_not_hold() -> None:
    words = HashedWords()
    beside = LeadVectors(words, Held(TALKS)).of(told(TALKS, VOTE))
    assert words.english.encoded == ["The chamber voted."]
    assert np.allclose(beside, LeadVectors(WORDS).of(told(TALKS, VOTE)))


def test_encode_everything_where_the_index_is_behind_the_change() -> None:
    words = HashedWords()
    LeadVectors(words, Held(TALKS)).of(told(TALKS), upto=8)
    assert words.english.encoded == [one.text for one in TALKS.paragraphs]
    words.english.encoded.clear()
    LeadVectors(words, Held(TALKS)).of(told(TALKS), upto=7)
    assert words.english.encoded == []


def test_go_by_the_title_where_there_is_no_paragraph() -> None:
    (vector,) = LeadVectors(WORDS).of(told(stored_article("c", title="Only a title")))
    assert np.allclose(vector, WORDS.encode(["Only a title"])[0])


def test_of_nothing_are_none() -> None:
    assert LeadVectors(WORDS).of([]) == []
