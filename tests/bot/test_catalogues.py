"""The interface speaks the reader's language: each message, in each catalogue, with its fields."""

from __future__ import annotations

import ast
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.home.views import HomePage, home_view
from bot.render.answers import answer_messages
from bot.render.briefings import digest_page, positions_page, summary_page, timeline_page
from bot.render.catalogues import (
    ENGLISH,
    LANGUAGES,
    gettext,
    known,
    language_name,
    ngettext,
    speaking,
)
from bot.render.formats import page_html
from bot.render.page import Page
from bot.render.wording import citation_line, long_date
from tests.bot import outcomes
from tests.fakes import block_kit, briefings
from tests.scenarios.people import elements, text_of

PACKAGE = Path(__file__).parents[2] / "bot"
FIELD = re.compile(r"\{\w+\}")
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def written() -> set[str | tuple[str, ...]]:
    """The messages that the code asks for, also inside of f-strings."""
    trees = (ast.parse(file.read_text("utf-8")) for file in PACKAGE.rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    found: set[str | tuple[str, ...]] = set()
    for call in calls:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
        said = tuple(text for text in texts if isinstance(text, str))
        if name in ("gettext", "N_") and said:
            found.add(said[0])
        elif name == "ngettext":
            found.add(said)
    return found


def catalogue(language: str) -> Catalog:
    file = PACKAGE / "data" / "locale" / f"{language}.po"
    return read_po(io.BytesIO(file.read_bytes()), locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_what_the_code_says_and_nothing_else(language: str) -> None:
    assert {message.id for message in messages(language)} == written()


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_its_fields(language: str) -> None:
    for message in messages(language):
        given = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said), message.id
        assert not message.fuzzy, message.id
        if len(given) > 1:
            assert len(said) == catalogue(language).num_plurals, message.id
            assert FIELD.findall(said[-1]) == FIELD.findall(given[0])
        else:
            assert sorted(FIELD.findall(said[0])) == sorted(FIELD.findall(given[0])), message.id


def test_the_reader_s_language_holds_as_long_as_it_is_said() -> None:
    with speaking("fr-CA"):
        assert gettext("Show paragraphs") == "Montrer les paragraphes"
        assert long_date(datetime(2019, 4, 4, tzinfo=UTC)) == "4 avril 2019"
        assert language_name("ar") == "arabe"
        assert language_name("fr") is None
    assert gettext("Show paragraphs") == "Show paragraphs"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("ru", 2, "2 статьи"), ("ru", 5, "5 статей"), ("ar", 2, "مقالتان"), ("en", 1, "1 article")],
)
def test_numbers_take_the_form_of_their_language(language: str, count: int, said: str) -> None:
    with speaking(language):
        assert ngettext("{count} article", "{count} articles", count) == said


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    assert known("tlh") is None
    with speaking("tlh"):
        assert gettext("undated") == "undated"


ENGLISH_WORDS = re.compile(
    r"\b(?:What happened|Who said what|Disputed|Next|Announced|Corrected|Not read|NEW|story|"
    r"stories|origins?|Your digest|since|yesterday|April|Friday|My digests|quotations?|timeline)\b"
)


def frame_of(page: Page) -> str:
    """What a page says of its own: its lines without what articles and requests say."""
    asides = [f"{part.aside} " for part in page.parts]
    labels = [part.lines[0][0].text for part in page.parts if part.lines and not part.bullets]
    labels = [text for text in labels if len(text) < 24]
    offers = [label for label, _ in page.offers]
    return " | ".join([*page.lead, *page.closing, *asides, *labels, *offers])


@pytest.mark.parametrize("language", OTHERS)
def test_no_report_has_an_english_frame(language: str) -> None:
    with speaking(language):
        pages = (
            digest_page(briefings.with_outage(briefings.digest()), briefings.heading()),
            digest_page(briefings.quiet_digest(), briefings.heading()),
            summary_page(briefings.summary()),
            timeline_page(briefings.timeline()),
            positions_page(briefings.positions()),
        )
        frames = [frame_of(page) for page in pages]
    assert [ENGLISH_WORDS.findall(frame) for frame in frames] == [[]] * len(pages), frames


def test_home_has_the_titles_of_the_reader_s_language() -> None:
    with speaking("ar"):
        view = home_view(
            HomePage("U0DESK", datetime(2019, 4, 5, 9, 0, tzinfo=ZoneInfo("Asia/Aden")))
        )
    titles = [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]
    assert titles == ["Chancery", "نشراتي", "متابعاتي", "المصادر", "أحدث الموضوعات"]
    assert block_kit.view_problems(view) == []


class TestRightToLeft:
    """Isolates (U+2068 to U+2069) keep names and dates together; U+200F turns a line."""

    def test_names_and_dates_are_set_apart_in_an_arabic_line(self) -> None:
        article = outcomes.article("https://un.example/a", ("Said.",))
        with speaking("ar"):
            line = citation_line(outcomes.citation(1, article, 1))
            (message,) = answer_messages(outcomes.answer(), "t")
        assert line.startswith("\u2068")
        assert "\u2068¶1\u2069" in line
        assert line.count("\u2068") == line.count("\u2069") >= 3
        (source, *_) = [
            section["elements"]
            for section in elements(message.blocks, "rich_text_section")
            if "¶" in text_of(section)
        ]
        assert source[0]["text"] == "\u200f"

    def test_a_statement_in_the_other_direction_has_a_line_of_its_own(self) -> None:
        found = outcomes.answer()
        said = "قال الأمين العام إن لا حل عسكريا في ليبيا."
        answer = replace(found, statements=(replace(found.statements[0], text=said),))
        (message,) = answer_messages(answer, "t")
        lines = [text_of(one) for one in elements(message.blocks, "rich_text_section")]
        assert lines[0].startswith("According to ")
        assert lines[1].startswith(said)

    def test_a_page_is_turned_as_a_whole(self) -> None:
        with speaking("ar"):
            shown = page_html(summary_page(briefings.summary()))
        assert '<html lang="ar" dir="rtl">' in shown
