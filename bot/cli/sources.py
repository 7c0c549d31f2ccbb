"""Commands about polled sources: sources add, list, set, remove, pause, … import; poll."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, progress, say, show, show_json
from bot.cli.reading import Json, index_pending, number
from bot.cli.source_opening import OpenedSources, opened_sources
from bot.cli.source_options import bytes_of, code_option, interval_option, kind_option
from bot.cli.source_setting import set_source
from bot.sources.changes import name_taken, polled_already

if TYPE_CHECKING:
    from corpus.feeds.poll import Poller
    from corpus.feeds.polling import PolledSource
    from corpus.feeds.register import SourceRegister

NO_SOURCES = (
    "No feeds are polled yet: chancery sources add ADDRESS, or chancery sources import --starter."
)
_ADDED_BY = "command line"
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]

app = typer.Typer(
    help="The polled feeds.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="A feed, or a site with one.")],
    name: Annotated[str | None, typer.Option("--name", help="Instead of the feed's title.")] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="official, wire, state media, independent, opinion, unknown."),
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="ISO 3166 code, two letters: CH.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="ISO 639-1 code, two letters: fr.")
    ] = None,
    every: Annotated[str, typer.Option("--every", help="How often: 15m, 2h, 1d.")] = "15m",
    teasers: Annotated[
        bool, typer.Option("--no-full-text", help="Never fetch the pages behind teasers.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll a feed, or the feed of a site, from now on."""
    from bot.clock import utc_now
    from bot.wiring import make_fetcher
    from corpus.feeds.discovery import find_feed, source_of_feed

    chosen, interval = kind_option(kind), interval_option(every)
    country = code_option(country, "--country", "CH")
    language = code_option(language, "--language", "fr")
    with opened_sources() as opened, make_fetcher(opened.settings) as fetcher:
        found = find_feed(address, fetcher)
        source = source_of_feed(
            found,
            added_by=_ADDED_BY,
            now=utc_now(),
            name=name,
            kind=chosen,
            country=country.upper() if country else None,
            language=language.lower() if language else None,
            interval=interval,
            full_text=not teasers,
        )
        _refuse_second(opened.register, source)
        opened.register.put(source)
        opened.record("source added", source.name, f"{source.feed_url}, every {every}")
    entries = len(found.feed.entries)
    if as_json:
        from bot.cli.source_reports import source_document

        show_json({"added": source_document(source, 0), "entries": entries})
    else:
        show(
            f"Added {source.name} ({source.source.kind}): {source.feed_url}, "
            f"{number(entries, 'entry', 'entries')} now, asked every {every}. "
            "chancery poll reads it."
        )


@app.command("list")
def list_sources(as_json: Json = False) -> None:
    """Say which feeds are polled and how they were found last."""
    from bot.cli.source_reports import source_document, source_line

    with opened_sources() as opened:
        sources, counts = opened.register.sources(), opened.register.entry_counts()
    if as_json:
        show_json({"sources": [source_document(one, counts.get(one.name, 0)) for one in sources]})
    else:
        for source in sources:
            show(source_line(source, counts.get(source.name, 0)))
        if not sources:
            say(NO_SOURCES)
    raise typer.Exit(DONE if sources else IN_PART)


app.command("set")(set_source)


@app.command("remove")
def remove(
    name: Name,
    with_articles: Annotated[
        bool,
        typer.Option("--with-articles", help="Its articles are withdrawn: found no more."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll a source no more and forget what was seen in it."""
    from bot.clock import utc_now

    with opened_sources() as opened:
        source = opened.named(name)
        removed = opened.register.remove(source.name, utc_now(), with_articles=with_articles)
        what = (
            f"{number(removed.articles, 'article')} withdrawn" if with_articles else "articles kept"
        )
        opened.record("source removed", source.name, what)
        waiting = (
            index_pending(opened.settings, opened.corpus, "sources") if removed.articles else None
        )
    if as_json:
        show_json({"removed": source.name, "articles_withdrawn": removed.articles})
    else:
        fate = f"{number(removed.articles, 'article')} withdrawn" if with_articles else "kept"
        show(f"Removed {source.name}; its articles: {fate}.")
    if waiting:
        say(waiting)


@app.command("pause")
def pause(name: Name, as_json: Json = False) -> None:
    """Leave a source alone until it is resumed."""
    _set_paused(name, True, as_json)


@app.command("resume")
def resume(name: Name, as_json: Json = False) -> None:
    """Poll a source again, also one that was gone."""
    _set_paused(name, False, as_json)


@app.command("check")
def check(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this source.")] = None,
    as_json: Json = False,
) -> None:
    """Reach each source and say its health; nothing is read."""
    from bot.cli.source_reports import poll_document, report_line

    started = time.perf_counter()
    with opened_sources() as opened:
        names = [opened.named(name).name] if name else None
        total = len(opened.register.sources(names))
        with _poller(opened) as poller, progress("Asking", total) as advance:
            report = poller.check(names, progress=advance)
    if as_json:
        show_json(poll_document(report, time.perf_counter() - started))
    else:
        for one in report.sources:
            show(report_line(one))
        if not report.sources:
            say(NO_SOURCES)
    raise typer.Exit(IN_PART if report.failed or not report.sources else DONE)


@app.command("import")
def import_list(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An OPML file.")] = None,
    starter: Annotated[
        bool, typer.Option("--starter", help="The bundled list, not yet checked.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add the feeds of an OPML file, or of the bundled starter list."""
    from bot.clock import utc_now
    from corpus.feeds.discovery import source_of_outline
    from corpus.feeds.opml import read_opml, starter_feeds

    if (file is None) == (not starter):
        raise WrongUse("Name one OPML file, or --starter for the bundled list.")
    outlines = starter_feeds() if file is None else read_opml(bytes_of(file), str(file))
    added, known = [], []
    with opened_sources() as opened:
        existing = opened.register.sources()
        names = {one.name.casefold() for one in existing}
        addresses = {address for one in existing for address in (one.feed_url, one.address)}
        for outline in outlines:
            if outline.name.casefold() in names or outline.feed_url in addresses:
                known.append(outline.name)
                continue
            opened.register.put(source_of_outline(outline, added_by=_ADDED_BY, now=utc_now()))
            added.append(outline.name)
        if added:
            listed = "starter list" if file is None else file.name
            opened.record("sources imported", listed, number(len(added), "feed"))
    if as_json:
        show_json({"added": added, "already_there": known})
    else:
        there = f"; {len(known)} already there" if known else ""
        show(f"Added {number(len(added), 'feed')}{there}.")
        if added:
            say("None has been reached yet: chancery sources check says which answer.")
    raise typer.Exit(DONE if added else IN_PART)


def poll(
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only this source, due or not.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All sources, due or not.")] = False,
    as_json: Json = False,
) -> None:
    """Read what is new in the feeds that are due."""
    from bot.cli.source_reports import poll_document, report_line, total_line

    started = time.perf_counter()
    with opened_sources() as opened:
        names = [opened.named(name).name for name in source] if source else None
        known = opened.register.sources(names)
        with _poller(opened) as poller, progress("Polling", len(known)) as advance:
            report = poller.poll(names, everything=everything, progress=advance)
        waiting = index_pending(opened.settings, opened.corpus, "poll") if report.changed else None
    seconds = time.perf_counter() - started
    if as_json:
        show_json(poll_document(report, seconds))
    else:
        for one in report.sources:
            show(report_line(one))
        show(total_line(report, seconds))
    if waiting:
        say(waiting)
    if not known:
        say(NO_SOURCES)
    elif not report.sources:
        say("No source is due; --all asks them all the same.")
    raise typer.Exit(IN_PART if report.failed or not known else DONE)


@contextmanager
def _poller(opened: OpenedSources) -> Iterator[Poller]:
    from bot.clock import utc_now
    from bot.wiring import make_fetcher
    from corpus.feeds.poll import Poller

    with make_fetcher(opened.settings) as fetcher:
        yield Poller(opened.corpus, fetcher, utc_now)


def _refuse_second(register: SourceRegister, source: PolledSource) -> None:
    known = register.sources()
    if there := polled_already(source.feed_url, known):
        say(there)
        raise typer.Exit(IN_PART)
    if taken := name_taken(source.name, known):
        say(f"Another feed is named {taken} already; give this one a --name.")
        raise typer.Exit(IN_PART)


def _set_paused(name: str, paused: bool, as_json: bool) -> None:
    with opened_sources() as opened:
        source = opened.named(name)
        opened.register.pause(source.name, paused)
        opened.record("source paused" if paused else "source resumed", source.name)
    if as_json:
        show_json({"name": source.name, "paused": paused})
    else:
        show(f"{source.name} is {'paused' if paused else 'polled again'}.")
