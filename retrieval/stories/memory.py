"""What a follower remembers while it groups: living stories, their texts, the words seen so far.

    articles that changed -> living stories around them -> StoryPool.place -> Changes to be written

Everything here can be made again from the store: a process that starts, or finds that another
one came first, throws it away and reads anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np

from corpus.articles import Article
from corpus.store.article_store import ArticleStore
from retrieval.embedding import Vectors
from retrieval.stories.features import (
    Profile,
    Repeated,
    StoryTerms,
    Vocabulary,
    published_day,
    read_terms,
)
from retrieval.stories.nouns import moment_of
from retrieval.stories.pool import ENDED_DAYS, StoryPool, Text
from retrieval.stories.register import StoryRegister
from retrieval.stories.tables import Changes, Member, Span, Stand
from retrieval.stories.vectors import LeadVectors

# Texts read before the first batch, so that it is known what is rare and what is a form.
TEXTS_BEFORE = 500
# Texts held, beyond which stories far from the batch in time are let go.
MOST_TEXTS = 8_000
# A text whose lead is no nearer than this to the one that was placed is placed anew.
CHANGED = 0.8

_ENDED = timedelta(days=ENDED_DAYS)


class StoryMemory:
    """For one thread, and only as long as the register stands where this was made or written."""

    def __init__(
        self,
        store: ArticleStore,
        register: StoryRegister,
        leads: LeadVectors,
        stand: Stand,
        *,
        most_texts: int = MOST_TEXTS,
    ) -> None:
        self._most_texts = most_texts
        self._upto: int | None = None
        self._store = store
        self._register = register
        self._leads = leads
        self._repeated = Repeated()
        self._pool = StoryPool(Vocabulary(), register.is_living)
        self._text_of: dict[str, str] = {}
        self._learned: set[str] = set()
        self._terms: dict[tuple[str, int], StoryTerms] = {}
        before = store.changes_since(max(0, stand.position - TEXTS_BEFORE), TEXTS_BEFORE)
        self._learn([change.article for change in before if change.number <= stand.position])

    def take(self, articles: Iterable[Article], upto: int | None = None) -> Changes:
        """Place articles that are new or changed, take out those withdrawn; what came of it.

        `upto` is the last change among them: an index that does not hold it is not asked.
        """
        self._upto = upto
        ordered = sorted(articles, key=lambda one: (moment_of(one), one.id))
        current = [one for one in ordered if one.withdrawn_at is None]
        self._learn(current)
        vectors = self._vectors([one for one in current if one.duplicate_of is None])
        self._cover(ordered, vectors)
        work = _Work()
        for article in ordered:
            key = article.duplicate_of or article.id
            if article.withdrawn_at is not None:
                self._leave(article.id, work)
            elif self._text_of.get(article.id) == key:
                self._take_again(article, vectors.get(article.id), work)
            else:
                self._leave(article.id, work)
                self._take_new(article, key, vectors, work)
        self._terms.clear()
        return self._changes(work)

    # -- one article -------------------------------------------------------------------------

    def _take_new(
        self, article: Article, key: str, vectors: dict[str, Vectors], work: _Work
    ) -> None:
        self._text_of[article.id] = key
        work.gone.discard(article.id)
        if key in self._pool.texts:
            self._pool.texts[key].articles[article.id] = moment_of(article)
            work.written.add(key)
            return
        vector = (
            vectors[article.id] if article.id in vectors else self._vectors([article])[article.id]
        )
        self._place(
            Text(key, self._profile(article, vector), {article.id: moment_of(article)}), work
        )

    def _take_again(self, article: Article, vector: Vectors | None, work: _Work) -> None:
        """An article that is known: its text is looked at anew only where it changed much."""
        text = self._pool.texts[self._text_of[article.id]]
        text.articles[article.id] = moment_of(article)
        work.written.add(text.key)
        if vector is None or float(vector @ text.profile.vector) >= CHANGED:
            return
        self._pool.remove(text.key)
        text.profile = self._profile(article, vector)
        if text.fixed:
            self._pool.add(text)
        else:
            self._place(text, work)

    def _leave(self, article_id: str, work: _Work) -> None:
        key = self._text_of.pop(article_id, None)
        if key is None:
            return
        text = self._pool.texts[key]
        del text.articles[article_id]
        work.gone.add(article_id)
        work.written.add(key)
        if not text.articles:
            self._pool.remove(key)

    def _place(self, text: Text, work: _Work) -> None:
        placement = self._pool.place(text)
        work.written |= placement.moved
        work.joined += placement.joined

    def _changes(self, work: _Work) -> Changes:
        texts = [self._pool.texts[key] for key in sorted(work.written) if key in self._pool.texts]
        return Changes(
            written=[
                Member(
                    article_id, text.story, moment, text.fixed,
                    text.profile.vector.astype("<f2").tobytes(),
                )
                for text in texts
                for article_id, moment in text.articles.items()
            ],
            gone=work.gone,
            spans=[
                Span(story, self._pool.begun(story), self._pool.last(story))
                for story in sorted({text.story for text in texts})
            ],
            joined=work.joined,
        )  # fmt: skip

    # -- reading -----------------------------------------------------------------------------

    def _learn(self, articles: Iterable[Article]) -> None:
        """Count words and paragraphs of texts that were not counted yet; copies never are."""
        new = [one for one in articles if one.id not in self._learned and not one.duplicate_of]
        for article in new:
            self._repeated.count(article)
        for article in new:
            self._pool.vocabulary.learn(self._terms_of(article))
            self._learned.add(article.id)

    def _vectors(self, articles: Sequence[Article]) -> dict[str, Vectors]:
        texts = [(one, self._repeated.told(one)) for one in articles]
        made = self._leads.of(texts, self._upto)
        return {one.id: vector for one, vector in zip(articles, made, strict=True)}

    def _profile(self, article: Article, vector: Vectors) -> Profile:
        terms = self._terms_of(article)
        return self._pool.vocabulary.profile(terms, vector, published_day(article))

    def _terms_of(self, article: Article) -> StoryTerms:
        """Terms of an article, which are read once a batch."""
        key = article.id, article.version
        if key not in self._terms:
            self._terms[key] = read_terms(self._repeated.told(article))
        return self._terms[key]

    # -- living stories ----------------------------------------------------------------------

    def _cover(self, articles: Sequence[Article], vectors: dict[str, Vectors]) -> None:
        """Hold every story that one of these articles is in or may belong to."""
        named = {one.id for one in articles} | {one.duplicate_of or one.id for one in articles}
        spans = _spans(articles)
        wanted = self._register.stories_of(named)
        for begins, ends in spans:
            wanted.update(self._register.living(begins, ends))
        if len(self._pool.texts) > self._most_texts:
            self._let_go(wanted)
        members = self._register.members(wanted - self._pool.stories.keys())
        if members:
            self._load(members, next(iter(vectors.values()), None))

    def _load(self, members: Sequence[Member], like: Vectors | None) -> None:
        """Hold these members; a vector that is missing or of another model is made anew."""
        articles = {one.id: one for one in self._store.articles(m.article_id for m in members)}
        texts: dict[str, list[Member]] = {}
        for member in members:
            if member.article_id not in articles:  # Removed since its membership was read.
                continue
            key = articles[member.article_id].duplicate_of or member.article_id
            texts.setdefault(key, []).append(member)
            self._text_of[member.article_id] = key
        speaking = {
            key: articles.get(key, articles[own[0].article_id]) for key, own in texts.items()
        }
        self._learn(speaking.values())
        stored = {
            speaking[key].id: np.frombuffer(own[0].vector or b"", dtype="<f2").astype(np.float32)
            for key, own in texts.items()
        }
        length = len(like) if like is not None else max(map(len, stored.values()))
        unusable = [one for one in speaking.values() if not 0 < len(stored[one.id]) == length]
        stored |= self._vectors(unusable)
        for key, own in texts.items():
            self._pool.add(
                Text(
                    key,
                    self._profile(speaking[key], stored[speaking[key].id]),
                    {member.article_id: member.told_at for member in own},
                    own[0].story_id,
                    any(member.fixed for member in own),
                )
            )

    def _let_go(self, wanted: set[str]) -> None:
        """Make room: forget the stories that are not wanted."""
        held = self._pool
        self._pool = StoryPool(held.vocabulary, self._register.is_living)
        for text in held.texts.values():
            if text.story in wanted:
                self._pool.add(text)
        self._text_of = {
            article_id: key
            for key, text in self._pool.texts.items()
            for article_id in text.articles
        }


class _Work:
    """What a batch has come to so far."""

    def __init__(self) -> None:
        self.written: set[str] = set()
        self.gone: set[str] = set()
        self.joined: list[tuple[str, str]] = []


def _spans(articles: Sequence[Article]) -> list[tuple[datetime, datetime]]:
    """The times whose stories may go on in these articles.

    One around their moments, one around their reading: what has no date is as old as its reading.
    """
    return [
        (min(moments) - _ENDED, max(moments) + _ENDED)
        for moments in (
            [moment_of(one) for one in articles],
            [one.first_read_at for one in articles],
        )
    ]
