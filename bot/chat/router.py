"""What was asked, read once and carried out: one table from what is wanted to what does it.

    Asked, from the queue ─▶ read_request ─▶ Request ─▶ routes[its type] ─┬─ question ─▶ answer
                                                                         ├─ thread, forgetting
                                                                         └─ `RequestService`
                                     answer, Report or Reply ─▶ Destination

`/chancery …`, mentions, direct messages and buttons that stand for a sentence all come here; the
terminal reads the same requests and has the same service carry them out (`bot.chat.terminal`). Of
whoever asks, the profile is looked up only where a time of their day or their name matters.

Answering a question, and giving a report: recorded as a turn, posted, and where it stands noted.

    Asked ─ earlier turns, what the thread says ─▶ Question ─ chain ─┬─ at once ───▶ posted whole
                                                                     └─ over time ─▶ it grows
    Report ─▶ recorded ─▶ posted with its picture, else beside it, else without

A model takes seconds to write. What it writes appears sentence by sentence, each after its checks
(`bot.slack.destinations`); a thread of its own reads the events, and whoever shows them takes all
that have come while it was busy (`gathered`). The turn is recorded before its buttons stand there.
Where the model gives up, what was shown gives way to the answer that was made instead.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from bot.chat.agent import AgentView, ForgettingService, conversation_title
from bot.chat.follow_up import LONG, question_of, wants_only_attached, without_addresses
from bot.chat.queue import STATUS
from bot.chat.thread import Talks, ThreadReader, ThreadService, naming
from bot.clock import Clock
from bot.commands.digests import DigestService
from bot.commands.grammar import read_request
from bot.commands.intents import (
    AskQuestion,
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
    undressed,
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
from bot.failures import SlackError, SlackRefused, WorkStopped, own_up
from bot.library import Library
from bot.render.answers import StatementWriter, answer_messages, compares, plain_message
from bot.render.blocks import ImageSlot, Message
from bot.render.catalogues import N_, gettext, ngettext, speaking
from bot.render.notes import muted_of
from bot.render.page import content_of_page
from bot.render.people import attached_message
from bot.render.wording import articles_words, excerpt
from bot.slack.client import SlackGateway
from bot.slack.destinations import (
    THINKING_AFTER_SECONDS,
    Destination,
    Growing,
    Thinking,
    destination_of,
)
from bot.slack.events import Asked, Place
from bot.slack.people import People
from corpus.feeds.registry import SourceRegister
from retrieval.answers.chain import Events, Restarted
from retrieval.answers.extractive import writes_over_time
from retrieval.outcomes import Answer, Citation, NoAnswer, Outcome, Statement
from retrieval.questions.understand import Question, asks_back, understand_in_talk
from retrieval.stories.registry import StoryRegister

Item = TypeVar("Item")
LOOKED_EVERY_SECONDS = 0.2
"""Whether whoever asked wants no more, while a model writes."""


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


@dataclass(slots=True)
class _Reading(Generic[Item]):
    """Reads in a thread of its own until the end, an error, or nobody wants any more."""

    items: Iterator[Item]
    read: queue.Queue[Item | _End]
    unwanted: threading.Event

    def run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self.items:
                self.read.put(item)
                if self.unwanted.is_set():
                    break
        except BaseException as raised:
            error = raised
        finally:
            # Whoever writes must not write on for nobody.
            close = getattr(self.items, "close", None)
            if close is not None:
                close()
        self.read.put(_End(error))


def gathered(
    items: Iterator[Item], seconds: float, stopped: Callable[[], bool] = lambda: False
) -> Iterator[list[Item]]:
    """Items in the runs in which they come, in order; what the iterator raises, after them.

    A run ends `seconds` after its first item, or with the last item of all. No more come once it
    is `stopped`, whatever the iterator waits for.
    """
    read: queue.Queue[Item | _End] = queue.Queue()
    unwanted = threading.Event()
    reading = _Reading(items, read, unwanted)
    threading.Thread(target=reading.run, name="gathering", daemon=True).start()
    try:
        while True:
            run, end = _run(read, seconds, stopped)
            if run:
                yield run
            elif end is None:
                return
            if end is not None:
                if end.error is not None:
                    raise end.error
                return
    finally:
        unwanted.set()


def _run(
    read: queue.Queue[Item | _End], seconds: float, stopped: Callable[[], bool]
) -> tuple[list[Item], _End | None]:
    first: Item | _End | None = None
    while first is None and not stopped():
        with suppress(queue.Empty):
            first = read.get(timeout=LOOKED_EVERY_SECONDS)
    if first is None:
        return [], None
    if isinstance(first, _End):
        return [], first
    run = [first]
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            item = read.get(timeout=left)
        except queue.Empty:
            break
        if isinstance(item, _End):
            return run, item
        run.append(item)
    return run, None


log = logging.getLogger("chancery.conversation")

PICTURE = "chart.png"


class Reporting:
    """Gives reports to whoever asked for them."""

    def __init__(self, slack: SlackGateway, turns: Turns, clock: Clock) -> None:
        self._slack = slack
        self._turns = turns
        self._clock = clock

    def give(self, report: Report, asked: Asked, destination: Destination) -> None:
        """Record a report, post it, and record where it stands."""
        if destination.thinking is not None:
            cited = report.page.citations
            read = gettext(
                "{paragraphs} of {articles}",
                paragraphs=ngettext("{count} paragraph", "{count} paragraphs", len(cited)),
                articles=articles_words(len({one.article.id for one in cited})),
            )
            withheld = ngettext(
                "{count} sentence withheld", "{count} sentences withheld", report.page.withheld
            )
            none = gettext("none withheld")
            destination.thinking.go_on(read, withheld if report.page.withheld else none)
        turn = self._turns.record_posting(
            report.kind,
            asked.conversation,
            asked.user,
            self._clock(),
            asked.text,
            report.said,
            report.page.citations,
            content_of_page(report.page),
        )
        posted = self._post(report, turn, asked, destination)
        if posted is not None:
            self._turns.posted(turn, posted)

    def _post(
        self, report: Report, turn: str, asked: Asked, destination: Destination
    ) -> str | None:
        """Post a report in the newest blocks, where Slack draws its picture; else with an uploaded
        one inside, else beside it, else without."""
        pictured, posted = destination.shows_pictures, None
        if report.has_newest and pictured:
            posted = _said_newest(report.messages(turn, None, newest=True), destination)
        if posted is not None:
            return posted
        chart = report.chart() if pictured else None
        if chart is None:
            messages = report.messages(turn, None)
            if destination.alone:
                # Kept before a click can ask to share it.
                self._turns.show(turn, messages)
            return destination.say(messages, turn)
        try:
            picture = ImageSlot(self._slack.upload_image(chart.png, PICTURE, chart.alt), chart.alt)
        except SlackError as error:
            log.info("a report goes without its picture: %s", error)
            return destination.say(report.messages(turn, None))
        try:
            return destination.say(report.messages(turn, picture))
        except SlackRefused as error:
            # Slack may not have looked at the picture yet, and then takes no message with it.
            log.info("a report goes with its picture beside it: %s", error)
        posted = destination.say(report.messages(turn, None))
        thread = asked.reply_to or (posted.partition(":")[2] if posted else None)
        try:
            self._slack.share_image(asked.channel, thread, chart.png, PICTURE, chart.alt)
        except SlackError as error:
            log.info("a report goes without its picture: %s", error)
        return posted


def _said_newest(messages: Sequence[Message], destination: Destination) -> str | None:
    """Where messages stand whose blocks not every workspace has; None where Slack takes none."""
    try:
        return destination.say(messages)
    except SlackRefused as error:
        if not error.of_blocks:
            raise
        log.info("Slack has not all of the newest blocks here: %s", error)
        return None


GATHERED_SECONDS = 0.25
"""Sentences that come closer together appear together, and an answer that is whole by then at
once: Slack takes about two calls a second for one message."""


class Answering:
    """Answers questions from the library."""

    def __init__(self, library: Library, turns: Turns, threads: ThreadReader, clock: Clock) -> None:
        self._library = library
        self._turns = turns
        self._threads = threads
        self._clock = clock

    def answer(self, asked: Asked, destination: Destination) -> None:
        """Answer through the chain, as `ask` does, or ask back what a question leans on."""
        question = self._understood(asked)
        if isinstance(question, str):
            destination.say([plain_message(question)])
            return
        giving = _Giving(self._turns, asked)
        growing = destination.growing() if writes_over_time(self._library.answerer) else None
        if growing is None:
            outcome = self._library.chain.invoke(question).outcome
            if destination.thinking is not None:
                destination.thinking.go_on()
            messages = giving.messages(outcome)
            if destination.alone:
                giving.shown(messages)
            posted = None
            if compares(outcome) and destination.shows_pictures:
                posted = _said_newest(giving.messages(outcome, tabled=True), destination)
            posted = posted or destination.say(messages, giving.turn)
        else:
            posted = self._grow(question, giving, growing)
        giving.posted(posted)

    def _understood(self, asked: Asked) -> Question | str:
        """The question, completed from the talk before it where it does not stand alone; what to
        ask back where there was none."""
        earlier = self._turns.earlier(asked.conversation)
        text, around = question_of(asked.text)
        if not (text or asked.question):
            return gettext(ASKS_NOTHING)
        text = text or asked.text
        # Of "I will look" there is nothing to complete a question with.
        context = naming([*self._threads.said_before(asked), *around])
        if back := asks_back(text, earlier, context):
            return back
        question = understand_in_talk(text, self._clock(), earlier, context, self._library.answerer)
        taken = question.looked_for or (text if around else None)
        return replace(question, looked_for=taken)

    def _grow(self, question: Question, giving: _Giving, growing: Growing) -> str:
        shown = _Shown(growing, self._library.answerer.name)
        try:
            events = self._library.chain.stream(question)
            for run in gathered(events, GATHERED_SECONDS, lambda: growing.stopped):
                shown.take(run)
        except BaseException:
            # Nothing whole will follow; what was shown must not stand there as an answer.
            growing.withdraw()
            raise
        if growing.stopped:
            partly = shown.so_far(question)
            return growing.end(lambda streamed: giving.messages(partly, streamed))
        outcome = shown.outcome
        if shown.restarted or isinstance(outcome, NoAnswer):
            return growing.replace(giving.messages(outcome))
        return growing.end(lambda streamed: giving.messages(outcome, streamed))


@dataclass(slots=True)
class _Giving:
    """One answer on its way: recorded once, before its first message is made."""

    turns: Turns
    asked: Asked
    turn: str | None = None

    def messages(
        self, outcome: Outcome, streamed: int = 0, *, tabled: bool = False
    ) -> list[Message]:
        if self.turn is None:
            asked, question = self.asked, outcome.question
            self.turn = self.turns.record(
                asked.conversation, asked.user, question.asked_at, outcome, question.looked_for
            )
        looked_for = outcome.question.looked_for
        return answer_messages(outcome, self.turn, looked_for, streamed, tabled=tabled)

    def shown(self, messages: Sequence[Message]) -> None:
        """Keep what only the asker sees, before a click can ask to share it."""
        if self.turn is not None:
            self.turns.show(self.turn, messages)

    def posted(self, posted: str | None) -> None:
        if posted is not None and self.turn is not None:
            self.turns.posted(self.turn, posted)


@dataclass(slots=True)
class _Shown:
    """What of an answer's events stands in Slack already."""

    growing: Growing
    answerer: str
    restarted: bool = False
    _outcome: Outcome | None = None
    _said: list[Statement] = field(default_factory=list)
    _citations: dict[int, Citation] = field(default_factory=dict)
    _writer: StatementWriter = field(default_factory=StatementWriter)

    def take(self, run: Iterable[Events]) -> None:
        """Show the statements of a run; none where the answer has come as a whole with them."""
        statements = []
        for part in run:
            self._citations.update({citation.mark: citation for citation in part.citations})
            for event in part.events:
                if isinstance(event, Statement):
                    statements.append(event)
                elif isinstance(event, Restarted):
                    self.restarted, statements = True, []
                else:
                    self._outcome = event
        whole_at_once = isinstance(self._outcome, Answer) and not self.growing.streamed
        if statements and not self.restarted and not whole_at_once:
            text = "".join(self._writer.write(one, self._citations) for one in statements)
            self.growing.say(text)
            self._said += statements

    def so_far(self, question: Question) -> Answer:
        """What was checked and shown by now, as an answer; WorkStopped where that is nothing."""
        if not self._said:
            raise WorkStopped("no more is wanted")
        marks = {mark for statement in self._said for mark in statement.citations}
        cited = tuple(self._citations[mark] for mark in sorted(marks))
        return Answer(question, tuple(self._said), cited, self.answerer, notice=gettext(STOPPED))

    @property
    def outcome(self) -> Outcome:
        """What the answer came to, once all events were taken."""
        assert self._outcome is not None, "an answer ends with its outcome"
        return self._outcome


STOPPED = N_("Stopped before the end: this is what had been checked by then.")
NO_TOPIC_HERE = N_(
    "I know no topic of that channel: no digest is set up for it. “@Chancery digest at 07:30 on "
    "Libya”, written there, sets one up; “what is new on Libya?” asks for a topic."
)
SAID_STOPPED = N_("Stopped, as you wished.")
ASKS_NOTHING = N_(
    "I see no question in this long message. Write the question alone, or choose “Check claims” in "
    "the menu of the message."
)
LONGEST_ECHO = 300
NO_QUESTION = N_(
    "Ask me about what has been read, for example: What did Guterres say about Libya? "
    "Every sentence of an answer is linked to its paragraph."
)
_NEW_HERE = re.compile(
    r"(?:what(?:['’]s| is)|(?:is there )?anything) new (?:(?:in )?here|in this channel)", re.I
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
        thinking_after: float = THINKING_AFTER_SECONDS,
    ) -> None:
        """`thinking_after` is how many seconds work takes before it is shown."""
        engine = library.corpus.engine
        self._library = library
        self._slack = slack
        self._turns = turns
        self._clock = clock
        self._agent = agent
        self._thinking_after = thinking_after
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
        self._answering = Answering(library, turns, threads, clock)
        self._threads = ThreadService(library.corpus, turns, Talks(engine), threads, reports)
        self._working: dict[str, Thinking] = {}
        self._routes: dict[type[Request], Callable[[Any, Call], None]] = {
            **dict.fromkeys(self._service.routes, self._carry_out),
            AskQuestion: lambda _, call: self._answering.answer(call.asked, call.destination),
            SummariseThread: self._summarise_thread,
            Sources: self._name_sources,
            SourcesHere: self._name_sources,
            Forget: self._forget,
        }

    def handle(self, asked: Asked) -> None:
        """Answer a message, or a click that stands for one; errors are the caller's."""
        after = self._thinking_after
        thinking = Thinking(self._slack, asked, lambda: conversation_title(asked.text), after)
        call = Call(asked, destination_of(asked, self._slack, thinking), self._readers)
        if not (without_addresses(asked.text) or asked.files or asked.links):
            call.destination.say_privately(gettext(NO_QUESTION))
            return
        call.destination.status(gettext(STATUS))
        self._working[asked.conversation] = thinking
        try:
            with thinking if not call.destination.alone else nullcontext():
                alone = wants_only_attached(asked)
                if not alone:
                    with speaking(self._readers.locale(asked.user)):
                        self._deal_with(call)
                if asked.files or alone:
                    call.destination.say([attached_message(asked.files, asked.links)])
        except WorkStopped:
            log.info("work was stopped by whoever asked")
        finally:
            self._working.pop(asked.conversation, None)
            call.destination.status("")

    def stop(self, channel: str, thread_ts: str) -> None:
        """End what is done in a thread; what was checked stays."""
        thinking = self._working.get(f"{channel}:{thread_ts}")
        if thinking is not None:
            thinking.stop()
            self._slack.post(channel, thread_ts, [plain_message(gettext(SAID_STOPPED))])
        # Slack leaves it to us: agent_session_stopped changes no status by itself.
        self._slack.session(channel, thread_ts, "active")

    def _deal_with(self, call: Call) -> None:
        asked = call.asked
        opens = asked.place is Place.DIRECT and not self._turns.earlier(asked.conversation)
        request: Request = AskQuestion(asked.text)
        if len(asked.text) <= LONG and _NEW_HERE.fullmatch(undressed(asked.text).rstrip(" ?!.")):
            self._tell_what_is_new_here(call)
            return
        if not asked.question:
            wanted = question_of(asked.text)[0] or asked.text
            request = read_request(wanted, self._clock(), call.zone)
        self._routes[type(request)](request, call)
        if opens and self._agent is not None and asked.clicked is None:
            self._agent.name(asked.channel, asked.reply_to or asked.ts, asked.text, asked.user)

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
            return gettext("This alert can be muted only where it was posted.")
        return self._set_ups.mute(muted[1], reader).text

    # Routes

    def _carry_out(self, request: Request, call: Call) -> None:
        story = self._story_of_thread(call) if isinstance(request, Mute) else None
        said = self._service.carry_out(request, call.reader, story)
        if isinstance(said, Report):
            self._give(said, call.asked, call.destination)
            return
        call.destination.say(reply_messages(also_for_channel(said, request, call.asked)))
        if isinstance(request, _SETTING_UP) and self._agent and not call.reader.shared:
            self._agent.suggest(call.reader.person)

    def _tell_what_is_new_here(self, call: Call) -> None:
        """The digest of the channel that is written in, or that the person has before their eyes
        while they write to us directly; their own where they look at none."""
        asked = call.asked
        channel = None if asked.channel.startswith("D") else asked.channel
        channel = channel or asked.beside
        channel = channel or (self._agent.seen_by(asked.user) if self._agent else None)
        reader = call.reader
        if channel is not None:
            reader = replace(reader, id=channel, channel=channel, shared=True)
        if not self._set_ups.digests.of_reader(reader):
            call.destination.say([plain_message(gettext(NO_TOPIC_HERE))])
            return
        said = self._service.carry_out(DigestNow(), reader)
        if isinstance(said, Report):
            self._give(said, asked, call.destination)
        else:
            call.destination.say(reply_messages(said))

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
            text = gettext(
                "Read last and not yet grouped into stories: {articles}. Ask again in a minute.",
                articles=articles_words(waiting),
            )
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
    line = gettext(
        "This is yours alone. For everybody here, write “{request}” in the channel.",
        request=f"@Chancery {excerpt(asked.text, LONGEST_ECHO)}",
    )
    return replace(reply, lines=(*reply.lines, line))
