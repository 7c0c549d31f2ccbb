"""The command `chancery`: one module a group of commands, heavy imports inside them.

console         output: JSON on stdout, everything else on stderr, errors as one sentence; options
reading         ingest, reindex, doctor
administration  stats, audit, backup, restore, migrate, retain, withdraw, forget
asking          search, ask, check, chat, run, serve
reports         digest, summary, quotes, timeline, stories
sources         sources add, list, set, remove, pause, resume, check, import; poll
subscriptions   subscriptions add, list, remove, pause, resume; watches the same, and test
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from bot.cli import administration, asking, reading, reports, sources, subscriptions
from bot.cli import asking as talking
from bot.cli.console import console_settings, report_failure

app = typer.Typer(
    name="chancery",
    help="Diplomatic monitoring: every sentence cited to the paragraph it came from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"chancery {version('chancery')}")
        raise typer.Exit


@app.callback()
def _options(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Show tracebacks and debug logs."),
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    console_settings.verbose = verbose


_COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("run", talking.run),
    ("ingest", reading.ingest),
    ("ask", asking.ask),
    ("search", asking.search),
    ("check", asking.check),
    ("digest", reports.digest),
    ("summary", reports.summary),
    ("quotes", reports.quotes),
    ("timeline", reports.timeline),
    ("stories", reports.stories),
    ("poll", sources.poll),
    ("chat", talking.chat),
    ("serve", talking.serve),
    ("stats", administration.stats),
    ("doctor", reading.doctor),
    ("reindex", reading.reindex),
    ("audit", administration.audit),
    ("backup", administration.backup),
    ("restore", administration.restore),
    ("migrate", administration.migrate),
    ("retain", administration.retain),
    ("withdraw", administration.withdraw),
    ("forget", administration.forget),
)
for _name, _command in _COMMANDS:
    app.command(_name)(_command)
app.add_typer(sources.app, name="sources")
app.add_typer(subscriptions.subscriptions, name="subscriptions")
app.add_typer(subscriptions.watches, name="watches")


def _arguments(given: list[str]) -> list[str]:
    """The arguments as text that can be searched for and stored; names of files stay as they are,
    whatever their bytes."""
    if all(one.isascii() for one in given):
        return given
    from corpus.text.words import well_formed

    return [one if os.path.lexists(one) else well_formed(one) for one in given]


def main() -> None:
    """Run the command line; exits with 0 (done), 1 (in part or nothing found) or 2 (wrong use)."""
    # What is written is for whoever runs this, and for nobody else on the machine.
    os.umask(0o077)
    try:
        app(_arguments(sys.argv[1:]))
    except Exception as error:  # The last line of defence: nobody is shown a traceback.
        sys.exit(report_failure(error))
