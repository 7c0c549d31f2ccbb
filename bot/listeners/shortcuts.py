"""Shortcuts on messages."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.slack.shortcuts import chosen_of
from bot.surfaces.together import Surfaces

ADD_TO_CORPUS = "add_to_corpus"
CHECK_CLAIMS = "check_claims"


def register(app: App, surfaces: Surfaces) -> None:
    def add_to_corpus(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        surfaces.shortcuts.add_to_corpus(chosen_of(body))

    def check_claims(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        surfaces.shortcuts.check_claims(chosen_of(body))

    app.shortcut({"type": "message_action", "callback_id": ADD_TO_CORPUS})(add_to_corpus)
    app.shortcut({"type": "message_action", "callback_id": CHECK_CLAIMS})(check_claims)
