"""The agent's messages tab: its prompts when it is opened, and the button that forgets somebody.

An app with an agent view is told by `app_home_opened` that somebody opens its messages; the older
`assistant_thread_started` is sent only to apps that have no such view.
"""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.rendering.forget_blocks import FORGET_ME
from bot.slack.modals import click_of
from bot.surfaces.together import Surfaces


def register(app: App, surfaces: Surfaces) -> None:
    def is_messages_tab(event: dict[str, Any]) -> bool:
        return event.get("tab") == "messages"

    def opened(event: dict[str, Any]) -> None:
        surfaces.agent.suggest(str(event["user"]), str(event["channel"]))

    def forget_me(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.forgetting.confirmed(click_of(body, action))

    app.event("app_home_opened", matchers=[is_messages_tab])(opened)
    app.action(FORGET_ME)(forget_me)
