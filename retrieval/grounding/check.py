"""The checks that every sentence of an answer goes through, whoever wrote it.

    DraftSentence, … + evidence + question ─ Checking ─ check ─▶ Statement with citations | Withheld

Nothing that was not checked leaves this module. Pure: no model, no index, no clock. The rules, in
the order in which they are tried:

1. marks: each names a paragraph of the evidence; a sentence without one is not supported;
2. quotations: words in quotation marks stand verbatim in a cited paragraph, once typographic
   quotes, dashes and white space are made alike, and keep their speaker: who speaks is read by
   `corpus.quotations.extraction` in the sentence and in the cited article, where a pronoun's
   person may stand a paragraph earlier;
3. particulars: numbers, dates and proper names stand in a cited paragraph, in the question,
   or in what is known of the cited article (its source and date);
4. negation: the sentence does not deny what the paragraph says, or the reverse;
5. words: enough of the sentence stands in the cited paragraphs (`retrieval.grounding.support`).

What stands in a cited paragraph as whole sentences, verbatim, needs no more than rule 1. A part of
a sentence does: "Serraj denied that Haftar controls the airport" has it that "Haftar controls the
airport".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from corpus.quotations.extraction import Quotation, quotations
from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS, Precision
from corpus.text.dates import DateMention, date_mentions, mentions_a_date
from corpus.text.sentences import quoted_spans, split_sentences
from corpus.text.words import (
    acronyms,
    content_words,
    digits,
    fold,
    names,
    numbers,
    opening_words,
    stem,
    words,
)
from retrieval.evidence import Evidence
from retrieval.grounding.particulars import missing_date, missing_name, missing_number, without_stated_dates
from retrieval.grounding.support import Support, support_of
from retrieval.outcomes import Citation, DraftSentence, Statement, Withheld
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import Question

# Sentences before or after a quotation in which its speaker may be named where nobody is plainly
# said to speak.
NEAR = 1
# Two sentences with this share of common content words speak of the same thing, so that a
# negation in only one of them turns it round.
SAME_MATTER = 0.7
OPPOSITE_SENSE = "the paragraph says it with the opposite sense"
"""The reason of rule 4."""
TOO_LITTLE = "much of it does not stand in the cited paragraphs"
"""The reason of rule 5."""
_NEGATIONS = tables.words(__package__, "words", "negations")
_SINGLE_QUOTED = re.compile(r"(?<!\w)[‘‚'](?=\S)(?:[^‘’'“”„«»\"\n]|[’'](?=\w))+(?<=\S)[’‘'](?!\w)")
_DOUBLE_MARKS = re.compile(r"[“”„«»\"]")
# Endings of words that open a sentence without being a name: "Clashes", "Fighting",
# "Negotiation". Names that end like them are let pass.
_COMMON_ENDING = re.compile(
    r"(?:ing|ed|ly|[^aiou’']s|ies|[st]ion|ment|ness|ity|ism|[ae]nce|ship)\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` says in words what is missing; it is empty for a supported sentence."""

    support: Support
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What a sentence may lean on: a paragraph, and what is known of its article."""

    text: str
    publisher: str = ""
    published: date | None = None
    context: Context | None = None

    @classmethod
    def of(cls, passage: Passage) -> Source:
        article = passage.article
        published = article.published_at
        texts = tuple(paragraph.text for paragraph in article.paragraphs)
        return cls(
            passage.text,
            article.source or "",
            published.date() if published else None,
            Context(texts, passage.paragraph.number, article.title),
        )

    @property
    def title(self) -> str:
        return self.context.title if self.context else ""

    @property
    def known(self) -> str:
        """Publisher and date of the article, in words."""
        stated = f"{self.published:%-d %B %Y %A}" if self.published else ""
        return f"{self.publisher} {stated}".strip()


def valid_marks(marks: Sequence[int], evidence: int) -> tuple[int, ...]:
    """Marks that name one of `evidence` passages, without repetition, in their order."""
    return tuple(dict.fromkeys(mark for mark in marks if 1 <= mark <= evidence))


def check(sentence: str, sources: Sequence[Source], question: str = "") -> Verdict:
    """Whether the cited sources carry a sentence that answers a question."""
    if not sources:
        return Verdict(Support.NOT, "no paragraph is cited")
    if any(_stands_whole(sentence, source.text) for source in sources):
        return Verdict(Support.SUPPORTED)
    for rule in (_quotations, _speakers):
        if reason := rule(sentence, sources, question):
            return Verdict(Support.NOT, reason)
    for rule in (_numbers, _names, _negation):
        if reason := rule(sentence, sources, question):
            # What is wrong in one particular can still be carried in part, never wholly.
            carried = _words(sentence, sources).support
            return Verdict(Support.NOT if carried is Support.NOT else Support.PARTLY, reason)
    particulars = {fold(name) for name in (*names(sentence), *opening_words(sentence))}
    return _words(sentence, sources, particulars | numbers(sentence))


def is_verbatim(sentence: str, paragraph: str) -> bool:
    """Whether a sentence stands in a paragraph word for word, not cut inside a word."""
    wanted = normalise(sentence)
    text = normalise(paragraph)
    if not wanted:
        return False
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        before, after = text[:start][-1:], text[end : end + 1]
        cut = (before.isalnum() and wanted[0].isalnum()) or (
            after.isalnum() and wanted[-1].isalnum()
        )
        if not cut:
            return True
        start = text.find(wanted, start + 1)
    return False


def _stands_whole(statement: str, paragraph: str) -> bool:
    """Whether a statement is one or several whole sentences of a paragraph, word for word."""
    if not is_verbatim(statement, paragraph):
        return False
    wanted = normalise(statement)
    found = split_sentences(paragraph)
    return any(
        normalise(paragraph[first.start : last.end]) == wanted
        for position, first in enumerate(found)
        for last in found[position:]
    )


def normalise(text: str) -> str:
    """Text with quotation marks, dashes, ellipses and white space made alike; case is kept."""
    text = re.sub(r"[“”„«»‟\"]", '"', text)
    text = re.sub(r"[‘’‚‛`´]", "'", text)
    text = re.sub(r"\s*[–—―]\s*", " - ", text).replace("‑", "-").replace("…", "...")
    return " ".join(text.split())


def _quotations(sentence: str, sources: Sequence[Source], question: str) -> str:
    texts = [normalise(source.text) for source in sources]
    double = quoted_spans(sentence)
    single = [match.span() for match in _SINGLE_QUOTED.finditer(sentence)]
    for start, end in (*double, *single):
        quoted = normalise(sentence[start + 1 : end - 1]).strip(" .,;:!?")
        if quoted and not any(is_verbatim(form, text) for form in _begun(quoted) for text in texts):
            return f"the words “{_short(sentence[start + 1 : end - 1])}” do not stand there"
    if _DOUBLE_MARKS.search(_without(sentence, double)):
        return "a quotation is not closed"
    return ""


def _begun(quoted: str) -> tuple[str, str]:
    """Quoted words as they stand, and with the first letter's case turned: what opens a sentence
    in the source may stand inside of one here, and the reverse."""
    return quoted, quoted[:1].swapcase() + quoted[1:]


def _speakers(sentence: str, sources: Sequence[Source], question: str) -> str:
    contexts = [source.context or Context((source.text,), 1) for source in sources]
    return misattributed(sentence, contexts)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text


def _numbers(sentence: str, sources: Sequence[Source], question: str) -> str:
    texts = [question, *(f"{source.text} {source.publisher}" for source in sources)]
    stated = [(f"{source.text} {source.title}", source.published) for source in sources]
    if missing := missing_date(sentence, stated, question):
        return f"the date {missing} does not stand there"
    rest = without_stated_dates(sentence, stated)
    missing = missing_number(sentence, texts, rest)
    return f"the number {missing} does not stand there" if missing else ""


def _names(sentence: str, sources: Sequence[Source], question: str) -> str:
    texts = " \n".join(f"{source.text} {source.known} {source.title}" for source in sources)
    missing = missing_name(sentence, texts, question)
    return f"the name {missing} does not stand there" if missing else ""


def _negation(sentence: str, sources: Sequence[Source], question: str) -> str:
    stated = _matter(sentence)
    if not stated:
        return ""
    closest: tuple[float, bool] = (0.0, False)
    for source in sources:
        for found in split_sentences(source.text):
            common = len(stated & _matter(found.text)) / len(stated)
            if common > closest[0]:
                closest = (common, _is_negative(found.text))
    if closest[0] >= SAME_MATTER and closest[1] != _is_negative(sentence):
        return OPPOSITE_SENSE
    return ""


def _matter(text: str) -> set[str]:
    """What a sentence speaks of: "attended" is the matter of "did not attend"."""
    return {stem(word) for word in content_words(text) if word not in _NEGATIONS}


def _is_negative(text: str) -> bool:
    found = sum(word in _NEGATIONS or word.endswith("n't") for word in words(text))
    return found % 2 == 1


def _words(sentence: str, sources: Sequence[Source], excused: Set[str] = frozenset()) -> Verdict:
    if not content_words(sentence):
        return Verdict(Support.NOT, "it says nothing that could be checked")
    text = " \n".join(f"{one.text} {one.known}" for one in sources)
    support = support_of(sentence, text, excused)
    if support is Support.SUPPORTED:
        return Verdict(support)
    return Verdict(support, TOO_LITTLE)


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


@dataclass(frozen=True, slots=True)
class Context:
    """A cited paragraph in its article: `paragraphs[number - 1]` is the one that is cited."""

    paragraphs: tuple[str, ...]
    number: int
    title: str = ""

    @property
    def text(self) -> str:
        return self.paragraphs[self.number - 1]


def misattributed(sentence: str, contexts: Sequence[Context]) -> str:
    """Why a quotation of a sentence is not its speaker's; empty where each is, or none is there."""
    for said in _spoken(sentence):
        quote = words(said.quote)
        holding = [context for context in contexts if _holds(words(context.text), quote)]
        if not holding:
            # Whether the words stand there at all is another rule's matter.
            continue
        if not any(_keeps(said.speaker, quote, context) for context in holding):
            return f"the words “{_short(said.quote)}” are not given to {said.speaker} there"
    return ""


def _spoken(sentence: str) -> list[Quotation]:
    if not quoted_spans(sentence):
        return []
    return [said for said in quotations([sentence]) if said.direct]


def _keeps(speaker: str, quote: list[str], context: Context) -> bool:
    given = [
        said.speaker
        for said in _said_in(context.paragraphs, context.title)
        if said.paragraph == context.number and said.direct and _overlap(words(said.quote), quote)
    ]
    if given:
        return any(is_same_speaker(speaker, one) for one in given)
    return _is_named_near(speaker, quote, context.text)


def is_same_speaker(first: str, second: str) -> bool:
    """Whether two forms can name one speaker: one's words are among the other's."""
    one, other = set(words(first)), set(words(second))
    return bool(one) and bool(other) and (one <= other or other <= one)


def _is_named_near(speaker: str, quote: list[str], paragraph: str) -> bool:
    sentences = [words(sentence.text) for sentence in split_sentences(paragraph)]
    wanted = words(speaker)[-1:]
    for position in range(len(sentences)):
        around = sentences[max(0, position - NEAR) : position + NEAR + 1]
        together = [word for sentence in around for word in sentence]
        if _overlap(sentences[position], quote) and wanted and wanted[0] in together:
            return True
    return False


def _overlap(first: list[str], second: list[str]) -> bool:
    """Whether one run of words stands within the other."""
    return _holds(first, second) or _holds(second, first)


def _holds(text: list[str], part: list[str]) -> bool:
    if not part:
        return False
    return f" {' '.join(part)} " in f" {' '.join(text)} "


@lru_cache(maxsize=64)
def _said_in(paragraphs: tuple[str, ...], title: str) -> tuple[Quotation, ...]:
    return quotations(paragraphs, title)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
