"""The command `chancery`: one module a group of commands, heavy imports inside them.

console   output: JSON on stdout, everything else on stderr, errors as one sentence
reading   ingest, reindex, doctor
state     stats
admin     audit, retain, withdraw
forgetting forget
asking    search, ask
checking  check
briefing  digest, summary
positions quotes, timeline
stories   stories, and joining and splitting them
talking   chat, run, serve
sources   sources add, list, set, remove, pause, resume, check, import; poll
subscriptions  subscriptions add, list, remove, pause, resume
watches   watches add, list, remove, pause, resume, test
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from bot.cli import administration as admin
from bot.cli import administration as forgetting
from bot.cli import administration as state
from bot.cli import asking, reading, sources, subscriptions, talking
from bot.cli import asking as checking
from bot.cli import reports as briefing
from bot.cli import reports as positions
from bot.cli import reports as stories
from bot.cli import watching as watches
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
    ("check", checking.check),
    ("digest", briefing.digest),
    ("summary", briefing.summary),
    ("quotes", positions.quotes),
    ("timeline", positions.timeline),
    ("stories", stories.stories),
    ("poll", sources.poll),
    ("chat", talking.chat),
    ("serve", talking.serve),
    ("stats", state.stats),
    ("doctor", reading.doctor),
    ("reindex", reading.reindex),
    ("audit", admin.audit),
    ("retain", admin.retain),
    ("withdraw", admin.withdraw),
    ("forget", forgetting.forget),
)
for _name, _command in _COMMANDS:
    app.command(_name)(_command)
app.add_typer(sources.app, name="sources")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(watches.app, name="watches")


def main() -> None:
    """Run the command line; exits with 0 (done), 1 (in part or nothing found) or 2 (wrong use)."""
    try:
        app()
    except Exception as error:  # The last line of defence: nobody is shown a traceback.
        sys.exit(report_failure(error))
