"""Answers: statements with citations, what was withheld, or nothing to answer with.

Marks count from 1 in the order in which an answer first uses them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.articles import Article, Paragraph, origins_of
from corpus.fetch.urls import text_fragment
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import Question


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence that an answerer wrote, before it is checked.

    `marks` are positions in the evidence, from 1; they may be wrong or missing.
    """

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One checked sentence of an answer; `citations` are marks of the answer."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A mark, the paragraph it stands for, and the words there that support the answer.

    `quote` is verbatim; `carried_by` are copies of the article elsewhere (one origin).
    """

    mark: int
    article: Article = field(repr=False)
    paragraph: Paragraph
    quote: str
    carried_by: tuple[Article, ...] = field(default=(), repr=False)

    @property
    def key(self) -> ParagraphKey:
        return (self.article.id, self.paragraph.number)

    @property
    def link(self) -> str:
        """The article's address with a text fragment that leads to the quote."""
        return text_fragment(self.article.url, self.paragraph.text, self.quote)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that did not pass the checks, and why, in words."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer: every statement has at least one citation.

    `unanswered` are the parts of the question that nothing answers; `differing` is what the
    accounts in it differ about, in a few words each.
    """

    question: Question = field(repr=False)
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    answerer: str
    withheld: tuple[Withheld, ...] = ()
    notice: str | None = None
    unanswered: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()

    @property
    def articles(self) -> int:
        """How many articles the answer cites."""
        return len({citation.article.id for citation in self.citations})

    @property
    def origins(self) -> int:
        """How many independent origins: copies, and what one source tells, count once."""
        return len(origins_of(citation.article for citation in self.citations))


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Too little evidence: the reason in words, and the nearest passages as just that."""

    question: Question = field(repr=False)
    reason: str
    nearest: tuple[Passage, ...]
    answerer: str
    withheld: tuple[Withheld, ...] = ()
    notice: str | None = None


Outcome = Answer | NoAnswer
