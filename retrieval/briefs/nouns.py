"""Briefs: what is told of one story, every sentence with the paragraph it stands in.

A digest and a summary are made of briefs. Marks count through the whole document in the order of
reading, so that its citations are one list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from retrieval.answers import Statement
from retrieval.stories.nouns import Status, Story


@dataclass(frozen=True, slots=True)
class Spoken:
    """Verbatim words with who said them; `direct` tells speech from the writer's report of it."""

    speaker: str
    role: str | None
    verb: str
    quote: str
    direct: bool
    mark: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """Accounts of one thing that differ, side by side; `about` says in a few words what."""

    about: str
    accounts: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something announced for a day, or for the days from `first` to `last`."""

    first: date
    last: date
    statement: Statement


@dataclass(frozen=True, slots=True)
class Brief:
    """One story as it is told: `day` counts from 1 since it began for this reader."""

    story: Story
    status: Status
    day: int
    headline: str
    happened: tuple[Statement, ...]
    spoken: tuple[Spoken, ...] = ()
    disputed: tuple[Dispute, ...] = ()
    announced: tuple[Announcement, ...] = ()
