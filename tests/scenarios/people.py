"""Who asks, where, and how a test reads what they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.fakes.slack import LocalSlack
from tests.fakes.slack_observation import PATIENCE as PATIENCE
from tests.fakes.slack_workspace import Delivery

CHANNEL, DESK, COLLEAGUE, GUEST = "C0PRESS", "U0DESK", "U0COLLEAGUE", "U0GUEST"
QUESTION = "What did Guterres say about a military solution in Libya?"
MAKING = ("Looking up the paragraphs…", "Writing the cable…", "One moment …")
"""What modals say until they are made, where that takes long."""
UNANSWERABLE = "How many tons of wheat did Egypt import in March 2019?"


def elements(rendered: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Elements of a type, in reading order, however deep they stand."""
    if isinstance(rendered, dict):
        if rendered.get("type") == kind:
            yield rendered
        for held in rendered.values():
            yield from elements(held, kind)
    elif isinstance(rendered, list | tuple):
        for held in rendered:
            yield from elements(held, kind)


def text_of(rendered: Any) -> str:
    """Everything that a reader of blocks sees, in order."""
    if isinstance(rendered, dict):
        own = rendered.get("text")
        if isinstance(own, str):
            return own
        return "".join(text_of(held) for name, held in rendered.items() if name != "type")
    if isinstance(rendered, list | tuple):
        return "".join(text_of(held) for held in rendered)
    return ""


def is_answer(message: dict[str, Any]) -> bool:
    """Whether a message carries citations: marks that are links."""
    return any(link["text"].startswith("[") for link in elements(message["blocks"], "link"))


def direct_answers(slack: LocalSlack, user: str, after: str | None) -> list[dict[str, Any]]:
    """What the bot wrote to a person directly after a message.

    Answers stand in the threads of that person's messages; those that begin with the bot's own
    (the further articles of an alert) are left out.
    """
    held = slack.messages(slack.direct_channel(user))
    ours = {one["ts"] for one in held if one.get("bot_id") == slack.identity.bot_id}
    finished = {one["ts"] for one in held if one["ts"] not in slack.streaming}
    return [
        one
        for one in held
        if one["ts"] in ours & finished
        and one["ts"] > (after or "")
        and one.get("thread_ts") not in ours
    ]


def new_modal(slack: LocalSlack, before: set[str], what: str = "a modal") -> dict[str, Any]:
    """The modal that was opened since, once it shows what it was opened for."""

    def there() -> list[dict[str, Any]]:
        new = [view for name, view in slack.views.items() if name not in before]
        modals = [view for view in new if view["type"] == "modal"]
        return [view for view in modals if not text_of(view["blocks"]).startswith(MAKING)]

    return slack.wait_for(there, PATIENCE, what)[-1]


def settle(slack: LocalSlack) -> None:
    """Until whatever was delivered before has had its turn: two later questions were answered."""
    for _ in range(2):
        asked = slack.mention(CHANNEL, COLLEAGUE, QUESTION)
        slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def answers(slack: LocalSlack, asked: Delivery) -> list[dict[str, Any]]:
    """All replies to a question in its thread."""
    assert asked.channel is not None
    assert asked.thread_ts is not None
    return slack.replies(asked.channel, asked.thread_ts)
