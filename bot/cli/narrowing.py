"""What narrows a command: its time, its places, its sources; read before anything is opened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import WrongUse, say
from bot.clock import utc_now

if TYPE_CHECKING:
    from corpus.store.article_store import ArticleStore
    from retrieval.questions import Narrowing

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
ENDS_FIRST = "The time ends before it begins."


def narrowed(
    since: str | None,
    until: str | None,
    as_of: str | None,
    places: list[str] | None,
    sources: list[str] | None,
) -> Narrowing:
    """What the options narrow to, in UTC; ends the command where they cannot be meant."""
    from retrieval.questions import Narrowing

    now = utc_now()
    narrow = Narrowing(
        since=moment_of(since, now) if since is not None else None,
        until=moment_of(until, now, end=True) if until is not None else None,
        as_of=moment_of(as_of, now, end=True) if as_of is not None else None,
        places=named(places, "place"),
        sources=named(sources, "source"),
    )
    if narrow.since and narrow.until and narrow.since > narrow.until:
        raise WrongUse(ENDS_FIRST)
    return narrow


def moment_of(text: str, now: datetime, zone: tzinfo = UTC, *, end: bool = False) -> datetime:
    """A moment as people write it; the last one of its day with `end`."""
    from retrieval.time_window import parse_moment

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
    from bot.requests.subjects import country_code

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
