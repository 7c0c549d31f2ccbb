"""Summaries: what happened on a topic in a span of time, story by story, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrieval.answers import Citation, Withheld
from retrieval.briefs.nouns import Brief
from retrieval.digests.nouns import Coverage
from retrieval.passages import Passage


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found on a topic in [since, until); without briefs, `nearest` is what came near.

    `left_out` counts further stories that fit the topic; `withheld` are the sentences that did
    not pass the checks.
    """

    topic: str
    since: datetime
    until: datetime
    briefs: tuple[Brief, ...]
    coverage: Coverage
    citations: tuple[Citation, ...]
    nearest: tuple[Passage, ...] = ()
    left_out: int = 0
    withheld: tuple[Withheld, ...] = ()
