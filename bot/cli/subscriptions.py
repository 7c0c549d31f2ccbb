"""Commands about digests by subscription: subscriptions add, list, remove, pause, resume."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, coded, named, say, show, show_json
from bot.cli.reading import Json

if TYPE_CHECKING:
    from bot.db.subscriptions import Subscriptions
    from bot.records import Subscription

NO_SUBSCRIPTIONS = (
    "Nobody gets a digest yet: chancery subscriptions add --channel C0123456789 --at 07:30 "
    "--zone Europe/Paris."
)
MOST_STORIES = 20
Identity = Annotated[str, typer.Argument(metavar="ID", help="As subscriptions list shows it.")]

app = typer.Typer(
    help="Who gets a digest, of what and when.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("add")
def add(
    reader: Annotated[
        str | None, typer.Option("--reader", help="A Slack user's id: by direct message.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="A Slack channel's id.")] = None,
    name: Annotated[str, typer.Option("--name", help="As its digests call it.")] = "",
    at: Annotated[str, typer.Option("--at", help="Local time.")] = "07:30",
    zone: Annotated[str, typer.Option("--zone", help="Time zone.")] = "UTC",
    days: Annotated[str, typer.Option("--days", help="mon-fri, or sat,sun.")] = "daily",
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="What it is about; again for more.")
    ] = None,
    place: Annotated[
        list[str] | None, typer.Option("--place", help="A country; again for more.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only from this source; again for more.")
    ] = None,
    length: Annotated[
        int, typer.Option("--length", min=1, max=MOST_STORIES, help="Stories told at most.")
    ] = 5,
    as_json: Json = False,
) -> None:
    """Deliver a digest from now on, to a person or into a channel."""
    from bot.clock import parse_days, utc_now
    from bot.db.audit import terminal_user
    from bot.records import Subscription
    from retrieval.reports.report import Interests

    now = utc_now()
    place_to_post = _place_to_post(reader, channel)
    interests = Interests(
        named(topic, "topic"), coded(named(place, "place")), named(source, "source"), length
    )
    try:
        subscription = Subscription(
            id=uuid.uuid4().hex[:8],
            reader=place_to_post,
            channel=place_to_post,
            name=name.strip(),
            at=at,
            zone=zone,
            days=parse_days(days),
            interests=interests,
            paused=False,
            created_by=terminal_user(),
            created_at=now,
        )
        with _opened() as opened:
            opened.subscriptions.add(subscription)
            kept = opened.named(subscription.id)
            opened.record("subscription added", kept, now)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if as_json:
        show_json({"added": subscription_document(kept, now)})
    else:
        show(f"Added {subscription_line(kept, now)}")


@app.command("list")
def list_subscriptions(as_json: Json = False) -> None:
    """Say who gets a digest, of what and when."""
    from bot.clock import utc_now

    now = utc_now()
    with _opened() as opened:
        found = opened.subscriptions.all()
    if as_json:
        show_json({"subscriptions": [subscription_document(one, now) for one in found]})
    else:
        for one in found:
            show(subscription_line(one, now))
        if not found:
            say(NO_SUBSCRIPTIONS)
    raise typer.Exit(DONE if found else IN_PART)


@app.command("remove")
def remove(identity: Identity, as_json: Json = False) -> None:
    """Deliver a digest no more, and forget what it told."""
    from bot.clock import utc_now

    with _opened() as opened:
        found = opened.named(identity)
        opened.subscriptions.remove(found.id)
        opened.record("subscription removed", found, utc_now())
    if as_json:
        show_json({"removed": found.id})
    else:
        show(f"Removed {found.id}.")


@app.command("pause")
def pause(identity: Identity, as_json: Json = False) -> None:
    """Deliver no digest until it is resumed."""
    _set_paused(identity, True, as_json)


@app.command("resume")
def resume(identity: Identity, as_json: Json = False) -> None:
    """Deliver a digest again, from its next time on."""
    _set_paused(identity, False, as_json)


def subscription_line(subscription: Subscription, now: datetime) -> str:
    """ "3f2a9c10 · C0PRESS · Libya desk · mon-fri 07:30 Europe/Paris · Libya · next …"."""
    next_at = _next(subscription, now)
    parts = [
        subscription.id,
        subscription.reader,
        subscription.name,
        _wanted(subscription),
        f"next {next_at:%-d %b, %H:%M}" if next_at else "paused",
    ]
    return " · ".join(part for part in parts if part)


def _wanted(subscription: Subscription) -> str:
    """ "mon-fri 07:30 Europe/Paris · Libya"."""
    from bot.clock import days_words
    from bot.commands.words import subject_name

    interests = subscription.interests
    wanted = [*interests.topics, *map(subject_name, interests.places), *interests.sources]
    when = f"{days_words(subscription.days)} {subscription.at} {subscription.zone}"
    return f"{when} · {', '.join(wanted) or 'everything'}"


def subscription_document(subscription: Subscription, now: datetime) -> dict[str, Any]:
    """A subscription as JSON; `next` is when its next digest is due, null while paused."""
    from bot.records import record_document

    next_at = _next(subscription, now)
    return record_document(subscription) | {"next": next_at.isoformat() if next_at else None}


@dataclass(frozen=True, slots=True)
class _Opened:
    """The subscriptions of the configured store, and its audit trail."""

    subscriptions: Subscriptions
    engine: Any

    def named(self, identity: str) -> Subscription:
        """The subscription of that id; ends the command where there is none."""
        found = self.subscriptions.get(identity.strip())
        if found is None:
            say(f"There is no subscription {identity}; chancery subscriptions list names them.")
            raise typer.Exit(IN_PART)
        return found

    def record(self, action: str, subscription: Subscription, now: datetime) -> None:
        from bot.db.audit import Audit, terminal_user

        subject = f"{subscription.id} for {subscription.reader}"
        Audit(self.engine).record(terminal_user(), action, subject, _wanted(subscription), now)


@contextmanager
def _opened() -> Iterator[_Opened]:
    from bot.db.subscriptions import Subscriptions
    from bot.library import open_corpus
    from bot.settings import load_settings

    corpus = open_corpus(load_settings())
    try:
        yield _Opened(Subscriptions(corpus.engine), corpus.engine)
    finally:
        corpus.close()


def _set_paused(identity: str, paused: bool, as_json: bool) -> None:
    from bot.clock import utc_now

    with _opened() as opened:
        found = opened.named(identity)
        if found.paused != paused:
            opened.subscriptions.pause(found.id, paused)
            opened.record(f"subscription {'paused' if paused else 'resumed'}", found, utc_now())
    if as_json:
        show_json({"id": found.id, "paused": paused})
    else:
        show(f"{found.id} is {'paused' if paused else 'delivered again'}.")


def _place_to_post(reader: str | None, channel: str | None) -> str:
    if (reader is None) == (channel is None):
        raise WrongUse("Name one --reader (a person) or one --channel.")
    given = (reader or channel or "").strip()
    if reader is not None and not re.fullmatch(r"[UW][A-Z0-9]{2,}", given):
        raise WrongUse(f"{given!r} is no Slack user's id; those begin with U, as in U0123456789.")
    if channel is not None and not re.fullmatch(r"[CG][A-Z0-9]{2,}", given):
        raise WrongUse(f"{given!r} is no Slack channel's id; those begin with C.")
    return given


def _next(subscription: Subscription, now: datetime) -> datetime | None:
    from bot.clock import next_slot

    if subscription.paused:
        return None
    schedule = subscription.schedule
    return next_slot(schedule, now).due_at.astimezone(schedule.zone)
