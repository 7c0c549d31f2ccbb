"""Answering a question: completed from the talk around it, answered, recorded and posted.

    Asked ─ earlier turns, what the thread says ─▶ Question ─ chain ─┬─ at once ───▶ posted whole
                                                                     └─ over time ─▶ it grows

A model takes seconds to write. What it writes appears sentence by sentence, each after its checks
(`bot.slack.streaming`); the turn is recorded before its buttons stand there. Where the model gives
up, what was shown gives way to the answer that was made instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.desk.reports import Reports
from bot.rendering.answer_blocks import answer_messages
from bot.rendering.markdown import StatementWriter
from bot.rendering.rich_text import Message
from bot.slack.destinations import Destination, Growing
from bot.slack.incoming import Asked
from bot.talk.gathering import gathered
from bot.talk.reporting import Reporting
from bot.talk.thread_reading import ThreadReader
from bot.talk.thread_topic import naming
from bot.turns import Turns
from bot.wiring import Library
from retrieval.answerers import writes_over_time
from retrieval.answers import Answer, Citation, NoAnswer, Outcome, Statement
from retrieval.chain import Events, Restarted
from retrieval.follow_ups import understand_in_talk
from retrieval.questions import Question

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
