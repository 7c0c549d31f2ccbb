"""Summaries as Slack messages."""

from __future__ import annotations

from datetime import UTC, tzinfo

from bot.rendering.feedback_blocks import with_feedback
from bot.rendering.page_blocks import page_messages
from bot.rendering.rich_text import ImageSlot, Message, copy_cable, say, show_paragraphs
from bot.rendering.summary_page import summary_page
from bot.rendering.wording import excerpt
from retrieval.summaries.nouns import Summary

LONGEST_TOPIC = 40
"""A topic longer than this is a question's words, not something to follow."""


def summary_messages(
    summary: Summary, turn_id: str, picture: ImageSlot | None = None, zone: tzinfo = UTC
) -> list[Message]:
    """A summary as one message, or as several where it is long."""
    buttons = [show_paragraphs(turn_id), copy_cable(turn_id)] if summary.citations else []
    topic = " ".join(summary.topic.split())
    if 0 < len(topic) <= LONGEST_TOPIC:
        buttons.append(say("Daily at 07:30", f"digest daily at 07:30 on {topic}"))
        buttons.append(say(f"Follow {excerpt(topic, LONGEST_TOPIC)}", f"follow {topic}"))
    return with_feedback(page_messages(summary_page(summary, zone), buttons, picture), turn_id)
