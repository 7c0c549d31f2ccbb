"""Threads: what is asked about one, what its topic is, and what in one is for us.

    Overheard ─ did we answer here? ─ is it worded for us? ─ does the author take part? ─▶ Asked
                                                                                    else Ignored
    lines of the thread, titles of linked articles ─▶ Topic ─▶ the narrowest summary with a finding
    recorded turns of the talk ─▶ what each article is cited for, once an article

The cheap looks come first: of most messages in a channel nothing is read but their thread's turns.
In a topic a place counts in every form ("Tripoli", "Libyan"); a name counts once a line, so that
one insistent person does not decide; a word only where two lines have it.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from bot.chat.follow_up import FollowUp, follow_up
from bot.commands.grammar import is_chat
from bot.commands.intents import AskSummary
from bot.commands.reports import Report, Reports
from bot.db.schema import turns
from bot.db.turns import Turns
from bot.failures import SlackError
from bot.render.blocks import (
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
from bot.render.catalogues import N_, comma, framed, gettext, ngettext
from bot.render.wording import (
    LONGEST_NAME,
    articles_words,
    carried_words,
    excerpt,
    isolated,
    kind_name,
    origins_counted,
    publisher,
    short_date,
    since_then,
)
from bot.slack.events import Asked, Identity, Ignored, Overheard, Place, plain_question
from bot.slack.people import People
from corpus.articles import article_id, origins_of
from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url
from corpus.store.articles import ArticleStore
from corpus.store.database import reading
from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.names import RUN, read_run
from corpus.text.places import place_code, place_name, places_of
from corpus.text.words import content_words
from retrieval.outcomes import Citation

_POSTED_UNASKED = frozenset(("digest", "alert"))


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that we took part in: ids of its turns, oldest first.

    `askers` are whoever asked in it; `opened` tells that a posting of ours began it.
    """

    turns: tuple[str, ...]
    askers: frozenset[str]
    opened: bool


class Talks:
    """Talks by conversation, from the recorded turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, conversation: str) -> Talk | None:
        """The talk; None where we have said nothing."""
        columns = turns.c
        with reading(self._engine) as connection:
            query = select(columns.id, columns.kind, columns.asked_by, columns.posted_as)
            query = query.where(columns.conversation == conversation)
            rows = connection.execute(query.order_by(columns.asked_at, columns.id)).all()
        if not rows:
            return None
        # A digest that was asked for is posted in the thread; one that was not begins its own.
        opened = any(row.kind in _POSTED_UNASKED and row.posted_as == conversation for row in rows)
        return Talk(tuple(row.id for row in rows), frozenset(row.asked_by for row in rows), opened)


log = logging.getLogger("chancery.conversation")

MOST_LINES = 50
"""Of the end of a thread; its root is read besides."""
LONGEST_LINE = 2_000
_ANY_MENTION = re.compile(r"<[@!#][^>]*>")
_ADDRESS = re.compile(r"<(?P<target>https?://[^>|\s]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """What a person wrote in a thread: without mentions; `links` are addresses in it."""

    user: str
    ts: str
    text: str
    to_us: bool
    links: tuple[str, ...] = ()


class Threads(Protocol):
    """What reads threads: the gateway to Slack."""

    def thread(self, channel: str, thread_ts: str) -> list[dict[str, Any]]: ...


class ThreadReader:
    """Reads threads of channels; those of direct messages hold nothing that we did not answer."""

    def __init__(self, slack: Threads, me: Identity) -> None:
        self._slack = slack
        self._me = me

    def lines(self, asked: Asked) -> list[ThreadLine]:
        """What people wrote in the thread before the message, oldest first.

        The root and the last of it; nothing where the message begins the thread, or where the
        thread cannot be read.
        """
        thread = asked.reply_to
        begins = thread is None or (thread == asked.ts and asked.clicked is None)
        if begins or asked.place is Place.DIRECT or asked.response_url is not None:
            return []
        assert thread is not None
        try:
            messages = self._slack.thread(asked.channel, thread)
        except SlackError as error:
            log.info("a thread could not be read: %s", error)
            return []
        before = [one for one in messages if _before(one, asked)]
        found = [line for one in before if (line := line_of(one, self._me))]
        return found if len(found) <= MOST_LINES else [found[0], *found[-MOST_LINES + 1 :]]

    def said_before(self, asked: Asked) -> list[str]:
        """What people told each other in the thread before the message, oldest first.

        Without mere courtesies, and without what they asked us: that is kept as turns.
        """
        return [
            line.text for line in self.lines(asked) if not line.to_us and not is_chat(line.text)
        ]


def line_of(message: dict[str, Any], me: Identity) -> ThreadLine | None:
    """What a message says; None where no person wrote it."""
    user, written = message.get("user"), str(message.get("text") or "")
    if not user or user == me.user or message.get("bot_id"):
        return None
    links = tuple(dict.fromkeys(match["target"] for match in _ADDRESS.finditer(written)))
    plain = plain_question(_ANY_MENTION.sub(" ", written), me)[:LONGEST_LINE]
    to_us = f"<@{me.user}" in written
    return ThreadLine(str(user), str(message["ts"]), plain, to_us, links)


def _before(message: dict[str, Any], asked: Asked) -> bool:
    return asked.clicked is not None or float(message["ts"]) < float(asked.ts)


MOST_NAMES = 2
MOST_WORDS = 2
_TITLE_WEIGHT = 2
"""A linked article's title says what the thread is about more surely than a line of talk."""
_OPENING = re.compile(r"(?:\A|[.!?:;…]\s+|[“\"(]\s*)\Z")
_LOOK_BEHIND = 24
_POSSESSIVE = re.compile(r"[’']s?\Z")
_NO_TOPIC = DAYS_AND_MONTHS | tables.words("bot.chat", "topics", "no topic")
_PLAIN_WORDS = tables.words("bot.chat", "topics", "plain words")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a thread is about; `candidates` go from the narrow to the wide, each a topic in words.

    `lines` and `people` are how many spoke of it, `articles` how many linked ones are known here.
    """

    candidates: tuple[str, ...]
    lines: int
    people: int
    articles: int


def topic_of(lines: Sequence[ThreadLine], titles: Sequence[str] = ()) -> Topic | None:
    """The topic of what people wrote; None where they name nothing."""
    said = [line for line in lines if not is_chat(line.text)]
    places: Counter[str] = Counter()
    names: Counter[str] = Counter()
    opening: Counter[str] = Counter()
    words: Counter[str] = Counter()
    texts = [(line.text, 1) for line in said] + [(title, _TITLE_WEIGHT) for title in titles]
    for text, weight in texts:
        for code in places_of(text):
            places[code] += weight
        for name, opens in set(_names(text)):
            (opening if opens else names)[name] += weight
        for word in {word for word in content_words(text) if _may_tell(word)}:
            words[word] += weight
    # "Guterres called" and "Nobody called" begin alike: a first word is a name where others use it.
    names.update({name: count for name, count in opening.items() if name in names or count > 1})
    _join_short_names(names)
    telling = [word for word, count in words.most_common() if count > 1]
    candidates = tuple(_candidates(places, names, telling))
    if not candidates:
        return None
    return Topic(candidates, len(said), len({line.user for line in said}), len(titles))


def naming(texts: Sequence[str]) -> list[str]:
    """Those texts that name something; all where none does, since a bare word is a topic too."""
    found = [
        text for text in texts if places_of(text) or any(not opens for _, opens in _names(text))
    ]
    return found or list(texts)


def _candidates(places: Counter[str], names: Counter[str], telling: Sequence[str]) -> Iterator[str]:
    place = [place_name(code) for code, _ in places.most_common(1)]
    top = [name for name, _ in names.most_common(MOST_NAMES)]
    spoken = " ".join([*place, *top]).casefold()
    extra = [word for word in telling if word.casefold() not in spoken][:MOST_WORDS]
    found = (
        ", ".join([*place, *top, *(extra if len(top) < MOST_NAMES else [])]),
        ", ".join([*place, *top[:1]]),
        ", ".join(top[:1]),
        ", ".join(place),
    )
    yield from dict.fromkeys(topic for topic in found if topic)


def _names(text: str) -> Iterator[tuple[str, bool]]:
    """The names in a text that are no places, and whether each could be a mere first word."""
    for run in RUN.finditer(text):
        read = read_run(_POSSESSIVE.sub("", run[0]))
        if read is None or place_code(read.name) or read.name.casefold() in _NO_TOPIC:
            continue
        opens = bool(_OPENING.search(text[max(0, run.start() - _LOOK_BEHIND) : run.start()]))
        yield read.name, opens and " " not in read.name and not read.name.isupper()


def _join_short_names(names: Counter[str]) -> None:
    """ "Guterres" is counted with "António Guterres"."""
    for short in sorted(names, key=len):
        longer = [name for name in names if name != short and name.split()[-1] == short]
        if len(longer) == 1:
            names[longer[0]] += names.pop(short)


def _may_tell(word: str) -> bool:
    return len(word) > 3 and word.casefold() not in _PLAIN_WORDS


MOST_SOURCES = 40


def thread_sources_messages(cited: Sequence[Sequence[Citation]]) -> list[Message]:
    """What a thread's answers rest on: a line an article, its paragraphs linked.

    `cited` are the citations article by article.
    """
    articles = [group[0].article for group in cited]
    said = gettext("The answers in this thread rest on {articles} of {origins}:")
    origins = origins_counted(len(origins_of(articles)))
    heading = said.format(articles=articles_words(len(articles)), origins=origins)
    blocks: list[Block] = [paragraph([words(framed(heading))])]
    blocks += paragraphs([_line(group) for group in cited[:MOST_SOURCES]], bullets=True)
    left = len(cited) - MOST_SOURCES
    if left > 0:
        more = ngettext("… and {count} more article", "… and {count} more articles", left)
        blocks.append(context(framed(more)))
    return [Message(escape(heading), tuple(held)) for held in in_messages(blocks)]


def _line(group: Sequence[Citation]) -> list[Element]:
    """ "UN News · official · 4 Apr 2019 · ¶2, ¶13 of 14 — “Title”", each paragraph a link."""
    article = group[0].article
    about = (publisher(article), kind_name(article.kind), short_date(article.published_at))
    elements = [words(framed(f"{' · '.join(about)} · "))]
    for position, one in enumerate(group):
        elements += [
            words(f"{comma()} " if position else ""),
            link(one.link, f"¶{one.paragraph.number}"),
        ]
    of_all = gettext("{paragraphs} of {count}", paragraphs="", count=len(article.paragraphs))
    rest = f" {of_all.strip()}"
    if since := since_then(article):
        rest += f" · {since}"
    rest += carried_words([copy for one in group for copy in one.carried_by])
    if title := excerpt(article.title, LONGEST_NAME):
        rest += f" — {isolated(f'“{title}”')}"
    return [*elements, words(rest)]


def topic_lead(taken: str, topic: Topic) -> Block:
    """What was taken for the topic of a thread, and from how much."""
    seen = ngettext("{count} message", "{count} messages", topic.lines)
    if topic.people:
        people = ngettext("{count} person", "{count} people", topic.people)
        seen = gettext("{messages} by {people}", messages=seen, people=people)
    if topic.articles:
        linked = ngettext("{count} linked article", "{count} linked articles", topic.articles)
        seen = gettext("{several} and {last}", several=seen, last=linked)
    origin = gettext("from {what}", what=seen)
    head = words(framed(f"{gettext('Taken for the topic of this thread:')} "), italic=True)
    shown, where = words(isolated(taken), bold=True), words(f" ({origin}).", italic=True)
    return paragraph([head, shown, where])


class Overhearing:
    """Tells what is for us of what people write in threads. Any number of threads may call it.

    `held` gives what was asked and is not answered yet: who goes on before the answer stands there
    takes part all the same.
    """

    def __init__(
        self,
        talks: Talks,
        threads: ThreadReader,
        people: People,
        held: Callable[[], Iterable[Asked]],
    ) -> None:
        self._talks = talks
        self._threads = threads
        self._people = people
        self._held = held

    def asked(self, overheard: Overheard) -> Asked | Ignored:
        """What is asked of us; Ignored with the reason where nothing is."""
        asked = overheard.asked
        talk = self._talks.of(asked.conversation)
        waiting = {one.user for one in self._held() if one.conversation == asked.conversation}
        if talk is None and not waiting:
            return Ignored("a thread in which we did not answer")
        opened = talk is not None and talk.opened
        askers = waiting | (talk.askers if talk else frozenset())
        decided = follow_up(asked.text, calls_others=overheard.calls_others)
        if decided.for_us and (opened or asked.user not in askers):
            decided = self._looked_closer(asked, opened)
        return asked if decided.for_us else Ignored(f"a reply in a thread: {decided.reason}")

    def _looked_closer(self, asked: Asked, opened: bool) -> FollowUp:
        """Of somebody who has not asked here: whether they wrote here before, and to whom."""
        wrote = {line.user for line in self._threads.lines(asked)}
        if not opened and asked.user not in wrote:
            return FollowUp(False, "its author takes no part")
        return follow_up(asked.text, self._first_names(wrote - {asked.user}))

    def _first_names(self, users: set[str]) -> set[str]:
        names = (self._people.person(user).name for user in sorted(users))
        return {name.split()[0].strip("@.,").title() for name in names if name.split()}


NO_TOPIC = N_(
    "Nothing that people wrote in this thread names a topic; name one, for example “summary of "
    "Libya this week”."
)
EMPTY = N_(
    "There is nothing in this thread yet to take a topic from; name one, for example “summary of "
    "Libya this week”."
)
MOST_LINKS = 20


class ThreadService:
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
            return gettext(NO_TOPIC if lines else EMPTY)
        taken, report = self._narrowest(topic, now, zone)
        return taken, replace(report, lead=(topic_lead(taken, topic),))

    def _narrowest(self, topic: Topic, now: datetime, zone: ZoneInfo) -> tuple[str, Report]:
        """The narrowest form of the topic that the sources have something on, if any."""
        none = None
        for topic_words in topic.candidates:
            report = self._report(topic_words, now, zone)
            if report.found:
                return topic_words, report
            none = none or (topic_words, report)
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
        addresses = dict.fromkeys(address for line in lines for address in line.links)
        found = []
        for address in list(addresses)[:MOST_LINKS]:
            try:
                article = self._corpus.article(article_id(canonical_url(address)))
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
