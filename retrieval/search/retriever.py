"""Hybrid search: a question's words and its meaning, as a whole and part by part, fused.

    text, earlier turns ─ names, parts, wanted ─▶ the whole, and its parts where it has several
        each: nearest vectors ─┐
        each: best words ──────┴─▶ union of candidates ─ signals of the indexes ─▶ first look
                                   the first of each order, read: sentences, dates ─▶ second look
                                   the first of these, read with the question by a cross-encoder
    orders ─ in turns ─▶ passages

Every candidate gets every signal, whichever way it was found (`retrieval.search.fusion`). The
passages of a question of several parts are taken from the order of the whole and from that of each
part in turn: searched as one, the parts drown each other.

`SearchRetriever` is the same search as a LangChain retriever, for chains other than ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from corpus.store.articles import ArticleStore
from corpus.text.sentences import rough_sentences
from corpus.text.words import foreign_language
from retrieval.encoders.cross_encoder import Reader, score_until_sure
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import VectorIndex
from retrieval.passages import Filter, ParagraphKey, Passage
from retrieval.questions.time import TimeWindow, gain
from retrieval.questions.understand import Question, Turn, in_turns, parts_of
from retrieval.search.candidates import Candidates, Looked, OlderTexts, Wanted, named, wanted
from retrieval.search.fusion import FULL, WEIGHTS, Scores, across, best_covered, fitting

# How many passages of an order are read for their sentences and dates; of a part's order fewer,
# since less of it is taken.
READ = 60
READ_OF_PART = 12
# How many passages a reader is given, where there is one; of these the first alone, where it is as
# sure of one as this. With 4.0 a gold paragraph of squad2 in 60 is lost among the first ten, and
# none with this; a fifth less is read.
RERANKED = 16
READ_FIRST, SURE = 8, 6.0
# Paragraphs whose cosines the vector index gives in one call.
KEYS_AT_ONCE = 2_000


_Text = tuple[str, datetime | None]
"""Of a paragraph, and when its article was published."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """A paragraph, its place among the candidates, and its score."""

    key: ParagraphKey
    place: int
    score: float


class HybridSearch:
    """Ranked passages for a text. Reads the indexes and the store, changes nothing."""

    def __init__(
        self,
        store: ArticleStore,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        embeddings: SentenceEmbeddings,
        as_of: datetime | None = None,
        reader: Reader | None = None,
    ) -> None:
        """With `as_of` every search finds what was known then, unless it names its own moment.

        A `reader` reads the first paragraphs for a question (`find`), not for a topic.
        """
        self._as_of = as_of
        self._store = store
        self._vectors = vectors
        self._lexical = lexical
        self._embeddings = embeddings
        self._reader = reader
        self._candidates = Candidates(vectors, lexical, OlderTexts(store, lexical, embeddings))

    def load(self) -> None:
        """Load the models that a question needs, where they were not; RetrievalError if one cannot
        be."""
        self._embeddings.load()
        if self._reader is not None:
            self._reader.load()

    def search(
        self,
        text: str,
        k: int = 10,
        narrow: Filter | None = None,
        around: TimeWindow | None = None,
        as_of: datetime | None = None,
        earlier: Sequence[Turn] = (),
        *,
        reading: bool = False,
    ) -> list[Passage]:
        """The `k` best passages for a text, best first; fewer where fewer match `narrow`.

        Passages that speak of the time `around` come before others that fit as well. With `as_of`
        articles read as they did then (`retrieval.search.candidates`); nothing published later is
        found.
        `earlier` turns of the conversation count with the text. With `reading` the reader, where
        there is one, reads the first paragraphs with the text; neither a part of it nor what
        leans on an earlier turn says enough alone for that.
        """
        as_of = as_of or self._as_of
        if as_of is not None:
            narrow = _closed(narrow, as_of)
        said = named(text, self._lexical)
        parts = [named(part, self._lexical) for part in parts_of(said.text)]
        texts = wanted([said, *parts], earlier, self._embeddings, self._lexical)
        looked = self._candidates.look(texts, k, narrow, as_of)
        order = self._second_look(texts, looked, k, around)
        if reading and self._reader is not None and not parts and not earlier:
            # A reader that is sure of an answer has not asked of what day it is.
            first = READ_FIRST if around is None else RERANKED
            order = self._read_with(self._reader, said.text, looked, order, first)
        return self._passages(looked, order[:k])

    def then(self, moment: datetime) -> HybridSearch:
        """The same search of what was known at a moment."""
        return HybridSearch(
            self._store, self._vectors, self._lexical, self._embeddings, moment, self._reader
        )

    def spelled(self, question: Question) -> Question:
        """A question with its names as the corpus spells them, where it has them otherwise."""
        said = named(question.search_text, self._lexical)
        if not said.respelled:
            return question
        speaker = question.speaker
        for typed, spelling in said.respelled:
            speaker = speaker.replace(typed, spelling) if speaker else None
        return replace(question, search_text=said.text, speaker=speaker, looked_for=said.text)

    def find(self, question: Question, k: int) -> list[Passage]:
        """The `k` best passages for a question as it was understood."""
        return self.search(
            question.search_text,
            k,
            question.narrow or None,
            question.around,
            question.as_of,
            question.earlier,
            reading=True,
        )

    def cosines(self, text: str, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, float]:
        """Cosine of these paragraphs to a text, of those that the index holds."""
        if not keys:
            return {}
        vector = self._embeddings.encode_question(text)
        found: dict[ParagraphKey, float] = {}
        for first in range(0, len(keys), KEYS_AT_ONCE):
            found |= self._vectors.cosines(vector, keys[first : first + KEYS_AT_ONCE])
        return found

    def _second_look(
        self, texts: Sequence[Wanted], looked: Looked, k: int, around: TimeWindow | None
    ) -> list[_Scored]:
        """Paragraphs in order, after the best of the first look were read."""
        whole = looked.scores[0]
        # What fits a part and the whole question fits better than what fits the part alone.
        rows = [whole, *(row + whole for row in looked.scores[1:])]
        most = [max(k, READ), *(READ_OF_PART for _ in rows[1:])]
        firsts = (_first(row, first) for row, first in zip(rows, most, strict=True))
        places = dict.fromkeys(place for first in firsts for place in first)
        at = {looked.keys[place]: place for place in places}
        scores = {
            key: looked.scores[:, at[key]]
            + self._gains(texts, text, published, around, foreign=key in looked.foreign)
            for key, (text, published) in self._texts(looked, list(at)).items()
        }
        if len(texts) == 1:
            order = sorted(scores, key=lambda key: (-scores[key][0], key))
        else:
            order = in_turns(_orders(scores), len(scores))
        return [_Scored(key, at[key], float(max(scores[key]))) for key in order]

    def _read_with(
        self, reader: Reader, text: str, looked: Looked, order: Sequence[_Scored], enough: int
    ) -> list[_Scored]:
        """The first of an order by what reading them with the question adds; then the others.

        What the reader cannot read counts by its meaning alone; what it leaves, once one of the
        `enough` first is sure to answer or time is up, stands behind what it read.
        """
        first = list(order[:RERANKED])
        ids = dict.fromkeys(one.key[0] for one in first if one.key[0] not in looked.then)
        articles = {one.id: one for one in self._store.articles(ids)} | dict(looked.then)
        read: dict[ParagraphKey, str] = {}
        knows = reader.reads(text, foreign_language(text))
        for one in first:
            article = articles.get(one.key[0])
            if article is None or one.key[1] > len(article.paragraphs):
                continue
            paragraph = article.paragraph(one.key[1]).text
            if knows and reader.reads(paragraph, article.language):
                read[one.key] = f"{article.title}\n{paragraph}"
        scores = score_until_sure(reader, text, list(read.values()), enough, SURE)
        fits = {
            key: fitting(float(score))
            for key, score in zip(read, scores, strict=True)
            if not math.isnan(score)
        }
        meant = across(looked.cosines[0], np.zeros(len(looked.keys)))
        for place, one in enumerate(first):
            # The score of a foreign one is made of its meaning already.
            unread = one.score if one.key in looked.foreign else float(meant[one.place])
            said = WEIGHTS.reading * fits.get(one.key, unread)
            first[place] = replace(one, score=(one.score + said) / (1.0 + WEIGHTS.reading))
        first.sort(key=lambda one: (one.key in read and one.key not in fits, -one.score))
        return [*first, *order[RERANKED:]]

    def _gains(
        self,
        texts: Sequence[Wanted],
        text: str,
        published: datetime | None,
        around: TimeWindow | None,
        *,
        foreign: bool,
    ) -> Scores:
        """What reading a paragraph adds to its score, for each text that is wanted."""
        sentences = [self._lexical.analysed(one) for one in rough_sentences(text)]
        always = WEIGHTS.full * min(1.0, sum(map(len, sentences)) / FULL)
        always += gain(text, published, around) if around else 0.0
        if foreign:
            return np.full(len(texts), always)
        distinct = [set(terms) for terms in sentences]
        best = np.array([best_covered(one.rarity, distinct) for one in texts])
        return always + WEIGHTS.covered_by_sentence * best

    def _texts(self, looked: Looked, keys: Sequence[ParagraphKey]) -> dict[ParagraphKey, _Text]:
        """What the store still holds of these paragraphs; an index may be a moment behind it.

        Articles that are told as they were come with the look, also those retracted since.
        """
        found = self._store.texts(key for key in keys if key[0] not in looked.then)
        for identity, number in keys:
            if (older := looked.then.get(identity)) is not None:
                found[identity, number] = (older.paragraph(number).text, older.published_at)
        return found

    def _passages(self, looked: Looked, order: Sequence[_Scored]) -> list[Passage]:
        """Passages with their articles, whose scores never rise: one that was taken in its turn
        stands after a lesser one."""
        ids = dict.fromkeys(one.key[0] for one in order if one.key[0] not in looked.then)
        articles = {one.id: one for one in self._store.articles(ids)} | dict(looked.then)
        passages = []
        lowest = float("inf")
        for one in order:
            identity, number = one.key
            article = articles.get(identity)
            if article is None or number > len(article.paragraphs):
                continue
            lowest = min(lowest, one.score)
            cosine = float(looked.cosines[0, one.place])
            lexical = float(looked.lexical[one.place])
            passages.append(Passage(article, article.paragraph(number), lowest, cosine, lexical))
        return passages


def _first(scores: Scores, k: int) -> list[int]:
    """Places of the `k` highest scores, best first."""
    return [int(place) for place in np.argsort(-scores, kind="stable")[:k]]


def _orders(scores: Mapping[ParagraphKey, Scores]) -> list[list[ParagraphKey]]:
    """Paragraphs best first: for the whole question, and for each part with the whole."""
    row_count = len(next(iter(scores.values()), ()))
    orders = []
    for row in range(row_count):
        ranked = {key: one[row] + (one[0] if row else 0.0) for key, one in scores.items()}
        orders.append(sorted(ranked, key=lambda key: (-ranked[key], key)))
    return orders


def _closed(narrow: Filter | None, as_of: datetime) -> Filter:
    """A filter that lets nothing pass that was published after a moment."""
    narrow = narrow or Filter()
    return replace(narrow, until=min(narrow.until or as_of, as_of))


class SearchRetriever(BaseRetriever):
    """The hybrid search for any LangChain program: `retriever | …`, `retriever.invoke("…")`.

    Documents come best first, `k` of them at most; `narrow` and `as_of` are those of
    `HybridSearch.search`. Of a question asked in plain words the times and sources narrow nothing
    here: `retrieval.questions.understand` reads them.
    """

    search: HybridSearch
    k: int = 10
    narrow: Filter | None = None
    as_of: datetime | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            document_of(passage)
            for passage in self.search.search(query, self.k, self.narrow, as_of=self.as_of)
        ]


def document_of(passage: Passage) -> Document:
    """A paragraph as a document, with what it takes to cite it: the fields of `search --json`."""
    article, number = passage.article, passage.paragraph.number
    published = article.published_at
    return Document(
        passage.text,
        id=f"{article.id}:{number}",
        metadata={
            "url": article.url,
            "paragraph": number,
            "title": article.title,
            "source": article.source,
            "published_at": published.isoformat() if published else None,
            "score": passage.score,
        },
    )
