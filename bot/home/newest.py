"""The newest stories, each with the headline that stands for it.

    newest stories of the register ─▶ those that weigh most ─▶ headlines ─▶ newest first

Headlines need vectors, which take their time: they are made once for a stand of the stories and
kept for everybody.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.rendering.home_view import Headlined
from corpus.store import schema
from corpus.store.article_store import ArticleStore
from corpus.store.database import reading
from retrieval.digests.nouns import Told
from retrieval.stories.nouns import Story
from retrieval.stories.register import StoryRegister

if TYPE_CHECKING:
    from retrieval.sameness import Encode
    from retrieval.stories.tables import Stand

MOST = 5
LATELY = timedelta(days=3)
"""Of the newest story's last article: what is older is not told beside it."""
_LOOKED_AT = 30
# What a feed dates ahead of the clock is not newer than everything else.
_AHEAD = timedelta(hours=1)
_EVER = datetime.min.replace(tzinfo=UTC)


class NewestStories:
    """Tells the newest stories. Any number of threads may call it."""

    def __init__(self, store: ArticleStore, encode: Encode) -> None:
        self._store = store
        self._register = StoryRegister(store)
        self._encode = encode
        self._lock = threading.Lock()
        self._made: tuple[tuple[Stand, date], tuple[Headlined, ...]] | None = None

    def told(self, now: datetime) -> tuple[Headlined, ...]:
        """At most five stories, newest first."""
        with self._lock:
            # What lay ahead of the clock comes of age without a change of the stories.
            made_of = (self._register.stand(), now.astimezone(UTC).date())
            if self._made is None or self._made[0] != made_of:
                self._made = (made_of, tuple(map(self._headlined, self._newest(now))))
            return self._made[1]

    def _newest(self, now: datetime) -> list[Story]:
        """Of the newest stories those of which most is to be said: many origins, grave matters."""
        from retrieval.briefs.lines import is_opinion
        from retrieval.stories.ranking import importance

        until = now + _AHEAD
        every = (self._register.story(one) for one in self._candidates(until))
        told = (story.within(_EVER, until) for story in every if story is not None)
        found = [story for story in told if story is not None]
        if not found:
            return []
        last = max(story.ends for story in found)
        weighed = []
        for story in found:
            within = story.within(last - LATELY, until)
            if within is None or all(map(is_opinion, within.articles)):
                continue
            weighed.append((importance(story, within, within.articles, Told()), story))
        best = sorted(weighed, key=lambda one: (-one[0], -one[1].ends.timestamp(), one[1].id))
        return sorted((story for _, story in best[:MOST]), key=lambda one: one.ends, reverse=True)

    def _candidates(self, until: datetime) -> list[str]:
        stories = schema.stories.c
        query = (
            select(stories.id)
            .where(stories.joined_to.is_(None), stories.begun_at <= until)
            .order_by(stories.last_at.desc(), stories.id)
            .limit(_LOOKED_AT)
        )
        with reading(self._store.engine) as connection:
            return list(connection.scalars(query))

    def _headlined(self, story: Story) -> Headlined:
        from retrieval.briefs.headline import headline_of
        from retrieval.sameness import Sameness

        headline = headline_of(story.articles, Sameness(self._encode))
        return Headlined(story, headline.text, headline.article.url)
