"""*Show paragraphs*: its button, and what is clicked in its modal."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.rendering.paragraph_view import MORE, TURN_TO
from bot.rendering.rich_text import SHOW_PARAGRAPHS
from bot.slack.modals import click_of
from bot.surfaces.together import Surfaces


def register(app: App, surfaces: Surfaces) -> None:
    def show(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.paragraphs.show(click_of(body, action))

    def turn_to(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.paragraphs.turn_to(click_of(body, action))

    def widen(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.paragraphs.widen(click_of(body, action))

    app.action(SHOW_PARAGRAPHS)(show)
    app.action(re.compile(rf"{re.escape(TURN_TO)}.*"))(turn_to)
    app.action(MORE)(widen)
