"""The terminal conversation: the bot for people without Slack.

Reads lines, answers each from the library, remembers the turns. Questions and reports are the same
as in Slack; what is delivered later is for Slack alone. Streams are passed in, so that a test can
hold the other end.
"""

from __future__ import annotations

import time
from datetime import UTC
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.desk.help import IN_A_TERMINAL, TERMINAL_HELP
from bot.desk.nouns import Reader
from bot.rendering.answer_text import answer_text
from bot.rendering.wording import safe
from bot.requests.reading import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    DigestNow,
    Forget,
    Help,
    Request,
    Sources,
    Thanks,
    Unclear,
    read_request,
)
from bot.wiring import Library
from retrieval.answers import Answer
from retrieval.questions import Asked, Turn, understand

if TYPE_CHECKING:
    from bot.desk.reports import Report, Reports

GREETING = (
    "Ask about what has been read, for example: {example}\n"
    "Every sentence of an answer is cited. “help” tells what else can be said; an empty line or "
    "“quit” ends the conversation."
)
EXAMPLE = "What did Guterres say about Libya?"
SAMPLE_QUESTIONS = (
    "What did Guterres say about a military solution in Libya?",
    "Who replaced Bashir as head of Sudan's military council?",
    "Why did the Hanoi summit end without agreement?",
    "How many tons of wheat did Egypt import in March 2019?",
)
"""Three questions that the bundled sample answers, and one that it does not."""

_MOST_TURNS = 6
_ZONE = ZoneInfo("UTC")


def converse(library: Library, clock: Clock, lines: TextIO, out: TextIO) -> None:
    """Answer line after line until the stream ends, an empty line or "quit"."""
    print(GREETING.format(example=EXAMPLE), file=out)
    reports = _Reports(library)
    turns: list[Turn] = []
    while True:
        print("\n> ", end="", file=out, flush=True)
        line = lines.readline()
        text = line.strip()
        if not text or text.casefold() in ("quit", "exit"):
            print("Goodbye.", file=out)
            return
        request = read_request(text, clock(), UTC)
        if isinstance(request, AskQuestion):
            quoted = reports.quoted(text, clock)
            if quoted is not None:
                print(safe(quoted.text()), file=out)
                turns.append(Turn(text, " ".join(quoted.said)))
                continue
            turns.append(_answer(library, clock, text, tuple(turns[-_MOST_TURNS:]), out))
        else:
            print(safe(_reply(request, library, reports, clock)), file=out)


def demonstrate(library: Library, clock: Clock, out: TextIO) -> None:
    """Ask the sample questions and print question and answer of each."""
    for text in SAMPLE_QUESTIONS:
        print(f"> {text}\n", file=out)
        _answer(library, clock, text, (), out)
        print(file=out)


class _Reports:
    """The reports of a library, loaded and brought up to the store with the first one asked for."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._reports: Reports | None = None

    def quoted(self, text: str, clock: Clock) -> Report | None:
        """What answers a question of what somebody said in that person's own words."""
        question = understand(text, clock())
        return self.get().quoted(question) if question.asked is Asked.SAYING else None

    def get(self) -> Reports:
        if self._reports is None:
            from bot.desk.reports import Reports
            from bot.wiring import make_library_follower

            # Nothing else follows the store in a terminal.
            make_library_follower(self._library).catch_up()
            self._reports = Reports(self._library)
        return self._reports


def _reply(request: Request, library: Library, reports: _Reports, clock: Clock) -> str:
    match request:
        case AskSummary() | AskQuotes() | AskTimeline() | DigestNow():
            return reports.get().report(request, clock(), _ZONE).text()
        case Help():
            return "\n".join(TERMINAL_HELP)
        case Thanks():
            return "You are welcome."
        case Forget():
            return "Nothing that is written here is kept."
        case Unclear(missing, example):
            return f"{missing} For example: “{example}”"
        case Sources(failed):
            from bot.desk.sources import sources_reply
            from corpus.feeds.register import SourceRegister

            here = Reader("terminal", "terminal", "terminal", _ZONE.key, "")
            polled = SourceRegister(library.corpus).sources()
            return sources_reply(polled, clock(), here, failed=failed).text
    return IN_A_TERMINAL


def _answer(
    library: Library, clock: Clock, text: str, earlier: tuple[Turn, ...], out: TextIO
) -> Turn:
    started = time.perf_counter()
    from retrieval.follow_ups import understand_in_talk

    outcome = library.chain.invoke(understand_in_talk(text, clock(), earlier)).outcome
    print(answer_text(outcome, time.perf_counter() - started), file=out)
    said = (
        " ".join(statement.text for statement in outcome.statements)
        if isinstance(outcome, Answer)
        else ""
    )
    return Turn(text, said)
