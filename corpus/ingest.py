"""Reading articles into the store: the one place where reading, deciding and storing meet.

    read_path / read_address
        -> ReadArticle | Refused
        -> decide(article, what the store knows)      New | Changed | Amended | Unchanged
        -> ArticleStore.write                         one short transaction a batch
        -> Receipt                                    what became of everything

Nothing is embedded here: the indexes follow the store's change numbers on their own. A crash
leaves an article either absent or stored; reading the same thing again completes the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from corpus.articles import ReadArticle
from corpus.decisions import Amended, Candidate, Changed, Decision, New, decide, decide_again
from corpus.errors import StoreError
from corpus.readers.folders import Refused
from corpus.readers.limits import overstep
from corpus.store.articles import ArticleStore
from corpus.text.differences import sketch
from corpus.text.languages import detect

BATCH_ARTICLES = 64
# The language is told by the beginning; more costs time and tells no more.
LANGUAGE_CHARACTERS = 600
_ATTEMPTS = 5


@dataclass(slots=True)
class Receipt:
    """What became of the documents read; `paragraphs` counts those of new and updated ones."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    paragraphs: int = 0
    failed: list[Refused] = field(default_factory=list)

    def count(self, decision: Decision) -> None:
        match decision:
            case New():
                self.new += 1
                self.duplicates += decision.duplicate_of is not None
                self.paragraphs += len(decision.article.paragraphs)
            case Changed():
                self.updated += 1
                self.paragraphs += len(decision.article.paragraphs)
            case Amended():
                self.updated += 1
            case _:
                self.unchanged += 1

    @property
    def read(self) -> int:
        return self.new + self.updated + self.unchanged


def ingest(
    store: ArticleStore,
    documents: Iterable[ReadArticle | Refused],
    clock: Callable[[], datetime],
    progress: Callable[[int], None] | None = None,
) -> Receipt:
    """Store what was read and say what became of it.

    `progress` is called with the number of documents dealt with so far. Raises StoreError
    where the store cannot be written; what was stored before stays stored.
    """
    receipt = Receipt()
    done = 0
    for batch in _batches(map(_within_limits, documents)):
        articles = [
            _with_language(document) for document in batch if isinstance(document, ReadArticle)
        ]
        receipt.failed.extend(document for document in batch if isinstance(document, Refused))
        for decision in _store(store, articles, clock()):
            receipt.count(decision)
        done += len(batch)
        if progress is not None:
            progress(done)
    return receipt


def _within_limits(document: ReadArticle | Refused) -> ReadArticle | Refused:
    reason = overstep(document) if isinstance(document, ReadArticle) else None
    return (
        Refused(document.url, reason) if isinstance(document, ReadArticle) and reason else document
    )


def _with_language(article: ReadArticle) -> ReadArticle:
    if article.language is not None:
        return article
    beginning = " ".join(article.paragraphs)[:LANGUAGE_CHARACTERS]
    return replace(article, language=detect(beginning))


def _store(store: ArticleStore, articles: list[ReadArticle], now: datetime) -> list[Decision]:
    for attempt in range(1, _ATTEMPTS + 1):
        decisions = _decide_all(store, articles)
        try:
            store.write(decisions, now)
        except StoreError as error:
            if not error.retry or attempt == _ATTEMPTS:
                raise
        else:
            return decisions
    raise AssertionError("unreachable")


def _decide_all(store: ArticleStore, articles: list[ReadArticle]) -> list[Decision]:
    """Decide article by article; those of the same batch count as candidates too."""
    known = store.known(articles)
    fresh: dict[int, list[Candidate]] = defaultdict(list)
    decisions: list[Decision] = []
    for article in articles:
        stored = known.get(article.id)
        if stored is not None and stored.digest == article.digest:
            decisions.append(decide_again(article, stored))
            continue
        marks = sketch(article.paragraphs)
        candidates = {found.id: found for found in store.candidates(marks)}
        candidates.update({found.id: found for mark in marks for found in fresh[mark]})
        decision = decide(article, stored, marks, candidates.values())
        decisions.append(decision)
        candidate = Candidate(
            article.id, article.published_at, article.paragraphs, decision.duplicate_of
        )
        for mark in marks:
            fresh[mark].append(candidate)
    return decisions


def _batches(
    documents: Iterable[ReadArticle | Refused],
) -> Iterator[list[ReadArticle | Refused]]:
    """Batches in which no article stands twice, so that a later reading sees the earlier."""
    batch: list[ReadArticle | Refused] = []
    ids: set[str] = set()
    for document in documents:
        identity = document.id if isinstance(document, ReadArticle) else None
        if len(batch) >= BATCH_ARTICLES or identity in ids:
            yield batch
            batch, ids = [], set()
        batch.append(document)
        if identity is not None:
            ids.add(identity)
    if batch:
        yield batch
