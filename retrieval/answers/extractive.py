"""The extractive answerer: an answer made of the sources' own sentences.

    Evidence.sentences ─▶ the best ─▶ whatever adds to it ─▶ in reading order ─▶ DraftSentence, …

It needs no key and no network and never paraphrases. A sentence that leans on the one before
("He said …") brings that one along; the article with the best sentence comes first, sentences of
one article as they stand there. `Answerer` is what it has in common with a language model: the
checks do not know which of them wrote a draft.

Scoring the sentences of the best passages as answers to a question.

    question, passages ─▶ sentences worth reading ─ reader, terms ─▶ Features ─ WEIGHTS ─▶ score

A reader reads question and sentence together; beside what it says count the place in the search,
the paragraph around, the time asked about, and whether the kind of thing asked for stands there.
No sign decides alone. `python -m tests.evaluation.fit_sentences` fits weights on the desk's
questions, squad2, timeqa and multihop, and prints what each corpus gives when it is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import astuple, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Protocol

from corpus.articles import origins_of
from corpus.text.dates import date_mentions, without_dates
from corpus.text.sentences import quoted_spans, split_sentences
from corpus.text.tables import either
from corpus.text.words import (
    content_words,
    counts,
    fold,
    foreign_language,
    names,
    numbers,
    paragraph_language,
    unaccented,
    words,
)
from retrieval.encoders.encoder import is_english
from retrieval.evidence import Evidence, Features, ScoredSentence
from retrieval.index.analysis import LATIN, main_script
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.lexical import LexicalIndex
from retrieval.outcomes import DraftSentence
from retrieval.passages import Passage
from retrieval.questions.time import lies_in, overlaps
from retrieval.questions.understand import Asked, Intent, Question

if TYPE_CHECKING:
    from retrieval.encoders.cross_encoder import Reader

_any = partial(either, __package__, "signs")
_REASON = re.compile(rf"\b{_any('reasons')}\b", re.IGNORECASE)
_PERHAPS_REASON = re.compile(
    r"\b(?:since|after|as (?:it|he|she|they|the)|aimed? (?:at|to)|for fear|amid|"
    r"to (?:avoid|prevent|protect|allow|ensure|force|press|pressure|enable|help))\b",
    re.IGNORECASE,
)
_SPEECH = re.compile(rf"\b{_any('speech')}\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|of|towards?|outside|around|through|into)\s+(?:the\s+)?(?:[a-z]+ern\s+)?[A-ZÀ-Þ]"
)
_LEADING_PRONOUN = re.compile(rf"^[“\"']?{_any('leading')}\b")
# A reader's word and the paragraph around count most; `covered` speaks against: of two sentences
# that a reader likes as much, the one that repeats the question answers it less often. Of the
# desk's questions the first sentence is then right in .59, of squad2's in .83, of multihop's in
# .40, of timeqa's in .42; the reader alone gives .61, .81, .32 and .28.
WEIGHTS = Features(
    read=3.0,
    best_passage=1.2,
    covered=-0.5,
    covered_around=2.0,
    wrong_kind=-1.0,
    tells=0.5,
    names_missing=-0.5,
    leading_pronoun=0.0,
    in_time=2.0,
    cosine_of_passage=0.0,
    long=0.0,
)
# What a reader is expected to say where it has not read, in tens of log-odds.
UNREAD, UNREAD_COVERED, UNREAD_COSINE = -1.46, 1.54, 1.21
# The same of a sentence in another language than English, which is read by its meaning: whatever
# the paragraph's cosine, it is enough from here on, in the question's language and in another.
# Of XQuAD's questions (every eighth) the first sentence of the right paragraph is then right in .85
# and .85 (Arabic), .89 and .87 (Russian), .94 and .83 (Spanish), .90 and .79 (Chinese); where that
# paragraph is taken away, at most a quarter of the questions are answered.
MEANT, MEANT_PASSAGE, MEANT_COSINE = 1.285, -1.95, 7.0
ENOUGH_ALIKE, ENOUGH_ACROSS = 0.48, 0.40
# How many passages have their sentences looked at, and how many sentences are read: most of the
# time of an answer goes here. Those that share most with the question come first.
PASSAGES_READ = 8
SENTENCES_READ = 16
# A sentence of the best passage is worth as much as this share of the question's words.
RANK_WORTH = 0.6
# Characters of a question and of a sentence that are read.
LONGEST_READ = 600
SHORTEST_SENTENCE = 20


class SentenceScorer:
    """Scores sentences against a question. Threads may share it.

    What a `reader` does not read because of its language is compared in meaning, sentence by
    sentence, where there are `embeddings`; else words and the paragraph's cosine stand in.
    """

    def __init__(
        self,
        lexical: LexicalIndex,
        reader: Reader | None = None,
        embeddings: SentenceEmbeddings | None = None,
    ) -> None:
        self._lexical = lexical
        self._reader = reader
        self._embeddings = embeddings

    @property
    def lexical(self) -> LexicalIndex:
        """The index by which words are weighed."""
        return self._lexical

    def score(self, question: Question, passages: Sequence[Passage]) -> list[ScoredSentence]:
        """Sentences of the first passages, the best answer first."""
        rarity = self._lexical.rarity(question.search_text)
        if self._lexical.lacks_script(question.search_text):
            # A name or a number in other letters is no sign of an answer.
            rarity = {}
        candidates = self._candidates(question, passages[:PASSAGES_READ], rarity)
        scores = self._read(question, candidates)
        scored = []
        for one, read in zip(candidates, scores, strict=True):
            if not math.isnan(read):
                one = replace(one, features=replace(one.features, read=read / 10))
            scored.append(replace(one, score=score(one.features)))
        return sorted(scored, key=lambda item: -item.score)

    def _candidates(
        self, question: Question, passages: Sequence[Passage], rarity: dict[str, float]
    ) -> list[ScoredSentence]:
        """The sentences worth reading, the likeliest first: those with the question's words, and
        those of the first passages."""
        found = []
        for rank, passage in enumerate(passages):
            around = _share(rarity, self._lexical.terms(f"{passage.article.title}\n{passage.text}"))
            missing = share_of_names_missing(question, passage)
            for position, sentence in enumerate(split_sentences(passage.text)):
                if len(sentence.text) >= SHORTEST_SENTENCE:
                    covered = _share(rarity, self._lexical.terms(sentence.text))
                    features = features_of(
                        question, passage, rank, sentence.text, covered, around, missing
                    )
                    found.append(
                        ScoredSentence(rank + 1, passage, sentence, position, 0.0, features)
                    )
        found.sort(key=lambda one: -(one.features.covered + RANK_WORTH * one.features.best_passage))
        return found[:SENTENCES_READ]

    def _read(self, question: Question, candidates: Sequence[ScoredSentence]) -> list[float]:
        """What the reader says to each, or the meaning of those in other languages; NaN where
        neither was asked."""
        reader, asked = self._reader, question.search_text[:LONGEST_READ]
        texts = {place: one.sentence.text[:LONGEST_READ] for place, one in enumerate(candidates)}
        scores: dict[int, float] = {}
        if reader is not None and reader.reads(asked, foreign_language(asked)):
            known = [
                place
                for place, one in enumerate(candidates)
                if reader.reads(one.sentence.text, one.passage.article.language)
            ]
            read = reader.score(asked, [texts[place] for place in known])
            scores = dict(zip(known, map(float, read), strict=True))
        meant = [
            place
            for place, one in enumerate(candidates)
            if place not in scores and is_foreign(one.passage)
        ]
        if self._embeddings is not None and meant:
            language = foreign_language(asked)
            cosines = self._embeddings.across(asked, [texts[place] for place in meant])
            for place, cosine in zip(meant, cosines, strict=True):
                scores[place] = 10 * _meant(candidates[place], float(cosine), language)
        return [scores.get(place, math.nan) for place in range(len(candidates))]


def is_foreign(passage: Passage) -> bool:
    """Whether a passage is in another language than English, as far as its text tells."""
    return not is_english(passage.text, _language(passage))


def _language(passage: Passage) -> str | None:
    return paragraph_language(passage.text, passage.article.language)


def _meant(one: ScoredSentence, cosine: float, language: str | None) -> float:
    """What the meaning of a sentence says, as a reader would, to a question in a language."""
    enough = ENOUGH_ALIKE if _language(one.passage) == language else ENOUGH_ACROSS
    of_passage = one.features.cosine_of_passage
    return MEANT + MEANT_PASSAGE * of_passage + MEANT_COSINE * (cosine - enough)


def features_of(
    question: Question,
    passage: Passage,
    rank: int,
    sentence: str,
    covered: float,
    covered_around: float,
    names_missing: float,
) -> Features:
    """Features of one sentence that nothing has read yet: words let expect what a reader says."""
    cosine = passage.cosine or 0.0
    # The words of a transcript are those of the speaker who is asked for.
    spoken = question.speaker is not None and passage.is_spoken_by(question.speaker)
    return Features(
        read=UNREAD + UNREAD_COVERED * covered + UNREAD_COSINE * cosine,
        best_passage=1 / (1 + rank),
        covered=covered,
        covered_around=covered_around,
        wrong_kind=float(not spoken and not answers_kind(question, sentence, _day(passage))),
        tells=1.0 if spoken else _tells(question, sentence),
        names_missing=names_missing,
        leading_pronoun=float(bool(_LEADING_PRONOUN.match(sentence))),
        in_time=_in_time(question, passage, sentence),
        cosine_of_passage=cosine,
        long=max(0, len(sentence) - 250) / 1000,
    )


def share_of_names_missing(question: Question, passage: Passage) -> float:
    """Share of the question's names that neither a passage nor its setting has; 0 of none, and
    where the passage is in a language that would write them otherwise."""
    if main_script(passage.text) != main_script(question.search_text) or (
        foreign_language(question.search_text) != foreign_language(passage.text)
    ):
        return 0.0
    asked = [fold(name) for name in names(question.search_text)]
    near = set(words(_setting(passage)))
    return sum(not is_named(name, near) for name in asked) / len(asked) if asked else 0.0


def _setting(passage: Passage) -> str:
    """A paragraph with what a reader has in mind by then: title, lead and what came before."""
    paragraphs = passage.article.paragraphs
    read = dict.fromkeys((0, max(0, passage.paragraph.number - 2)))
    before = " ".join(paragraphs[index].text for index in read if index < len(paragraphs))
    return f"{passage.article.title} {before} {passage.text}"


def answers_kind(question: Question, sentence: str, published: date | None) -> bool:
    """Whether a sentence has what is asked for: a new number, time, person or place, or words
    of the speaker who is named. True for questions that ask for none of these, and where the
    sentence's language has other words to tell by."""
    if main_script(sentence) not in (LATIN, None) or foreign_language(sentence):
        return question.asked is not Asked.NUMBER or bool(_counts(sentence, published))
    match question.asked:
        case Asked.NUMBER:
            return bool(_counts(sentence, published) - numbers(question.text))
        case Asked.TIME:
            known = set(words(question.text))
            mentions = date_mentions(sentence, published)
            return any(not set(words(mention.text)) <= known for mention in mentions) or bool(
                re.search(r"\b(?:1\d{3}|20\d{2})\b", sentence)
            )
        case Asked.PERSON:
            return bool(_new_names(question, sentence))
        case Asked.PLACE:
            return bool(_PLACE.search(sentence)) and bool(_new_names(question, sentence))
        case Asked.SAYING:
            return not names(f"by {question.speaker or ''}") or speaks(question, sentence)
        case _:
            return True


def is_named(name: str, present: Set[str]) -> bool:
    """Whether a folded name stands among folded words, also as "Ukraine" for "Ukrainian"."""
    if name in present:
        return True
    return len(name) >= 4 and any(_same_stem(name, word) for word in present if len(word) >= 4)


def _same_stem(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    common = next(
        (at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    return common == len(short) or (common >= 5 and len(long) - common <= 3)


def _counts(sentence: str, published: date | None) -> set[str]:
    """Numbers of a sentence that count something: not those of dates, not ordinals."""
    rest = without_dates(sentence, published)
    rest = re.sub(r"\b\d+(?:st|nd|rd|th)\b|\b(?:1[89]|20)\d{2}\b", " ", rest)
    return counts(rest)


def _tells(question: Question, sentence: str) -> float:
    if question.asked is Asked.SAYING:
        return float(speaks(question, sentence))
    if question.asked is Asked.REASON:
        return 1.0 if _REASON.search(sentence) else 0.5 * bool(_PERHAPS_REASON.search(sentence))
    return 0.0


def _day(passage: Passage) -> date | None:
    published = passage.article.published_at
    return published.date() if published else None


def _in_time(question: Question, passage: Passage, sentence: str) -> float:
    window = question.around
    if window is None:
        return 0.0
    day = _day(passage)
    if any(overlaps(window, mention) for mention in date_mentions(sentence, day)):
        return 1.0
    if day is not None and lies_in(window, day):
        return 0.5
    return 0.5 * any(overlaps(window, mention) for mention in date_mentions(passage.text, day))


def speaks(question: Question, sentence: str) -> bool:
    """Whether a sentence reports words, and if a speaker is asked for, words of that speaker.

    The name must be next to the verb: "Haftar told his troops", "said LNA spokesman Mismari";
    not "Sarraj said that Haftar's forces".
    """
    speakers = names(f"by {question.speaker or ''}")
    if not speakers:
        return bool(quoted_spans(sentence)) or bool(_SPEECH.search(sentence))
    plain = unaccented(sentence)
    return any(_is_speaker(unaccented(speaker), plain) for speaker in speakers)


def _is_speaker(name: str, sentence: str) -> bool:
    named = rf"\b{re.escape(name)}\b(?!['’]s)"
    between = r"(?:[^\w.;:“”]+(?!that\b|[A-Z])[\w'’-]+){0,5}?"
    before = rf"{named}(?:,[^,]{{1,80}},)?{between}[^\w.;]+{_SPEECH.pattern}"
    titles = r"(?:[^\w.;:“”]+(?!that\b)[\w'’-]+){0,5}?"
    after = rf"{_SPEECH.pattern}{titles}[^\w.;]+{named}"
    return bool(re.search(before, sentence) or re.search(after, sentence))


def _new_names(question: Question, sentence: str) -> set[str]:
    return {fold(name) for name in names(sentence)} - set(words(question.text))


def _share(rarity: Mapping[str, float], terms: Sequence[str]) -> float:
    total = sum(rarity.values())
    return sum(rarity.get(term, 0.0) for term in set(terms)) / total if total else 0.0


def score(features: Features) -> float:
    """How well the sentence answers, in log-odds against others of the same question."""
    pairs = zip(astuple(WEIGHTS), astuple(features), strict=True)
    return float(sum(weight * value for weight, value in pairs))


MOST_SENTENCES = 4
# A further sentence may be this much worse than the best one, in log-odds; less where one
# thing is asked for. Beyond it the second sentence drifts off the question.
FURTHER = 1.7
FURTHER_TO_ONE_THING = 1.0
# Tens of log-odds. What a reader likes less is not on the question, unless it liked the best
# sentence no better.
ON_THE_QUESTION = 0.0
NO_BETTER = 0.4
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
        chosen = _in_reading_order(question, _choose(question, evidence.sentences))
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
        if _asks(candidate.sentence.text):
            continue
        if chosen and not _adds(question, candidate, chosen):
            continue
        if chosen and length + len(candidate.sentence.text) > LONGEST_ANSWER:
            continue
        chosen.append(candidate)
        length += len(candidate.sentence.text)
        if len(chosen) == MOST_SENTENCES:
            break
    return chosen


def _asks(text: str) -> bool:
    """Whether a sentence is a question, which answers nothing."""
    return text.rstrip(' ”"’)').endswith("?")


def _asks_for_one_thing(question: Question) -> bool:
    several = (Asked.SAYING, Asked.REASON, Asked.THING)
    return question.asked not in several and question.intent in (Intent.FACT, Intent.YES_NO)


def _adds(question: Question, candidate: ScoredSentence, chosen: Sequence[ScoredSentence]) -> bool:
    allowance = FURTHER_TO_ONE_THING if _asks_for_one_thing(question) else FURTHER
    if candidate.score < chosen[0].score - allowance:
        return False
    read = candidate.features.read
    if read < ON_THE_QUESTION and read < chosen[0].features.read - NO_BETTER:
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


def _in_reading_order(
    question: Question, chosen: Sequence[ScoredSentence]
) -> list[tuple[int, str]]:
    """(mark, sentence) in order, nothing twice.

    A sentence that leans on the one before brings it along. What follows the best one goes on
    from it ("Many of them object to …"), and stands with it unless one thing was asked for.
    """
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
        if item is chosen[0] and not _asks_for_one_thing(question):
            following = [one.text for one in sentences[item.position + 1 :][:1]]
            for text in following:
                if len(text) >= SHORTEST_SENTENCE and not _asks(text):
                    taken[(item.mark, text)] = None
    return list(taken)
