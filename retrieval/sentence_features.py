"""What speaks for a sentence as an answer to a question: features, and their weights.

    question + passage + sentence -> Features -> score

The weights are those of a logistic regression that tells the sentences with a gold answer
from the others of the same question, on squad2, timeqa and multihop
(`python -m tests.evaluation.fit_sentences` fits them again). They are few, so that what
speaks for a sentence can be told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields

from corpus.dates import DateMention, date_mentions
from corpus.sentences import Sentence, quoted_spans
from retrieval.passages import Passage
from retrieval.questions import Asked, Question
from retrieval.terms import fold, names, numbers, words
from retrieval.time_window import TimeWindow

_THINGS_TO_NAME = frozenset((Asked.PERSON, Asked.PLACE, Asked.TIME, Asked.NUMBER))
_REASON = re.compile(
    r"\b(?:because|due to|owing to|since|as (?:it|he|she|they|the)|after|in order to|so that|"
    r"so as to|reason|therefore|thus|result(?:ed|ing)? (?:of|from)|caused?|in response to|"
    r"aimed? (?:at|to)|to (?:avoid|prevent|protect|allow|ensure|force|press|pressure))\b",
    re.IGNORECASE,
)
_SPEECH = re.compile(
    r"\b(?:said|says|told|tweet(?:ed|ing)|announced|declared|warned|stated|added|called (?:for|on)|"
    r"urged|condemned|denied|insisted|argued|replied|answered|wrote|noted|stressed|reiterated|"
    r"expressed|according to|welcomed|accused|demanded|asked|claimed|promised|vowed)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|of|towards?|outside|around|through|into)\s+(?:the\s+)?(?:[a-z]+ern\s+)?[A-ZÀ-Þ]"
)
_LEADING_PRONOUN = re.compile(
    r"^[“\"']?(?:He|She|It|They|His|Her|Its|Their|This|That|These|Those|There|Such|But|And|However)\b"
)


@dataclass(frozen=True, slots=True)
class Features:
    """Each between 0 and 1, higher speaking for the sentence, unless said otherwise."""

    passage_score: float
    """Fused score of the passage."""
    best_passage: float
    """1 for the best passage, 1/2 for the second, …"""
    cosine: float
    """Of the sentence and the question."""
    covered: float
    """Share of the question's words, weighted by rarity, that stand in the sentence."""
    covered_around: float
    """The same for the paragraph with its title."""
    wrong_kind: float
    """1 where a person, place, time or number is asked for and the sentence has no new one
    (speaks against)."""
    tells: float
    """1 where a saying or a reason is asked for and the sentence reports or explains."""
    names_missing: float
    """Share of the question's names that neither paragraph nor title has (speaks against)."""
    leading_pronoun: float
    """1 where the sentence leans on the one before (speaks against)."""
    in_time: float
    """1 where the sentence mentions a date inside the time asked about, 1/2 where only its
    paragraph does."""
    cosine_of_passage: float
    """Of the whole paragraph and the question."""
    long: float
    """Length beyond 250 characters, in thousands (speaks against)."""


def features_of(
    question: Question,
    passage: Passage,
    rank: int,
    sentence: Sentence,
    cosine: float,
    rarity: Mapping[str, float],
    terms: Sequence[str],
    around: Sequence[str],
) -> Features:
    """Features of one sentence.

    `rarity` weighs the question's terms; `terms` are those of the sentence, `around` those of
    its paragraph and title, all by the lexical index's analyser.
    """
    asked_names = [fold(name) for name in names(question.search_text)]
    near = set(words(f"{passage.article.title} {passage.text}"))
    missing = [name for name in asked_names if name not in near]
    answers = answers_kind(question, sentence.text)
    return Features(
        passage_score=passage.score,
        best_passage=1 / (1 + rank),
        cosine=cosine,
        covered=_share(rarity, terms),
        covered_around=_share(rarity, around),
        wrong_kind=float(question.asked in _THINGS_TO_NAME and not answers),
        tells=float(question.asked in (Asked.SAYING, Asked.REASON) and answers),
        names_missing=len(missing) / len(asked_names) if asked_names else 0.0,
        leading_pronoun=float(bool(_LEADING_PRONOUN.match(sentence.text))),
        in_time=_in_time(question, passage, sentence.text),
        cosine_of_passage=passage.cosine or 0.0,
        long=max(0, len(sentence.text) - 250) / 1000,
    )


def answers_kind(question: Question, sentence: str) -> bool:
    """Whether a sentence has something of the kind that is asked for, not in the question."""
    match question.asked:
        case Asked.NUMBER:
            return bool(numbers(sentence) - numbers(question.text))
        case Asked.TIME:
            known = set(words(question.text))
            return any(
                not set(words(mention.text)) <= known for mention in date_mentions(sentence, None)
            ) or bool(re.search(r"\b(?:1\d{3}|20\d{2})\b", sentence))
        case Asked.PERSON:
            return bool(_new_names(question, sentence))
        case Asked.PLACE:
            return bool(_PLACE.search(sentence)) and bool(_new_names(question, sentence))
        case Asked.REASON:
            return bool(_REASON.search(sentence))
        case Asked.SAYING:
            return _speaks(question, sentence)
        case _:
            return True


def _in_time(question: Question, passage: Passage, sentence: str) -> float:
    window = question.around
    if window is None:
        return 0.0
    published = passage.article.published_at
    day = published.date() if published else None
    if any(_overlaps(window, mention) for mention in date_mentions(sentence, day)):
        return 1.0
    return 0.5 * any(_overlaps(window, mention) for mention in date_mentions(passage.text, day))


def _overlaps(window: TimeWindow, mention: DateMention) -> bool:
    after = window.since is None or mention.last >= window.since.date()
    return after and (window.until is None or mention.first <= window.until.date())


def _speaks(question: Question, sentence: str) -> bool:
    said = bool(quoted_spans(sentence)) or bool(_SPEECH.search(sentence))
    if question.speaker is None:
        return said
    speaker = {fold(name) for name in names(f"by {question.speaker}")} or set(
        words(question.speaker)
    )
    return said and bool(speaker & set(words(sentence)))


def _new_names(question: Question, sentence: str) -> set[str]:
    return {fold(name) for name in names(sentence)} - set(words(question.text))


def _share(rarity: Mapping[str, float], terms: Sequence[str]) -> float:
    total = sum(rarity.values())
    return sum(rarity.get(term, 0.0) for term in set(terms)) / total if total else 0.0


def score(features: Features) -> float:
    """How well the sentence answers, in log-odds against others of the same question."""
    pairs = zip(astuple(WEIGHTS), astuple(features), strict=True)
    return float(sum(weight * value for weight, value in pairs))


FEATURE_NAMES = tuple(field.name for field in fields(Features))
# `tells` is not fitted: none of the sets asks what somebody said. Read by eye on the sample and
# the briefings. Weights that the fit leaves at nothing are left at nothing.
WEIGHTS = Features(
    passage_score=0.0,
    best_passage=1.36,
    cosine=2.57,
    covered=5.38,
    covered_around=3.10,
    wrong_kind=-1.21,
    tells=0.8,
    names_missing=0.0,
    leading_pronoun=-0.3,
    in_time=2.38,
    cosine_of_passage=0.0,
    long=-1.44,
)
