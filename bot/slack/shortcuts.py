"""A shortcut chosen on a message: who, where, on which message, and how to answer them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Chosen:
    """A message shortcut as its payload tells of it; `message` is the message as Slack holds it."""

    user: str
    channel: str
    thread: str | None
    trigger_id: str = field(repr=False)
    response_url: str | None = field(default=None, repr=False)
    message: Mapping[str, Any] = field(default_factory=dict, repr=False)


def chosen_of(body: Mapping[str, Any]) -> Chosen:
    """What a `message_action` payload tells of."""
    message = body.get("message") or {}
    thread = message.get("thread_ts")
    url = body.get("response_url")
    return Chosen(
        user=str((body.get("user") or {}).get("id") or ""),
        channel=str((body.get("channel") or {}).get("id") or ""),
        thread=str(thread) if thread else None,
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(url) if url else None,
        message=message,
    )
