"""Who people are: profiles as users.info gives them, remembered, and what holds without one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.failures import SlackError, SlackRefused
from bot.slack.events import Identity
from bot.slack.people import KEPT_FOR, People, Person, person_of, unknown_person
from tests.conftest import NOW

ME = Identity("U0CHANCERY", "B0CHANCERY", "T0LOCAL")
IN_ORGANISATION = Identity("U0CHANCERY", "B0CHANCERY", "T0LOCAL", "E0ORG")
FOR_ORGANISATION = Identity("U0CHANCERY", "B0CHANCERY", "E0ORG", "E0ORG")


def profile(**fields: Any) -> dict[str, Any]:
    """The `user` of an answer of users.info."""
    return {
        "id": "U0DESK",
        "team_id": "T0LOCAL",
        "name": "desk",
        "real_name": "Amal Haddad",
        "tz": "Africa/Tripoli",
        "profile": {"display_name": "amal"},
        **fields,
    }


class Directory:
    """Profiles by user; an error in the place of one is raised, and each look-up counted."""

    def __init__(self, **held: Mapping[str, Any] | Exception) -> None:
        self.held = held
        self.asked: list[str] = []
        self.answering = threading.Event()
        self.answering.set()

    def profile(self, user: str) -> Mapping[str, Any]:
        self.asked.append(user)
        self.answering.wait(60)
        found = self.held[user]
        if isinstance(found, Exception):
            raise found
        return found


class TestProfile:
    def test_names_zone_and_workspace(self) -> None:
        assert person_of(profile(), ME) == Person("U0DESK", "amal", "T0LOCAL", "Africa/Tripoli")

    @pytest.mark.parametrize(
        ("names", "shown"),
        [
            ({"profile": {"display_name": ""}}, "Amal Haddad"),
            ({"profile": {}, "real_name": None}, "desk"),
            ({"profile": {"display_name": "Amal\n  Haddad"}}, "Amal Haddad"),
        ],
    )
    def test_is_called_as_slack_shows_them(self, names: dict[str, Any], shown: str) -> None:
        assert person_of(profile(**names), ME).name == shown

    @pytest.mark.parametrize("zone", [None, "", "Mars/Olympus"])
    def test_has_utc_where_the_zone_is_none(self, zone: str | None) -> None:
        assert person_of(profile(tz=zone), ME).zone == "UTC"

    @pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted"])
    def test_knows_guests(self, flag: str) -> None:
        assert person_of(profile(**{flag: True}), ME).guest

    @pytest.mark.parametrize("flag", ["is_admin", "is_owner", "is_primary_owner"])
    def test_knows_who_runs_the_workspace(self, flag: str) -> None:
        assert person_of(profile(**{flag: True}), ME).admin

    def test_takes_nobody_for_an_admin_who_runs_another_workspace(self) -> None:
        found = person_of(profile(team_id="T0ELSEWHERE", is_admin=True, is_owner=True), ME)
        assert found.external
        assert not found.admin

    @pytest.mark.parametrize("fields", [{"deleted": True}, {"is_bot": True}, {"id": "USLACKBOT"}])
    def test_knows_accounts_that_nobody_uses(self, fields: dict[str, Any]) -> None:
        assert not person_of(profile(**fields), ME).active


class TestOrganisation:
    def test_a_member_of_several_workspaces_belongs_to_each(self) -> None:
        both = {"enterprise_id": "E0ORG", "teams": ["T0OTHER", "T0LOCAL"]}
        found = person_of(profile(team_id="T0OTHER", enterprise_user=both), IN_ORGANISATION)
        assert not found.external
        assert found.enterprise == "E0ORG"

    def test_a_member_of_another_workspace_of_it_is_external(self) -> None:
        other = {"enterprise_id": "E0ORG", "teams": ["T0OTHER"]}
        found = person_of(profile(team_id="T0OTHER", enterprise_user=other), IN_ORGANISATION)
        assert found.external

    def test_all_its_members_are_ours_where_the_app_is_installed_for_the_whole(self) -> None:
        other = {"enterprise_id": "E0ORG", "teams": ["T0OTHER"]}
        found = person_of(profile(team_id="T0OTHER", enterprise_user=other), FOR_ORGANISATION)
        assert not found.external


class TestWithoutProfile:
    def test_the_workspace_that_the_payload_names_decides(self) -> None:
        assert unknown_person("U0X", "T0ELSEWHERE", ME).external
        assert not unknown_person("U0X", "T0LOCAL", ME).external
        assert not unknown_person("U0X", None, ME).external

    def test_nobody_is_an_admin_and_the_zone_is_utc(self) -> None:
        found = unknown_person("U0X", "T0LOCAL", ME)
        assert (found.admin, found.zone, found.known) == (False, "UTC", False)


class TestPeople:
    def test_a_profile_is_read_once_an_hour(self) -> None:
        now = [NOW]
        directory = Directory(U0DESK=profile())
        people = People(directory, lambda: now[0], ME)
        assert people.person("U0DESK").zone == "Africa/Tripoli"
        now[0] += KEPT_FOR - timedelta(seconds=1)
        people.person("U0DESK")
        assert directory.asked == ["U0DESK"]
        directory.held["U0DESK"] = profile(tz="Asia/Beirut")
        now[0] += timedelta(seconds=1)
        assert people.person("U0DESK").zone == "Asia/Beirut"
        assert directory.asked == ["U0DESK"] * 2

    def test_one_that_cannot_be_read_is_asked_again(self) -> None:
        directory = Directory(U0DESK=SlackError("down"))
        people = People(directory, lambda: NOW, ME)
        found = people.person("U0DESK", team="T0LOCAL")
        assert (found.known, found.external, found.zone) == (False, False, "UTC")
        assert people.person("U0DESK", team="T0ELSEWHERE").external
        directory.held["U0DESK"] = profile()
        assert people.person("U0DESK").known

    def test_whom_slack_does_not_know_here_is_external_unless_the_payload_says_ours(self) -> None:
        directory = Directory(U0X=SlackRefused("users.info", "user_not_visible"))
        people = People(directory, lambda: NOW, ME)
        assert people.person("U0X").external
        assert people.person("U0X", team="T0ELSEWHERE").external
        assert not people.person("U0X", team="T0LOCAL").external

    def test_a_limit_of_slack_makes_nobody_a_stranger(self) -> None:
        directory = Directory(U0X=SlackRefused("users.info", "ratelimited", 30))
        assert not People(directory, lambda: NOW, ME).person("U0X").external

    def test_who_cannot_wait_goes_without_and_the_profile_is_there_next_time(self) -> None:
        directory = Directory(U0DESK=profile())
        people = People(directory, lambda: NOW, ME)
        directory.answering.clear()
        assert not people.person("U0DESK", within=0.01).known
        assert not people.person("U0DESK", within=0.01).known
        directory.answering.set()
        assert people.person("U0DESK").known
        assert directory.asked == ["U0DESK"], "one request is under way for all who wait"

    def test_a_failure_that_is_no_answer_of_slack_is_not_the_end(self) -> None:
        directory = Directory(U0DESK=ValueError("no JSON"))
        people = People(directory, lambda: NOW, ME)
        with pytest.raises(ValueError, match="no JSON"):
            people.person("U0DESK")
        directory.held["U0DESK"] = profile()
        assert people.person("U0DESK").known
