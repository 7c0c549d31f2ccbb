"""Reading the thread in which somebody asks: what people wrote there before, and who they are."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import SlackError
from bot.slack.incoming import Asked, Identity, Place, plain_question
from bot.talk.follow_ups import is_chat

log = logging.getLogger("chancery.conversation")

MOST_LINES = 50
"""Of the end of a thread; its root is read besides."""
LONGEST_LINE = 2_000
_ANY_MENTION = re.compile(r"<[@!#][^>]*>")
_ADDRESS = re.compile(r"<(?P<target>https?://[^>|\s]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """What a person wrote in a thread: without mentions; `links` are addresses in it."""

    user: str
    ts: str
    text: str
    to_us: bool
    links: tuple[str, ...] = ()


class Threads(Protocol):
    """What reads threads: the gateway to Slack."""

    def thread(self, channel: str, thread_ts: str) -> list[dict[str, Any]]: ...


class ThreadReader:
    """Reads threads of channels; those of direct messages hold nothing that we did not answer."""

    def __init__(self, slack: Threads, me: Identity) -> None:
        self._slack = slack
        self._me = me

    def lines(self, asked: Asked) -> list[ThreadLine]:
        """What people wrote in the thread before the message, oldest first.

        The root and the last of it; nothing where the message begins the thread, or where the
        thread cannot be read.
        """
        thread = asked.reply_to
        begins = thread is None or (thread == asked.ts and asked.clicked is None)
        if begins or asked.place is Place.DIRECT or asked.response_url is not None:
            return []
        assert thread is not None
        try:
            messages = self._slack.thread(asked.channel, thread)
        except SlackError as error:
            log.info("a thread could not be read: %s", error)
            return []
        before = [one for one in messages if _before(one, asked)]
        found = [line for one in before if (line := line_of(one, self._me))]
        return found if len(found) <= MOST_LINES else [found[0], *found[-MOST_LINES + 1 :]]

    def said_before(self, asked: Asked) -> list[str]:
        """What people told each other in the thread before the message, oldest first.

        Without mere courtesies, and without what they asked us: that is kept as turns.
        """
        return [
            line.text for line in self.lines(asked) if not line.to_us and not is_chat(line.text)
        ]


def line_of(message: dict[str, Any], me: Identity) -> ThreadLine | None:
    """What a message says; None where no person wrote it."""
    user, written = message.get("user"), str(message.get("text") or "")
    if not user or user == me.user or message.get("bot_id"):
        return None
    links = tuple(dict.fromkeys(match["target"] for match in _ADDRESS.finditer(written)))
    plain = plain_question(_ANY_MENTION.sub(" ", written), me)[:LONGEST_LINE]
    to_us = f"<@{me.user}" in written
    return ThreadLine(str(user), str(message["ts"]), plain, to_us, links)


def _before(message: dict[str, Any], asked: Asked) -> bool:
    return asked.clicked is not None or float(message["ts"]) < float(asked.ts)
