"""Digests, summaries, alerts, quotations, timelines: within Slack's limits, whole, only text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.grammar import read_request
from bot.commands.intents import DigestAt, Follow, ListMine
from bot.render.blocks import SAY, SHOW_PARAGRAPHS, ImageSlot, Message
from bot.render.notes import (
    MUTE_STORY,
    alert_messages,
    correction_messages,
    further_messages,
    mute_button,
    muted_of,
)
from bot.render.wording import safe
from retrieval.outcomes import Citation
from retrieval.reports.report import Brief
from tests.bot import made_digests as made
from tests.bot.laid_out import (
    digest_messages,
    positions_messages,
    summary_messages,
    timeline_messages,
)
from tests.bot.outcomes import texts
from tests.bot.shown import bare, source_marks, told_marks, told_text
from tests.conftest import examples
from tests.fakes import block_kit, briefings
from tests.scenarios.people import elements, text_of

GOLDEN = Path(__file__).parent / "golden"
TURN = "f" * 32
NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
PICTURE = ImageSlot("F0CHART", "Articles by place: Libya 7, Algeria 2.")

thorough = settings(
    deadline=None,
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# What is rendered, and the citations that must be in it.
Rendered = tuple[list[Message], tuple[Citation, ...]]

rendered = st.one_of(
    st.builds(
        lambda digest, heading, alt: (
            digest_messages(digest, heading, TURN, ImageSlot("F0CHART", f"w{alt}")),
            digest.citations,
        ),
        made.digests(),
        made.headings(),
        texts,
    ),
    made.summaries().map(
        lambda summary: (
            summary_messages(summary, TURN),
            summary.citations if summary.briefs else (),
        )
    ),
    made.alerts().map(lambda alert: (alert_messages(alert, TURN), (alert.citation,))),
    made.alerts().map(lambda alert: (further_messages(alert, TURN), (alert.citation,))),
    made.timelines().map(lambda held: (timeline_messages(held, TURN), held.citations)),
    made.position_lists().map(lambda held: (positions_messages(held, TURN), held.citations)),
)


class TestAnything:
    @thorough
    @given(rendered)
    def test_renders_to_messages_that_slack_accepts(self, given: Rendered) -> None:
        for message in given[0]:
            assert block_kit.problems(list(message.blocks), message.text) == []
            assert message.text

    @thorough
    @given(rendered)
    def test_shows_every_citation_under_its_mark(self, given: Rendered) -> None:
        shown = [span["text"] for span in spans_of(given[0])]
        for citation in given[1]:
            assert f"[{citation.mark}]" in shown

    @thorough
    @given(rendered)
    def test_links_to_nothing_but_its_sources(self, given: Rendered) -> None:
        sources = {citation.link for citation in given[1]}
        for link in elements([message.blocks for message in given[0]], "link"):
            assert link["url"] in sources
            assert link["text"].strip("[]").isdigit()

    @thorough
    @given(rendered)
    def test_turns_no_text_round(self, given: Rendered) -> None:
        for message in given[0]:
            for text in (message.text, text_of(message.blocks)):
                assert text == safe(text)

    @thorough
    @given(made.digests(), made.headings())
    def test_a_digest_uses_every_mark_that_its_stories_use(self, digest: Any, heading: Any) -> None:
        shown = [span["text"] for span in spans_of(digest_messages(digest, heading, TURN))]
        for mark in {mark for brief in digest.briefs for mark in marks_of(brief)}:
            assert shown.count(f"[{mark}]") >= 2

    @thorough
    @given(made.digests(), made.headings())
    def test_a_digest_shows_every_sentence_whole_and_in_order(
        self, digest: Any, heading: Any
    ) -> None:
        shown = told_text(digest_messages(digest, heading, TURN))
        position = 0
        for brief in digest.briefs:
            for statement in brief.happened:
                position = shown.find(bare(statement.text), position)
                assert position >= 0


class TestDigest:
    def test_leads_with_what_happened_in_its_notification(self) -> None:
        (message,) = digest_messages(briefings.digest(), briefings.heading(), TURN)
        assert message.text == "Haftar orders his forces to march on Tripoli · and 2 more stories"

    def test_shows_an_uploaded_chart_with_its_words(self) -> None:
        (message,) = digest_messages(briefings.digest(), briefings.heading(), TURN, PICTURE)
        (image,) = elements(message.blocks, "image")
        assert image["slack_file"] == {"id": "F0CHART"}
        assert image["alt_text"] == PICTURE.alt

    def test_a_quiet_day_is_one_line_without_a_button(self) -> None:
        (message,) = digest_messages(briefings.quiet_digest(), briefings.heading(), TURN)
        assert text_of(message.blocks) == message.text
        assert list(elements(message.blocks, "button")) == []

    def test_does_not_repeat_in_its_citations_what_it_says(self) -> None:
        (message,) = digest_messages(briefings.digest(), briefings.heading(), TURN)
        assert text_of(message.blocks).count("ordered his forces on Thursday") == 1

    def test_a_long_one_is_carried_on_with_its_buttons_last(self) -> None:
        digest = briefings.digest()
        long = type(digest)(
            digest.since,
            digest.until,
            digest.briefs * 20,
            digest.announced,
            digest.corrections,
            digest.coverage,
            digest.citations,
        )
        messages = digest_messages(long, briefings.heading(), TURN)
        assert len(messages) > 1
        buttons = [len(list(elements(message.blocks, "button"))) for message in messages]
        assert buttons == [0] * (len(messages) - 1) + [3]
        for message in messages:
            assert told_marks(message) <= source_marks(message)


class TestButtons:
    def test_say_what_is_understood(self) -> None:
        (digest,) = digest_messages(briefings.digest(), briefings.heading(), TURN)
        (summary,) = summary_messages(briefings.summary(), TURN)
        (alert,) = alert_messages(briefings.alert(), TURN)
        asked = [
            read_request(button["value"], NOW)
            for message in (digest, summary, alert)
            for button in elements(message.blocks, "button")
            if button["action_id"].startswith(SAY)
        ]
        assert [type(one) for one in asked] == [ListMine, DigestAt, Follow, ListMine]

    def test_show_the_paragraphs_of_their_turn(self) -> None:
        for messages in (
            digest_messages(briefings.digest(), briefings.heading(), TURN),
            summary_messages(briefings.summary(), TURN),
            alert_messages(briefings.alert(), TURN),
            positions_messages(briefings.positions(), TURN),
            timeline_messages(briefings.timeline(), TURN),
        ):
            buttons = list(elements(messages[-1].blocks, "button"))
            assert (buttons[0]["action_id"], buttons[0]["value"]) == (SHOW_PARAGRAPHS, TURN)

    def test_an_alert_can_be_muted_a_further_article_not_again(self) -> None:
        (first,) = alert_messages(briefings.alert(), TURN)
        (further,) = further_messages(briefings.further_alert(), TURN)
        (mute,) = [
            button
            for button in elements([first.blocks, further.blocks], "button")
            if button["action_id"] == MUTE_STORY
        ]
        assert muted_of(mute["value"]) == ("U0DESK", "story-1")

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_a_muted_story_is_read_back(self, reader: str, story: str) -> None:
        assert muted_of(mute_button(reader, story)["value"]) == (reader, story)

    @pytest.mark.parametrize("value", ["", "{}", "[]", "null", '{"reader": "U0"}', "U0DESK"])
    def test_what_we_did_not_write_mutes_nothing(self, value: str) -> None:
        assert muted_of(value) is None


class TestNothingFound:
    def test_a_summary_says_so_without_a_mark(self) -> None:
        summary = briefings.summary()
        empty = type(summary)("wheat", summary.since, summary.until, (), summary.coverage, ())
        (message,) = summary_messages(empty, TURN)
        assert text_of(message.blocks).startswith("I found nothing on “wheat”, 1 to 7 April 2019.")
        assert list(elements(message.blocks, "link")) == []


@pytest.mark.parametrize(
    ("name", "render"),
    [
        (
            "digest",
            lambda: digest_messages(
                briefings.with_outage(briefings.digest()), briefings.heading(), TURN, PICTURE
            ),
        ),
        (
            "quiet_day",
            lambda: digest_messages(
                briefings.with_outage(briefings.quiet_digest()), briefings.heading(), TURN
            ),
        ),
        ("summary", lambda: summary_messages(briefings.summary(), TURN)),
        ("alert", lambda: alert_messages(briefings.alert(), TURN)),
        ("further_alert", lambda: further_messages(briefings.further_alert(), TURN)),
        ("correction", lambda: correction_messages([briefings.correction_note()])),
        ("quotes", lambda: positions_messages(briefings.positions(), TURN)),
        ("timeline", lambda: timeline_messages(briefings.timeline(), TURN)),
    ],
)
def test_renders_as_the_golden_file_shows(
    name: str, render: Callable[[], Sequence[Message]], request: pytest.FixtureRequest
) -> None:
    found = [{"text": message.text, "blocks": list(message.blocks)} for message in render()]
    path = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(path.read_text("utf-8"))


def spans_of(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Texts and links of rich text, in order."""
    sections = elements([message.blocks for message in messages], "rich_text_section")
    return [span for section in sections for span in section["elements"]]


def marks_of(brief: Brief) -> set[int]:
    """Marks of everything that a brief tells in a digest; announcements are told for all."""
    accounts = [account for dispute in brief.disputed for account in dispute.accounts]
    stated = {mark for one in (*brief.happened, *accounts) for mark in one.citations}
    return stated | {spoken.mark for spoken in brief.spoken}
