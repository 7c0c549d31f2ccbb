"""Reading articles into the store: the one place where reading, deciding and storing meet.

    read_path / read_address
        -> ReadArticle | Refused
        -> decide(article, what the store knows)      New | Changed | Amended | Unchanged,
                                                      under an id of its own where its id is taken
        -> ArticleStore.write                         one short transaction a batch
        -> Receipt                                    what became of everything

Nothing is embedded here: the indexes follow the store's change numbers on their own. A crash
leaves an article either absent or stored; reading the same thing again completes the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from corpus.articles import ReadArticle
from corpus.decisions import (
    Amended,
    Candidate,
    Changed,
    Decision,
    Known,
    New,
    Standing,
    Unchanged,
    as_of,
    decide,
    decide_again,
    earlier_reading,
    is_same_source,
    moved_from,
    standing,
)
from corpus.errors import StoreError
from corpus.readers.folders import Refused
from corpus.readers.limits import overstep
from corpus.store.articles import ArticleStore
from corpus.text.differences import sketch
from corpus.text.words import detect

BATCH_ARTICLES = 64
# The language is told by the beginning; more costs time and tells no more.
LANGUAGE_CHARACTERS = 600
_ATTEMPTS = 5
# Embargoed statements and confused time zones lie up to a day ahead.
FURTHEST_AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Receipt:
    """What became of the documents read; `paragraphs` counts those of new and updated ones.

    `became` has the ids of articles whose own id was that of another, by that id.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    paragraphs: int = 0
    failed: list[Refused] = field(default_factory=list)
    became: dict[str, str] = field(default_factory=dict)

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
            _with_language(_dated_by(clock(), one)) for one in batch if isinstance(one, ReadArticle)
        ]
        receipt.failed.extend(document for document in batch if isinstance(document, Refused))
        for article, decision in zip(articles, _store(store, articles, clock()), strict=True):
            receipt.count(decision)
            if decision.article.id != article.id:
                receipt.became[article.id] = decision.article.id
        done += len(batch)
        if progress is not None:
            progress(done)
    return receipt


def _within_limits(document: ReadArticle | Refused) -> ReadArticle | Refused:
    reason = overstep(document) if isinstance(document, ReadArticle) else None
    return (
        Refused(document.url, reason) if isinstance(document, ReadArticle) and reason else document
    )


def _dated_by(now: datetime, article: ReadArticle) -> ReadArticle:
    """An article of the web without a date that lies ahead: a deadline, or a slip, would be newest
    for ever. What files say of theirs is taken as it is."""
    stated = article.published_at if article.is_own is not None else None
    is_ahead = stated is not None and stated - now > FURTHEST_AHEAD
    return replace(article, published_at=None) if is_ahead else article


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
    texts = store.paragraphs(
        one.id for one in articles if one.id in known and not _is_repeated(one, known[one.id])
    )
    fresh: dict[int, list[Candidate]] = defaultdict(list)
    taken: set[str] = set()
    decisions: list[Decision] = []
    for article in articles:
        decision = _decide(store, article, known.get(article.id), texts, fresh)
        if decision.article.id in taken:
            decision = Unchanged(decision.article)
        taken.add(decision.article.id)
        decisions.append(decision)
    return decisions


def _decide(
    store: ArticleStore,
    article: ReadArticle,
    stored: Known | None,
    texts: Mapping[str, tuple[str, ...]],
    fresh: dict[int, list[Candidate]],
) -> Decision:
    if stored is not None and _is_repeated(article, stored):
        return decide_again(article, stored)
    marks = sketch(article.paragraphs)
    candidates = {found.id: found for found in store.candidates(marks)}
    candidates.update({found.id: found for mark in marks for found in fresh[mark]})
    # A feed's item whose link changed. Elsewhere an address is all that names an article.
    if stored is None and article.identity and (former := moved_from(article, candidates.values())):
        article = replace(article, identity=former)
        if (stored := store.known([article]).get(former)) is not None:
            return decide_again(article, stored)
    if stored is not None:
        match standing(article, stored, texts[article.id]):
            case Standing.NOTHING_NEW:
                return decide_again(article, stored)
            case Standing.OTHER_FEED:
                article = as_of(article, stored)
            case Standing.OTHER:
                identity = earlier_reading(article, candidates.values()) or article.other_id
                article = replace(article, identity=identity)
                stored = store.known([article]).get(identity)
                if stored is not None and stored.digest == article.digest:
                    return decide_again(article, stored)
    decision = decide(article, stored, marks, candidates.values())
    candidate = Candidate(
        article.id,
        article.published_at,
        article.paragraphs,
        decision.duplicate_of,
        article.title,
        article.source,
        article.url,
    )
    for mark in marks:
        fresh[mark].append(candidate)
    return decision


def _is_repeated(article: ReadArticle, stored: Known) -> bool:
    """Whether it is the text that stands there; one that was taken out only its source repeats."""
    is_there = not stored.withdrawn or is_same_source(article.source, stored.source)
    return is_there and stored.digest == article.digest


def _batches(documents: Iterable[ReadArticle | Refused]) -> Iterator[list[ReadArticle | Refused]]:
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
