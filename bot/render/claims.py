"""*Check claims*: how far each claim of a text is carried, and where, as a modal and as text. Pure.

CheckedClaim, … ─▶ one line of counts ─▶ for each claim: mark, claim, reason, paragraphs
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.render import blocks as rich_text
from bot.render.blocks import Block, note_view, paragraph, paragraphs, words
from bot.render.catalogues import N_, comma, framed, gettext, ngettext
from bot.render.wording import citation_line, excerpt, isolated, printed, worded
from retrieval.grounding.claims import CheckedClaim
from retrieval.grounding.support import Support
from retrieval.outcomes import Citation

_LABELS = {
    Support.SUPPORTED: N_("Supported"),
    Support.PARTLY: N_("Partly supported"),
    Support.NOT: N_("Not supported"),
}
DECIDES = N_("Decided by")
"""What the sentence is called that the verdict on a claim rests on."""
NOT_FOUND = N_("Not found")
_IN_ORDER = (*_LABELS.values(), NOT_FOUND)


def counts_line(claims: Sequence[CheckedClaim]) -> str:
    """ "5 claims: 2 supported, 1 partly supported, 1 not supported, 1 not found"."""
    found = Counter(label_of(claim) for claim in claims)
    parts = [_several(label, found[label]) for label in _IN_ORDER if found[label]]
    every = ngettext("{count} claim", "{count} claims", len(claims))
    return f"{every}: {f'{comma()} '.join(parts)}"


def _several(label: str, count: int) -> str:
    """ "2 partly supported"."""
    return {
        _LABELS[Support.SUPPORTED]: ngettext("{count} supported", "{count} supported", count),
        _LABELS[Support.PARTLY]: ngettext(
            "{count} partly supported", "{count} partly supported", count
        ),
        _LABELS[Support.NOT]: ngettext("{count} not supported", "{count} not supported", count),
        NOT_FOUND: ngettext("{count} not found", "{count} not found", count),
    }[label]


def label_of(claim: CheckedClaim) -> str:
    """What a claim came to, in English; one that nothing comes near to is not found."""
    if claim.support is Support.NOT and not claim.nearest:
        return NOT_FOUND
    return _LABELS[claim.support]


def nearest_label(claim: CheckedClaim) -> str:
    """What the sentences are called that do not carry a claim."""
    if claim.contradicted:
        return gettext(DECIDES)
    return gettext("Otherwise") if claim.support is Support.SUPPORTED else gettext("Nearest")


def reason_line(claim: CheckedClaim) -> str:
    """What is missing as a sentence; "" for a supported claim."""
    reason = worded(claim.reason)
    return f"{reason[0].upper()}{reason[1:]}." if reason else ""


WIDTH = 88
LONGEST_QUOTE = 300
LONGEST_PASSED_OVER = 60
_MARKS = {Support.SUPPORTED: "+", Support.PARTLY: "~", Support.NOT: "-"}
LEGEND = N_("+ supported   ~ partly supported   - not supported")


def claims_text(
    claims: Sequence[CheckedClaim], passed_over: Sequence[str] = (), seconds: float | None = None
) -> str:
    """Each claim with its mark, what is missing, and where it stands; counts last."""
    lines = [gettext(LEGEND), ""]
    for claim in claims:
        lines.append(_wrapped(claim.text, f"{_MARKS[claim.support]} ", "  "))
        if claim.read_as:
            lines.append(_wrapped(gettext("Read as: {claim}", claim=claim.read_as), "  ", "  "))
        if reason := reason_line(claim):
            lines.append(_wrapped(reason, "  ", "  "))
        for citation in claim.citations:
            lines += _place_in_text(citation, f"{gettext(DECIDES)}: ")
        for citation in claim.nearest:
            lines += _place_in_text(citation, f"{nearest_label(claim)}: ")
        lines.append("")
    if passed_over:
        shown = ", ".join(f"“{excerpt(one, LONGEST_PASSED_OVER)}”" for one in passed_over[:3])
        more = ", …" if len(passed_over) > 3 else ""
        told = ngettext(
            "Passed over, since they claim nothing: {count} line or sentence ({shown}).",
            "Passed over, since they claim nothing: {count} lines or sentences ({shown}).",
            len(passed_over),
            shown=f"{shown}{more}",
        )
        lines.append(_wrapped(told, "", ""))
    closing = f"{counts_line(claims)}."
    lines.append(closing if seconds is None else f"{closing} {seconds:.1f} s")
    return printed("\n".join(lines))


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

TITLE = N_("Check claims")
MOST_CLAIMS = 25
"""Claims in one modal: a view takes 100 blocks."""
LONGEST_CLAIM = 600
LONGEST_READ_AS = 300
_LARGEST_VIEW = 200_000
_MOST_BLOCKS = 95
NO_CLAIM = N_(
    "There is nothing to check here: I found no sentence that claims something. Questions, "
    "greetings and headings are passed over."
)
_SIGNS = {Support.SUPPORTED: "✅", Support.PARTLY: "🟡", Support.NOT: "❌"}


def checking_view(claims: int) -> View:
    """What stands there until the claims are checked."""
    told = ngettext("Checking {count} claim…", "Checking {count} claims…", claims)
    return note_view(gettext(TITLE), [[words(framed(told), italic=True)]])


def claims_view(claims: Sequence[CheckedClaim], left_out: int = 0, passed_over: int = 0) -> View:
    """The modal; `left_out` claims were too many to be checked, `passed_over` lines claim nothing.

    What does not fit any more is said, never silently dropped.
    """
    if not claims:
        return failed_view(gettext(NO_CLAIM))
    blocks: list[Block] = [paragraph([words(framed(counts_line(claims)), bold=True)])]
    unshown = 0
    for claim in claims:
        part = _claim_blocks(claim)
        full = (
            len(blocks) + len(part) > _MOST_BLOCKS
            or rich_text.size([*blocks, *part]) > _LARGEST_VIEW
        )
        if unshown or full:
            unshown += 1
            continue
        blocks += part
    blocks.append({"type": "divider"})
    notes = []
    if unshown + left_out:
        more = ngettext(
            "{count} more claim not shown here: choose a shorter text, or use {command}.",
            "{count} more claims not shown here: choose a shorter text, or use {command}.",
            unshown + left_out,
            command=isolated("chancery check FILE"),
        )
        notes.append(more)
    if passed_over:
        nothing = ngettext(
            "{count} sentence claims nothing and was passed over.",
            "{count} sentences claim nothing and were passed over.",
            passed_over,
        )
        notes.append(nothing)
    notes.append(gettext("Checked against what has been read; only you see this."))
    blocks.append(rich_text.context(framed(" ".join(notes))))
    return rich_text.modal(gettext(TITLE), blocks)


def failed_view(text: str) -> View:
    """One sentence in the place of what could not be done."""
    return note_view(gettext(TITLE), [[words(framed(text))]])


def _claim_blocks(claim: CheckedClaim) -> list[Block]:
    lines = [
        [words(framed(f"{_SIGNS[claim.support]} {gettext(label_of(claim))}"), bold=True)],
        [words(isolated(f"“{excerpt(claim.text, LONGEST_CLAIM)}”"))],
    ]
    if claim.read_as:
        read_as = isolated(excerpt(claim.read_as, LONGEST_READ_AS))
        lines.append([words(framed(gettext("Read as: {claim}", claim=read_as)), italic=True)])
    if reason := reason_line(claim):
        lines.append([words(framed(reason))])
    blocks: list[Block] = [{"type": "divider"}, *paragraphs(lines)]
    for citation in claim.citations:
        blocks += _place(citation, f"{gettext(DECIDES)}: ")
    for citation in claim.nearest:
        blocks += _place(citation, f"{nearest_label(claim)}: ")
    return blocks


def _place(citation: Citation, before: str) -> list[Block]:
    mark = rich_text.link(citation.link, f"[{citation.mark}]")
    where = [words(framed(before), italic=True), mark, words(f" {citation_line(citation)}")]
    return [paragraph(where), rich_text.quoted([words(excerpt(citation.quote, LONGEST_QUOTE))])]
