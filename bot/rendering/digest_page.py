"""A digest as a page: its stories, what is announced, what was corrected, what was not read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.rendering.change_wording import change_line
from bot.rendering.digest_wording import (
    DigestHeading,
    announced_line,
    closing_lines,
    counts_line,
    day_words,
    disputed_line,
    origins_words,
    outage_line,
    quiet_line,
    span_counts_line,
    span_line,
    spoken_line,
    status_words,
    title_line,
)
from bot.rendering.pages import (
    LONGEST_HEADLINE,
    Line,
    Page,
    Part,
    Span,
    labelled,
    listed,
    marks,
    stated,
)
from bot.rendering.wording import counted, excerpt, publisher
from retrieval.answers import Citation
from retrieval.briefs.nouns import Brief
from retrieval.digests.nouns import Correction, Digest
from retrieval.stories.nouns import Status


def digest_page(digest: Digest, heading: DigestHeading) -> Page:
    """A digest as its reader gets it; a quiet day is one line, and what was corrected."""
    if not digest.briefs:
        line = quiet_line(digest, heading)
        return _page(digest, "", "", (*heading.notes, line), heading.at, line)
    first, more = digest.briefs[0].headline, len(digest.briefs) - 1
    shown = excerpt(first, LONGEST_HEADLINE)
    notice = f"{shown} · and {counted(more, 'more story', 'more stories')}" if more else shown
    lead = (*heading.notes, counts_line(digest, heading))
    name = excerpt(heading.name, LONGEST_HEADLINE)
    return _page(digest, title_line(heading), name, lead, heading.at, notice)


def span_page(digest: Digest, zone: tzinfo) -> Page:
    """A digest of any span, which nobody was sent: under its dates instead of a reader's day."""
    title = f"Digest · {span_line(digest.since, digest.until, zone)}"
    lead = span_counts_line(digest)
    return _page(digest, title, "", (lead,), digest.until.astimezone(zone), title)


def _page(
    digest: Digest, title: str, subtitle: str, lead: tuple[str, ...], now: datetime, notice: str
) -> Page:
    outage = outage_line(digest.coverage, now)
    parts = [
        _story(number, brief, digest.citations)
        for number, brief in enumerate(digest.briefs, start=1)
    ]
    parts += listed("Announced", [announced_line(one) for one in digest.announced])
    parts += listed("Corrected", [_corrected(one, now) for one in digest.corrections])
    if outage and digest.briefs:
        parts += listed("Not read", [(Span(outage),)])
    elif outage:
        lead = (*lead, outage)
    return Page(
        title=title,
        subtitle=subtitle,
        lead=lead,
        parts=tuple(parts),
        citations=digest.citations,
        closing=closing_lines(digest),
        notice=notice,
    )


def _story(number: int, brief: Brief, citations: Sequence[Citation]) -> Part:
    lines: list[Line] = [stated(brief.happened)] if brief.happened else []
    if lines and brief.status is Status.DEVELOPING:
        lines = [labelled("What is new", lines[0])]
    lines += [spoken_line(spoken) for spoken in brief.spoken]
    lines += [disputed_line(dispute, citations) for dispute in brief.disputed]
    return Part(
        tuple(lines),
        f"{number} · {excerpt(brief.headline, LONGEST_HEADLINE)}",
        f"{status_words(brief)} · {origins_words(brief.story)}",
    )


def _corrected(correction: Correction, now: datetime) -> Line:
    article = correction.article
    where = f"{publisher(article)}, “{excerpt(article.title, LONGEST_HEADLINE)}”"
    if article.published_at is not None:
        published = article.published_at.astimezone(now.tzinfo).date()
        where += f", published {day_words(published, now.date())}"
    where += f", ¶{correction.number}"
    cited = tuple(marks([correction.mark])) if correction.mark is not None else ()
    if correction.after is None:
        return (Span(f"{where} was taken away by its source."), *cited)
    return (Span(f"{where} now reads: "), *change_line(correction.before, correction.after), *cited)
