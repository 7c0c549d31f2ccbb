"""*Show paragraphs*: one cited paragraph in its place, and the way to the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.notes import Standing
from bot.render.page import Span, Style
from bot.render.paragraphs import (
    FAR_AROUND,
    MORE,
    TURN_TO,
    Shown,
    ShownParagraph,
    gone_view,
    label_of,
    paragraph_view,
    shown_in,
    waiting_view,
)
from corpus.articles import Article
from tests.bot import outcomes
from tests.conftest import examples
from tests.fakes import block_kit
from tests.scenarios.people import elements, text_of

TURN = "f" * 32
LATER = datetime(2019, 4, 8, 8, 40, tzinfo=UTC)


def view(
    of: Article | None = None,
    number: int = 2,
    quote: str = "",
    *,
    position: int = 0,
    count: int = 1,
    **shown: Any,
) -> dict[str, Any]:
    """The modal of a paragraph, as the citation at `position` of `count`."""
    of = of or outcomes.article()
    paragraph = ShownParagraph(position + 1, of, number, quote)
    labels = tuple(label_of(n + 1, of, number, nearest=False) for n in range(count))
    return paragraph_view(Shown(TURN, position, labels, paragraph, **shown))


def buttons(view: dict[str, Any]) -> dict[str, str]:
    return {one["action_id"]: one["value"] for one in elements(view["blocks"], "button")}


class TestParagraph:
    def test_stands_behind_a_bar_with_the_cited_words_in_bold(self) -> None:
        (quoted,) = elements(view(quote="deeply concerned"), "rich_text_quote")
        bold = [span["text"] for span in quoted["elements"] if span.get("style", {}).get("bold")]
        assert bold == ["deeply concerned"]
        assert text_of(quoted) == outcomes.PARAGRAPHS[1]

    def test_finds_words_that_are_broken_into_other_lines(self) -> None:
        of = outcomes.article(paragraphs=("He was\n  deeply\u00a0concerned.",))
        (quoted,) = elements(view(of, 1, "deeply concerned"), "rich_text_quote")
        assert [e.get("style") for e in quoted["elements"]] == [None, {"bold": True}, None]

    def test_without_the_quote_stands_plain(self) -> None:
        (quoted,) = elements(view(quote="otherwise"), "rich_text_quote")
        assert [span.get("style") for span in quoted["elements"]] == [None]

    @pytest.mark.parametrize(("number", "neighbours"), [(1, 1), (2, 2), (3, 1)])
    def test_stands_between_its_neighbours_in_small_letters(
        self, number: int, neighbours: int
    ) -> None:
        small = [text_of(block) for block in elements(view(number=number), "context")]
        assert sum(any(text in one for one in small) for text in outcomes.PARAGRAPHS) == neighbours

    def test_is_shown_whole_however_long_it_is(self) -> None:
        of = outcomes.article(paragraphs=("A sentence of many. " * 1_500,))
        made = view(of, 1, "sentence of many")
        assert block_kit.view_problems(made) == []
        shown = "".join(text_of(part) for part in elements(made, "rich_text_quote"))
        assert shown == of.paragraphs[0].text

    def test_says_who_published_it_when_and_when_it_was_read_and_changed(self) -> None:
        of = outcomes.article()
        told = ShownParagraph(1, of, 2, "", Standing("Changed since."), LATER, (of,))
        shown = text_of(paragraph_view(Shown(TURN, 0, ("x",), told))["blocks"])
        assert "News Desk · wire · ¶2 of 3 · version 1" in shown
        assert "Published 4 April 2019 · read 5 April 2019 · changed 8 April 2019" in shown
        assert "Also carried by News Desk (one origin)" in shown

    def test_shows_old_and_new_wording(self) -> None:
        change = (Span("five", Style.REMOVED), Span(" "), Span("two", Style.ADDED))
        told = ShownParagraph(
            1, outcomes.article(), 2, "", Standing("Changed since:", change), LATER
        )
        made = paragraph_view(Shown(TURN, 0, ("x",), told))
        styles = {e["text"]: e.get("style") for e in elements(made["blocks"], "text")}
        assert styles["five"] == {"strike": True}
        assert styles["two"] == {"bold": True}

    def test_is_linked_to_the_words_at_its_source(self) -> None:
        (link,) = elements(view(quote="deeply concerned"), "link")
        assert link["url"].startswith(f"{outcomes.URL}#:~:text=")

    def test_of_an_article_that_is_not_kept_says_so(self) -> None:
        made = paragraph_view(Shown(TURN, 0, ("[1] no longer kept",), None))
        assert "no longer kept" in text_of(made["blocks"])
        assert block_kit.view_problems(made) == []

    def test_that_was_only_near_to_a_question_is_called_that(self) -> None:
        made = view(nearest=True)
        assert made["title"]["text"] == "Nearest paragraphs"
        assert "not an answer" in text_of(made["blocks"])
        assert "[1]" not in text_of(made["blocks"])


class TestTurning:
    @pytest.mark.parametrize(
        ("position", "expected"),
        [
            (0, {f"{TURN_TO}next": "1"}),
            (1, {f"{TURN_TO}previous": "0", f"{TURN_TO}next": "2"}),
            (2, {f"{TURN_TO}previous": "1"}),
        ],
    )
    def test_leads_to_the_one_before_and_after(
        self, position: int, expected: dict[str, str]
    ) -> None:
        made = view(position=position, count=3)
        assert buttons(made) == expected
        assert f"Citation {position + 1} of 3" in text_of(made["blocks"])

    def test_of_a_single_one_there_is_none(self) -> None:
        assert buttons(view()) == {}
        assert "1 of 1" not in text_of(view()["blocks"])

    @pytest.mark.parametrize("count", [4, 100, 101, 250])
    def test_a_menu_names_them_all_where_there_are_many(self, count: int) -> None:
        made = view(position=count - 1, count=count)
        assert block_kit.view_problems(made) == []
        (menu,) = elements(made["blocks"], "static_select")
        groups = [menu] if "options" in menu else menu["option_groups"]
        options = [option for group in groups for option in group["options"]]
        assert [option["value"] for option in options] == [str(n) for n in range(count)]
        assert menu["initial_option"] == options[-1]
        assert options[2]["text"]["text"] == "[3] News Desk ¶2"

    def test_remembers_where_it_is(self) -> None:
        made = view(position=1, count=3, wide=True)
        assert shown_in(made["private_metadata"]) == (TURN, 1, True)
        assert shown_in("{}") is None
        assert shown_in("") is None


class TestMore:
    LONG = outcomes.article(paragraphs=tuple(f"Paragraph number {n}." for n in range(1, 31)))

    def test_of_the_article_is_offered_where_there_is_more(self) -> None:
        assert buttons(view(self.LONG, 15))[MORE] == "more"
        assert MORE not in buttons(view())

    def test_shows_more_on_either_side_and_leads_back(self) -> None:
        made = view(self.LONG, 15, wide=True)
        shown = text_of(made["blocks"])
        assert [n for n in range(1, 31) if f"number {n}." in shown] == list(
            range(15 - FAR_AROUND, 15 + FAR_AROUND + 1)
        )
        assert buttons(made)[MORE] == "less"
        assert block_kit.view_problems(made) == []


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(outcomes.articles(), outcomes.texts, st.booleans(), st.integers(1, 6))
def test_any_article_renders_to_a_modal_that_slack_accepts(
    of: Article, quote: str, wide: bool, count: int
) -> None:
    of = replace(of, title=f"{of.title}{quote}")
    made = view(of, 1, quote, count=count, wide=wide)
    assert block_kit.view_problems(made) == []


def test_a_turn_that_is_not_kept_and_one_that_is_looked_for_are_said_to_be() -> None:
    assert "no longer kept" in text_of(gone_view()["blocks"])
    assert block_kit.view_problems(gone_view()) == []
    assert block_kit.view_problems(waiting_view()) == []
