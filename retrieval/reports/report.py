"""What readers are sent of a span of time: digests and summaries, and the briefs they are made of.

    Digest | Summary ─▶ Brief, one a story ─▶ Statement, Spoken, Dispute, Announcement
                     ─▶ Coverage, Correction, and one list of citations

Every sentence comes with the paragraph it stands in. Marks count through the whole document in the
order of reading. `Interests` is what a reader cares for, `Told` what was sent before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from corpus.articles import Article
from retrieval.outcomes import Citation, Statement, Withheld
from retrieval.passages import Passage
from retrieval.stories.story import Status, Story

MOST_STORIES = 5


@dataclass(frozen=True, slots=True)
class Interests:
    """What a reader cares for; an empty one cares for everything.

    `topics` are words as the reader wrote them, `places` ISO 3166 codes or names, `sources`
    names. `length` is the number of stories told at most.
    """

    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    length: int = MOST_STORIES


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader was sent before: versions by article id, and the day each story began."""

    versions: Mapping[str, int] = field(default_factory=dict)
    stories: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailedSource:
    """A source that could not be read; `since` is when it was last read, None for never."""

    name: str
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a digest or summary was made from.

    `sources` counts the sources that were to be read in the span, those that failed among
    them. `by_day` counts articles a local day, days without any included; `by_place` counts
    articles a place, most first.
    """

    sources: int
    failed: tuple[FailedSource, ...] = ()
    articles: int = 0
    origins: int = 0
    by_day: tuple[tuple[str, int], ...] = ()
    by_place: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A paragraph told before that its source has changed; None stands for taken away."""

    article: Article
    number: int
    before: str
    after: str | None
    mark: int | None


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told of [since, until); a digest without briefs is a quiet day.

    `left_out` counts stories that fit the reader's interests and did not fit the length;
    `withheld` are the sentences that did not pass the checks.
    """

    since: datetime
    until: datetime
    briefs: tuple[Brief, ...]
    announced: tuple[Announcement, ...]
    corrections: tuple[Correction, ...]
    coverage: Coverage
    citations: tuple[Citation, ...]
    left_out: int = 0
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found on a topic in [since, until); without briefs, `nearest` is what came near.

    `left_out` counts further stories that fit the topic; `withheld` are the sentences that did
    not pass the checks. `newest` is when the newest on the topic was published before, where
    nothing was in the span.
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
    newest: datetime | None = None


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
