"""Forms of sources: what is entered, what is wrong with it, and what the modals show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.db.audit import (
    changed,
    interval_in_words,
    interval_words,
    name_taken,
    polled_already,
    told,
)
from bot.home.source_forms import (
    LONGEST_METADATA,
    MOST_SHOWN,
    SourceDraft,
    SourceOrigin,
    add_form,
    added_source,
    address_problem,
    changed_source,
    check_lines,
    check_messages,
    check_view,
    checking_view,
    draft_of,
    draft_problems,
    edit_form,
    entered_address,
    entered_draft,
    feed_problem,
    found_form,
    looking_view,
    note,
    origin_of,
    with_problem,
)
from corpus.articles import Source, SourceKind
from corpus.feeds.poll import SourceReport
from corpus.feeds.schedule import Empty, Failing, Fresh, Gone, Moved, PolledSource, Unchanged
from corpus.ingest import Receipt
from tests.conftest import NOW
from tests.fakes.block_kit import view_problems
from tests.fakes.slack_payloads import view_state

HOSTILE = "<!channel> *Gazette* <https://evil.example|here> &lt;!here&gt; \u202e"
GAZETTE = PolledSource(
    Source("Strait Gazette", "https://gazette.example/", SourceKind.WIRE, "NO", "no"),
    "https://gazette.example/feed.xml",
    timedelta(minutes=30),
)
ORIGIN = SourceOrigin(feed_url=GAZETTE.feed_url, site="https://gazette.example/", entries=2)


def values(view: dict[str, Any], **entered: Any) -> dict[str, Any]:
    """The state of a view as Slack sends it once these were entered."""
    for number, block in enumerate(view["blocks"]):
        block.setdefault("block_id", f"b{number}")
    return dict(view_state(view, entered)["values"])


class TestEntered:
    def test_what_a_form_shows_comes_back_as_it_was(self) -> None:
        draft = draft_of(GAZETTE)
        for view in (found_form(draft, ORIGIN), edit_form(draft, ORIGIN, GAZETTE.feed_url)):
            assert entered_draft(values(view)) == draft
        assert changed_source(draft, GAZETTE) == GAZETTE

    def test_an_interval_that_is_not_offered_is_kept(self) -> None:
        draft = draft_of(replace(GAZETTE, interval=timedelta(minutes=7)))
        assert entered_draft(values(found_form(draft, ORIGIN))).every == "7m"

    @pytest.mark.parametrize(
        ("entered", "address"),
        [
            (" https://a.example/feed ", "https://a.example/feed"),
            ("<https://a.example/feed>", "https://a.example/feed"),
            ("a.example", "a.example"),
            ("< https://a.example/feed\n>", "https://a.example/feed"),
            (None, ""),
        ],
    )
    def test_an_address_is_taken_without_what_stands_around_it(
        self, entered: str | None, address: str
    ) -> None:
        assert entered_address(values(add_form(""), address=entered)) == address

    @pytest.mark.parametrize("entered", ["", "UN News", "reuters", "https://a.example/\tfeed"])
    def test_what_is_no_address_is_seen_before_anything_is_fetched(self, entered: str) -> None:
        assert address_problem(entered) is not None
        assert address_problem("a.example") is None

    def test_a_form_that_was_emptied_means_nothing(self) -> None:
        entered = values(
            found_form(draft_of(GAZETTE), ORIGIN), name="  ", language=None, full_text=[]
        )
        draft = entered_draft(entered)
        assert (draft.name, draft.language, draft.full_text) == ("", "", False)

    def test_where_it_comes_from_is_kept_with_the_view(self) -> None:
        origin = SourceOrigin("é", "https://a.example/?q=" + "x" * 500, "s", 3, '{"sources": 2}')
        assert origin_of(origin.text) == origin
        assert origin_of("") == SourceOrigin()


class TestProblems:
    def test_none_where_it_can_be_kept(self) -> None:
        assert draft_problems(draft_of(GAZETTE), []) == {}
        assert draft_problems(SourceDraft("Gazette"), [GAZETTE]) == {}

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("name", {"name": ""}),
            ("name", {"name": "x" * 121}),
            ("name", {"name": "strait gazette"}),
            ("kind", {"kind": "rumour"}),
            ("places", {"country": "Norway"}),
            ("language", {"language": "norsk"}),
            ("language", {"language": "n1"}),
            ("every", {"every": "often"}),
            ("every", {"every": "9d"}),
            ("every", {"every": ""}),
        ],
    )
    def test_one_sentence_at_its_field(self, field: str, change: dict[str, Any]) -> None:
        draft = replace(SourceDraft("Another"), **change)
        found = draft_problems(draft, [GAZETTE])
        assert list(found) == [field]
        assert found[field].endswith(".")

    def test_a_feed_that_is_polled_already_cannot_be_added(self) -> None:
        moved = replace(GAZETTE, feed_url="https://old.example/", moved_to=ORIGIN.feed_url)
        for known in (GAZETTE, moved):
            assert feed_problem(ORIGIN, [known]) == (
                "That feed is polled already, as Strait Gazette."
            )
        assert feed_problem(replace(ORIGIN, feed_url="https://b.example/"), [GAZETTE]) is None

    def test_nor_one_whose_address_slack_would_not_keep(self) -> None:
        long = replace(ORIGIN, feed_url="https://a.example/" + "é" * LONGEST_METADATA)
        assert feed_problem(long, []) == "The feed's address is too long to be kept."


class TestKept:
    def test_a_found_feed_becomes_a_source(self) -> None:
        draft = SourceDraft("Gazette", "wire", "NO", "", "2h", full_text=False)
        source = added_source(draft, ORIGIN, "U0ADMIN", NOW)
        assert source == PolledSource(
            Source("Gazette", ORIGIN.site, SourceKind.WIRE, "NO", None),
            ORIGIN.feed_url,
            timedelta(hours=2),
            False,
            added_by="U0ADMIN",
            added_at=NOW,
        )

    def test_what_changed_is_told_as_on_the_command_line(self) -> None:
        draft = replace(draft_of(GAZETTE), kind="official", country="", every="1d")
        assert changed(told(GAZETTE), told(changed_source(draft, GAZETTE))) == (
            "kind wire → official, country NO → none, interval 30m → 1d"
        )

    @pytest.mark.parametrize("written", ["1m", "7m", "15m", "90m", "2h", "1d", "7d"])
    def test_an_interval_is_told_as_it_is_entered(self, written: str) -> None:
        assert interval_words(SourceDraft("x", every=written).interval) == written

    @pytest.mark.parametrize(
        ("written", "said"),
        [("15m", "15 minutes"), ("60m", "hour"), ("1h", "hour"), ("1d", "day"), ("48h", "2 days")],
    )
    def test_an_interval_is_said_in_words(self, written: str, said: str) -> None:
        assert interval_in_words(SourceDraft("x", every=written).interval) == said

    def test_names_differ_by_more_than_case(self) -> None:
        assert name_taken("STRAIT gazette", [GAZETTE]) == "Strait Gazette"
        assert name_taken("Strait", [GAZETTE]) is None
        assert polled_already("https://elsewhere.example/", [GAZETTE]) is None


REPORTS = (
    SourceReport("Fresh one", Fresh(), 20, Receipt(new=3, updated=1), teasers=2, waiting=4),
    SourceReport("Quiet one", Unchanged()),
    SourceReport("Empty one", Empty()),
    SourceReport("Moved one", Moved("https://new.example/", Fresh()), 5),
    SourceReport("Broken one", Failing("no answer in 20 s", NOW + timedelta(minutes=30))),
    SourceReport("Gone one", Gone("the server says that it is gone (410)")),
)


class TestReport:
    def test_counts_then_what_failed_then_the_others(self) -> None:
        lines = ["".join(str(one["text"]) for one in line) for line in check_lines(REPORTS, NOW)]
        assert lines == [
            "4 of 6 sources read. 3 new articles.",
            "Broken one · could not be read: no answer in 20 s. Asked again 10:30.",
            "Gone one · gone for good: the server says that it is gone (410). "
            "Remove it, or resume it to ask again.",
            "Fresh one · fresh, 20 entries, 3 new, 1 updated, 2 only as teasers, "
            "4 left for the next poll.",
            "Quiet one · unchanged.",
            "Empty one · empty.",
            "Moved one · moved to https://new.example/, fresh, 5 entries.",
        ]

    def test_one_source_is_one_line_and_its_message_is_that_line(self) -> None:
        (message,) = check_messages(REPORTS[:1], NOW)
        assert message.text.startswith("Fresh one · fresh, 20 entries")

    def test_very_many_stay_inside_a_view(self) -> None:
        many = [replace(REPORTS[4], name=f"{HOSTILE} {n}") for n in range(MOST_SHOWN * 3)]
        view = check_view("Sources", many, NOW)
        assert view_problems(view) == []
        assert f"and {MOST_SHOWN * 2} more" in json.dumps(view)


class TestViews:
    @pytest.mark.parametrize("text", [HOSTILE, "x" * 5_000, "", "السفارة"])
    def test_are_what_slack_takes_whatever_the_web_says(self, text: str) -> None:
        draft = SourceDraft(text, every="7m", country="NO")
        origin = SourceOrigin(text[:200], text[:500] or "https://a.example/", "", 1)
        for view in (
            add_form("", text),
            with_problem(add_form("", "a"), text or "Wrong."),
            looking_view(text or "a.example"),
            found_form(draft, origin, [text or "a title"]),
            edit_form(draft, replace(origin, name=text[:200] or "x"), text or "https://a.example/"),
            checking_view([text or "Gazette"]),
            checking_view(["a", "b"]),
            note("Sources", text or "Nothing."),
        ):
            assert view_problems(view) == []
