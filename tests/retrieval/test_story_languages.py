"""Stories across languages: one event told in English and in others is one story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.encoders.packaged import ENGLISH, MULTILINGUAL
from retrieval.index.embedding import SentenceEmbeddings, make_embeddings
from retrieval.stories.follower import LeadVectors, StoryFollower
from retrieval.stories.grouping import Repeated
from retrieval.stories.registry import StoryRegister
from tests.evaluation.stories import read_reports, told_in_many_languages
from tests.fakes.articles import NOON, days, read_article, stored_article
from tests.fakes.embedding import HashedWords
from tests.retrieval.test_encoders_packaged import needs

MARCH = "Haftar orders his forces to march on Tripoli", "Khalifa Haftar named Gharyan."
SUDAN = "Sudan's army removes Omar al-Bashir", "Protesters in Khartoum cheered Ibn Auf."
# Beside the names, what the fake encoder knows of other languages is the words they have in common.
MARSCH = "Haftar lässt auf Tripoli marschieren", "Khalifa Haftar named Gharyan march forces."
KHARTUM = "Omar al-Bashir entmachtet", "Protesters in Khartoum cheered Ibn Auf army Sudan."


class Desk:
    """A store and its stories, followed by an embedding with two spaces."""

    def __init__(self, store: ArticleStore) -> None:
        self.store = store
        self.embeddings = HashedWords(dimension=256, others="others")
        self.follower = StoryFollower(store, self.embeddings)

    def restart(self) -> None:
        self.embeddings = HashedWords(dimension=256, others="others")
        self.follower = StoryFollower(self.store, self.embeddings)

    def read(self, name: str, text: tuple[str, str], language: str, at: float = 0.0) -> None:
        article = read_article(
            name, text[1], title=text[0], language=language, published_at=NOON + days(at)
        )
        ingest(self.store, [article], lambda: NOON + days(30))
        self.follower.catch_up()

    def encoded_abroad(self) -> list[str]:
        assert self.embeddings.others is not None
        return self.embeddings.others.encoded

    def together(self) -> set[frozenset[str]]:
        return {
            frozenset(article.url.rpartition("/")[2] for article in story.articles)
            for story in StoryRegister(self.store).stories()
        }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(f"sqlite:///{tmp_path}/chancery.db")
    yield Desk(store)
    store.close()


def test_an_event_told_in_two_languages_is_one_story(desk: Desk) -> None:
    desk.read("march", MARCH, "en")
    desk.read("sudan", SUDAN, "en", 0.1)
    desk.read("marsch", MARSCH, "de", 0.2)
    desk.read("khartum", KHARTUM, "de", 0.3)
    assert desk.together() == {frozenset({"march", "marsch"}), frozenset({"sudan", "khartum"})}


def test_the_other_language_may_come_first(desk: Desk) -> None:
    desk.read("marsch", MARSCH, "de")
    desk.read("sudan", SUDAN, "en", 0.1)
    desk.read("march", MARCH, "en", 0.2)
    assert desk.together() == {frozenset({"march", "marsch"}), frozenset({"sudan"})}


def test_what_is_told_days_later_in_another_language_is_another_event(desk: Desk) -> None:
    desk.read("march", MARCH, "en")
    desk.read("marsch", (MARSCH[0], "Khalifa Haftar spoke."), "de", 6.0)
    assert desk.together() == {frozenset({"march"}), frozenset({"marsch"})}


def test_english_alone_is_encoded_in_one_space_only(desk: Desk) -> None:
    desk.read("march", MARCH, "en")
    desk.read("sudan", SUDAN, "en", 0.1)
    assert desk.encoded_abroad() == []


def test_what_was_read_before_another_language_came_is_encoded_once_for_all(desk: Desk) -> None:
    desk.read("march", MARCH, "en")
    desk.read("marsch", MARSCH, "de", 0.2)
    assert "\n".join(MARCH) in desk.encoded_abroad()
    desk.restart()
    desk.read("again", (MARSCH[0], MARSCH[1] + " Tripoli."), "de", 0.3)
    assert "\n".join(MARCH) not in desk.encoded_abroad()
    assert desk.together() == {frozenset({"march", "marsch", "again"})}


def test_english_texts_are_compared_with_one_another_as_ever() -> None:
    article = stored_article("a", "They met in Geneva.", "Talks go on.", title="Talks begin")
    alone, beside = HashedWords(), HashedWords(others="others")
    beside.reads_others = True
    (expected,) = LeadVectors(alone).of([(article, Repeated().told(article))])
    leads = LeadVectors(beside)
    (vector,) = leads.of([(article, Repeated().told(article))])
    own, everywhere = leads.parted(vector)
    assert np.allclose(own[: len(expected)], expected)
    assert not own[len(expected) :].any()
    assert everywhere is not None
    assert float(np.linalg.norm(everywhere)) == pytest.approx(1.0, abs=1e-6)


# -- with the packaged models ------------------------------------------------------------------

EVENTS = {
    "assange-arrest", "ola-bini", "notre-dame-fire", "macron-rebuild", "quetta-bomb",
    "brexit-october", "haftar-order", "airport-retaken",
}  # fmt: skip
"""Of which two pairs are of the same actors and place in the same week."""


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> SentenceEmbeddings:
    for model in (ENGLISH, MULTILINGUAL):
        needs(model)
    return make_embeddings(ENGLISH, None, tmp_path_factory.mktemp("models"))


def test_events_are_told_apart_and_brought_together_in_eight_languages(
    packaged: SentenceEmbeddings,
) -> None:
    reports = [one for one in read_reports("building") if one.story in EVENTS]
    assert {one.article.language for one in reports} == set("ar de en es fa fr ru zh".split())
    grouped, pairs = told_in_many_languages(reports, packaged)
    assert (grouped.precision, pairs.precision) == (1.0, 1.0)
    assert pairs.recall >= 0.9
