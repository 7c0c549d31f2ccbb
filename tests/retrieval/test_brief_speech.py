"""What of a transcript is worth a quotation, and under which name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from corpus.articles import Article, SourceKind
from corpus.quotations.extraction import quotations
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.lines import passages_of
from retrieval.reports.speech import Words, full_speaker, is_courtesy, spoken_in
from retrieval.similarity import Sameness
from retrieval.stories.story import Story
from tests.fakes.articles import stored_article

MATTER = ["Secretary Blinken and Prime Minister Netanyahu discuss the ceasefire in Gaza"]
BRIEFING = stored_article(
    "briefing",
    "Antony J. Blinken, Secretary of State",
    "SECRETARY BLINKEN: Good evening, everyone. Ah, must be a slow night. (Laughter.)",
    "SECRETARY BLINKEN: Thanks, Fareed. It’s great to be with you in Jerusalem tonight.",
    "SECRETARY BLINKEN: Well, look, I think so. The ceasefire in Gaza must hold, and the United "
    "States will help Prime Minister Netanyahu and the Palestinians to rebuild after it.",
    "PRIME MININSTER NETANYAHU: We need to work together so that the ceasefire in Gaza lasts, "
    "Secretary Blinken.",
    "QUESTION: The ceasefire in Gaza must hold, Secretary Blinken, and will it?",
    title="Secretary Blinken and Prime Minister Benjamin Netanyahu at a Press Availability",
)


Spoken = Callable[[Article], list[Words]]


@pytest.fixture
def spoken(embeddings: SentenceEmbeddings) -> Spoken:
    """What is told of the speeches of one article."""

    def told(article: Article) -> list[Words]:
        texts = [one.text for one in article.paragraphs]
        found = {article.id: quotations(texts, article.title)}
        passages = passages_of(Story("story", (article,)))
        return spoken_in(passages, found, [], Sameness(embeddings.encode), MATTER)

    return told


def test_courtesies_are_left_out_and_a_position_on_the_matter_is_told(spoken: Spoken) -> None:
    said = {words.quotation.speaker: words.quote for words in spoken(BRIEFING)}
    assert said["Antony J. Blinken"].startswith("The ceasefire in Gaza must hold")
    assert not any(is_courtesy(quote) for quote in said.values())


def test_what_is_said_of_another_matter_is_no_quotation_of_the_story(spoken: Spoken) -> None:
    aside = stored_article(
        "aside",
        "SECRETARY BLINKEN: Fishing quotas for Iceland will be announced by Norway on 3 June.",
        "SECRETARY BLINKEN: Salmon farms need to provide 40 percent of exports from Bergen.",
    )
    assert spoken(aside) == []


def test_a_misspelt_title_in_a_label_is_no_name_and_half_a_title_no_role(spoken: Spoken) -> None:
    found = {words.quotation.speaker: words.quotation.role for words in spoken(BRIEFING)}
    assert found["Benjamin Netanyahu"] is None


def test_a_role_is_told_with_what_it_is_of_or_not_at_all(spoken: Spoken) -> None:
    (first, *_) = [w for w in spoken(BRIEFING) if "Blinken" in w.quotation.speaker]
    assert first.quotation.role == "Secretary"
    assert full_speaker(first.quotation, BRIEFING) == ("Antony J. Blinken", "Secretary of State")
    bare = stored_article("bare", *[p.text for p in BRIEFING.paragraphs[1:]])
    assert full_speaker(first.quotation, bare)[1] is None


def test_a_bare_surname_is_told_in_full_where_another_article_of_the_story_has_it(
    spoken: Spoken,
) -> None:
    remarks = stored_article(
        "remarks",
        "FOREIGN MINISTER ASHKENAZI: The ceasefire in Gaza needs Prime Minister Netanyahu to act.",
        "QUESTION: Thank you.",
        title="Remarks to the Press",
    )
    report = stored_article(
        "report", "Israeli Foreign Minister Gabi Ashkenazi met Secretary Blinken in Jerusalem."
    )
    (words,) = spoken(remarks)
    name, role = full_speaker(words.quotation, remarks, [report])
    assert name == "Gabi Ashkenazi"
    assert role is not None
    assert role.endswith("Foreign Minister")


def test_what_an_office_says_of_itself_is_told_as_its_words(spoken: Spoken) -> None:
    statement = replace(
        stored_article(
            "statement",
            "Office of the Spokesperson",
            "Today we are imposing sanctions on 44 officials in Minsk for the ceasefire’s breach.",
            "We wish the people of Belarus a happy Independence Day.",
            source="Ministry of Somewhere",
        ),
        kind=SourceKind.OFFICIAL,
    )
    (words,) = spoken(statement)
    assert words.quotation.speaker == "Ministry of Somewhere"
    assert words.quote.startswith("Today we are imposing sanctions")


def test_a_thought_is_quoted_with_what_carries_it_on(spoken: Spoken) -> None:
    remarks = stored_article(
        "remarks",
        "SECRETARY BLINKEN: The attack on Israel broke the ceasefire in Gaza. They must end it.",
        "QUESTION: Will they?",
    )
    (words,) = spoken(remarks)
    assert words.quote.endswith("They must end it.")
