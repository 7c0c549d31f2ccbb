"""What is about to be posted, and its form in the outbox.

A composition is kept before its first message is sent, so that a crash in between leaves enough
to post the very same again, or only what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from bot.delivery.told import ToldArticle
from bot.rendering.answer_blocks import Message


class Chart(Protocol):
    """A picture and what it shows in words."""

    @property
    def png(self) -> bytes: ...

    @property
    def alt(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Composed:
    """Messages in order and what is recorded once they stand.

    `turn_id` is the turn that keeps what they cite; `told` the articles that a digest tells.
    `channel` and `thread_ts` say where, when it is not where the posting says. `chart` is shown
    apart when Slack does not take it inside a message; it is not kept.
    """

    messages: tuple[Message, ...]
    turn_id: str | None = None
    told: tuple[ToldArticle, ...] = ()
    channel: str = ""
    thread_ts: str | None = None
    chart: Chart | None = field(default=None, repr=False)
    kept_at: datetime | None = None


def as_json(composed: Composed) -> dict[str, Any]:
    """A composition without its chart, as JSON holds it."""
    return {
        "messages": [
            {"text": message.text, "blocks": list(message.blocks)} for message in composed.messages
        ],
        "turn_id": composed.turn_id,
        "told": [[one.article_id, one.version, one.story_id] for one in composed.told],
        "channel": composed.channel,
        "thread_ts": composed.thread_ts,
        "kept_at": composed.kept_at.isoformat() if composed.kept_at else None,
    }


def composed_from(document: Mapping[str, Any]) -> Composed:
    """The composition that `as_json` gave."""
    kept_at = document["kept_at"]
    return Composed(
        messages=tuple(Message(one["text"], tuple(one["blocks"])) for one in document["messages"]),
        turn_id=document["turn_id"],
        told=tuple(ToldArticle(*one) for one in document["told"]),
        channel=document["channel"],
        thread_ts=document["thread_ts"],
        kept_at=datetime.fromisoformat(kept_at) if kept_at else None,
    )


def without_images(message: Message) -> Message:
    """A message without the pictures that stand in it as blocks."""
    return replace(
        message, blocks=tuple(block for block in message.blocks if block["type"] != "image")
    )
