"""What a submitted form means: drafts, what is wrong with them, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.clock import DAYS
from bot.commands.digests import MOST_SUBSCRIPTIONS
from bot.commands.replies import Reader
from bot.commands.watches import MOST_WATCHES
from bot.home.forms import (
    DigestDraft,
    Origin,
    Surroundings,
    WatchDraft,
    digest_draft,
    digest_of,
    digest_problems,
    entered_digest,
    entered_watch,
    fingerprint,
    origin_of,
    watch_draft,
    watch_of,
    watch_problems,
)
from bot.home.views import digest_form, watch_form
from bot.records import Subscription, Watch
from corpus.articles import SourceKind
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.fakes.block_kit import view_problems
from tests.fakes.slack_payloads import view_state

NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
ANNA = Reader("U1", "U1", "U1", "Europe/Paris", "form:V1")
PRESS = Reader("C1", "C1", "U1", "Europe/Paris", "form:V1", shared=True)
DIGEST = DigestDraft("07:30", "Europe/Paris", ("mon",), topics=("fisheries",))
WATCH = WatchDraft("Gharyan", "Europe/Paris", words=("Gharyan",), daily_cap=20)

# What people write between commas; a word that joins or quotes stays a part of the item.
items = some.lists(
    some.text(some.characters(categories=("L", "N")), min_size=1, max_size=12).filter(
        lambda one: one.casefold() not in ("and", "or", "the", "also", "both", "either")
    ),
    max_size=4,
    unique=True,
).map(tuple)
places = some.lists(some.sampled_from(("LY", "SD", "FR")), max_size=3, unique=True).map(tuple)
times = some.times().map(lambda at: f"{at:%H:%M}")
zones = some.sampled_from(("Europe/Paris", "Africa/Tripoli", "UTC"))
digests = some.builds(
    DigestDraft,
    at=times,
    zone=zones,
    days=some.sets(some.sampled_from(DAYS), min_size=1).map(
        lambda days: tuple(day for day in DAYS if day in days)
    ),
    topics=items,
    places=places,
    sources=items,
    length=some.integers(1, 20),
    channel=some.none() | some.just("C1"),
    paused=some.booleans(),
)
watches = some.builds(
    WatchDraft,
    name=some.text(some.characters(categories=("L", "N")), min_size=1, max_size=20),
    zone=zones,
    words=items,
    aliases=items,
    actors=items,
    places=places,
    sources=items,
    kinds=some.sets(some.sampled_from(SourceKind)).map(
        lambda kinds: tuple(kind.value for kind in SourceKind if kind in kinds)
    ),
    quiet_from=times,
    quiet_to=times,
    daily_cap=some.integers(1, 200),
    channel=some.none() | some.just("C1"),
    paused=some.booleans(),
)


def values_of(view: dict[str, Any]) -> Any:
    """What Slack sends back of a form that nobody touched."""
    return view_state(view, {})["values"]


class TestWhatIsShownComesBack:
    @given(digests)
    def test_of_a_digest(self, draft: DigestDraft) -> None:
        view = digest_form(draft, Origin().text, new=True)
        assert view_problems(view) == []
        assert entered_digest(values_of(view)) == draft

    @given(watches)
    def test_of_a_watch(self, draft: WatchDraft) -> None:
        view = watch_form(draft, Origin().text, new=True)
        assert view_problems(view) == []
        assert entered_watch(values_of(view)) == draft

    def test_items_that_hold_commas_or_and_stay_whole(self) -> None:
        draft = replace(DIGEST, topics=("war and peace", "a, b", "plain"))
        assert entered_digest(values_of(digest_form(draft, "{}", new=True))).topics == draft.topics

    def test_names_from_elsewhere_are_no_formatting(self) -> None:
        bad = "<!channel> *b* <https://evil.example|here>"
        draft = replace(WATCH, name=bad, words=(bad,), sources=(bad,))
        assert view_problems(watch_form(draft, "{}", new=True)) == []

    def test_the_origin_of_a_form(self) -> None:
        origin = Origin("d1", "abc", "C1", {"watches": 2})
        assert origin_of(origin.text) == origin


class TestProblems:
    def test_none(self) -> None:
        assert digest_problems(DIGEST, Surroundings()) == {}
        assert watch_problems(WATCH, Surroundings()) == {}

    @pytest.mark.parametrize(
        ("changed", "field", "sentence"),
        [
            ({"at": None}, "at", "Choose the time at which the digest comes."),
            ({"days": ()}, "days", "Choose at least one day."),
            (
                {"zone": "Mars/Base"},
                "zone",
                "“Mars/Base” is no time zone; choose one such as Europe/Paris.",
            ),
            ({"zone": ""}, "zone", "Choose a time zone, one such as Europe/Paris."),
            (
                {"places": ("Atlantis",)},
                "places",
                "I know no country called “Atlantis”; write it under Topics instead.",
            ),
            ({"sources": ("Nobody",)}, "sources", "No source called “Nobody” is read."),
            ({"length": 99}, "length", "A digest tells 1 to 20 stories."),
            (
                {"topics": ("x" * 161,)},
                "topics",
                "Each has at most 160 characters; part them by commas.",
            ),
            (
                {"topics": tuple(map(str, range(41)))},
                "topics",
                "That is more than 40; part commas from one another.",
            ),
        ],
    )
    def test_of_a_digest(self, changed: dict[str, Any], field: str, sentence: str) -> None:
        assert digest_problems(replace(DIGEST, **changed), Surroundings()) == {field: sentence}

    @pytest.mark.parametrize(
        ("changed", "field", "sentence"),
        [
            ({"words": ()}, "words", "Write what to look for: a word, a name or a country."),
            (
                {"quiet_from": "22:00"},
                "quiet_to",
                "Quiet hours need a beginning and an end; choose both or neither.",
            ),
            (
                {"quiet_to": "07:00"},
                "quiet_from",
                "Quiet hours need a beginning and an end; choose both or neither.",
            ),
            ({"daily_cap": None}, "daily_cap", "Write a whole number from 1 to 200."),
            ({"daily_cap": 0}, "daily_cap", "Write a whole number from 1 to 200."),
            ({"kinds": ("rumour",)}, "kinds", "There are no sources of the kind “rumour”."),
            ({"name": "x" * 161}, "name", "A name has at most 160 characters."),
        ],
    )
    def test_of_a_watch(self, changed: dict[str, Any], field: str, sentence: str) -> None:
        assert watch_problems(replace(WATCH, **changed), Surroundings()) == {field: sentence}

    def test_a_digest_of_the_same_subjects(self) -> None:
        other = digest_of(replace(DIGEST, topics=("Fisheries",)), None, ANNA, NOW)
        found = digest_problems(DIGEST, Surroundings([other], person=False))
        assert found["topics"].startswith("This channel has a digest on fisheries already")

    def test_a_watch_of_the_same_name(self) -> None:
        other = watch_of(replace(WATCH, name="GHARYAN"), None, ANNA, NOW)
        assert watch_problems(WATCH, Surroundings([other])) == {
            "name": "You have a watch called “Gharyan” already; choose another name."
        }

    def test_as_many_as_there_may_be(self) -> None:
        digest = digest_of(replace(DIGEST, topics=("other",)), None, ANNA, NOW)
        full = Surroundings([digest] * MOST_SUBSCRIPTIONS)
        assert "remove one of them first" in digest_problems(DIGEST, full)["topics"]
        watch = watch_of(replace(WATCH, name="other"), None, ANNA, NOW)
        assert "remove one" in watch_problems(WATCH, Surroundings([watch] * MOST_WATCHES))["name"]

    def test_what_was_stored_before_is_no_problem(self) -> None:
        """A place or source that somebody named on the command line, or that is read no more."""
        draft = replace(DIGEST, places=("Benghazi",), sources=("Gone Gazette",))
        stored = digest_of(draft, None, ANNA, NOW)
        assert digest_problems(draft, Surroundings(stored=stored)) == {}


class TestWhatIsKept:
    def test_a_topic_that_is_a_country_is_a_place(self) -> None:
        draft = replace(DIGEST, topics=("Libya", "fisheries", "the Sudan"), places=("LY",))
        assert draft.interests == Interests(("fisheries",), ("LY", "SD"))

    def test_words_that_are_all_countries_are_places(self) -> None:
        assert replace(WATCH, words=("Libya", "Sudan")).criteria == Criteria(places=("LY", "SD"))
        assert replace(WATCH, words=("Libya", "wheat")).criteria.words == ("Libya", "wheat")

    def test_a_watch_without_a_name_is_called_after_what_it_looks_for(self) -> None:
        assert replace(WATCH, name="", words=("Haftar", "Serraj")).called == "Haftar and Serraj"
        assert replace(WATCH, name="", words=(), places=("LY",)).called == "Libya"

    def test_a_given_name_stays_and_one_that_told_the_subjects_follows_them(self) -> None:
        stored = digest_of(DIGEST, None, ANNA, NOW)
        changed = replace(DIGEST, topics=("harbours",))
        assert digest_of(changed, stored, ANNA, NOW).name == "harbours"
        assert digest_of(changed, replace(stored, name="Mine"), ANNA, NOW).name == "Mine"

    def test_the_same_form_keeps_the_same_digest_whenever_it_comes(self) -> None:
        first = digest_of(DIGEST, None, ANNA, NOW)
        assert digest_of(DIGEST, None, ANNA, NOW).id == first.id
        assert digest_of(DIGEST, None, replace(ANNA, request="form:V2"), NOW).id != first.id

    def test_for_another_reader_it_is_another_one(self) -> None:
        digest = digest_of(DIGEST, None, ANNA, NOW)
        moved = digest_of(DIGEST, digest, PRESS, NOW)
        assert moved.id != digest.id
        assert (moved.reader, moved.channel, moved.created_by) == ("C1", "C1", "U1")
        watch = watch_of(WATCH, None, ANNA, NOW)
        assert watch_of(WATCH, watch, PRESS, NOW).id != watch.id
        assert watch_of(WATCH, watch, ANNA, NOW) == watch

    @given(digests)
    def test_what_is_stored_is_what_the_form_of_it_keeps(self, draft: DigestDraft) -> None:
        reader = PRESS if draft.channel else ANNA
        stored: Subscription = digest_of(draft, None, reader, NOW)
        assert digest_of(digest_draft(stored), stored, reader, NOW) == stored

    @given(watches)
    def test_and_so_for_a_watch(self, draft: WatchDraft) -> None:
        reader = PRESS if draft.channel else ANNA
        stored: Watch = watch_of(draft, None, reader, NOW)
        assert watch_of(watch_draft(stored), stored, reader, NOW) == stored

    def test_a_fingerprint_tells_every_change_but_the_clocks(self) -> None:
        stored = digest_of(DIGEST, None, ANNA, NOW)
        assert fingerprint(replace(stored, active_from=NOW)) == fingerprint(stored)
        assert fingerprint(replace(stored, paused=True)) != fingerprint(stored)
        watch = watch_of(WATCH, None, ANNA, NOW)
        assert fingerprint(replace(watch, daily_cap=3)) != fingerprint(watch)
