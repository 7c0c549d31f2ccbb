"""What is told of one story: headline, what happened, who said what; and what was told before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from corpus.articles import Article, SourceKind
from corpus.quotations.extraction import Quotation, quotations
from retrieval.grounding.check import is_verbatim
from retrieval.reports.brief import BriefMaker, Draft, Ledger, Window, Written, brief_of
from retrieval.reports.report import Brief, Told, clean_title
from retrieval.similarity import RememberedVectors, Sameness
from retrieval.stories.story import Status, Story
from tests.fakes.articles import NOON, stored_article
from tests.fakes.embedding import HashedWords

DAY = Window(datetime(2019, 4, 4, tzinfo=UTC), datetime(2019, 4, 5, tzinfo=UTC))
MARCH = stored_article(
    "march",
    "Khalifa Haftar, commander of the Libyan National Army (LNA), ordered his forces on Thursday "
    "to march on Tripoli, the seat of Libya’s internationally recognised government.",
    "In an audio message, Haftar told his troops to enter the city peacefully. “Whoever lays down "
    "his weapons is safe,” Haftar said.",
    "Libya has had rival administrations in the east and the west since 2014.",
    title="Haftar orders his forces to march on Tripoli",
    source="Wire",
)
ALERT = stored_article(
    "alert",
    "The government in Tripoli declared a state of maximum alert after clashes near Gharyan. He "
    "mobilised the police of the capital as well.",
    "António Guterres wrote on Twitter: “There is no military solution.”",
    title="Tripoli on maximum alert as clashes are reported near Gharyan",
    source="Regional",
    published_at=NOON - timedelta(hours=4),
)
COPY = stored_article(
    "copy",
    *(paragraph.text for paragraph in MARCH.paragraphs),
    title="Haftar orders march on Tripoli",
    source="Other",
    published_at=NOON + timedelta(hours=1),
    duplicate_of="march",
)
STORY = Story("libya", (ALERT, MARCH, COPY))


def quoted(articles: Sequence[Article]) -> dict[str, tuple[Quotation, ...]]:
    return {
        article.id: quotations([one.text for one in article.paragraphs], article.title)
        for article in articles
    }


def draft(
    story: Story = STORY,
    told: Told | None = None,
    window: Window = DAY,
    before: Article | None = None,
) -> Draft | None:
    """`before` is the earlier version of the article that has changed."""
    found = quoted(story.articles)
    maker = BriefMaker(
        Sameness(HashedWords(dimension=256).encode),
        lambda ids: {id: found[id] for id in ids},
        lambda _id, _version: before,
    )
    return maker.draft(story, window, told or Told())


def brief(story: Story = STORY, told: Told | None = None) -> tuple[Brief, Ledger]:
    ledger = Ledger()
    drafted = draft(story, told)
    assert drafted is not None
    made = brief_of(drafted, ledger, Written(), with_announced=True)
    assert made is not None
    return made, ledger


def test_every_sentence_stands_in_the_paragraph_of_its_mark() -> None:
    made, ledger = brief()
    cited = {citation.mark: citation for citation in ledger.citations}
    assert made.happened
    for statement in made.happened:
        assert all(
            is_verbatim(statement.text, cited[m].paragraph.text) for m in statement.citations
        )
    for spoken in made.spoken:
        assert spoken.quote in cited[spoken.mark].paragraph.text
    assert list(cited) == list(range(1, len(cited) + 1))
    assert not ledger.withheld


def test_what_happened_adds_to_the_headline_and_leaves_the_past_out() -> None:
    made, _ = brief()
    told = " ".join(statement.text for statement in made.happened)
    assert made.headline in {article.title for article in STORY.articles}
    assert "ordered his forces on Thursday to march" in told
    assert "since 2014" not in told
    assert "He mobilised" not in told.split("Gharyan. ")[0]


def test_a_wire_copy_is_carried_by_its_origin() -> None:
    made, ledger = brief()
    assert made.story.origins == 2
    carried = [c.carried_by for c in ledger.citations if c.article.id == MARCH.id]
    assert carried
    assert all(copies == (COPY,) for copies in carried)


def test_quotations_come_with_their_speakers_once_each() -> None:
    made, _ = brief()
    speakers = [spoken.speaker for spoken in made.spoken]
    assert len(speakers) == len(set(speakers))
    assert any(spoken.direct and "Guterres" in spoken.speaker for spoken in made.spoken)
    said = " ".join(statement.text for statement in made.happened)
    assert all(spoken.quote not in said for spoken in made.spoken)


def test_a_story_told_before_tells_only_what_is_new() -> None:
    told = Told({ALERT.id: 1}, {"libya": NOON - timedelta(days=1)})
    made, _ = brief(told=told)
    assert made.status is Status.DEVELOPING
    assert made.day == 2
    assert ALERT.id not in {article.id for article in made.story.articles}
    assert all("maximum alert" not in statement.text for statement in made.happened)


def test_a_story_of_which_all_was_told_gives_nothing() -> None:
    told = Told({ALERT.id: 1, MARCH.id: 1}, {"libya": NOON})
    assert draft(told=told) is None


def test_a_told_article_that_changed_is_put_right() -> None:
    changed = stored_article(
        "alert",
        "The government in Tripoli lifted the curfew for Zawiya, Interior Minister Bashagha said.",
        title="Curfew lifted in Zawiya",
        version=2,
    )
    found = draft(Story("libya", (changed,)), Told({changed.id: 1}, {"libya": NOON}))
    assert found is not None
    assert found.status is Status.CORRECTED


CURFEW = "The government in Tripoli declared a curfew for Zawiya from 9 April on."
CONVOY = "Five vehicles of the army were seized near Gharyan on Thursday, officials said."


def changed_to(*paragraphs: str) -> Draft | None:
    """The draft of a story whose only article was told and reads otherwise now."""
    before = stored_article("alert", CURFEW, CONVOY, title="Curfew declared in Zawiya")
    now = stored_article("alert", *paragraphs, title="Curfew declared in Zawiya", version=2)
    told = Told({now.id: 1}, {"libya": NOON})
    return draft(Story("libya", (now,)), told, before=before)


def test_a_sentence_that_was_put_right_is_told_again_and_nothing_else() -> None:
    right = CONVOY.replace("Five", "Two")
    found = changed_to(CURFEW, right)
    assert found is not None
    assert found.status is Status.CORRECTED
    assert found.sentences == [right]


@pytest.mark.parametrize(
    "paragraphs",
    [
        (CURFEW, CONVOY.replace(", officials", " – officials")),
        (CURFEW, CONVOY, "Read more at https://example.org/covid and subscribe to the newsletter."),
        (CURFEW, CONVOY, "MR PRICE: Thank you all.", "QUESTION: The convoy had 40 vehicles."),
    ],
)
def test_punctuation_boilerplate_and_a_transcripts_wording_are_no_news(
    paragraphs: tuple[str, ...],
) -> None:
    assert changed_to(*paragraphs) is None


def test_a_sentence_that_was_added_carries_a_story_on() -> None:
    added = "Schools and banks of the capital closed and flights to Tunis were suspended."
    found = changed_to(CURFEW, CONVOY, added)
    assert found is not None
    assert found.status is Status.DEVELOPING
    assert found.sentences == [added]


def test_a_readout_says_first_who_met_whom_although_the_headline_says_it() -> None:
    met = "Foreign Minister Maas met today in Berlin with Foreign Minister Coveney."
    readout = stored_article(
        "readout",
        f"{met} The ministers condemned the diversion of a flight to Minsk and discussed relief "
        "for Gaza.",
        title="Foreign Minister Maas’s meeting with Foreign Minister Coveney",
    )
    found = draft(Story("readout", (readout,)))
    assert found is not None
    assert found.sentences[0] == met


def test_the_foreign_minister_of_one_readout_is_not_taken_for_anothers() -> None:
    calls = [
        stored_article(
            name,
            f"Secretary Blinken spoke on Thursday with {country} Foreign Minister {who}.",
            f"Secretary Blinken thanked the Foreign Minister for efforts of {country} envoys on "
            f"{matter}.",
            title=f"Secretary Blinken’s call with {country} Foreign Minister {who}",
        )
        for name, country, who, matter in (
            ("maas", "German", "Heiko Maas", "pipelines under the Baltic Sea"),
            ("zayed", "Emirati", "Abdullah bin Zayed", "a truce between Israel and Hamas"),
        )
    ]
    found = draft(Story("calls", tuple(calls)))
    assert found is not None
    named = {line.article.id for run in found.happened for line in run if "spoke" in line.text}
    thanked = {line.article.id for run in found.happened for line in run if "thanked" in line.text}
    assert thanked <= named | {found.headline.article.id}


def test_what_lies_outside_the_window_is_not_told() -> None:
    later = Window(DAY.until, DAY.until + timedelta(days=1))
    assert draft(window=later) is None


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Note: May asks EU to extend Article 50", "May asks EU to extend Article 50"),
        ("Haftar marches on Tripoli - Example News", "Haftar marches on Tripoli"),
        ("Haftar marches on Tripoli | Reuters", "Haftar marches on Tripoli"),
        (
            "Talks on Libya – and what follows from them",
            "Talks on Libya – and what follows from them",
        ),
        ("The army marches on the capital and then …", ""),
    ],
)
def test_a_title_loses_its_label_and_the_name_of_its_source(title: str, cleaned: str) -> None:
    assert clean_title(stored_article("a", title=title)) == cleaned


def test_a_question_or_a_comment_is_no_headline() -> None:
    asked = stored_article(
        "asked",
        "Khalifa Haftar ordered his forces on Thursday to march on Tripoli.",
        title="Will Haftar march on Tripoli?",
        published_at=NOON + timedelta(hours=2),
    )
    found = draft(Story("libya", (MARCH, asked)))
    assert found is not None
    assert found.headline.article.id == MARCH.id


def test_a_comment_is_not_what_happened() -> None:
    comment = stored_article(
        "comment",
        "The march on Tripoli by Khalifa Haftar matters less than the silence of his friends.",
        title="Comment: The silence of Haftar’s friends",
    )
    found = draft(Story("libya", (MARCH, comment)))
    assert found is not None
    assert comment.kind is SourceKind.UNKNOWN
    assert all(line.article.id == MARCH.id for run in found.happened for line in run)


def test_days_are_counted_in_the_readers_zone() -> None:
    from zoneinfo import ZoneInfo

    tripoli = ZoneInfo("Africa/Tripoli")
    window = Window(
        datetime(2019, 4, 3, 22, tzinfo=UTC), datetime(2019, 4, 4, 22, tzinfo=UTC), tripoli
    )
    assert f"{window.span.first} {window.span.last}" == "2019-04-04 2019-04-04"
    assert f"{window.next_day}" == "2019-04-05"


def test_vectors_are_remembered_up_to_a_limit() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]):  # type: ignore[no-untyped-def]
        asked.extend(texts)
        return HashedWords().encode(texts)

    remembered = RememberedVectors(encode, most=2)
    assert (remembered(["a", "b"]) == HashedWords().encode(["a", "b"])).all()
    remembered(["b"])
    assert asked == ["a", "b"]
    remembered(["c", "a"])
    assert asked == ["a", "b", "c"]
    remembered(["b"])
    assert asked == ["a", "b", "c", "b"]


def test_a_story_told_in_several_languages_has_an_english_headline_where_there_is_one() -> None:
    told = [
        stored_article(name, "Clashes were reported.", title=title, language=language)
        for name, title, language in (
            ("ar", "حفتر يأمر قواته بالزحف", "ar"),
            ("de", "Haftar lässt marschieren", "de"),
            ("en", "Haftar orders a march on Tripoli", "en"),
        )
    ]
    for articles, language in ((told, "en"), (told[:1], "ar")):
        found = draft(Story("several", tuple(articles)))
        assert found is not None
        assert found.headline.article.language == language
