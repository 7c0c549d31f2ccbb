"""Modals open before Slack lets go of the click, and whoever clicked is never left in silence."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from bot.failures import SlackError, SlackRefused
from bot.slack.modals import Click, Modals, click_of

WAITING, MADE = {"title": "waiting"}, {"title": "made"}
IN_CHANNEL = Click("trigger", "U0DESK", "turn", "C0PRESS", "1.2")
IN_MODAL = Click("trigger", "U0DESK", "1", view_id="V1", view_hash="seen")


class Views:
    """A Slack that notes what is shown, and refuses what a test tells it to."""

    def __init__(self, refused: dict[str, SlackError] | None = None) -> None:
        self.shown: list[tuple[str, Any]] = []
        self.told: list[tuple[str, str]] = []
        self.refused = refused or {}
        self.opened = threading.Event()

    def _show(self, how: str, view: Any) -> str:
        if how in self.refused:
            raise self.refused[how]
        self.shown.append((how, view))
        self.opened.set()
        return "V1"

    def open_view(self, _trigger: str, view: Any) -> str:
        return self._show("open", view)

    def push_view(self, _trigger: str, view: Any) -> str:
        return self._show("push", view)

    def update_view(self, view_id: str, view: Any, seen: str | None = None) -> None:
        self._show(f"update {view_id} {seen}", view)

    def tell(self, channel: str, user: str, _thread: str | None, text: str) -> None:
        self.told.append((channel, text))

    def direct_channel(self, user: str) -> str:
        return f"D{user[1:]}"

    def post(self, channel: str, _thread: str | None, messages: Any) -> str:
        self.told.append((channel, messages[0].text))
        return "1.5"


def modals(slack: Views, patience: float = 30.0) -> Modals:
    return Modals(slack, patience)  # type: ignore[arg-type]


def test_what_is_made_in_time_is_opened_at_once() -> None:
    slack = Views()
    modals(slack).open(IN_CHANNEL, lambda: MADE, WAITING)
    assert slack.shown == [("open", MADE)]


def test_what_takes_long_takes_the_place_of_a_waiting_one() -> None:
    slack = Views()

    def slow() -> dict[str, Any]:
        assert slack.opened.wait(30), "nothing was opened while it was made"
        return MADE

    modals(slack, patience=0.01).open(IN_CHANNEL, slow, WAITING)
    assert slack.shown == [("open", WAITING), ("update V1 None", MADE)]


def test_over_another_modal_it_is_laid_on_top() -> None:
    slack = Views()
    modals(slack).open(IN_MODAL, lambda: MADE, WAITING)
    assert slack.shown == [("push", MADE)]


def test_a_page_is_turned_in_the_view_that_was_clicked_in() -> None:
    slack = Views()
    modals(slack).turn(IN_MODAL, lambda: MADE)
    assert slack.shown == [("update V1 seen", MADE)]


@pytest.mark.parametrize("reason", ["hash_conflict", "not_found"])
def test_a_later_click_or_a_closed_modal_is_no_failure(reason: str) -> None:
    slack = Views({"update V1 seen": SlackRefused("views.update", reason)})
    modals(slack).turn(IN_MODAL, lambda: MADE)
    assert slack.told == []


@pytest.mark.parametrize(
    ("click", "where"),
    [
        (IN_CHANNEL, "C0PRESS"),
        (IN_MODAL, "D0DESK"),
        (Click("trigger", "U0DESK", "turn", "D0DESK"), "D0DESK"),
    ],
)
def test_a_failure_is_owned_up_to_where_it_can_be_seen(click: Click, where: str) -> None:
    slack = Views()

    def fails() -> dict[str, Any]:
        raise RuntimeError("no such table")

    modals(slack).open(click, fails, WAITING)
    modals(slack).turn(click, fails)
    assert [channel for channel, _ in slack.told] == [where, where]
    assert all("(reference " in text and "table" not in text for _, text in slack.told)


def test_a_modal_that_is_refused_is_owned_up_to() -> None:
    slack = Views({"open": SlackRefused("views.open", "expired_trigger_id")})
    modals(slack).open(IN_CHANNEL, lambda: MADE, WAITING)
    assert len(slack.told) == 1


def test_a_click_is_read_from_a_message_a_modal_and_a_home_tab() -> None:
    person = {"trigger_id": "t", "user": {"id": "U0DESK"}}
    message = {**person, "channel": {"id": "C0PRESS"}, "message": {"ts": "1.3", "thread_ts": "1.2"}}
    assert click_of(message, {"value": "turn"}) == Click("t", "U0DESK", "turn", "C0PRESS", "1.2")
    modal = {"type": "modal", "id": "V1", "hash": "h", "private_metadata": "m"}
    chosen = {"selected_option": {"value": "3"}}
    assert click_of({**person, "view": modal}, chosen) == Click(
        "t", "U0DESK", "3", None, None, "V1", "h", "m"
    )
    home = {"type": "home", "id": "V2", "hash": "h"}
    assert click_of({**person, "view": home}, {"value": "x"}).view_id is None
