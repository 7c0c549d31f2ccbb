"""What was asked, read once and carried out: one table from what is wanted to what does it.

    Asked, from the queue ─▶ read_request ─▶ Request ─▶ routes[its type] ─┬─ question ─▶ answer
                                                                         ├─ thread, forgetting
                                                                         └─ `RequestService`
                                     answer, Report or Reply ─▶ Destination

`/chancery …`, mentions, direct messages and buttons that stand for a sentence all come here; the
terminal reads the same requests and has the same service carry them out (`bot.chat.terminal`). Of
whoever asks, the profile is looked up only where a time of their day or their name matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bot.chat.agent import AgentView
from bot.chat.answering import Answering, Reporting
from bot.chat.forgetting import ForgettingService
from bot.chat.queue import STATUS
from bot.chat.thread import Talks, ThreadReader, ThreadService
from bot.clock import Clock
from bot.commands.digests import DigestService
from bot.commands.grammar import read_request
from bot.commands.intents import (
    AskQuestion,
    DigestAt,
    DigestChange,
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
from bot.commands.reports import Report, Reports
from bot.commands.service import RequestService, SetUps
from bot.commands.watches import WatchService
from bot.db.audit import Audit
from bot.db.outbox import Outbox
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Turns
from bot.db.watches import Watches
from bot.failures import own_up
from bot.library import Library
from bot.render.answers import plain_message
from bot.render.notes import muted_of
from bot.render.wording import counted, excerpt
from bot.slack.client import SlackGateway
from bot.slack.destinations import Destination, destination_of
from bot.slack.events import Asked, Place
from bot.slack.people import People
from corpus.feeds.registry import SourceRegister
from retrieval.stories.registry import StoryRegister

LONGEST_ECHO = 300
NO_QUESTION = (
    "Ask me about what has been read, for example: What did Guterres say about Libya? "
    "Every sentence of an answer is linked to its paragraph."
)
_SETTING_UP = (DigestAt, DigestChange, DigestOff, Follow, Unfollow, Pause, Resume)
"""What changes what is worth suggesting to somebody."""


class Call:
    """One message on its way: what was asked, where the reply goes, and who asks."""

    def __init__(self, asked: Asked, destination: Destination, readers: Readers) -> None:
        self.asked = asked
        self.destination = destination
        self._readers = readers

    @cached_property
    def reader(self) -> Reader:
        return self._readers.reader(self.asked)

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.reader.zone)


class Router:
    """Deals with what people write to us in Slack. Any number of threads may call it."""

    def __init__(
        self,
        library: Library,
        slack: SlackGateway,
        people: People,
        turns: Turns,
        clock: Clock,
        threads: ThreadReader,
        forgetting: ForgettingService,
        agent: AgentView | None = None,
    ) -> None:
        engine = library.corpus.engine
        self._library = library
        self._slack = slack
        self._turns = turns
        self._clock = clock
        self._agent = agent
        self._forgetting = forgetting
        self._outbox = Outbox(engine)
        self._readers = Readers(people)
        reports, trail = Reports(library), Audit(engine)
        self._set_ups = SetUps(
            DigestService(Subscriptions(engine, clock), trail, clock),
            WatchService(Watches(engine), trail, clock),
        )
        self._service = RequestService(
            SourceRegister(library.corpus), clock, reports.report, self._set_ups
        )
        self._reporting = Reporting(slack, turns, clock)
        self._answering = Answering(library, turns, reports, self._reporting, threads, clock)
        self._threads = ThreadService(library.corpus, turns, Talks(engine), threads, reports)
        self._routes: dict[type[Request], Callable[[Any, Call], None]] = {
            **dict.fromkeys(self._service.routes, self._carry_out),
            AskQuestion: self._answer,
            SummariseThread: self._summarise_thread,
            Sources: self._name_sources,
            SourcesHere: self._name_sources,
            Forget: self._forget,
        }

    def handle(self, asked: Asked) -> None:
        """Answer a message, or a click that stands for one; errors are the caller's."""
        call = Call(asked, destination_of(asked, self._slack), self._readers)
        if not asked.text:
            call.destination.say_privately(NO_QUESTION)
            return
        call.destination.status(STATUS)
        try:
            opens = asked.place is Place.DIRECT and not self._turns.earlier(asked.conversation)
            request: Request = AskQuestion(asked.text)
            if not asked.question:
                request = read_request(asked.text, self._clock(), call.zone)
            self._routes[type(request)](request, call)
            if opens and self._agent is not None and asked.clicked is None:
                self._agent.name(asked.channel, asked.reply_to or asked.ts, asked.text)
        finally:
            call.destination.status("")

    def mute_story(self, value: str, asked: Asked) -> None:
        """Tell the reader of an alert no more of its story; `value` is the button's."""
        try:
            self._slack.tell(asked.channel, asked.user, asked.reply_to, self._muted(value, asked))
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, destination_of(asked, self._slack).say_privately)

    def _muted(self, value: str, asked: Asked) -> str:
        muted = muted_of(value)
        reader = self._readers.reader(asked)
        # The button of an alert mutes for whom the alert was, and for nobody else.
        if muted is None or muted[0] != reader.id:
            return "This alert can be muted only where it was posted."
        return self._set_ups.mute(muted[1], reader).text

    # Routes

    def _answer(self, request: AskQuestion, call: Call) -> None:
        self._answering.answer(call.asked, call.destination)

    def _carry_out(self, request: Request, call: Call) -> None:
        story = self._story_of_thread(call) if isinstance(request, Mute) else None
        said = self._service.carry_out(request, call.reader, story)
        if isinstance(said, Report):
            self._give(said, call.asked, call.destination)
            return
        call.destination.say(reply_messages(also_for_channel(said, request, call.asked)))
        if isinstance(request, _SETTING_UP) and self._agent and not call.reader.shared:
            self._agent.suggest(call.reader.person)

    def _summarise_thread(self, request: SummariseThread, call: Call) -> None:
        made = self._threads.summary(call.asked, self._clock(), call.zone())
        if isinstance(made, str):
            call.destination.say([plain_message(made)])
            return
        topic, report = made
        # The turn is kept under what was taken for the topic: a follow-up goes on from there.
        self._give(report, replace(call.asked, text=f"Summary of {topic}"), call.destination)

    def _name_sources(self, request: Sources | SourcesHere, call: Call) -> None:
        """What the answers around the request rest on; without any, the sources that are read."""
        failed = isinstance(request, Sources) and request.failed
        alone = call.asked.response_url is not None
        if not (failed or alone) and (here := self._threads.sources(call.asked)):
            call.destination.say(here)
            return
        self._carry_out(request, call)

    def _forget(self, request: Forget, call: Call) -> None:
        self._forgetting.answer(request, call.asked, call.destination)

    # Pieces

    def _give(self, report: Report, asked: Asked, destination: Destination) -> None:
        """Give a report; that nothing was found while articles wait to be grouped into stories is
        no finding."""
        self._reporting.give(report, asked, destination)
        if report.found or not report.of_stories:
            return
        corpus = self._library.corpus
        waiting, _ = corpus.pending(StoryRegister(corpus).stand().position)
        if waiting:
            articles = counted(waiting, "article")
            text = f"Read last and not yet grouped into stories: {articles}. Ask again in a minute."
            destination.say([plain_message(text)])

    def _story_of_thread(self, call: Call) -> str | None:
        """The story of the alert in whose thread something is written."""
        place = (call.asked.channel, call.asked.reply_to)
        for told in self._outbox.of_reader(call.reader.id, "alert"):
            if told.place == place and "story" in told.posting.payload:
                return str(told.posting.payload["story"])
        return None


def also_for_channel(reply: Reply, request: Request, asked: Asked) -> Reply:
    """A reply that says how to do it for the channel, where a person did it alone in one."""
    if asked.response_url is None or asked.channel.startswith("D"):
        return reply
    if not isinstance(request, Follow | DigestAt):
        return reply
    words = excerpt(asked.text, LONGEST_ECHO)
    line = f"This is yours alone. For everybody here, write “@Chancery {words}” in the channel."
    return replace(reply, lines=(*reply.lines, line))
