"""Summaries as plain text for the terminal."""

from __future__ import annotations

from datetime import UTC, tzinfo

from bot.rendering.page_text import page_text
from bot.rendering.summary_page import summary_page
from retrieval.summaries.nouns import Summary


def summary_text(summary: Summary, zone: tzinfo = UTC) -> str:
    """A summary with its citations; its days are those of `zone`."""
    return page_text(summary_page(summary, zone))
