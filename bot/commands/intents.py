"""What a person can ask for in plain words, one noun a kind of request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from bot.records import SubscriptionDraft
from retrieval.watches.criteria import Criteria

Zone = Callable[[], tzinfo]
"""Tells in whose days times are meant; asked only where the words name one."""


class Concern(StrEnum):
    """What a list, a pause or a resumption is about."""

    DIGESTS = "digests"
    WATCHES = "watches"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """A question to be answered: whatever is not clearly something else."""

    text: str


@dataclass(frozen=True, slots=True)
class AskSummary:
    """What happened on a topic; an empty one means everything, None an open end of the window."""

    topic: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskQuotes:
    """What a speaker said, on a topic or on anything, in order of time."""

    speaker: str
    topic: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskTimeline:
    """What happened when on a topic."""

    topic: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DigestAt:
    """A digest is wanted regularly."""

    draft: SubscriptionDraft = field(default_factory=SubscriptionDraft)


@dataclass(frozen=True, slots=True)
class DigestChange:
    """A digest that there is already is wanted otherwise."""

    draft: SubscriptionDraft


@dataclass(frozen=True, slots=True)
class DigestNow:
    """A digest is wanted once, at once."""

    draft: SubscriptionDraft = field(default_factory=SubscriptionDraft)


@dataclass(frozen=True, slots=True)
class DigestOff:
    """A digest is wanted no more; without a name, all of them."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """A watch is wanted."""

    name: str
    criteria: Criteria


@dataclass(frozen=True, slots=True)
class Unfollow:
    """A watch is wanted no more; without a name, all of them."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class ListMine:
    """What is set up for the reader?"""

    concern: Concern = Concern.EVERYTHING


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is to be sent for now; a name narrows it to one digest or watch."""

    concern: Concern = Concern.EVERYTHING
    name: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """What was paused is to go on."""

    concern: Concern = Concern.EVERYTHING
    name: str = ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No alerts from one local time to another; None for both ends quiet hours."""

    begin: str | None
    end: str | None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Mute:
    """No more alerts on the story of this thread; with `lifted` they come again."""

    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """Which sources are read, or only those that could not be."""

    failed: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """What is kept about the writer, or only of this conversation, is to be deleted."""

    conversation: bool = False


@dataclass(frozen=True, slots=True)
class SummariseThread:
    """What is known on the topic of the thread that this is written in?"""


@dataclass(frozen=True, slots=True)
class SourcesHere:
    """What do the answers in this thread rest on?"""


@dataclass(frozen=True, slots=True)
class Help:
    """What can one say?"""


@dataclass(frozen=True, slots=True)
class Thanks:
    """A courtesy that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A command that was understood in part: what is missing, and an example to go by."""

    missing: str
    example: str


ReportRequest = AskSummary | AskQuotes | AskTimeline | DigestNow
"""What a report is made of."""
Request = (
    AskQuestion
    | AskSummary
    | AskQuotes
    | AskTimeline
    | DigestAt
    | DigestChange
    | DigestNow
    | DigestOff
    | Follow
    | Unfollow
    | ListMine
    | Pause
    | Resume
    | QuietHours
    | Mute
    | Sources
    | SummariseThread
    | SourcesHere
    | Forget
    | Help
    | Thanks
    | Unclear
)
