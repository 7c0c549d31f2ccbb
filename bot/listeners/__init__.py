"""What Bolt calls: each listener turns a payload into a call of one of `bot.surfaces`."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import actions, messages
from bot.surfaces import Surfaces


def register(app: App, surfaces: Surfaces) -> None:
    """Attach every listener to the app."""
    messages.register(app, surfaces)
    actions.register(app, surfaces)
