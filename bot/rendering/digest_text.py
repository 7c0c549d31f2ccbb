"""Digests as plain text for the terminal."""

from __future__ import annotations

from datetime import UTC, tzinfo

from bot.rendering.digest_page import span_page
from bot.rendering.page_text import page_text
from retrieval.digests.nouns import Digest


def digest_text(digest: Digest, zone: tzinfo = UTC) -> str:
    """A digest with its citations; its days are those of `zone`."""
    return page_text(span_page(digest, zone))
