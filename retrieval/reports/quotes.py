"""Positions: what a speaker said on a matter, in order of time, and how the wording changed.

    name ─▶ speaker ─▶ stored quotations ─▶ narrowed (topic, time, sources, places)
         ─ utterances ─▶ the same words once ─ reworded ─▶ compared with earlier words ─▶ Positions

An utterance is the same words of one speaker, however many articles carry them within days; the
origin, or the first that reported them, stands for the others. A change of wording ("grave concern"
became "deep concern") is marked only between near variants of one formula: enough of their words
are the same and in the same order, and what changed is little. Everything else is two statements,
between which no change is claimed.

Precision before recall: a quotation whose paragraph does not plainly speak of the topic is left
out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import partial

from corpus.articles import Article
from corpus.quotations.extraction import Quotation
from corpus.quotations.speaker_names import NamedSpeaker, Speaker
from corpus.quotations.store import QuotationRegister
from corpus.store.articles import ArticleStore
from corpus.text.differences import WordChange, word_changes
from corpus.text.places import place_code, places_of
from corpus.text.sentences import split_sentences
from corpus.text.tables import either
from corpus.text.words import FUNCTION_WORDS, fold, names, words
from retrieval.outcomes import Citation
from retrieval.passages import ParagraphKey
from retrieval.questions.understand import Narrowing
from retrieval.reports.topics import Topic, TopicRelevance, plainness
from retrieval.stories.story import moment_of

REPORTED_FOR = timedelta(days=4)
"""The same words later than this after they were first reported were said again."""
FEWEST_WORDS_ALIKE = 4
"""Fewer words in another origin's article may have been said at another time."""
# Read off pairs of sentences of one speaker in 694 statements and briefings of a ministry: from
# here on they are the same formula with another word or two; under it they share only phrases.
ALIKE = 0.72
FEWEST_WORDS = 6
"""Words of a sentence that can be called a formula."""
FEWEST_SHARED = 4
"""Words that mean something (not "the", "of") which both must have."""
NOT_AGAIN = timedelta(hours=20)
"""Nearer together than this, two wordings are two reports of one utterance."""
SHARED = 0.5
"""Share of a sentence's meaning words that another must have to be compared with it."""

_any = partial(either, __package__, "speech")
_COURTESY = re.compile(rf"\b{_any('courtesies of briefings')}\b", re.IGNORECASE)
LOOK_BACK = 400
"""Of a word that stands everywhere, so many of the latest sentences are looked at."""


@dataclass(frozen=True, slots=True)
class Reworded:
    """A sentence as it was said before and as it is said now.

    `mark` is the earlier position's; `changes` make up both wordings (see `word_changes`).
    """

    mark: int
    before: str
    after: str
    changes: tuple[WordChange, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of the quotation at `place`: its folded words, and those that carry meaning."""

    place: int
    text: str
    words: tuple[str, ...]
    meaning: frozenset[str]
    names: frozenset[str]
    moment: datetime
    direct: bool


@dataclass(slots=True)
class _Earlier:
    """What was said before, by the words that carry meaning."""

    sentences: list[_Said] = field(default_factory=list)
    by_word: dict[str, list[int]] = field(default_factory=dict)

    def add(self, sentence: _Said) -> None:
        for word in sentence.meaning:
            self.by_word.setdefault(word, []).append(len(self.sentences))
        self.sentences.append(sentence)

    def near(self, sentence: _Said) -> Iterator[_Said]:
        """Sentences that share enough words to be worth comparing, the latest first."""
        shared: Counter[int] = Counter()
        for word in sentence.meaning:
            shared.update(self.by_word.get(word, ())[-LOOK_BACK:])
        enough = max(FEWEST_SHARED, round(len(sentence.meaning) * SHARED))
        for number in sorted((n for n, count in shared.items() if count >= enough), reverse=True):
            yield self.sentences[number]


def reworded(said: Sequence[tuple[Quotation, datetime | None]]) -> dict[int, Reworded]:
    """For each quotation (by its place, from 0) that varies an earlier one, how.

    `said` are one speaker's quotations with when they were published, in order of time.
    """
    earlier = _Earlier()
    found: dict[int, Reworded] = {}
    for place, (quotation, moment) in enumerate(said):
        if moment is None:
            continue
        sentences = _sentences(place, quotation, moment)
        for sentence in sentences:
            before = _variant(sentence, earlier.near(sentence))
            if before is not None and place not in found:
                changes = word_changes(before.text, sentence.text)
                found[place] = Reworded(before.place + 1, before.text, sentence.text, changes)
        for sentence in sentences:
            earlier.add(sentence)
    return found


def _sentences(place: int, quotation: Quotation, moment: datetime) -> list[_Said]:
    found = []
    for sentence in split_sentences(quotation.quote):
        folded = tuple(words(sentence.text))
        if len(folded) >= FEWEST_WORDS and not _COURTESY.search(sentence.text):
            meaning = frozenset(w for w in folded if w not in FUNCTION_WORDS and w.isalpha())
            named = frozenset(fold(name) for name in names(sentence.text))
            found.append(
                _Said(place, sentence.text, folded, meaning, named, moment, quotation.direct)
            )
    return found


def _variant(sentence: _Said, earlier: Iterable[_Said]) -> _Said | None:
    """The latest earlier wording of the same formula; None where there is none, or where the
    last time it was said in the very same words."""
    for before in earlier:
        if before.direct != sentence.direct or sentence.moment - before.moment < NOT_AGAIN:
            continue
        if before.words == sentence.words:
            return None
        if _is_one_matter(before, sentence) and is_variant(before.words, sentence.words):
            return before
    return None


def _is_one_matter(before: _Said, after: _Said) -> bool:
    """Whether two sentences can be of one thing, and differ in more than grammar.

    A name for another name makes another matter of it: "India is a strong partner" is no variant
    of "Indonesia is a strong partner".
    """
    renamed = before.names - after.names and after.names - before.names
    if renamed or before.meaning == after.meaning:
        return False
    if len(before.meaning & after.meaning) < FEWEST_SHARED:
        return False
    then, now = set(places_of(before.text)), set(places_of(after.text))
    return then <= now or now <= then


def is_variant(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two sentences, as folded words, are wordings of one formula."""
    shorter, longer = sorted((len(before), len(after)))
    # 2·matches/(sum of lengths) cannot reach ALIKE where one is that much longer.
    if shorter < FEWEST_WORDS or 2 * shorter < ALIKE * (shorter + longer):
        return False
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


@dataclass(frozen=True, slots=True)
class Position:
    """One utterance with the paragraph it stands in.

    `mark` counts positions from 1 in order of time. `carried_by` are copies of the article (one
    origin), `also_in` other articles that report the same words. `within` is the mark of a
    reported clause of the same sentence that holds these words. `reworded` compares with the
    speaker's words before, where they are a variant of one formula.
    """

    mark: int
    quotation: Quotation
    article: Article = field(repr=False)
    carried_by: tuple[Article, ...] = field(default=(), repr=False)
    also_in: tuple[Article, ...] = field(default=(), repr=False)
    within: int | None = None
    reworded: Reworded | None = None

    @property
    def citation(self) -> Citation:
        """The words in their paragraph, linked with a text fragment."""
        paragraph = self.article.paragraph(self.quotation.paragraph)
        return Citation(self.mark, self.article, paragraph, self.quotation.quote, self.carried_by)

    @property
    def sentence(self) -> str:
        """The sentences in which the words stand, for those that cannot be read alone."""
        text = self.article.paragraph(self.quotation.paragraph).text
        around = [
            sentence
            for sentence in split_sentences(text)
            if sentence.start < self.quotation.end and self.quotation.start < sentence.end
        ]
        return text[around[0].start : around[-1].end] if around else self.quotation.quote


@dataclass(frozen=True, slots=True)
class Positions:
    """What was found. Without a `speaker` the name fits `several`, or nobody but those `near`.

    `asked` is the name as typed. `left_out` counts quotations beyond the number asked for, the
    oldest first.
    """

    asked: str
    topic: str | None
    narrow: Narrowing
    speaker: Speaker | None
    said: tuple[Position, ...] = ()
    several: tuple[Speaker, ...] = ()
    near: tuple[Speaker, ...] = ()
    left_out: int = 0

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(position.citation for position in self.said)


class PositionFinder:
    """Finds what speakers said. Reads the store, the register and the index."""

    def __init__(
        self,
        store: ArticleStore,
        register: QuotationRegister,
        relevance: TopicRelevance | None = None,
    ) -> None:
        """Without `relevance`, which needs the index, a topic is known by its words alone."""
        self._store = store
        self._register = register
        self._relevance = relevance

    def positions(
        self,
        speaker: str,
        topic: str | None = None,
        narrow: Narrowing | None = None,
        most: int | None = None,
    ) -> Positions:
        """What a speaker said on a topic (on anything, without one), the oldest first.

        `narrow.as_of` gives what was known then: nothing published later, and every article in
        the version that it had. `most` keeps the newest.
        """
        narrow = narrow or Narrowing()
        self._register.catch_up()
        named: NamedSpeaker = self._register.named(speaker)
        if named.speaker is None:
            return Positions(speaker, topic, narrow, None, several=named.several, near=named.near)
        found = self._found(named.speaker, narrow)
        if topic and topic.strip():
            found = self._on_topic(topic, found)
        every = _in_order(utterances(found))
        kept = every[max(0, len(every) - most) :] if most is not None else every
        said = tuple(_positions(kept))
        return Positions(
            speaker, topic, narrow, named.speaker, said, left_out=len(every) - len(kept)
        )

    def speakers(self) -> list[Speaker]:
        """Everybody who is quoted, most quoted first."""
        self._register.catch_up()
        return self._register.speakers()

    def _found(self, speaker: Speaker, narrow: Narrowing) -> list[tuple[Article, Quotation]]:
        stored = self._register.said_under(speaker.keys, narrow.since, narrow.until, narrow.as_of)
        articles = {
            (one.id, one.version): one
            for one in self._store.articles(dict.fromkeys(one.article_id for one in stored))
        }
        for one in stored:
            key = (one.article_id, one.version)
            if key not in articles and (older := self._store.version(*key)):
                articles[key] = older
        found = [
            (articles[one.article_id, one.version], one.quotation)
            for one in stored
            if (one.article_id, one.version) in articles
        ]
        return [one for one in found if _passes(one[0], one[1], narrow)]

    def _on_topic(
        self, topic: str, found: Sequence[tuple[Article, Quotation]]
    ) -> list[tuple[Article, Quotation]]:
        asked = Topic.of(topic)
        if self._relevance is None:
            return [one for one in found if plainness(asked, one[0], one[1].paragraph, 0.0) > 0]
        # By id and version: an article's own hash goes through all its paragraphs.
        paragraphs = {
            (article.id, article.version, one.paragraph): (article, one.paragraph)
            for article, one in found
        }
        relevant = self._relevance.relevant(asked, list(paragraphs.values()))
        return [one for one in found if _key(*one) in relevant]


def _key(article: Article, quotation: Quotation) -> ParagraphKey:
    return (article.id, quotation.paragraph)


def _passes(article: Article, quotation: Quotation, narrow: Narrowing) -> bool:
    if narrow.sources:
        wanted = {name.casefold() for name in narrow.sources}
        if (article.source or "").casefold() not in wanted:
            return False
    if not narrow.places:
        return True
    text = f"{article.title}\n{article.paragraph(quotation.paragraph).text}"
    codes = {place_code(place) for place in narrow.places} - {None}
    folded = text.casefold()
    return bool(codes & set(places_of(text))) or any(
        place.casefold() in folded for place in narrow.places
    )


def _in_order(found: Iterable[Utterance]) -> list[Utterance]:
    """The oldest first, undated ones last; those of one article as they stand there."""
    return sorted(
        found,
        key=lambda one: (
            one.article.published_at is None,
            one.article.published_at or one.article.first_read_at,
            one.article.id,
            one.quotation.paragraph,
            one.quotation.start,
            -one.quotation.end,
        ),
    )


def _positions(kept: Sequence[Utterance]) -> Iterable[Position]:
    changes = reworded([(one.quotation, one.article.published_at) for one in kept])
    holder: tuple[int, Utterance] | None = None
    for at, one in enumerate(kept):
        within = holder[0] if holder and one.stands_within(holder[1]) else None
        if within is None:
            holder = (at + 1, one)
        yield Position(
            at + 1, one.quotation, one.article, one.carried_by, one.also_in, within, changes.get(at)
        )


@dataclass(frozen=True, slots=True)
class Utterance:
    """A quotation, the copies of its article, and other articles that report the same words."""

    article: Article = field(repr=False)
    quotation: Quotation
    carried_by: tuple[Article, ...] = field(default=(), repr=False)
    also_in: tuple[Article, ...] = field(default=(), repr=False)

    def stands_within(self, other: Utterance) -> bool:
        """Whether these words are part of the other's, in the same place."""
        mine, theirs = self.quotation, other.quotation
        same = self.article.id == other.article.id and mine.paragraph == theirs.paragraph
        return same and theirs.start <= mine.start and mine.end <= theirs.end and mine != theirs


def utterances(found: Sequence[tuple[Article, Quotation]]) -> list[Utterance]:
    """Each utterance once; the order of the first ones is kept."""
    groups: list[list[tuple[Article, Quotation]]] = []
    by_words: dict[tuple[bool, tuple[str, ...]], list[list[tuple[Article, Quotation]]]] = {}
    for article, quotation in found:
        key = (quotation.direct, tuple(words(quotation.quote)))
        near = by_words.setdefault(key, [])
        group = next((one for one in near if _is_same(article, key[1], one)), None)
        if group is None:
            group = []
            groups.append(group)
            near.append(group)
        group.append((article, quotation))
    return [_utterance(group) for group in groups]


def _is_same(
    article: Article, said: Sequence[str], group: Sequence[tuple[Article, Quotation]]
) -> bool:
    """Whether an article's words are those of a group, not said again."""
    for other, _ in group:
        if other.id == article.id:
            return False
        if other.origin == article.origin:
            return True
        near = abs(moment_of(other) - moment_of(article)) <= REPORTED_FOR
        if near and len(said) >= FEWEST_WORDS_ALIKE:
            return True
    return False


def _utterance(group: Sequence[tuple[Article, Quotation]]) -> Utterance:
    article, quotation = min(
        group, key=lambda one: (one[0].duplicate_of is not None, moment_of(one[0]), one[0].id)
    )
    others = [other for other, _ in group if other.id != article.id]
    return Utterance(
        article,
        quotation,
        tuple(other for other in others if other.origin == article.origin),
        tuple(other for other in others if other.origin != article.origin),
    )
