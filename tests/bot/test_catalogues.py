"""The interface speaks the reader's language: each message, in each catalogue, with its fields."""

from __future__ import annotations

import ast
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.clock import DAYS
from bot.home import source_forms
from bot.home.source_forms import SourceDraft, SourceOrigin
from bot.home.views import HomePage, digest_form, home_view, watch_form
from bot.records import PersonalData, SubscriptionDraft, WatchDraft
from bot.render import cable, claims, paragraphs
from bot.render.answers import answer_messages, answer_text
from bot.render.briefings import digest_page, positions_page, summary_page, timeline_page
from bot.render.cable import Cabled, cable_text
from bot.render.catalogues import (
    ENGLISH,
    LANGUAGES,
    gettext,
    known,
    language_name,
    ngettext,
    speaking,
)
from bot.render.documents import claims_document
from bot.render.formats import page_html
from bot.render.notes import correction_messages
from bot.render.page import Page, content_of_statements
from bot.render.people import (
    Judged,
    conversation_forgotten,
    forget_question,
    forgotten,
    reason_view,
    refusal_modal,
)
from bot.render.wording import citation_line, long_date, worded
from retrieval.answers.model import failure
from retrieval.grounding.claims import CheckedClaim
from retrieval.grounding.support import Support
from retrieval.outcomes import Said
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.bot import outcomes
from tests.fakes import block_kit, briefings
from tests.scenarios.people import elements, text_of

PACKAGE = Path(__file__).parents[2] / "bot"
SAYING = PACKAGE.parent / "retrieval"
FIELD = re.compile(r"\{\w+\}")
ASKED_AT = datetime(2019, 4, 5, 9, 0, tzinfo=UTC)
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def written() -> set[str | tuple[str, ...]]:
    """The messages that the code asks for, also inside of f-strings, and what `retrieval` says."""
    files = (file for package in (PACKAGE, SAYING) for file in package.rglob("*.py"))
    trees = (ast.parse(file.read_text("utf-8")) for file in files)
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    found: set[str | tuple[str, ...]] = set()
    for call in calls:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
        said = tuple(text for text in texts if isinstance(text, str))
        if name in ("gettext", "N_", "Said") and said:
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


def modals() -> list[dict[str, Any]]:
    """Each kind of modal that people fill in or read."""
    digest = SubscriptionDraft("07:30", DAYS, "Europe/Paris", Interests(("fisheries",), ("LY",)))
    watch = WatchDraft("Gharyan", Criteria(("Gharyan",), places=("LY",)), "Europe/Paris")
    source = SourceDraft("UN News", "official", "LY", "fr", "1h")
    return [
        digest_form(digest, "", new=True),
        digest_form(digest, "", new=False),
        watch_form(watch, "", new=True),
        watch_form(watch, "", new=False),
        source_forms.add_form(""),
        source_forms.looking_view("https://un.example/feed"),
        source_forms.found_form(source, SourceOrigin(feed_url="https://un.example/feed")),
        source_forms.edit_form(source, SourceOrigin("UN News"), "https://un.example/feed"),
        source_forms.checking_view(["UN News", "Wire"]),
        reason_view(Judged("t", "C0DESK")),
        refusal_modal(gettext("This account is not answered.")),
        claims.checking_view(3),
        claims.failed_view(gettext(claims.NO_CLAIM)),
        cable.waiting_view(),
        cable.cable_view(cable_text(answer_cable()), "t"),
        paragraphs.waiting_view(),
        paragraphs.gone_view(),
        paragraphs.why_view(["looked up"]),
    ]


def answer_cable() -> Cabled:
    found = outcomes.answer()
    content = content_of_statements(found.statements)
    return Cabled("answer", "Libya?", ASKED_AT, content, found.citations)


@pytest.mark.parametrize("language", LANGUAGES)
def test_modals_keep_to_slack_s_limits_in_every_language(language: str) -> None:
    with speaking(language):
        shown = modals()
    assert [block_kit.view_problems(view) for view in shown] == [[]] * len(shown)


@pytest.mark.parametrize("language", OTHERS)
def test_modals_have_titles_and_buttons_in_the_reader_s_language(language: str) -> None:
    def words_of(view: dict[str, Any]) -> list[str]:
        return [view[part]["text"] for part in ("title", "submit", "close") if part in view]

    english = modals()
    with speaking(language):
        shown = modals()
    # French and Spanish words, too.
    same = [
        set(words_of(one)) & set(words_of(other)) for one, other in zip(english, shown, strict=True)
    ]
    assert set().union(*same) <= {"Sources", "Cable"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_kept_about_somebody_is_told_in_every_language(language: str) -> None:
    kept = PersonalData(turns=2, digests=1, watches=3, mutes=5, channel_turns=11, entries=1)
    with speaking(language):
        messages = [forget_question(kept), forgotten(kept), conversation_forgotten(2, shared=True)]
    assert [block_kit.problems(list(one.blocks), one.text) for one in messages] == [[]] * len(
        messages
    )


@pytest.mark.parametrize("language", OTHERS)
def test_correction_notes_have_no_english_frame(language: str) -> None:
    with speaking(language):
        (message,) = correction_messages([briefings.correction_note()])
    shown = text_of(message.blocks)
    assert re.findall(r"which this|was changed|now reads|rests? on|sentence", shown) == []
    assert block_kit.problems(list(message.blocks), message.text) == []


def test_home_has_the_titles_of_the_reader_s_language() -> None:
    with speaking("ar"):
        view = home_view(
            HomePage("U0DESK", datetime(2019, 4, 5, 9, 0, tzinfo=ZoneInfo("Asia/Aden")))
        )
    titles = [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]
    assert titles == ["Chancery", "نشراتي", "متابعاتي", "المصادر", "أحدث الموضوعات"]
    assert block_kit.view_problems(view) == []


def unsupported(reason: str) -> CheckedClaim:
    return CheckedClaim("Haftar met Sisi in May.", Support.NOT, reason, ())


class TestWhatRetrievalSays:
    """It reaches the front ends as English that knows its form and its fields."""

    OTHER = Said("{there} stands there, not {told}", there="June", told="May")

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", "Told otherwise elsewhere: June stands there, not May."),
            ("fr", "Rapporté autrement ailleurs\u00a0: on y lit June, et non May."),
            ("es", "En otro lugar se cuenta de otro modo: allí dice June, no May."),
            ("ru", "В другом месте сказано иначе: там стоит June, а не May."),
            ("ar", "يُروى على نحو مختلف في موضع آخر: يرد هناك \u2068June\u2069 لا \u2068May\u2069."),
        ],
    )
    def test_a_reason_is_told_with_what_it_holds(self, language: str, said: str) -> None:
        claim = unsupported(Said("told otherwise elsewhere: {reason}", reason=self.OTHER))
        with speaking(language):
            assert claims.reason_line(claim) == said

    def test_a_document_for_machines_has_it_in_english(self) -> None:
        with speaking("fr"):
            document = claims_document([unsupported(self.OTHER)], (), 0.1)
        assert document["claims"][0]["reason"] == "June stands there, not May"

    @pytest.mark.parametrize("language", OTHERS)
    def test_a_notice_of_several_sentences_has_no_english_but_names(self, language: str) -> None:
        error = failure("acme:large", TimeoutError(), 30).said
        instead = Said(
            "{failure} This answer was made of the sources' own sentences instead.", failure=error
        )
        notice = Said.joined([instead, Said("Checked by rules only: {error}", error=error)])
        with speaking(language):
            shown = answer_text(outcomes.answer(notice=notice)).partition("\n\n")[0]
        assert shown.count("acme:large") == 2
        assert not re.search(r"\b(?:language model|answer|rules|[Cc]hecked|time|most)\b", shown)

    def test_words_of_sources_are_no_forms(self) -> None:
        quoted = Said("“{words}” stands there", words="{x} of 100 %s")
        with speaking("ru"):
            assert worded(quoted) == "там стоит «{x} of 100 %s»"
            assert worded("as a model said") == "as a model said"


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
