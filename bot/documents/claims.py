"""The JSON form of checked claims: `check --json`, a contract that other programs rely on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.documents.answers import Current, citation_document
from retrieval.claims import CheckedClaim
from retrieval.support import Support


def claims_document(
    claims: Sequence[CheckedClaim],
    passed_over: Sequence[str],
    seconds: float,
    current: Current | None = None,
) -> dict[str, Any]:
    """`check --json`: {"claims", "counts", "passed_over", "seconds"}.

    A claim's "citations" carry it, its "nearest" do not and only come near it. "read_as" is what
    was looked up where a pronoun was read as its person; null where the text itself was.
    `passed_over` are the lines and sentences that claim nothing.
    """
    return {
        "claims": [_claim(claim, current) for claim in claims],
        "counts": {
            support.value: sum(claim.support is support for claim in claims) for support in Support
        },
        "passed_over": list(passed_over),
        "seconds": round(seconds, 4),
    }


def _claim(claim: CheckedClaim, current: Current | None) -> dict[str, Any]:
    return {
        "text": claim.text,
        "support": claim.support.value,
        "reason": claim.reason or None,
        "read_as": claim.read_as or None,
        "citations": [citation_document(one, current) for one in claim.citations],
        "nearest": [citation_document(one, current) for one in claim.nearest],
    }
