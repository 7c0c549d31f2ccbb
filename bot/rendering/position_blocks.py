"""Quotations and timelines as Slack messages."""

from __future__ import annotations

from bot.rendering.page_blocks import page_messages
from bot.rendering.position_page import positions_page, timeline_page
from bot.rendering.rich_text import ImageSlot, Message, say, show_paragraphs
from bot.rendering.wording import excerpt
from retrieval.positions.finding import Positions
from retrieval.timelines.making import Timeline

LONGEST_TOPIC = 40


def positions_messages(
    found: Positions, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    """What a speaker said, as one message, or as several where there is much of it."""
    buttons = [show_paragraphs(turn_id)] if found.citations else []
    return page_messages(positions_page(found), buttons, picture)


def timeline_messages(
    timeline: Timeline, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    """A timeline as one message, or as several where it is long."""
    buttons = [show_paragraphs(turn_id)] if timeline.citations else []
    topic = " ".join(timeline.topic.split())
    if timeline.citations and len(topic) <= LONGEST_TOPIC:
        buttons.append(say(f"Follow {excerpt(topic, LONGEST_TOPIC)}", f"follow {topic}"))
    return page_messages(timeline_page(timeline), buttons, picture)
