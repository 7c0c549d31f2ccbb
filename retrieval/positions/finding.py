"""Positions: what a speaker said on a matter, in order of time, and how the wording changed.

    name -> speaker -> stored quotations -> narrowed (topic, time, sources, places)
         -> one of those that are one utterance -> compared with earlier words -> Positions

Precision before recall: a quotation whose paragraph does not plainly speak of the topic is left
out, and a change of wording is marked only between near variants of one formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpus.articles import Article
from corpus.places.finding import place_code, places_of
from corpus.quotations.extracting import Quotation
from corpus.quotations.register import QuotationRegister
from corpus.quotations.speaker_names import NamedSpeaker, Speaker
from corpus.sentences import split_sentences
from corpus.store.article_store import ArticleStore
from retrieval.answers import Citation
from retrieval.passages import ParagraphKey
from retrieval.positions.utterances import Utterance, utterances
from retrieval.positions.wording import Reworded, reworded
from retrieval.questions import Narrowing
from retrieval.topic_relevance import Topic, TopicRelevance, plainness


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
