"""Positions: who said what, once, in order, with a change of wording only where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.library import Library
from corpus.articles import ReadArticle, SourceKind, article_id
from corpus.ingest import ingest
from corpus.quotations.extraction import Quotation
from corpus.quotations.store import QuotationRegister
from corpus.store.articles import ArticleStore, open_store
from retrieval.questions.understand import Narrowing
from retrieval.reports.quotes import PositionFinder, Positions, is_variant, reworded, utterances
from retrieval.reports.topics import Topic, TopicRelevance
from tests.fakes.articles import NOON, address, days, read_article, stored_article
from tests.fakes.databases import new_database

GRAVE = "We express our grave concern at the military movements near the city of Tripoli."
DEEP = GRAVE.replace("grave", "deep")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def finder(store: ArticleStore) -> PositionFinder:
    return PositionFinder(store, QuotationRegister(store))


def said(quote: str, direct: bool = True) -> Quotation:
    return Quotation("Ghassan Salamé", None, "said", quote, 1, 0, len(quote), direct)


def told(
    name: str, *quotes: str, day: int = 0, title: str = "Talks", source: str = "Example News"
) -> ReadArticle:
    """An article in which Salamé says these things."""
    paragraphs = [f"“{quote}” Ghassan Salamé, the UN envoy, said in Tripoli." for quote in quotes]
    published = NOON + days(day)
    return read_article(name, *paragraphs, title=title, source=source, published_at=published)


def read(store: ArticleStore, *articles: ReadArticle, at: datetime = NOON) -> None:
    ingest(store, articles, lambda: at)


def words(found: Positions) -> list[str]:
    return [position.quotation.quote for position in found.said]


# -- whose words -------------------------------------------------------------------------------


def test_what_was_said_comes_oldest_first(store: ArticleStore, finder: PositionFinder) -> None:
    read(store, told("b", "The talks have ended.", day=2), told("a", "The talks go on.", day=1))
    found = finder.positions("Salamé")
    assert words(found) == ["The talks go on.", "The talks have ended."]
    assert [position.mark for position in found.said] == [1, 2]
    assert found.speaker is not None
    assert found.speaker.roles == ("UN envoy",)


def test_every_position_is_cited_where_it_stands(
    store: ArticleStore, finder: PositionFinder
) -> None:
    read(store, told("a", "Nobody spoke of war.", "The talks will go on in Geneva."))
    (first, second) = finder.positions("Salamé").citations
    assert (second.mark, second.paragraph.number) == (2, 2)
    assert second.quote in second.paragraph.text
    assert second.link.startswith(f"{address('a')}#:~:text=The%20talks%20will%20go")
    assert first.article.id == article_id(address("a"))


def test_nobody_of_that_name(store: ArticleStore, finder: PositionFinder) -> None:
    read(store, told("a", "The talks go on."))
    found = finder.positions("Salami")
    assert (found.speaker, found.said) == (None, ())
    assert [one.name for one in found.near] == ["Ghassan Salamé"]


def test_a_name_of_several_persons_gets_no_words_at_all(
    store: ArticleStore, finder: PositionFinder
) -> None:
    read(store, read_article("a", "Boris Johnson said that it was late."))
    read(store, read_article("b", "Ron Johnson, a senator, said that it was early."))
    found = finder.positions("Johnson")
    assert found.said == ()
    assert {one.name for one in found.several} == {"Boris Johnson", "Ron Johnson"}


def test_the_newest_are_kept_where_only_some_are_wanted(
    store: ArticleStore, finder: PositionFinder
) -> None:
    for day in range(4):
        read(store, told(f"a{day}", f"This is what I said on day {day}.", day=day))
    found = finder.positions("Salamé", most=2)
    assert words(found) == ["This is what I said on day 2.", "This is what I said on day 3."]
    assert found.left_out == 2


# -- one utterance -----------------------------------------------------------------------------


def test_words_that_several_report_were_said_once() -> None:
    quote = said("There is no military solution to the conflict.")
    first = stored_article("a", quote.quote, published_at=NOON)
    copy = stored_article("copy", quote.quote, published_at=NOON + days(1), duplicate_of="a")
    other = stored_article("other", quote.quote, published_at=NOON + days(1))
    again = stored_article("again", quote.quote, published_at=NOON + days(30))
    found = utterances([(article, quote) for article in (copy, other, first, again)])
    assert [one.article.url for one in found] == [first.url, again.url]
    assert [one.url for one in found[0].carried_by] == [copy.url]
    assert [one.url for one in found[0].also_in] == [other.url]


def test_a_few_words_of_another_report_may_have_been_said_at_another_time() -> None:
    quote = said("deeply concerned")
    articles = [stored_article(name, quote.quote) for name in ("a", "b")]
    assert len(utterances([(article, quote) for article in articles])) == 2


def test_the_quoted_words_of_a_reported_clause_stand_within_it(
    store: ArticleStore, finder: PositionFinder
) -> None:
    text = "Ghassan Salamé, the UN envoy, said that he was leaving Libya “with a heavy heart”."
    read(store, read_article("a", text))
    outer, inner = finder.positions("Salamé").said
    assert not outer.quotation.direct
    assert (inner.quotation.quote, inner.within) == ("with a heavy heart", outer.mark)
    assert outer.sentence == inner.sentence == text


# -- narrowed ----------------------------------------------------------------------------------


def test_narrowed_by_time_source_and_place(store: ArticleStore, finder: PositionFinder) -> None:
    read(
        store,
        told("a", "It is late.", day=1, title="Talks in Tripoli", source="Wire"),
        told("b", "It is early.", day=2, title="Talks in Sudan", source="Ministry"),
    )
    everything = ["It is late.", "It is early."]
    assert words(finder.positions("Salamé")) == everything
    cases = [
        (Narrowing(since=NOON + days(2)), everything[1:]),
        (Narrowing(until=NOON + days(1)), everything[:1]),
        (Narrowing(sources=("ministry",)), everything[1:]),
        (Narrowing(places=("Sudan",)), everything[1:]),
        (Narrowing(as_of=NOON + days(1)), everything[:1]),
    ]
    for narrow, expected in cases:
        assert words(finder.positions("Salamé", narrow=narrow)) == expected, narrow


def test_as_of_a_moment_the_words_of_then_are_cited(
    store: ArticleStore, finder: PositionFinder
) -> None:
    read(store, told("a", "Five cars were burned."))
    read(store, told("a", "Two cars were burned."), at=NOON + days(2))
    assert words(finder.positions("Salamé")) == ["Two cars were burned."]
    (then,) = finder.positions("Salamé", narrow=Narrowing(as_of=NOON + days(1))).said
    assert then.quotation.quote == "Five cars were burned."
    assert then.article.version == 1
    assert then.quotation.quote in then.citation.paragraph.text


def test_without_an_index_a_topic_is_known_by_its_words(
    store: ArticleStore, finder: PositionFinder
) -> None:
    read(store, told("a", "The ceasefire holds.", "The bread is fresh.", title="A day"))
    assert words(finder.positions("Salamé", "ceasefire")) == ["The ceasefire holds."]


# -- topics, on the sample ---------------------------------------------------------------------


def on_sample(library: Library) -> PositionFinder:
    register = QuotationRegister(library.corpus)
    return PositionFinder(library.corpus, register, TopicRelevance(library.search))


@pytest.mark.parametrize(
    ("speaker", "topic", "opening"),
    [
        ("Guterres", "Libya", "he was deeply concerned by military movements in Libya"),
        ("Guterres", "Libya", "There is no military solution."),
        ("Guterres", "Gulf", "the world could not afford a major confrontation in the Gulf"),
        ("Trump", "north korea", "Basically, they wanted the sanctions lifted"),
        ("Trump", "trade with China", "The United States will not impose new tariffs"),
        ("May", "Brexit", "it was a matter of deep regret"),
    ],
)
def test_a_topic_brings_what_was_said_of_it(
    sample_library: Library, speaker: str, topic: str, opening: str
) -> None:
    found = words(on_sample(sample_library).positions(speaker, topic))
    assert any(quote.startswith(opening) for quote in found), found


@pytest.mark.parametrize(
    ("speaker", "topic"),
    [("Guterres", "Sudan"), ("Trump", "Libya"), ("Pompeo", "Brexit"), ("Guterres", "bread")],
)
def test_a_topic_brings_nothing_else(sample_library: Library, speaker: str, topic: str) -> None:
    assert on_sample(sample_library).positions(speaker, topic).said == ()


def test_the_gulf_is_no_part_of_what_was_said_on_libya(sample_library: Library) -> None:
    found = on_sample(sample_library).positions("Guterres", "Libya")
    assert {
        position.article.published_at.month
        for position in found.said
        if position.article.published_at
    } == {4}


def test_a_topic_is_read_as_places_and_words() -> None:
    assert Topic.of("north korea") == Topic("north korea", frozenset({"KP"}), ())
    assert Topic.of("ceasefire in Libya") == Topic(
        "ceasefire in Libya", frozenset({"LY"}), ("ceasefire",)
    )
    assert Topic.of("ceasefire in Libya").share_in("The ceasefire in Tripoli held.") == 1
    assert Topic.of("Libya").share_in("Sudan’s army moved.") == 0


# -- wording -----------------------------------------------------------------------------------


def test_a_formula_that_changed_is_shown_word_by_word(
    store: ArticleStore, finder: PositionFinder
) -> None:
    read(store, told("a", GRAVE, day=1), told("b", DEEP, day=9, title="Later"))
    first, second = finder.positions("Salamé").said
    assert first.reworded is None
    changed = second.reworded
    assert changed is not None
    assert (changed.mark, changed.before, changed.after) == (1, GRAVE, DEEP)
    runs = [(run.kind, run.text) for run in changed.changes if run.kind != "same"]
    assert runs == [("removed", "grave"), ("added", "deep")]


DIFFERENT = [
    ("The talks in Geneva will go on until Friday evening.", "Nobody wants war in the region."),
    ("India is a strong and democratic partner for the United States.",
     "Indonesia is a strong and democratic partner for the United States."),
    ("With that, I am happy to take your questions on the talks.",
     "And with that, happy to take your questions on the talks."),
    ("And so we are working closely with both sides on the ceasefire.",
     "So we are working closely with both sides on the ceasefire."),
    ("We met today.", "We met again today."),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), DIFFERENT)
def test_no_change_is_claimed_between_other_statements(before: str, after: str) -> None:
    assert reworded([(said(before), NOON), (said(after), NOON + days(10))]) == {}


def test_wordings_of_one_day_are_two_reports_of_one_utterance() -> None:
    assert reworded([(said(GRAVE), NOON), (said(DEEP), NOON + days(0.5))]) == {}


def test_speech_is_not_compared_with_a_report_of_it() -> None:
    assert reworded([(said(GRAVE), NOON), (said(DEEP, direct=False), NOON + days(5))]) == {}


def test_the_last_wording_is_the_one_compared_with() -> None:
    again = [(said(GRAVE), NOON), (said(DEEP), NOON + days(5)), (said(GRAVE), NOON + days(9))]
    found = reworded(again)
    assert (found[1].mark, found[2].mark) == (1, 2)
    assert (found[2].before, found[2].after) == (DEEP, GRAVE)
    unchanged = [(said(GRAVE), NOON), (said(GRAVE), NOON + days(5))]
    assert reworded(unchanged) == {}


def test_undated_words_are_compared_with_nothing() -> None:
    assert reworded([(said(GRAVE), None), (said(DEEP), NOON)]) == {}


def test_a_sentence_twice_as_long_is_no_variant() -> None:
    short = GRAVE.split()
    more = "and nobody has ever said anything of that kind in this place before today".split()
    assert not is_variant(short, [*short, *more])
    assert is_variant(short, DEEP.split())


def test_the_kind_of_source_is_kept(store: ArticleStore, finder: PositionFinder) -> None:
    text = "“The talks go on,” Ghassan Salamé said."
    read(store, read_article("a", text, kind=SourceKind.OFFICIAL))
    (position,) = finder.positions("Salamé").said
    assert position.article.kind is SourceKind.OFFICIAL
