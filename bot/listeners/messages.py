"""Mentions in channels, direct messages, and what is overheard in threads."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt import App

from bot.slack.incoming import Asked, Overheard, meaning_of
from bot.surfaces.together import Surfaces

log = logging.getLogger("chancery.listeners")


def register(app: App, surfaces: Surfaces) -> None:
    def heard(event: dict[str, Any]) -> None:
        meaning = meaning_of(event, surfaces.me)
        if isinstance(meaning, Overheard):
            meaning = surfaces.overhearing.asked(meaning)
        if isinstance(meaning, Asked):
            surfaces.conversation.answer(meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    app.event("app_mention")(heard)
    app.event("message")(heard)
