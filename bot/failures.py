"""What can go wrong around the answers, and owning up to it.

    BotError
    ├── SettingsError   a setting is missing or cannot be used
    ├── WorkStopped     whoever asked wants no answer any more
    └── SlackError      Slack refused a call or cannot be reached
        ├── SlackRefused        Slack answered, and said no: nothing was done
        └── SlackInterrupted    the process ended while Slack let us wait: left to the next

A failure is logged with a reference id, and the asker is told that id. Errors of `corpus` and
`retrieval` reach the front ends as they are; each front end turns all of them into one plain
sentence.
"""

from __future__ import annotations

import logging
import traceback
import uuid
from collections.abc import Callable

from bot.render.catalogues import gettext

log = logging.getLogger("chancery.conversation")


class BotError(Exception):
    """Base of all errors of this package."""


class SettingsError(BotError):
    """A setting is missing or cannot be used; the sentence names it."""


class WorkStopped(BotError):
    """Whoever asked wants no answer any more; nothing is to be said."""


class SlackError(BotError):
    """Slack refused a call or cannot be reached."""


class SlackRefused(SlackError):
    """Slack answered, and said no: nothing was done.

    `reason` is Slack's own word for it ("not_in_channel"); `retry_after` is in seconds, where Slack
    asks to be left alone so long.
    """

    def __init__(self, method: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(f"Slack refused {method}: {reason}")
        self.reason = reason
        self.retry_after = retry_after

    @property
    def of_blocks(self) -> bool:
        """Whether it is the blocks that Slack does not take ("invalid_blocks_format")."""
        return self.reason.startswith("invalid_blocks")


class SlackInterrupted(SlackError):
    """The process ended while Slack let us wait: whoever starts next begins anew."""


def own_up(error: Exception, tell: Callable[[str], None]) -> None:
    """Log a failure without what people wrote, and tell whoever waits; never raises SlackError."""
    reference = uuid.uuid4().hex[:8]
    log.error("failed, reference %s: %s", reference, trace_of(error))
    said = gettext(
        "I could not answer this (reference {reference}). Ask again in a minute; if it stays, "
        "give the reference to whoever runs me.",
        reference=reference,
    )
    try:
        tell(said)
    except SlackError as failure:
        log.error("the asker could not be told, reference %s: %s", reference, failure)


def trace_of(error: BaseException) -> str:
    """Where an error and its causes came from, without their texts, which may quote people."""
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        frames = "".join(traceback.format_tb(cause.__traceback__))
        parts.append(f"{type(cause).__name__}\n{frames}")
        cause = cause.__cause__ or cause.__context__
    return "caused by ".join(parts)
