"""Digests as Slack messages."""

from __future__ import annotations

from bot.rendering.digest_page import digest_page
from bot.rendering.digest_wording import DigestHeading
from bot.rendering.page_blocks import page_messages
from bot.rendering.rich_text import ImageSlot, Message, say, show_paragraphs
from retrieval.digests.nouns import Digest


def digest_messages(
    digest: Digest, heading: DigestHeading, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    """A digest as one message, or as several where it is long.

    `turn_id` is what *Show paragraphs* is asked for; `picture` is an uploaded chart.
    """
    buttons = [show_paragraphs(turn_id)] if digest.citations else []
    if digest.briefs:
        buttons.append(say("My digests", "my digests"))
    return page_messages(digest_page(digest, heading), buttons, picture)
