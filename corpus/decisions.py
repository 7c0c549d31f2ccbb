"""What to do with an article that was read: pure decisions, no store, no clock.

    ReadArticle + what stands under its id  ->  Standing: is that the same article?
    ReadArticle + what the store knows of it  ->  New | Changed | Amended | Unchanged

One article never overwrites another. What is read under an id that is taken is the same article
only where source, address and text agree that it is:

    same source   a text that shares next to nothing with what stood there is another article;
                  a teaser of what stands there in full tells nothing new
    another one   tells nothing new where all of it stands there; where the source publishes at
                  this address itself and the one that stands there does not, its fuller text takes
                  the place of the other's; two feeds of one publisher edit one article, which
                  keeps its source; anything else is an article of its own, with its own source

`corpus.ingest` gathers what the store knows and carries the decision out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from corpus.articles import ReadArticle, SourceKind, text_digest
from corpus.fetch.urls import site_of
from corpus.text import differences
from corpus.text.differences import are_alike, are_copies, holds, near_enough_in_time

# Characters; two items with a shorter text may be alike by chance.
LONG_ENOUGH = 200


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
    is_own: bool | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article that shares sentences with the one that was read."""

    id: str
    published_at: datetime | None
    paragraphs: tuple[str, ...]
    duplicate_of: str | None = None
    title: str = ""
    source: str | None = None
    url: str | None = None


class Standing(Enum):
    """What a text is to the article that stands under its id."""

    READING = auto()
    """A reading of that article by its own source."""
    OTHER_FEED = auto()
    """A reading of that article by another feed of its publisher: its source stays."""
    NOTHING_NEW = auto()
    """All of it stands there."""
    TAKES_OVER = auto()
    """The publisher's own fuller text in place of what another told of it."""
    OTHER = auto()
    """Another article."""


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


def standing(article: ReadArticle, known: Known, text: Sequence[str]) -> Standing:
    """What a text is to the article that stands under its id; `text` are that one's paragraphs."""
    if known.withdrawn and not is_same_source(article.source, known.source):
        return Standing.OTHER
    if is_same_source(article.source, known.source):
        if not differences.are_readings((article.title, *article.paragraphs), (known.title, *text)):
            return Standing.OTHER
        is_less = article.is_teaser and sum(map(len, article.paragraphs)) < sum(map(len, text))
        return Standing.NOTHING_NEW if is_less else Standing.READING
    if article.is_own and not known.is_own:
        return Standing.TAKES_OVER if holds(article.paragraphs, text) else Standing.OTHER
    if holds(text, article.paragraphs):
        return Standing.NOTHING_NEW
    is_edit = article.is_own and known.is_own and are_alike(article.paragraphs, text)
    return Standing.OTHER_FEED if is_edit else Standing.OTHER


def is_same_source(one: str | None, other: str | None) -> bool:
    """Whether two names are of one source; one that is not known may be any."""
    return one is None or other is None or one.casefold() == other.casefold()


def as_of(article: ReadArticle, known: Known) -> ReadArticle:
    """A reading with no more than it may tell of the stored article.

    The same text under another source's name corrects the name where somebody ingests it by hand,
    or where the publisher itself gives what stands under another's name. All else that another
    source tells only fills what is missing.
    """
    if is_same_source(article.source, known.source):
        return article
    if article.digest == known.digest and (
        article.is_own is None or (article.is_own and known.is_own is False)
    ):
        return article
    return replace(
        article,
        url=known.url or article.url,
        source=None,
        kind=None,
        author=None if known.author else article.author,
        published_at=None if known.published_at else article.published_at,
        language=None if known.language else article.language,
    )


def earlier_reading(article: ReadArticle, candidates: Iterable[Candidate]) -> str | None:
    """Id of an article of the same source and address of which this one is a reading, or None."""
    for one in candidates:
        agrees = one.url == article.url and one.source == article.source
        told = (article.title, *article.paragraphs)
        if agrees and are_alike(told, (one.title, *one.paragraphs)):
            return one.id
    return None


def moved_from(article: ReadArticle, candidates: Iterable[Candidate]) -> str | None:
    """Id of an article that its source gave at another address of its site, moment, title and text
    the same to the letter; of undated ones only where that is too long to come twice."""
    is_long = sum(map(len, article.paragraphs)) >= LONG_ENOUGH
    what = (article.source, site_of(article.url), article.digest)
    for one in candidates:
        if (
            article.published_at == one.published_at
            and (is_long or article.published_at is not None)
            and what == (one.source, site_of(one.url or ""), text_digest(one.title, one.paragraphs))
        ):
            return one.id
    return None


def decide_again(article: ReadArticle, known: Known) -> Amended | Unchanged:
    """What to do with an article whose text is the stored one.

    One that was withdrawn and that its source gives again is there again.
    """
    article = as_of(article, known)
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
    """A reading with what only earlier ones told; of another source's, only the language."""
    language = article.language or known.language
    if not is_same_source(article.source, known.source):
        return replace(article, language=language)
    stored_kind = known.kind if known.kind is not SourceKind.UNKNOWN else None
    return replace(
        article,
        source=article.source or known.source,
        kind=article.kind or stored_kind,
        author=article.author or known.author,
        published_at=article.published_at or known.published_at,
        language=language,
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
