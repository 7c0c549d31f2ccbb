"""The slash command, and the button that shares what it was answered."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.rendering.rich_text import SHARE
from bot.slack.modals import click_of
from bot.surfaces.commands import given_of
from bot.surfaces.together import Surfaces

COMMAND = "/chancery"


def register(app: App, surfaces: Surfaces) -> None:
    def command(ack: Ack, body: dict[str, Any]) -> None:
        given = given_of(body)
        echo = surfaces.commands.echo(given)
        if echo is None:
            ack()
        else:
            ack(text=echo.text, blocks=list(echo.blocks))
        surfaces.commands.give(given)

    def share(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.sharing.share(click_of(body, action))

    app.command(COMMAND)(command)
    app.action(SHARE)(share)
