"""The form of an article: speech, and titles that name a form and not the news."""

from __future__ import annotations

import pytest

from retrieval.reports.lines import (
    Byline,
    byline_of,
    first_prose,
    lines_of,
    names_only_form,
    passages_of,
    spoken_paragraphs,
)
from retrieval.reports.report import headline_of
from retrieval.similarity import Sameness
from retrieval.stories.story import Story
from tests.fakes.articles import stored_article
from tests.fakes.embedding import HashedWords


@pytest.mark.parametrize(
    "title",
    [
        "Briefing with Senior State Department Official on the Secretary’s Upcoming Travel",
        "Secretary Antony J. Blinken on ABC’s This Week with George Stephanopoulos",
        "Secretary Antony J. Blinken With Fareed Zakaria of CNN’s GPS",
        "Secretary Antony J. Blinken at a Press Availability",
        "Joint Statement by the Secretary of State and the Foreign Ministers of France and Italy",
        "Department Press Briefing – July 19, 2021",
    ],
)
def test_a_title_can_name_a_form_and_nothing_of_what_was_said(title: str) -> None:
    assert names_only_form(title)


@pytest.mark.parametrize(
    "title",
    [
        "Joint Statement on the Launch of the U.S.-Japan Global Digital Partnership",
        "Secretary Blinken’s Call with German Foreign Minister Maas",
        "UN chief António Guterres at a press conference calls for truce",
        "Diversion of Ryanair Flight to Belarus and Arrest of Journalist",
    ],
)
def test_a_title_that_says_what_it_is_about_does_more(title: str) -> None:
    assert not names_only_form(title)


def test_a_title_that_says_what_happened_is_preferred_to_one_that_names_a_form() -> None:
    matter = "Secretary Blinken met King Abdullah of Jordan in Amman and spoke of the ceasefire."
    meeting = stored_article("a", matter, title="Secretary Blinken’s Meeting with King Abdullah")
    form = stored_article("b", matter, title="Secretary Antony J. Blinken at a Press Availability")
    sameness = Sameness(HashedWords(dimension=256).encode)
    assert headline_of([form, meeting], sameness).article.id == meeting.id
    assert headline_of([form], sameness).text == form.title


def test_turns_of_a_transcript_are_speech_and_no_lines() -> None:
    transcript = stored_article(
        "transcript",
        "The spokesman of the State Department took questions in Washington on Monday.",
        "MR PRICE: Secretary Blinken will travel to Israel and the West Bank tomorrow.",
        "QUESTION: The ceasefire was announced on Friday by the government of Egypt.",
    )
    assert spoken_paragraphs(transcript) == {2, 3}
    lines = lines_of(passages_of(Story("story", (transcript,))))
    assert {line.passage.paragraph.number for line in lines} == {1}


def test_a_speech_without_labels_is_its_bylines() -> None:
    speech = stored_article(
        "speech",
        "Antony J. Blinken, Secretary of State",
        "I came to Brussels because our alliance needs us to speak with one voice on Ukraine.",
        "We will support the government in Kyiv for as long as that takes, and our allies will.",
        title="Remarks at the North Atlantic Council",
    )
    assert spoken_paragraphs(speech) == {1, 2, 3}
    assert byline_of(speech) == Byline("Antony J. Blinken", "Secretary of State")


def test_a_byline_is_not_what_opens_an_article() -> None:
    article = stored_article(
        "statement",
        "Ned Price, Department Spokesperson",
        "The United States condemns the detention of the civilian leaders of Mali.",
    )
    assert first_prose(article) == 2
    (line,) = lines_of(passages_of(Story("story", (article,))))
    assert line.is_lead
