"""The checks that every sentence of an answer goes through, whoever wrote it.

    DraftSentence, … + evidence + question ─ Checking ─ check ─▶ Statement with citations | Withheld

Nothing that was not checked leaves this module. Pure: no model, no index, no clock. The rules, in
the order in which they are tried:

1. marks: each names a paragraph of the evidence; a sentence without one is not supported;
2. quotations: words in quotation marks stand verbatim in a cited paragraph, once typographic
   quotes, dashes and white space are made alike, and keep their speaker: who speaks is read by
   `corpus.quotations.extraction` in the sentence and in the cited article, where a pronoun's
   person may stand a paragraph earlier;
3. particulars: numbers, dates and proper names stand in a cited paragraph, its article's title, in
   the question, or in what is known of the article (its source and date), in any form
   (`retrieval.grounding.particulars`);
4. differences: nothing is denied, only planned, said by another or counts something else there
   (`retrieval.grounding.alignment`);
5. words: enough of the sentence stands in the cited paragraphs (`retrieval.grounding.support`).

A sentence that translates has the original words beside it. Those stand there verbatim, and its
figures stand there; the rest no rule can tell, so that it passes only with a verifier.

What stands in a cited paragraph as whole sentences, verbatim, needs no more than rule 1. A part of
a sentence does: "Serraj denied that Haftar controls the airport" has it that "Haftar controls the
airport".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from corpus.quotations.extraction import Quotation, quotations
from corpus.text.names import RUN
from corpus.text.sentences import quoted_spans, split_sentences
from corpus.text.transcripts import Turn, turns
from corpus.text.words import content_words, fold, foreign_language, numbers, opening_words, words
from corpus.text.words import names as names_of
from retrieval.errors import RetrievalError
from retrieval.evidence import Evidence
from retrieval.grounding.alignment import Compared, denied, displaced
from retrieval.grounding.particulars import (
    missing_date,
    missing_name,
    missing_number,
    without_stated_dates,
)
from retrieval.grounding.support import Finding, Support, Unverified, Verifier, support_of
from retrieval.outcomes import Citation, DraftSentence, Said, Statement, Withheld
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import Question

# Sentences before or after a quotation in which its speaker may be named where nobody is plainly
# said to speak.
NEAR = 1
PARAPHRASED = 0.55
"""Share of a sentence's words from which on too many stand nowhere in its sources, in any form;
under it a sentence that nothing speaks against is shown: models paraphrase."""
TOO_LITTLE = Said("much of it does not stand in the cited paragraphs")
"""The reason of rule 5."""
SAME_LANGUAGE = 0.4
"""Share of a sentence's plain words in a text of its language; of Romance languages some are in
each other's."""
_SINGLE_QUOTED = re.compile(r"(?<!\w)[‘‚'](?=\S)(?:[^‘’'“”„«»\"\n]|[’'](?=\w))+(?<=\S)[’‘'](?!\w)")
_UNSAID = re.compile(
    r"The (?:sources|paragraphs|articles) do not (?:say|tell|state|give)\b[^“”\"]{1,160}\Z"
)
_ORIGINAL = re.compile(
    r"\s*\(?(?:translated[;,] )?Original:\s*(?P<words>«[^«»]+»|“[^“”]+”|\"[^\"]+\")\)?", re.I
)
_NO_NUMBER = Said("the number {number} does not stand there")
_OTHER_QUOTES = str.maketrans("«»", "“”")
_DOUBLE_MARKS = re.compile(r"[“”„«»\"]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` says in words what is missing; it is empty for a supported sentence.

    `settled` tells that no verifier need be asked: a hard rule is broken, or the sentence stands
    there word for word.
    """

    support: Support
    reason: str = ""
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What a sentence may lean on: a paragraph, and what is known of its article."""

    text: str
    publisher: str = ""
    published: date | None = None
    context: Context | None = None

    @classmethod
    def of(cls, passage: Passage | Citation) -> Source:
        article = passage.article
        published = article.published_at
        texts = tuple(paragraph.text for paragraph in article.paragraphs)
        return cls(
            passage.paragraph.text,
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


def check(
    sentence: str,
    sources: Sequence[Source],
    question: str = "",
    names: str = "",
    *,
    wholly: bool = False,
) -> Verdict:
    """Whether the cited sources carry a sentence that answers a question.

    `names` is text from which names alone may be taken: the other evidence and its titles. A
    sentence of an answer was written from what it cites and may paraphrase that freely; a claim
    that somebody else wrote is to be carried `wholly`, by its words too.
    """
    if not sources:
        return Verdict(Support.NOT, Said("no paragraph is cited"), settled=True)
    if any(_stands_whole(sentence, source.text) for source in sources):
        return Verdict(Support.SUPPORTED, settled=True)
    if not wholly and (of_translation := _translates(sentence, sources)):
        return of_translation
    contexts = [source.context or Context((source.text,), 1) for source in sources]
    if reason := _quotations(sentence, sources) or misattributed(sentence, contexts):
        return Verdict(Support.NOT, reason, settled=True)
    for rule in (_numbers, _names, _differences):
        known = f"{question} \n{names}" if rule is _names else question
        if rule is _differences and wholly:
            rule = _denial
        if reason := rule(sentence, sources, known):
            # What is wrong in one particular can still be carried in part, never wholly.
            carried = _words(sentence, sources, wholly=True).support
            support = Support.NOT if carried is Support.NOT else Support.PARTLY
            return Verdict(support, reason, settled=rule in (_numbers, _names))
    known = " ".join([question, *(f"{one.text} {one.known} {one.title}" for one in sources)])
    particulars = {fold(name) for name in (*names_of(sentence), *opening_words(sentence))}
    excused = particulars & {*words(known)} if names else particulars
    return _words(sentence, sources, excused | numbers(sentence), wholly=wholly)


def translated(text: str, original: str) -> str:
    """A translation as a reader sees it, said to be one, with the original beside it."""
    said = original.translate(_OTHER_QUOTES)
    if said[0] == "“" and said.find("”") == len(said) - 1:
        said = said[1:-1].strip()
    return f"{text.rstrip(' .')} (translated; Original: «{said}»)"


def _translates(sentence: str, sources: Sequence[Source]) -> Verdict | None:
    """What can be told of a translation without a verifier; None for any other sentence."""
    beside = _ORIGINAL.search(sentence)
    if beside is None:
        spoken = {foreign_language(source.text) for source in sources}
        if foreign_language(sentence) in spoken or _in_words_of(sentence, sources):
            return None
        reason = Said("it translates and has no original beside it: (Original: «…»)")
        return Verdict(Support.NOT, reason, settled=True)
    words_there = beside["words"][1:-1].strip()
    if not any(is_verbatim(words_there, source.text) for source in sources):
        shown = _short(words_there)
        reason = Said("the original words “{words}” do not stand there", words=shown)
        return Verdict(Support.NOT, reason, settled=True)
    there = {figure for source in sources for figure in numbers(f"{source.text} {source.known}")}
    if missing := numbers(_ORIGINAL.sub("", sentence)) - there:
        return Verdict(Support.NOT, Said(_NO_NUMBER, number=min(missing)), settled=True)
    return Verdict(Support.NOT, Said("a translation that no verifier has read"))


def _in_words_of(sentence: str, sources: Sequence[Source]) -> bool:
    """Whether a sentence is in the language of its sources: words that are no names stand there.
    Of a short one the language is guessed."""
    particulars = {fold(name) for name in (*names_of(sentence), *opening_words(sentence))}
    plain = {fold(word) for word in words(sentence)} - particulars
    there = {fold(word) for source in sources for word in words(source.text)}
    return len(plain & there) > SAME_LANGUAGE * len(plain)


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


_SENTENCES_OF_A_STATEMENT = 12


def _stands_whole(statement: str, paragraph: str) -> bool:
    """Whether a statement is one or several whole sentences of a paragraph, word for word."""
    if not is_verbatim(statement, paragraph):
        return False
    wanted = normalise(statement)
    found = split_sentences(paragraph)
    return any(
        normalise(paragraph[first.start : last.end]) == wanted
        for position, first in enumerate(found)
        for last in found[position : position + _SENTENCES_OF_A_STATEMENT]
    )


def normalise(text: str) -> str:
    """Text with quotation marks, dashes, ellipses and white space made alike; case is kept."""
    text = re.sub(r"[“”„«»‟\"]", '"', text)
    text = re.sub(r"[‘’‚‛`´]", "'", text)
    text = re.sub("[–—―]", " - ", text).replace("‑", "-").replace("…", "...")
    return " ".join(text.split())


def _quotations(sentence: str, sources: Sequence[Source]) -> str:
    texts = [normalise(source.text) for source in sources]
    double = quoted_spans(sentence)
    single = [match.span() for match in _SINGLE_QUOTED.finditer(sentence)]
    for start, end in (*double, *single):
        quoted = normalise(sentence[start + 1 : end - 1]).strip(" .,;:!?")
        if quoted and not any(is_verbatim(form, text) for form in _begun(quoted) for text in texts):
            shown = _short(sentence[start + 1 : end - 1])
            return Said("the words “{words}” do not stand there", words=shown)
    if _DOUBLE_MARKS.search(_without(sentence, double)):
        return Said("a quotation is not closed")
    return ""


def _begun(quoted: str) -> tuple[str, str]:
    """Quoted words as they stand, and with the first letter's case turned: what opens a sentence
    in the source may stand inside of one here, and the reverse."""
    return quoted, quoted[:1].swapcase() + quoted[1:]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text


def _numbers(sentence: str, sources: Sequence[Source], question: str) -> str:
    known = (f"{source.text} {source.publisher} \n{source.title}" for source in sources)
    texts = [question, *known]
    stated = [(f"{source.text} {source.title}", source.published) for source in sources]
    if missing := missing_date(sentence, stated, question):
        return Said("the date {date} does not stand there", date=missing)
    rest = without_stated_dates(sentence, stated)
    missing = missing_number(sentence, texts, rest)
    return Said(_NO_NUMBER, number=missing) if missing else ""


def _names(sentence: str, sources: Sequence[Source], question: str) -> str:
    texts = " \n".join(f"{source.text} {source.known} {source.title}" for source in sources)
    missing = missing_name(sentence, texts, question)
    return Said("the name {name} does not stand there", name=missing) if missing else ""


def _differences(sentence: str, sources: Sequence[Source], question: str) -> str:
    beside = compared(sentence, sources)
    return displaced(beside) or denied(beside)


def _denial(sentence: str, sources: Sequence[Source], question: str) -> str:
    """Only what is plainly turned round: what others claim keeps less to the words of a source than
    what was written from it."""
    return denied(compared(sentence, sources))


def compared(sentence: str, sources: Sequence[Source]) -> Compared:
    """A sentence beside its sources, word by word."""
    about = " ".join(f"{source.title} {source.known}" for source in sources)
    voices = [source.context.voice if source.context else "" for source in sources]
    return Compared.of(sentence, [source.text for source in sources], about, voices)


def _words(
    sentence: str, sources: Sequence[Source], excused: Set[str] = frozenset(), *, wholly: bool
) -> Verdict:
    if not content_words(sentence):
        return Verdict(Support.NOT, Said("it says nothing that could be checked"))
    text = " \n".join(f"{one.text} {one.known}" for one in sources)
    support = support_of(sentence, text, excused)
    if support is Support.SUPPORTED:
        return Verdict(support)
    if not wholly and compared(sentence, sources).unknown < PARAPHRASED:
        return Verdict(Support.SUPPORTED)
    return Verdict(support, TOO_LITTLE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence of a draft with the passages of its marks and what was found of it."""

    sentence: DraftSentence
    passages: tuple[Passage, ...]
    verdict: Verdict

    @property
    def passed(self) -> bool:
        return self.verdict.support is Support.SUPPORTED


Repair = Callable[[Sequence[Judged]], Sequence[DraftSentence | None]]
"""Writes sentences anew that did not pass, one for each, or None where it cannot."""


@dataclass(slots=True)
class Checking:
    """What has passed so far and what has not; one for all parts of an answer.

    Marks count paragraphs in the order in which the answer first uses them, whichever part's
    evidence they come from. With a `verifier` a draft is read to its end before the first of its
    statements comes; `unverified` says in words why the rules alone had to decide. `unsaid` is what
    a draft says that the sources do not say; nothing can be cited for that.
    """

    verifier: Verifier | None = None
    statements: list[Statement] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    unverified: str = ""
    repaired: int = 0
    unsaid: list[str] = field(default_factory=list)
    _cited: dict[ParagraphKey, tuple[Passage, str]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)

    def pass_through(
        self,
        draft: Iterable[DraftSentence],
        question: Question,
        evidence: Evidence,
        repair: Repair | None = None,
    ) -> Iterator[Statement]:
        """The statements of a draft that pass their checks, as they come.

        What does not pass is written anew once, where there is a `repair`. A draft that breaks off
        gives what it had given by then before its error is raised.
        """
        held: list[Judged] = []
        broken: RetrievalError | None = None
        try:
            for sentence in draft:
                if not sentence.marks and _UNSAID.match(sentence.text):
                    self.unsaid.append(sentence.text)
                    continue
                judged = self._judged(sentence, question, evidence)
                if judged.passed and self.verifier is None:
                    yield self._stated(judged)
                else:
                    held.append(judged)
        except RetrievalError as error:
            broken = error
        held = self._verified(held)
        if repair is not None and broken is None:
            held = self._mended(held, question, evidence, repair)
        for judged in held:
            if judged.passed:
                yield self._stated(judged)
            else:
                self.withheld.append(Withheld(judged.sentence.text, judged.verdict.reason))
        if broken is not None:
            raise broken

    def _judged(self, sentence: DraftSentence, question: Question, evidence: Evidence) -> Judged:
        marks = valid_marks(sentence.marks, len(evidence.passages))
        passages = tuple(evidence.passages[mark - 1] for mark in marks)
        if id(evidence) not in self._names:
            self._names[id(evidence)] = _told_of(evidence)
        sources = [Source.of(passage) for passage in passages]
        verdict = check(sentence.text, sources, question.text, self._names[id(evidence)])
        return Judged(sentence, passages, verdict)

    def _verified(self, held: Sequence[Judged]) -> list[Judged]:
        """The sentences with what the verifier says of those that are not settled."""
        asked = [one for one in held if not one.verdict.settled]
        if self.verifier is None or not asked:
            return list(held)
        items = [
            Unverified(one.sentence.text, tuple(map(Source.of, one.passages))) for one in asked
        ]
        try:
            findings = self.verifier.verify(items)
        except RetrievalError as error:
            self.unverified = error.said
            return list(held)
        found = {id(one): finding for one, finding in zip(asked, findings, strict=True)}
        return [
            replace(one, verdict=_by(found[id(one)])) if id(one) in found else one for one in held
        ]

    def _mended(
        self, held: Sequence[Judged], question: Question, evidence: Evidence, repair: Repair
    ) -> list[Judged]:
        """The sentences with those in place that were written anew and pass now."""
        failed = [one for one in held if not one.passed]
        if not failed:
            return list(held)
        anew = [
            self._judged(sentence, question, evidence) if sentence is not None else one
            for one, sentence in zip(failed, repair(failed), strict=True)
        ]
        verified = self._verified([one for one in anew if not any(one is old for old in failed)])
        passing = iter(verified)
        instead = {
            id(old): old if new is old else next(passing)
            for old, new in zip(failed, anew, strict=True)
        }
        mended = [
            new if (new := instead.get(id(one), one)).passed else one for one in held
        ]  # fmt: skip
        self.repaired += sum(new is not old for new, old in zip(mended, held, strict=True))
        return mended

    def _stated(self, judged: Judged) -> Statement:
        text = judged.sentence.text
        if beside := _ORIGINAL.search(text):
            text = translated(_ORIGINAL.sub("", text), beside["words"])
        statement = Statement(text, tuple(self._mark(passage, text) for passage in judged.passages))
        self.statements.append(statement)
        return statement

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


def _by(finding: Finding) -> Verdict:
    reason = "" if finding.support is Support.SUPPORTED else finding.differs or TOO_LITTLE
    return Verdict(finding.support, reason, settled=True)


def _told_of(evidence: Evidence) -> str:
    """Titles of all the evidence, and the full names of those whom it names in short."""
    titles = dict.fromkeys(passage.article.title for passage in evidence.passages)
    short = {word for passage in evidence.passages for word in words(passage.text)}
    runs = (
        run.group()
        for passage in evidence.passages
        for paragraph in passage.article.paragraphs
        for run in RUN.finditer(paragraph.text)
    )
    full = (run for run in runs if " " in run and words(run)[-1] in short)
    return " \n".join([*titles, *dict.fromkeys(full)])


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

    @property
    def voice(self) -> str:
        """Whose turn of a transcript the paragraph is, with the role; else empty."""
        turn = _turns_in(self.paragraphs, self.title).get(self.number - 1)
        return f"{turn.role or ''} {turn.speaker}".strip() if turn and turn.speaker else ""


def misattributed(sentence: str, contexts: Sequence[Context]) -> str:
    """Why a quotation of a sentence is not its speaker's; empty where each is, or none is there."""
    for said in _spoken(sentence):
        quote = words(said.quote)
        holding = [context for context in contexts if _holds(words(context.text), quote)]
        if not holding:
            # Whether the words stand there at all is another rule's matter.
            continue
        if not any(_keeps(said.speaker, quote, context) for context in holding):
            form = Said("the words “{words}” are not given to {speaker} there")
            return Said(form, words=_short(said.quote), speaker=said.speaker)
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
def _turns_in(paragraphs: tuple[str, ...], title: str) -> dict[int, Turn]:
    return turns(paragraphs, title)


@lru_cache(maxsize=64)
def _said_in(paragraphs: tuple[str, ...], title: str) -> tuple[Quotation, ...]:
    return quotations(paragraphs, title)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
