"""Fits the weights by which stories are ranked.

    python -m tests.evaluation.fit_news [--corpus feed_polls]

    days of tests/data/news that are not held out ─ stories, each told or not ─▶ signs
        ─ weights searched one by one, leaving out one corpus ─▶ how well they rank ─▶ weights

A story is right where one of its articles holds a paragraph of an item. What is searched for is
recall in the first stories and half of the share of days that one leads; beside it stands a
logistic regression on single stories, which knows nothing of days. What is printed is to be copied,
rounded, into `retrieval.reports.ranking.WEIGHTS`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.articles import Article
from retrieval.reports.digest import told_before
from retrieval.reports.ranking import ROUTINE, WEIGHTS, Weighing
from retrieval.reports.report import MOST_STORIES
from retrieval.similarity import Sameness
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.main_news import FILES, Asked, Library, asked_of, open_news
from tests.evaluation.sets import ROOT, data_folder

ROUNDS = 3
FACTORS = (0.5, 0.75, 1.33, 2.0)
RIDGE = 1.0
STEPS = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story of a day: its signs, which items its articles hold, which of them may stand first."""

    corpus: str
    day: str
    signs: tuple[float, ...]
    items: frozenset[int]
    leads: bool
    ceremony: bool


def candidates(asked: Asked, library: Library, sameness: Sameness) -> list[Candidate]:
    """The stories of a day."""
    recent = library.stories.stories(asked.since - ROUTINE, asked.until)
    before: list[Article] = [article for story in recent for article in story.articles]
    weighing = Weighing(sameness, before)
    told = told_before(recent, asked.since)
    found = []
    for story in recent:
        within = story.within(asked.since, asked.until)
        if within is None:
            continue
        ids = {article.id for article in within.articles}
        held = [bool(ids & {key[0] for key in item.gold}) for item in asked.items]
        signs = weighing.signs(within, within.articles, told)
        found.append(
            Candidate(
                asked.corpus,
                asked.id,
                tuple(signs[name] for name in WEIGHTS),
                frozenset(at for at, one in enumerate(held) if one),
                any(one and item.lead for one, item in zip(held, asked.items, strict=True)),
                bool(ids & asked.ceremony),
            )
        )
    return found


def fitted(found: Sequence[Candidate]) -> tuple[np.ndarray, float]:
    """Weights and constant of a ridge logistic regression, by Newton's method."""
    given = np.array([(*one.signs, 1.0) for one in found])
    right = np.array([float(bool(one.items)) for one in found])
    weights = np.zeros(given.shape[1])
    ridge = RIDGE * np.eye(len(weights))
    ridge[-1, -1] = 1e-6
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (chance - right) + ridge @ weights
        bend = (given.T * (chance * (1 - chance))) @ given + ridge
        weights -= np.linalg.solve(bend, slope)
    return weights[:-1], float(weights[-1])


def searched(found: Sequence[Candidate], start: np.ndarray) -> np.ndarray:
    """Weights that rank best, each in turn tried at multiples of what it is."""
    best, worth = start.copy(), _worth(found, start)
    for _ in range(ROUNDS):
        for at in range(len(best)):
            for factor in FACTORS:
                tried = best.copy()
                tried[at] *= factor
                if (value := _worth(found, tried)) > worth:
                    best, worth = tried, value
    return best


def _worth(found: Sequence[Candidate], weights: np.ndarray) -> float:
    recall, lead, ceremony = ranks(found, weights)
    return recall + lead / 2 - ceremony / 20


def ranks(found: Sequence[Candidate], weights: np.ndarray) -> tuple[float, float, int]:
    """Recall of items in the first stories, share of days led by one, days led by ceremony."""
    days: dict[str, list[Candidate]] = defaultdict(list)
    for one in found:
        days[one.day].append(one)
    told = every = leads = leading = ceremony = 0
    for stories in days.values():
        ordered = sorted(stories, key=lambda one: -float(np.dot(one.signs, weights)))
        every += len(frozenset().union(*(one.items for one in stories)))
        told += len(frozenset().union(*(one.items for one in ordered[:MOST_STORIES])))
        if any(one.leads for one in stories):
            leading += 1
            leads += ordered[0].leads
        ceremony += ordered[0].ceremony and not ordered[0].items
    return told / max(1, every), leads / max(1, leading), ceremony


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.fit_news")
    parser.add_argument("--corpus", action="append", choices=("sample", *FILES))
    options = parser.parse_args()
    found: list[Candidate] = []
    with CachedEmbeddings(ROOT / ".eval-cache") as embeddings:
        for corpus in options.corpus or ("sample", *FILES):
            with open_news(corpus, data_folder(), embeddings) as library:
                sameness = Sameness(embeddings.encode)
                for asked in asked_of("days", held_out=False):
                    if asked.corpus == corpus and not asked.topic:
                        found += candidates(asked, library, sameness)
    now = np.array(list(WEIGHTS.values()))
    every = {"as they are": now, "logistic": fitted(found)[0], "searched": searched(found, now)}
    for name, weights in every.items():
        print(_shown(name, ranks(found, weights)))
        print("   ", {sign: round(float(w), 2) for sign, w in zip(WEIGHTS, weights, strict=True)})
    for corpus in dict.fromkeys(one.corpus for one in found):
        own = [one for one in found if one.corpus == corpus]
        if others := [one for one in found if one.corpus != corpus]:
            print(_shown(f"{corpus}, as they are", ranks(own, now)))
            print(_shown(f"{corpus}, searched on others", ranks(own, searched(others, now))))
            print(_shown(f"{corpus}, logistic on others", ranks(own, fitted(others)[0])))


def _shown(name: str, found: tuple[float, float, int]) -> str:
    return f"{name:40}recall {found[0]:.3f}, lead {found[1]:.3f}, ceremony {found[2]}"


if __name__ == "__main__":
    main()
