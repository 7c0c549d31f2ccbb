"""What people write to us in Slack: claimed once, dealt with, or owned up to.

Asked ─ `bot.chat.queue`: claim, queue ─▶ what is asked? ─┬─ question ─▶ `bot.chat.answering`
                              │                       ├─ report ───▶ `bot.chat.answering`
                              │                       └─ the rest ─▶ desk ─▶ post
                              └── anything fails ─▶ the asker is told, with a reference id
"""

from __future__ import annotations

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.chat.agent import AgentView
from bot.chat.answering import Answering, Reporting
from bot.chat.forgetting import ForgettingDesk
from bot.chat.queue import STATUS, Intake
from bot.chat.thread import Talks, ThreadDesk, ThreadReader
from bot.clock import Clock
from bot.commands.grammar import read_request
from bot.commands.intents import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    DigestAt,
    DigestChange,
    DigestNow,
    DigestOff,
    Follow,
    Forget,
    Mute,
    Pause,
    Request,
    Resume,
    Sources,
    SourcesHere,
    SummariseThread,
    Unfollow,
)
from bot.commands.replies import Reader, Readers, Reply, reply_messages
from bot.commands.reports import Reports
from bot.commands.service import Desk
from bot.db.audit import Audit
from bot.db.events import Claims
from bot.db.outbox import Outbox
from bot.db.retention import Forgetting
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Turns
from bot.db.watches import Watches
from bot.failures import own_up
from bot.library import Library
from bot.render.answers import plain_message
from bot.render.blocks import Message
from bot.render.notes import muted_of
from bot.render.wording import counted, excerpt
from bot.slack.client import SlackGateway
from bot.slack.destinations import Destination, destination_of
from bot.slack.events import Asked, Place
from bot.slack.people import People
from corpus.feeds.registry import SourceRegister
from retrieval.stories.registry import StoryRegister

LONGEST_ECHO = 300


def also_for_channel(reply: Reply, request: Request, asked: Asked) -> Reply:
    """A reply that says how to do it for the channel, where a person did it alone in one."""
    if asked.response_url is None or asked.channel.startswith("D"):
        return reply
    if not isinstance(request, Follow | DigestAt):
        return reply
    words = excerpt(asked.text, LONGEST_ECHO)
    line = f"This is yours alone. For everybody here, write “@Chancery {words}” in the channel."
    return replace(reply, lines=(*reply.lines, line))


log = logging.getLogger("chancery.conversation")

_SETTING_UP = (DigestAt, DigestChange, DigestOff, Follow, Unfollow, Pause, Resume)
"""What changes what is worth suggesting to somebody."""
NO_QUESTION = (
    "Ask me about what has been read, for example: What did Guterres say about Libya? "
    "Every sentence of an answer is linked to its paragraph."
)


class Conversation:
    """Answers what is written to us in Slack. Any number of threads may call it."""

    def __init__(
        self,
        library: Library,
        slack: SlackGateway,
        people: People,
        claims: Claims,
        turns: Turns,
        clock: Clock,
        threads: ThreadReader,
        intake: Intake | None = None,
        agent: AgentView | None = None,
        forgetting: ForgettingDesk | None = None,
    ) -> None:
        """Without an intake the caller's own thread answers."""
        self._library = library
        self._slack = slack
        self._claims = claims
        self._turns = turns
        self._clock = clock
        self._intake = intake
        engine = library.corpus.engine
        self._subscriptions = Subscriptions(engine, clock)
        self._outbox = Outbox(engine)
        register = SourceRegister(library.corpus)
        self._desk = Desk(self._subscriptions, Watches(engine), register, Audit(engine), clock)
        self._reports = Reports(library)
        self._reporting = Reporting(slack, turns, clock)
        self._answering = Answering(library, turns, self._reports, self._reporting, threads, clock)
        self._thread_desk = ThreadDesk(library.corpus, turns, Talks(engine), threads, self._reports)
        self._readers = Readers(people)
        self._agent = agent
        self._forgetting = forgetting or ForgettingDesk(
            Forgetting(engine), Audit(engine), slack, clock
        )

    def answer(self, asked: Asked) -> None:
        """Answer a message, or a click that stands for one, once; again it does nothing."""
        if self._intake is not None:
            self._intake.take(asked)
            return
        destination = destination_of(asked, self._slack)
        try:
            if not self._claims.claim(asked.key, self._clock()):
                log.info("delivered again, already dealt with")
                return
            self._answer(asked, destination)
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            own_up(error, destination.say_privately)
        self._claims.finish(asked.key, self._clock())

    def deal_with(self, asked: Asked) -> None:
        """Answer what has been claimed; errors are the caller's."""
        self._answer(asked, destination_of(asked, self._slack))

    def mute_story(self, value: str, asked: Asked) -> None:
        """Tell the reader of an alert no more of its story; `value` is the button's."""
        destination = destination_of(asked, self._slack)
        try:
            self._slack.tell(asked.channel, asked.user, asked.reply_to, self._muted(value, asked))
        except Exception as error:  # Nor must whoever clicked be left in silence.
            own_up(error, destination.say_privately)

    def _muted(self, value: str, asked: Asked) -> str:
        muted = muted_of(value)
        reader = self._readers.reader(asked)
        # The button of an alert mutes for whom the alert was, and for nobody else.
        if muted is None or muted[0] != reader.id:
            return "This alert can be muted only where it was posted."
        return self._desk.mute(muted[1], reader).text

    def _answer(self, asked: Asked, destination: Destination) -> None:
        if not asked.text:
            destination.say_privately(NO_QUESTION)
            return
        destination.status(STATUS)
        try:
            self._deal_with(asked, destination)
        finally:
            destination.status("")

    def _deal_with(self, asked: Asked, destination: Destination) -> None:
        named = asked.place is Place.DIRECT and not self._turns.earlier(asked.conversation)
        self._give(asked, destination)
        if named and self._agent is not None and asked.clicked is None:
            self._agent.name(asked.channel, asked.reply_to or asked.ts, asked.text)

    def _give(self, asked: Asked, destination: Destination) -> None:
        """Whose zone it is matters only to what is no question."""
        if asked.question or isinstance(read_request(asked.text, self._clock()), AskQuestion):
            self._answering.answer(asked, destination)
            return
        reader = self._readers.reader(asked)
        request = read_request(asked.text, self._clock(), ZoneInfo(reader.zone))
        if isinstance(request, AskSummary | AskQuotes | AskTimeline | DigestNow):
            self._give_report(request, asked, reader, destination)
        elif isinstance(request, SummariseThread):
            self._summarise_thread(asked, reader, destination)
        elif isinstance(request, Sources | SourcesHere) and (
            here := self._cited_here(request, asked)
        ):
            destination.say(here)
        elif isinstance(request, Forget):
            self._forgetting.answer(request, asked, destination)
        else:
            self._carry_out(request, asked, reader, destination)

    def _cited_here(self, request: Sources | SourcesHere, asked: Asked) -> list[Message] | None:
        """What the answers around the request rest on; None where there are none."""
        alone = asked.response_url is not None
        if alone or (isinstance(request, Sources) and request.failed):
            return None
        return self._thread_desk.sources(asked)

    def _summarise_thread(self, asked: Asked, reader: Reader, destination: Destination) -> None:
        made = self._thread_desk.summary(asked, self._clock(), ZoneInfo(reader.zone))
        if isinstance(made, str):
            destination.say([plain_message(made)])
            return
        topic, report = made
        # The turn is kept under what was taken for the topic: a follow-up goes on from there.
        self._reporting.give(report, replace(asked, text=f"Summary of {topic}"), destination)
        if not report.found:
            self._say_what_waits(destination)

    def _carry_out(
        self, request: Request, asked: Asked, reader: Reader, destination: Destination
    ) -> None:
        story = self._story_of_thread(asked, reader) if isinstance(request, Mute) else None
        reply = also_for_channel(self._desk.carry_out(request, reader, story), request, asked)
        destination.say(reply_messages(reply))
        if isinstance(request, _SETTING_UP) and self._agent is not None and not reader.shared:
            self._agent.suggest(reader.person)

    def _give_report(
        self,
        request: AskSummary | AskQuotes | AskTimeline | DigestNow,
        asked: Asked,
        reader: Reader,
        destination: Destination,
    ) -> None:
        now = self._clock()
        own = self._subscriptions.of_reader(reader.id)
        interests = own[0].interests if own else None
        report = self._reports.report(request, now, ZoneInfo(reader.zone), interests)
        self._reporting.give(report, asked, destination)
        if isinstance(request, AskSummary | DigestNow) and not report.found:
            self._say_what_waits(destination)

    def _say_what_waits(self, destination: Destination) -> None:
        """Nothing found while articles wait to be grouped into stories is no finding."""
        corpus = self._library.corpus
        waiting, _ = corpus.pending(StoryRegister(corpus).stand().position)
        if waiting:
            articles = counted(waiting, "article")
            text = f"Read last and not yet grouped into stories: {articles}. Ask again in a minute."
            destination.say([plain_message(text)])

    def _story_of_thread(self, asked: Asked, reader: Reader) -> str | None:
        """The story of the alert in whose thread something is written."""
        place = (asked.channel, asked.reply_to)
        for told in self._outbox.of_reader(reader.id, "alert"):
            if told.place == place and "story" in told.posting.payload:
                return str(told.posting.payload["story"])
        return None
