"""Commands that keep talking: chat in the terminal, serve in Slack, run for whichever fits.

    line ─▶ read_request ─▶ question ─▶ chain ─▶ printed with its citations
                         └▶ the rest ─▶ `bot.commands.service` ─▶ printed

The terminal conversation is the bot for people without Slack: the same requests, reports and
answers; what is delivered later is for Slack alone. Turns are remembered until it ends. Streams
are passed in, so that a test can hold the other end.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

from bot.cli.console import WrongUse, opened_library, say
from bot.clock import Clock
from bot.commands.grammar import read_request
from bot.commands.intents import AskQuestion, Forget
from bot.commands.replies import Reader
from bot.library import Library
from bot.render.answers import answer_text
from bot.render.wording import safe
from retrieval.outcomes import Answer
from retrieval.questions.understand import Turn

if TYPE_CHECKING:
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

NOTHING_KEPT = "Nothing that is written here is kept."
_MOST_TURNS = 6
_READER = Reader("terminal", "terminal", "terminal", "UTC", "")


def converse(library: Library, clock: Clock, lines: TextIO, out: TextIO) -> None:
    """Answer line after line until the stream ends, an empty line or "quit"."""
    print(GREETING.format(example=EXAMPLE), file=out)
    talk = Talk(library, clock, out)
    while True:
        print("\n> ", end="", file=out, flush=True)
        text = lines.readline().strip()
        if not text or text.casefold() in ("quit", "exit"):
            print("Goodbye.", file=out)
            return
        talk.handle(text)


def demonstrate(library: Library, clock: Clock, out: TextIO) -> None:
    """Ask the sample questions and print question and answer of each."""
    for text in SAMPLE_QUESTIONS:
        print(f"> {text}\n", file=out)
        Talk(library, clock, out).answer(text)
        print(file=out)


class Talk:
    """One conversation: what is asked is read and carried out as in Slack, and printed."""

    def __init__(self, library: Library, clock: Clock, out: TextIO) -> None:
        from bot.commands.reports import Reports
        from bot.commands.service import RequestService
        from bot.library import make_library_follower
        from corpus.feeds.registry import SourceRegister

        self._library = library
        self._clock = clock
        self._out = out
        self._turns: list[Turn] = []
        # Nothing else follows the store in a terminal.
        self._reports = Reports(library, make_library_follower(library).catch_up)
        register = SourceRegister(library.corpus)
        self._service = RequestService(register, clock, self._reports.report)

    def handle(self, text: str) -> None:
        """Print what is said to a line."""
        request = read_request(text, self._clock())
        if isinstance(request, AskQuestion):
            self.answer(text)
        elif isinstance(request, Forget):
            print(NOTHING_KEPT, file=self._out)
        else:
            print(safe(self._service.carry_out(request, _READER).text), file=self._out)

    def answer(self, text: str) -> None:
        """Print the answer to a question, completed from the turns before it."""
        from retrieval.questions.follow_up import understand_in_talk

        started = time.perf_counter()
        question = understand_in_talk(text, self._clock(), tuple(self._turns[-_MOST_TURNS:]))
        if quoted := self._reports.quoted(question):
            print(safe(quoted.text), file=self._out)
            self._turns.append(Turn(text, " ".join(quoted.said)))
            return
        outcome = self._library.chain.invoke(question).outcome
        print(answer_text(outcome, time.perf_counter() - started), file=self._out)
        statements = outcome.statements if isinstance(outcome, Answer) else ()
        self._turns.append(Turn(text, " ".join(one.text for one in statements)))


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
