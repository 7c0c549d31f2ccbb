"""Grouping articles into stories as the store changes: the follower, and what it remembers.

    store.changes_since(stand) ─▶ StoryFollower ─ StoryMemory.take ─▶ Changes ─▶ StoryRegister.write
        article ─ words, LeadVectors ─▶ Text ─▶ StoryPool.place:
            candidates (shared rare terms, near vectors) ─▶ stories near it, at most `NEAR_STORIES`
            ─▶ likeness among all their texts ─▶ average linkage ─▶ stories carried over

The position moves in the transaction that writes the assignments, and only from where this follower
knew it: of two processes that did one batch a single one writes it, a crash leaves the batch to be
done again, and whoever came second throws its memory away and reads anew what the first has
written. Everything in memory can be made again from the store.

Only the neighbourhood of an arriving text is grouped anew, so the work does not grow with what was
read before, and yet later texts mend what earlier ones misled: in the end stories are much what
average linkage over everything would give. A text stands for all its copies.

The vector of what a text tells first is the mean of its first paragraphs' vectors, which the vector
index has already, so that grouping beside it encodes nothing. The mean is as good as one vector of
title and lead together, and better than a mean with the title among them: B³ F1 .954, .951 and .950
(`python -m tests.evaluation --sets stories`). A text without paragraphs goes by its title.

Once something in another language than English was read, every text has a vector in the space of
all languages as well, English ones too: one encoding of its title and first paragraph, kept with
its vector. Across languages that is far better than the mean (average precision of pairs .91 and
.69). What was held before is then read again, and encoded where it has no such vector.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from corpus.articles import Article
from corpus.store.articles import ArticleStore
from corpus.text.words import paragraph_language
from retrieval.encoders.encoder import Vectors
from retrieval.index.embedding import SentenceEmbeddings, Space
from retrieval.passages import ParagraphKey
from retrieval.stories.grouping import (
    ALIKE,
    NAMING_CHARACTERS,
    Abroad,
    Placed,
    Profile,
    Repeated,
    StoryTerms,
    StoryText,
    Vocabulary,
    average_linkage,
    carry_over,
    likeness,
    published_day,
    read_terms,
)
from retrieval.stories.registry import Changes, Member, Span, Stand, StoryRegister
from retrieval.stories.story import moment_of

ARTICLES_A_BATCH = 200
# Days without news after which a story has ended: what comes later begins another.
ENDED_DAYS = 21.0
# Texts that are looked at closely for each of the two ways of finding them.
CANDIDATES = 40
# A candidate this near to the threshold makes its story part of the neighbourhood.
NEAR = 0.8 * ALIKE
NEAR_STORIES = 6
# Of a long story only its latest texts are compared and may move; the others stay with it.
LATEST_TEXTS = 40
# The rarest terms of a text by which others are looked up, and how common a term may be.
RARE_TERMS = 40
MOST_HOLDERS = 400
# What is rare is poorly known while little has been read: until there are so many texts, each is
# looked at again whenever twice as many have been read.
ENOUGH_TEXTS = 1_000

# Texts read before the first batch, so that it is known what is rare and what is a form.
TEXTS_BEFORE = 500
# Texts held, beyond which stories far from the batch in time are let go.
MOST_TEXTS = 8_000
# A text whose lead is no nearer than this to the one that was placed is placed anew.
CHANGED = 0.8

_ENDED = timedelta(days=ENDED_DAYS)


class StoryFollower:
    """Brings the stories up to the store. Threads take turns; processes may follow side by side."""

    def __init__(
        self,
        store: ArticleStore,
        embeddings: SentenceEmbeddings,
        *,
        index: KeepsParagraphs | None = None,
        articles_a_batch: int = ARTICLES_A_BATCH,
        most_texts: int = MOST_TEXTS,
    ) -> None:
        """What `index` has encoded need not be encoded again.

        `most_texts` are held in memory, beyond which stories far from a batch are let go."""
        self._store = store
        self._embeddings = embeddings
        self._leads = LeadVectors(embeddings, index)
        self._register = StoryRegister(store)
        self._articles_a_batch = articles_a_batch
        self._most_texts = most_texts
        self._memory: StoryMemory | None = None
        self._remembered: Stand | None = None
        self._turn = threading.Lock()

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Group whatever has changed; the number of articles looked at.

        `progress` is called with the number of articles since the last call.
        """
        looked_at = 0
        with self._turn:
            while (count := self._follow()) is not None:
                looked_at += count
                if progress is not None:
                    progress(count)
        return looked_at

    def _follow(self) -> int | None:
        """One batch: how many articles were looked at, 0 where another process was first; None
        where nothing is left."""
        stand = self._register.stand()
        changes = self._store.changes_since(stand.position, self._articles_a_batch)
        if not changes:
            return None
        self._tell_what_is_read([change.article for change in changes])
        memory = self._memory_of(stand)
        # What was taken is true only once it is written.
        self._memory = self._remembered = None
        position = changes[-1].number
        taken = memory.take([change.article for change in changes], position)
        if not self._register.write(stand, position, taken):
            return 0
        self._memory, self._remembered = memory, replace(stand, position=position)
        return len(changes)

    def _memory_of(self, stand: Stand) -> StoryMemory:
        memory, abroad = self._memory, self._embeddings.abroad is not None
        if memory is not None and memory.abroad == abroad and self._remembered == stand:
            return memory
        return StoryMemory(
            self._store, self._register, self._leads, stand, most_texts=self._most_texts
        )

    def _tell_what_is_read(self, articles: Iterable[Article]) -> None:
        """As the vector index does: here there may be none."""
        if any(self._embeddings.space_of(one.title, one.language) for one in articles):
            self._embeddings.reads_others = True


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
        self.abroad = leads.abroad is not None
        """Whether texts of different languages are compared; a memory does so or does not."""
        self._renewed: set[str] = set()
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
        work = _Work(self._renewed)
        self._renewed = set()
        for article in ordered:
            key = article.origin
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
        if vector is None:
            return
        profile = self._profile(article, vector)
        if float(profile.vector @ text.profile.vector) >= CHANGED:
            return
        self._pool.remove(text.key)
        text.profile = profile
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
                    text.profile.found_by.astype("<f2").tobytes(),
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
        terms, published = self._terms_of(article), published_day(article)
        own, everywhere = self._leads.parted(vector)
        abroad = None if everywhere is None else Abroad(self._language(article, own), everywhere)
        return self._pool.vocabulary.profile(terms, own, published, abroad)

    def _language(self, article: Article, own: Vectors) -> str:
        if self._leads.is_english(own):
            return "en"
        beginning = self._repeated.told(article).beginning(NAMING_CHARACTERS)
        return paragraph_language(beginning, article.language) or ""

    def _terms_of(self, article: Article) -> StoryTerms:
        """Terms of an article, which are read once a batch."""
        key = article.id, article.version
        if key not in self._terms:
            self._terms[key] = read_terms(self._repeated.told(article), abroad=self.abroad)
        return self._terms[key]

    # -- living stories ----------------------------------------------------------------------

    def _cover(self, articles: Sequence[Article], vectors: dict[str, Vectors]) -> None:
        """Hold every story that one of these articles is in or may belong to."""
        named = {one.id for one in articles} | {one.origin for one in articles}
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
        lacking = {key for key, one in speaking.items() if self._leads.lack(stored[one.id])}
        self._renewed |= lacking
        unusable = [
            one
            for key, one in speaking.items()
            if key in lacking or not 0 < len(stored[one.id]) == length
        ]
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

    def __init__(self, written: set[str]) -> None:
        self.written = written
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


@dataclass(slots=True)
class Text:
    """One origin: the moments of its articles (itself and copies) by id, and its story.

    `fixed` tells that a person put it where it is.
    """

    key: str
    profile: Profile
    articles: dict[str, datetime]
    story: str = ""
    fixed: bool = False

    @property
    def moment(self) -> datetime:
        return min(self.articles.values())


@dataclass(frozen=True, slots=True)
class Placement:
    """What an arriving text changed: the texts whose story is another now, and what was joined
    to what, in the order in which it happened."""

    moved: frozenset[str]
    joined: tuple[tuple[str, str], ...]


class StoryPool:
    """Living stories and their texts by key. For one thread."""

    def __init__(
        self, vocabulary: Vocabulary, is_taken: Callable[[str], bool] = lambda story: False
    ) -> None:
        """`is_taken` tells of stories that are not held here whether their id is in use."""
        self.vocabulary = vocabulary
        self._is_taken = is_taken
        self._again: deque[tuple[int, str]] = deque()
        self.texts: dict[str, Text] = {}
        self.stories: dict[str, set[str]] = {}
        self._holders: dict[int, set[str]] = defaultdict(set)
        self._rows: list[str | None] = []
        self._row_of: dict[str, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)

    # -- what is held ------------------------------------------------------------------------

    def add(self, text: Text) -> None:
        """Take in a text whose story is known."""
        self.texts[text.key] = text
        self.stories.setdefault(text.story, set()).add(text.key)
        for term in text.profile.terms:
            self._holders[int(term)].add(text.key)
        self._add_vector(text.key, text.profile.found_by)

    def remove(self, key: str) -> Text:
        """Forget a text; its story is forgotten with its last one."""
        text = self.texts.pop(key)
        self._leave(text)
        for term in text.profile.terms:
            self._holders[int(term)].discard(key)
        row = self._row_of.pop(key)
        self._rows[row] = None
        self._vectors[row] = 0.0
        return text

    def begun(self, story: str) -> datetime:
        return min(self.texts[key].moment for key in self.stories[story])

    def last(self, story: str) -> datetime:
        texts = (self.texts[key] for key in self.stories[story])
        return max(moment for text in texts for moment in text.articles.values())

    # -- placing -----------------------------------------------------------------------------

    def place(self, text: Text) -> Placement:
        """Put an arriving text into a story, new or not, and mend the stories around it.

        `text.story` is the story that it was in before its text changed, empty for none.
        """
        moved, joined = self._place(text)
        self._look_again_at(text.key)
        while self._again and self._again[0][0] <= self.vocabulary.texts:
            _, key = self._again.popleft()
            if key != text.key and key in self.texts and not self.texts[key].fixed:
                moved_again, joined_again = self._place(self.remove(key))
                moved |= moved_again
                joined += joined_again
                self._look_again_at(key)
        return Placement(frozenset(moved), tuple(joined))

    def _look_again_at(self, key: str) -> None:
        read = self.vocabulary.texts
        if read < ENOUGH_TEXTS:
            self._again.append((2 * read, key))

    def _place(self, text: Text) -> tuple[set[str], list[tuple[str, str]]]:
        near = self._near(text)
        if text.story in self.stories and text.story not in near:
            near.append(text.story)
        around = [text, *(self.texts[key] for story in near for key in self._latest(story))]
        profiles = [one.profile for one in around]
        groups = average_linkage(
            likeness(profiles, profiles, self.vocabulary),
            [one.story if one.fixed else None for one in around],
        )
        begun = {story: self.begun(story) for story in near}
        if text.story:
            begun.setdefault(text.story, text.moment)
        carried = carry_over(
            groups,
            [Placed(one.key, one.story or None, one.moment) for one in around],
            begun,
            lambda story: story in self.stories or self._is_taken(story),
        )
        moved = {text.key}
        text.story = carried.stories[0]
        for one, story in zip(around[1:], carried.stories[1:], strict=True):
            if one.story != story:
                self._move(one, story)
                moved.add(one.key)
        for story, survivor in carried.joined.items():
            for key in list(self.stories.get(story, ())):
                self._move(self.texts[key], survivor)
                moved.add(key)
        self.add(text)
        return moved, list(carried.joined.items())

    def _near(self, text: Text) -> list[str]:
        """Stories that have a candidate near to the threshold and go on, the nearest first."""
        found = {*self._by_terms(text.profile), *self._by_vector(text.profile.vector)}
        if (abroad := text.profile.abroad) is not None:
            everywhere = np.zeros_like(text.profile.vector)
            everywhere[-len(abroad.vector) :] = abroad.vector
            found.update(self._by_vector(everywhere))
        keys = sorted(found)
        keys = [key for key in keys if self._goes_on(self.texts[key].story, text.profile)]
        if not keys:
            return []
        profiles = [self.texts[key].profile for key in keys]
        alike = likeness([text.profile], profiles, self.vocabulary)[0]
        best: dict[str, list[float]] = defaultdict(list)
        for key, value in zip(keys, alike, strict=True):
            best[self.texts[key].story].append(float(value))
        near = {story: max(values) for story, values in best.items() if max(values) >= NEAR}
        return sorted(near, key=lambda story: (-near[story], story))[:NEAR_STORIES]

    def _goes_on(self, story: str, profile: Profile) -> bool:
        """Whether a text's date is near enough to one of a story's; an unknown date is."""
        if np.isnan(profile.published):
            return True
        return any(
            not abs(self.texts[key].profile.published - profile.published) > ENDED_DAYS
            for key in self.stories[story]
        )

    def _by_terms(self, profile: Profile) -> list[str]:
        """Texts that share most of what is rare in a text."""
        rarity = self.vocabulary.rarity(profile.terms)
        telling = rarity * profile.weights
        scores: dict[str, float] = defaultdict(float)
        for index in np.argsort(-telling)[:RARE_TERMS]:
            holders = self._holders.get(int(profile.terms[index]), ())
            if len(holders) <= MOST_HOLDERS:
                for key in holders:
                    scores[key] += float(telling[index] * rarity[index])
        return sorted(scores, key=lambda key: (-scores[key], key))[:CANDIDATES]

    def _by_vector(self, vector: Vectors) -> list[str]:
        """Texts of the nearest meaning."""
        if not self._row_of:
            return []
        cosines = self._vectors[: len(self._rows)] @ vector
        nearest = np.argsort(-cosines, kind="stable")[:CANDIDATES]
        return [key for row in nearest if (key := self._rows[row]) is not None]

    def _latest(self, story: str) -> list[str]:
        """The texts of a story that are compared, from the latest to the first.

        One that a person put there is always among them, to speak for that decision.
        """
        keys = sorted(
            self.stories[story], key=lambda key: (self.texts[key].moment, key), reverse=True
        )
        latest, rest = keys[:LATEST_TEXTS], keys[LATEST_TEXTS:]
        if rest and not any(self.texts[key].fixed for key in latest):
            latest += [key for key in rest if self.texts[key].fixed][:1]
        return latest

    def _move(self, text: Text, story: str) -> None:
        self._leave(text)
        text.story = story
        self.stories.setdefault(story, set()).add(text.key)

    def _leave(self, text: Text) -> None:
        held = self.stories[text.story]
        held.discard(text.key)
        if not held:
            del self.stories[text.story]

    def _add_vector(self, key: str, vector: Vectors) -> None:
        if len(self._rows) == len(self._vectors):
            wider = np.zeros((max(1_024, 2 * len(self._rows)), len(vector)), dtype=np.float32)
            if self._rows:
                wider[: len(self._rows)] = self._vectors
            self._vectors = wider
        self._row_of[key] = len(self._rows)
        self._vectors[len(self._rows)] = vector
        self._rows.append(key)


class KeepsParagraphs(Protocol):
    """What is asked for the vectors of paragraphs: `retrieval.index.vectors.VectorIndex`."""

    @property
    def position(self) -> int:
        """Number of the last change of the store that it holds."""
        ...

    def of_paragraphs(self, keys: Sequence[ParagraphKey]) -> Mapping[ParagraphKey, Vectors]:
        """The unit vectors of those paragraphs that it holds, each of the first window."""
        ...


class LeadVectors:
    """Makes vectors of leads. Threads may share it."""

    def __init__(
        self, embeddings: SentenceEmbeddings, index: KeepsParagraphs | None = None
    ) -> None:
        self._embeddings = embeddings
        self._index = index

    @property
    def abroad(self) -> Space | None:
        """The space in which texts of different languages are compared, where there are such."""
        return self._embeddings.abroad

    def parted(self, vector: Vectors) -> tuple[Vectors, Vectors | None]:
        """What is compared within a language, and the part that is across languages."""
        if (space := self.abroad) is None:
            return vector, None
        own = vector.copy()
        if self.is_english(vector):
            space.of(own)[:] = 0.0
        return own, space.of(vector)

    def is_english(self, vector: Vectors) -> bool:
        """Whether a vector has a part in the space of English."""
        return bool(self._embeddings.spaces[0].of(vector).any())

    def lack(self, vector: Vectors) -> bool:
        """Whether a vector was made when nothing was compared across languages."""
        return self.abroad is not None and not self.abroad.of(vector).any()

    def of(
        self, texts: Sequence[tuple[Article, StoryText]], upto: int | None = None
    ) -> list[Vectors]:
        """One unit vector a text, in their order.

        The index is asked where it holds the changes `upto` this one, or whatever it holds for
        None: a paragraph that has changed since would have its old vector.
        """
        if not texts:
            return []
        parts = [told.lead or (told.title,) for _, told in texts]
        known = self._indexed(texts, upto)
        unknown = list(
            dict.fromkeys(
                part for own, held in zip(parts, known, strict=True) for part in own
                if part not in held
            )
        )  # fmt: skip
        encoded = self._embeddings.encode(unknown) if unknown else ()
        rows = dict(zip(unknown, encoded, strict=True))
        means = [
            _mean([held[part] if part in held else rows[part] for part in own])
            for own, held in zip(parts, known, strict=True)
        ]
        return means if self.abroad is None else self._with_beginnings(texts, means, self.abroad)

    def _with_beginnings(
        self, texts: Sequence[tuple[Article, StoryText]], means: Sequence[Vectors], space: Space
    ) -> list[Vectors]:
        """The same in two spaces: of English what a text has there, where it is mostly English,
        and across languages its title and first paragraph."""
        beginnings = space.encoder.encode_document(
            ["\n".join((told.title, *told.paragraphs[:1])) for _, told in texts]
        )
        rows = []
        for mean, beginning in zip(means, beginnings, strict=True):
            row = np.zeros_like(mean)
            english = mean[: space.start]
            if 2 * float(english @ english) >= 1.0:
                row[: space.start] = english / np.linalg.norm(english)
            row[space.start :] = beginning
            rows.append(row)
        return rows

    def _indexed(
        self, texts: Sequence[tuple[Article, StoryText]], upto: int | None
    ) -> list[dict[str, Vectors]]:
        """Of each text the vectors of its paragraphs, by what stands there."""
        if self._index is None or (upto is not None and self._index.position < upto):
            return [{} for _ in texts]
        numbers = [_numbers(article, told) for article, told in texts]
        keys = [
            (article.id, number)
            for (article, _), own in zip(texts, numbers, strict=True)
            for number in own.values()
        ]
        held = self._index.of_paragraphs(keys)
        return [
            {
                text: held[article.id, number]
                for text, number in own.items()
                if (article.id, number) in held
            }
            for (article, _), own in zip(texts, numbers, strict=True)
        ]


def _numbers(article: Article, told: StoryText) -> dict[str, int]:
    """The paragraphs of a lead by their text."""
    lead = set(told.lead)
    return {one.text: one.number for one in reversed(article.paragraphs) if one.text in lead}


def _mean(rows: Sequence[Vectors]) -> Vectors:
    mean = np.mean(np.stack(rows), axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)
