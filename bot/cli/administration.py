"""Commands for whoever runs Chancery: stats, audit, backup, restore, migrate, retain, withdraw,
forget.

`stats` tells how much is held, how it grows, what follows it, what was delivered, what people
think; `forget` deletes what is kept about a person, as they could ask for in Slack themselves.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import (
    DONE,
    IN_PART,
    Json,
    WrongUse,
    moment_of,
    opened_store,
    progress,
    say,
    show,
    show_json,
)
from bot.cli.reading import index_pending, number
from bot.cli.sources import OpenedSources, opened_sources
from bot.clock import utc_now

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.settings import Settings
    from corpus.store.history import OfSource, Read


def forget(
    person: Annotated[
        str, typer.Argument(metavar="PERSON_ID", help="A person's id in Slack, such as U012ABCDEF.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Delete what is kept about a person: questions, digests, watches, feedback."""
    from bot.db.retention import PERSON_ID, Forgetting
    from bot.records import SOMEBODY

    if not PERSON_ID.fullmatch(person):
        raise WrongUse(f"{person!r} is no id of a person in Slack; it looks like U012ABCDEF.")
    with opened_sources() as opened:
        forgetting = Forgetting(opened.corpus.engine)
        if not yes and forgetting.kept(person).any:
            _confirm(f"delete what is kept about {person}", "deleted")
        found = forgetting.forget(person)
        if found.any:
            opened.record("person forgotten", SOMEBODY, "by an admin")
    if as_json:
        show_json({"person": person, **asdict(found)})
    elif found.any:
        from bot.render.people import kept_lines

        show("\n".join([f"Forgotten: {person}.", *(f"  {line}" for line in kept_lines(found))]))
    else:
        say(f"Nothing is kept about {person}.")
    raise typer.Exit(DONE if found.any else IN_PART)


def _confirm(what: str, done: str) -> None:
    """Ends the command unless somebody at a terminal says yes."""
    if not sys.stdin.isatty():
        raise WrongUse(f"Say --yes to {what}; it cannot be undone.")
    if not typer.confirm(f"{what[0].upper()}{what[1:]}? It cannot be undone.", err=True):
        say(f"Nothing was {done}.")
        raise typer.Exit(IN_PART)


BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="Such as chancery.backup.")]


def backup(file: BackupFile, as_json: Json = False) -> None:
    """Write everything that was read and said into one file, while the bot goes on."""
    from bot.settings import load_settings
    from corpus.store.backup import back_up

    with opened_store(load_settings()) as corpus:
        saved = back_up(corpus.engine, file, utc_now())
        counts = corpus.counts()
    size = file.stat().st_size
    if as_json:
        show_json({"file": str(file), "bytes": size, "articles": counts.articles, **asdict(saved)})
    else:
        show(f"{number(counts.articles, 'article')} in {file}, {_megabytes(size)}.")


def restore(
    file: BackupFile,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace without asking.")] = False,
) -> None:
    """Replace what is kept by what a backup holds, and index it anew; the bot must not run."""
    from bot.cli.reading import reindex
    from bot.settings import load_settings
    from corpus.store.backup import restore as put_back
    from retrieval.index.vectors import IndexOwnership

    settings = load_settings()
    held = _held(settings)
    if held and not yes:
        _confirm(f"replace {held} by the backup", "replaced")
    with IndexOwnership(settings.home, "restore"):
        saved = put_back(settings.store_url, file)
    say(f"Put back what was kept on {saved.made_at[:16].replace('T', ' at ')} UTC.")
    reindex()


def migrate(as_json: Json = False) -> None:
    """Copy what CHANCERY_HOME holds to DATABASE_URL and CHROMA_URL; the bot must not run.

    After an interruption it goes on where it was.
    """
    import bot.db.schema  # noqa: F401 - the bot's tables are copied too
    from bot.library import require_own_server
    from bot.settings import load_settings
    from corpus.store.backup import copy_store
    from corpus.store.database import public_name
    from retrieval.index.vectors import IndexOwnership

    settings = load_settings()
    embedded = _embedded(settings)
    started = time.perf_counter()
    with IndexOwnership(settings.home, "migrate"), opened_store(embedded) as store:
        require_own_server(settings, store)
        with progress("Copying rows") as advance:
            copied = copy_store(store, settings.store_url, advance)
    with opened_store(settings) as corpus:
        waiting = index_pending(settings, corpus, "migrate")
        articles, database = corpus.counts().articles, public_name(corpus.engine.url)
    seconds = time.perf_counter() - started
    if as_json:
        told = {"database": database, "articles": articles, **asdict(copied)}
        show_json({**told, "seconds": round(seconds, 3)})
    else:
        done = "was copied before" if copied.before else f"{number(copied.rows, 'row')} in all"
        show(f"{number(articles, 'article')} in {database}; {done}. {seconds:.1f} s")
    if waiting:
        say(waiting)
    say(_to_do_next(settings))


def _to_do_next(settings: Settings) -> str:
    home = settings.home
    if settings.chroma_url:
        return (
            "Now set DATABASE_URL and CHROMA_URL in .env as they were for this command. Nothing "
            f"reads chancery.db and chroma in {home} then: remove them once all is well."
        )
    return (
        "Now set DATABASE_URL in .env as it was for this command. The indexes stay in "
        f"{home}; nothing reads chancery.db there then: remove it once all is well."
    )


def _embedded(settings: Settings) -> Settings:
    """The settings of the home alone; WrongUse where there is nothing to copy from or to."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    if settings.database_url is None:
        raise WrongUse(
            "Set DATABASE_URL to an empty PostgreSQL database, and CHROMA_URL to a Chroma server, "
            "for this command or in .env."
        )
    try:
        server = make_url(settings.store_url).get_backend_name() in ("postgresql", "postgres")
    except ArgumentError:
        server = False
    if not server:
        raise WrongUse("DATABASE_URL is no address of a PostgreSQL database.")
    if not (settings.home / "chancery.db").is_file():
        raise WrongUse(f"{settings.home} holds no store to copy; CHANCERY_HOME names it.")
    return settings.model_copy(update={"database_url": None})


def _held(settings: Settings) -> str | None:
    """What a restored store would replace, in words; a damaged one is no reason not to."""
    from corpus.errors import StoreError

    try:
        with opened_store(settings) as corpus:
            articles = corpus.counts().articles
    except StoreError:
        return "what can no longer be read"
    return f"{number(articles, 'article')} and all answers" if articles else None


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
    from bot.db.audit import Audit

    moment = moment_of(since, utc_now()) if since is not None else None
    with opened_sources() as opened:
        entries = Audit(opened.corpus.engine).recent(most, moment)
    if as_json:
        show_json({"entries": [asdict(one) | {"at": one.at.isoformat()} for one in entries]})
    else:
        from bot.render.wording import safe

        for entry in entries:
            detail = f" ({entry.detail})" if entry.detail else ""
            told = f"{entry.by} · {entry.action}: {entry.subject}{detail}"
            show(f"{entry.at:%d %b %Y %H:%M} UTC · {safe(told)}")
        if not entries:
            say("Nothing was changed" + (" since then." if since else " yet."))
    raise typer.Exit(DONE if entries else IN_PART)


def retain(
    older_than: Annotated[
        str | None, typer.Option("--older-than", help="An age: 365d, 52w, 2y; else RETENTION_DAYS.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove articles, answers and postings that are older than an age.

    Articles that a kept answer, summary, digest or alert cites stay.
    """
    from bot.db.retention import purge
    from bot.db.retention import retain as let_go
    from corpus.store.history import expired

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
        from bot.render.wording import safe

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


DELIVERY_DAYS = 7
FEEDBACK_DAYS = 30
MOST_REASONS = 5
LONGEST_QUESTION = 120
MOST_SOURCES = 20
_STEPS = ("day", "week", "month")


def stats(
    by: Annotated[str, typer.Option("--by", help="Growth by day, week or month.")] = "day",
    last: Annotated[
        int, typer.Option("--last", min=1, max=400, help="How many days, weeks or months.")
    ] = 7,
    as_json: Json = False,
) -> None:
    """Say how much is held, how it grows, what was delivered, and what people thought of it."""
    if by not in _STEPS:
        raise WrongUse(f"--by takes {', '.join(_STEPS[:-1])} or {_STEPS[-1]}, not {by!r}.")
    with opened_sources() as opened:
        document = state_document(opened, utc_now(), by, last)
    if as_json:
        show_json(document)
    else:
        show("\n".join(_lines(document)))


def state_document(opened: OpenedSources, now: datetime, by: str, last: int) -> dict[str, Any]:
    """Everything that `stats` says, as JSON holds it."""
    from corpus.store.history import by_source, follower_positions, growth

    corpus = opened.corpus
    counts, change = corpus.counts(), corpus.last_change()
    steps = growth(corpus, now, by, last)  # type: ignore[arg-type]
    begin = steps[0].begins
    since = now.replace(
        year=begin.year, month=begin.month, day=begin.day, hour=0, minute=0, second=0, microsecond=0
    )
    positions = follower_positions(corpus)
    if (words := _lexical_position(opened.settings.home)) is not None:
        positions["word index"] = words
    return {
        "articles": counts.articles,
        "paragraphs": counts.paragraphs,
        "duplicates": counts.duplicates,
        "versions": counts.versions,
        "sources": corpus.source_names(),
        "last_change": change,
        "home": str(opened.settings.home),
        "growth": {"by": by, "steps": [_step(one) for one in steps]},
        "by_source": [_of_source(one) for one in by_source(corpus, since)],
        "bytes": _sizes(opened),
        "followers": [
            {"name": name, "position": position, "articles_behind": corpus.pending(position)[0]}
            for name, position in sorted(positions.items())
        ],
        "deliveries": {"days": DELIVERY_DAYS, **_deliveries(opened, now)},
        "source_health": _health(opened),
        "feedback": feedback_document(opened.corpus.engine, now),
    }


def _step(step: Read) -> dict[str, object]:
    return {
        "from": step.begins.isoformat(),
        "articles": step.articles,
        "paragraphs": step.paragraphs,
    }


def _of_source(held: OfSource) -> dict[str, object]:
    return {
        "source": held.source,
        "articles": held.articles,
        "paragraphs": held.paragraphs,
        "of_late": held.of_late,
        "newest": held.newest.isoformat() if held.newest else None,
    }


def _sizes(opened: OpenedSources) -> dict[str, int | None]:
    """Bytes on disk; None for what is kept on a server."""
    home, settings = opened.settings.home, opened.settings
    database = None
    if settings.database_url is None:
        database = sum(_size(path) for path in home.glob("chancery.db*"))
    return {
        "database": database,
        "vectors": None if settings.chroma_url else _size(home / "chroma"),
        "words": sum(_size(path) for path in home.glob("lexical-*")),
    }


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
    return path.stat().st_size if path.is_file() else 0


def _lexical_position(home: Path) -> int | None:
    """The last change that the word index holds; None where there is none yet."""
    from retrieval.errors import IndexUnavailable
    from retrieval.index.lexical import LexicalIndex

    if not any(home.glob("lexical-*")):
        return None
    try:
        index = LexicalIndex(home)
    except IndexUnavailable:
        return None
    try:
        return index.position
    finally:
        index.close()


def _deliveries(opened: OpenedSources, now: datetime) -> dict[str, dict[str, int]]:
    """Postings that were due of late, by what became of them and by kind."""
    from sqlalchemy import func, select

    from bot.db.schema import postings
    from corpus.store.database import reading

    columns = postings.c
    query = (
        select(columns.state, columns.kind, func.count())
        .where(columns.due_at >= now - timedelta(days=DELIVERY_DAYS))
        .group_by(columns.state, columns.kind)
    )
    found: dict[str, dict[str, int]] = {"posted": {}, "skipped": {}, "waiting": {}}
    with reading(opened.corpus.engine) as connection:
        for state, kind, count in connection.execute(query):
            of_state = found["waiting" if state == "claimed" else state]
            of_state[kind] = of_state.get(kind, 0) + count
    return found


def _health(opened: OpenedSources) -> dict[str, int]:
    """How many polled sources were found how, paused ones as that."""
    polled = opened.register.sources()
    return dict(
        Counter("paused" if one.paused else one.health.value for one in polled).most_common()
    )


def feedback_document(engine: Engine, now: datetime) -> dict[str, Any]:
    """What people found helpful, lately and in all, and the newest reasons for what was not."""
    from bot.db.turns import Feedback

    feedback = Feedback(engine)
    lately, in_all = feedback.counts(now - timedelta(days=FEEDBACK_DAYS)), feedback.counts()
    return {
        "days": FEEDBACK_DAYS,
        "helpful": lately.helpful,
        "not_helpful": lately.not_helpful,
        "in_all": {"helpful": in_all.helpful, "not_helpful": in_all.not_helpful},
        "reasons": [
            {"at": one.at.isoformat(), "kind": one.kind, "question": one.question}
            | {"reason": one.reason}
            for one in feedback.latest(MOST_REASONS)
        ],
    }


def feedback_lines(told: dict[str, Any]) -> list[str]:
    """What `feedback_document` tells, for a terminal."""
    from bot.render.wording import excerpt, safe

    in_all = told["in_all"]
    if not in_all["helpful"] + in_all["not_helpful"]:
        return ["Feedback: none yet."]
    lines = [
        f"Feedback of the last {told['days']} days: {told['helpful']:,} helpful, "
        f"{told['not_helpful']:,} not; in all {in_all['helpful']:,} and {in_all['not_helpful']:,}."
    ]
    for one in told["reasons"]:
        question = excerpt(safe(one["question"]), LONGEST_QUESTION)
        lines.append(f"  {one['at'][:10]}  {safe(one['reason'])} — “{question}”")
    return lines


def _lines(state: dict[str, Any]) -> list[str]:
    from bot.render.wording import safe

    growth, sizes, delivered = state["growth"], state["bytes"], state["deliveries"]
    lines = [
        f"{number(state['articles'], 'article')} with {number(state['paragraphs'], 'paragraph')} "
        f"from {number(len(state['sources']), 'source')}; "
        f"{number(state['duplicates'], 'copy', 'copies')}, "
        f"{number(state['versions'], 'version')} in all.",
        f"Read by {growth['by']}:",
    ]
    for step in growth["steps"]:
        read = f"{number(step['articles'], 'article')}, {number(step['paragraphs'], 'paragraph')}"
        lines.append(f"  {step['from']}  {read}")
    held = state["by_source"]
    lines.append("By source (new in that time):")
    for one in held[:MOST_SOURCES]:
        name = safe(one["source"] or "without a source")
        lines.append(
            f"  {name}: {number(one['articles'], 'article')} (+{one['of_late']:,}), "
            f"{number(one['paragraphs'], 'paragraph')}"
        )
    if len(held) > MOST_SOURCES:
        lines.append(f"  and {number(len(held) - MOST_SOURCES, 'source')} more")
    if state["source_health"]:
        health = (f"{count} {what}" for what, count in state["source_health"].items())
        lines.append(f"Polled sources: {', '.join(health)}.")
    for follower in state["followers"]:
        behind = follower["articles_behind"]
        state_of = f"{number(behind, 'article')} behind" if behind else "up to date"
        lines.append(f"Follower {follower['name']}: {state_of}.")
    told = [f"{sum(delivered[what].values())} {what}" for what in ("posted", "skipped", "waiting")]
    lines.append(f"Deliveries of the last {delivered['days']} days: {', '.join(told)}.")
    lines += feedback_lines(state["feedback"])
    disk = (f"{what} {_megabytes(size)}" for what, size in sizes.items() if size is not None)
    lines.append(f"On disk: {', '.join(disk)}.")
    lines.append(f"Kept in {state['home']}.")
    return lines


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
