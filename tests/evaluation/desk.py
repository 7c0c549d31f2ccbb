"""Natural questions of a desk officer: whole answers, scored by what they cite and say.

    python -m tests.evaluation.desk [--held-out] [--corpus sample] [--failures FILE]

    tests/data/desk, ../shared/data/desk ─ corpus by corpus ─ chain ─▶ outcome ─▶ Scored

An answer scores where it cites a gold paragraph, says every key word, and at least half of its
statements rest on gold paragraphs. Of the questions written for the project those that are held out
are asked only with `--held-out`: they are for the number that is reported, not for building.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.articles import ReadArticle, article_id
from corpus.fetch.urls import canonical_url, file_url
from corpus.readers.folders import read_lines, read_path
from corpus.samples import sample_articles
from corpus.text.words import fold, numbers
from retrieval.answers.chain import make_chain
from retrieval.answers.extractive import ExtractiveAnswerer
from retrieval.outcomes import Answer, Outcome
from retrieval.passages import ParagraphKey
from retrieval.questions.understand import understand
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.sets import ASKED_AT, DESK, ROOT, DataAbsent, data_folder
from tests.evaluation.systems import System, open_corpus
from tests.evaluation.table import Measurement

OWN = ROOT / "tests" / "data" / "desk"
FAILURES = ROOT / ".eval-cache" / "desk-failures.txt"
OWN_SET, JUDGED_SET = "own", "judged"
HALF = 0.5


@dataclass(frozen=True, slots=True)
class DeskQuestion:
    """A question, what answers it and what must be said; `set` tells whose it is."""

    id: str
    set: str
    corpus: str
    kind: str
    text: str
    answerable: bool
    gold: frozenset[ParagraphKey]
    must: tuple[str, ...]
    key: str
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """What one outcome is worth; of a refusal all is False."""

    asked: DeskQuestion
    outcome: Outcome
    cited: bool
    said: bool
    on_gold: bool

    @property
    def answered(self) -> bool:
        return isinstance(self.outcome, Answer)

    @property
    def passes(self) -> bool:
        """Whether it is what was wanted: a good answer, or a refusal of what has none."""
        if not self.asked.answerable:
            return not self.answered
        return self.cited and self.said and self.on_gold


def desk_questions(data: Path, *, held_out: bool = False) -> list[DeskQuestion]:
    """Those written for the project and those of the data; without gold only what has none."""
    shared = data / DESK / "questions.jsonl"
    if not shared.is_file():
        raise DataAbsent(f"{shared} is not here")
    seed = file_url(data / "seed" / "haftar-tripoli.txt")
    every = [
        *(_question(line, OWN_SET, seed) for line in _lines(OWN / "questions.jsonl")),
        *(_question(line, JUDGED_SET, seed) for line in _lines(shared)),
    ]
    return [one for one in every if one.held_out == held_out and (one.gold or not one.answerable)]


def _question(line: Mapping[str, Any], whose: str, seed: str) -> DeskQuestion:
    of_seed = line["corpus"] == "seed"
    gold = {
        (article_id(seed if of_seed else canonical_url(one["url"])), number)
        for one in line.get("gold") or ()
        for number in one["paragraphs"]
    }
    return DeskQuestion(
        line["id"],
        whose,
        line["corpus"],
        line["kind"],
        line["question"],
        line["answerable"],
        frozenset(gold),
        tuple(line.get("must") or ()),
        line.get("key") or "",
        bool(line.get("held_out")),
    )


def articles_of(corpus: str, whose: str, data: Path) -> Iterator[ReadArticle]:
    """The articles that the questions of one set are asked of."""
    if corpus == "sample":
        yield from sample_articles()
        return
    if corpus == "seed":
        found: Iterable[Any] = read_path(data / "seed" / "haftar-tripoli.txt")
    else:
        named = (
            OWN / f"urls-{corpus}.txt" if whose == OWN_SET else (data / DESK / f"{corpus}-urls.txt")
        )
        wanted = {canonical_url(url) for url in named.read_text(encoding="utf-8").split()}
        path = data / corpus / "articles.jsonl.gz"
        if not path.is_file():
            raise DataAbsent(f"{path} is not here")
        with gzip.open(path, "rb") as stream:
            found = [
                one
                for one in read_lines(stream, corpus)
                if isinstance(one, ReadArticle) and canonical_url(one.url) in wanted
            ]
    for one in found:
        if not isinstance(one, ReadArticle):
            raise one
        yield one


def scored(asked: DeskQuestion, outcome: Outcome) -> Scored:
    """What an outcome is worth as the answer to a question."""
    if not isinstance(outcome, Answer):
        return Scored(asked, outcome, cited=False, said=False, on_gold=False)
    keys = {one.mark: one.key for one in outcome.citations}
    resting = [any(keys[mark] in asked.gold for mark in s.citations) for s in outcome.statements]
    said = " ".join(statement.text for statement in outcome.statements)
    return Scored(
        asked,
        outcome,
        cited=any(key in asked.gold for key in keys.values()),
        said=all(is_said(one, said) for one in asked.must),
        on_gold=sum(resting) >= HALF * len(resting),
    )


def is_said(wanted: str, said: str) -> bool:
    """Whether one of the alternatives stands in what was said; a number in either spelling."""
    found = numbers(said)
    text = fold(said)
    return any(
        fold(alternative) in text or bool(numbers(alternative) and numbers(alternative) <= found)
        for alternative in wanted.split("|")
        if alternative.strip()
    )


def ask_desk(
    questions: Sequence[DeskQuestion], data: Path, cache: CachedEmbeddings
) -> list[Scored]:
    """Every question, asked of its corpus by the chain that `ask` asks."""
    corpora = dict.fromkeys((one.set, one.corpus) for one in questions)
    found = []
    for whose, corpus in corpora:
        with open_corpus(articles_of(corpus, whose, data), cache) as system:
            asked = [one for one in questions if (one.set, one.corpus) == (whose, corpus)]
            found += [scored(one, outcome_of(one, system)) for one in asked]
    return found


def outcome_of(asked: DeskQuestion, system: System) -> Outcome:
    """What the extractive chain says to a question."""
    chain = make_chain(system.search, system.scorer, ExtractiveAnswerer())
    return chain.invoke(understand(asked.text, ASKED_AT)).outcome


def measure_desk(cache: CachedEmbeddings, *, held_out: bool = False) -> list[Measurement]:
    """The score of each set, of each kind, and both error rates of refusing."""
    data = data_folder()
    found = ask_desk(desk_questions(data, held_out=held_out), data, cache)
    FAILURES.write_text("\n".join(failures(found)) + "\n", encoding="utf-8")
    return measurements(found, f"{DESK} held out" if held_out else DESK)


def measurements(found: Sequence[Scored], label: str) -> list[Measurement]:
    """Shares of all, of each set and corpus, and of each kind; the kinds are only shown."""
    answerable = [one for one in found if one.asked.answerable]
    others = [one for one in found if not one.asked.answerable]
    values = [
        Measurement(label, "answered well", _share(answerable)),
        Measurement(label, "unanswerable refused", _share(others)),
        Measurement(
            label,
            "wrongly refused",
            sum(not one.answered for one in answerable) / max(len(answerable), 1),
            gated=False,
        ),
    ]
    for name in ("set", "corpus", "kind"):
        for value in dict.fromkeys(str(getattr(one.asked, name)) for one in answerable):
            part = [one for one in answerable if getattr(one.asked, name) == value]
            good = sum(one.passes for one in part)
            values.append(Measurement(label, f"{name} {value}", good, of=len(part), gated=False))
    return values


def failures(found: Sequence[Scored]) -> Iterator[str]:
    """What failed and how, in words to read."""
    for one in found:
        if not one.passes:
            yield from described(one)


def described(one: Scored) -> Iterator[str]:
    """A question, what was wanted, and what was said."""
    asked, outcome = one.asked, one.outcome
    faults = "".join(
        letter if fault else "-"
        for letter, fault in (
            ("R", asked.answerable and not one.answered),
            ("c", one.answered and not one.cited),
            ("s", one.answered and not one.said),
            ("g", one.answered and not one.on_gold),
        )
    )
    yield f"[{asked.id} {asked.corpus} {asked.kind} {faults}] {asked.text}"
    yield f"    wanted: {asked.key if asked.answerable else 'nothing; ' + asked.key}"
    if isinstance(outcome, Answer):
        keys = {cited.mark: cited.key in asked.gold for cited in outcome.citations}
        for statement in outcome.statements:
            right = "+" if any(keys[mark] for mark in statement.citations) else "-"
            yield f"    {right} {statement.text}"
    else:
        yield f"    refused: {outcome.reason}"


def _share(found: Sequence[Scored]) -> float:
    return sum(one.passes for one in found) / max(len(found), 1)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.desk", allow_abbrev=False)
    parser.add_argument("--held-out", action="store_true", help="only those kept for the report")
    parser.add_argument("--corpus", help="only questions of this corpus")
    parser.add_argument("--every", action="store_true", help="print all answers, not the failures")
    options = parser.parse_args()
    data = data_folder()
    questions = [
        one
        for one in desk_questions(data, held_out=options.held_out)
        if options.corpus in (None, one.corpus)
    ]
    with CachedEmbeddings(ROOT / ".eval-cache") as cache:
        found = ask_desk(questions, data, cache)
    for one in found:
        if options.every or not one.passes:
            print(*described(one), sep="\n")
    for value in measurements(found, DESK):
        print(f"{value.measure:28} {value.shown(value.chancery)}", file=sys.stderr)


if __name__ == "__main__":
    main()
