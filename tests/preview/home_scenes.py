"""The Home page and the forms behind it, over the sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import WORKING_DAYS
from bot.home.forms import Origin
from bot.home.page import NewestStories
from bot.home.views import HomePage, ReadSoFar, digest_form, home_view, watch_form
from bot.library import Library
from bot.records import Subscription, Watch
from corpus.articles import Source, SourceKind
from corpus.feeds.schedule import Health, PolledSource
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria

ZONE = ZoneInfo("Africa/Tripoli")
NOW = datetime(2019, 4, 5, 12, 0, tzinfo=ZONE)
ME, CHANNEL = "U0BEN", "libya-desk"
LIBYA = Subscription(
    "d1",
    ME,
    ME,
    "Libya",
    "07:30",
    ZONE.key,
    WORKING_DAYS,
    Interests(places=("LY",)),
    False,
    ME,
    NOW,
)
PRESS = replace(
    LIBYA,
    id="d2",
    reader=CHANNEL,
    channel=CHANNEL,
    name="Libya and Security Council",
    at="17:00",
    zone="Europe/Paris",
    interests=Interests(("Security Council",), ("LY",), (), 3),
)
HAFTAR = Watch(
    "w1",
    ME,
    ME,
    "Haftar in Libya",
    Criteria(("Haftar",), ("Hifter", "Hafter"), places=("LY",)),
    "22:00",
    "07:00",
    ZONE.key,
    20,
    False,
    ME,
    NOW,
)
GHARYAN = replace(
    HAFTAR,
    id="w2",
    name="Gharyan",
    criteria=Criteria(("Gharyan",)),
    quiet_from=None,
    quiet_to=None,
    paused=True,
)


def sources() -> tuple[PolledSource, ...]:
    """Fourteen of which twelve were read lately, one long ago and one never."""
    read = PolledSource(
        Source("Regional Desk", "https://regional.example/", SourceKind.INDEPENDENT),
        "https://regional.example/feed",
        health=Health.FRESH,
        last_success_at=NOW - timedelta(minutes=9),
    )
    failing = replace(
        read,
        source=replace(read.source, name="Ministry A", kind=SourceKind.OFFICIAL),
        health=Health.FAILING,
        reason="the server answered 503",
        last_success_at=NOW - timedelta(hours=9),
    )
    gone = replace(
        failing,
        source=replace(read.source, name="Agency B", kind=SourceKind.WIRE),
        health=Health.GONE,
        reason="there is no feed at its address any more",
        last_success_at=NOW - timedelta(days=1, hours=2),
    )
    return (failing, gone, *(read for _ in range(12)))


def home(library: Library, *, admin: bool = False) -> dict[str, Any]:
    """The Home page of somebody who follows Libya."""
    counts = library.corpus.counts()
    stories = NewestStories(library.corpus, library.remembered).told(NOW)
    return home_view(
        HomePage(
            user=ME,
            now=NOW,
            read=ReadSoFar(counts.articles, counts.sources, stories[0].story.ends),
            digests=(LIBYA, PRESS),
            watches=(HAFTAR, GHARYAN),
            last_alerts={HAFTAR.id: NOW - timedelta(hours=17)},
            sources=sources(),
            stories=stories,
            admin=admin,
        )
    )


def form_of_digest() -> dict[str, Any]:
    return digest_form(PRESS.draft, Origin().text, new=False)


def form_of_watch() -> dict[str, Any]:
    return watch_form(HAFTAR.draft, Origin().text, new=False)
