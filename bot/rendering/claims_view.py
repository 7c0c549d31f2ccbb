"""*Check claims*: a modal with each claim of a text, how far it is carried, and where. Pure.

CheckedClaim, … ─▶ one line of counts ─▶ for each claim: mark, claim, reason, paragraphs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.rendering.claims_wording import NEAREST, counts_line, label_of, reason_line
from bot.rendering.rich_text import (
    Block,
    context,
    link,
    paragraph,
    paragraphs,
    quoted,
    size,
    words,
)
from bot.rendering.wording import citation_line, counted, excerpt
from retrieval.answers import Citation
from retrieval.claims import CheckedClaim
from retrieval.support import Support

View = dict[str, Any]

TITLE = "Check claims"
MOST_CLAIMS = 25
"""Claims in one modal: a view takes 100 blocks."""
LONGEST_CLAIM = 600
LONGEST_READ_AS = 300
LONGEST_QUOTE = 300
_LARGEST_VIEW = 200_000
_MOST_BLOCKS = 95
NO_CLAIM = (
    "There is nothing to check here: I found no sentence that claims something. Questions, "
    "greetings and headings are passed over."
)
_SIGNS = {Support.SUPPORTED: "✅", Support.PARTLY: "🟡", Support.NOT: "❌"}


def checking_view(claims: int) -> View:
    """What stands there until the claims are checked."""
    return _modal([paragraph([words(f"Checking {counted(claims, 'claim')}…", italic=True)])])


def claims_view(claims: Sequence[CheckedClaim], left_out: int = 0, passed_over: int = 0) -> View:
    """The modal; `left_out` claims were too many to be checked, `passed_over` lines claim nothing.

    What does not fit any more is said, never silently dropped.
    """
    if not claims:
        return no_claim_view()
    blocks: list[Block] = [paragraph([words(counts_line(claims), bold=True)])]
    unshown = 0
    for claim in claims:
        part = _claim_blocks(claim)
        full = len(blocks) + len(part) > _MOST_BLOCKS or size([*blocks, *part]) > _LARGEST_VIEW
        if unshown or full:
            unshown += 1
            continue
        blocks += part
    blocks.append({"type": "divider"})
    notes = []
    if unshown + left_out:
        more = counted(unshown + left_out, "more claim")
        notes.append(f"{more} not shown here: choose a shorter text, or use chancery check FILE.")
    if passed_over:
        lines = counted(passed_over, "sentence claims", "sentences claim")
        notes.append(f"{lines} nothing and {'was' if passed_over == 1 else 'were'} passed over.")
    notes.append("Checked against what has been read; only you see this.")
    blocks.append(context(" ".join(notes)))
    return _modal(blocks)


def no_claim_view() -> View:
    """Nothing of a text claims anything."""
    return _modal([paragraph([words(NO_CLAIM)])])


def failed_view(text: str) -> View:
    """One sentence in the place of what could not be done."""
    return _modal([paragraph([words(text)])])


def _claim_blocks(claim: CheckedClaim) -> list[Block]:
    lines = [
        [words(f"{_SIGNS[claim.support]} {label_of(claim)}", bold=True)],
        [words(f"“{excerpt(claim.text, LONGEST_CLAIM)}”")],
    ]
    if claim.read_as:
        read_as = excerpt(claim.read_as, LONGEST_READ_AS)
        lines.append([words(f"Read as: {read_as}", italic=True)])
    if reason := reason_line(claim):
        lines.append([words(reason)])
    blocks: list[Block] = [{"type": "divider"}, *paragraphs(lines)]
    for citation in claim.citations:
        blocks += _place(citation, "")
    for citation in claim.nearest:
        blocks += _place(citation, f"{NEAREST[claim.support]}: ")
    return blocks


def _place(citation: Citation, before: str) -> list[Block]:
    where = [
        words(before, italic=True),
        link(citation.link, f"[{citation.mark}]"),
        words(f" {citation_line(citation)}"),
    ]
    return [paragraph(where), quoted([words(excerpt(citation.quote, LONGEST_QUOTE))])]


def _modal(blocks: list[Block]) -> View:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": TITLE},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }
