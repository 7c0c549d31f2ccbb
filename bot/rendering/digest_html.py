"""Digests as HTML pages that stand alone."""

from __future__ import annotations

from datetime import UTC, tzinfo

from bot.rendering.chart_canvas import Chart
from bot.rendering.digest_page import digest_page, span_page
from bot.rendering.digest_wording import DigestHeading
from bot.rendering.page_html import page_html
from retrieval.digests.nouns import Digest


def digest_html(
    digest: Digest,
    zone: tzinfo = UTC,
    heading: DigestHeading | None = None,
    chart: Chart | None = None,
) -> str:
    """A digest with its citations: under a reader's heading, else under its dates in `zone`."""
    page = span_page(digest, zone) if heading is None else digest_page(digest, heading)
    return page_html(page, chart)
