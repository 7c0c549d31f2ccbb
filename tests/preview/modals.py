"""Modals of what `tests.fakes.briefings` holds: cited paragraphs, and cables of each kind."""

from __future__ import annotations

from bot.render.briefings import digest_page, positions_page, summary_page, timeline_page
from bot.render.cable import Cabled, cable_text
from bot.render.notes import standing_of
from bot.render.page import Page, content_of_page
from bot.render.paragraphs import Shown, ShownParagraph, View, label_of, paragraph_view
from retrieval.outcomes import Citation
from tests.fakes import briefings

TURN = "preview"


def paragraph_views() -> list[View]:
    """The second citation of a digest, and a paragraph that its source has changed since."""
    citations = briefings.digest().citations
    labels = tuple(
        label_of(c.mark, c.article, c.paragraph.number, nearest=False) for c in citations
    )
    one = citations[1]
    shown = ShownParagraph(
        one.mark, one.article, one.paragraph.number, one.quote, carried_by=one.carried_by
    )
    note = briefings.correction_note()
    mark, number, current = note.changes[0].marks[0], note.changes[0].number, note.current
    quote = note.cited.paragraph(number).text.partition(". ")[0]
    standing = standing_of(note.cited, number, current)
    changed = ShownParagraph(mark, note.cited, number, quote, standing, current.read_at)
    label = label_of(mark, note.cited, number, nearest=False)
    return [
        paragraph_view(Shown(TURN, 1, labels, shown)),
        paragraph_view(Shown(TURN, 0, (label,), changed)),
    ]


def cables() -> dict[str, str]:
    """A cable of each kind of report."""
    digest, summary = briefings.digest(), briefings.summary()
    positions, timeline = briefings.positions(), briefings.timeline()
    return {
        "digest": _cable(
            "digest",
            digest_page(digest, briefings.heading()),
            digest.citations,
        ),
        "summary": _cable("summary", summary_page(summary), summary.citations),
        "quotes": _cable("quotes", positions_page(positions), positions.citations),
        "timeline": _cable("timeline", timeline_page(timeline), timeline.citations),
    }


def _cable(kind: str, page: Page, citations: tuple[Citation, ...]) -> str:
    content = content_of_page(page)
    return cable_text(Cabled(kind, page.title, briefings.heading().at, content, citations))
