"""Commands about watches: watches list, add, remove, pause, resume, test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import (
    DONE,
    IN_PART,
    WrongUse,
    coded,
    named,
    opened_library,
    say,
    show,
    show_json,
)
from bot.cli.reading import Json

if TYPE_CHECKING:
    from bot.db.watches import Watches
    from bot.records import Watch
    from corpus.articles import Article
    from retrieval.watches.texts import WatchMatch

NO_WATCHES = (
    "Nobody watches anything yet: chancery watches add Gharyan --reader U0123456789 --word Gharyan."
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id, as watches list shows it.")]
Several = list[str] | None

app = typer.Typer(
    help="What readers are told of as soon as it comes.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As its alerts call it.")],
    reader: Annotated[str, typer.Option("--reader", help="A Slack user's or channel's id.")],
    word: Annotated[
        Several, typer.Option("--word", help="Word or phrase, met in words or meaning.")
    ] = None,
    alias: Annotated[
        Several, typer.Option("--alias", help="Other name, met to the letter.")
    ] = None,
    actor: Annotated[Several, typer.Option("--actor", help="Who must be named.")] = None,
    place: Annotated[Several, typer.Option("--place", help="What it must be about.")] = None,
    source: Annotated[Several, typer.Option("--source", help="Only from this source.")] = None,
    kind: Annotated[Several, typer.Option("--kind", help="Only from this kind of source.")] = None,
    quiet: Annotated[
        str | None, typer.Option("--quiet", metavar="FROM-TO", help="Quiet hours: 22:00-07:00.")
    ] = None,
    zone: Annotated[str, typer.Option("--zone", help="Time zone of quiet hours and days.")] = "UTC",
    cap: Annotated[int | None, typer.Option("--cap", min=1, help="Alerts a day at most.")] = None,
    as_json: Json = False,
) -> None:
    """Tell a reader of new articles that meet this; without word, actor or place, of NAME."""
    from bot.clock import utc_now
    from bot.db.audit import terminal_user
    from bot.records import DAILY_CAP, Watch, record_document
    from retrieval.watches.matching import Criteria

    words, aliases, actors = (named(given, "word") for given in (word, alias, actor))
    places, sources = named(place, "place"), named(source, "source")
    given = Criteria(words, aliases, actors, coded(places), sources, tuple(_kinds(kind) or ()))
    if not name.strip():
        raise WrongUse("The name of the watch is empty.")
    looks_for = given.words or given.actors or given.places
    quiet_from, quiet_to = _quiet(quiet)
    watch = Watch(
        id=uuid.uuid4().hex[:8],
        reader=_reader(reader),
        channel=_reader(reader),
        name=name.strip(),
        criteria=given if looks_for else replace(given, words=(name.strip(),)),
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        zone=zone,
        daily_cap=cap or DAILY_CAP,
        paused=False,
        created_by=terminal_user(),
        created_at=utc_now(),
    )
    with _opened() as opened:
        if any(one.name.casefold() == watch.name.casefold() for one in opened.of(watch.reader)):
            raise WrongUse(f"{watch.reader} has a watch {watch.name!r} already; remove it first.")
        try:
            opened.watches.add(watch)
        except ValueError as error:
            raise WrongUse(str(error)) from None
        opened.record("watch added", watch)
        kept = opened.watches.get(watch.id) or watch
    if as_json:
        show_json({"added": record_document(kept)})
    else:
        show(f"Added {watch_line(kept)}")


@app.command("list")
def list_watches(
    reader: Annotated[str | None, typer.Option("--reader", help="Only of this reader.")] = None,
    as_json: Json = False,
) -> None:
    """Say who watches what."""
    from bot.records import record_document

    with _opened() as opened:
        found = opened.of(reader)
    if as_json:
        show_json({"watches": [record_document(watch) for watch in found]})
    else:
        for watch in found:
            show(watch_line(watch))
        if not found:
            say(f"{reader.strip()} watches nothing." if reader else NO_WATCHES)
    raise typer.Exit(DONE if found else IN_PART)


@app.command("remove")
def remove(name: Name, as_json: Json = False) -> None:
    """Watch this no more."""
    with _opened() as opened:
        found = opened.named(name)
        opened.watches.remove(found.id)
        opened.record("watch removed", found)
    if as_json:
        show_json({"removed": found.id})
    else:
        show(f"Removed {found.id}, {found.name}.")


@app.command("pause")
def pause(name: Name, as_json: Json = False) -> None:
    """Send no alerts until it is resumed; what comes meanwhile is not told later."""
    _set_paused(name, True, as_json)


@app.command("resume")
def resume(name: Name, as_json: Json = False) -> None:
    """Send alerts again, of what comes from now on."""
    _set_paused(name, False, as_json)


@app.command("test")
def try_out(
    name: Name,
    days: Annotated[
        int, typer.Option("--days", min=1, max=36_500, help="How far to look back.")
    ] = 7,
    as_json: Json = False,
) -> None:
    """Show what a watch would have met in the last days; nothing is sent."""
    from bot.clock import utc_now
    from bot.records import record_document

    with _opened() as opened:
        watch = opened.named(name)
    since = utc_now() - timedelta(days=days)
    with opened_library("watches") as library:
        found = list(_met(watch, library, since))
    if as_json:
        document = [match_document(article, match) for article, match in found]
        show_json({"watch": record_document(watch), "days": days, "matches": document})
    else:
        for article, match in found:
            show(match_text(article, match))
        within = "day" if days == 1 else f"{days} days"
        articles = "1 article" if len(found) == 1 else f"{len(found)} articles"
        say(f"“{watch.name}” would have met {articles} of the last {within}.")
    raise typer.Exit(DONE if found else IN_PART)


def watch_line(watch: Watch) -> str:
    """ "3f2a9c10 · U0DESK · Gharyan · “Gharyan” (also “Garian”) · quiet 22:00-07:00 UTC"."""
    from bot.commands.watches import looked_for

    quiet = f"quiet {watch.quiet_from}-{watch.quiet_to} {watch.zone}" if watch.quiet_from else ""
    state = "paused" if watch.paused else ""
    looked = looked_for(watch.criteria)
    parts = (watch.id, watch.reader, watch.name, looked, quiet, f"{watch.daily_cap} a day", state)
    return " · ".join(part for part in parts if part)


def match_document(article: Article, match: WatchMatch) -> dict[str, Any]:
    """What met a watch, as JSON."""
    published = article.published_at
    return {
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published_at": published.isoformat() if published else None,
        "paragraph": match.number,
        "sentence": match.sentence,
        "how": match.how.value,
        "what": match.what,
        "score": round(match.score, 3),
    }


def match_text(article: Article, match: WatchMatch) -> str:
    """What met a watch, in three lines."""
    from bot.render.wording import publisher, safe, short_date

    head = f"{publisher(article)} · {short_date(article.published_at)} · ¶{match.number}"
    how = f"met “{match.what}” in {match.how.value}"
    return safe(f"{head} · {article.title}\n    {match.sentence}\n    {how} · {article.url}")


@dataclass(frozen=True, slots=True)
class _Opened:
    """The watches of the configured store, and its audit trail."""

    watches: Watches
    engine: Any

    def of(self, reader: str | None) -> list[Watch]:
        return self.watches.all() if reader is None else self.watches.of_reader(reader.strip())

    def named(self, name: str) -> Watch:
        """The watch of that id or name; ends the command where there is none, or several."""
        wanted = name.strip().casefold()
        every = self.watches.all()
        found = [one for one in every if one.id == wanted] or [
            one for one in every if one.name.casefold() == wanted
        ]
        if len(found) == 1:
            return found[0]
        if found:
            readers = ", ".join(f"{one.id} ({one.reader})" for one in found)
            raise WrongUse(f"Several watches are called {name!r}; name one by its id: {readers}.")
        say(f"There is no watch {name!r}; chancery watches list names them.")
        raise typer.Exit(IN_PART)

    def record(self, action: str, watch: Watch) -> None:
        from bot.clock import utc_now
        from bot.db.audit import Audit, terminal_user

        subject = f"{watch.id} for {watch.reader}"
        Audit(self.engine).record(terminal_user(), action, subject, watch.name, utc_now())


@contextmanager
def _opened() -> Iterator[_Opened]:
    from bot.db.watches import Watches
    from bot.library import open_corpus
    from bot.settings import load_settings

    corpus = open_corpus(load_settings())
    try:
        yield _Opened(Watches(corpus.engine), corpus.engine)
    finally:
        corpus.close()


def _met(watch: Watch, library: Any, since: datetime) -> Iterator[tuple[Article, WatchMatch]]:
    """What a watch meets among the articles of the last days, oldest change first."""
    from retrieval.stories.story import moment_of
    from retrieval.watches.matching import Watched, WatchMatcher

    matcher = WatchMatcher([Watched(watch.id, watch.criteria)], library.embeddings.encode)
    position = 0
    while changes := library.corpus.changes_since(position):
        position = changes[-1].number
        for article in (change.article for change in changes):
            if article.withdrawn_at is None and moment_of(article) >= since:
                for match in matcher.matches(article, *library.vectors.of_article(article)):
                    yield article, match


def _set_paused(name: str, paused: bool, as_json: bool) -> None:
    with _opened() as opened:
        found = opened.named(name)
        if found.paused != paused:
            opened.watches.pause(found.id, paused)
            opened.record(f"watch {'paused' if paused else 'resumed'}", found)
    if as_json:
        show_json({"id": found.id, "paused": paused})
    else:
        show(f"{found.name} is {'paused' if paused else 'watched again'}.")


def _reader(given: str) -> str:
    import re

    if not re.fullmatch(r"[UWCG][A-Z0-9]{2,}", given.strip()):
        raise WrongUse(
            f"{given!r} is no Slack id; a person's begins with U, a channel's with C: U0123456789."
        )
    return given.strip()


def _kinds(given: Several) -> Several:
    from corpus.articles import SourceKind

    known = [kind.value for kind in SourceKind]
    for kind in given or ():
        if kind.strip().casefold() not in known:
            raise WrongUse(f"{kind!r} is no kind of source; there are {', '.join(known)}.")
    return [kind.strip().casefold() for kind in given or ()]


def _quiet(given: str | None) -> tuple[str | None, str | None]:
    if given is None:
        return None, None
    begin, dash, end = given.replace("–", "-").partition("-")
    if not (dash and begin.strip() and end.strip()):
        raise WrongUse(f"{given!r} names no quiet hours; write 22:00-07:00.")
    return begin.strip(), end.strip()
