"""Passages: paragraphs as search results, and the filter that narrows a search."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from corpus.articles import Article, Paragraph
from corpus.text.names import ROLE_WORDS, name_parts

ParagraphKey = tuple[str, int]
"""Article id and paragraph number."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph with its article, its score and how it was found.

    `score` orders passages of one search, higher first; `cosine` and `lexical` are what the
    two halves said: cosine similarity to the question (None where the vectors were not
    asked), and BM25 divided by the best of the search (0 where no word matched).
    """

    article: Article = field(repr=False)
    paragraph: Paragraph
    score: float
    cosine: float | None = None
    lexical: float = 0.0
    carried_by: tuple[Article, ...] = field(default=(), repr=False)

    @property
    def key(self) -> ParagraphKey:
        return (self.paragraph.article_id, self.paragraph.number)

    @property
    def text(self) -> str:
        return self.paragraph.text

    @property
    def speaker(self) -> str | None:
        """Who speaks in the paragraph, where it stands in a transcript or a speech."""
        return self.paragraph.speaker

    @property
    def role(self) -> str | None:
        """In which role the speaker speaks."""
        return self.paragraph.role

    def is_spoken_by(self, name: str) -> bool:
        """Whether somebody of this name, full or in part, speaks in the paragraph."""
        wanted, speaker = name_parts(name), name_parts(self.paragraph.speaker or "")
        return (
            bool(wanted and speaker)
            and wanted[-1] == speaker[-1]
            and (
                len(wanted) == 1
                or len(speaker) == 1
                or wanted[0] in speaker
                or wanted[0] in ROLE_WORDS
            )
        )

    @property
    def asked(self) -> bool:
        """Whether it is a question from the floor."""
        return self.paragraph.asked

    def with_score(self, score: float) -> Passage:
        return replace(self, score=score)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a passage's article must satisfy; an empty filter lets everything pass.

    `since` and `until` bound the publication date, both inclusive; an undated article
    satisfies neither. `sources` are names, whatever their case; `places` are words of which one
    must stand in the paragraph or the title (matched by the lexical index's analyser).
    """

    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.sources or self.places)
