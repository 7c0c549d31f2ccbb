"""sources set: change how a source is polled, what it is and what it is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from bot.cli.console import WrongUse, say, show, show_json
from bot.cli.reading import Json, index_pending, number
from bot.cli.source_opening import opened_sources
from bot.cli.source_options import code_option, interval_option, kind_option
from bot.sources.changes import changed as changed_words
from bot.sources.changes import name_taken, told


def set_source(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")],
    new_name: Annotated[
        str | None, typer.Option("--name", help="What it and its articles are called from now on.")
    ] = None,
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
        from bot.cli.source_reports import source_document

        show_json({"changed": source_document(new, 0), "articles": articles})
    else:
        of_articles = f"; {number(articles, 'article')} with it" if articles else ""
        show(f"{new.name}: {changed or 'nothing to change'}{of_articles}.")
    if waiting:
        say(waiting)
    if new.name != old.name:
        say(f"Digests and watches that name {old.name} still do; change them too.")
