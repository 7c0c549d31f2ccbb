"""`chancery serve` as it is deployed: a process of its own, which logs and is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.slack import LocalSlack
from tests.scenarios.conftest import people
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, QUESTION, is_answer, text_of

pytestmark = pytest.mark.slow

START_SECONDS = 240.0
ARTICLE = {
    "url": "https://vessels.example/2019/04/05/skarvholm",
    "title": "Skarvholm ferry agreement",
    "source": "Vessels Gazette",
    "published_at": "2019-04-05T07:00:00+00:00",
    "paragraphs": ["The Skarvholm ferry agreement was signed by Ingrid Moe on 4 April 2019."],
}
NEW_QUESTION = "Who signed the Skarvholm ferry agreement?"


@dataclass(frozen=True)
class Serving:
    """A running `chancery serve`, its workspace and where it logs."""

    process: subprocess.Popen[bytes]
    slack: LocalSlack
    environment: dict[str, str]
    log: Path


def chancery() -> str:
    return str(Path(sys.executable).parent / "chancery")


@pytest.fixture
def serving(copied_sample: Callable[[], Path], tmp_path: Path) -> Iterator[Serving]:
    with LocalSlack() as slack:
        people(slack)
        environment = {
            **os.environ,
            "CHANCERY_HOME": str(copied_sample()),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "LOG_LEVEL": "debug",
            "ASKS_PER_MINUTE": "0",
        }
        log = tmp_path / "log.txt"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [chancery(), "serve"], stderr=stream, stdout=stream, env=environment, cwd=tmp_path
            )
        try:
            yield Serving(process, slack, environment, log)
        finally:
            process.kill()
            process.wait()


def test_serves_indexes_what_another_process_ingests_logs_no_words_and_stops_when_asked(
    serving: Serving, tmp_path: Path
) -> None:
    slack = serving.slack
    slack.wait_for_connection(timeout=START_SECONDS)

    asked = slack.mention(CHANNEL, DESK, QUESTION)
    assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, START_SECONDS))

    line = tmp_path / "line.jsonl"
    line.write_text(json.dumps(ARTICLE))
    stored = subprocess.run(
        [chancery(), "ingest", str(line)],
        env=serving.environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert stored.returncode == 0
    assert f"in use by process {serving.process.pid} (chancery serve)" in stored.stderr
    assert "Ingrid Moe" in answered_in_time(slack, NEW_QUESTION)

    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(timeout=PATIENCE) == 0
    logged = serving.log.read_text("utf-8")
    assert "connected to Slack (socket mode)" in logged
    assert "stopping" in logged
    for word in ("Guterres", "military", "Skarvholm", "Ingrid"):
        assert word not in logged
    for secret in (slack.bot_token, slack.app_token):
        assert secret not in logged


def answered_in_time(slack: LocalSlack, question: str) -> str:
    """The answer, asked for again until the owner of the index has read what was stored."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.5)
        asked = slack.mention(CHANNEL, DESK, question)
        reply = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        if is_answer(reply):
            return text_of(reply["blocks"])
    raise AssertionError("what another process stored was never indexed")
