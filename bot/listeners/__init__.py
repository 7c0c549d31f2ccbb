"""What Bolt calls: each listener turns a payload into a call of one of `bot.surfaces.together`."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import (
    actions,
    agent,
    cables,
    commands,
    feedback,
    gate,
    home,
    messages,
    paragraphs,
    shortcuts,
    sources,
)
from bot.surfaces.together import Surfaces


def register(app: App, surfaces: Surfaces) -> None:
    """Attach every listener to the app."""
    gate.register(app, surfaces)
    messages.register(app, surfaces)
    actions.register(app, surfaces)
    paragraphs.register(app, surfaces)
    cables.register(app, surfaces)
    feedback.register(app, surfaces)
    agent.register(app, surfaces)
    home.register(app, surfaces)
    sources.register(app, surfaces)
    shortcuts.register(app, surfaces)
    commands.register(app, surfaces)
