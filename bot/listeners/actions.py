"""Buttons that stand for a sentence, and the one that mutes a story."""

from __future__ import annotations

import logging
import re
from typing import Any

from slack_bolt import Ack, App

from bot.rendering.alert_blocks import MUTE_STORY
from bot.rendering.rich_text import SAY
from bot.slack.incoming import Asked, meaning_of_click
from bot.surfaces.together import Surfaces

log = logging.getLogger("chancery.listeners")


def register(app: App, surfaces: Surfaces) -> None:
    def say(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        meaning = meaning_of_click(body, action, surfaces.me)
        if isinstance(meaning, Asked):
            surfaces.conversation.answer(meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    def mute_story(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        meaning = meaning_of_click(body, action, surfaces.me)
        if isinstance(meaning, Asked):
            surfaces.conversation.mute_story(str(action.get("value") or ""), meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    app.action(re.compile(rf"{re.escape(SAY)}.*"))(say)
    app.action(MUTE_STORY)(mute_story)
