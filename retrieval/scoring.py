"""Scoring the sentences of the best passages as answers to a question.

The only part of evidence that needs the model and the index: the sentences' vectors, and how
rare the question's words are in the corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.sentences import Sentence, split_sentences
from retrieval.embedding import SentenceEmbeddings
from retrieval.lexical import LexicalIndex
from retrieval.passages import Passage
from retrieval.questions import Question
from retrieval.sentence_features import (
    Features,
    features_of,
    score,
    share_of_names_missing,
)

# How many passages have their sentences read; more cost time and seldom hold a better one.
PASSAGES_READ = 6
# How many sentences are encoded: most of the time of an answer goes here. Those that share
# most with the question come first; a paragraph of one sentence costs nothing.
SENTENCES_ENCODED = 5
SHORTEST_SENTENCE = 20


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a passage; `mark` is the passage's position in the evidence, from 1."""

    mark: int
    passage: Passage
    sentence: Sentence
    position: int
    score: float
    features: Features


class SentenceScorer:
    """Scores sentences against a question. Threads may share it."""

    def __init__(self, embeddings: SentenceEmbeddings, lexical: LexicalIndex) -> None:
        self._embeddings = embeddings
        self._lexical = lexical

    @property
    def lexical(self) -> LexicalIndex:
        """The index by which words are weighed."""
        return self._lexical

    def score(self, question: Question, passages: Sequence[Passage]) -> list[ScoredSentence]:
        """Sentences of the first passages, the best answer first."""
        rarity = self._lexical.rarity(question.search_text)
        read = self._read(passages, rarity)
        if not read:
            return []
        cosines = self._cosines(question.search_text, read)
        around = {
            passage.key: self._lexical.terms(f"{passage.article.title}\n{passage.text}")
            for passage in passages[:PASSAGES_READ]
        }
        missing = {
            passage.key: share_of_names_missing(question, passage)
            for passage in passages[:PASSAGES_READ]
        }
        scored = []
        for item, cosine in zip(read, cosines, strict=True):
            features = features_of(
                question,
                item.passage,
                item.rank,
                item.sentence,
                cosine,
                rarity,
                item.terms,
                around[item.passage.key],
                missing[item.passage.key],
            )
            scored.append(
                ScoredSentence(
                    item.rank + 1,
                    item.passage,
                    item.sentence,
                    item.position,
                    score(features),
                    features,
                )
            )
        return sorted(scored, key=lambda item: -item.score)

    def _read(self, passages: Sequence[Passage], rarity: dict[str, float]) -> list[_Read]:
        """The sentences worth encoding, and those that need no encoding."""
        every = [
            _Read(rank, passage, position, sentence, self._lexical.terms(sentence.text))
            for rank, passage in enumerate(passages[:PASSAGES_READ])
            for position, sentence in enumerate(split_sentences(passage.text))
            if len(sentence.text) >= SHORTEST_SENTENCE
        ]
        parts = [item for item in every if not item.is_whole]
        parts.sort(
            key=lambda item: (
                -sum(rarity.get(term, 0.0) for term in set(item.terms)),
                item.rank,
                item.position,
            )
        )
        return [item for item in every if item.is_whole] + parts[:SENTENCES_ENCODED]

    def _cosines(self, text: str, read: Sequence[_Read]) -> list[float]:
        """Cosine of each sentence to a text; that of a whole paragraph is known already."""
        unknown = [item.sentence.text for item in read if not item.is_whole]
        asked = self._embeddings.encode_question(text)
        encoded = iter((self._embeddings.encode(unknown) @ asked).tolist() if unknown else [])
        return [
            float(item.passage.cosine or 0.0) if item.is_whole else float(next(encoded))
            for item in read
        ]


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence that is read: where it stands and its terms in the lexical index."""

    rank: int
    passage: Passage
    position: int
    sentence: Sentence
    terms: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the sentence is all of its paragraph, whose cosine the search has found."""
        return self.passage.cosine is not None and self.sentence.text == self.passage.text.strip()
