"""Digests of the sample's days, with its stories brought together by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.library import Library
from corpus.articles import Article, Source
from corpus.feeds.schedule import Health, PolledSource
from corpus.quotations.store import QuotationRegister
from retrieval.grounding.check import is_verbatim
from retrieval.reports.brief import Window
from retrieval.reports.digest import DigestMaker, coverage_of, told_before
from retrieval.reports.lines import opens_with_pronoun
from retrieval.reports.report import Correction, Digest, Interests, Told
from retrieval.reports.topics import TopicMatch
from retrieval.similarity import RememberedVectors, Sameness
from retrieval.stories.story import Status, Story, moment_of
from tests.fakes.articles import NOON, stored_article
from tests.fakes.embedding import HashedWords

MATTERS: Mapping[str, tuple[str, ...]] = {
    "libya": ("haftar", "tripoli", "libya", "lna"),
    "brexit": ("brexit", "article 50", "withdrawal agreement", "eu leaders offer"),
    "sudan": ("sudan", "khartoum"),
    "algeria": ("bouteflika", "algeria"),
}


class Stories:
    """Stories by hand: one a matter, any other article by itself."""

    def __init__(self, articles: Sequence[Article]) -> None:
        grouped: dict[str, list[Article]] = {}
        for article in sorted(articles, key=moment_of):
            title = article.title.casefold()
            fitting = (name for name, words in MATTERS.items() if any(w in title for w in words))
            grouped.setdefault(next(fitting, article.id), []).append(article)
        self._stories = [Story(name, tuple(found)) for name, found in grouped.items()]

    def stories(self, since: datetime, until: datetime) -> list[Story]:
        return [story for story in self._stories if story.within(since, until)]


@pytest.fixture(scope="module")
def stories(sample_library: Library) -> Stories:
    return Stories([change.article for change in sample_library.corpus.changes_since(0, 1000)])


@pytest.fixture(scope="module")
def maker(sample_library: Library, stories: Stories) -> DigestMaker:
    store = sample_library.corpus
    encode = RememberedVectors(sample_library.embeddings.encode)
    return DigestMaker(stories, encode, QuotationRegister(store).of, store.version)


def day_of(day: int, month: int = 4) -> tuple[datetime, datetime]:
    since = datetime(2019, month, day, tzinfo=UTC)
    return since, since + timedelta(days=1)


@pytest.fixture(scope="module")
def fourth(maker: DigestMaker) -> Digest:
    return maker.digest(Interests(), *day_of(4))


def test_the_fourth_of_april_leads_with_libya(fourth: Digest) -> None:
    lead = fourth.briefs[0]
    assert lead.headline == "Haftar orders his forces to march on Tripoli"
    assert lead.status is Status.NEW
    assert lead.story.origins == 4
    assert [spoken.speaker for spoken in lead.spoken] == ["António Guterres"]
    assert [dispute.about for dispute in lead.disputed] == ["control of Gharyan"]


def test_what_is_announced_lies_ahead_and_comes_in_order(fourth: Digest) -> None:
    days = [(one.first, one.last) for one in fourth.announced]
    assert days == sorted(days)
    assert all(first >= fourth.until.date() for first, _ in days)
    assert "Security Council is to meet on Libya" in fourth.announced[0].statement.text
    assert "Ghadames" in fourth.announced[-1].statement.text


def everything(digest: Digest) -> str:
    """All that a digest tells, headlines first."""
    briefs = digest.briefs
    return "\n".join(
        [
            *(brief.headline for brief in briefs),
            *(one.text for brief in briefs for one in brief.happened),
            *(one.quote for brief in briefs for one in brief.spoken),
            *(one.statement.text for one in digest.announced),
        ]
    )


def test_what_was_to_be_on_a_day_that_has_passed_is_not_told(maker: DigestMaker) -> None:
    told = everything(maker.digest(Interests(), *day_of(5)))
    assert "Security Council calls on Haftar’s forces to halt all military movements" in told
    assert "to meet on Libya on Friday" not in told
    assert "meets behind closed doors" not in told
    assert "European Council will consider the request" in told


def test_an_undated_article_counts_on_no_day() -> None:
    match = TopicMatch(Sameness(HashedWords(dimension=64).encode))
    story = Story("one", (stored_article("a", published_at=None), stored_article("b")))
    window = Window(NOON - timedelta(days=1), NOON + timedelta(days=1))

    coverage = coverage_of([story], window, (), match)

    assert coverage.articles == 2
    assert sum(count for _, count in coverage.by_day) == 1


def test_beside_the_postponement_nothing_is_as_planned(maker: DigestMaker) -> None:
    since, until = day_of(6)[0], day_of(9)[1]
    told = everything(maker.digest(Interests(length=20), since, until))
    assert "postponed because of fighting" in told
    assert "as planned unless" not in told
    assert "would take place from 14 to 16 April" not in told
    before = everything(maker.digest(Interests(length=20), since, day_of(7)[1]))
    assert "14 to 16 April" in before


def test_citations_are_one_list_and_carry_every_word(fourth: Digest) -> None:
    cited = {citation.mark: citation for citation in fourth.citations}
    assert list(cited) == list(range(1, len(cited) + 1))
    assert len({(c.article.id, c.paragraph.number) for c in fourth.citations}) == len(cited)
    statements = [
        *(statement for brief in fourth.briefs for statement in brief.happened),
        *(a for brief in fourth.briefs for one in brief.disputed for a in one.accounts),
        *(one.statement for one in fourth.announced),
    ]
    for statement in statements:
        for mark in statement.citations:
            assert is_verbatim(statement.text, cited[mark].paragraph.text)
            assert cited[mark].quote in cited[mark].paragraph.text


@pytest.mark.parametrize("day", [3, 4, 5, 6, 7, 9, 10, 11, 12, 16, 19, 22, 23])
def test_no_sentence_comes_twice_or_leans_on_what_is_not_there(
    maker: DigestMaker, stories: Stories, day: int
) -> None:
    since, until = day_of(day)
    digest = maker.digest(
        Interests(), since, until, told_before(stories.stories(since, until), since)
    )
    texts = [statement.text for brief in digest.briefs for statement in brief.happened]
    texts += [one.statement.text for one in digest.announced]
    assert len(texts) == len(set(texts))
    assert not any(opens_with_pronoun(text) for text in texts)
    assert digest.briefs


def test_a_reader_of_the_day_before_is_told_what_is_new(
    maker: DigestMaker, stories: Stories
) -> None:
    since, until = day_of(5)
    told = told_before(stories.stories(since, until), since)
    digest = maker.digest(Interests(("Libya",)), since, until, told)
    libya = digest.briefs[0]
    assert libya.status is Status.DEVELOPING
    assert (
        libya.headline == "Security Council calls on Haftar’s forces to halt all military movements"
    )
    assert all(moment_of(article) >= since for article in libya.story.articles)


def test_a_digest_sent_is_not_sent_again(maker: DigestMaker) -> None:
    first = maker.digest(Interests(), *day_of(4))
    told = Told(
        {a.id: a.version for brief in first.briefs for a in brief.story.articles},
        {brief.story.id: first.since for brief in first.briefs},
    )
    assert maker.digest(Interests(), *day_of(4), told).briefs == ()


def test_topics_that_match_nothing_give_a_quiet_day(maker: DigestMaker) -> None:
    digest = maker.digest(Interests(("fisheries", "Peru")), *day_of(4))
    assert (digest.briefs, digest.announced, digest.left_out) == ((), (), 0)
    assert digest.coverage.articles == 0


def test_a_day_without_articles_still_says_what_is_ahead(maker: DigestMaker) -> None:
    digest = maker.digest(Interests(("Libya",)), *day_of(8))
    assert digest.briefs == ()
    assert [one.first.day for one in digest.announced] == [14]


def test_the_length_is_kept_and_the_rest_counted(maker: DigestMaker) -> None:
    digest = maker.digest(Interests(length=1), *day_of(6))
    assert len(digest.briefs) == 1
    assert digest.left_out == 1


def test_sources_that_failed_are_named_with_when_they_were_last_read(maker: DigestMaker) -> None:
    good = PolledSource(Source("Ministry"), "https://ministry.example/feed", health=Health.FRESH)
    bad = replace(
        good,
        source=Source("Agency"),
        health=Health.FAILING,
        reason="the server answered 503",
        last_success_at=datetime(2019, 4, 3, 18, tzinfo=UTC),
    )
    paused = replace(bad, source=Source("Paused"), paused=True)
    coverage = maker.digest(Interests(), *day_of(4), sources=[good, bad, paused]).coverage
    assert coverage.sources == 2
    (failed,) = coverage.failed
    assert (failed.name, failed.reason) == ("Agency", "the server answered 503")
    assert failed.since == bad.last_success_at
    assert coverage.by_day == (("2019-04-04", 4),)
    assert coverage.by_place[0] == ("LY", 4)


def test_a_correction_is_cited_as_its_paragraph_reads_now(
    maker: DigestMaker, stories: Stories
) -> None:
    since, until = day_of(4)
    article = stories.stories(since, until)[0].articles[0]
    now = article.paragraph(1).text
    digest = maker.digest(
        Interests(("fisheries",)),
        since,
        until,
        corrections=[
            Correction(article, 1, "As it read.", now, None),
            Correction(article, 2, "Taken away.", None, None),
        ],
    )
    first, second = digest.corrections
    assert first.mark is not None
    assert digest.citations[first.mark - 1].paragraph.text == now
    assert second.mark is None


def test_what_does_not_fit_is_told_beside_a_story_of_its_matter() -> None:
    embassies = [
        stored_article(text, text, title=f"{text.split()[0]} closes its embassy in Yemen")
        for text in (
            "Britain closed its embassy in Yemen over threats from armed groups.",
            "Germany closed its embassy in Yemen and flew all of its staff to Oman.",
        )
    ]
    text = "Iceland voted for a new parliament, and fishing quotas decided the campaign."
    vote = stored_article(text, text, title="Iceland votes for a new parliament")
    stories = Stories([*embassies, vote])
    maker = DigestMaker(stories, HashedWords(dimension=256).encode, lambda ids: {})
    window = NOON - timedelta(days=1), NOON + timedelta(days=1)
    digest = maker.digest(Interests(length=1), *window)
    assert len(digest.briefs) == 1
    assert {one.id for one in digest.briefs[0].story.articles} == {one.id for one in embassies}
    assert "flew all of its staff" in everything(digest)
    assert digest.left_out == 1
