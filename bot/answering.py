"""Answering a question: earlier turns looked up, the chain run, the answer recorded and posted."""

from __future__ import annotations

from bot.clock import Clock
from bot.desk.reports import Reports
from bot.rendering.answer_blocks import answer_messages
from bot.reporting import Reporting
from bot.slack.destinations import Destination
from bot.slack.incoming import Asked
from bot.turns import Turns
from bot.wiring import Library
from retrieval.questions import understand


class Answering:
    """Answers questions from the library."""

    def __init__(
        self, library: Library, turns: Turns, reports: Reports, reporting: Reporting, clock: Clock
    ) -> None:
        self._library = library
        self._turns = turns
        self._reports = reports
        self._reporting = reporting
        self._clock = clock

    def answer(self, asked: Asked, destination: Destination) -> None:
        """Answer with quotations where that is what is asked for, else through the chain."""
        now = self._clock()
        earlier = self._turns.earlier(asked.conversation)
        question = understand(asked.text, now, earlier=earlier)
        if quoted := self._reports.quoted(question):
            self._reporting.give(quoted, asked, destination)
            return
        outcome = self._library.chain.invoke(question).outcome
        turn = self._turns.record(asked.conversation, asked.user, now, outcome)
        posted = destination.say(answer_messages(outcome, turn))
        if posted is not None:
            self._turns.posted(turn, posted)
