"""forget: delete what is kept about a person, as they could ask for in Slack themselves."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, say, show, show_json
from bot.cli.reading import Json
from bot.cli.source_opening import opened_sources


def forget(
    person: Annotated[
        str, typer.Argument(metavar="PERSON_ID", help="A person's id in Slack, such as U012ABCDEF.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Delete what is kept about a person: questions, digests, watches, feedback."""
    from bot.audit import Audit, terminal_user
    from bot.clock import utc_now
    from bot.people.forgetting import PERSON_ID, SOMEBODY, Forgetting

    if not PERSON_ID.fullmatch(person):
        raise WrongUse(f"{person!r} is no id of a person in Slack; it looks like U012ABCDEF.")
    with opened_sources() as opened:
        forgetting = Forgetting(opened.corpus.engine)
        kept = forgetting.kept(person)
        if not yes:
            _ask(person, kept.any)
        found = forgetting.forget(person)
        if found.any:
            by, how = terminal_user(), "by an admin"
            Audit(opened.corpus.engine).record(by, "person forgotten", SOMEBODY, how, utc_now())
    if as_json:
        show_json({"person": person, **asdict(found)})
    elif found.any:
        from bot.rendering.forget_blocks import kept_lines

        show("\n".join([f"Forgotten: {person}.", *(f"  {line}" for line in kept_lines(found))]))
    else:
        say(f"Nothing is kept about {person}.")
    raise typer.Exit(DONE if found.any else IN_PART)


def _ask(person: str, any_kept: bool) -> None:
    """Ends the command unless somebody at a terminal says yes."""
    if not any_kept:
        return
    if not sys.stdin.isatty():
        raise WrongUse(f"Say --yes to delete what is kept about {person}; it cannot be undone.")
    if not typer.confirm(f"Delete what is kept about {person}? It cannot be undone.", err=True):
        say("Nothing was deleted.")
        raise typer.Exit(IN_PART)
