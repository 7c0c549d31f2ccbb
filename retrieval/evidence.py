"""Evidence: which passages an answer may rest on, and whether they suffice.

    ranked passages ─▶ newest first where asked ─▶ copies collapsed ─▶ at most a few an article
        ─▶ sentences scored (retrieval.answers.extractive) ─▶ confidence ─▶ Evidence

Pure but for the scorer, which is passed in. Whether the evidence answers at all is one number with
one threshold for every corpus: a logistic regression over what the best passages and sentences say.
`python -m tests.evaluation.fit_sentences` fits it on the desk's questions that are not held out and
on squad2, each set and side weighing the same, and prints both error rates around the threshold, of
each set from a fit on the others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus.articles import Article, Paragraph
from corpus.text.differences import are_copies, near_enough_in_time
from corpus.text.sentences import Sentence
from corpus.text.words import content_words, fold, names, stem, words
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import NEWS, SHORT_QUESTION, Intent, Question

# Fitted on those of the desk's questions that are not held out, on squad2's and on timeqa's, each
# set counting as much. At .34 13 % of the desk's answerable questions are refused and 30 % of the
# unanswerable ones answered.
ENOUGH = 0.36
BIAS = -1.8
WEIGHTS = {
    "score": 3.85,
    "highest_read": 0.2,
    "passage_read": 1.65,
    "cosine_of_passage": 0.3,
    "told": 1.0,
    "untold": 0.5,
    "wrong_kind": -0.1,
    "lacks": -0.1,
}
# What a reader says to a long question tells little: it tells a story before it asks. Meaning alone
# decides of those; at a cosine of .505 they are answered (fitted on multihop's).
LONG_BIAS, LONG_COSINE = -2.394, 3.94
# Tens of log-odds. What a reader likes nearly as well as the best may answer, too.
NEAR, NEARLY_AS_GOOD = 0.35, 0.2
PASSAGES = 12
PASSAGES_FOR_A_MODEL = 20
"""A model reads all that it is given, and a comparison needs more than a sentence does."""
PASSAGES_AN_ARTICLE = 5
# "Latest" is a question of date among what is relevant: a passage loses this much of its
# score for each halving time of age behind the newest one found.
LATEST_HALVING_DAYS = 7.0
LATEST_WEIGHT = 0.5
# How many of the best sentences are looked at for what they lean on, how many paragraphs a list may
# have before an item, and how many items of it are told after what leads to them.
LEANING, LONGEST_LIST, ITEMS = 4, 8, 3
# Share of the best passage's score. What fits less is beside the point, however new.
BESIDE = 0.5


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for or against a sentence; between 0 and 1 unless said otherwise."""

    read: float
    """What a reader says to question and sentence together, in tens of log-odds; where nothing
    was read, what the words and the paragraph's cosine let expect of one. The sentence is read
    under the title of its article, without which many do not tell of whom they speak."""
    passage_read: float
    """The same of the whole paragraph."""
    best_passage: float
    """1 for the best passage, 1/2 for the second, …"""
    covered: float
    """Share of the question's words, weighted by rarity, that stand in the sentence."""
    wrong_kind: float
    """1 where the sentence lacks the new person, place, time or number that is asked for, or
    reports no words of the speaker who is named (speaks against)."""
    tells: float
    """1 where a saying or a reason is asked for and the sentence reports or explains, 1/2
    where it may explain."""
    lacks: float
    """How rare the rarest word of the question is that the paragraph and its title lack, as a
    share of the rarest that it has at all (speaks against)."""
    in_time: float
    """1 where the sentence mentions a date inside the time asked about, 1/2 where only its
    paragraph does."""
    cosine_of_passage: float
    """Of the whole paragraph and the question."""


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a passage; `mark` is the passage's position in the evidence, from 1."""

    mark: int
    passage: Passage
    sentence: Sentence
    position: int
    score: float
    features: Features


@dataclass(frozen=True, slots=True)
class Account:
    """One side of what sources differ on: its sentences, each with the mark of its passage."""

    sentences: tuple[tuple[int, str], ...]

    @property
    def marks(self) -> frozenset[int]:
        return frozenset(mark for mark, _ in self.sentences)


@dataclass(frozen=True, slots=True)
class Differing:
    """What accounts differ about, in a few words; one account may itself hold both sides."""

    about: str
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Passages that an answer may cite, best first; marks of a draft count them from 1."""

    passages: tuple[Passage, ...]
    sentences: tuple[ScoredSentence, ...] = ()
    confidence: float = 0.0
    """How likely the passages answer the question, between 0 and 1."""
    differing: tuple[Differing, ...] = ()

    @property
    def suffices(self) -> bool:
        return self.confidence >= ENOUGH

    @property
    def marks(self) -> dict[ParagraphKey, int]:
        return {passage.key: mark for mark, passage in enumerate(self.passages, 1)}

    @property
    def articles(self) -> int:
        return len({passage.article.id for passage in self.passages})


def gather(
    question: Question,
    found: Iterable[Passage],
    score: Callable[[Question, Sequence[Passage]], Sequence[ScoredSentence]],
    most: int = PASSAGES,
) -> Evidence:
    """Evidence for a question from the passages of a search, best first; `most` of them."""
    passages = [one for one in found if one.paragraph.answers]
    if question.intent in NEWS and len(told := _told_of(question, passages)) > 1:
        passages = told
    elif question.latest:
        passages = _prefer_newest(passages)
    chosen = _spread(collapse_copies(passages))[:most]
    sentences = tuple(score(question, chosen))
    beside = _beside(chosen, sentences)
    return Evidence((*chosen, *beside), sentences, confidence(question, sentences))


def _beside(passages: Sequence[Passage], sentences: Sequence[ScoredSentence]) -> list[Passage]:
    """Paragraphs that the best sentences may lean on: the one before, what an item of a list is an
    item of, and what "he said:" leads to."""
    known = {one.key for one in passages}
    found: dict[ParagraphKey, Passage] = {}
    for one in sentences[:LEANING]:
        paragraphs, number = one.passage.article.paragraphs, one.passage.paragraph.number
        near: list[Paragraph] = []
        if one.position == 0:
            before = paragraphs[max(number - 1 - LONGEST_LIST, 0) : number - 1]
            near += [*(item for item in before[:-1] if leads_on(item.text)), *before[-1:]]
        if leads_on(one.passage.text):
            near += paragraphs[number : number + ITEMS]
        beside = [replace(one.passage, paragraph=item) for item in near if item.answers]
        found.update({item.key: item for item in beside if item.key not in known})
    return list(found.values())


def leads_on(text: str) -> bool:
    """Whether a text says nothing without what comes after it."""
    return text.rstrip().endswith((":", "："))


def collapse_copies(passages: Sequence[Passage]) -> list[Passage]:
    """Passages without those whose paragraph another one carries already.

    The first article (the origin) stands for its copies, which are kept in `carried_by`.
    """
    kept: list[Passage] = []
    for passage in passages:
        twin = next((index for index, other in enumerate(kept) if _same(passage, other)), None)
        if twin is None:
            kept.append(passage)
            continue
        first, second = kept[twin], passage
        if _precedes(second.article, first.article):
            first, second = replace(second, score=first.score), first
        carried = dict.fromkeys((*first.carried_by, *second.carried_by, second.article))
        kept[twin] = replace(
            first, carried_by=tuple(a for a in carried if a.id != first.article.id)
        )
    return kept


def _same(first: Passage, second: Passage) -> bool:
    if first.key == second.key:
        return True
    one_origin = first.article.origin == second.article.origin
    if _fold(first.text) == _fold(second.text):
        return one_origin or near_enough_in_time(
            first.article.published_at, second.article.published_at
        )
    return (
        one_origin
        and first.article.id != second.article.id
        and are_copies([first.text], [second.text])
    )


def _precedes(first: Article, second: Article) -> bool:
    """Whether `first` is the origin of `second`, or simply was published before it."""
    if second.duplicate_of == first.id:
        return True
    if first.duplicate_of == second.id:
        return False
    if first.published_at and second.published_at:
        return first.published_at < second.published_at
    return False


@lru_cache(maxsize=1_024)
def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _spread(passages: Iterable[Passage]) -> list[Passage]:
    taken: Counter[str] = Counter()
    kept = []
    for passage in passages:
        if taken[passage.article.id] < PASSAGES_AN_ARTICLE:
            taken[passage.article.id] += 1
            kept.append(passage)
    return kept


def is_about(question: Question, article: Article) -> bool:
    """Whether an article tells of what a question is about: its title or its lead names it, so
    that it is no mere mention."""
    lead = article.paragraphs[0].text if article.paragraphs else ""
    return _names_matter(question, f"{article.title} {lead}")


def _names_matter(question: Question, text: str) -> bool:
    aspect = question.wanted.aspect or question.search_text
    wanted = names(f"on {aspect}") or content_words(aspect)
    there = {stem(fold(word), peoples=True) for word in words(text)}
    return {stem(fold(word), peoples=True) for word in wanted} <= there


def _told_of(question: Question, passages: Sequence[Passage]) -> list[Passage]:
    """The leads of the articles that tell of what a situation is asked of, the newest first. An
    article whose lead is of something else, as that of a round-up is, is told by what was found."""
    leads: dict[str, Passage] = {}
    for one in passages:
        beside = one.score < BESIDE * passages[0].score
        if one.article.published_at and not beside and is_about(question, one.article):
            lead = one.article.paragraph(1)
            leads_with_it = lead.answers and not lead.speaker and _names_matter(question, lead.text)
            told = replace(one, paragraph=lead) if leads_with_it else one
            leads.setdefault(one.article.id, told)
    return sorted(
        leads.values(),
        key=lambda one: one.article.published_at or one.article.first_read_at,
        reverse=True,
    )


def _prefer_newest(passages: Sequence[Passage]) -> list[Passage]:
    dates = [p.article.published_at for p in passages if p.article.published_at]
    if not dates:
        return list(passages)
    newest = max(dates)

    def weighed(passage: Passage) -> Passage:
        published = passage.article.published_at
        if published is None:
            return passage.with_score(passage.score * LATEST_WEIGHT)
        age = (newest - published).total_seconds() / 86_400
        freshness = math.pow(0.5, age / LATEST_HALVING_DAYS)
        return passage.with_score(passage.score * (1 - LATEST_WEIGHT + LATEST_WEIGHT * freshness))

    return sorted(map(weighed, passages), key=lambda passage: -passage.score)


def confidence(question: Question, sentences: Sequence[ScoredSentence]) -> float:
    """How likely the evidence answers, between 0 and 1. `sentences` come best first.

    No sign refuses by itself; without a sentence there is nothing to be confident of.
    """
    if not sentences:
        return 0.0
    values = signs(question, sentences)
    if is_long(question):
        return 1 / (1 + math.exp(-LONG_BIAS - LONG_COSINE * values["cosine_of_passage"]))
    score = BIAS + sum(WEIGHTS[name] * value for name, value in values.items())
    return 1 / (1 + math.exp(-score))


def is_long(question: Question) -> bool:
    """Whether a question tells a story before it asks."""
    return len(question.text.split()) > SHORT_QUESTION


def signs(question: Question, sentences: Sequence[ScoredSentence]) -> dict[str, float]:
    """What the regression looks at, by name; what was read and the score in tens, the others
    between 0 and 1."""
    best = sentences[0].features
    every = [item.features for item in sentences]
    cosine = max(features.cosine_of_passage for features in every)
    if is_long(question):
        return {"cosine_of_passage": cosine}
    highest = max(features.read for features in every)
    near = [features for features in every if features.read >= highest - NEAR]
    nearest = [best, *(one for one in near if one.read >= highest - NEARLY_AS_GOOD)]
    holder = question.speaker is not None and question.intent is not Intent.COMPARISON
    return {
        "score": sentences[0].score / 10,
        "highest_read": highest,
        "passage_read": max(features.passage_read for features in every),
        "cosine_of_passage": cosine,
        "told": max(one.tells for one in nearest) - 0.5 if holder else 0.0,
        "untold": 1 - best.tells if question.demands_a_form and not holder else 0.0,
        "wrong_kind": min(features.wrong_kind for features in near),
        "lacks": best.lacks,
    }
