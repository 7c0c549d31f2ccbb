"""Commands about polled sources: sources add, list, set, remove, pause, check, import …; poll.

What cannot be used ends a command in a sentence; what is changed is kept in the audit trail.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import (
    DONE,
    IN_PART,
    Country,
    Json,
    SourceKindName,
    SourceLanguage,
    WrongUse,
    make_group,
    opened_store,
    progress,
    record,
    say,
    show,
    show_json,
)
from bot.cli.reading import index_pending, number
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.settings import Settings
    from corpus.articles import SourceKind
    from corpus.feeds.poll import Poller, PollReport, SourceReport
    from corpus.feeds.registry import SourceRegister
    from corpus.feeds.schedule import PolledSource
    from corpus.store.articles import ArticleStore


@dataclass(frozen=True, slots=True)
class OpenedSources:
    """The configured store and its register of sources."""

    settings: Settings
    corpus: ArticleStore
    register: SourceRegister

    def named(self, name: str) -> PolledSource:
        """The polled source of that name; ends the command where there is none."""
        found = self.register.source(name)
        if found is None:
            say(f"No polled source is named {name!r}; chancery sources list names them.")
            raise typer.Exit(IN_PART)
        return found

    def record(self, action: str, subject: str, detail: str | None = None) -> None:
        """Add what was done from this terminal to the audit trail."""
        record(self.corpus.engine, action, subject, detail)


@contextmanager
def opened_sources() -> Iterator[OpenedSources]:
    """The sources of the configured store, closed at the end."""
    from bot.settings import load_settings
    from corpus.feeds.registry import SourceRegister

    settings = load_settings()
    with opened_store(settings) as corpus:
        yield OpenedSources(settings, corpus, SourceRegister(corpus))


def kind_option(text: str | None) -> SourceKind | None:
    """The kind that `--kind` names."""
    from corpus.articles import SourceKind

    if text is None:
        return None
    try:
        return SourceKind(text.strip().lower().replace("-", " ").replace("_", " "))
    except ValueError:
        raise WrongUse(f"{text!r} is no kind; one of {', '.join(SourceKind)}.") from None


def interval_option(text: str) -> timedelta:
    """The interval that `--every` names."""
    from corpus.feeds.schedule import parse_interval

    try:
        return parse_interval(text)
    except ValueError as error:
        raise WrongUse(str(error)) from None


def code_option(text: str | None, option: str, example: str) -> str | None:
    """A code of two letters, as given."""
    if text is not None and not re.fullmatch("[A-Za-z]{2}", text):
        raise WrongUse(f"{option} takes a code of two letters, such as {example}.")
    return text


def bytes_of(path: Path) -> bytes:
    """What a file holds."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from None


def source_document(source: PolledSource, entries: int) -> dict[str, object]:
    """The JSON form of a polled source; `entries` is how many were ever seen in it."""
    about = source.source
    return {
        "name": about.name,
        "url": about.url,
        "feed_url": source.feed_url,
        "moved_to": source.moved_to,
        "kind": about.kind.value,
        "country": about.country,
        "language": about.language,
        "every_seconds": int(source.interval.total_seconds()),
        "full_text": source.full_text,
        "paused": source.paused,
        "health": source.health.value,
        "reason": source.reason,
        "wanted": source.wanted,
        "failures": source.failures,
        "entries": entries,
        "last_polled_at": _moment(source.last_polled_at),
        "last_success_at": _moment(source.last_success_at),
        "next_poll_at": _moment(source.next_poll_at),
        "added_by": source.added_by,
        "added_at": _moment(source.added_at),
    }


def source_line(source: PolledSource, entries: int) -> str:
    """A polled source in a line."""
    health = "paused" if source.paused else source.health.value
    told = source.set_aside or source.reason
    reason = f" ({told})" if told else ""
    read = f", read {source.last_success_at:%d %b %Y %H:%M}" if source.last_success_at else ""
    counted = number(entries, "entry", "entries")
    return (
        f"{source.name} · {source.source.kind} · {health}{reason}{read}, {counted} · "
        f"{source.address}"
    )


def report_document(report: SourceReport) -> dict[str, object]:
    """The JSON form of what became of one source."""
    from corpus.feeds.schedule import Failing, Gone, Moved

    outcome, receipt = report.outcome, report.receipt
    return {
        "source": report.name,
        "health": outcome.health.value,
        "found": outcome.found.health.value if isinstance(outcome, Moved) else None,
        "moved_to": outcome.to if isinstance(outcome, Moved) else None,
        "reason": outcome.reason if isinstance(outcome, Failing | Gone) else None,
        "retry_at": _moment(outcome.retry_at) if isinstance(outcome, Failing) else None,
        "entries": report.entries,
        "new": receipt.new,
        "updated": receipt.updated,
        "duplicates": receipt.duplicates,
        "paragraphs": receipt.paragraphs,
        "teasers": report.teasers,
        "waiting": report.waiting,
        "left_out": report.left_out,
        "unread": [{"item": one.item, "reason": one.reason} for one in receipt.failed],
    }


def poll_document(report: PollReport, seconds: float) -> dict[str, object]:
    """The JSON form of a poll, or of a check."""
    from corpus.feeds.schedule import Failing, Gone

    receipts = [one.receipt for one in report.sources]
    return {
        "sources": [report_document(one) for one in report.sources],
        "new": sum(receipt.new for receipt in receipts),
        "updated": sum(receipt.updated for receipt in receipts),
        "duplicates": sum(receipt.duplicates for receipt in receipts),
        "paragraphs": sum(receipt.paragraphs for receipt in receipts),
        "failed": [
            {"source": one.name, "reason": one.outcome.reason}
            for one in report.failed
            if isinstance(one.outcome, Failing | Gone)
        ],
        "seconds": round(seconds, 3),
    }


def report_line(report: SourceReport) -> str:
    """What became of one source, in a line."""
    from corpus.feeds.schedule import Failing, Gone, Moved

    outcome, receipt = report.outcome, report.receipt
    match outcome:
        case Failing():
            return (
                f"{report.name}: failing, {outcome.reason}; "
                f"asked again after {outcome.retry_at:%d %b %H:%M} UTC."
            )
        case Gone():
            return f"{report.name}: gone for good, {outcome.reason}; remove it, or resume it."
        case Moved():
            state = f"moved to {outcome.to}, {outcome.found.health}"
        case _:
            state = outcome.health.value
    counts = (
        (receipt.new, "new"),
        (receipt.updated, "updated"),
        (report.teasers, "only as teasers"),
        (report.waiting, "left for the next poll"),
        (report.left_out, "of the oldest left out"),
        (len(receipt.failed), "not read"),
    )
    told = [f"{count} {word}" for count, word in counts if count]
    parts = [state, number(report.entries, "entry", "entries"), *told]
    unread = [f"\n  not read: {one.item}: {one.reason}" for one in receipt.failed]
    return f"{report.name}: {', '.join(parts)}.{''.join(unread)}"


def total_line(report: PollReport, seconds: float) -> str:
    """A poll as a whole, in a line."""
    new = sum(one.receipt.new for one in report.sources)
    updated = sum(one.receipt.updated for one in report.sources)
    failed = f", {len(report.failed)} failing" if report.failed else ""
    return (
        f"{number(len(report.sources), 'source')} asked{failed}: "
        f"{number(new, 'new article')}, {updated} updated. {seconds:.1f} s"
    )


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def set_source(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")],
    new_name: Annotated[
        str | None, typer.Option("--name", help="What it and its articles are called from now on.")
    ] = None,
    kind: SourceKindName = None,
    country: Country = None,
    language: SourceLanguage = None,
    interval: Annotated[
        str | None, typer.Option("--interval", "--every", help="How often: 15m, 2h, 1d.")
    ] = None,
    full_text: Annotated[
        bool | None,
        typer.Option("--full-text/--no-full-text", help="Fetch the pages behind teasers, or not."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a source: its interval, kind, country, language or name."""
    from bot.db.audit import changed as changed_words
    from bot.db.audit import name_taken, told

    chosen = kind_option(kind)
    every = interval_option(interval) if interval is not None else None
    country = code_option(country, "--country", "CH")
    language = code_option(language, "--language", "fr")
    if new_name is not None and not new_name.strip():
        raise WrongUse("--name takes a name that is not empty.")
    given = (new_name, chosen, country, language, every, full_text)
    if all(one is None for one in given):
        raise WrongUse("Say what to change: --interval, --kind, --country, --language or --name.")
    with opened_sources() as opened:
        old = opened.named(name)
        others = [one for one in opened.register.sources() if one.name != old.name]
        if new_name is not None and name_taken(new_name.strip(), others):
            raise WrongUse(f"Another feed is named {new_name.strip()} already.")
        wanted = replace(
            old.source,
            name=new_name.strip() if new_name is not None else old.name,
            kind=chosen or old.source.kind,
            country=country.upper() if country else old.source.country,
            language=language.lower() if language else old.source.language,
        )
        articles = opened.register.change(
            old.name,
            wanted,
            interval=every or old.interval,
            full_text=old.full_text if full_text is None else full_text,
        )
        new = opened.named(wanted.name)
        changed = changed_words(told(old), told(new))
        if changed:
            opened.record("source changed", old.name, changed)
        waiting = index_pending(opened.settings, opened.corpus, "sources") if articles else None
    if as_json:
        show_json({"changed": source_document(new, 0), "articles": articles})
    else:
        of_articles = f"; {number(articles, 'article')} with it" if articles else ""
        show(f"{new.name}: {changed or 'nothing to change'}{of_articles}.")
    if waiting:
        say(waiting)
    if new.name != old.name:
        say(f"Digests and watches that name {old.name} still do; change them too.")


NO_SOURCES = (
    "No feeds are polled yet: chancery sources add ADDRESS, or chancery sources import --starter."
)
_ADDED_BY = "command line"
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]

app = make_group("The polled feeds.")


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="A feed, or a site with one.")],
    name: Annotated[str | None, typer.Option("--name", help="Instead of the feed's title.")] = None,
    kind: SourceKindName = None,
    country: Country = None,
    language: SourceLanguage = None,
    every: Annotated[str, typer.Option("--every", help="How often: 15m, 2h, 1d.")] = "15m",
    teasers: Annotated[
        bool, typer.Option("--no-full-text", help="Never fetch the pages behind teasers.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll a feed, or the feed of a site, from now on."""
    from bot.library import make_fetcher
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
        bool, typer.Option("--with-articles", help="Its articles are withdrawn: found no more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Poll a source no more and forget what was seen in it."""
    with opened_sources() as opened:
        source = opened.named(name)
        removed = opened.register.remove(source.name, utc_now(), with_articles=with_articles)
        articles = removed.articles
        withdrawn = f"{number(articles, 'article')} withdrawn" if with_articles else None
        opened.record("source removed", source.name, withdrawn or "articles kept")
        waiting = index_pending(opened.settings, opened.corpus, "sources") if articles else None
    if as_json:
        show_json({"removed": source.name, "articles_withdrawn": articles})
    else:
        show(f"Removed {source.name}; its articles: {withdrawn or 'kept'}.")
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
    from corpus.feeds.discovery import read_opml, source_of_outline, starter_feeds

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
    from bot.library import make_fetcher
    from corpus.feeds.poll import Poller

    with make_fetcher(opened.settings) as fetcher:
        yield Poller(opened.corpus, fetcher, utc_now)


def _refuse_second(register: SourceRegister, source: PolledSource) -> None:
    from bot.db.audit import name_taken, polled_already

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
