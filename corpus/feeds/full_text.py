"""The full text of a feed's entry: its own, or that of the page where the feed has a teaser.

    Entry -> entry_article -> (a teaser?) -> page fetched -> is it the same story? -> full_article

What is decided here is pure; `corpus.feeds.poll` fetches.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from corpus.articles import ReadArticle, Source
from corpus.errors import ReadError
from corpus.feeds.arrivals import Arrival, credible_date
from corpus.feeds.entries import Entry
from corpus.language import detect

# Pages fetched for one source in one poll; the rest waits for the next.
MOST_PAGES = 40
# So long an entry waits for a page that cannot be had for the moment; then its teaser is taken.
PATIENCE = timedelta(hours=6)
# Of the teaser's longer words, how many the page's text must hold: consent pages, log-ins and
# front pages hold few of them, articles most.
SAME_STORY = 0.5
_LONG_WORD = re.compile(r"\w{4,}")


def entry_article(
    source: Source, arrival: Arrival, feed_url: str, language: str | None, now: datetime
) -> ReadArticle | None:
    """What the feed itself says of an entry, as an article; None where it says nothing.

    `language` is the feed's, used where the text is too short to tell. A bare headline is its own
    only paragraph.
    """
    entry = arrival.entry
    paragraphs = entry.paragraphs or ((entry.title,) if entry.title != entry.url else ())
    if not paragraphs:
        return None
    return ReadArticle(
        url=entry.url or feed_url,
        title=entry.title,
        paragraphs=paragraphs,
        source=source.name,
        author=entry.author,
        published_at=credible_date(entry, now),
        language=detect(" ".join(paragraphs)) or source.language or language,
        identity=arrival.seen.article_id,
    )


def full_article(article: ReadArticle, page: ReadArticle) -> ReadArticle:
    """The entry's article with the page's text, address and what the feed does not say."""
    return replace(
        article,
        url=page.url,
        paragraphs=page.paragraphs,
        author=article.author or page.author,
        published_at=article.published_at or page.published_at,
        language=page.language or article.language,
    )


def page_article(source: Source, arrival: Arrival, page: ReadArticle, now: datetime) -> ReadArticle:
    """The page of an entry of which the feed says nothing but the link."""
    return replace(
        page,
        source=source.name,
        published_at=credible_date(arrival.entry, now) or page.published_at,
        identity=arrival.seen.article_id,
    )


def tells_more(article: ReadArticle, page: ReadArticle) -> bool:
    """Whether a page holds the teaser's story, and more of it."""
    words = _words(article.title, *article.paragraphs)
    told = _words(page.title, *page.paragraphs)
    is_same = len(words & told) >= SAME_STORY * len(words)
    return is_same and sum(map(len, page.paragraphs)) > sum(map(len, article.paragraphs))


def may_wait(entry: Entry, error: ReadError, now: datetime) -> bool:
    """Whether an entry whose page cannot be had is better left for the next poll."""
    published = credible_date(entry, now)
    return error.retry and published is not None and now - published < PATIENCE


def _words(*texts: str) -> set[str]:
    return {word.casefold() for text in texts for word in _LONG_WORD.findall(text)}
