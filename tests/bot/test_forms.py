"""What a submitted form means: drafts, what is wrong with them, what is kept."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.clock import DAYS
from bot.commands.digests import MOST_SUBSCRIPTIONS, interests_of
from bot.commands.replies import Reader
from bot.commands.watches import MOST_WATCHES
from bot.home.forms import (
    Origin,
    Surroundings,
    called,
    criteria_of,
    digest_of,
    digest_problems,
    entered_digest,
    entered_watch,
    fingerprint,
    origin_of,
    watch_of,
    watch_problems,
)
from bot.home.views import digest_form, watch_form
from bot.records import Subscription, SubscriptionDraft, Watch, WatchDraft
from corpus.articles import SourceKind
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.fakes.block_kit import view_problems
from tests.fakes.slack_payloads import view_state

NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
ANNA = Reader("U1", "U1", "U1", "Europe/Paris", "form:V1")
PRESS = Reader("C1", "C1", "U1", "Europe/Paris", "form:V1", shared=True)
DIGEST = SubscriptionDraft(
    "07:30", ("mon",), "Europe/Paris", Interests(("fisheries",)), Interests().length
)
WATCH = WatchDraft("Gharyan", Criteria(("Gharyan",)), "Europe/Paris", daily_cap=20)

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
    SubscriptionDraft,
    at=times,
    zone=zones,
    days=some.sets(some.sampled_from(DAYS), min_size=1).map(
        lambda days: tuple(day for day in DAYS if day in days)
    ),
    interests=some.builds(Interests, topics=items, places=places, sources=items),
    length=some.integers(1, 20),
    channel=some.none() | some.just("C1"),
    paused=some.booleans(),
)
watches = some.builds(
    WatchDraft,
    name=some.text(some.characters(categories=("L", "N")), min_size=1, max_size=20),
    zone=zones,
    criteria=some.builds(
        Criteria,
        words=items,
        aliases=items,
        actors=items,
        places=places,
        sources=items,
        kinds=some.sets(some.sampled_from(SourceKind)).map(
            lambda kinds: tuple(kind.value for kind in SourceKind if kind in kinds)
        ),
    ),
    quiet_from=times,
    quiet_to=times,
    daily_cap=some.integers(1, 200),
    channel=some.none() | some.just("C1"),
    paused=some.booleans(),
)


def changed(draft: Any, **values: Any) -> Any:
    """A draft with other values, those of what it is about among them."""
    held = "interests" if isinstance(draft, SubscriptionDraft) else "criteria"
    names = {one.name for one in fields(draft)}
    about = {name: value for name, value in values.items() if name not in names}
    own = {name: value for name, value in values.items() if name in names}
    return replace(draft, **own, **{held: replace(getattr(draft, held), **about)})


def values_of(view: dict[str, Any]) -> Any:
    """What Slack sends back of a form that nobody touched."""
    return view_state(view, {})["values"]


class TestWhatIsShownComesBack:
    @given(digests)
    def test_of_a_digest(self, draft: SubscriptionDraft) -> None:
        view = digest_form(draft, Origin().text, new=True)
        assert view_problems(view) == []
        assert entered_digest(values_of(view)) == draft

    @given(watches)
    def test_of_a_watch(self, draft: WatchDraft) -> None:
        view = watch_form(draft, Origin().text, new=True)
        assert view_problems(view) == []
        assert entered_watch(values_of(view)) == draft

    def test_items_that_hold_commas_or_and_stay_whole(self) -> None:
        draft = changed(DIGEST, topics=("war and peace", "a, b", "plain"))
        assert (
            entered_digest(values_of(digest_form(draft, "{}", new=True))).interests
            == draft.interests
        )

    def test_names_from_elsewhere_are_no_formatting(self) -> None:
        bad = "<!channel> *b* <https://evil.example|here>"
        draft = changed(WATCH, name=bad, words=(bad,), sources=(bad,))
        assert view_problems(watch_form(draft, "{}", new=True)) == []

    def test_the_origin_of_a_form(self) -> None:
        origin = Origin("d1", "abc", "C1", {"watches": 2})
        assert origin_of(origin.text) == origin


class TestProblems:
    @pytest.mark.parametrize("at", ["25:99", "24:00", "7:30", "07:30:00", "0٧:٣٠", "half past"])
    def test_of_a_time_that_slack_cannot_send(self, at: str) -> None:
        assert set(digest_problems(changed(DIGEST, at=at), Surroundings())) == {"at"}
        quiet = changed(WATCH, quiet_from=at, quiet_to="07:00")
        assert set(watch_problems(quiet, Surroundings())) == {"quiet_from"}

    def test_none(self) -> None:
        assert digest_problems(DIGEST, Surroundings()) == {}
        assert watch_problems(WATCH, Surroundings()) == {}

    @pytest.mark.parametrize(
        ("values", "field", "sentence"),
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
    def test_of_a_digest(self, values: dict[str, Any], field: str, sentence: str) -> None:
        assert digest_problems(changed(DIGEST, **values), Surroundings()) == {field: sentence}

    @pytest.mark.parametrize(
        ("values", "field", "sentence"),
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
    def test_of_a_watch(self, values: dict[str, Any], field: str, sentence: str) -> None:
        assert watch_problems(changed(WATCH, **values), Surroundings()) == {field: sentence}

    def test_a_digest_of_the_same_subjects(self) -> None:
        other = digest_of(changed(DIGEST, topics=("Fisheries",)), None, ANNA, NOW)
        found = digest_problems(DIGEST, Surroundings([other], person=False))
        assert found["topics"].startswith("This channel has a digest on fisheries already")

    def test_a_watch_of_the_same_name(self) -> None:
        other = watch_of(changed(WATCH, name="GHARYAN"), None, ANNA, NOW)
        assert watch_problems(WATCH, Surroundings([other])) == {
            "name": "You have a watch called “Gharyan” already; choose another name."
        }

    def test_as_many_as_there_may_be(self) -> None:
        digest = digest_of(changed(DIGEST, topics=("other",)), None, ANNA, NOW)
        full = Surroundings([digest] * MOST_SUBSCRIPTIONS)
        assert "remove one of them first" in digest_problems(DIGEST, full)["topics"]
        watch = watch_of(changed(WATCH, name="other"), None, ANNA, NOW)
        assert "remove one" in watch_problems(WATCH, Surroundings([watch] * MOST_WATCHES))["name"]

    def test_what_was_stored_before_is_no_problem(self) -> None:
        """A place or source that somebody named on the command line, or that is read no more."""
        draft = changed(DIGEST, places=("Benghazi",), sources=("Gone Gazette",))
        stored = digest_of(draft, None, ANNA, NOW)
        assert digest_problems(draft, Surroundings(stored=stored)) == {}


class TestWhatIsKept:
    def test_a_topic_that_is_a_country_is_a_place(self) -> None:
        draft = changed(DIGEST, topics=("Libya", "fisheries", "the Sudan"), places=("LY",))
        assert interests_of(draft) == Interests(("fisheries",), ("LY", "SD"))

    def test_words_that_are_all_countries_are_places(self) -> None:
        both = changed(WATCH, words=("Libya", "Sudan"))
        assert criteria_of(both) == Criteria(places=("LY", "SD"))
        assert criteria_of(changed(WATCH, words=("Libya", "wheat"))).words == ("Libya", "wheat")

    def test_a_watch_without_a_name_is_called_after_what_it_looks_for(self) -> None:
        assert called(changed(WATCH, name="", words=("Haftar", "Serraj"))) == "Haftar and Serraj"
        assert called(changed(WATCH, name="", words=(), places=("LY",))) == "Libya"

    def test_a_given_name_stays_and_one_that_told_the_subjects_follows_them(self) -> None:
        stored = digest_of(DIGEST, None, ANNA, NOW)
        other = changed(DIGEST, topics=("harbours",))
        assert digest_of(other, stored, ANNA, NOW).name == "harbours"
        assert digest_of(other, replace(stored, name="Mine"), ANNA, NOW).name == "Mine"

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
    def test_what_is_stored_is_what_the_form_of_it_keeps(self, draft: SubscriptionDraft) -> None:
        reader = PRESS if draft.channel else ANNA
        stored: Subscription = digest_of(draft, None, reader, NOW)
        assert digest_of(stored.draft, stored, reader, NOW) == stored

    @given(watches)
    def test_and_so_for_a_watch(self, draft: WatchDraft) -> None:
        reader = PRESS if draft.channel else ANNA
        stored: Watch = watch_of(draft, None, reader, NOW)
        assert watch_of(stored.draft, stored, reader, NOW) == stored

    def test_a_fingerprint_tells_every_change_but_the_clocks(self) -> None:
        stored = digest_of(DIGEST, None, ANNA, NOW)
        assert fingerprint(replace(stored, active_from=NOW)) == fingerprint(stored)
        assert fingerprint(replace(stored, paused=True)) != fingerprint(stored)
        watch = watch_of(WATCH, None, ANNA, NOW)
        assert fingerprint(replace(watch, daily_cap=3)) != fingerprint(watch)
