"""Articles, passages and sources as tests name them: short calls, everything else filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from corpus.articles import Article, Paragraph, ReadArticle, SourceKind, article_id
from retrieval.passages import Passage

NOON = datetime(2019, 4, 4, 12, tzinfo=UTC)


def address(name: str) -> str:
    return f"https://example.org/{name}"


def read_article(
    name: str,
    *paragraphs: str,
    title: str = "Talks on Libya",
    source: str | None = "Example News",
    kind: SourceKind | None = None,
    author: str | None = None,
    published_at: datetime | None = NOON,
    language: str | None = "en",
) -> ReadArticle:
    """An article as a document gives it, at https://example.org/`name`."""
    return ReadArticle(
        url=address(name),
        title=title,
        paragraphs=paragraphs or ("The talks began in Tripoli.",),
        source=source,
        kind=kind,
        author=author,
        published_at=published_at,
        language=language,
    )


def stored_article(
    name: str,
    *paragraphs: str,
    title: str = "Talks on Libya",
    source: str | None = "Example News",
    published_at: datetime | None = NOON,
    version: int = 1,
    duplicate_of: str | None = None,
    withdrawn_at: datetime | None = None,
    language: str | None = "en",
) -> Article:
    """An article as the store gives it; `duplicate_of` is the name of another."""
    identity = article_id(address(name))
    return Article(
        id=identity,
        url=address(name),
        title=title,
        source=source,
        kind=SourceKind.UNKNOWN,
        author=None,
        published_at=published_at,
        language=language,
        version=version,
        read_at=NOON,
        first_read_at=NOON,
        paragraphs=tuple(
            Paragraph(identity, number, text) for number, text in enumerate(paragraphs, start=1)
        ),
        duplicate_of=article_id(address(duplicate_of)) if duplicate_of else None,
        withdrawn_at=withdrawn_at,
    )


def passage(article: Article, number: int = 1, score: float = 0.5) -> Passage:
    """A paragraph of an article as a search would give it."""
    return Passage(article, article.paragraph(number), score, cosine=score)


def days(count: float) -> timedelta:
    return timedelta(days=count)
