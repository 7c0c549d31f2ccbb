"""Mentions, direct messages, what is overheard in threads, and buttons that stand for a sentence.

The agent's messages tab gets its prompts when it is opened. An app with an agent view is told of
that by `app_home_opened`; the older `assistant_thread_started` is sent only to apps without one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.commands.intents import undressed
from bot.render.blocks import SAY
from bot.render.notes import MUTE_STORY
from bot.render.people import FORGET_ME
from bot.slack.events import (
    Asked,
    Identity,
    Ignored,
    Overheard,
    channel_in_view,
    meaning_of,
    meaning_of_click,
)
from bot.slack.modals import Click, on_click

log = logging.getLogger("chancery.listeners")


Heard = Callable[[Overheard], Asked | Ignored]
"""Takes what is overheard in a thread for a question, or tells why not."""


def register(app: App, me: Identity, answer: Callable[[Asked], None], heard: Heard) -> None:
    """Listen to what people write; `me` is who the bot is in its workspace."""

    def written(event: dict[str, Any]) -> None:
        meaning = meaning_of(event, me)
        if isinstance(meaning, Overheard):
            meaning = heard(meaning)
        if isinstance(meaning, Asked) and _is_emoji_alone(meaning):
            meaning = Ignored("emoji alone, which wants no answer")
        if isinstance(meaning, Asked):
            answer(meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    app.event("app_mention")(written)
    app.event("message")(written)


_MOST_EMOJI = 500
"""Characters; Slack writes an emoji by its name."""


def _is_emoji_alone(asked: Asked) -> bool:
    # More of them than this is a drawing, and whatever else it is, it is read as any message.
    short = 0 < len(asked.text) <= _MOST_EMOJI
    return short and not asked.files and not undressed(asked.text)


def register_clicks(
    app: App,
    me: Identity,
    answer: Callable[[Asked], None],
    mute_story: Callable[[str, Asked], None],
) -> None:
    """Listen to buttons that stand for a sentence, and to the one that mutes a story."""

    def asked(body: dict[str, Any], action: dict[str, Any], then: Callable[[Asked], None]) -> None:
        meaning = meaning_of_click(body, action, me)
        if isinstance(meaning, Asked):
            then(meaning)
        else:
            log.debug("ignored: %s", meaning.reason)

    def say(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        asked(body, action, answer)

    def mute(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        asked(body, action, lambda one: mute_story(str(action.get("value") or ""), one))

    app.action(re.compile(rf"{re.escape(SAY)}.*"))(say)
    app.action(MUTE_STORY)(mute)


def register_agent_view(
    app: App,
    suggest: Callable[[str, str], None],
    forget: Callable[[Click], None],
    stop: Callable[[str, str], None],
    sees: Callable[[str, str | None], None],
) -> None:
    """Suggest prompts where somebody opens the messages tab; forget whoever confirms it.

    `stop` ends what is done in a thread of a channel, `sees` is told what channel somebody has
    before their eyes.
    """

    def is_messages_tab(event: dict[str, Any]) -> bool:
        return event.get("tab") == "messages"

    def opened(event: dict[str, Any]) -> None:
        suggest(str(event["user"]), str(event["channel"]))

    def stopped(event: dict[str, Any]) -> None:
        # https://docs.slack.dev/reference/events/agent_session_stopped
        stop(str(event["channel"]), str(event.get("thread_ts") or ""))

    def moved(event: dict[str, Any], body: dict[str, Any]) -> None:
        # The documented event names nobody itself, but for whom it is delivered.
        given = body.get("authorizations") or ()
        people = [str(one.get("user_id") or "") for one in given if not one.get("is_bot")]
        user = event.get("user") or (people[0] if people else "")
        if user:
            sees(str(user), channel_in_view(event.get("context")))

    app.event("app_home_opened", matchers=[is_messages_tab])(opened)
    app.event("agent_session_stopped")(stopped)
    app.event("app_context_changed")(moved)
    on_click(app, FORGET_ME, forget)
