"""The extractive answerer: an answer made of the sources' own sentences.

    Evidence.sentences ─▶ the best ─▶ whatever adds to it ─▶ in reading order ─▶ DraftSentence, …

It needs no key and no network and never paraphrases. A sentence that leans on the one before
("He said …") brings that one along; the article with the best sentence comes first, sentences of
one article as they stand there. `Answerer` is what it has in common with a language model: the
checks do not know which of them wrote a draft.

Scoring the sentences of the best passages as answers to a question.

    question, passages ─▶ sentences worth reading ─ vectors, terms ─▶ Features ─ WEIGHTS ─▶ score

The only part of evidence that needs the model and the index: the sentences' vectors, and how rare
the question's words are in the corpus. The weights are those of a logistic regression that tells
the sentences with a gold answer from the others of the same question, on squad2, timeqa and
multihop (`python -m tests.evaluation.fit_sentences` fits them again). They are few, so that what
speaks for a sentence can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import astuple, dataclass
from datetime import date
from functools import partial
from typing import Protocol

from corpus.articles import origins_of
from corpus.text.dates import date_mentions, without_dates
from corpus.text.sentences import Sentence, quoted_spans, split_sentences
from corpus.text.tables import either
from corpus.text.words import (
    content_words,
    counts,
    fold,
    names,
    numbers,
    unaccented,
    words,
)
from retrieval.evidence import Evidence, Features, ScoredSentence
from retrieval.index.analysis import LATIN, main_script
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.lexical import LexicalIndex
from retrieval.outcomes import DraftSentence
from retrieval.passages import Passage
from retrieval.questions.time import lies_in, overlaps
from retrieval.questions.understand import Asked, Question

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
# `tells` is not fitted: none of the sets asks what somebody said. `wrong_kind` is set against
# more than the fit's -1.21: a sentence with what is asked for is worth a weaker fit. Both were
# read by eye on the sample and the briefings. Weights that the fit leaves at nothing are left
# there.
WEIGHTS = Features(
    passage_score=0.0,
    best_passage=1.36,
    cosine=2.57,
    covered=5.38,
    covered_around=3.10,
    wrong_kind=-3.0,
    tells=1.5,
    names_missing=0.0,
    leading_pronoun=-0.3,
    in_time=2.38,
    cosine_of_passage=0.0,
    long=-1.44,
)
# How many passages have their sentences read; more cost time and seldom hold a better one.
PASSAGES_READ = 6
# How many sentences are encoded: most of the time of an answer goes here. Those that share
# most with the question come first; a paragraph of one sentence costs nothing.
SENTENCES_ENCODED = 5
SHORTEST_SENTENCE = 20


class SentenceScorer:
    """Scores sentences against a question. Threads may share it."""

    def __init__(self, embeddings: SentenceEmbeddings, lexical: LexicalIndex) -> None:
        self._embeddings = embeddings
        self._lexical = lexical

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
        read = self._read(passages, rarity)
        if not read:
            return []
        cosines = self._cosines(question.search_text, read)
        around = {
            passage.key: self._lexical.terms(f"{passage.article.title}\n{passage.text}")
            for passage in passages[:PASSAGES_READ]
        }
        missing = {
            passage.key: share_of_names_missing(question, passage)
            for passage in passages[:PASSAGES_READ]
        }
        scored = []
        for item, cosine in zip(read, cosines, strict=True):
            features = features_of(
                question,
                item.passage,
                item.rank,
                item.sentence,
                cosine,
                rarity,
                item.terms,
                around[item.passage.key],
                missing[item.passage.key],
            )
            scored.append(
                ScoredSentence(
                    item.rank + 1,
                    item.passage,
                    item.sentence,
                    item.position,
                    score(features),
                    features,
                )
            )
        return sorted(scored, key=lambda item: -item.score)

    def _read(self, passages: Sequence[Passage], rarity: dict[str, float]) -> list[_Read]:
        """The sentences worth encoding, and those that need no encoding."""
        every = [
            _Read(rank, passage, position, sentence, self._lexical.terms(sentence.text))
            for rank, passage in enumerate(passages[:PASSAGES_READ])
            for position, sentence in enumerate(split_sentences(passage.text))
            if len(sentence.text) >= SHORTEST_SENTENCE
        ]
        parts = [item for item in every if not item.is_whole]
        parts.sort(
            key=lambda item: (
                -sum(rarity.get(term, 0.0) for term in set(item.terms)),
                item.rank,
                item.position,
            )
        )
        return [item for item in every if item.is_whole] + parts[:SENTENCES_ENCODED]

    def _cosines(self, text: str, read: Sequence[_Read]) -> list[float]:
        """Cosine of each sentence to a text; that of a whole paragraph is known already."""
        unknown = [item.sentence.text for item in read if not item.is_whole]
        asked = self._embeddings.encode_question(text)
        encoded = iter((self._embeddings.encode(unknown) @ asked).tolist() if unknown else [])
        return [
            float(item.passage.cosine or 0.0) if item.is_whole else float(next(encoded))
            for item in read
        ]


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence that is read: where it stands and its terms in the lexical index."""

    rank: int
    passage: Passage
    position: int
    sentence: Sentence
    terms: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the sentence is all of its paragraph, whose cosine the search has found."""
        return self.passage.cosine is not None and self.sentence.text == self.passage.text.strip()


def features_of(
    question: Question,
    passage: Passage,
    rank: int,
    sentence: Sentence,
    cosine: float,
    rarity: Mapping[str, float],
    terms: Sequence[str],
    around: Sequence[str],
    names_missing: float,
) -> Features:
    """Features of one sentence.

    `rarity` weighs the question's terms; `terms` are those of the sentence, `around` those of
    its paragraph and title, all by the lexical index's analyser. `names_missing` is that of
    the passage (see `share_of_names_missing`).
    """
    return Features(
        passage_score=passage.score,
        best_passage=1 / (1 + rank),
        cosine=cosine,
        covered=_share(rarity, terms),
        covered_around=_share(rarity, around),
        wrong_kind=float(not answers_kind(question, sentence.text, _day(passage))),
        tells=_tells(question, sentence.text),
        names_missing=names_missing,
        leading_pronoun=float(bool(_LEADING_PRONOUN.match(sentence.text))),
        in_time=_in_time(question, passage, sentence.text),
        cosine_of_passage=passage.cosine or 0.0,
        long=max(0, len(sentence.text) - 250) / 1000,
    )


def share_of_names_missing(question: Question, passage: Passage) -> float:
    """Share of the question's names that neither a passage nor its setting has; 0 of none, and
    where the passage is in a script that would write them otherwise."""
    if main_script(passage.text) != main_script(question.search_text):
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
    sentence's script has no capitals, or other words, to tell by."""
    if main_script(sentence) not in (LATIN, None):
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
