"""Buttons under answers."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.blocks import SHOW_PARAGRAPHS
from bot.conversation import Conversation


def register(app: App, conversation: Conversation) -> None:
    def show_paragraphs(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        conversation.show_paragraphs(
            str(action["value"]),
            str(body["trigger_id"]),
            str(body["channel"]["id"]),
            str(body["user"]["id"]),
        )

    app.action(SHOW_PARAGRAPHS)(show_paragraphs)
