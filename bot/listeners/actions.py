"""Buttons under what was posted."""

from __future__ import annotations

import logging
import re
from typing import Any

from slack_bolt import Ack, App

from bot.alert_blocks import MUTE_STORY
from bot.blocks import SHOW_PARAGRAPHS
from bot.conversation import Conversation
from bot.incoming import Asked, Identity, meaning_of_click
from bot.rich_text import SAY

log = logging.getLogger("chancery.listeners")


def register(app: App, conversation: Conversation, me: Identity) -> None:
    def show_paragraphs(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        conversation.show_paragraphs(
            str(action["value"]),
            str(body["trigger_id"]),
            str(body["channel"]["id"]),
            str(body["user"]["id"]),
        )

    def say(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        meaning = meaning_of_click(body, action, me)
        if isinstance(meaning, Asked):
            conversation.answer(meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    def mute_story(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        meaning = meaning_of_click(body, action, me)
        if isinstance(meaning, Asked):
            conversation.mute_story(str(action.get("value") or ""), meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    app.action(SHOW_PARAGRAPHS)(show_paragraphs)
    app.action(re.compile(rf"{re.escape(SAY)}.*"))(say)
    app.action(MUTE_STORY)(mute_story)
