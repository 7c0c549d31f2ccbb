"""Answering a question, and giving a report: recorded as a turn, posted, and where it stands noted.

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
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.chat.thread import ThreadReader, naming
from bot.clock import Clock
from bot.commands.reports import Report, Reports
from bot.db.turns import Turns
from bot.failures import SlackError, SlackRefused
from bot.library import Library
from bot.render.answers import StatementWriter, answer_messages
from bot.render.blocks import ImageSlot, Message
from bot.render.page import content_of_page
from bot.slack.client import SlackGateway
from bot.slack.destinations import Destination, Growing
from bot.slack.events import Asked
from retrieval.answers.chain import Events, Restarted
from retrieval.answers.extractive import writes_over_time
from retrieval.outcomes import Answer, Citation, NoAnswer, Outcome, Statement
from retrieval.questions.follow_up import understand_in_talk
from retrieval.questions.understand import Question

Item = TypeVar("Item")


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


def gathered(items: Iterator[Item], seconds: float) -> Iterator[list[Item]]:
    """Items in the runs in which they come, in order; what the iterator raises, after them.

    A run ends `seconds` after its first item, or with the last item of all.
    """
    read: queue.Queue[Item | _End] = queue.Queue()
    unwanted = threading.Event()
    reading = _Reading(items, read, unwanted)
    threading.Thread(target=reading.run, name="gathering", daemon=True).start()
    try:
        while True:
            run, end = _run(read, seconds)
            if run:
                yield run
            if end is not None:
                if end.error is not None:
                    raise end.error
                return
    finally:
        unwanted.set()


def _run(read: queue.Queue[Item | _End], seconds: float) -> tuple[list[Item], _End | None]:
    first = read.get()
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
        """Post a report with its picture inside, else beside it, else without."""
        chart = report.chart() if destination.shows_pictures else None
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


GATHERED_SECONDS = 0.25
"""Sentences that come closer together appear together, and an answer that is whole by then at
once: Slack takes about two calls a second for one message."""


class Answering:
    """Answers questions from the library."""

    def __init__(
        self,
        library: Library,
        turns: Turns,
        reports: Reports,
        reporting: Reporting,
        threads: ThreadReader,
        clock: Clock,
    ) -> None:
        self._library = library
        self._turns = turns
        self._reports = reports
        self._reporting = reporting
        self._threads = threads
        self._clock = clock

    def answer(self, asked: Asked, destination: Destination) -> None:
        """Answer with quotations where that is what is asked for, else through the chain."""
        question = self._understood(asked)
        if quoted := self._reports.quoted(question):
            self._reporting.give(quoted, asked, destination)
            return
        giving = _Giving(self._turns, asked)
        growing = destination.growing() if writes_over_time(self._library.answerer) else None
        if growing is None:
            outcome = self._library.chain.invoke(question).outcome
            messages = giving.messages(outcome)
            if destination.alone:
                giving.shown(messages)
            posted = destination.say(messages, giving.turn)
        else:
            posted = self._grow(question, giving, growing)
        giving.posted(posted)

    def _understood(self, asked: Asked) -> Question:
        """The question, completed from the talk before it where it does not stand alone."""
        earlier = self._turns.earlier(asked.conversation)
        # Of "I will look" there is nothing to complete a question with.
        context = naming(self._threads.said_before(asked))
        return understand_in_talk(asked.text, self._clock(), earlier, context)

    def _grow(self, question: Question, giving: _Giving, growing: Growing) -> str:
        shown = _Shown(growing)
        try:
            for run in gathered(self._library.chain.stream(question), GATHERED_SECONDS):
                shown.take(run)
        except BaseException:
            # Nothing whole will follow; what was shown must not stand there as an answer.
            growing.withdraw()
            raise
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

    def messages(self, outcome: Outcome, streamed: int = 0) -> list[Message]:
        if self.turn is None:
            asked, question = self.asked, outcome.question
            self.turn = self.turns.record(
                asked.conversation, asked.user, question.asked_at, outcome, question.looked_for
            )
        return answer_messages(outcome, self.turn, outcome.question.looked_for, streamed)

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
    restarted: bool = False
    _outcome: Outcome | None = None
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

    @property
    def outcome(self) -> Outcome:
        """What the answer came to, once all events were taken."""
        assert self._outcome is not None, "an answer ends with its outcome"
        return self._outcome
