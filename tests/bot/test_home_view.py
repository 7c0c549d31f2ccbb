"""The Home page as a view: inside Slack's limits whatever there is, nothing left out unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.home.views import (
    FAILED,
    MOST_BLOCKS,
    Headlined,
    HomePage,
    Pages,
    ReadSoFar,
    digest_lines,
    home_view,
    next_line,
    pages_of,
    read_line,
    sentence_view,
    source_line,
    sources_lines,
    status_words,
    story_lines,
    waiting_view,
)
from bot.records import Subscription, Watch
from corpus.articles import Source, SourceKind
from corpus.feeds.schedule import Health, PolledSource
from retrieval.reports.report import Interests
from retrieval.stories.story import Story
from retrieval.watches.matching import Criteria
from tests.fakes.articles import stored_article
from tests.fakes.block_kit import view_problems
from tests.scenarios.people import elements, text_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2019, 4, 5, 12, 0, tzinfo=PARIS)
HOSTILE = "<!channel> *Bold* <https://evil.example|here> & <@U0DESK> \u202e"
DIGEST = Subscription(
    "d1",
    "U1",
    "U1",
    "Libya",
    "07:30",
    "Europe/Paris",
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    Interests(places=("LY",)),
    False,
    "U1",
    NOW,
)
WATCH = Watch(
    "w1", "U1", "U1", "Gharyan", Criteria(("Gharyan",)), None, None, "UTC", 20, False, "U1", NOW
)
SOURCE = PolledSource(
    Source("UN News", "https://news.example/", SourceKind.OFFICIAL),
    "https://news.example/feed",
    health=Health.FRESH,
    last_success_at=NOW - timedelta(minutes=5),
)

texts = some.text(max_size=400) | some.just(HOSTILE)
digests = some.builds(
    lambda name, topics, shared, paused: replace(
        DIGEST,
        name=name,
        interests=Interests(tuple(topics)),
        reader="C1" if shared else "U1",
        paused=paused,
    ),
    texts,
    some.lists(texts, max_size=40),
    some.booleans(),
    some.booleans(),
)
watched = some.builds(
    lambda name, found, paused: replace(
        WATCH, name=name, criteria=Criteria(tuple(found)), paused=paused
    ),
    texts,
    some.lists(texts, max_size=40),
    some.booleans(),
)
sources = some.builds(
    lambda name, health, reason, paused: replace(
        SOURCE,
        source=replace(SOURCE.source, name=name),
        health=health,
        reason=reason,
        paused=paused,
    ),
    texts.filter(str.strip),
    some.sampled_from(Health),
    some.none() | texts,
    some.booleans(),
)


def story(*days: float) -> Story:
    told = [
        stored_article(str(n), title=f"Title {n}", published_at=NOW - timedelta(days=day))
        for n, day in enumerate(days)
    ]
    return Story("0" * 16, tuple(sorted(told, key=lambda one: one.published_at or NOW)))


def page(**given: Any) -> HomePage:
    return HomePage(user="U1", now=NOW, **given)


def words_of(lines: Any) -> list[str]:
    return ["".join(one.get("text", "") for one in line) for line in lines]


class TestLimits:
    @given(
        some.lists(digests, max_size=30),
        some.lists(watched, max_size=40),
        some.lists(sources, max_size=40),
        some.lists(texts, max_size=5),
        some.booleans(),
        some.builds(Pages, *(some.integers(0, 9) for _ in range(3))),
    )
    def test_whatever_there_is_slack_takes_it(
        self,
        digests: list[Subscription],
        watches: list[Watch],
        sources: list[PolledSource],
        headlines: list[str],
        admin: bool,
        pages: Pages,
    ) -> None:
        told = tuple(Headlined(story(1), one, "https://a.example/") for one in headlines)
        view = home_view(
            page(
                digests=tuple(digests),
                watches=tuple(watches),
                sources=tuple(sources),
                stories=told,
                admin=admin,
                pages=pages,
            )
        )
        assert view_problems(view) == []
        assert len(view["blocks"]) < MOST_BLOCKS

    @given(some.integers(0, 60))
    def test_pages_hold_every_watch_once(self, count: int) -> None:
        watches = tuple(replace(WATCH, id=f"w{n}") for n in range(count))
        seen: list[str] = []
        pages: Pages | None = Pages()
        while pages is not None:
            view = home_view(page(watches=watches, pages=pages))
            buttons = list(elements(view, "button"))
            seen += [one["value"] for one in buttons if one["action_id"] == "watch:edit"]
            more = [one["value"] for one in buttons if one["action_id"] == "home:page:more"]
            pages = pages_of(more[0]) if more else None
        assert seen == [one.id for one in watches]

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"watches": "x"}', '{"other": 1}'])
    def test_unknown_pages_are_the_first(self, text: str) -> None:
        assert pages_of(text) == Pages()

    def test_a_list_that_became_shorter_shows_its_last_page(self) -> None:
        view = home_view(page(watches=(WATCH,), pages=Pages(watches=7)))
        assert "Gharyan" in text_of(view)

    def test_the_small_views_too(self) -> None:
        assert view_problems(waiting_view()) == []
        assert view_problems(sentence_view(FAILED.format(reference="0a1b2c3d"))) == []


class TestWords:
    @pytest.mark.parametrize(
        ("read", "line"),
        [
            (ReadSoFar(), "Nothing has been read yet."),
            (ReadSoFar(1, 0, None), "1 article read"),
            (
                ReadSoFar(12345, 14, datetime(2019, 4, 5, 7, 12, tzinfo=UTC)),
                "12,345 articles from 14 sources read · newest: today 09:12, Paris time",
            ),
            (
                ReadSoFar(2, 1, datetime(2018, 4, 5, 7, 12, tzinfo=UTC)),
                "2 articles from 1 source read · newest: 5 April 2018, 09:12, Paris time",
            ),
        ],
    )
    def test_how_much_was_read(self, read: ReadSoFar, line: str) -> None:
        assert read_line(read.articles, read.sources, read.newest, NOW) == line

    @pytest.mark.parametrize(
        ("given", "line"),
        [
            ({}, "Next tomorrow at 07:30 Paris time"),
            ({"at": "18:00"}, "Next today at 18:00 Paris time"),
            ({"days": ("thu",)}, "Next on Thursday 11 April at 07:30 Paris time"),
            (
                {"zone": "Asia/Tokyo", "at": "06:00"},
                "Next tomorrow at 06:00 Tokyo time (today at 23:00 your time)",
            ),
            ({"zone": "Africa/Tripoli"}, "Next tomorrow at 07:30 Tripoli time"),
            ({"paused": True}, "Nothing comes until it is resumed."),
        ],
    )
    def test_when_the_next_digest_comes(self, given: dict[str, Any], line: str) -> None:
        assert next_line(replace(DIGEST, **given), NOW) == line

    def test_a_digest_in_the_hour_that_the_clocks_leave_out(self) -> None:
        """In Paris it is 03:00 when it would be 02:30 on 31 March 2019."""
        now = datetime(2019, 3, 30, 12, 0, tzinfo=PARIS)
        line = next_line(replace(DIGEST, at="02:30"), now)
        assert line == "Next tomorrow at 03:00 Paris time"

    def test_a_named_digest_tells_its_subjects_too(self) -> None:
        lines = words_of(digest_lines(replace(DIGEST, name="Morning"), "U1", NOW))
        assert lines[0] == "Morning · on Libya · to you"
        assert lines[1] == "Every day at 07:30 Paris time · 5 stories at most"

    @pytest.mark.parametrize(
        ("days", "status"),
        [
            ((0.1,), "NEW"),
            ((0.9, 0.1), "NEW"),
            ((2, 0.1), "DEVELOPING, day 3"),
            ((3, 2), "DEVELOPING, day 2"),
            ((3, 3), ""),
        ],
    )
    def test_whether_a_story_is_new(self, days: tuple[float, ...], status: str) -> None:
        assert status_words(story(*days), NOW) == status

    def test_a_story_leads_to_the_article_that_bears_its_headline(self) -> None:
        lines = story_lines(story(3, 3), HOSTILE, "https://a.example/0", NOW)
        assert lines[0][0]["url"] == "https://a.example/0"
        assert words_of(lines)[1].startswith("2 articles, ")

    def test_a_story_of_a_file_has_no_link(self) -> None:
        (told, *_), _ = story_lines(story(3), "Title", "file:///note.txt", NOW)
        assert told["type"] == "text"


class TestSources:
    def test_none(self) -> None:
        assert words_of(sources_lines([], NOW, admin=False)) == [
            "No source is polled yet. An admin adds sources here."
        ]
        assert "Add source adds the first." in words_of(sources_lines([], NOW, admin=True))[0]

    def test_all_is_well(self) -> None:
        assert words_of(sources_lines([SOURCE], NOW, admin=False)) == [
            "1 of 1 source read in the last hour; the last one today 11:55. No source failed."
        ]

    def test_what_failed_since_when_and_why(self) -> None:
        failed = replace(
            SOURCE,
            source=replace(SOURCE.source, name="Ministry A"),
            health=Health.FAILING,
            reason="the server answered 503",
            last_success_at=NOW - timedelta(days=1),
        )
        never = replace(
            failed,
            source=replace(SOURCE.source, name="Agency B"),
            health=Health.GONE,
            reason=None,
            last_success_at=None,
        )
        slow = replace(SOURCE, last_success_at=NOW - timedelta(hours=5))
        unread = replace(SOURCE, health=Health.UNCHECKED, last_success_at=None)
        every = [SOURCE, failed, never, slow, unread, replace(SOURCE, paused=True)]
        assert words_of(sources_lines(every, NOW, admin=False)) == [
            "1 of 5 sources read in the last hour, 1 read before that, 1 not yet read, 2 failed, "
            "1 paused; the last one today 11:55.",
            "Not read, so that silence from them is not news:",
            "• Ministry A · last read yesterday 12:00 · the server answered 503",
            "• Agency B · never read · it is gone",
        ]

    def test_many_that_failed_are_counted(self) -> None:
        failed = [replace(SOURCE, health=Health.FAILING)] * 13
        assert words_of(sources_lines(failed, NOW, admin=False))[-1].startswith("… and 3 more")

    def test_all_are_paused(self) -> None:
        (line,) = words_of(sources_lines([replace(SOURCE, paused=True)], NOW, admin=False))
        assert line == "All sources are paused: nothing new is read."

    def test_one_as_admins_see_it(self) -> None:
        assert words_of([source_line(SOURCE, NOW)]) == [
            "UN News · official · every 15 minutes · last read today 11:55"
        ]
        paused = replace(SOURCE, paused=True, last_success_at=None)
        assert words_of([source_line(paused, NOW)]) == [
            "UN News · official · every 15 minutes · paused"
        ]


class TestAdmins:
    def test_only_they_see_buttons_of_sources_and_feedback(self) -> None:
        feedback = ({"type": "divider"},)
        shown = home_view(page(sources=(SOURCE,), admin=True, feedback=feedback))
        names = {one["action_id"] for one in elements(shown, "button")}
        assert {"source:add", "source:pause", "source:check", "source:edit"} <= names
        hidden = home_view(page(sources=(SOURCE,), feedback=feedback))
        assert not [
            one for one in elements(hidden, "button") if one["action_id"].startswith("source:")
        ]

    def test_a_paused_source_can_be_resumed(self) -> None:
        view = home_view(page(sources=(replace(SOURCE, paused=True),), admin=True))
        names = [one["action_id"] for one in elements(view, "button")]
        assert "source:resume" in names
        assert "source:pause" not in names
