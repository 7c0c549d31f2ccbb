"""The gateway to Slack's Web API: the few calls we make, with our own errors.

The client retries what Slack limits or fails to serve; what is still refused after that
becomes a SlackError. Nothing that people wrote is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from bot.blocks import Message
from bot.errors import SlackError
from bot.incoming import Identity

log = logging.getLogger("chancery.slack")

_RETRIES = 4


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
        stamps = []
        for message in messages:
            answer = self._call(
                "chat.postMessage",
                {
                    "channel": channel,
                    "text": message.text,
                    "blocks": list(message.blocks),
                    "unfurl_links": False,
                    "unfurl_media": False,
                    **({"thread_ts": thread_ts} if thread_ts else {}),
                },
            )
            stamps.append(str(answer["ts"]))
        return stamps[0]

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

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a modal for the person whose click the trigger belongs to."""
        self._call("views.open", {"trigger_id": trigger_id, "view": view})

    def _call(self, method: str, arguments: dict[str, Any]) -> Any:
        try:
            return self._client.api_call(method, json=arguments).data
        except SlackApiError as error:
            reason = error.response.get("error", "an unknown error")
            raise SlackError(f"Slack refused {method}: {reason}") from error
        except (SlackClientError, OSError) as error:
            raise SlackError(f"Slack could not be reached for {method}") from error
