"""Commands for whoever runs Chancery: audit, retain, withdraw."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, say, show, show_json
from bot.cli.reading import Json, index_pending, number
from bot.cli.source_opening import opened_sources

_AGE = re.compile(r"(\d{1,5})\s*(d|w|y)", re.IGNORECASE)
_UNITS = {"d": 1, "w": 7, "y": 365}
_OLDEST_DAYS = 500 * 365


def audit(
    since: Annotated[
        str | None, typer.Option("--since", help="Only since then: 7d, 2019-04-01, monday.")
    ] = None,
    most: Annotated[
        int, typer.Option("-n", min=1, max=100_000, help="How many, newest first.")
    ] = 50,
    as_json: Json = False,
) -> None:
    """Say who changed what: sources, digests, watches, articles taken out."""
    from bot.audit import Audit
    from bot.clock import utc_now

    moment = None
    if since is not None:
        from retrieval.time_window import parse_moment

        try:
            moment = parse_moment(since, utc_now())
        except ValueError as error:
            raise WrongUse(str(error)) from None
    with opened_sources() as opened:
        entries = Audit(opened.corpus.engine).recent(most, moment)
    if as_json:
        show_json(
            {
                "entries": [
                    {
                        "at": entry.at.isoformat(),
                        "by": entry.by,
                        "action": entry.action,
                        "subject": entry.subject,
                        "detail": entry.detail,
                    }
                    for entry in entries
                ]
            }
        )
    else:
        from bot.rendering.wording import safe

        for entry in entries:
            detail = f" ({entry.detail})" if entry.detail else ""
            told = f"{entry.by} · {entry.action}: {entry.subject}{detail}"
            show(f"{entry.at:%d %b %Y %H:%M} UTC · {safe(told)}")
        if not entries:
            say("Nothing was changed" + (" since then." if since else " yet."))
    raise typer.Exit(DONE if entries else IN_PART)


def retain(
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", help="An age: 365d, 52w, 2y; else RETENTION_DAYS."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove articles, answers and postings that are older than an age.

    Articles that a kept answer, summary, digest or alert cites stay.
    """
    from bot.clock import utc_now
    from bot.retention import retain as let_go
    from corpus.store.retention import expired, purge

    waiting = None
    with opened_sources() as opened:
        age = _age(older_than, opened.settings.retention_days)
        corpus = opened.corpus
        done = let_go(corpus, age, utc_now(), followed=0, dry_run=dry_run)
        purged = done.purged
        if not dry_run:
            if done.waiting:
                waiting = index_pending(opened.settings, corpus, "retain")
                purged = 0 if waiting else purge(corpus, corpus.last_change())
            opened.record(
                "old articles removed",
                f"older than {number(age.days, 'day')}",
                f"{number(done.expired, 'article')}, {number(done.turns, 'turn')}",
            )
        left = 0 if dry_run else expired(corpus)
    if as_json:
        show_json(
            {
                "older_than_days": age.days,
                "dry_run": dry_run,
                "articles": done.expired,
                "kept_as_cited": done.cited,
                "removed": purged,
                "waiting": left,
                "turns": done.turns,
                "postings": done.postings,
            }
        )
    else:
        would = "would be removed" if dry_run else "taken out"
        show(
            f"{number(done.expired, 'article')} older than {number(age.days, 'day')} {would}; "
            f"{number(done.turns, 'turn')}, {number(done.postings, 'posting')}."
        )
        if done.cited:
            show(f"{number(done.cited, 'older article')} kept for the answers that cite them.")
        if not dry_run:
            show(f"{number(purged, 'article')} removed altogether, {left:,} waiting for that.")
    if waiting:
        say(waiting)


def withdraw(
    address: Annotated[str, typer.Argument(metavar="URL", help="The article's address.")],
    as_json: Json = False,
) -> None:
    """Take out an article that its source retracted; whoever was shown it is told."""
    from bot.clock import utc_now
    from corpus.articles import article_id
    from corpus.errors import CorpusError

    try:
        identity = article_id(address)
    except CorpusError as error:
        raise WrongUse(str(error)) from None
    with opened_sources() as opened:
        article = opened.corpus.article(identity)
        if article is None:
            say(f"No article with the address {address} has been read.")
            raise typer.Exit(IN_PART)
        done = opened.corpus.withdraw(article.id, utc_now())
        if done:
            opened.record("article withdrawn", article.url, article.title)
        waiting = index_pending(opened.settings, opened.corpus, "withdraw") if done else None
    if as_json:
        show_json({"url": article.url, "withdrawn": done})
    else:
        from bot.rendering.wording import safe

        state = "is withdrawn" if done else "was withdrawn before"
        show(safe(f"“{article.title}” {state}."))
    if waiting:
        say(waiting)


def _age(text: str | None, days: int | None) -> timedelta:
    if text is None:
        if days is None:
            raise WrongUse("Say how old with --older-than 365d, or set RETENTION_DAYS.")
        return timedelta(days=days)
    match = _AGE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise WrongUse(f"{text!r} is no age; write 365d, 52w or 2y.")
    days = int(match[1]) * _UNITS[match[2].lower()]
    if days > _OLDEST_DAYS:
        raise WrongUse(f"{text!r} is before anything was written; write 365d, 52w or 2y.")
    return timedelta(days=days)
