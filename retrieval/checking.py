"""A draft on its way to an answer: each sentence checked, its citations numbered as they come.

    DraftSentence, … + evidence ─ check ─▶ Statement with citations | Withheld

Nothing that was not checked leaves this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from corpus.sentences import split_sentences
from retrieval.answers import Citation, DraftSentence, Statement, Withheld
from retrieval.citations import Source, check, is_verbatim, valid_marks
from retrieval.evidence import Evidence
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions import Question
from retrieval.support import Support
from retrieval.terms import content_words


@dataclass(slots=True)
class Checking:
    """What has passed so far and what has not; one for all parts of an answer.

    Marks count paragraphs in the order in which the answer first uses them, whichever part's
    evidence they come from.
    """

    statements: list[Statement] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    _cited: dict[ParagraphKey, tuple[Passage, str]] = field(default_factory=dict)

    def pass_through(
        self, draft: Iterable[DraftSentence], question: Question, evidence: Evidence
    ) -> Iterator[Statement]:
        """The statements of a draft that pass their checks, as they come."""
        for sentence in draft:
            marks = valid_marks(sentence.marks, len(evidence.passages))
            passages = [evidence.passages[mark - 1] for mark in marks]
            if not marks:
                self.withheld.append(Withheld(sentence.text, "no paragraph is cited"))
                continue
            verdict = check(
                sentence.text, [Source.of(passage) for passage in passages], question.text
            )
            if verdict.support is not Support.SUPPORTED:
                self.withheld.append(Withheld(sentence.text, verdict.reason))
                continue
            citations = tuple(self._mark(passage, sentence.text) for passage in passages)
            statement = Statement(sentence.text, citations)
            self.statements.append(statement)
            yield statement

    def citations(self, marks: Iterable[int] | None = None) -> tuple[Citation, ...]:
        """The citations of given marks, or of all, in the order of their marks."""
        wanted = None if marks is None else set(marks)
        return tuple(
            Citation(mark, passage.article, passage.paragraph, quote, passage.carried_by)
            for mark, (passage, quote) in enumerate(self._cited.values(), start=1)
            if wanted is None or mark in wanted
        )

    def _mark(self, passage: Passage, sentence: str) -> int:
        if passage.key not in self._cited:
            self._cited[passage.key] = (passage, quote_of(passage, sentence))
        return list(self._cited).index(passage.key) + 1


def quote_of(passage: Passage, sentence: str) -> str:
    """The words of a passage that carry a sentence: itself where it is verbatim, else the
    passage's sentence that shares most words with it."""
    candidates = [found.text for found in split_sentences(passage.text)] or [passage.text]
    if is_verbatim(sentence, passage.text) and sentence in passage.text:
        return sentence
    wanted = set(content_words(sentence))
    return max(candidates, key=lambda text: len(wanted & set(content_words(text))))
