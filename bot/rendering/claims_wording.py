"""The words in which checked claims are told, whatever front end shows them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.rendering.wording import counted
from retrieval.claims import CheckedClaim
from retrieval.support import Support

_LABELS = {
    Support.SUPPORTED: "Supported",
    Support.PARTLY: "Partly supported",
    Support.NOT: "Not supported",
}
NEAREST = {
    Support.SUPPORTED: "Otherwise",
    Support.PARTLY: "Nearest",
    Support.NOT: "Nearest",
}
"""What the paragraphs are called that do not carry a claim."""
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


def reason_line(claim: CheckedClaim) -> str:
    """What is missing as a sentence; "" for a supported claim."""
    if not claim.reason:
        return ""
    return f"{claim.reason[0].upper()}{claim.reason[1:]}."
