"""Slack's published limits of Block Kit, as the validator holds them."""

from typing import Any

import pytest

from tests.fakes.block_kit import (
    MESSAGE_LIMIT,
    chunk_problems,
    markdown_problems,
    message_length,
    problems,
    structure_problems,
    view_problems,
)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **fields}


def button(text: str = "Show", **fields: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "show", **fields}


def option(value: str, text: str = "Libya") -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def context(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "context", "elements": list(elements)}


def select(count: int) -> dict[str, Any]:
    return {
        "type": "static_select",
        "action_id": "topic",
        "options": [option(str(number)) for number in range(count)],
    }


def text_input(label: str = "Topic") -> dict[str, Any]:
    return {
        "type": "input",
        "label": plain(label),
        "element": {"type": "plain_text_input", "action_id": "topic"},
    }


FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": plain("Helpful"), "value": "helpful"},
            "negative_button": {"text": plain("Not helpful"), "value": "not-helpful"},
        }
    ],
}
IMAGE = {"type": "image", "image_url": "https://example.org/chart.png", "alt_text": "Coverage"}
RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "see ", "style": {"bold": True}},
                {"type": "link", "url": "https://example.org", "text": "UN News"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
            ],
        },
    ],
}
TABLE = {
    "type": "table",
    "rows": [[{"type": "raw_text", "text": "Source"}], [{"type": "raw_text", "text": "UN News"}]],
    "column_settings": [{"align": "right"}],
}


def test_an_answer_with_citations_buttons_and_feedback_is_accepted() -> None:
    blocks = [
        {"type": "header", "text": plain("Libya this week")},
        section("It was signed in Skhirat <https://news.un.org/a?b=1&amp;c=2|[1]>."),
        {"type": "divider"},
        context(mrkdwn("[1] UN News · official · ¶13"), IMAGE),
        actions(button(), select(3)),
        {"type": "markdown", "text": "**bold** and [a link](https://example.org) & more > less"},
        IMAGE,
        RICH_TEXT,
        TABLE,
        FEEDBACK,
    ]
    assert problems(blocks, "It was signed in Skhirat.") == []


def test_no_blocks_and_no_text_have_no_problems() -> None:
    assert problems(None) == []
    assert problems([], "") == []


@pytest.mark.parametrize(
    ("longest", "one_more"),
    [
        (section("x" * 3000), section("x" * 3001)),
        (
            {"type": "section", "fields": [plain("x")] * 10},
            {"type": "section", "fields": [plain("x")] * 11},
        ),
        (
            {"type": "section", "fields": [plain("x" * 2000)]},
            {"type": "section", "fields": [plain("x" * 2001)]},
        ),
        (
            {"type": "header", "text": plain("x" * 150)},
            {"type": "header", "text": plain("x" * 151)},
        ),
        (context(*[plain("x")] * 10), context(*[plain("x")] * 11)),
        (
            actions(*[button(action_id=str(n)) for n in range(25)]),
            actions(*[button(action_id=str(n)) for n in range(26)]),
        ),
        (actions(button("x" * 75)), actions(button("x" * 76))),
        (actions(button(action_id="x" * 255)), actions(button(action_id="x" * 256))),
        (actions(button(value="x" * 2000)), actions(button(value="x" * 2001))),
        (actions(button(url="x" * 3000)), actions(button(url="x" * 3001))),
        (section("x", block_id="x" * 255), section("x", block_id="x" * 256)),
        (IMAGE | {"alt_text": "x" * 2000}, IMAGE | {"alt_text": "x" * 2001}),
        (actions(select(100)), actions(select(101))),
        (
            actions({"type": "overflow", "options": [option(str(n)) for n in range(5)]}),
            actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]}),
        ),
        (
            actions({"type": "checkboxes", "options": [option(str(n)) for n in range(10)]}),
            actions({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]}),
        ),
        (
            actions({"type": "overflow", "options": [option("x" * 150, "x" * 75)]}),
            actions({"type": "overflow", "options": [option("x" * 151, "x" * 75)]}),
        ),
        (text_input("x" * 2000), text_input("x" * 2001)),
        ({"type": "markdown", "text": "x" * 12_000}, {"type": "markdown", "text": "x" * 12_001}),
        (
            TABLE | {"rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
            TABLE | {"rows": [[{"type": "raw_text", "text": "x"}] * 21]},
        ),
    ],
)
def test_a_limit_may_be_reached_but_not_passed(longest: dict, one_more: dict) -> None:
    assert [p for p in problems([longest]) if "the blocks of a message" not in p] == []
    assert problems([one_more]) != []


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"type": "banner"}, "unsupported type: banner [json-pointer:/blocks/0]"),
        ({"type": "section"}, "needs one of text, fields [json-pointer:/blocks/0]"),
        (section("x", colour="red"), "invalid additional property: colour"),
        ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
        ({"type": "header"}, "missing required field: text"),
        (section(""), "must be at least 1 characters, has 0"),
        (context(), "must have at least 1 items, has 0"),
        (actions(button(style="loud")), "must be one of primary, danger, is 'loud'"),
        (actions({"type": "plain_text_input", "action_id": "x"}), "unsupported type"),
        (actions({"type": "static_select", "action_id": "x"}), "needs exactly one of options"),
        ({"type": "image", "image_url": "https://x"}, "missing required field: alt_text"),
        ({"type": "actions", "elements": FEEDBACK["elements"]}, "unsupported type: feedback"),
        ({"type": "context_actions", "elements": [button()]}, "unsupported type: button"),
        ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "unsupported type"),
        (TABLE | {"rows": [[], [plain("x")]]}, "all rows must have the same number of cells"),
        ("text", "unsupported type: None"),
    ],
)
def test_a_malformed_block_is_named_with_its_place(block: Any, problem: str) -> None:
    assert any(problem in found for found in problems([block])), problems([block])


def test_ids_are_unique() -> None:
    twice = actions(button(), button())
    assert "action_id 'show' is used more than once" in problems([twice])[0]
    assert problems([actions(button()), actions(button())]) == []
    same = [section("x", block_id="a"), section("y", block_id="a")]
    assert "block_id 'a' is used more than once" in problems(same)[0]


def test_a_message_has_at_most_fifty_blocks_and_one_table() -> None:
    assert problems([{"type": "divider"}] * 50) == []
    assert problems([{"type": "divider"}] * 51) != []
    assert problems([TABLE, TABLE]) == [
        "only one table is allowed in a message [json-pointer:/blocks]"
    ]


def test_a_message_as_a_whole_has_a_limit_that_no_block_has() -> None:
    blocks = [section("x" * 3000)] * 4
    assert message_length(blocks) <= MESSAGE_LIMIT
    assert problems(blocks) == []
    assert "the blocks of a message" in problems([*blocks, section("x" * 1000)])[0]


def test_all_markdown_blocks_share_one_limit() -> None:
    halves = [{"type": "markdown", "text": "x" * 6001}] * 2
    assert "all markdown blocks together" in problems(halves)[0]


def test_the_text_has_a_limit() -> None:
    assert problems(None, "x" * 40_000) == []
    assert problems(None, "x" * 40_001) != []


@pytest.mark.parametrize(
    "text",
    [
        "Q&amp;A: 3 &lt; 4 &gt; 2",
        "> a quotation\n>> deeper\nand prose",
        "<https://example.org>",
        "<https://example.org/a?b=c#:~:text=d,e|UN News [1]>",
        "<mailto:press@example.org|Press>",
        "<!date^1554336000^{date_short}|4 Apr 2019>",
    ],
)
def test_proper_mrkdwn_passes(text: str) -> None:
    assert problems([section(text)], text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Q&A",
        "3 < 4",
        "4 > 3",
        "<https://example.org|a|b>",
        "<https://example.org|a > b>",
        "<https://example.org| >",
        "<https://exam ple.org|a>",
        "<javascript:alert(1)|a>",
        "<example.org|a>",
        "<!broadcast>",
    ],
)
def test_improper_mrkdwn_is_a_problem(text: str) -> None:
    assert problems([section(text)]) != []
    assert problems(None, text) != []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<!channel>", "channel"),
        ("<!here|here>", "here"),
        ("<!everyone>", "everyone"),
        ("<@U0DESK>", "U0DESK"),
        ("<#C0PRESS|press>", "C0PRESS"),
        ("<!subteam^S0DESKS>", "S0DESKS"),
    ],
)
def test_a_mention_must_be_allowed_by_name(text: str, name: str) -> None:
    expected = f"mention of {name!r} is not allowed"
    for found in (
        problems([section(text)]),
        problems(None, text),
        problems([{"type": "markdown", "text": text}]),
        markdown_problems(text),
    ):
        assert expected in found[0]
    assert problems([section(text)], text, allowed_mentions={name}) == []
    assert problems([section(text)], text, allowed_mentions=None) == []


def test_a_mention_in_rich_text_must_be_allowed_too() -> None:
    span = {"type": "broadcast", "range": "here"}
    block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [span]}],
    }
    assert problems([block]) != []
    assert problems([block], allowed_mentions={"here"}) == []


def test_plain_text_is_not_read_as_mrkdwn() -> None:
    assert problems([context(plain("a < b & <!here>"))]) == []


def modal(**fields: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Digest"), "blocks": [], **fields}


def test_a_modal_and_a_home_view_are_accepted() -> None:
    filled = modal(
        blocks=[text_input(), {"type": "divider"}],
        submit=plain("Save"),
        close=plain("Cancel"),
        callback_id="digest",
        private_metadata="{}",
        notify_on_close=True,
    )
    assert view_problems(filled) == []
    assert view_problems({"type": "home", "blocks": [section("x"), actions(button())]}) == []


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (modal(title=plain("x" * 25)), "must be at most 24 characters"),
        (modal(submit=plain("x" * 25)), "must be at most 24 characters"),
        (modal(close=plain("x" * 25)), "must be at most 24 characters"),
        (modal(private_metadata="x" * 3001), "must be at most 3000 characters"),
        (modal(callback_id="x" * 256), "must be at most 255 characters"),
        (modal(blocks=[{"type": "divider"}] * 101), "must have at most 100 items"),
        (modal(blocks=[text_input()]), "needs `submit`"),
        (modal(blocks=[{"type": "markdown", "text": "x"}]), "unsupported type: markdown"),
        (modal(blocks=[section("<!here>")]), "mention of 'here' is not allowed"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "home", "blocks": [], "title": plain("x")}, "invalid additional property"),
        ({"type": "sheet", "blocks": []}, "unsupported type: sheet"),
    ],
)
def test_a_view_beyond_its_limits_is_a_problem(view: dict, problem: str) -> None:
    assert any(problem in found for found in view_problems(view)), view_problems(view)


def chart(**changes: Any) -> dict[str, Any]:
    """A chart of two bars."""
    points = [{"label": "Mon", "value": 1}, {"label": "Tue", "value": 2}]
    bars = {
        "type": "bar",
        "series": [{"name": "Articles", "data": points}],
        "axis_config": {"categories": ["Mon", "Tue"]},
    }
    return {"type": "data_visualization", "title": "A day", "chart": {**bars, **changes}}


class TestCharts:
    def test_are_taken_where_points_are_the_categories(self) -> None:
        assert problems([chart(), chart()]) == []

    @pytest.mark.parametrize(
        "wrong",
        [
            [chart(axis_config={"categories": ["Mon", "Wed"]})],
            [chart(axis_config={"categories": ["Mon", "x" * 21]})],
            [chart(type="donut")],
            [chart(series=[])],
            [chart(series=chart()["chart"]["series"] * 2)],
            [{**chart(), "title": "x" * 51}],
            [chart(), chart(), chart()],
        ],
    )
    def test_are_refused_beyond_what_is_documented(self, wrong: list[dict[str, Any]]) -> None:
        assert problems(wrong)


class TestDataTables:
    def test_have_a_head_and_rows_of_one_length(self) -> None:
        cell = {"type": "raw_text", "text": "a"}
        table = {"type": "data_table", "caption": "Said", "rows": [[cell, cell], [cell, cell]]}
        assert problems([table]) == []
        assert problems([{**table, "rows": [[cell, cell]]}])
        assert problems([{**table, "rows": [[cell, cell], [cell]]}])
        assert problems([{**table, "caption": ""}])
        assert problems([{**table, "page_size": 101}])
        assert view_problems({"type": "home", "blocks": [table]}) == []
        assert view_problems(modal(blocks=[table]))

    def test_of_a_message_have_so_many_rows_and_characters(self) -> None:
        cell = {"type": "raw_text", "text": "a" * 49}
        table = {"type": "data_table", "caption": "Said", "rows": [[cell]] * 201}
        assert structure_problems([table]) == []
        assert structure_problems([table, table]) == []
        assert structure_problems([table, table, table])
        assert structure_problems([{**table, "rows": [[cell]] * 202}])


class TestContainers:
    def test_hold_blocks_under_a_title_in_messages_and_on_home(self) -> None:
        said = {"type": "section", "text": {"type": "plain_text", "text": "Said"}}
        title = {"type": "plain_text", "text": "1 · A story"}
        held = {"type": "container", "title": title, "child_blocks": [said] * 10}
        assert problems([held]) == []
        assert problems([{**held, "child_blocks": [said] * 11}])
        assert problems([{**held, "child_blocks": [chart()]}])
        assert problems([{**held, "title": {**title, "text": "x" * 151}}])
        assert problems([{"type": "container", "child_blocks": [said]}])
        assert view_problems({"type": "home", "blocks": [held]}) == []
        assert view_problems(modal(blocks=[held]))


class TestChunks:
    def test_of_a_plan_name_their_tasks_and_how_far_they_are(self) -> None:
        task = {"type": "task_update", "id": "1", "title": "Reading", "status": "in_progress"}
        assert chunk_problems([{"type": "plan_update", "title": "A plan"}, task]) == []
        assert chunk_problems([{**task, "status": "done"}])
        assert chunk_problems([{"type": "task_update", "title": "Reading"}])
