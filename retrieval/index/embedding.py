"""What turns text into vectors for everything else: one encoder for English, one for the rest.

    a text ─ its language ─▶ English ─▶ [ vector │ 0 ]
                         └─▶ other ───▶ [ 0 │ vector ]
    a question ──────────────────────▶ [ vector │ vector ]

No small model is best at English and knows every script, so each has a space of its own and both
stand side by side in one vector. The product of a question with a text is then the cosine in the
text's own space, and whatever compares vectors need not know of two; texts of different spaces have
nothing in common. Without a second encoder there is one space for all. Where stories in several
languages are brought together, English texts are in both spaces (`retrieval.stories.follower`).

The class is a LangChain `Embeddings`, so that whatever takes one can take this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from corpus.text.words import detect
from retrieval.encoders.encoder import Encoder, Vectors, is_english, is_latin, side_by_side
from retrieval.encoders.packaged import (
    BGE_ENGLISH,
    ENGLISH,
    MULTILINGUAL,
    PACKAGED,
    Announce,
    packaged_encoder,
)

PACKAGED_MODEL = ENGLISH
NO_MODEL = "none"
QUESTIONS_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Space:
    """One encoder and the columns of a vector that are its own."""

    encoder: Encoder
    start: int
    end: int

    def of(self, vectors: Vectors) -> Vectors:
        """The part of some vectors, one or a row each, that lies in this space."""
        return vectors[..., self.start : self.end]


class SentenceEmbeddings(Embeddings):
    """Vectors of texts, one row each; in each space of unit length or zero. Threads may share it.

    Models are loaded at their first use, the second one only once something in another language
    was read: `reads_others` tells.
    """

    def __init__(self, english: Encoder, others: Encoder | None = None) -> None:
        self._english = english
        self._others = others
        self._lock = threading.Lock()
        self._questions: dict[tuple[str, bool], Vectors] = {}
        self.reads_others = False

    @property
    def model_name(self) -> str:
        return self._english.name

    @property
    def encoders(self) -> tuple[Encoder, ...]:
        """One for each space."""
        return (self._english,) if self._others is None else (self._english, self._others)

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The space of English, or of everything, and that of the other languages."""
        first = Space(self._english, 0, self._english.dimension)
        if self._others is None:
            return (first,)
        return first, Space(self._others, first.end, first.end + self._others.dimension)

    def load(self) -> None:
        """Load what will be used now; EmbeddingModelError where it cannot be."""
        self._english.load()
        if self._others is not None and self.reads_others:
            self._others.load()

    @property
    def dimension(self) -> int:
        """Number of components of a vector."""
        return self.spaces[-1].end

    @property
    def window(self) -> int:
        """How many tokens of an English text the model reads at once."""
        return self._english.window

    @property
    def abroad(self) -> Space | None:
        """The space of all languages, once something in another than English was read."""
        return self.spaces[-1] if self._others is not None and self.reads_others else None

    # -- texts -------------------------------------------------------------------------------

    def space_of(self, text: str, language: str | None) -> int:
        """Which space a paragraph belongs to, by the language of its article (ISO 639-1)."""
        return int(self._others is not None and not is_english(text, language))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts that are no questions, shape (len(texts), dimension), float32.

        A text that is longer than the model's window is cut there: see `windows`.
        """
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for space, places in self._by_space(texts):
            given = space.encoder.encode_document([texts[place] for place in places])
            rows[places, space.start : space.end] = given
        return rows

    def encode_paragraphs(self, texts: Sequence[str], space: int) -> list[Vectors]:
        """For each text the unit vectors of its windows in one space: (windows, dimension)."""
        encoder = self.encoders[space]
        windows = encoder.windows(texts)
        pieces = list(dict.fromkeys(piece for own in windows for piece in own))
        rows = dict(zip(pieces, encoder.encode_document(pieces), strict=True))
        return [np.stack([rows[piece] for piece in own]) for own in windows]

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        """For each text the overlapping pieces that fit the model (`overlapping`)."""
        found: list[list[str]] = [[] for _ in texts]
        for space, places in self._by_space(texts):
            pieces = space.encoder.windows([texts[place] for place in places])
            for place, own in zip(places, pieces, strict=True):
                found[place] = own
        return found

    def _by_space(self, texts: Sequence[str]) -> Iterator[tuple[Space, list[int]]]:
        """Each space with the places of its texts; what its text alone tells of the language."""
        chosen = [self._guessed(text) for text in texts]
        for number, space in enumerate(self.spaces):
            if places := [place for place, one in enumerate(chosen) if one == number]:
                yield space, places

    def _guessed(self, text: str) -> int:
        if self._others is None:
            return 0
        if not is_latin(text):
            return 1
        # Only texts that were read tell whether the second model is worth loading: of short ones a
        # few are taken for another language.
        return int(self.reads_others and detect(text) not in (None, "en"))

    # -- questions ---------------------------------------------------------------------------

    def encode_question(self, text: str) -> Vectors:
        """The vector of one question; the last few are remembered, since a question is looked at
        more than once on its way to an answer."""
        vector: Vectors = self.encode_questions([text])[0]
        return vector

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """The same for several at once: shape (len(texts), dimension)."""
        others = self.reads_others
        with self._lock:
            known = {
                text: self._questions[text, others]
                for text in texts
                if (text, others) in self._questions
            }
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            encoded = dict(zip(missing, self._as_questions(missing, others), strict=True))
            known |= encoded
            with self._lock:
                self._questions |= {(text, others): row for text, row in encoded.items()}
                while len(self._questions) > QUESTIONS_REMEMBERED:
                    self._questions.pop(next(iter(self._questions)))
        return np.stack([known[text] for text in texts])

    def _as_questions(self, texts: Sequence[str], others: bool) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        first, *more = self.spaces
        # An English model knows nothing of other scripts, and would find something all the same.
        own = [place for place, text in enumerate(texts) if not more or is_latin(text)]
        every = list(range(len(texts)))
        wanted = [(first, own), *((space, every) for space in (more if others else ()))]

        def encode(one: tuple[Space, list[int]]) -> None:
            space, places = one
            given = [texts[place] for place in places]
            rows[places, space.start : space.end] = space.encoder.encode_query(given)

        side_by_side(encode, wanted)
        return rows

    def across(self, question: str, texts: Sequence[str]) -> Vectors:
        """Cosine of each text to a question, by the model that knows other languages than English
        where there is one: shape (len(texts),)."""
        space = self.spaces[-1]
        asked = space.of(self.encode_question(question))
        cosines: Vectors = space.encoder.encode_document(texts) @ asked
        return cosines

    def unit(self, vectors: Vectors) -> Vectors:
        """Vectors, one or a row each, brought to unit length in each space."""
        scaled = np.array(vectors, dtype=np.float32)
        for space in self.spaces:
            part = space.of(scaled)
            part /= np.maximum(np.linalg.norm(part, axis=-1, keepdims=True), np.float32(1e-9))
        return scaled

    # -- LangChain ---------------------------------------------------------------------------

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self.encode_question(text)]


def make_embeddings(
    model: str, multilingual: str | None, home: Path, announce: Announce | None = None
) -> SentenceEmbeddings:
    """The embeddings that EMBEDDING_MODEL and MULTILINGUAL_MODEL name; nothing is loaded yet.

    Without a second name the packaged multilingual model stands beside the packaged English ones,
    and nothing beside any other. `home` is where packaged models are made ready; `announce` is
    told before that.
    """
    english = make_encoder(model, home, announce)
    if multilingual is None:
        multilingual = MULTILINGUAL if model in (ENGLISH, BGE_ENGLISH) else NO_MODEL
    if multilingual.casefold() == NO_MODEL or multilingual == model:
        return SentenceEmbeddings(english)
    return SentenceEmbeddings(english, make_encoder(multilingual, home, announce))


def make_encoder(name: str, home: Path, announce: Callable[[str], None] | None = None) -> Encoder:
    """The packaged model of that name, or else the hub's or the folder's."""
    if name in PACKAGED:
        return packaged_encoder(name, home, announce)
    from retrieval.encoders.hub import HubEncoder

    return HubEncoder(name)
