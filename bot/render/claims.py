"""*Check claims*: how far each claim of a text is carried, and where, as a modal and as text. Pure.

CheckedClaim, … ─▶ one line of counts ─▶ for each claim: mark, claim, reason, paragraphs
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.render.blocks import Block, context, link, paragraph, paragraphs, quoted, size, words
from bot.render.wording import citation_line, counted, excerpt, safe
from retrieval.grounding.claims import CheckedClaim
from retrieval.grounding.support import Support
from retrieval.outcomes import Citation

_LABELS = {
    Support.SUPPORTED: "Supported",
    Support.PARTLY: "Partly supported",
    Support.NOT: "Not supported",
}
DECIDES = "Decided by"
"""What the sentence is called that the verdict on a claim rests on."""
NOT_FOUND = "Not found"
_IN_ORDER = (*_LABELS.values(), NOT_FOUND)


def counts_line(claims: Sequence[CheckedClaim]) -> str:
    """ "5 claims: 2 supported, 1 partly supported, 1 not supported, 1 not found"."""
    found = Counter(label_of(claim) for claim in claims)
    parts = [f"{found[label]} {label.lower()}" for label in _IN_ORDER if found[label]]
    return f"{counted(len(claims), 'claim')}: {', '.join(parts)}"


def label_of(claim: CheckedClaim) -> str:
    """What a claim came to; one that nothing comes near to is not found."""
    if claim.support is Support.NOT and not claim.nearest:
        return NOT_FOUND
    return _LABELS[claim.support]


def nearest_label(claim: CheckedClaim) -> str:
    """What the sentences are called that do not carry a claim."""
    if claim.contradicted:
        return DECIDES
    return "Otherwise" if claim.support is Support.SUPPORTED else "Nearest"


def reason_line(claim: CheckedClaim) -> str:
    """What is missing as a sentence; "" for a supported claim."""
    if not claim.reason:
        return ""
    return f"{claim.reason[0].upper()}{claim.reason[1:]}."


WIDTH = 88
LONGEST_QUOTE = 300
LONGEST_PASSED_OVER = 60
_MARKS = {Support.SUPPORTED: "+", Support.PARTLY: "~", Support.NOT: "-"}
LEGEND = "+ supported   ~ partly supported   - not supported"


def claims_text(
    claims: Sequence[CheckedClaim], passed_over: Sequence[str] = (), seconds: float | None = None
) -> str:
    """Each claim with its mark, what is missing, and where it stands; counts last."""
    lines = [LEGEND, ""]
    for claim in claims:
        lines.append(_wrapped(claim.text, f"{_MARKS[claim.support]} ", "  "))
        if claim.read_as:
            lines.append(_wrapped(f"Read as: {claim.read_as}", "  ", "  "))
        if reason := reason_line(claim):
            lines.append(_wrapped(reason, "  ", "  "))
        for citation in claim.citations:
            lines += _place_in_text(citation, f"{DECIDES}: ")
        for citation in claim.nearest:
            lines += _place_in_text(citation, f"{nearest_label(claim)}: ")
        lines.append("")
    if passed_over:
        shown = ", ".join(f"“{excerpt(one, LONGEST_PASSED_OVER)}”" for one in passed_over[:3])
        more = ", …" if len(passed_over) > 3 else ""
        lines_counted = counted(len(passed_over), "line or sentence", "lines or sentences")
        lines.append(
            _wrapped(
                f"Passed over, since they claim nothing: {lines_counted} ({shown}{more}).", "", ""
            )
        )
    closing = f"{counts_line(claims)}."
    lines.append(closing if seconds is None else f"{closing} {seconds:.1f} s")
    return safe("\n".join(lines))


def _place_in_text(citation: Citation, before: str) -> list[str]:
    quote = excerpt(citation.quote, LONGEST_QUOTE)
    return [
        _wrapped(f"{before}[{citation.mark}] {citation_line(citation)}", "  ", "      "),
        _wrapped(f"“{quote}”", "      ", "      "),
        f"      {citation.link}",
    ]


def _wrapped(text: str, first: str, then: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )


View = dict[str, Any]

TITLE = "Check claims"
MOST_CLAIMS = 25
"""Claims in one modal: a view takes 100 blocks."""
LONGEST_CLAIM = 600
LONGEST_READ_AS = 300
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
        blocks += _place(citation, f"{DECIDES}: ")
    for citation in claim.nearest:
        blocks += _place(citation, f"{nearest_label(claim)}: ")
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
