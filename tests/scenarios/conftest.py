"""The bot as it runs, connected to a local Slack, over the sample and three invented articles."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from bot.library import make_library_follower, open_corpus, open_library
from bot.service import Service
from bot.settings import Settings
from corpus.articles import ReadArticle, SourceKind
from corpus.ingest import ingest
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.answerers import ChosenAnswerer
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, COLLEAGUE, DESK, GUEST, PATIENCE

START_SECONDS = 180.0
GOLDEN = Path(__file__).parent / "golden"

PLAIN_ARTICLE = ReadArticle(
    url="https://vessels.example/2019/04/05/ormsund",
    title="Ormsund fisheries protocol signed",
    source="Vessels Gazette",
    kind=SourceKind.INDEPENDENT,
    published_at=datetime(2019, 4, 5, 7, 0, tzinfo=UTC),
    paragraphs=(
        "Ministers of the two coastal states met in the port of Ormsund on Thursday.",
        "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019. "
        "“Both coasts may fish again,” Solvang said.",
        "The protocol allows 120 vessels to fish in the strait of Ormsund.",
    ),
)
HARBOUR_ARTICLE = ReadArticle(
    url="https://vessels.example/2019/04/05/tornholm",
    title="Tornholm harbour office opens",
    source="Vessels Gazette",
    published_at=datetime(2019, 4, 5, 7, 30, tzinfo=UTC),
    paragraphs=(
        "The town of Tornholm has waited nine years for an office of its own.",
        "The Tornholm harbour office was opened by Sigrun Aas on 5 April 2019.",
        "It has four rooms.",
    ),
)
FERRY_ARTICLE = ReadArticle(
    url="https://vessels.example/2019/04/05/brevika",
    title="Brevika ferry resumes",
    source="Vessels Gazette",
    published_at=datetime(2019, 4, 5, 7, 45, tzinfo=UTC),
    paragraphs=(
        "The port of Brevika had no ferry all winter.",
        "The Brevika ferry was resumed by Torvald Lie on 5 April 2019.",
    ),
)
HOSTILE_ARTICLE = ReadArticle(
    url="https://hostile.example/2019/04/05/kvarnen",
    title="<!channel> Kvarnen lighthouse treaty *signed* <https://evil.example|here>",
    source="Hostile <!here> Gazette",
    published_at=datetime(2019, 4, 5, 8, 0, tzinfo=UTC),
    paragraphs=(
        "The Kvarnen lighthouse treaty was signed by <@U0DESK> and *bold* envoys "
        "<http://evil.example|Click> <!channel> <#C0PRESS> &lt;!everyone&gt; on Friday.",
        "\u202eThe Kvarnen lighthouse treaty\u202c keeps the lamp javascript:alert(1) lit "
        "[1](javascript:alert(1)) `code` ~struck~ :tada: for @here and @everyone.",
    ),
)

SCENARIO_ARTICLES = [PLAIN_ARTICLE, HARBOUR_ARTICLE, FERRY_ARTICLE, HOSTILE_ARTICLE]


@pytest.fixture
def chroma_url(tmp_path: Path) -> Iterator[str]:
    """A Chroma server of our own on the loopback."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).parent / "chroma", "run", "--host", "127.0.0.1"]
    own = ["--port", str(port), "--path", str(tmp_path / "chroma-server")]
    with (tmp_path / "chroma.log").open("wb") as log:
        process = subprocess.Popen([*command, *own], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_SECONDS
        while not answers(f"{url}/api/v2/heartbeat"):
            assert time.monotonic() < until, "the Chroma server does not answer"
            time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


@pytest.fixture(scope="session")
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        people(local)
        yield local


def people(slack: LocalSlack) -> None:
    """Who works here, and where."""
    slack.add_user(DESK, "desk", tz="Europe/Paris")
    slack.add_user(COLLEAGUE, "colleague")
    slack.add_user(GUEST, "guest", team="T0ELSEWHERE")
    slack.add_channel(CHANNEL, "press")


@pytest.fixture(scope="session")
def scenario_home(copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings) -> Path:
    """The sample and what these scenarios add, indexed and grouped, so that nothing is asked too
    early."""
    settings = settings_for(copied_sample())
    corpus = open_corpus(settings)
    ingest(corpus, SCENARIO_ARTICLES, lambda: NOW)
    with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
        library.indexer.catch_up()
        make_library_follower(library).catch_up()
    corpus.close()
    return settings.home


@pytest.fixture(scope="session")
def socket_settings(scenario_home: Path, slack: LocalSlack) -> Settings:
    return settings_for(
        scenario_home,
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_api_url=slack.api_url,
    )


@pytest.fixture(scope="session")
def answerer() -> ChosenAnswerer:
    return ChosenAnswerer()


@pytest.fixture(scope="session")
def service(
    socket_settings: Settings,
    slack: LocalSlack,
    embeddings: SentenceEmbeddings,
    answerer: ChosenAnswerer,
) -> Iterator[Service]:
    """One bot in Socket Mode for all scenarios, as a workspace has one; however slow the machine,
    it shows no plans."""
    running = Service(
        socket_settings,
        clock=lambda: NOW,
        answerer=answerer,
        embeddings=embeddings,
        thinking_after=PATIENCE,
    )
    running.start()
    slack.wait_for_connection()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def http_settings(copied_sample: Callable[[], Path], slack: LocalSlack) -> Settings:
    return settings_for(
        copied_sample(),
        slack_mode="http",
        slack_http_port=0,
        slack_bot_token=slack.bot_token,
        slack_signing_secret=slack.identity.signing_secret,
        slack_api_url=slack.api_url,
    )


@pytest.fixture(scope="session")
def http_address(http_settings: Settings, embeddings: SentenceEmbeddings) -> Iterator[str]:
    """Where a second bot, in HTTP mode and with a library of its own, takes Slack's requests."""
    running = Service(http_settings, clock=lambda: NOW, embeddings=embeddings)
    running.start()
    yield f"http://127.0.0.1:{running.port}/slack/events"
    running.stop()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Any], None]:
    """Compares what was rendered with a golden file, or writes it with --update-golden."""

    def compare(name: str, rendered: Any) -> None:
        path = GOLDEN / f"{name}.json"
        found = without_ids(rendered)
        if request.config.getoption("--update-golden"):
            path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
        assert path.is_file(), f"{path.name} is missing; --update-golden writes it"
        assert found == json.loads(path.read_text("utf-8"))

    return compare


def without_ids(rendered: Any) -> Any:
    """A message or view without what differs from run to run: ids that Slack or we draw."""
    drawn = frozenset(
        "block_id ts thread_ts id root_view_id hash value client_msg_id metadata".split()
    )
    if isinstance(rendered, Mapping):
        # A number is what a chart shows, and no id.
        return {
            name: without_ids(held)
            for name, held in rendered.items()
            if name not in drawn or isinstance(held, int)
        }
    if isinstance(rendered, list | tuple):
        return [without_ids(held) for held in rendered]
    return rendered
