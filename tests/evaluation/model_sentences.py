"""Sentences as language models write them: how many true ones are withheld, how many false shown.

    python -m tests.evaluation.model_sentences [--wrong] [--held-out] [--fit]

`../shared/data/model_sentences` holds sentences that a model wrote from evidence, and the same with
one thing changed. Those of `tests/data/model_sentences` were written from other articles, each kind
of change at least ten times, before anything was fitted; a third of them (`held_out`) is never
fitted on. `further.jsonl` there holds 346 more, written from articles of `briefings` and `multihop`
beside the project before the checks were looked at; half of the articles are held out.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from retrieval.grounding.alignment import SIGNS, signs
from retrieval.grounding.check import Context, Source, check, compared
from retrieval.grounding.support import Support
from tests.evaluation.sets import ROOT, DataAbsent, data_folder
from tests.evaluation.table import Measurement

OWN = ROOT / "tests" / "data" / "model_sentences"
SHARED = Path("model_sentences") / "sentences.jsonl"


@dataclass(frozen=True, slots=True)
class ModelSentence:
    """A sentence, what it cites, and whether it is true to that; `kind` is what was changed."""

    text: str
    question: str
    sources: tuple[Source, ...]
    faithful: bool
    kind: str = ""
    held_out: bool = False


def own_sentences() -> list[ModelSentence]:
    """The sentences of the project's own tests, with their paragraphs."""
    articles: dict[str, dict[str, Any]] = {}
    for path in (OWN / "articles.jsonl", ROOT / "corpus" / "samples" / "dispatches.jsonl"):
        articles |= {one["url"]: one for one in _lines(path)}
    return [
        ModelSentence(
            line["sentence"],
            "",
            tuple(_source(articles[one["url"]], one["paragraph"]) for one in line["cited"]),
            line["label"] == "faithful",
            line["kind"] or "",
            line["held_out"],
        )
        for line in _lines(OWN / "sentences.jsonl")
    ]


def shared_sentences(folder: Path) -> list[ModelSentence]:
    """Those of the data beside the project; DataAbsent where they are not there."""
    path = folder / SHARED
    if not path.is_file():
        raise DataAbsent(f"{path} is not here")
    return [
        ModelSentence(
            line["sentence"],
            line["question"] or "",
            tuple(_source({**one, "paragraphs": [one["text"]]}, 1) for one in line["cited"]),
            line["label"] == "faithful",
            line["kind"] or "",
        )
        for line in _lines(path)
    ]


def further_sentences(folder: Path) -> list[ModelSentence]:
    """Those on articles of the data beside the project; DataAbsent where they are not there."""
    lines = list(_lines(OWN / "further.jsonl"))
    articles: dict[str, dict[str, Any]] = {}
    for corpus in sorted({line["corpus"] for line in lines}):
        path = folder / corpus / "articles.jsonl.gz"
        if not path.is_file():
            raise DataAbsent(f"{path} is not here")
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            articles |= {one["url"]: one for one in map(json.loads, stream)}
    return [
        ModelSentence(
            line["sentence"],
            "",
            tuple(_source(articles[line["url"]], number) for number in line["paragraphs"]),
            line["label"] == "faithful",
            line["kind"] or "",
            line["held_out"],
        )
        for line in lines
    ]


def every_set(folder: Path) -> dict[str, list[ModelSentence]]:
    """All sentences by the name of their set."""
    found = {"shared": shared_sentences(folder)}
    for name, sentences in (("own", own_sentences()), ("further", further_sentences(folder))):
        found[f"{name}, fitted on"] = [one for one in sentences if not one.held_out]
        found[f"{name}, held out"] = [one for one in sentences if one.held_out]
    return found


def _source(article: dict[str, Any], number: int) -> Source:
    texts = tuple(article["paragraphs"])
    published = article.get("published_at")
    return Source(
        texts[number - 1],
        article.get("source") or "",
        _day(published) if published not in (None, "None") else None,
        Context(texts, number, article.get("title") or ""),
    )


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


ACCURACY = 0.95
"""How often the verifier that is played here says of a sentence what is true."""
Shows = Callable[[ModelSentence], bool]


def by_rules(sentence: ModelSentence) -> bool:
    """Whether the checks without any model show a sentence."""
    return check(sentence.text, sentence.sources, sentence.question).support is Support.SUPPORTED


def by_verifier(sentence: ModelSentence) -> bool:
    """Whether a sentence is shown with a verifier that is right in `ACCURACY` of all cases; in
    which, the sentence's own digest tells."""
    verdict = check(sentence.text, sentence.sources, sentence.question)
    if verdict.settled:
        return verdict.support is Support.SUPPORTED
    chance = int(sha256(sentence.text.encode()).hexdigest()[:8], 16) / 16**8
    return sentence.faithful if chance < ACCURACY else not sentence.faithful


def shares(sentences: Sequence[ModelSentence], shows: Shows = by_rules) -> tuple[float, float]:
    """Of the faithful ones the share withheld, of the others the share shown."""
    faithful = [shows(one) for one in sentences if one.faithful]
    unfaithful = [shows(one) for one in sentences if not one.faithful]
    return 1 - sum(faithful) / len(faithful), sum(unfaithful) / len(unfaithful)


def measure_model_sentences(folder: Path, label: str) -> list[Measurement]:
    """What the rules alone withhold and show of the shared and of the project's own sentences."""
    sets = every_set(folder)
    found = []
    for name, sentences in sets.items():
        withheld, shown = shares(sentences)
        found.append(Measurement(label, f"faithful kept, {name}", 1 - withheld))
        found.append(Measurement(label, f"unfaithful withheld, {name}", 1 - shown))
    withheld, shown = shares([one for sentences in sets.values() for one in sentences], by_verifier)
    played = f"a verifier right in {ACCURACY:.0%}"
    return [
        *found,
        Measurement(label, f"faithful kept, {played}", 1 - withheld, gated=False),
        Measurement(label, f"unfaithful withheld, {played}", 1 - shown, gated=False),
    ]


def fitted(sentences: Sequence[ModelSentence]) -> tuple[dict[str, float], float]:
    """Weights of the signs and their constant: a logistic regression, both labels weighing the
    same, with no weight below nothing. Sentences that a hard rule settles are left out."""
    open_ones = [one for one in sentences if not _settled(one)]
    signs_of = [signs(compared(one.text, one.sources)) for one in open_ones]
    values = np.array([[found[name].strength for name in SIGNS] for found in signs_of])
    false = np.array([float(not one.faithful) for one in open_ones])
    weights = np.where(false == 1, 0.5 / false.mean(), 0.5 / (1 - false.mean()))

    def loss(given: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        likely = 1 / (1 + np.exp(-(values @ given[:-1] + given[-1])))
        told = false * np.log(likely + TINY) + (1 - false) * np.log(1 - likely + TINY)
        wrong = weights * (likely - false)
        slope = np.append(values.T @ wrong, wrong.sum()) / len(false)
        slope[:-1] += 2 * PENALTY * given[:-1]
        return float(-(weights * told).mean() + PENALTY * (given[:-1] ** 2).sum()), slope

    bounds = [(0, None)] * len(SIGNS) + [(None, None)]
    best = minimize(loss, np.zeros(len(SIGNS) + 1), jac=True, bounds=bounds).x
    return dict(zip(SIGNS, best[:-1], strict=True)), float(best[-1])


PENALTY = 0.0003
TINY = 1e-9


def _settled(sentence: ModelSentence) -> bool:
    return check(sentence.text, sentence.sources, sentence.question).settled


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.model_sentences")
    parser.add_argument("--wrong", action="store_true", help="also print each that came out wrong")
    parser.add_argument("--held-out", action="store_true", help="also those that are held out")
    parser.add_argument("--fit", action="store_true", help="print weights fitted anew, no more")
    given = parser.parse_args()
    sets = every_set(data_folder())
    if given.fit:
        told = [one for name, found in sets.items() if "held out" not in name for one in found]
        weights, constant = fitted(told)
        print(", ".join(f'"{name}": {weight:.2f}' for name, weight in weights.items()))
        print(f"CONSTANT = {constant:.2f}")
        return
    for name, sentences in sets.items():
        withheld, shown = shares(sentences)
        print(f"{name}: {len(sentences)} sentences, faithful withheld {withheld:.3f}, "
              f"unfaithful shown {shown:.3f}")  # fmt: skip
        every = Counter(one.kind for one in sentences if not one.faithful)
        wrong = Counter(one.kind for one in sentences if not one.faithful and by_rules(one))
        if name != "shared":
            print("  shown: " + ", ".join(f"{kind} {wrong[kind]}/{every[kind]}" for kind in every))
        if given.wrong and ("held out" not in name or given.held_out):
            for one in sentences:
                verdict = check(one.text, one.sources, one.question)
                if (verdict.support is Support.SUPPORTED) != one.faithful:
                    mark = "withheld" if one.faithful else f"shown ({one.kind})"
                    print(f"  {mark}: {one.text}\n      {verdict.reason}")


if __name__ == "__main__":
    main()
