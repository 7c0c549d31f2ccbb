"""What the terminal is told: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import logging
import sys
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer

from bot.errors import BotError
from corpus.errors import CorpusError

DONE = 0
IN_PART = 1
WRONG_USE = 2


@dataclass(slots=True)
class ConsoleSettings:
    verbose: bool = False


console_settings = ConsoleSettings()


class WrongUse(typer.Exit):
    """Ends a command with exit status 2, after one sentence on stderr."""

    def __init__(self, message: str) -> None:
        say(message)
        super().__init__(WRONG_USE)


def say(message: str) -> None:
    """One line for the person, on stderr."""
    print(message, file=sys.stderr)  # noqa: T201


def show(text: str) -> None:
    """A result, on stdout."""
    print(text)  # noqa: T201


def show_json(document: Any) -> None:
    """One machine-readable document, on one line of stdout."""
    print(json.dumps(document, ensure_ascii=False), flush=True)  # noqa: T201


def report_failure(error: Exception) -> int:
    """Say in one sentence what failed, and return the exit status."""
    if console_settings.verbose:
        traceback.print_exception(error)
    if is_ours(error):
        say(str(error))
    else:
        reference = uuid.uuid4().hex[:8]
        logging.getLogger("chancery").debug("unexpected failure %s", reference, exc_info=error)
        say(
            f"Something unexpected went wrong ({type(error).__name__}, reference {reference}); "
            "chancery --verbose shows more."
        )
    return IN_PART


def is_ours(error: Exception) -> bool:
    """Whether an error's text is a sentence written for the person."""
    if isinstance(error, CorpusError | BotError):
        return True
    # Importing `retrieval` for a class would load what it stands on; errors alone are light.
    from retrieval.errors import RetrievalError

    return isinstance(error, RetrievalError)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar that appears after two seconds, and only where stderr is a terminal.

    Yields a function to call with the number of steps done since the last call.
    """
    if not sys.stderr.isatty():
        yield lambda steps: None
        return
    from bot.cli.progress import DelayedBar

    bar = DelayedBar(label, total)
    try:
        yield bar.advance
    finally:
        bar.close()
