"""The extractive answerer: an answer made of the sources' own sentences.

    Evidence.sentences ─▶ the best ─▶ whatever adds to it ─▶ in reading order ─▶ DraftSentence, …

It needs no key and no network and never paraphrases. A sentence that leans on the one before
("He said …") brings that one along; the article with the best sentence comes first, sentences of
one article as they stand there. `Answerer` is what it has in common with a language model: the
checks do not know which of them wrote a draft.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from corpus.articles import origins_of
from corpus.text.sentences import split_sentences
from corpus.text.words import content_words, numbers
from retrieval.evidence import Evidence, ScoredSentence
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Asked, Question

MOST_SENTENCES = 4
# A further sentence may be this much worse than the best one, in log-odds; less where one
# thing is asked for. Read by eye on the sample and the briefings: beyond it the second
# sentence drifts off the question.
FURTHER = 1.7
FURTHER_TO_ONE_THING = 1.0
# Two sentences that share this much of their words say the same.
SAME = 0.6
# An answer longer than this is read as a document; in characters.
LONGEST_ANSWER = 700


class Answerer(Protocol):
    """Writes a draft, sentence by sentence, from numbered evidence.

    `name` tells readers who wrote: "extractive", or a model as "openai:gpt-…". `draft`
    yields sentences as they are complete, none where the evidence does not answer, and
    raises AnswererError where it cannot go on; what was yielded before is whole.
    """

    @property
    def name(self) -> str: ...

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]: ...


def writes_over_time(answerer: Answerer) -> bool:
    """Whether a draft takes seconds, so that each sentence is worth showing as it comes.

    An answerer says so by an attribute `over_time`; one without it writes all at once.
    """
    return bool(getattr(answerer, "over_time", False))


class ExtractiveAnswerer:
    """Selects and orders verbatim sentences; an `Answerer`."""

    name = "extractive"

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        """The one to four sentences that answer, each with the mark of its passage.

        Where accounts differ on what is asked, those of the first difference stand beside them.
        """
        chosen = _in_reading_order(_choose(question, evidence.sentences))
        beside = [
            one
            for differing in evidence.differing[:1]
            for account in differing.accounts
            for one in account.sentences
        ]
        for mark, text in dict.fromkeys((*chosen, *beside)):
            yield DraftSentence(text, (mark,))


def _choose(question: Question, scored: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    chosen: list[ScoredSentence] = []
    length = 0
    for candidate in scored:
        if chosen and not _adds(question, candidate, chosen):
            continue
        if chosen and length + len(candidate.sentence.text) > LONGEST_ANSWER:
            continue
        chosen.append(candidate)
        length += len(candidate.sentence.text)
        if len(chosen) == MOST_SENTENCES:
            break
    return chosen


def _asks_for_one_thing(question: Question) -> bool:
    return question.asked not in (Asked.SAYING, Asked.REASON, Asked.THING)


def _adds(question: Question, candidate: ScoredSentence, chosen: Sequence[ScoredSentence]) -> bool:
    allowance = FURTHER_TO_ONE_THING if _asks_for_one_thing(question) else FURTHER
    if candidate.score < chosen[0].score - allowance or candidate.features.wrong_kind:
        return False
    own = set(content_words(candidate.sentence.text))
    asked = set(content_words(question.text))
    for other in chosen:
        words = set(content_words(other.sentence.text))
        alike = len(own & words) > SAME * min(len(own), len(words))
        if alike and not _counts_otherwise(question, candidate, other):
            return False
    return bool(own - asked)


def _counts_otherwise(question: Question, one: ScoredSentence, other: ScoredSentence) -> bool:
    """Whether another source gives other numbers for what is told in the same words."""
    if not origins_of([one.passage.article]).isdisjoint(origins_of([other.passage.article])):
        return False
    asked = numbers(question.text)
    first, second = numbers(one.sentence.text) - asked, numbers(other.sentence.text) - asked
    return bool(first and second) and not first & second


def _in_reading_order(chosen: Sequence[ScoredSentence]) -> list[tuple[int, str]]:
    """(mark, sentence) in order, leading sentences brought along, nothing twice."""
    articles = list(dict.fromkeys(item.passage.article.id for item in chosen))
    ordered = sorted(
        chosen,
        key=lambda item: (
            articles.index(item.passage.article.id),
            item.passage.paragraph.number,
            item.position,
        ),
    )
    taken: dict[tuple[int, str], None] = {}
    for item in ordered:
        sentences = split_sentences(item.passage.text)
        if item.features.leading_pronoun and item.position > 0:
            taken[(item.mark, sentences[item.position - 1].text)] = None
        taken[(item.mark, item.sentence.text)] = None
    return list(taken)
