"""What all commands share: options, what the terminal is told, the store and indexes they open.

Results go to stdout, progress and errors to stderr, errors as one sentence; a progress bar appears
only for work of more than two seconds. What narrows a command (its time, places, sources) is read
before anything is opened; what is pending is indexed before a command looks anything up.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.clock import utc_now
from bot.failures import BotError
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.library import Library
    from bot.settings import Settings
    from corpus.store.articles import ArticleStore
    from retrieval.index.indexer import Indexer
    from retrieval.questions.understand import Narrowing

PATIENCE_SECONDS = 2.0


class DelayedBar:
    """Starts itself when the work has taken `PATIENCE_SECONDS`; thread-safe."""

    def __init__(self, label: str, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task(label, total=total)
        self._timer = threading.Timer(PATIENCE_SECONDS, self._progress.start)
        self._timer.daemon = True
        self._timer.start()

    def advance(self, steps: int) -> None:
        self._progress.advance(self._task, steps)

    def close(self) -> None:
        self._timer.cancel()
        self._progress.stop()


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


def make_group(about: str) -> typer.Typer:
    """A command that has commands of its own."""
    return typer.Typer(
        help=about,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


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

    bar = DelayedBar(label, total)
    try:
        yield bar.advance
    finally:
        bar.close()


InLanguage = Annotated[
    str | None, typer.Option("--language", help="The reader's language: ar, en, es, fr or ru.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Several = list[str] | None
Since = Annotated[
    str | None, typer.Option("--since", help="Published since: 7d, 2019-04-01, monday.")
]
Until = Annotated[
    str | None, typer.Option("--until", help="Published until then, that day included.")
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Only what was known then.")]
Place = Annotated[
    list[str] | None, typer.Option("--place", help="A place that must be named; may be repeated.")
]
SourceName = Annotated[
    list[str] | None, typer.Option("--source", help="Only this source; may be repeated.")
]
SourceKindName = Annotated[
    str | None,
    typer.Option("--kind", help="official, wire, state media, independent, opinion, unknown."),
]
Country = Annotated[str | None, typer.Option("--country", help="ISO 3166 code, two letters: CH.")]
SourceLanguage = Annotated[
    str | None, typer.Option("--language", help="ISO 639-1 code, two letters: fr.")
]
ENDS_FIRST = "The time ends before it begins."


def narrowed(
    since: str | None,
    until: str | None,
    as_of: str | None,
    places: list[str] | None,
    sources: list[str] | None,
) -> Narrowing:
    """What the options narrow to, in UTC; ends the command where they cannot be meant."""
    from retrieval.questions.understand import Narrowing

    now = utc_now()
    ends = moment_of(until, now, end=True) if until is not None else None
    narrow = Narrowing(
        since=moment_of(since, ends or now) if since is not None else None,
        until=ends,
        as_of=moment_of(as_of, now, end=True) if as_of is not None else None,
        places=named(places, "place"),
        sources=named(sources, "source"),
    )
    if narrow.since and narrow.until and narrow.since > narrow.until:
        raise WrongUse(ENDS_FIRST)
    return narrow


def moment_of(text: str, now: datetime, zone: tzinfo = UTC, *, end: bool = False) -> datetime:
    """A moment as people write it; the last one of its day with `end`."""
    from retrieval.questions.time import parse_moment

    try:
        return parse_moment(text, now, zone, end=end)
    except ValueError as error:
        raise WrongUse(str(error)) from None


def named(given: list[str] | None, what: str) -> tuple[str, ...]:
    """Names without space around them and without repetition; an empty one is wrong use."""
    names = tuple(dict.fromkeys(" ".join(name.split()) for name in given or ()))
    if "" in names:
        raise WrongUse(f"An empty --{what} means nothing; name one, or leave it out.")
    return names


def coded(places: Iterable[str]) -> tuple[str, ...]:
    """Places as they are kept: a country by its ISO 3166 code, any other by its name."""
    from bot.commands.intents import country_code

    return tuple(dict.fromkeys(country_code(name.strip()) or name for name in places))


def note_unknown_sources(corpus: ArticleStore, names: Iterable[str]) -> None:
    """Say of which sources nothing was ever read, so that a slip is not taken for silence."""
    wanted = tuple(names)
    if not wanted:
        return
    known = {name.casefold() for name in corpus.source_names()}
    for name in wanted:
        if name.casefold() not in known:
            say(f"Nothing was read from a source called {name!r}; chancery stats names them.")


NOTHING_READ = "Nothing has been read yet: chancery ingest PATH, or chancery ingest --sample."


@contextmanager
def opened_store(settings: Settings, *, filled: bool = False) -> Iterator[ArticleStore]:
    """The store of the settings, closed at the end; with `filled` an empty one ends the command."""
    from bot.library import open_corpus

    corpus = open_corpus(settings)
    try:
        if filled and corpus.last_change() == 0:
            say(NOTHING_READ)
            raise typer.Exit(IN_PART)
        yield corpus
    finally:
        corpus.close()


def record(engine: Engine, action: str, subject: str, detail: str | None = None) -> None:
    """Add what was done from this terminal to the audit trail."""
    from bot.db.audit import Audit, terminal_user

    Audit(engine).record(terminal_user(), action, subject, detail, utc_now())


@contextmanager
def opened_library(purpose: str) -> Iterator[Library]:
    """The library of the configured store, up to date; ends the command where it is empty."""
    from bot.library import open_library
    from bot.settings import load_settings
    from retrieval.errors import DiskFull

    settings = load_settings()
    with (
        opened_store(settings, filled=True) as corpus,
        open_library(settings, corpus, purpose, announce=say) as library,
    ):
        with progress("Loading the model"):
            library.embeddings.load()
        try:
            catch_up(library.indexer)
        except DiskFull as error:
            say(str(error))
        yield library


def catch_up(indexer: Indexer) -> int:
    """Index what is pending, with a progress bar; the number of paragraphs embedded."""
    _, paragraphs = indexer.pending()
    if not paragraphs:
        return indexer.catch_up()
    with progress("Indexing paragraphs", paragraphs) as advance:
        return indexer.catch_up(advance)


def spoken_language(language: str | None) -> AbstractContextManager[None]:
    """The language of what is shown until the command ends; WrongUse for one that we lack."""
    from bot.render.catalogues import LANGUAGES, known, speaking

    if language is not None and known(language) is None:
        raise WrongUse(f"--language {language} is none of {', '.join(sorted(LANGUAGES))}.")
    return speaking(language)
