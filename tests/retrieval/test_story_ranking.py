"""Stories in the order of their importance to a reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from corpus.articles import Article, SourceKind
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.ranking import Routine, Weighing, importance, rank
from retrieval.reports.report import Interests, Told
from retrieval.reports.topics import TopicMatch
from retrieval.similarity import Sameness
from retrieval.stories.story import Story
from tests.fakes.articles import NOON, stored_article
from tests.fakes.embedding import HashedWords


def article(name: str, title: str, kind: SourceKind = SourceKind.INDEPENDENT) -> Article:
    made = stored_article(name, f"{title}, officials said on Thursday.", title=title, source=name)
    return replace(made, kind=kind)


LIBYA = Story(
    "libya",
    (
        article("a", "Haftar orders his forces to march on Tripoli", SourceKind.WIRE),
        article("b", "Libyan government declares alert in Tripoli"),
        article("c", "Guterres in Tripoli warns of fighting in Libya", SourceKind.OFFICIAL),
    ),
)
ALGERIA = Story("algeria", (article("d", "Bouteflika resigns as president of Algeria"),))
COMMENT = Story("comment", (article("e", "Comment: On Libya", SourceKind.OPINION),))


def ranked(
    *stories: Story, interests: Interests | None = None, told: Told | None = None
) -> list[str]:
    sameness = Sameness(HashedWords(dimension=256).encode)
    match = TopicMatch(sameness)
    pairs = [(story, story) for story in stories]
    found = rank(pairs, interests or Interests(), told or Told(), match, Weighing(sameness))
    return [one.story.id for one in found]


def test_more_origins_come_first_and_comment_alone_is_no_story() -> None:
    assert ranked(ALGERIA, COMMENT, LIBYA) == ["libya", "algeria"]


def test_a_place_as_a_topic_takes_what_is_about_it_and_no_neighbour() -> None:
    assert ranked(LIBYA, ALGERIA, interests=Interests(("Libya",))) == ["libya"]
    assert ranked(LIBYA, ALGERIA, interests=Interests(("Algeria",))) == ["algeria"]
    assert ranked(LIBYA, ALGERIA, interests=Interests(places=("DZ",))) == ["algeria"]


def test_topics_are_alternatives_and_places_narrow_them() -> None:
    assert ranked(LIBYA, ALGERIA, interests=Interests(("Libya", "Algeria"))) == ["libya", "algeria"]
    assert ranked(LIBYA, ALGERIA, interests=Interests(("Libya",), ("DZ",))) == []


def test_a_topic_that_nothing_is_about_gives_nothing() -> None:
    assert ranked(LIBYA, ALGERIA, interests=Interests(("fisheries",))) == []


def test_sources_narrow_by_name_whatever_the_case() -> None:
    assert ranked(LIBYA, ALGERIA, interests=Interests(sources=("D",))) == ["algeria"]


def test_a_topic_fits_by_the_words_of_the_title() -> None:
    assert ranked(LIBYA, ALGERIA, interests=Interests(("president resigns",))) == ["algeria"]


def test_what_merely_mentions_a_place_in_passing_is_not_about_it() -> None:
    passing = stored_article(
        "passing",
        "Bouteflika resigned in Algiers on Tuesday.",
        "His neighbours in Libya took note.",
        title="Bouteflika resigns",
    )
    assert ranked(Story("p", (passing,)), interests=Interests(("Libya",))) == []


def test_what_was_told_in_full_is_left_out() -> None:
    told = Told({one.id: 1 for one in LIBYA.articles}, {"libya": NOON})
    assert ranked(LIBYA, ALGERIA, told=told) == ["algeria"]


def test_what_happened_comes_before_a_routine_and_a_greeting_whatever_the_form(
    embeddings: SentenceEmbeddings,
) -> None:
    sameness = Sameness(embeddings.encode)
    titles = {
        "greeting": "Statement on the National Day of Georgia",
        "passports": "Return Travel on Recently Expired U.S. Passports",
        "readout": "Readout of the Envoy’s Call on the Ceasefire and the Release of Hostages",
        "embargo": "Statement by the President: Oil Imports from Russia Are Banned",
    }
    weighing = Weighing(sameness)
    weights = {}
    for name, title in titles.items():
        one = Story(name, (replace(article(name, title, SourceKind.OFFICIAL), source="Ministry"),))
        weights[name] = importance(weighing.signs(one, one.articles, Told()))
    assert sorted(weights, key=lambda name: -weights[name])[2:] == ["passports", "greeting"]


def test_what_a_source_publishes_every_week_is_its_routine() -> None:
    weekly = [
        replace(
            stored_article(f"w{at}", title=f"Weekly fisheries bulletin, issue {at}"),
            source="Ministry",
            published_at=NOON - timedelta(days=7 * at),
        )
        for at in range(1, 4)
    ]
    routine = Routine(weekly)
    titled = [
        replace(stored_article("x", title=title), source="Ministry", published_at=NOON)
        for title in ("Weekly fisheries bulletin, issue 9", "Fisheries minister resigns")
    ]
    assert [routine.times(one) for one in titled] == [3, 0]
