"""*Copy as cable*: its button, and the one in its modal that sends a file."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.rendering.cable_view import SEND_FILE
from bot.rendering.rich_text import COPY_CABLE
from bot.slack.modals import click_of
from bot.surfaces.together import Surfaces


def register(app: App, surfaces: Surfaces) -> None:
    def show(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.cables.show(click_of(body, action))

    def send_file(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.cables.send_file(click_of(body, action))

    app.action(COPY_CABLE)(show)
    app.action(SEND_FILE)(send_file)
