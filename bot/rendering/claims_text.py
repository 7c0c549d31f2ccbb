"""Checked claims as plain text, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bot.rendering.claims_wording import NEAREST, counts_line, reason_line
from bot.rendering.wording import citation_line, counted, excerpt, safe
from retrieval.answers import Citation
from retrieval.claims import CheckedClaim
from retrieval.support import Support

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
            lines += _place(citation, "")
        for citation in claim.nearest:
            lines += _place(citation, f"{NEAREST[claim.support]}: ")
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


def _place(citation: Citation, before: str) -> list[str]:
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
