"""Scoring the sentences of the best passages as answers to a question.

The only part of evidence that needs the model and the index: the sentences' vectors, and how
rare the question's words are in the corpus.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.sentences import Sentence, split_sentences
from retrieval.embedding import SentenceEmbeddings, Vectors
from retrieval.lexical import LexicalIndex
from retrieval.passages import Passage
from retrieval.questions import Question
from retrieval.sentence_features import Features, features_of, probability
from retrieval.terms import FUNCTION_WORDS, words

# How many passages have their sentences read; more cost time and seldom hold a better one.
PASSAGES_READ = 6
SENTENCES_READ = 24
SHORTEST_SENTENCE = 20


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a passage; `mark` is the passage's position in the evidence, from 1."""

    mark: int
    passage: Passage
    sentence: Sentence
    position: int
    probability: float
    features: Features


class SentenceScorer:
    """Scores sentences against a question. Threads may share it."""

    def __init__(self, embeddings: SentenceEmbeddings, lexical: LexicalIndex) -> None:
        self._embeddings = embeddings
        self._lexical = lexical

    def score(self, question: Question, passages: Sequence[Passage]) -> list[ScoredSentence]:
        """Sentences of the first passages, the most likely answer first."""
        read = [
            (rank, passage, position, sentence)
            for rank, passage in enumerate(passages[:PASSAGES_READ])
            for position, sentence in enumerate(split_sentences(passage.text))
            if len(sentence.text) >= SHORTEST_SENTENCE
        ][:SENTENCES_READ]
        if not read:
            return []
        cosines = self._cosines(question.search_text, [item[3].text for item in read])
        rarity = self.rarity(question.search_text)
        around = {
            passage.key: self._lexical.terms(f"{passage.article.title}\n{passage.text}")
            for passage in passages[:PASSAGES_READ]
        }
        scored = []
        for (rank, passage, position, sentence), cosine in zip(read, cosines, strict=True):
            features = features_of(
                question,
                passage,
                rank,
                sentence,
                float(cosine),
                rarity,
                self._lexical.terms(sentence.text),
                around[passage.key],
            )
            scored.append(
                ScoredSentence(
                    rank + 1, passage, sentence, position, probability(features), features
                )
            )
        return sorted(scored, key=lambda item: -item.probability)

    def rarity(self, text: str) -> dict[str, float]:
        """Weight of each content term of a text: its inverse document frequency (BM25's)."""
        content = " ".join(word for word in words(text) if word not in FUNCTION_WORDS)
        frequencies = self._lexical.document_frequency(self._lexical.terms(content))
        total = self._lexical.size
        return {
            term: math.log(1 + (total - count + 0.5) / (count + 0.5))
            for term, count in frequencies.items()
            if total >= count
        }

    def _cosines(self, text: str, sentences: Sequence[str]) -> Vectors:
        vectors = self._embeddings.encode([text, *sentences])
        return np.asarray(vectors[1:] @ vectors[0], dtype=np.float32)
