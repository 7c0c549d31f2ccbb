"""Who is answered: people, workspaces and channels against the settings; and who may change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.failures import SettingsError
from bot.handlers.gate import HURRIED_FOR_SECONDS, HURRIED_SECONDS, PROFILE_SECONDS, Patience
from bot.settings import load_settings
from bot.slack.events import Actor, Deed, Identity, actor_of
from bot.slack.people import Access, Person
from tests.conftest import settings_for

ME = Identity("U0CHANCERY", "B0CHANCERY", "T0LOCAL")
MEMBER = Person("U0DESK", "amal", "T0LOCAL")
GUEST = Person("U0VISITOR", "visitor", "T0LOCAL", guest=True)
OUTSIDER = Person("U0OTHER", "other", "T0ELSEWHERE", external=True)
OWNER = Person("U0OWNER", "owner", "T0LOCAL", admin=True)
RETIRED = Person("U0GONE", "gone", "T0LOCAL", active=False, admin=True)
UNKNOWN = Person("U0DESK", "", "T0LOCAL", known=False)


def access(tmp: Path = Path("."), **settings: Any) -> Access:
    names = {"U0DESK": "Amal", "U0OWNER": "Ben"}
    return Access(settings_for(tmp, **settings), lambda user: names.get(user, ""))


def may(person: Person, channel: str | None = "C0PRESS", **settings: Any) -> bool:
    return access(**settings).refusal(person, channel) is None


class TestByDefault:
    def test_the_workspace_and_its_guests_are_answered(self) -> None:
        assert may(MEMBER)
        assert may(GUEST)
        assert may(OWNER)

    def test_people_of_other_workspaces_are_not_wherever_they_are(self) -> None:
        for channel in ("C0PRESS", "D0OTHER", None):
            assert not may(OUTSIDER, channel)

    def test_nobody_is_locked_out_whose_profile_cannot_be_read(self) -> None:
        assert may(UNKNOWN)
        assert may(UNKNOWN, slack_guests=False)

    def test_deactivated_accounts_and_bots_never_are(self) -> None:
        assert not may(RETIRED, slack_people=("U0GONE",), slack_external=True)


class TestSettings:
    def test_external_people_are_answered_where_that_is_set(self) -> None:
        assert may(OUTSIDER, slack_external=True)

    def test_one_other_workspace_can_be_let_in(self) -> None:
        assert may(OUTSIDER, slack_teams=("T0ELSEWHERE",))
        assert not may(OUTSIDER, slack_teams=("T0THIRD",))
        assert may(MEMBER, slack_teams=("T0ELSEWHERE",))

    def test_a_whole_organisation_can_be_let_in(self) -> None:
        theirs = Person("U0OTHER", "other", "T0ELSEWHERE", external=True, enterprise="E0ORG")
        assert may(theirs, slack_teams=("E0ORG",))

    def test_guests_can_be_kept_out(self) -> None:
        assert not may(GUEST, slack_guests=False)
        assert may(MEMBER, slack_guests=False)

    def test_only_the_people_named_are_answered_and_the_admins(self) -> None:
        named: dict[str, Any] = {"slack_people": ("U0DESK",), "slack_admins": ("U0OWNER",)}
        assert may(MEMBER, **named)
        assert may(OWNER, **named)
        assert not may(GUEST, **named)

    def test_naming_an_outsider_does_not_let_another_workspace_in(self) -> None:
        assert not may(OUTSIDER, slack_people=("U0OTHER",))

    def test_only_the_channels_named_are_answered_in_and_direct_messages(self) -> None:
        named: dict[str, Any] = {"slack_channels": ("C0PRESS",)}
        assert may(MEMBER, "C0PRESS", **named)
        assert not may(MEMBER, "C0OTHER", **named)
        assert may(MEMBER, "D0DESK", **named)
        assert may(MEMBER, None, **named)


class TestAdmins:
    def test_are_owners_and_admins_where_nobody_is_named(self) -> None:
        assert access().is_admin(OWNER)
        assert not access().is_admin(MEMBER)

    def test_are_those_who_are_named_and_nobody_else(self) -> None:
        named = access(slack_admins=("U0DESK",))
        assert named.is_admin(MEMBER)
        assert not named.is_admin(OWNER)

    def test_are_not_those_whose_profile_cannot_be_read_unless_they_are_named(self) -> None:
        assert not access().is_admin(UNKNOWN)
        assert access(slack_admins=("U0DESK",)).is_admin(UNKNOWN)

    def test_are_not_those_who_are_not_answered(self) -> None:
        assert not access(slack_admins=("U0GONE", "U0OTHER")).is_admin(RETIRED)
        assert not access(slack_admins=("U0GONE", "U0OTHER")).is_admin(OUTSIDER)
        assert not access(slack_people=("U0DESK",)).is_admin(OWNER)


class TestSentence:
    def test_says_why_and_whom_to_ask(self) -> None:
        assert access().refusal(OUTSIDER, "C0PRESS") == (
            "I answer only people of the workspace that I work for. Its admins can change that."
        )
        assert access(slack_guests=False).refusal(GUEST, None) == (
            "I do not answer guests of this workspace. This workspace’s admins can change that."
        )

    def test_names_the_admins_where_they_are_set(self) -> None:
        told = access(slack_admins=("U0DESK", "U0OWNER")).refusal(OUTSIDER, None)
        assert told is not None
        assert told.endswith("Amal or Ben can change that.")

    def test_names_nobody_whose_name_is_not_to_be_had(self) -> None:
        told = access(slack_admins=("U0NOBODY",)).refusal(OUTSIDER, None)
        assert told is not None
        assert told.endswith("Its admins can change that.")

    def test_tells_who_is_no_admin_whom_to_ask(self) -> None:
        assert access().admin_refusal(MEMBER) == (
            "Only admins may change which sources are read. Ask an admin of this workspace."
        )
        assert access(slack_admins=("U0OWNER",)).admin_refusal(MEMBER).endswith("Ask Ben.")


class TestIds:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SLACK_CHANNELS", "#press"),
            ("SLACK_CHANNELS", "C0PRESS,press"),
            ("SLACK_PEOPLE", "@amal"),
            ("SLACK_ADMINS", "amal@ministry.example"),
            ("SLACK_TEAMS", "ministry"),
        ],
    )
    def test_a_name_in_the_place_of_an_id_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError, match=f"{name} cannot be used: .* is no Slack id"):
            load_settings()

    def test_several_are_parted_by_commas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SLACK_PEOPLE", "U0DESK, W0OTHER,")
        assert load_settings().slack_people == ("U0DESK", "W0OTHER")


MENTION = {"type": "app_mention", "user": "U0DESK", "channel": "C0PRESS", "text": "<@U0CHANCERY> x"}
CLICK = {
    "type": "block_actions",
    "user": {"id": "U0DESK", "team_id": "T0LOCAL"},
    "channel": {"id": "C0PRESS"},
    "message": {"ts": "1.2", "thread_ts": "1.1"},
    "response_url": "https://hooks.example/1",
}


FIELDS = ("event", "command", "user", "user_id", "team_id", "channel", "view", "message", "type")
OF_EVENTS = ("type", "user", "channel", "text", "thread_ts", "assistant_thread", "team", "tab")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda held: st.lists(held, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), held),
    max_leaves=4,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), JUNK) | st.fixed_dictionaries(
    {"event": st.dictionaries(st.sampled_from(OF_EVENTS), JUNK)}
)


class TestActor:
    @pytest.mark.parametrize(
        ("body", "deed"),
        [
            ({"event": MENTION}, Deed.MENTIONED),
            ({"event": {**MENTION, "type": "message"}}, Deed.MENTIONED),
            ({"event": {**MENTION, "type": "message", "text": "hm"}}, Deed.WROTE_AT_TOP),
            (
                {"event": {**MENTION, "type": "message", "text": "hm", "thread_ts": "1.1"}},
                Deed.WROTE_IN_THREAD,
            ),
            (
                {"event": {**MENTION, "type": "message", "channel": "D0DESK"}},
                Deed.WROTE_DIRECTLY,
            ),
            ({"event": {"type": "app_home_opened", "user": "U0DESK"}}, Deed.OPENED_HOME),
            (
                {"event": {"type": "app_home_opened", "user": "U0DESK", "tab": "messages"}},
                Deed.OTHER,
            ),
            ({"event": {"type": "reaction_added", "user": "U0DESK"}}, Deed.OTHER),
            ({"event": {"type": "team_join", "user": {"id": "U0DESK"}}}, Deed.OTHER),
            (
                {
                    "event": {
                        "type": "assistant_thread_started",
                        "assistant_thread": {"user_id": "U0DESK", "channel_id": "D0DESK"},
                    }
                },
                Deed.OTHER,
            ),
            ({"command": "/chancery", "user_id": "U0DESK"}, Deed.COMMANDED),
            (CLICK, Deed.CLICKED_MESSAGE),
            ({**CLICK, "view": {"type": "modal", "id": "V1"}}, Deed.CLICKED_MODAL),
            ({**CLICK, "view": {"type": "home", "id": "V1"}}, Deed.OPENED_HOME),
            ({**CLICK, "type": "view_submission"}, Deed.SUBMITTED),
            ({**CLICK, "type": "view_closed"}, Deed.OTHER),
            ({**CLICK, "type": "shortcut"}, Deed.CHOSE_SHORTCUT),
            ({**CLICK, "type": "message_action"}, Deed.CHOSE_SHORTCUT),
            ({**CLICK, "type": "block_suggestion"}, Deed.ASKED_FOR_OPTIONS),
        ],
    )
    def test_is_whoever_did_something(self, body: dict[str, Any], deed: Deed) -> None:
        actor = actor_of(body, ME)
        assert actor is not None
        assert (actor.user, actor.deed) == ("U0DESK", deed)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"type": "url_verification", "challenge": "x"},
            {"event": {**MENTION, "user": None}},
            {"event": {**MENTION, "bot_id": "B0OTHER"}},
            {"event": {**MENTION, "user": "U0CHANCERY"}},
            {"event": {"type": "message", "subtype": "message_deleted", "channel": "C0PRESS"}},
            {"type": "block_actions", "user": {}},
        ],
    )
    def test_is_nobody_where_no_person_did_anything(self, body: dict[str, Any]) -> None:
        assert actor_of(body, ME) is None

    @given(body=BODIES)
    def test_is_somebody_or_nobody_whatever_a_payload_holds(self, body: dict[str, Any]) -> None:
        actor = actor_of(body, ME)
        assert actor is None or actor.user

    def test_carries_the_ways_to_answer(self) -> None:
        assert actor_of(CLICK, ME) == Actor(
            "U0DESK",
            Deed.CLICKED_MESSAGE,
            team="T0LOCAL",
            channel="C0PRESS",
            thread_ts="1.1",
            response_url="https://hooks.example/1",
        )

    def test_names_the_workspace_of_whoever_wrote_in_a_shared_channel(self) -> None:
        event = {**MENTION, "team": "T0LOCAL", "user_team": "T0ELSEWHERE"}
        actor = actor_of({"event": event, "team_id": "T0LOCAL"}, ME)
        assert actor is not None
        assert actor.team == "T0ELSEWHERE"


class TestPatience:
    """How long the gate waits for a profile before the payload's own word decides."""

    def test_is_short_for_a_while_after_a_profile_came_too_late(self) -> None:
        patience = Patience()
        patience.note(100.0, known=True)
        assert patience.seconds(100.0) == PROFILE_SECONDS
        patience.note(100.0, known=False)
        assert patience.seconds(100.0) == HURRIED_SECONDS

    def test_is_long_again_after_that_however_many_came_too_late_meanwhile(self) -> None:
        patience = Patience()
        for second in range(30):
            patience.note(float(second), known=False)
        assert patience.seconds(HURRIED_FOR_SECONDS) == PROFILE_SECONDS
