"""The bot behind an address of its own: what is signed is taken, anything else refused."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from bot.errors import SettingsError
from bot.service import Service
from bot.slack.http_front import LARGEST_BODY
from tests.conftest import settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, QUESTION, answers, is_answer


def test_a_signed_mention_is_acknowledged_and_answered_in_its_thread(
    slack: LocalSlack, http_address: str
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    assert slack.signed_request(http_address, asked).post().status_code == 200
    assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))


def test_a_replay_is_taken_and_not_answered_again(slack: LocalSlack, http_address: str) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    assert request.post().status_code == 200
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert request.post().status_code == 200
    follow_up(slack, http_address)
    assert len(answers(slack, asked)) == 1


@pytest.mark.parametrize("spoil", ["unsigned", "forged", "stale"])
def test_a_request_that_is_not_slacks_is_refused_and_not_answered(
    slack: LocalSlack, http_address: str, spoil: str
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    spoilt = getattr(slack.signed_request(http_address, asked), spoil)()
    assert spoilt.post().status_code == 401
    follow_up(slack, http_address)
    assert answers(slack, asked) == []


def test_a_body_that_was_changed_on_the_way_is_refused(
    slack: LocalSlack, http_address: str
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    changed = request.tampered(request.body.replace("Libya", "Sudan"))
    assert changed.post().status_code == 401


@pytest.mark.parametrize("length", ["-5", "many", "1e3", "", "٣", str(LARGEST_BODY + 1)])
def test_a_broken_content_length_is_refused_and_the_server_lives_on(
    slack: LocalSlack, http_address: str, length: str
) -> None:
    status = raw(
        http_address,
        f"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: {length}\r\n\r\n{{}}",
    )
    assert status in (400, 413)
    follow_up(slack, http_address)


@pytest.mark.parametrize("request_text", ["\r\n", "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"])
def test_what_is_not_http_does_not_stop_the_server(
    slack: LocalSlack, http_address: str, request_text: str
) -> None:
    raw(http_address, request_text)
    follow_up(slack, http_address)


def test_other_paths_are_not_there_and_health_is(http_address: str) -> None:
    base = http_address.removesuffix("/slack/events")
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{base}/healthz").status_code == 200
        assert client.get(f"{base}/").status_code == 404
        assert client.post(f"{base}/elsewhere", content=b"{}").status_code == 404
        assert client.post(http_address, content=b"").status_code == 413


def test_http_mode_is_not_opened_without_a_signing_secret(slack: LocalSlack, tmp_path: str) -> None:
    settings = settings_for(
        tmp_path,  # type: ignore[arg-type]
        slack_mode="http",
        slack_bot_token=slack.bot_token,
        slack_api_url=slack.api_url,
    )
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET is not set"):
        Service(settings)


def follow_up(slack: LocalSlack, address: str) -> None:
    """A proper question, which must be answered."""
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    assert slack.signed_request(address, asked).post().status_code == 200
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


def raw(address: str, request: str) -> int | None:
    """The status that a request gets which no client library would send, if it gets one."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(1_000)
    first = answer.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else None
