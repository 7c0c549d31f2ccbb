"""Two days of a real ministry's feed, from the poll to the digest in Slack.

The captures are served over real HTTP at the moments they were made; everything between them and
the channel is the bot as it runs. `CHANCERY_PICTURES=FOLDER` keeps the digests for
`tests.preview`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import DAYS, GRACE
from bot.container import make_monitoring
from bot.db.subscriptions import Subscriptions
from bot.library import open_corpus, open_library
from bot.records import Subscription
from bot.slack.client import SlackGateway, make_client
from corpus.articles import Source, SourceKind
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.fetch.client import Fetcher
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.report import Interests
from tests.conftest import settings_for
from tests.fakes.block_kit import problems
from tests.fakes.captured_feed import polls_of, serve
from tests.fakes.slack import LocalSlack
from tests.fakes.web import LocalWeb
from tests.scenarios.people import elements, text_of

pytestmark = pytest.mark.slow

PATH = "/rss-feed/press-releases/feed/"
CHANNEL, DESK = "C0PRESS", "U0DESK"
WASHINGTON = ZoneInfo("America/New_York")
BEGIN = datetime(2021, 5, 24, 6, 0, tzinfo=WASHINGTON).astimezone(UTC)
END = datetime(2021, 5, 26, 9, 0, tzinfo=WASHINGTON).astimezone(UTC)
MORNINGS = ("24 May", "25 May", "26 May")


@pytest.fixture(scope="module")
def posted(
    data_folder: Path,
    captures: Path,
    tmp_path_factory: pytest.TempPathFactory,
    embeddings: SentenceEmbeddings,
) -> Iterator[list[dict[str, Any]]]:
    """What stood in the channel after two days, message by message."""
    settings = settings_for(tmp_path_factory.mktemp("captured") / "home")
    polls = [one for one in polls_of(data_folder, captures) if BEGIN <= one.at < END]
    now = BEGIN
    corpus = open_corpus(settings)
    with (
        LocalSlack() as slack,
        LocalWeb() as web,
        Fetcher(frozenset({web.host})) as fetcher,
        open_library(settings, corpus, "tests", embeddings=embeddings) as library,
    ):
        slack.add_user(DESK, "desk", tz="America/New_York")
        slack.add_channel(CHANNEL, "press")
        source = Source("State Department", web.url(), SourceKind.OFFICIAL, "US", "en")
        SourceRegister(corpus).put(PolledSource(source, web.url(PATH), full_text=False))
        gateway = SlackGateway(make_client(slack.bot_token, slack.api_url))
        monitoring = make_monitoring(library, gateway, fetcher, lambda: now, grace=GRACE)
        Subscriptions(corpus.engine, lambda: now).add(_daily(now))
        moments = {one.at: one for one in polls}
        moments |= dict.fromkeys(_hours(), None)
        for moment in sorted(moments):
            now = moment
            if (capture := moments[moment]) is not None:
                serve(web, PATH, Path(capture.file))
            monitoring.tick(now)
        messages = slack.messages(CHANNEL)
        _keep(messages)
        yield messages
    corpus.close()


def _daily(now: datetime) -> Subscription:
    return Subscription(
        id="daily",
        reader=CHANNEL,
        channel=CHANNEL,
        name="#press",
        at="07:30",
        zone="America/New_York",
        days=DAYS,
        interests=Interests(),
        paused=False,
        created_by=DESK,
        created_at=now,
    )


def _hours() -> Iterator[datetime]:
    """Half past seven of each morning."""
    for day in range(len(MORNINGS)):
        yield BEGIN + timedelta(days=day, hours=1, minutes=30)


def _keep(messages: list[dict[str, Any]]) -> None:
    folder = os.environ.get("CHANCERY_PICTURES")
    if folder:
        path = Path(folder) / "captured_feed.json"
        path.write_text(json.dumps(messages, ensure_ascii=False), "utf-8")


def _headings(posted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first message of each digest: later ones carry on what did not fit."""
    return [one for one in posted if _heading(one)]


def _heading(message: dict[str, Any]) -> str:
    """The heading of a digest, over which a mark may stand that a source has changed."""
    shown = (text_of(block) for block in message["blocks"][:2])
    return next((text for text in shown if text.startswith("Digest · ")), "")


def test_every_morning_has_one_digest(posted: list[dict[str, Any]]) -> None:
    headings = [_heading(one) for one in _headings(posted)]
    for heading, day in zip(headings, MORNINGS, strict=True):
        assert day in heading


def test_a_digest_tells_how_many_sources_were_read(posted: list[dict[str, Any]]) -> None:
    for message in _headings(posted):
        assert "1 of 1 source read" in text_of(message["blocks"])


def test_no_headline_is_told_twice(posted: list[dict[str, Any]]) -> None:
    bold = [
        element["text"]
        for message in posted
        for element in elements(message["blocks"], "text")
        if element.get("style", {}).get("bold") and element["text"][:1].isdigit()
    ]
    titles = [text.partition("·")[2].strip() for text in bold if "·" in text]
    assert len(titles) >= 2 * len(MORNINGS)
    assert len(titles) == len(set(titles))


def test_slack_would_take_every_message(posted: list[dict[str, Any]]) -> None:
    for message in posted:
        assert problems(message["blocks"]) == []
