"""A thread's sources and its topic, as Slack messages."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering.rich_text import (
    Block,
    Element,
    Message,
    context,
    escape,
    in_messages,
    link,
    paragraph,
    paragraphs,
    words,
)
from bot.rendering.wording import (
    LONGEST_NAME,
    carried_words,
    counted,
    excerpt,
    publisher,
    short_date,
    since_then,
)
from bot.talk.thread_topic import Topic
from corpus.articles import origins_of
from retrieval.answers import Citation

MOST_SOURCES = 40


def thread_sources_messages(cited: Sequence[Sequence[Citation]]) -> list[Message]:
    """What a thread's answers rest on: a line an article, its paragraphs linked.

    `cited` are the citations article by article.
    """
    articles = [group[0].article for group in cited]
    origins = counted(len(origins_of(articles)), "origin")
    heading = (
        f"The answers in this thread rest on {counted(len(articles), 'article')} of {origins}:"
    )
    blocks: list[Block] = [paragraph([words(heading)])]
    blocks += paragraphs([_line(group) for group in cited[:MOST_SOURCES]], bullets=True)
    left = len(cited) - MOST_SOURCES
    if left > 0:
        blocks.append(context(f"… and {counted(left, 'more article', 'more articles')}"))
    return [Message(escape(heading), tuple(held)) for held in in_messages(blocks)]


def _line(group: Sequence[Citation]) -> list[Element]:
    """ "UN News · official · 4 Apr 2019 · ¶2, ¶13 of 14 — “Title”", each paragraph a link."""
    article = group[0].article
    elements = [
        words(
            f"{publisher(article)} · {article.kind.value} · {short_date(article.published_at)} · "
        )
    ]
    for position, one in enumerate(group):
        elements += [words(", " if position else ""), link(one.link, f"¶{one.paragraph.number}")]
    rest = f" of {len(article.paragraphs)}"
    if since := since_then(article):
        rest += f" · {since}"
    rest += carried_words([copy for one in group for copy in one.carried_by])
    if title := excerpt(article.title, LONGEST_NAME):
        rest += f" — “{title}”"
    return [*elements, words(rest)]


def topic_lead(taken: str, topic: Topic) -> Block:
    """What was taken for the topic of a thread, and from how much."""
    seen = [counted(topic.lines, "message"), counted(topic.people, "person", "people")]
    told = f" by {seen[1]}" if topic.people else ""
    linked = f" and {counted(topic.articles, 'linked article')}" if topic.articles else ""
    return paragraph(
        [
            words("Taken for the topic of this thread: ", italic=True),
            words(taken, bold=True),
            words(f" (from {seen[0]}{told}{linked}).", italic=True),
        ]
    )
