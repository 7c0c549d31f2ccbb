"""Measures of ranking, of refusing, of answers and of grouping.

Pure functions on plain values; each names the source of its formula. `make eval` prints them
for the sets of questions in `tests.evaluation`.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


# -- ranking -----------------------------------------------------------------------------------


def hit_at(ranked: Sequence[Hashable], gold: Collection[Hashable], k: int) -> bool:
    """Whether one of the first `k` is gold.

    "Top-k retrieval accuracy" of Karpukhin et al. 2020, "Dense Passage Retrieval for
    Open-Domain Question Answering", section 5.
    """
    return any(item in gold for item in ranked[:k])


def evidence_found(
    ranked: Sequence[Hashable], pieces: Sequence[Collection[Hashable]], k: int
) -> list[bool]:
    """For each piece of evidence, whether one of its places is among the first `k`."""
    return [hit_at(ranked, piece, k) for piece in pieces]


def recall_at(ranked: Sequence[Hashable], pieces: Sequence[Collection[Hashable]], k: int) -> float:
    """Share of the pieces of evidence found among the first `k`, 0..1.

    Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", section 8.4,
    with a piece of evidence as the relevant item. ValueError where there is no piece.
    """
    if not pieces:
        raise ValueError("recall needs at least one piece of evidence")
    return sum(evidence_found(ranked, pieces, k)) / len(pieces)


def all_at(ranked: Sequence[Hashable], pieces: Sequence[Collection[Hashable]], k: int) -> bool:
    """Whether every piece of evidence is among the first `k`.

    "Passage exact match" of Xiong et al. 2021, "Answering Complex Open-Domain Questions with
    Multi-Hop Dense Retrieval", for any number of pieces.
    """
    return all(evidence_found(ranked, pieces, k))


def any_at(ranked: Sequence[Hashable], pieces: Sequence[Collection[Hashable]], k: int) -> bool:
    """Whether at least one piece of evidence is among the first `k`."""
    return any(evidence_found(ranked, pieces, k))


# -- refusing ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Both errors of a threshold, each a share of its own kind of question, 0..1."""

    wrongly_refused: float
    wrongly_answered: float

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the shares that were right: 0.5 for whoever always does the same.

        Brodersen et al. 2010, "The Balanced Accuracy and Its Posterior Distribution".
        """
        return 1 - (self.wrongly_refused + self.wrongly_answered) / 2


def roc_auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Area under the ROC curve: how often a positive outscores a negative, a tie counts half.

    The Mann-Whitney statistic of Hanley and McNeil 1982, "The Meaning and Use of the Area
    under a Receiver Operating Characteristic (ROC) Curve", by mean ranks. ValueError where
    either side is empty.
    """
    if not positive or not negative:
        raise ValueError("the area needs scores of both kinds")
    ranks = _mean_ranks([*positive, *negative])
    above = sum(ranks[: len(positive)]) - len(positive) * (len(positive) + 1) / 2
    return above / (len(positive) * len(negative))


def error_rates(
    answerable: Sequence[float], unanswerable: Sequence[float], threshold: float
) -> ErrorRates:
    """Errors of answering from `threshold` on: Fawcett 2006, "An Introduction to ROC Analysis".

    `wrongly_refused` is the false negative rate, `wrongly_answered` the false positive rate.
    ValueError where either side is empty.
    """
    if not answerable or not unanswerable:
        raise ValueError("error rates need scores of both kinds")
    return ErrorRates(
        wrongly_refused=sum(score < threshold for score in answerable) / len(answerable),
        wrongly_answered=sum(score >= threshold for score in unanswerable) / len(unanswerable),
    )


def _mean_ranks(scores: Sequence[float]) -> list[float]:
    """Ranks from 1 upwards in the order of `scores`; equal scores share their mean rank."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for position in order[start:end]:
            ranks[position] = (start + 1 + end) / 2
        start = end
    return ranks


# -- answers -----------------------------------------------------------------------------------


def answer_words(text: str) -> list[str]:
    """Words of an answer in lower case, without punctuation and English articles.

    `normalize_answer` of the SQuAD evaluation: Rajpurkar et al. 2016, "SQuAD: 100,000+
    Questions for Machine Comprehension of Text", section 6.1.
    """
    return _ARTICLES.sub(" ", text.lower().translate(_WITHOUT_PUNCTUATION)).split()


def token_f1(given: str, gold: str) -> float:
    """Overlap of the words of two answers, 0..1: the F1 of the SQuAD evaluation.

    Where one has no words left, 1 if the other has none either, else 0 (SQuAD 2.0:
    Rajpurkar, Jia and Liang 2018).
    """
    own, wanted = answer_words(given), answer_words(gold)
    if not own or not wanted:
        return float(own == wanted)
    common = sum((Counter(own) & Counter(wanted)).values())
    return 2 * common / (len(own) + len(wanted))


def contains(text: str, answer: str) -> bool:
    """Whether the words of an answer stand in a text in one piece, both normalised as SQuAD's.

    The accuracy of Mallen et al. 2023, "When Not to Trust Language Models", by whole words.
    An answer without words stands nowhere.
    """
    wanted = " ".join(answer_words(answer))
    return bool(wanted) and f" {wanted} " in f" {' '.join(answer_words(text))} "


# -- grouping ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BCubed:
    """Precision and recall of a grouping, 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean; both are above 0, because an item is always in a group with itself."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def b_cubed(given: Mapping[str, Hashable], gold: Mapping[str, Hashable]) -> BCubed:
    """How well items are grouped; both map an item to the name of its group.

    Bagga and Baldwin 1998, "Algorithms for Scoring Coreference Chains", every item with the
    same weight. ValueError where the items differ or there are none.
    """
    if not gold or given.keys() != gold.keys():
        raise ValueError("both groupings must have the same items, at least one")
    shared = Counter((given[item], gold[item]) for item in gold)
    given_sizes, gold_sizes = Counter(given.values()), Counter(gold.values())
    return BCubed(
        precision=sum(n * n / given_sizes[group] for (group, _), n in shared.items()) / len(gold),
        recall=sum(n * n / gold_sizes[group] for (_, group), n in shared.items()) / len(gold),
    )


def adjusted_rand_index(given: Mapping[str, Hashable], gold: Mapping[str, Hashable]) -> float:
    """Agreement of two groupings on pairs of items, corrected for chance: 1 for equal ones,
    about 0 for chance, below for worse.

    Hubert and Arabie 1985, "Comparing Partitions", equation 5. Where both groupings are all
    alone or all together, which leaves nothing to chance, they agree if they are equal.
    ValueError where the items differ or there are none.
    """
    if not gold or given.keys() != gold.keys():
        raise ValueError("both groupings must have the same items, at least one")
    shared = Counter((given[item], gold[item]) for item in gold)
    together = sum(map(_pairs, shared.values()))
    in_given = sum(map(_pairs, Counter(given.values()).values()))
    in_gold = sum(map(_pairs, Counter(gold.values()).values()))
    expected = in_given * in_gold / max(_pairs(len(gold)), 1)
    most = (in_given + in_gold) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
