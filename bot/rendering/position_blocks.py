"""Quotations and timelines as Slack messages."""

from __future__ import annotations

from bot.rendering.feedback_blocks import with_feedback
from bot.rendering.page_blocks import page_messages
from bot.rendering.position_page import positions_page, timeline_page
from bot.rendering.rich_text import ImageSlot, Message, copy_cable, say, show_paragraphs
from bot.rendering.wording import excerpt
from retrieval.positions.finding import Positions
from retrieval.timelines.making import Timeline

LONGEST_TOPIC = 40


def positions_messages(
    found: Positions, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    """What a speaker said, as one message, or as several where there is much of it."""
    buttons = [show_paragraphs(turn_id), copy_cable(turn_id)] if found.citations else []
    return with_feedback(page_messages(positions_page(found), buttons, picture), turn_id)


def timeline_messages(
    timeline: Timeline, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    """A timeline as one message, or as several where it is long."""
    buttons = [show_paragraphs(turn_id), copy_cable(turn_id)] if timeline.citations else []
    topic = " ".join(timeline.topic.split())
    if timeline.citations and len(topic) <= LONGEST_TOPIC:
        buttons.append(say(f"Follow {excerpt(topic, LONGEST_TOPIC)}", f"follow {topic}"))
    return with_feedback(page_messages(timeline_page(timeline), buttons, picture), turn_id)
