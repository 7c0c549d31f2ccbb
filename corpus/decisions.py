"""What to do with an article that was read: pure decisions, no store, no clock.

    ReadArticle + what the store knows of it  ->  New | Changed | Amended | Unchanged

`corpus.ingest` gathers what the store knows and carries the decision out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from corpus.articles import ReadArticle, SourceKind
from corpus.text.differences import are_copies, near_enough_in_time


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds under an article's id: the current version, without its text."""

    version: int
    digest: str
    title: str
    source: str | None
    kind: SourceKind
    author: str | None
    published_at: datetime | None
    language: str | None
    duplicate_of: str | None
    withdrawn: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article that shares sentences with the one that was read."""

    id: str
    published_at: datetime | None
    paragraphs: tuple[str, ...]
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True)
class New:
    """Not seen before; `duplicate_of` names the first article of which it is a copy."""

    article: ReadArticle
    sketch: tuple[int, ...]
    duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """Seen before with another text: becomes version `version`."""

    article: ReadArticle
    sketch: tuple[int, ...]
    duplicate_of: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Amended:
    """The same text, but its source, author, date, language, kind or address is another."""

    article: ReadArticle


@dataclass(frozen=True, slots=True)
class Unchanged:
    article: ReadArticle


Decision = New | Changed | Amended | Unchanged


def decide_again(article: ReadArticle, known: Known) -> Amended | Unchanged:
    """What to do with an article whose text is the stored one.

    One that its source had withdrawn and that is read again is there again.
    """
    if known.withdrawn or _tells_more(article, known):
        return Amended(article)
    return Unchanged(article)


def decide(
    article: ReadArticle,
    known: Known | None,
    sketch: tuple[int, ...],
    candidates: Iterable[Candidate],
) -> New | Changed:
    """What to do with a text that is not the stored one.

    `known` is the stored state of the article, `sketch` the text's (see `corpus.text.differences`),
    `candidates` are stored articles that share sentences with it.
    """
    if known is not None:
        article = _completed(article, known)
    original = first_of_copies(article, candidates)
    if known is None:
        return New(article, sketch, original)
    return Changed(article, sketch, original, known.version + 1)


def first_of_copies(article: ReadArticle, candidates: Iterable[Candidate]) -> str | None:
    """Id of the article of which this one is a copy, or None. Chains lead to the first."""
    for candidate in candidates:
        if candidate.id == article.id or candidate.duplicate_of == article.id:
            continue
        if near_enough_in_time(article.published_at, candidate.published_at) and are_copies(
            article.paragraphs, candidate.paragraphs
        ):
            return candidate.duplicate_of or candidate.id
    return None


def _completed(article: ReadArticle, known: Known) -> ReadArticle:
    """A reading with what only earlier ones told."""
    stored_kind = known.kind if known.kind is not SourceKind.UNKNOWN else None
    return replace(
        article,
        source=article.source or known.source,
        kind=article.kind or stored_kind,
        author=article.author or known.author,
        published_at=article.published_at or known.published_at,
        language=article.language or known.language,
    )


def _tells_more(article: ReadArticle, known: Known) -> bool:
    """A reading that lost what was known before does not erase it."""
    pairs: list[tuple[object, object]] = [
        (article.source, known.source),
        (article.author, known.author),
        (article.published_at, known.published_at),
        (article.language, known.language),
        (article.kind, known.kind),
        (article.url if article.identity else None, known.url),
    ]
    return any(read is not None and read != stored for read, stored in pairs)
