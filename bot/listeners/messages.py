"""Mentions in channels and direct messages."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt import App

from bot.conversation import Conversation
from bot.incoming import Asked, Identity, meaning_of

log = logging.getLogger("chancery.listeners")


def register(app: App, conversation: Conversation, me: Identity) -> None:
    def heard(event: dict[str, Any]) -> None:
        meaning = meaning_of(event, me)
        if isinstance(meaning, Asked):
            conversation.answer(meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    app.event("app_mention")(heard)
    app.event("message")(heard)
