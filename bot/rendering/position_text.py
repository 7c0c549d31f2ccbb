"""Quotations, speakers and timelines as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering.page_text import page_text
from bot.rendering.position_page import positions_page, speakers_page, timeline_page
from corpus.quotations.speaker_names import Speaker
from retrieval.positions.finding import Positions
from retrieval.timelines.making import Timeline


def positions_text(found: Positions) -> str:
    """What a speaker said, with its citations."""
    return page_text(positions_page(found))


def timeline_text(timeline: Timeline) -> str:
    """What happened when, with its citations."""
    return page_text(timeline_page(timeline))


def speakers_text(speakers: Sequence[Speaker]) -> str:
    """Who is quoted, most quoted first."""
    return page_text(speakers_page(speakers))
