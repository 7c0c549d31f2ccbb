"""stats: how much is held, how it grows, what follows it, what was delivered, what people think."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import WrongUse, show, show_json
from bot.cli.reading import Json, number
from bot.cli.source_opening import OpenedSources, opened_sources

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from corpus.store.growth import OfSource, Read

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
    from bot.clock import utc_now

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
    from corpus.store.growth import by_source, follower_positions, growth

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
            {
                "name": name,
                "position": position,
                "articles_behind": corpus.pending(position)[0],
            }
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
    from retrieval.lexical import LexicalIndex

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

    from corpus.store.database import reading
    from corpus.store.schema import postings

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
    from bot.people.feedback import Feedback

    feedback = Feedback(engine)
    lately, in_all = feedback.counts(now - timedelta(days=FEEDBACK_DAYS)), feedback.counts()
    return {
        "days": FEEDBACK_DAYS,
        "helpful": lately.helpful,
        "not_helpful": lately.not_helpful,
        "in_all": {"helpful": in_all.helpful, "not_helpful": in_all.not_helpful},
        "reasons": [
            {
                "at": one.at.isoformat(),
                "kind": one.kind,
                "question": one.question,
                "reason": one.reason,
            }
            for one in feedback.latest(MOST_REASONS)
        ],
    }


def feedback_lines(told: dict[str, Any]) -> list[str]:
    """What `feedback_document` tells, for a terminal."""
    from bot.rendering.wording import excerpt, safe

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
    from bot.rendering.wording import safe

    growth, sizes, delivered = state["growth"], state["bytes"], state["deliveries"]
    lines = [
        f"{number(state['articles'], 'article')} with {number(state['paragraphs'], 'paragraph')} "
        f"from {number(len(state['sources']), 'source')}; "
        f"{number(state['duplicates'], 'copy', 'copies')}, "
        f"{number(state['versions'], 'version')} in all.",
        f"Read by {growth['by']}:",
    ]
    lines += [
        f"  {step['from']}  {number(step['articles'], 'article')}, "
        f"{number(step['paragraphs'], 'paragraph')}"
        for step in growth["steps"]
    ]
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
