"""The terminal conversation: the bot for people without Slack.

    line ─▶ read_request ─▶ question ─▶ chain ─▶ printed with its citations
                         └▶ the rest ─▶ `bot.commands.service` ─▶ printed

The same requests, reports and answers as in Slack; what is delivered later is for Slack alone.
Turns are remembered until it ends. Streams are passed in, so that a test can hold the other end.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TextIO

from bot.clock import Clock
from bot.commands.grammar import read_request
from bot.commands.intents import AskQuestion, Forget
from bot.commands.replies import Reader
from bot.library import Library
from bot.render.answers import answer_text
from bot.render.wording import safe
from corpus.text.words import well_formed
from retrieval.outcomes import Answer
from retrieval.questions.understand import Turn

GREETING = (
    "Ask about what has been read, for example: {example}\n"
    "Every sentence of an answer is cited. “help” tells what else can be said; an empty line or "
    "“quit” ends the conversation."
)
EXAMPLE = "What did Guterres say about Libya?"
EXAMPLE_ARTICLES = 50
SAMPLE_QUESTIONS = (
    "What did Guterres say about a military solution in Libya?",
    "Who replaced Bashir as head of Sudan's military council?",
    "Why did the Hanoi summit end without agreement?",
    "How much aid did Saudi Arabia and the Emirates announce for Sudan?",
    "How many tons of wheat did Egypt import in March 2019?",
)
"""Four questions that the bundled sample answers, one of them in Arabic, and one that it does
not."""

NOTHING_KEPT = "Nothing that is written here is kept."
_MOST_TURNS = 6
_READER = Reader("terminal", "terminal", "terminal", "UTC", "")


def converse(library: Library, clock: Clock, lines: TextIO, out: TextIO) -> None:
    """Answer line after line until the stream ends, an empty line or "quit"."""
    print(GREETING.format(example=example_of(library)), file=out)
    talk = Talk(library, clock, out)
    while True:
        print("\n> ", end="", file=out, flush=True)
        text = well_formed(lines.readline()).strip()
        if not text or text.casefold() in ("quit", "exit"):
            print("Goodbye.", file=out)
            return
        talk.handle(text)


def example_of(library: Library) -> str:
    """A question that fits what was read: on the place that most of the last titles name."""
    from corpus.text.places import place_name, places_of

    store = library.corpus
    last = store.changes_since(max(0, store.last_change() - EXAMPLE_ARTICLES))
    named = Counter(code for change in last for code in places_of(change.article.title))
    return f"What is the latest on {place_name(named.most_common(1)[0][0])}?" if named else EXAMPLE


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
        reports = Reports(library, make_library_follower(library).catch_up)
        register = SourceRegister(library.corpus)
        self._service = RequestService(register, clock, reports.report)

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
        from retrieval.questions.understand import asks_back, understand_in_talk

        if back := asks_back(text, self._turns):
            print(back, file=self._out)
            return
        started = time.perf_counter()
        earlier = tuple(self._turns[-_MOST_TURNS:])
        answerer = self._library.answerer
        question = understand_in_talk(text, self._clock(), earlier, answerer=answerer)
        outcome = self._library.chain.invoke(question).outcome
        print(answer_text(outcome, time.perf_counter() - started), file=self._out)
        statements = outcome.statements if isinstance(outcome, Answer) else ()
        understood = question.looked_for or text
        self._turns.append(Turn(understood, " ".join(one.text for one in statements)))
