"""What is asked about a thread itself: what the sources have on its topic, what its answers cite.

lines of the thread, titles of linked articles ─▶ Topic ─▶ the narrowest summary that finds any
recorded turns of the talk ─▶ what each article is cited for, once an article
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.desk.reports import Report, Reports
from bot.rendering.rich_text import ImageSlot, Message
from bot.rendering.thread_blocks import thread_sources_messages, topic_lead
from bot.requests.nouns import AskSummary
from bot.slack.incoming import Asked
from bot.talk.talks import Talks
from bot.talk.thread_reading import ThreadLine, ThreadReader
from bot.talk.thread_topic import Topic, topic_of
from bot.turns import Turns
from corpus.articles import article_id
from corpus.errors import ReadError
from corpus.store.article_store import ArticleStore
from corpus.urls import canonical_url
from retrieval.answers import Citation

NO_TOPIC = (
    "Nothing that people wrote in this thread names a topic; name one, for example “summary of "
    "Libya this week”."
)
EMPTY = (
    "There is nothing in this thread yet to take a topic from; name one, for example “summary of "
    "Libya this week”."
)
MOST_LINKS = 20


class ThreadDesk:
    """Answers what is asked about a thread. Any number of threads may call it."""

    def __init__(
        self,
        corpus: ArticleStore,
        turns: Turns,
        talks: Talks,
        threads: ThreadReader,
        reports: Reports,
    ) -> None:
        self._corpus = corpus
        self._turns = turns
        self._talks = talks
        self._threads = threads
        self._reports = reports

    def sources(self, asked: Asked) -> list[Message] | None:
        """What the answers of the thread rest on; None where none of them cites anything."""
        talk = self._talks.of(asked.conversation)
        recorded = (self._turns.recorded(one) for one in talk.turns) if talk else ()
        # What was near and no answer supports nothing; it is kept without a quotation.
        cited = [one for turn in recorded if turn for one in turn.citations if one.quote]
        return thread_sources_messages(by_article(cited)) if cited else None

    def summary(self, asked: Asked, now: datetime, zone: ZoneInfo) -> tuple[str, Report] | str:
        """The topic in words and the report on it, or a sentence that says what is missing."""
        lines = self._lines(asked)
        titles = self._linked_titles(lines)
        topic = topic_of(lines, titles)
        if topic is None:
            return NO_TOPIC if lines else EMPTY
        taken, report = self._narrowest(topic, now, zone)
        return taken, replace(report, messages=_led(report.messages, taken, topic))

    def _narrowest(self, topic: Topic, now: datetime, zone: ZoneInfo) -> tuple[str, Report]:
        """The narrowest form of the topic that the sources have something on, if any."""
        none = None
        for words in topic.candidates:
            report = self._report(words, now, zone)
            if report.found:
                return words, report
            none = none or (words, report)
        assert none is not None, "a topic has words"
        return none

    def _report(self, topic: str, now: datetime, zone: ZoneInfo) -> Report:
        return self._reports.report(AskSummary(topic), now, zone)

    def _lines(self, asked: Asked) -> list[ThreadLine]:
        """What people wrote; of a direct message, what they asked."""
        if lines := self._threads.lines(asked):
            return lines
        earlier = self._turns.earlier(asked.conversation)
        return [ThreadLine(asked.user, asked.ts, turn.question, True) for turn in earlier]

    def _linked_titles(self, lines: Iterable[ThreadLine]) -> list[str]:
        links = dict.fromkeys(link for line in lines for link in line.links)
        found = []
        for link in list(links)[:MOST_LINKS]:
            try:
                article = self._corpus.article(article_id(canonical_url(link)))
            except ReadError:
                continue
            if article is not None:
                found.append(article.title)
        return found


def by_article(citations: Iterable[Citation]) -> list[list[Citation]]:
    """Citations in groups of one article's version, as first cited; each paragraph once."""
    groups: dict[tuple[str, int], dict[int, Citation]] = {}
    for one in citations:
        group = groups.setdefault((one.article.id, one.article.version), {})
        group.setdefault(one.paragraph.number, one)
    return [sorted(held.values(), key=lambda one: one.paragraph.number) for held in groups.values()]


def _led(
    messages: Callable[[str, ImageSlot | None], list[Message]], taken: str, topic: Topic
) -> Callable[[str, ImageSlot | None], list[Message]]:
    """The messages of a report under a line that says what was taken for the topic."""

    def led(turn_id: str, picture: ImageSlot | None) -> list[Message]:
        first, *rest = messages(turn_id, picture)
        return [Message(first.text, (topic_lead(taken, topic), *first.blocks)), *rest]

    return led
