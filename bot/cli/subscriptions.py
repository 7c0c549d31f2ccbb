"""Commands about what readers get without asking: subscriptions and watches.

    subscriptions add, list, remove, pause, resume           digests, at their times
    watches       add, list, remove, pause, resume, test     alerts, as soon as something comes

Both keep records (`bot.records`), whose fields are the JSON that is shown.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import (
    DONE,
    IN_PART,
    Json,
    Several,
    WrongUse,
    coded,
    make_group,
    named,
    opened_library,
    opened_store,
    record,
    say,
    show,
    show_json,
)
from bot.clock import days_words, next_slot, parse_days, utc_now

if TYPE_CHECKING:
    from bot.records import Subscription, Watch
    from corpus.articles import Article
    from retrieval.watches.texts import WatchMatch

NO_SUBSCRIPTIONS = (
    "Nobody gets a digest yet: chancery subscriptions add --channel C0123456789 --at 07:30 "
    "--zone Europe/Paris."
)
NO_WATCHES = (
    "Nobody watches anything yet: chancery watches add Gharyan --reader U0123456789 --word Gharyan."
)
MOST_STORIES = 20

subscriptions = make_group("Who gets a digest, of what and when.")
watches = make_group("What readers are told of as soon as it comes.")


# What both have in common


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: where it is kept, and how it is spoken of.

    `detail` is what the audit trail says of one, `shown` what it is called when it is removed or
    paused; only what `by_name` is true of is found by its name too.
    """

    noun: str
    open_store: Callable[[Any], Any]
    detail: Callable[[Any], str]
    shown: Callable[[Any], str]
    again: str
    by_name: bool = False


def _subscription_store(engine: Any) -> Any:
    from bot.db.subscriptions import Subscriptions

    return Subscriptions(engine)


def _watch_store(engine: Any) -> Any:
    from bot.db.watches import Watches

    return Watches(engine)


SUBSCRIPTION = Kind(
    "subscription",
    _subscription_store,
    lambda one: _wanted(one),
    lambda one: str(one.id),
    "delivered again",
)
WATCH = Kind(
    "watch",
    _watch_store,
    lambda one: str(one.name),
    lambda one: str(one.name),
    "watched again",
    by_name=True,
)


@dataclass(frozen=True, slots=True)
class _Opened:
    """The records of a kind in the configured store, and its audit trail."""

    kind: Kind
    store: Any
    engine: Any

    def named(self, name: str) -> Any:
        """The one of that id or name; ends the command where there is none, or several."""
        wanted, by_name = name.strip().casefold(), self.kind.by_name
        every = self.store.all()
        found = [one for one in every if one.id == wanted] or [
            one for one in every if by_name and one.name.casefold() == wanted
        ]
        noun, listing = self.kind.noun, f"chancery {_plural(self.kind)} list names them."
        if len(found) == 1:
            return found[0]
        if found:
            readers = ", ".join(f"{one.id} ({one.reader})" for one in found)
            raise WrongUse(
                f"Several {_plural(self.kind)} are called {name!r}; name one by its id: {readers}."
            )
        say(f"There is no {noun} {repr(name) if by_name else name}; {listing}")
        raise typer.Exit(IN_PART)

    def record(self, done: str, one: Subscription | Watch) -> None:
        action, subject = f"{self.kind.noun} {done}", f"{one.id} for {one.reader}"
        record(self.engine, action, subject, self.kind.detail(one))


def _plural(kind: Kind) -> str:
    return f"{kind.noun}es" if kind.noun.endswith("ch") else f"{kind.noun}s"


@contextmanager
def _opened(kind: Kind) -> Iterator[_Opened]:
    from bot.settings import load_settings

    with opened_store(load_settings()) as corpus:
        yield _Opened(kind, kind.open_store(corpus.engine), corpus.engine)


def _set_paused(kind: Kind, name: str, paused: bool, as_json: bool) -> None:
    with _opened(kind) as opened:
        found = opened.named(name)
        if found.paused != paused:
            opened.store.pause(found.id, paused)
            opened.record("paused" if paused else "resumed", found)
    if as_json:
        show_json({"id": found.id, "paused": paused})
    else:
        show(f"{kind.shown(found)} is {'paused' if paused else kind.again}.")


def _remove(kind: Kind, name: str, as_json: bool) -> None:
    with _opened(kind) as opened:
        found = opened.named(name)
        opened.store.remove(found.id)
        opened.record("removed", found)
    if as_json:
        show_json({"removed": found.id})
    else:
        show(f"Removed {found.id}{f', {found.name}' if kind.by_name else ''}.")


# Digests by subscription


Identity = Annotated[str, typer.Argument(metavar="ID", help="As subscriptions list shows it.")]


@subscriptions.command("add")
def add_subscription(
    reader: Annotated[
        str | None, typer.Option("--reader", help="A Slack user's id: by direct message.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="A Slack channel's id.")] = None,
    name: Annotated[str, typer.Option("--name", help="As its digests call it.")] = "",
    at: Annotated[str, typer.Option("--at", help="Local time.")] = "07:30",
    zone: Annotated[str, typer.Option("--zone", help="Time zone.")] = "UTC",
    days: Annotated[str, typer.Option("--days", help="mon-fri, or sat,sun.")] = "daily",
    topic: Annotated[
        Several, typer.Option("--topic", help="What it is about; again for more.")
    ] = None,
    place: Annotated[Several, typer.Option("--place", help="A country; again for more.")] = None,
    source: Annotated[
        Several, typer.Option("--source", help="Only from this source; again for more.")
    ] = None,
    length: Annotated[
        int, typer.Option("--length", min=1, max=MOST_STORIES, help="Stories told at most.")
    ] = 5,
    as_json: Json = False,
) -> None:
    """Deliver a digest from now on, to a person or into a channel."""
    from bot.db.audit import terminal_user
    from bot.records import Subscription
    from retrieval.reports.report import Interests

    now = utc_now()
    place_to_post = _place_to_post(reader, channel)
    places, sources = coded(named(place, "place")), named(source, "source")
    interests = Interests(named(topic, "topic"), places, sources, length)
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
        with _opened(SUBSCRIPTION) as opened:
            opened.store.add(subscription)
            kept = opened.named(subscription.id)
            opened.record("added", kept)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    if as_json:
        show_json({"added": subscription_document(kept, now)})
    else:
        show(f"Added {subscription_line(kept, now)}")


@subscriptions.command("list")
def list_subscriptions(as_json: Json = False) -> None:
    """Say who gets a digest, of what and when."""
    now = utc_now()
    with _opened(SUBSCRIPTION) as opened:
        found = opened.store.all()
    if as_json:
        show_json({"subscriptions": [subscription_document(one, now) for one in found]})
    else:
        for one in found:
            show(subscription_line(one, now))
        if not found:
            say(NO_SUBSCRIPTIONS)
    raise typer.Exit(DONE if found else IN_PART)


@subscriptions.command("remove")
def remove_subscription(identity: Identity, as_json: Json = False) -> None:
    """Deliver a digest no more, and forget what it told."""
    _remove(SUBSCRIPTION, identity, as_json)


@subscriptions.command("pause")
def pause_subscription(identity: Identity, as_json: Json = False) -> None:
    """Deliver no digest until it is resumed."""
    _set_paused(SUBSCRIPTION, identity, True, as_json)


@subscriptions.command("resume")
def resume_subscription(identity: Identity, as_json: Json = False) -> None:
    """Deliver a digest again, from its next time on."""
    _set_paused(SUBSCRIPTION, identity, False, as_json)


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
    from bot.commands.intents import subject_name

    interests = subscription.interests
    wanted = [*interests.topics, *map(subject_name, interests.places), *interests.sources]
    when = f"{days_words(subscription.days)} {subscription.at} {subscription.zone}"
    return f"{when} · {', '.join(wanted) or 'everything'}"


def subscription_document(subscription: Subscription, now: datetime) -> dict[str, Any]:
    """A subscription as JSON; `next` is when its next digest is due, null while paused."""
    from bot.records import record_document

    next_at = _next(subscription, now)
    return record_document(subscription) | {"next": next_at.isoformat() if next_at else None}


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
    if subscription.paused:
        return None
    schedule = subscription.schedule
    return next_slot(schedule, now).due_at.astimezone(schedule.zone)


# Watches


Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or id, as watches list shows it.")]


@watches.command("add")
def add_watch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As its alerts call it.")],
    reader: Annotated[str, typer.Option("--reader", help="A Slack user's or channel's id.")],
    word: Annotated[
        Several, typer.Option("--word", help="Word or phrase, met in words or meaning.")
    ] = None,
    alias: Annotated[
        Several, typer.Option("--alias", help="Other name, met to the letter.")
    ] = None,
    actor: Annotated[Several, typer.Option("--actor", help="Who must be named.")] = None,
    place: Annotated[Several, typer.Option("--place", help="What it must be about.")] = None,
    source: Annotated[Several, typer.Option("--source", help="Only from this source.")] = None,
    kind: Annotated[Several, typer.Option("--kind", help="Only from this kind of source.")] = None,
    quiet: Annotated[
        str | None, typer.Option("--quiet", metavar="FROM-TO", help="Quiet hours: 22:00-07:00.")
    ] = None,
    zone: Annotated[str, typer.Option("--zone", help="Time zone of quiet hours and days.")] = "UTC",
    cap: Annotated[int | None, typer.Option("--cap", min=1, help="Alerts a day at most.")] = None,
    as_json: Json = False,
) -> None:
    """Tell a reader of new articles that meet this; without word, actor or place, of NAME."""
    from bot.db.audit import terminal_user
    from bot.records import DAILY_CAP, Watch, record_document
    from retrieval.watches.matching import Criteria

    words, aliases, actors = (named(given, "word") for given in (word, alias, actor))
    places, sources = named(place, "place"), named(source, "source")
    given = Criteria(words, aliases, actors, coded(places), sources, tuple(_kinds(kind) or ()))
    if not name.strip():
        raise WrongUse("The name of the watch is empty.")
    looks_for = given.words or given.actors or given.places
    quiet_from, quiet_to = _quiet(quiet)
    watch = Watch(
        id=uuid.uuid4().hex[:8],
        reader=_reader(reader),
        channel=_reader(reader),
        name=name.strip(),
        criteria=given if looks_for else replace(given, words=(name.strip(),)),
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        zone=zone,
        daily_cap=cap or DAILY_CAP,
        paused=False,
        created_by=terminal_user(),
        created_at=utc_now(),
    )
    with _opened(WATCH) as opened:
        others = opened.store.of_reader(watch.reader)
        if any(one.name.casefold() == watch.name.casefold() for one in others):
            raise WrongUse(f"{watch.reader} has a watch {watch.name!r} already; remove it first.")
        try:
            opened.store.add(watch)
        except ValueError as error:
            raise WrongUse(str(error)) from None
        opened.record("added", watch)
        kept = opened.store.get(watch.id) or watch
    if as_json:
        show_json({"added": record_document(kept)})
    else:
        show(f"Added {watch_line(kept)}")


@watches.command("list")
def list_watches(
    reader: Annotated[str | None, typer.Option("--reader", help="Only of this reader.")] = None,
    as_json: Json = False,
) -> None:
    """Say who watches what."""
    from bot.records import record_document

    with _opened(WATCH) as opened:
        found = opened.store.of_reader(reader.strip()) if reader else opened.store.all()
    if as_json:
        show_json({"watches": [record_document(watch) for watch in found]})
    else:
        for watch in found:
            show(watch_line(watch))
        if not found:
            say(f"{reader.strip()} watches nothing." if reader else NO_WATCHES)
    raise typer.Exit(DONE if found else IN_PART)


@watches.command("remove")
def remove_watch(name: Name, as_json: Json = False) -> None:
    """Watch this no more."""
    _remove(WATCH, name, as_json)


@watches.command("pause")
def pause_watch(name: Name, as_json: Json = False) -> None:
    """Send no alerts until it is resumed; what comes meanwhile is not told later."""
    _set_paused(WATCH, name, True, as_json)


@watches.command("resume")
def resume_watch(name: Name, as_json: Json = False) -> None:
    """Send alerts again, of what comes from now on."""
    _set_paused(WATCH, name, False, as_json)


@watches.command("test")
def try_out(
    name: Name,
    days: Annotated[
        int, typer.Option("--days", min=1, max=36_500, help="How far to look back.")
    ] = 7,
    as_json: Json = False,
) -> None:
    """Show what a watch would have met in the last days; nothing is sent."""
    from bot.records import record_document

    with _opened(WATCH) as opened:
        watch = opened.named(name)
    since = utc_now() - timedelta(days=days)
    with opened_library("watches") as library:
        found = list(_met(watch, library, since))
    if as_json:
        document = [match_document(article, match) for article, match in found]
        show_json({"watch": record_document(watch), "days": days, "matches": document})
    else:
        for article, match in found:
            show(match_text(article, match))
        within = "day" if days == 1 else f"{days} days"
        articles = "1 article" if len(found) == 1 else f"{len(found)} articles"
        say(f"“{watch.name}” would have met {articles} of the last {within}.")
    raise typer.Exit(DONE if found else IN_PART)


def watch_line(watch: Watch) -> str:
    """ "3f2a9c10 · U0DESK · Gharyan · “Gharyan” (also “Garian”) · quiet 22:00-07:00 UTC"."""
    from bot.commands.watches import looked_for

    quiet = f"quiet {watch.quiet_from}-{watch.quiet_to} {watch.zone}" if watch.quiet_from else ""
    state = "paused" if watch.paused else ""
    looked = looked_for(watch.criteria)
    parts = (watch.id, watch.reader, watch.name, looked, quiet, f"{watch.daily_cap} a day", state)
    return " · ".join(part for part in parts if part)


def match_document(article: Article, match: WatchMatch) -> dict[str, Any]:
    """What met a watch, as JSON."""
    published = article.published_at
    return {
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published_at": published.isoformat() if published else None,
        "paragraph": match.number,
        "sentence": match.sentence,
        "how": match.how.value,
        "what": match.what,
        "score": round(match.score, 3),
    }


def match_text(article: Article, match: WatchMatch) -> str:
    """What met a watch, in three lines."""
    from bot.render.wording import publisher, safe, short_date

    head = f"{publisher(article)} · {short_date(article.published_at)} · ¶{match.number}"
    how = f"met “{match.what}” in {match.how.value}"
    return safe(f"{head} · {article.title}\n    {match.sentence}\n    {how} · {article.url}")


def _met(watch: Watch, library: Any, since: datetime) -> Iterator[tuple[Article, WatchMatch]]:
    """What a watch meets among the articles of the last days, oldest change first."""
    from retrieval.stories.story import moment_of
    from retrieval.watches.matching import Watched, WatchMatcher

    matcher = WatchMatcher([Watched(watch.id, watch.criteria)], library.embeddings.encode_questions)
    position = 0
    while changes := library.corpus.changes_since(position):
        position = changes[-1].number
        for article in (change.article for change in changes):
            if article.withdrawn_at is None and moment_of(article) >= since:
                for match in matcher.matches(article, *library.vectors.of_article(article)):
                    yield article, match


def _reader(given: str) -> str:
    if not re.fullmatch(r"[UWCG][A-Z0-9]{2,}", given.strip()):
        raise WrongUse(
            f"{given!r} is no Slack id; a person's begins with U, a channel's with C: U0123456789."
        )
    return given.strip()


def _kinds(given: Several) -> Several:
    from corpus.articles import SourceKind

    known = [kind.value for kind in SourceKind]
    for kind in given or ():
        if kind.strip().casefold() not in known:
            raise WrongUse(f"{kind!r} is no kind of source; there are {', '.join(known)}.")
    return [kind.strip().casefold() for kind in given or ()]


def _quiet(given: str | None) -> tuple[str | None, str | None]:
    if given is None:
        return None, None
    begin, dash, end = given.replace("–", "-").partition("-")
    if not (dash and begin.strip() and end.strip()):
        raise WrongUse(f"{given!r} names no quiet hours; write 22:00-07:00.")
    return begin.strip(), end.strip()
