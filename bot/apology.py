"""Owning up to a failure: logged with a reference id, and the asker is told that id."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from bot.errors import SlackError, trace_of

log = logging.getLogger("chancery.conversation")


def own_up(error: Exception, tell: Callable[[str], None]) -> None:
    """Log a failure without what people wrote, and tell whoever waits; never raises SlackError."""
    reference = uuid.uuid4().hex[:8]
    log.error("failed, reference %s: %s", reference, trace_of(error))
    text = (
        f"I could not answer this (reference {reference}). Ask again in a minute; if it "
        "stays, give the reference to whoever runs me."
    )
    try:
        tell(text)
    except SlackError as failure:
        log.error("the asker could not be told, reference %s: %s", reference, failure)
