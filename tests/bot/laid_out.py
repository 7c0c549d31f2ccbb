"""Digests, summaries, quotations and timelines as one front end or another shows their pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from bot.jobs.digests import EDIT_DIGEST
from bot.render.blocks import ImageSlot, Message, button
from bot.render.briefings import (
    digest_page,
    positions_page,
    span_page,
    speakers_page,
    summary_page,
    timeline_page,
)
from bot.render.formats import page_html, page_text, posted_messages
from bot.render.page import Chart
from bot.render.report_wording import DigestHeading
from corpus.quotations.speaker_names import Speaker
from retrieval.reports.quotes import Positions
from retrieval.reports.report import Digest, Summary
from retrieval.reports.timeline import Timeline


def digest_messages(
    digest: Digest,
    heading: DigestHeading,
    turn_id: str,
    picture: ImageSlot | None = None,
    subscription: str | None = None,
) -> list[Message]:
    settings = button("Settings", EDIT_DIGEST, subscription) if subscription else None
    return posted_messages(digest_page(digest, heading), turn_id, picture, settings)


def summary_messages(
    summary: Summary, turn_id: str, picture: ImageSlot | None = None, zone: tzinfo = UTC
) -> list[Message]:
    return posted_messages(summary_page(summary, zone), turn_id, picture)


def positions_messages(
    found: Positions, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    return posted_messages(positions_page(found), turn_id, picture)


def timeline_messages(
    timeline: Timeline, turn_id: str, picture: ImageSlot | None = None
) -> list[Message]:
    return posted_messages(timeline_page(timeline), turn_id, picture)


def digest_text(digest: Digest, zone: tzinfo = UTC) -> str:
    return page_text(span_page(digest, zone))


def digest_html(
    digest: Digest,
    zone: tzinfo = UTC,
    heading: DigestHeading | None = None,
    chart: Chart | None = None,
) -> str:
    page = span_page(digest, zone) if heading is None else digest_page(digest, heading)
    return page_html(page, chart)


def summary_text(summary: Summary, zone: tzinfo = UTC) -> str:
    return page_text(summary_page(summary, zone))


def positions_text(found: Positions) -> str:
    return page_text(positions_page(found))


def timeline_text(timeline: Timeline) -> str:
    return page_text(timeline_page(timeline))


def speakers_text(speakers: Sequence[Speaker]) -> str:
    return page_text(speakers_page(speakers))
