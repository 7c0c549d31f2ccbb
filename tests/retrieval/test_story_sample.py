"""The bundled sample, grouped with the packaged model: what a reader would call a story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corpus.ingest import ingest
from corpus.samples import sample_articles
from corpus.store.articles import open_store
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from retrieval.stories.grouping import central_article
from retrieval.stories.registry import StoryRegister
from retrieval.stories.story import Story
from tests.conftest import NOW
from tests.fakes.databases import new_database


@pytest.fixture(scope="module")
def stories(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> Iterator[list[Story]]:
    folder = tmp_path_factory.mktemp("stories")
    store = open_store(new_database(folder))
    ingest(store, sample_articles(), lambda: NOW)
    StoryFollower(store, embeddings).catch_up()
    yield StoryRegister(store).stories()
    store.close()


def holding(stories: list[Story], words: str) -> list[Story]:
    """Stories with an article in whose title these words stand."""
    return [story for story in stories if any(words in one.title for one in story.articles)]


@pytest.mark.slow
def test_the_march_on_tripoli_is_one_story(stories: list[Story]) -> None:
    (march,) = holding(stories, "march on Tripoli")[-1:]
    titles = {article.title for article in march.articles}
    assert "Haftar’s forces say units are moving towards western Libya" in titles
    assert "Guterres in Tripoli: no military solution for Libya" in titles
    assert len(titles) >= 8
    assert (march.begins.month, march.ends.month) == (4, 4)
    assert "Haftar" in central_article(march.articles).title


def test_sudan_is_told_apart_from_libya(stories: list[Story]) -> None:
    for story in holding(stories, "Sudan") + holding(stories, "Bashir"):
        assert not any("Libya" in one.title or "Haftar" in one.title for one in story.articles)


def test_votes_of_different_months_are_no_single_story(stories: list[Story]) -> None:
    votes = holding(stories, "withdrawal agreement")
    assert len(votes) > 1
    assert all((story.ends - story.begins).days < 60 for story in votes)


def test_no_story_draws_everything_in(stories: list[Story]) -> None:
    assert max(len(story.articles) for story in stories) <= 15
    assert sum(len(story.articles) for story in stories) == len(list(sample_articles()))


def test_copies_sit_with_their_origins(stories: list[Story]) -> None:
    where = {article.id: story.id for story in stories for article in story.articles}
    copies = [one for story in stories for one in story.articles if one.duplicate_of]
    assert copies
    assert all(where[one.id] == where[one.duplicate_of or ""] for one in copies)
