"""The gateway to Slack's Web API: the few calls we make, with our own errors.

The client retries what Slack limits or fails to serve; what is still refused after that
becomes a SlackError. `post_once` is the exception: a message that must never stand twice is sent
with one request, and `find_posted` tells afterwards whether it arrived. Nothing that people wrote
is logged.
"""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from bot.errors import SlackError, SlackRefused
from bot.rendering.answer_blocks import Message
from bot.slack.incoming import Identity

log = logging.getLogger("chancery.slack")

_RETRIES = 4
_TIMEOUT_SECONDS = 30
POSTING = "chancery_posting"
"""Event type of the metadata that our unasked messages carry."""

# Slack takes no JSON for methods that only read, nor for this one about files.
_FORM_METHODS = frozenset(
    (
        "conversations.history",
        "conversations.replies",
        "users.info",
        "files.getUploadURLExternal",
    )
)
_PAGE = 100
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class PostingPart:
    """One message of a posting, from 1: what its metadata says, so that it is found again."""

    key: str
    number: int


def make_client(token: str, api_url: str) -> WebClient:
    """A client of the Web API that waits as long as Slack asks for, and never loses a call."""
    client = WebClient(token=token, base_url=api_url)
    client.retry_handlers = [
        ConnectionErrorRetryHandler(max_retry_count=2),
        RateLimitErrorRetryHandler(max_retry_count=_RETRIES),
        ServerErrorRetryHandler(max_retry_count=_RETRIES),
    ]
    return client


class SlackGateway:
    """What the bot does in Slack."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        # A retried request can post twice: its first answer may only have been lost.
        self._unretried = WebClient(
            token=client.token, base_url=client.base_url, timeout=_TIMEOUT_SECONDS
        )
        self._unretried.retry_handlers = []

    def identity(self) -> Identity:
        """Who the token belongs to; SlackError where it is refused."""
        answer = self._call("auth.test", {})
        return Identity(answer["user_id"], answer.get("bot_id"), answer.get("team_id"))

    def show_status(self, channel: str, thread_ts: str, status: str) -> None:
        """Show a status under a thread; an empty one clears it. Failure is not worth an error."""
        try:
            self._call(
                "assistant.threads.setStatus",
                {"channel_id": channel, "thread_ts": thread_ts, "status": status},
            )
        except SlackError as error:
            log.info("no status shown: %s", error)

    def post(self, channel: str, thread_ts: str | None, messages: Sequence[Message]) -> str:
        """Post messages in order; returns the ts of the first."""
        stamps = [
            str(self._call("chat.postMessage", _message(channel, thread_ts, message))["ts"])
            for message in messages
        ]
        return stamps[0]

    def post_once(
        self, channel: str, thread_ts: str | None, message: Message, part: PostingPart
    ) -> str:
        """Post a message with one request, marked as a part of a posting; returns its ts.

        SlackRefused: it was not posted. Any other SlackError: it may have been.
        """
        payload = {"key": part.key, "part": part.number}
        marked = {
            **_message(channel, thread_ts, message),
            "metadata": {"event_type": POSTING, "event_payload": payload},
        }
        return str(self._call("chat.postMessage", marked, self._unretried)["ts"])

    def find_posted(
        self, channel: str, thread_ts: str | None, key: str, since: datetime
    ) -> dict[int, str]:
        """The messages of a posting that stand in a channel or thread: ts by part.

        Looks at messages since then; SlackError where they cannot be read to their beginning.
        """
        found: dict[int, str] = {}
        for message in self._messages(channel, thread_ts, since):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == POSTING and payload.get("key") == key:
                found[int(payload["part"])] = str(message["ts"])
        return found

    def direct_channel(self, user: str) -> str:
        """The direct conversation with a person, opened where there is none yet."""
        return str(self._call("conversations.open", {"users": user})["channel"]["id"])

    def time_zone(self, user: str) -> str | None:
        """The IANA name of a person's time zone, as their profile has it."""
        zone = self._call("users.info", {"user": user})["user"].get("tz")
        return str(zone) if zone else None

    def upload_image(self, png: bytes, name: str, alt: str) -> str:
        """Upload a picture that messages can show; returns the file's id."""
        file_id = self._send_bytes(png, name, alt)
        self._complete_upload(file_id, name)
        return file_id

    def share_image(
        self, channel: str, thread_ts: str | None, png: bytes, name: str, alt: str
    ) -> None:
        """Upload a picture and post it as a message of its own."""
        file_id = self._send_bytes(png, name, alt)
        self._complete_upload(
            file_id,
            name,
            channel_id=channel,
            **({"thread_ts": thread_ts} if thread_ts else {}),
        )

    def tell(self, channel: str, user: str, thread_ts: str | None, text: str) -> None:
        """Tell one person something in a channel without others seeing it."""
        self._call(
            "chat.postEphemeral",
            {
                "channel": channel,
                "user": user,
                "text": text,
                **({"thread_ts": thread_ts} if thread_ts else {}),
            },
        )

    def respond(
        self,
        response_url: str,
        message: Message,
        *,
        in_channel: bool = False,
        replace_original: bool = False,
        delete_original: bool = False,
    ) -> None:
        """Answer a command or a click through its response URL, seen by that person alone.

        `in_channel` lets everybody see it, `replace_original` puts it in the place of the message
        that was clicked. Slack takes five answers within 30 minutes; SlackError after that.
        """
        client = WebhookClient(
            response_url, timeout=_TIMEOUT_SECONDS, retry_handlers=self._client.retry_handlers
        )
        try:
            answer = client.send(
                text=message.text,
                blocks=list(message.blocks),
                response_type="in_channel" if in_channel else "ephemeral",
                replace_original=replace_original,
                delete_original=delete_original,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (SlackClientError, OSError) as error:
            raise SlackError("Slack could not be reached for an answer to a command") from error
        if answer.status_code != 200:
            raise SlackError(f"Slack refused an answer to a command: {answer.status_code}")

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a modal for the person whose click the trigger belongs to."""
        self._call("views.open", {"trigger_id": trigger_id, "view": view})

    def _messages(
        self, channel: str, thread_ts: str | None, since: datetime
    ) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": _PAGE,
            "oldest": f"{since.timestamp():.6f}",
        }
        for _ in range(_MOST_PAGES):
            # Written out twice, since a test reads from here which methods are called.
            if thread_ts:
                answer = self._call("conversations.replies", {**asked, "ts": thread_ts})
            else:
                answer = self._call("conversations.history", asked)
            yield from answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked["cursor"] = cursor
        raise SlackError("The channel has too many messages to find one again")

    def _send_bytes(self, png: bytes, name: str, alt: str) -> str:
        place = self._call(
            "files.getUploadURLExternal", {"filename": name, "length": len(png), "alt_txt": alt}
        )
        address = str(place["upload_url"])
        if not address.startswith(("https://", "http://")):
            raise SlackError("Slack named no address to upload a file to")
        request = urllib.request.Request(
            address, data=png, headers={"Content-Type": "image/png"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):
                return str(place["file_id"])
        except (urllib.error.URLError, OSError) as error:
            raise SlackError("Slack did not take an uploaded file") from error

    def _complete_upload(self, file_id: str, title: str, **where: str) -> None:
        files = [{"id": file_id, "title": title}]
        self._call("files.completeUploadExternal", {"files": files, **where})

    def _call(self, method: str, arguments: dict[str, Any], client: WebClient | None = None) -> Any:
        form, body = (arguments, None) if method in _FORM_METHODS else (None, arguments)
        try:
            return (client or self._client).api_call(method, data=form, json=body).data
        except SlackApiError as error:
            raise _refusal(method, error) from error
        except (SlackClientError, OSError) as error:
            raise SlackError(f"Slack could not be reached for {method}") from error


def _message(channel: str, thread_ts: str | None, message: Message) -> dict[str, Any]:
    return {
        "channel": channel,
        "text": message.text,
        "blocks": list(message.blocks),
        "unfurl_links": False,
        "unfurl_media": False,
        **({"thread_ts": thread_ts} if thread_ts else {}),
    }


def _refusal(method: str, error: SlackApiError) -> SlackError:
    """What an answer without `ok` means: a refusal, unless Slack itself stumbled over it."""
    response = error.response
    reason = str(response.get("error", "an unknown error"))
    limited = response.status_code == 429
    # Slack's words for a failure of its own, after which the message may stand all the same.
    stumbled = reason in ("fatal_error", "internal_error", "service_unavailable", "request_timeout")
    if stumbled or (response.status_code >= 400 and not limited):
        return SlackError(f"Slack failed at {method}: {reason}")
    waiting = response.headers.get("Retry-After") if limited else None
    seconds = float(waiting) if waiting and str(waiting).isdigit() else None
    return SlackRefused(method, reason, seconds)
