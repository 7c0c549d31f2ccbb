"""The nouns of the corpus: sources, articles as read, articles as stored, paragraphs.

A text goes through two stages, each with a noun of its own:

    bytes -> ReadArticle (what a document says) -> Article (what the store holds, versioned)

Identifiers come from content, so that reading the same thing twice names the same thing.
All datetimes are UTC-aware; naive ones are refused.

Who speaks at an address is a table of hosts (`data/hosts.txt`).
Only publishers whose standing is a matter of record are listed. A public broadcaster (BBC, DW,
France 24, NPR) is not state media: its editors do not answer to the government; a state's own
broadcaster that calls itself independent and is run by the government (TRT World, Al Ekhbariya)
is. Who is not listed stays unknown, and opinion is never told by the host.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache

from corpus.fetch.urls import canonical_url, host_of, site_of
from corpus.text.tables import entries, words
from corpus.text.transcripts import Turn, speech, turns


class SourceKind(StrEnum):
    """Who speaks. Unknown stays unknown: a kind is never guessed from the text."""

    OFFICIAL = "official"
    WIRE = "wire"
    STATE_MEDIA = "state media"
    INDEPENDENT = "independent"
    OPINION = "opinion"
    UNKNOWN = "unknown"


class Withdrawal(StrEnum):
    """Why an article is found no more: only the first is a matter of the article itself."""

    RETRACTED = "retracted"
    REMOVED = "removed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher: its name, address, kind, ISO 3166 country and ISO 639 language."""

    name: str
    url: str | None = None
    kind: SourceKind = SourceKind.UNKNOWN
    country: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """One text as a document gave it, before anything is decided about it.

    `url` is as the document gives it; two spellings of one address name one article (see
    `corpus.fetch.urls`). `paragraphs` are numbered from 1 as they stand,
    the title is not among them. `published_at` is None where the document has no date.
    `identity` names the article where its address does not: a feed's item that has moved since it
    was first read, or one whose address once belonged to another. `is_own` says whether the
    source publishes at that address itself, None where that is not known; `is_teaser` that the
    text stands elsewhere in full.
    """

    url: str
    title: str
    paragraphs: tuple[str, ...]
    source: str | None = None
    kind: SourceKind | None = None
    author: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    identity: str | None = None
    is_own: bool | None = None
    is_teaser: bool = False

    def __post_init__(self) -> None:
        if self.published_at is not None and self.published_at.tzinfo is None:
            raise ValueError(f"published_at must be aware, not {self.published_at!r}")

    @property
    def id(self) -> str:
        return self.identity or article_id(self.url)

    @property
    def other_id(self) -> str:
        """An id for it where its own is that of another article."""
        named = "\x1e".join((canonical_url(self.url), self.source or "", self.digest))
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    @property
    def digest(self) -> str:
        """Digest of what a reader sees: title and paragraphs."""
        return text_digest(self.title, self.paragraphs)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a stored article; `number` counts from 1, the title is not counted.

    In a transcript `speaker` is who speaks, by name or by label ("Senior Official"), in which
    `role`, and `text[words_from:]` are the words without the label; `asked`: it is a question from
    the floor, never a statement of whoever publishes it. `boilerplate`: the same stands in many
    articles of the source ("FOR IMMEDIATE RELEASE") and says nothing of the matter.
    """

    article_id: str
    number: int
    text: str
    speaker: str | None = None
    role: str | None = None
    asked: bool = False
    words_from: int = 0
    boilerplate: bool = False

    @property
    def words(self) -> str:
        """The text without the label of its speaker."""
        return self.text[self.words_from :]

    @property
    def answers(self) -> bool:
        """Whether it may stand in an answer: neither asked from the floor nor boilerplate."""
        return not (self.asked or self.boilerplate)


@dataclass(frozen=True, slots=True)
class Later:
    """The current version of an article, as an older one knows of it, and when it was read."""

    version: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Article:
    """One stored text in one version.

    `version` counts from 1. `read_at` is when this version was first read, `first_read_at`
    when the article was. `duplicate_of` names the article of which this one is a copy
    (wire copy); it is None for the first. `withdrawn_at` is set when the article was taken out,
    `withdrawal` says whether its source retracted it, its source was removed here, or it grew old.
    `later` is None in the current version.
    """

    id: str
    url: str
    title: str
    source: str | None
    kind: SourceKind
    author: str | None
    published_at: datetime | None
    language: str | None
    version: int
    read_at: datetime
    first_read_at: datetime
    paragraphs: tuple[Paragraph, ...] = field(repr=False)
    duplicate_of: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal: Withdrawal | None = None
    later: Later | None = None

    @property
    def origin(self) -> str:
        """The id of the article whose text it is: copies have one origin."""
        return self.duplicate_of or self.id

    @property
    def lead(self) -> str:
        """The first paragraph that says something of the matter, whole; "" where there is none."""
        own = (one.text for one in self.paragraphs if one.answers and one.text.strip())
        return next(own, self.paragraphs[0].text if self.paragraphs else "")

    def paragraph(self, number: int) -> Paragraph:
        """The paragraph with that number; IndexError where the article has none."""
        if not 1 <= number <= len(self.paragraphs):
            raise IndexError(f"{self.url} has no paragraph {number}")
        return self.paragraphs[number - 1]


def read_paragraphs(article: ReadArticle) -> tuple[Paragraph, ...]:
    """The paragraphs of a text with who speaks in each; what repeats is known to the store."""
    texts = article.paragraphs
    found = turns(texts, article.title) or speech(texts)
    return tuple(
        _spoken(Paragraph(article.id, number, text), found.get(number - 1))
        for number, text in enumerate(texts, start=1)
    )


def _spoken(paragraph: Paragraph, turn: Turn | None) -> Paragraph:
    if turn is None:
        return paragraph
    if turn.others:
        return replace(paragraph, words_from=turn.start)
    return replace(
        paragraph, speaker=turn.speaker, role=turn.role, asked=turn.asked, words_from=turn.start
    )


def origins_of(articles: Iterable[Article]) -> set[str]:
    """The independent origins of articles: what one source tells, and copies of it, are one.

    An origin is named by the source of the text that was first; by that text's id where the source
    is not known, or where only a copy is at hand.
    """
    given = {article.id: article for article in articles}
    first = (given.get(one.duplicate_of or one.id) for one in given.values())
    found = {one.source.casefold() if one.source else one.id for one in first if one is not None}
    copies = {one.duplicate_of for one in given.values() if one.duplicate_of}
    return found | {identity for identity in copies if identity not in given}


def article_id(url: str) -> str:
    """16 hexadecimal digits that stand for an address, however it is spelled."""
    return hashlib.sha256(canonical_url(url).encode()).hexdigest()[:16]


def text_digest(title: str, paragraphs: Iterable[str]) -> str:
    """SHA-256 of title and paragraphs, white space folded."""
    parts = [" ".join(part.split()) for part in (title, *paragraphs)]
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def kind_of(name: str | None, url: str) -> SourceKind:
    """Who speaks at `url`, or, for a document without a web host, under `name`.

    An explicitly given kind is the caller's to prefer. Unknown where the table says nothing.
    """
    host = host_of(url)
    if not url.startswith(("http://", "https://")):
        return _kinds_by_name().get((name or "").strip().casefold(), SourceKind.UNKNOWN)
    labels = host.split(".")
    parents = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    if not _hosts("not official").isdisjoint(parents):
        return SourceKind.UNKNOWN
    for kind in (SourceKind.STATE_MEDIA, SourceKind.WIRE, SourceKind.OFFICIAL):
        if not _hosts(kind.value).isdisjoint(parents):
            return kind
    return SourceKind.OFFICIAL if _is_government(host) else SourceKind.UNKNOWN


def _is_government(host: str) -> bool:
    """`.gov`, `.mil` and `.int`, and registries such as `.gov.xx` under a country's domain."""
    labels = host.split(".")
    if len(labels) < 2:
        return False
    if labels[-1] in ("gov", "mil", "int"):
        return True
    return len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _hosts("registries")


def _hosts(section: str) -> frozenset[str]:
    return words(__package__, "hosts", section)


@cache
def _kinds_by_name() -> dict[str, SourceKind]:
    listed = entries(__package__, "hosts", "names")
    return {name.casefold(): SourceKind(kind) for kind, names in listed for name in names}


def publishes_at(address: str, *places: str | None) -> bool | None:
    """Whether a source at one of these places publishes at that address itself.

    None where nothing is known of where it publishes.
    """
    sites = {site_of(place) for place in places if place}
    return site_of(address) in sites if sites else None
