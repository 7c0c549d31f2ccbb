"""What Bolt calls: each listener turns a payload into a call of `bot.conversation`."""

from __future__ import annotations

from slack_bolt import App

from bot.conversation import Conversation
from bot.incoming import Identity
from bot.listeners import actions, messages


def register(app: App, conversation: Conversation, me: Identity) -> None:
    """Attach every listener to the app."""
    messages.register(app, conversation, me)
    actions.register(app, conversation, me)
