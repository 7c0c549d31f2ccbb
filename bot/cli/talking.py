"""Commands that keep talking: chat in the terminal, serve in Slack, run for whichever fits.

The terminal conversation: the bot for people without Slack.

Reads lines, answers each from the library, remembers the turns. Questions and reports are the same
as in Slack; what is delivered later is for Slack alone. Streams are passed in, so that a test can
hold the other end.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC
from typing import TYPE_CHECKING, TextIO
from zoneinfo import ZoneInfo

from bot.cli.console import WrongUse, opened_library, say
from bot.clock import Clock
from bot.commands.grammar import read_request
from bot.commands.intents import (
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
)
from bot.commands.replies import Reader
from bot.commands.service import IN_A_TERMINAL, TERMINAL_HELP
from bot.library import Library
from bot.render.answers import answer_text
from bot.render.wording import safe
from retrieval.outcomes import Answer
from retrieval.questions.understand import Asked, Turn, understand

if TYPE_CHECKING:
    from bot.commands.reports import Report, Reports
    from bot.settings import Settings

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
            from bot.commands.reports import Reports
            from bot.library import make_library_follower

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
            from bot.commands.service import sources_reply
            from corpus.feeds.registry import SourceRegister

            here = Reader("terminal", "terminal", "terminal", _ZONE.key, "")
            polled = SourceRegister(library.corpus).sources()
            return sources_reply(polled, clock(), here, failed=failed).text
    return IN_A_TERMINAL


def _answer(
    library: Library, clock: Clock, text: str, earlier: tuple[Turn, ...], out: TextIO
) -> Turn:
    started = time.perf_counter()
    from retrieval.questions.follow_up import understand_in_talk

    outcome = library.chain.invoke(understand_in_talk(text, clock(), earlier)).outcome
    print(answer_text(outcome, time.perf_counter() - started), file=out)
    said = (
        " ".join(statement.text for statement in outcome.statements)
        if isinstance(outcome, Answer)
        else ""
    )
    return Turn(text, said)


def chat() -> None:
    """Talk in the terminal."""
    from bot.clock import utc_now

    with opened_library("chat") as library:
        converse(library, utc_now, sys.stdin, sys.stdout)


def serve() -> None:
    """Run the Slack bot."""
    from bot.settings import load_settings

    settings = load_settings()
    if not settings.has_slack:
        raise WrongUse(_what_slack_needs(settings))
    from bot.service import run_service

    run_service(settings)


def run() -> None:
    """Read the sample if nothing was read; then Slack, or the terminal without its tokens."""
    from bot.settings import load_settings

    settings = load_settings()
    _read_sample_once(settings)
    if settings.has_slack:
        serve()
        return
    if sys.stdin.isatty():
        say("No Slack tokens in .env, so this is the terminal chat (README: Connect Slack).")
        chat()
        return
    from bot.clock import utc_now

    say("No Slack tokens in .env and no terminal: here are four questions to the sample.")
    with opened_library("run") as library:
        demonstrate(library, utc_now, sys.stdout)


def _read_sample_once(settings: Settings) -> None:
    from bot.cli.reading import index_pending, read_into
    from bot.library import open_corpus

    corpus = open_corpus(settings)
    try:
        if corpus.last_change() == 0:
            receipt = read_into(corpus, settings, [], sample=True)
            say(f"Read the bundled sample: {receipt.new} dispatches of January to June 2019.")
            if waiting := index_pending(settings, corpus, "run"):
                say(waiting)
    finally:
        corpus.close()


def _what_slack_needs(settings: Settings) -> str:
    needed = (
        "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"
        if settings.slack_mode == "socket"
        else "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET"
    )
    return f"Slack needs {needed} in .env (README: Connect Slack); chancery chat works without."
