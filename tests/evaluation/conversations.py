"""Follow-ups: the passages that people named for the last turn of a conversation (MTRAG-UN).

All passages of the set together are the corpus, each an article of one paragraph; what was said
before is given to the product as a thread gives it. Baselines search for the last turn alone.
"""

from __future__ import annotations

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
from retrieval.questions.understand import Question, Turn, complete, understand
from tests.evaluation.metrics import recall_at
from tests.evaluation.sets import ASKED_AT, QuestionSet
from tests.evaluation.systems import (
    FIRST,
    RRF_DEPTH,
    halves_of,
    open_system,
    reciprocal_rank_fusion,
)
from tests.evaluation.table import Measurement

RECALLED = 5


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
