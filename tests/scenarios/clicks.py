"""Clicks that open modals and turn their pages, and what they then show."""

from __future__ import annotations

from typing import Any

from tests.fakes import block_kit
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, new_modal

View = dict[str, Any]


def asked(slack: LocalSlack, question: str, user: str = DESK) -> dict[str, Any]:
    """The answer to a question in the channel."""
    written = slack.mention(CHANNEL, user, question)
    return slack.wait_for_reply(CHANNEL, written.ts, PATIENCE)


def opened(
    slack: LocalSlack, message: dict[str, Any], action_id: str, user: str = DESK, **clicked: Any
) -> View:
    """The modal that a click on a button opens, one that Slack accepts; it stays open."""
    before = set(slack.views)
    slack.click(user, message, action_id, **clicked)
    return accepted(new_modal(slack, before, f"a modal of {action_id}"))


def turned(
    slack: LocalSlack, view: View, action_id: str, value: Any = None, user: str = DESK
) -> View:
    """What stands in the place of a view after a click in it."""
    slack.click(user, view, action_id, value)
    slack.wait_for(lambda: slack.views[view["id"]]["hash"] != view["hash"], PATIENCE)
    return accepted(slack.views[view["id"]])


def accepted(view: View) -> View:
    names = ("type", "title", "submit", "close", "blocks", "private_metadata", "callback_id")
    assert block_kit.view_problems({name: view[name] for name in names if name in view}) == []
    return view
