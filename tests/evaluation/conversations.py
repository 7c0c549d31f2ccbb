"""Follow-ups: the passages that people named for the last turn of a conversation (MTRAG-UN), and
those that answer the later turns of a desk officer's talks (`tests/data/desk/follow_ups.jsonl`).

Of the talks a turn counts as resolved where a gold paragraph is among the first five found, of
those turns whose complete question, as a person understands it, finds one there. What was answered
before is what the gold paragraph says. Held-out talks are measured apart.

All passages of the set together are the corpus, each an article of one paragraph; what was said
before is given to the product as a thread gives it. Baselines search for the last turn alone.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from corpus.articles import article_id
from corpus.fetch.urls import canonical_url
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.passages import ParagraphKey
from retrieval.questions.understand import Question, Turn, complete, understand, understand_in_talk
from tests.evaluation.metrics import recall_at
from tests.evaluation.sets import ASKED_AT, ROOT, QuestionSet, data_folder
from tests.evaluation.systems import (
    FIRST,
    RRF_DEPTH,
    System,
    halves_of,
    open_system,
    reciprocal_rank_fusion,
)
from tests.evaluation.table import Measurement

RECALLED = 5
_NO_QUESTIONS = QuestionSet("follow_ups", "follow-ups", ROOT, (), ())


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said before, the last turn, and the passages that answer it."""

    earlier: tuple[Turn, ...]
    text: str
    gold: frozenset[ParagraphKey]

    @property
    def question(self) -> Question:
        """The last turn as the product understands it in a thread."""
        completed = complete(self.text, self.earlier)
        return understand(completed.search_text, ASKED_AT, earlier=self.earlier)


def measure_conversations(given: QuestionSet, embeddings: SentenceEmbeddings) -> list[Measurement]:
    """Recall of the gold passages among the first five, over the tasks that have any."""
    tasks = [json.loads(line) for line in given.articles.read_text(encoding="utf-8").splitlines()]
    talks = [conversation(task) for task in tasks if task["passages"]]
    chancery, dense, bm25, rrf = [], [], [], []
    with (
        _as_articles(tasks) as articles,
        open_system(replace(given, articles=articles), embeddings) as system,
    ):
        for talk in talks:
            found = [one.key for one in system.search.find(talk.question, FIRST)]
            halves = halves_of(system.search, talk.text, RRF_DEPTH)
            both = reciprocal_rank_fusion([halves.dense, halves.lexical])
            chancery.append(_recall(found, talk))
            dense.append(_recall(halves.dense, talk))
            bm25.append(_recall(halves.lexical, talk))
            rrf.append(_recall(both, talk))
    rates = map(mean, (chancery, dense, bm25, rrf))
    return [Measurement(given.label, f"recall@{RECALLED}", *rates)]


def conversation(task: dict[str, Any]) -> Conversation:
    """One task of the set."""
    said = task["conversation"]
    turns = [
        Turn(asked["text"], answered["text"])
        for asked, answered in zip(said[:-1:2], said[1:-1:2], strict=True)
    ]
    gold = frozenset((article_id(_url(one)), 1) for one in task["passages"])
    return Conversation(tuple(turns), said[-1]["text"], gold)


def _recall(order: Sequence[ParagraphKey], talk: Conversation) -> float:
    return recall_at(order, [frozenset((key,)) for key in talk.gold], RECALLED)


@contextmanager
def _as_articles(tasks: Sequence[dict[str, Any]]) -> Iterator[Path]:
    """The passages of all tasks as a file that the product reads."""
    passages = {one["id"]: one for task in tasks for one in task["passages"]}
    with tempfile.TemporaryDirectory(prefix="evaluation-") as folder:
        path = Path(folder) / "passages.jsonl"
        with path.open("w", encoding="utf-8") as stream:
            for one in passages.values():
                line = {
                    "url": _url(one),
                    "title": one["title"] or "Untitled",
                    "paragraphs": [one["text"]],
                }
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        yield path


def _url(passage: dict[str, Any]) -> str:
    return canonical_url(f"https://passages.example/{passage['id']}")


FOLLOW_UPS = ROOT / "tests" / "data" / "desk" / "follow_ups.jsonl"


def measure_follow_ups(embeddings: SentenceEmbeddings) -> list[Measurement]:
    """Share of the later turns of the desk's talks that are resolved as a person means."""
    talks = [json.loads(line) for line in FOLLOW_UPS.read_text(encoding="utf-8").splitlines()]
    resolved: dict[bool, list[tuple[bool, bool]]] = {False: [], True: []}
    for corpus in dict.fromkeys(talk["corpus"] for talk in talks):
        with (
            _of_desk(corpus) as articles,
            open_system(replace(_NO_QUESTIONS, articles=articles), embeddings) as system,
        ):
            lines = map(json.loads, articles.read_text(encoding="utf-8").splitlines())
            texts = {line["url"]: line["paragraphs"] for line in lines}
            for talk in talks:
                if talk["corpus"] == corpus:
                    resolved[talk["held_out"]] += _turns_of(talk, system, texts)
    return [
        Measurement(
            "follow-ups",
            f"resolved{', held out' if held_out else ''}",
            mean(full for full, _ in of_turns),
            mean(alone for _, alone in of_turns),
        )
        for held_out, of_turns in resolved.items()
    ]


def _turns_of(
    talk: dict[str, Any], system: System, texts: dict[str, list[str]]
) -> Iterator[tuple[bool, bool]]:
    """For each later turn that can be found: whether it is, and whether its words alone are."""
    said: list[Turn] = []
    for position, turn in enumerate(talk["turns"]):
        gold = {
            (article_id(canonical_url(one["url"])), number)
            for one in turn["gold"]
            for number in one["paragraphs"]
        }

        def finds(question: Question, gold: set[ParagraphKey] = gold) -> bool:
            found = system.search.find(question, FIRST)[:RECALLED]
            return any(one.key in gold for one in found)

        understood = understand_in_talk(turn["question"], ASKED_AT, tuple(said))
        if position and gold and finds(understand(turn["means"], ASKED_AT)):
            yield finds(understood), finds(understand(turn["question"], ASKED_AT))
        said.append(Turn(understood.looked_for or turn["question"], _told(turn, texts)))


def _told(turn: dict[str, Any], texts: dict[str, list[str]]) -> str:
    """The first gold paragraph of a turn, for its answer."""
    for one in turn["gold"][:1]:
        return texts[one["url"]][one["paragraphs"][0] - 1]
    return ""


@contextmanager
def _of_desk(corpus: str) -> Iterator[Path]:
    """The articles of one of the desk's corpora as a file."""
    if corpus == "sample":
        yield ROOT / "corpus" / "samples" / "dispatches.jsonl"
        return
    urls = set((FOLLOW_UPS.parent / f"urls-{corpus}.txt").read_text(encoding="utf-8").split())
    with tempfile.TemporaryDirectory(prefix="evaluation-") as folder:
        path = Path(folder) / "articles.jsonl"
        given = data_folder() / corpus / "articles.jsonl.gz"
        with gzip.open(given, "rt", encoding="utf-8") as lines, path.open("w") as stream:
            stream.writelines(line for line in lines if json.loads(line)["url"] in urls)
        yield path
