"""The terminal conversation: the bot for people without Slack.

Reads lines, answers each from the library, remembers the turns. Streams are passed in, so
that a test can hold the other end.
"""

from __future__ import annotations

import time
from typing import TextIO

from bot.clock import Clock
from bot.plain_text import answer_text
from bot.wiring import Library
from retrieval.answers import Answer
from retrieval.questions import Turn, understand

GREETING = (
    "Ask about what has been read, for example: {example}\n"
    "Every sentence of an answer is cited. An empty line or “quit” ends the conversation."
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


def converse(library: Library, clock: Clock, lines: TextIO, out: TextIO) -> None:
    """Answer line after line until the stream ends, an empty line or "quit"."""
    print(GREETING.format(example=EXAMPLE), file=out)
    turns: list[Turn] = []
    while True:
        print("\n> ", end="", file=out, flush=True)
        line = lines.readline()
        text = line.strip()
        if not text or text.casefold() in ("quit", "exit"):
            print("Goodbye.", file=out)
            return
        turns.append(_answer(library, clock, text, tuple(turns[-_MOST_TURNS:]), out))


def demonstrate(library: Library, clock: Clock, out: TextIO) -> None:
    """Ask the sample questions and print question and answer of each."""
    for text in SAMPLE_QUESTIONS:
        print(f"> {text}\n", file=out)
        _answer(library, clock, text, (), out)
        print(file=out)


def _answer(
    library: Library, clock: Clock, text: str, earlier: tuple[Turn, ...], out: TextIO
) -> Turn:
    started = time.perf_counter()
    outcome = library.chain.invoke(understand(text, clock(), earlier=earlier)).outcome
    print(answer_text(outcome, time.perf_counter() - started), file=out)
    said = (
        " ".join(statement.text for statement in outcome.statements)
        if isinstance(outcome, Answer)
        else ""
    )
    return Turn(text, said)
