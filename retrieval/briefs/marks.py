"""Numbering what a digest or summary says: one list of citations, one mark a paragraph.

Every sentence passes the checks of `retrieval.citations` like that of any answer; one that does
not is withheld and counted. Marks count from 1 in the order of reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.articles import Article
from corpus.sentences import split_sentences
from retrieval.answers import Citation, Statement, Withheld
from retrieval.briefs.lines import Line
from retrieval.citations import Source, check, is_verbatim
from retrieval.passages import ParagraphKey, Passage
from retrieval.support import Support

LONGEST_QUOTE = 600
"""Characters of a citation's quote; a longer stretch is cited by its first sentence."""


@dataclass(slots=True)
class Ledger:
    """The citations of one document as they are first used."""

    withheld: list[Withheld] = field(default_factory=list)
    _marks: dict[ParagraphKey, int] = field(default_factory=dict)
    _passages: list[Passage] = field(default_factory=list)
    _quotes: list[tuple[int, int]] = field(default_factory=list)

    def state(self, lines: Sequence[Line]) -> Statement | None:
        """The statement that neighbouring lines of one paragraph make; None where withheld."""
        passage = lines[0].passage
        start, end = lines[0].sentence.start, lines[-1].sentence.end
        text = passage.text[start:end]
        verdict = check(text, [Source.of(passage)])
        if verdict.support is not Support.SUPPORTED:
            self.withheld.append(Withheld(text, verdict.reason))
            return None
        return Statement(text, (self._mark(passage, start, end),))

    def quote(self, words: str, passage: Passage) -> int | None:
        """The mark of verbatim words; None, and withheld, where they do not stand there."""
        start = passage.text.find(words)
        if start < 0 or not is_verbatim(words, passage.text):
            self.withheld.append(Withheld(words, "the words do not stand there"))
            return None
        return self._mark(passage, start, start + len(words))

    def paragraph(self, article: Article, number: int) -> int | None:
        """The mark of a whole paragraph; None where the article has none of that number."""
        if not 1 <= number <= len(article.paragraphs):
            return None
        passage = Passage(article, article.paragraph(number), 1.0)
        sentences = split_sentences(passage.text)
        if not sentences:
            return None
        fits = [one for one in sentences if one.end - sentences[0].start <= LONGEST_QUOTE]
        return self._mark(passage, sentences[0].start, (fits or sentences)[-1 if fits else 0].end)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations so far, by mark."""
        return tuple(
            Citation(
                mark,
                passage.article,
                passage.paragraph,
                passage.text[start:end],
                passage.carried_by,
            )
            for mark, (passage, (start, end)) in enumerate(
                zip(self._passages, self._quotes, strict=True), start=1
            )
        )

    def _mark(self, passage: Passage, start: int, end: int) -> int:
        """The paragraph's mark; its quote grows to hold all that was said from it."""
        known = self._marks.get(passage.key)
        if known is None:
            self._passages.append(passage)
            self._quotes.append((start, end))
            self._marks[passage.key] = len(self._passages)
            return len(self._passages)
        first, last = self._quotes[known - 1]
        first, last = min(first, start), max(last, end)
        if last - first <= LONGEST_QUOTE:
            self._quotes[known - 1] = (first, last)
        return known
