"""As of a moment: what was published by then, in the words it had then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.render.wording import citation_line
from corpus.feeds.registry import SourceRegister
from corpus.store.history import known_then
from retrieval.answers.chain import make_chain
from retrieval.answers.extractive import ExtractiveAnswerer
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import Answer
from retrieval.passages import Filter, Passage
from retrieval.questions.understand import Narrowing, understand
from retrieval.stories.registry import StoriesAsOf
from retrieval.stories.story import Story
from tests.fakes.articles import NOON, days, read_article
from tests.fakes.indexed import IndexedCorpus

FIRST = "The convoy near Gharyan had five vehicles."
SECOND = "The convoy near Gharyan had two vehicles."
QUESTION = "How many vehicles had the convoy near Gharyan?"


def found(
    corpus: IndexedCorpus, as_of: datetime | None, narrow: Filter | None = None
) -> list[Passage]:
    return corpus.search.search(QUESTION, 5, narrow, as_of=as_of)


def texts(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


@pytest.fixture
def changed(indexed: IndexedCorpus) -> IndexedCorpus:
    """An article that was read on Thursday and changed on Saturday, among others."""
    indexed.read(
        read_article("convoy", "Officials spoke on Thursday.", FIRST),
        read_article("rain", "Heavy rain is expected in the Alps."),
    )
    indexed.read(read_article("convoy", SECOND, "Officials spoke again."), at=NOON + days(2))
    return indexed


def test_a_changed_article_reads_as_it_did_then(changed: IndexedCorpus) -> None:
    (best, *_) = found(changed, NOON + days(1))

    assert (best.text, best.paragraph.number, best.article.version) == (FIRST, 2, 1)
    assert SECOND not in texts(found(changed, NOON + days(1)))


def test_after_the_change_the_current_words_count(changed: IndexedCorpus) -> None:
    (best, *_) = found(changed, NOON + days(3))

    assert (best.text, best.article.version, best.article.later) == (SECOND, 2, None)


def test_without_a_moment_only_current_words_are_found(changed: IndexedCorpus) -> None:
    assert FIRST not in texts(found(changed, None))
    assert SECOND in texts(found(changed, None))


def test_nothing_published_later_is_found(changed: IndexedCorpus) -> None:
    changed.read(read_article("late", f"{SECOND} Again.", published_at=NOON + days(4)))

    urls = {passage.article.url for passage in found(changed, NOON + days(3))}

    assert not any(url.endswith("late") for url in urls)


def test_of_several_versions_the_one_current_then_counts(indexed: IndexedCorpus) -> None:
    for day, count in enumerate(("one", "three", "nine")):
        text = f"The convoy near Gharyan had {count} vehicles."
        indexed.read(read_article("convoy", text), at=NOON + days(day))

    versions = [found(indexed, NOON + days(day + 0.5))[0].article.version for day in range(3)]

    assert versions == [1, 2, 3]


def test_a_back_catalogue_counts_from_its_publication_in_its_first_words(
    indexed: IndexedCorpus,
) -> None:
    indexed.read(read_article("convoy", FIRST), at=NOON + days(300))
    indexed.read(read_article("convoy", SECOND), at=NOON + days(301))

    assert texts(found(indexed, NOON + days(1)))[0] == FIRST
    assert found(indexed, NOON - days(1)) == []


def test_an_article_retracted_later_was_known_then(changed: IndexedCorpus) -> None:
    (article,) = [p.article for p in found(changed, None) if p.article.url.endswith("convoy")][:1]
    changed.store.withdraw(article.id, NOON + days(5))
    changed.indexer.catch_up()

    assert found(changed, NOON + days(6), Filter(sources=("Example News",)))[0].text != SECOND
    (best, *_) = found(changed, NOON + days(3))
    assert (best.text, best.article.version) == (SECOND, 2)
    assert best.article.withdrawn_at == NOON + days(5)
    assert texts(found(changed, NOON + days(1)))[0] == FIRST


def test_what_was_removed_with_its_source_is_not_told_of(changed: IndexedCorpus) -> None:
    SourceRegister(changed.store).remove("Example News", NOON + days(5), with_articles=True)
    changed.indexer.catch_up()

    assert found(changed, NOON + days(1)) == []


@pytest.mark.parametrize(
    ("narrow", "is_found"),
    [
        (Filter(sources=("EXAMPLE news",)), True),
        (Filter(sources=("Another",)), False),
        (Filter(places=("Gharyan",)), True),
        (Filter(places=("Khartoum",)), False),
        (Filter(since=NOON + timedelta(minutes=1)), False),
        (Filter(until=NOON - timedelta(minutes=1)), False),
        (Filter(since=NOON, until=NOON), True),
    ],
)
def test_old_words_pass_the_same_filter(
    changed: IndexedCorpus, narrow: Filter, is_found: bool
) -> None:
    assert (FIRST in texts(found(changed, NOON + days(1), narrow))) == is_found


def test_old_and_current_words_are_scored_alike(indexed: IndexedCorpus) -> None:
    """The same sentence, once current and once as it was, gets about the same score."""
    indexed.read(read_article("convoy", FIRST), read_article("other", "Talks on Libya go on."))
    (before, *_) = found(indexed, None)
    indexed.read(read_article("convoy", "Nothing of the kind."), at=NOON + days(2))

    (after, *_) = found(indexed, NOON + days(1))

    assert after.text == before.text
    assert after.cosine == pytest.approx(before.cosine, abs=0.01)
    assert after.score == pytest.approx(before.score, abs=0.05)


def test_known_then_gives_versions_and_leaves_out_what_was_not_known(
    changed: IndexedCorpus,
) -> None:
    changed.read(read_article("late", SECOND, published_at=NOON + days(4)), at=NOON + days(4))
    current = [change.article for change in changed.store.changes_since(0)]

    known = known_then(changed.store, current, NOON + days(1))

    assert {(a.url.rpartition("/")[2], a.version) for a in known} == {("convoy", 1), ("rain", 1)}


def test_an_answer_says_which_version_it_cites(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> None:
    signed = "The Ormsund fisheries protocol was signed by {} on 4 April 2019."
    others = ("Heavy rain fell in the Alps.", "Parliament voted in Skopje.", "Oil prices rose.")
    with IndexedCorpus(tmp_path_factory.mktemp("then"), embeddings) as corpus:
        corpus.read(*(read_article(f"other{n}", text) for n, text in enumerate(others * 9)))
        corpus.read(read_article("protocol", signed.format("Marit Solvang")))
        corpus.read(read_article("protocol", signed.format("Sigrun Aas")), at=NOON + days(2))
        chain = make_chain(corpus.search, corpus.scorer, ExtractiveAnswerer())
        asked, later = "Who signed the Ormsund fisheries protocol?", NOON + days(9)

        then = Narrowing(as_of=NOON + days(1))
        answer = chain.invoke(understand(asked, later, then)).outcome
        now = chain.invoke(understand(asked, later)).outcome

    assert isinstance(answer, Answer)
    assert "Marit Solvang" in answer.statements[0].text
    assert "version 1 of 2, changed since on 6 Apr 2019" in citation_line(answer.citations[0])
    assert isinstance(now, Answer)
    assert "Sigrun Aas" in now.statements[0].text
    assert "version" not in citation_line(now.citations[0])


def test_stories_and_quotations_are_told_as_they_were(changed: IndexedCorpus) -> None:
    late = read_article("late", "The envoy left.", published_at=NOON + days(4))
    changed.read(late, at=NOON + days(4))
    everything = [change.article for change in changed.store.changes_since(0)]
    register = OneStory(Story("s1", tuple(everything)))

    (then,) = StoriesAsOf(register, changed.store, NOON + days(1)).stories(NOON, NOON + days(9))

    assert {a.url.rpartition("/")[2]: a.version for a in then.articles} == {"convoy": 1, "rain": 1}
    before = StoriesAsOf(register, changed.store, NOON - days(1))
    assert before.stories(NOON - days(9), NOON + days(9)) == []


def test_words_are_quoted_as_they_were(indexed: IndexedCorpus) -> None:
    said = "“We {} agree on every point,” the minister Amal Haddad said in Tripoli on Thursday."
    article = read_article("talks", said.format("do"))
    indexed.read(article)
    indexed.read(read_article("talks", said.format("cannot")), at=NOON + days(2))

    then = StoriesAsOf(OneStory(), indexed.store, NOON + days(1)).quoted([article.id])
    now = StoriesAsOf(OneStory(), indexed.store, NOON + days(3)).quoted([article.id])

    assert ["We do agree" in one.quote for one in then[article.id]] == [True]
    assert ["We cannot agree" in one.quote for one in now[article.id]] == [True]


class OneStory:
    """A register of the stories it is given, whatever the time."""

    def __init__(self, *stories: Story) -> None:
        self._stories = list(stories)

    def stories(self, since: datetime, until: datetime) -> list[Story]:
        return self._stories


def test_a_search_can_be_held_to_a_moment(changed: IndexedCorpus) -> None:
    then = changed.search.then(NOON + days(1))

    assert FIRST in texts(then.search(QUESTION, 5))
    assert SECOND in texts(changed.search.search(QUESTION, 5))
