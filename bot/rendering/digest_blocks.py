"""Digests as Slack messages."""

from __future__ import annotations

from bot.rendering.digest_page import digest_page
from bot.rendering.digest_wording import DigestHeading
from bot.rendering.feedback_blocks import with_feedback
from bot.rendering.page_blocks import page_messages
from bot.rendering.rich_text import ImageSlot, Message, button, copy_cable, say, show_paragraphs
from retrieval.digests.nouns import Digest

EDIT_DIGEST = "digest:edit"


def digest_messages(
    digest: Digest,
    heading: DigestHeading,
    turn_id: str,
    picture: ImageSlot | None = None,
    subscription: str | None = None,
) -> list[Message]:
    """A digest as one message, or as several where it is long.

    `turn_id` is what *Show paragraphs* is asked for; `picture` is an uploaded chart.
    `subscription` is whose settings *Settings* opens, None for a digest that comes once.
    """
    buttons = [show_paragraphs(turn_id), copy_cable(turn_id)] if digest.citations else []
    if digest.briefs and subscription is not None:
        buttons.append(button("Settings", EDIT_DIGEST, subscription))
    elif digest.briefs:
        buttons.append(say("My digests", "my digests"))
    messages = page_messages(digest_page(digest, heading), buttons, picture)
    return with_feedback(messages, turn_id) if digest.briefs else messages
