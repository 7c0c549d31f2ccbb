"""The bot behind an address of its own: what is signed is taken, anything else refused."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier

from bot.db.events import Replays
from bot.failures import SettingsError
from bot.library import open_corpus
from bot.service import Service
from bot.settings import Settings
from bot.slack.http import LARGEST_BODY, MOST_CONNECTIONS, HttpFront
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios.people import CHANNEL, DESK, GUEST, PATIENCE, QUESTION, answers, is_answer


def test_a_signed_mention_is_acknowledged_and_answered_in_its_thread(
    slack: LocalSlack, http_address: str
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    assert slack.signed_request(http_address, asked).post().status_code == 200
    assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE))


def test_a_replay_is_refused_and_not_answered_again(slack: LocalSlack, http_address: str) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    assert request.post().status_code == 200
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    assert request.post().status_code == 401
    follow_up(slack, http_address)
    assert len(answers(slack, asked)) == 1


def test_a_replayed_command_is_carried_out_once(slack: LocalSlack, http_address: str) -> None:
    """No message names it, so that only the signature tells that it came before."""
    given = slack.prepare_command(GUEST, CHANNEL, "/chancery", "sources")
    request = slack.signed_request(http_address, given)
    before = len(told(slack, GUEST))
    assert request.post().status_code == 200
    slack.wait_for(lambda: len(told(slack, GUEST)) > before, PATIENCE)
    after = len(told(slack, GUEST))
    assert [request.post().status_code for _ in range(3)] == [401] * 3
    follow_up(slack, http_address)
    assert len(told(slack, GUEST)) == after


def test_what_slack_itself_sends_again_is_taken_and_not_answered_again(
    slack: LocalSlack, http_address: str
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    assert request.post().status_code == 200
    retried = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    headers = slack.sign(request.body, timestamp=time.time() + 1) | retried
    assert replace(request, headers=headers).post().status_code == 200
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
    follow_up(slack, http_address)
    assert len(answers(slack, asked)) == 1


def test_a_replay_is_refused_after_a_restart_and_by_another_replica(
    slack: LocalSlack, http_address: str, http_settings: Settings
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    assert request.post().status_code == 200
    corpus = open_corpus(http_settings)
    restarted = Replays(corpus.engine, lambda: NOW)
    assert not restarted.first(request.headers["X-Slack-Signature"])
    assert restarted.first("v0=" + "0" * 64)
    corpus.close()


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


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=é" + "0" * 63},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "-5"},
        {"X-Slack-Request-Timestamp": "9" * 4_000},
        {"X-Slack-Request-Timestamp": "٣"},
    ],
)
def test_junk_in_the_place_of_a_signature_is_refused(
    slack: LocalSlack, http_address: str, headers: dict[str, str]
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    typed = {"Content-Type": "application/json"}
    given = {**request.headers, **typed, **headers}
    spoilt = {name.encode(): value.encode() for name, value in given.items()}
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        answer = client.post(http_address, content=request.body.encode(), headers=spoilt)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"%ff%00%zz=%", b"payload=%7B", b"[" * 100_000, b"{", b"\x00"]
)
@pytest.mark.parametrize("signed", [True, False])
def test_garbage_is_refused_without_being_read(
    slack: LocalSlack, http_address: str, body: bytes, signed: bool
) -> None:
    headers = {"Content-Type": "application/json"}
    if signed:
        headers |= slack.sign(body.decode("utf-8", errors="replace"))
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        answer = client.post(http_address, content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.text == ""


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("text/plain", 415), ("multipart/form-data; boundary=x", 415), ("", 415), (None, 415)],
)
def test_a_type_that_slack_never_sends_is_refused(
    slack: LocalSlack, http_address: str, content_type: str | None, status: int
) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    headers = {**request.headers}
    if content_type is not None:
        headers["Content-Type"] = content_type
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        answer = client.post(http_address, content=request.body.encode(), headers=headers)
    assert answer.status_code == status


def test_a_charset_beside_the_type_is_no_matter(slack: LocalSlack, http_address: str) -> None:
    asked = slack.prepare_mention(CHANNEL, DESK, QUESTION)
    request = slack.signed_request(http_address, asked)
    typed = replace(request, content_type="Application/JSON; charset=utf-8")
    assert typed.post().status_code == 200
    slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW"])
def test_other_methods_are_not_there(http_address: str, method: str) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        assert client.request(method, http_address).status_code == 405


def test_slacks_look_at_the_certificate_is_answered(http_address: str) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        assert client.get(f"{http_address}?ssl_check=1&token=x").status_code == 200
        assert client.get(http_address).status_code == 404


def test_a_body_too_large_is_refused_before_it_has_arrived(
    slack: LocalSlack, http_address: str
) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        answer = client.post(http_address, content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413
    follow_up(slack, http_address)


def test_a_body_without_a_length_is_refused(slack: LocalSlack, http_address: str) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        answer = client.post(http_address, content=iter([b"{}"]))
    assert answer.status_code == 411
    follow_up(slack, http_address)


def test_a_body_that_ends_too_early_is_refused(slack: LocalSlack, http_address: str) -> None:
    head = "POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
    assert raw(http_address, f"{head}Content-Length: 500\r\n\r\n{{}}") == 400
    follow_up(slack, http_address)


@pytest.mark.slow
class TestSlowness:
    """A server that waits a second, in front of an app that nothing reaches."""

    @pytest.fixture
    def address(self, tmp_path: Path) -> Iterator[str]:
        corpus = open_corpus(settings_for(tmp_path))
        front = HttpFront(
            App(signing_secret="s", token="xoxb-1", token_verification_enabled=False),
            "127.0.0.1",
            0,
            SignatureVerifier("s"),
            Replays(corpus.engine, lambda: NOW),
            read_seconds=1.0,
        )
        front.connect()
        yield f"http://127.0.0.1:{front.port}/slack/events"
        front.close()
        corpus.close()

    def test_a_body_that_drips_is_given_up(self, address: str) -> None:
        head = "POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        assert drip(address, f"{head}Content-Length: 5000\r\n\r\n", "{" * 5_000) == 408

    def test_headers_that_drip_are_given_up(self, address: str) -> None:
        assert drip(address, "POST /slack/events HTTP/1.1\r\nX: ", "y" * 5_000) is None

    def test_more_connections_than_places_wait_and_are_served(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        idle = [
            socket.create_connection((parts.hostname, parts.port or 0))
            for _ in range(MOST_CONNECTIONS + 5)
        ]
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            assert client.get(address.replace("/slack/events", "/healthz")).status_code == 200
        for one in idle:
            one.close()


@pytest.mark.parametrize("length", ["-5", "many", "1e3", "", "٣", str(LARGEST_BODY + 1)])
def test_a_broken_content_length_is_refused_and_the_server_lives_on(
    slack: LocalSlack, http_address: str, length: str
) -> None:
    status = raw(
        http_address,
        "POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n{{}}",
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
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
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
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(1_000)
    first = answer.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else None


def drip(address: str, at_once: str, slowly: str) -> int | None:
    """The status that a request gets whose second part is sent a character at a time."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
        connection.sendall(at_once.encode())
        connection.settimeout(0.05)
        answer = b""
        for character in slowly:
            try:
                connection.sendall(character.encode())
                answer = connection.recv(1_000)
            except TimeoutError:
                continue
            except OSError:
                break
            break
    first = answer.split(b"\r\n", 1)[0].split()
    return int(first[1]) if len(first) > 1 else None


def told(slack: LocalSlack, user: str) -> list[dict[str, Any]]:
    return [held for held in slack.ephemerals if held["shown_to"] == user]
