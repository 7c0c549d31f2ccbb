"""Stories: articles about one event, as readers are told of them.

How articles are brought together is `retrieval.stories.grouping`; where stories are kept is
`retrieval.stories.registry`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from corpus.articles import Article, origins_of


class Status(StrEnum):
    """What a story is to a reader: not told before, told before and gone on, or put right."""

    NEW = "new"
    DEVELOPING = "developing"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one event, oldest first; an id stays with it as articles come and go."""

    id: str
    articles: tuple[Article, ...]

    @property
    def origins(self) -> int:
        """How many independent origins: copies, and what one source tells, count once."""
        return len(origins_of(self.articles))

    @property
    def begins(self) -> datetime:
        """When its oldest article was published (read, where that is not known)."""
        return min(map(moment_of, self.articles))

    @property
    def ends(self) -> datetime:
        """When its newest article was published (read, where that is not known)."""
        return max(map(moment_of, self.articles))

    @property
    def published(self) -> tuple[datetime, datetime] | None:
        """When its oldest and its newest dated article were published; None where all are undated.

        What is shown: the day on which an article was read is no date of it.
        """
        dates = [one.published_at for one in self.articles if one.published_at is not None]
        return (min(dates), max(dates)) if dates else None

    def within(self, since: datetime, until: datetime) -> Story | None:
        """The story as far as it was published from `since` to before `until`; None if not."""
        kept = tuple(a for a in self.articles if since <= moment_of(a) < until)
        return replace(self, articles=kept) if kept else None


class Stories(Protocol):
    """Where stories are kept."""

    def stories(self, since: datetime, until: datetime) -> list[Story]:
        """Stories with an article of [since, until), each with all its articles."""
        ...


@dataclass(frozen=True, slots=True)
class OneStory:
    """A register that knows of one story only, for what is told of that one."""

    story: Story

    def stories(self, since: datetime, until: datetime) -> list[Story]:
        """The story, if an article of it lies in [since, until)."""
        return [self.story] if self.story.within(since, until) else []


def moment_of(article: Article) -> datetime:
    """When an article came into the world as far as is known: published, else first read."""
    return article.published_at or article.first_read_at
