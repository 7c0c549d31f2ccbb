"""Stories as JSON, a contract that other programs rely on, and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from bot.rendering.answer_text import WIDTH
from bot.rendering.wording import counted, publisher, safe, short_date
from retrieval.stories.grouping import central_article
from retrieval.stories.nouns import Story, moment_of

ARTICLES_SHOWN = 3


def stories_document(stories: Sequence[Story]) -> dict[str, Any]:
    """`stories --json`: {"stories": [{"id", "headline", "urls", "origins", "from", "to"}]}.

    Newest first; `urls` from the oldest to the newest article, copies included, which `origins`
    does not count.
    """
    return {"stories": [story_document(story) for story in stories]}


def story_document(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "headline": central_article(story.articles).title,
        "urls": [article.url for article in story.articles],
        "origins": story.origins,
        "from": story.begins.isoformat(),
        "to": story.ends.isoformat(),
    }


def stories_text(stories: Sequence[Story], left_out: int = 0) -> str:
    """Each story with its span, its id, which corrections name, and its latest articles."""
    articles = sum(len(story.articles) for story in stories)
    blocks = [_story_text(rank, story) for rank, story in enumerate(stories, start=1)]
    closing = f"{counted(len(stories), 'story', 'stories')}, {counted(articles, 'article')}"
    if left_out:
        closing += f"; {left_out} more, see -k"
    return safe("\n\n".join([*blocks, closing]))


def _story_text(rank: int, story: Story) -> str:
    headline = central_article(story.articles).title
    lines = [
        textwrap.fill(headline, WIDTH, initial_indent=f"{rank}. ", subsequent_indent="   "),
        f"   {counted(len(story.articles), 'article')}, {counted(story.origins, 'origin')} · "
        f"{_span(story)} · {story.id}",
    ]
    newest = story.articles[::-1]
    for article in newest[:ARTICLES_SHOWN]:
        about = f"{publisher(article)} · {short_date(moment_of(article))} · {article.title}"
        lines.append(textwrap.shorten(about, WIDTH - 5, placeholder=" …").join(("   - ", "")))
        lines.append(f"     {article.url}")
    if len(newest) > ARTICLES_SHOWN:
        lines.append(f"   - and {counted(len(newest) - ARTICLES_SHOWN, 'earlier article')}")
    return "\n".join(lines)


def _span(story: Story) -> str:
    first, last = short_date(story.begins), short_date(story.ends)
    return first if first == last else f"{first} to {last}"
