"""Stories and quotations as they were known at a moment, for digests and summaries of then.

An article that was retracted since is in no story any more, so that these do not tell of it; a
search does (`retrieval.as_of`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from corpus.quotations.extracting import Quotation, quotations
from corpus.store.article_store import ArticleStore
from corpus.store.known_then import known_then
from retrieval.stories.nouns import Story


class Stories(Protocol):
    """Where stories are kept."""

    def stories(self, since: datetime, until: datetime) -> list[Story]: ...


class StoriesAsOf:
    """A register of stories as it looked at a moment: later articles out, older words in."""

    def __init__(self, register: Stories, store: ArticleStore, moment: datetime) -> None:
        self._register = register
        self._store = store
        self._moment = moment

    def stories(self, since: datetime, until: datetime) -> list[Story]:
        """Stories with an article of [since, until), each as far as it was known then."""
        found = []
        for story in self._register.stories(since, until):
            articles = tuple(known_then(self._store, story.articles, self._moment))
            then = replace(story, articles=articles)
            if articles and then.within(since, until) is not None:
                found.append(then)
        return found

    def quoted(self, article_ids: Sequence[str]) -> Mapping[str, tuple[Quotation, ...]]:
        """The quotations of these articles in the words of then; unknown ids left out."""
        articles = known_then(self._store, self._store.articles(article_ids), self._moment)
        return {
            article.id: quotations([one.text for one in article.paragraphs], article.title)
            for article in articles
        }
