"""The gateway to Slack's Web API: the few calls we make, with our own errors.

Messages, streams, views and files. What Slack limits or fails to serve is called again
(`bot.slack.pacing`); what is still refused after that becomes a SlackError. A message with a key
is looked for before it is sent again, so that it never stands twice; `post_once` leaves that to
its caller. Nothing that people wrote is logged.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener, urlopen

from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from bot.failures import SlackError, SlackRefused
from bot.render.answers import plain_message
from bot.render.blocks import Block, Message
from bot.slack.events import Identity, is_slacks
from bot.slack.pacing import (
    APPENDING,
    ONCE,
    TIMEOUT_SECONDS,
    Caller,
    Calling,
    Pace,
    Patience,
    Shown,
    Statuses,
    tls,
)

log = logging.getLogger("chancery.slack")

_RETRIES = 4
POSTING = "chancery_posting"
"""Event type of the metadata that our unasked messages carry."""

# Waits between looks for a message that Slack failed to confirm; it may stand there late.
_LOOKED_AFTER = (1.0, 2.0, 4.0, 8.0)
_CLOCKS_DIFFER = timedelta(minutes=2)
PATIENT_ONCE = Patience(limited=300, repeated=False)
_PAGE = 100
_THREAD_PAGE = 200
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """What is being done: a title, and tasks with what came of those that are done, in order."""

    title: str
    tasks: tuple[str, ...]
    done: tuple[str, ...] = ()

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """As https://docs.slack.dev/messaging/sending-and-scheduling-messages streams them."""
        chunks: list[dict[str, Any]] = [{"type": "plan_update", "title": self.title}]
        for number, task in enumerate(self.tasks):
            now = "complete" if number < len(self.done) else "pending"
            now = "in_progress" if number == len(self.done) else now
            told = self.done[number] if number < len(self.done) else ""
            chunk = {"type": "task_update", "id": f"task-{number}", "title": task, "status": now}
            chunks.append({**chunk, "output": told} if told else chunk)
        return chunks


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody sent: `link` is where people open it, `kind` its MIME type."""

    name: str
    link: str
    kind: str
    content: bytes = field(repr=False)


class _NoRedirect(HTTPRedirectHandler):
    """Follows none: the token is for the host that Slack named."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class PostingPart:
    """One message of a posting: what its metadata says, so that it is found again.

    `number` tells it from the others of the posting.
    """

    key: str
    number: int


def make_client(token: str, api_url: str) -> WebClient:
    """A client of the Web API that waits as long as Slack asks for, and never loses a call."""
    client = WebClient(token=token, base_url=api_url, ssl=tls())
    client.retry_handlers = [
        ConnectionErrorRetryHandler(max_retry_count=2),
        RateLimitErrorRetryHandler(max_retry_count=_RETRIES),
        ServerErrorRetryHandler(max_retry_count=_RETRIES),
    ]
    return client


class SlackGateway(Calling):
    """What the bot does in Slack."""

    def __init__(
        self,
        client: WebClient,
        pace: Pace | None = None,
        giving_way: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`pace` is how quickly it posts; `giving_way` is entered while it waits for Slack."""
        super().__init__(Caller(client, pace, giving_way), giving_way)
        self._client = client
        self._statuses = Statuses(self._send_status)

    def close(self) -> None:
        """Send the last statuses and end."""
        self.hurry()
        self._statuses.close()

    def identity(self) -> Identity:
        """Who the token belongs to; SlackError where it is refused."""
        answer = self._call("auth.test", {})
        ids = (answer.get(name) for name in ("bot_id", "team_id", "enterprise_id"))
        return Identity(answer["user_id"], *ids)

    def show_status(
        self, channel: str, thread_ts: str, status: str, lines: Sequence[str] = ()
    ) -> None:
        """Show a status under a thread soon, an empty one to clear it; it is worth no error.

        `lines` take turns in the place where the reply will stand, ten at most.
        """
        self._statuses.show(channel, thread_ts, status, lines)

    def _send_status(self, channel: str, thread_ts: str, shown: Shown) -> None:
        told: dict[str, Any] = {"channel_id": channel, "thread_ts": thread_ts, "status": shown.text}
        if shown.lines:
            told["loading_messages"] = list(shown.lines)
        try:
            self._call("assistant.threads.setStatus", told, ONCE)
        except SlackError as error:
            log.info("no status shown: %s", error)

    def post(
        self,
        channel: str,
        thread_ts: str | None,
        messages: Sequence[Message],
        key: str | None = None,
    ) -> str:
        """Post messages in order; returns the ts of the first.

        With the `key` of what they answer each is posted once, even where Slack fails after having
        taken it, and `find_posted` finds them.
        """
        stamps: list[str] = []
        for message in messages:
            # What goes on stands under what it goes on with, also where that begins a thread.
            thread = thread_ts or next(iter(stamps), None)
            if key is None:
                sent = _message(channel, thread, message)
                stamps.append(str(self._call("chat.postMessage", sent)["ts"]))
            else:
                part = PostingPart(key, _sum(message))
                stamps.append(self._post_surely(channel, thread, message, part))
        return stamps[0]

    def _post_surely(
        self, channel: str, thread_ts: str | None, message: Message, part: PostingPart
    ) -> str:
        """Post a message once, looking for it before it is sent again."""
        started = datetime.now(UTC) - _CLOCKS_DIFFER
        for pause in (*_LOOKED_AFTER, None):
            try:
                return self.post_once(channel, thread_ts, message, part, PATIENT_ONCE)
            except SlackRefused:
                raise
            except SlackError:
                if pause is None:
                    raise
                with self._giving_way():
                    self._caller.wait(pause)
            found = self.find_posted(channel, thread_ts, part.key, started)
            if part.number in found:
                return found[part.number]
        raise AssertionError("unreachable")

    def post_once(
        self,
        channel: str,
        thread_ts: str | None,
        message: Message,
        part: PostingPart,
        patience: Patience = ONCE,
    ) -> str:
        """Post a message with one request, marked as a part of a posting; returns its ts.

        SlackRefused: it was not posted. Any other SlackError: it may have been.
        """
        marked = {**_message(channel, thread_ts, message), "metadata": _metadata(part)}
        return str(self._call("chat.postMessage", marked, patience)["ts"])

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

    def start_stream(
        self, channel: str, thread_ts: str, markdown: str, user: str, team: str | None
    ) -> str:
        """Begin a message that grows, shown to `user` of the workspace `team`; returns its ts.

        Like `append_stream` it is sent once: any SlackError but SlackRefused may have begun it.
        It does not wait for Slack's limit, which for this method is some twenty a minute for all:
        a message that comes whole is there sooner.
        """
        return self._start(channel, thread_ts, user, team, markdown_text=markdown)

    def start_plan(
        self, channel: str, thread_ts: str, user: str, team: str | None, plan: Plan
    ) -> str:
        """Begin a message that shows what is being done, as a plan of tasks; returns its ts.

        https://docs.slack.dev/reference/methods/chat.startStream: `chunks`, `task_display_mode`.
        """
        shown = {"chunks": plan.chunks, "task_display_mode": "plan"}
        return self._start(channel, thread_ts, user, team, **shown)

    def _start(
        self, channel: str, thread_ts: str, user: str, team: str | None, **shown: Any
    ) -> str:
        seen_by = {"recipient_user_id": user, **({"recipient_team_id": team} if team else {})}
        began = {"channel": channel, "thread_ts": thread_ts, **shown, **seen_by}
        return str(self._call("chat.startStream", began, ONCE)["ts"])

    def is_free(self, channel: str) -> bool:
        """Whether a message that is not worth waiting for would keep none back in a channel."""
        return self._caller.is_free(channel)

    def append_plan(self, channel: str, ts: str, plan: Plan) -> None:
        """Show how far a plan is."""
        added = {"channel": channel, "ts": ts, "chunks": plan.chunks}
        self._call("chat.appendStream", added, APPENDING)

    def session(
        self, channel: str, thread_ts: str, status: str, user: str = "", title: str = ""
    ) -> None:
        """Set the status of an agent's session; it is worth no error.

        https://docs.slack.dev/reference/methods/agents.sessions.setStatus: active, processing or
        closed. `user` and `title` count for a session that begins.
        """
        named = {"initiator_user_id": user} if user else {}
        titled = {"title": title} if title else {}
        told = {"channel_id": channel, "thread_ts": thread_ts, "status": status, **named, **titled}
        try:
            self._call("agents.sessions.setStatus", told, ONCE)
        except SlackError as error:
            log.info("no session is kept: %s", error)

    def append_stream(self, channel: str, ts: str, markdown: str) -> None:
        """Append to a message that grows."""
        added = {"channel": channel, "ts": ts, "markdown_text": markdown}
        self._call("chat.appendStream", added, APPENDING)

    def stop_stream(
        self, channel: str, ts: str, below: Message | None, key: str | None = None
    ) -> None:
        """End a message that grows; the blocks of `below` stand under its text from then on.

        With the `key` of what it answers `find_posted` finds it.
        """
        blocks = {"blocks": list(below.blocks)} if below is not None else {}
        found = {"metadata": _metadata(PostingPart(key, 0))} if key else {}
        self._call("chat.stopStream", {"channel": channel, "ts": ts, **blocks, **found})

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Put a message in the place of one of ours."""
        self._call("chat.update", {"ts": ts, **_shown(channel, None, message)})

    def mark(self, channel: str, thread_ts: str, ts: str, shown: Block) -> None:
        """Let a block stand above one of our messages, in the place of one with the same block id.

        SlackError where the message cannot be read or changed any more.
        """
        held = next((one for one in self.thread(channel, thread_ts) if one["ts"] == ts), None)
        if held is None:
            raise SlackError("A message that is to be marked is not there")
        named = shown["block_id"]
        kept = [block for block in held.get("blocks") or () if block.get("block_id") != named]
        self.update(channel, ts, Message(str(held.get("text") or ""), (shown, *kept)))

    def delete(self, channel: str, ts: str) -> None:
        """Take back one of our messages."""
        self._call("chat.delete", {"channel": channel, "ts": ts})

    def thread(self, channel: str, thread_ts: str, most_pages: int = 5) -> list[dict[str, Any]]:
        """The messages of a thread, oldest first, its root too; the first few hundred of it."""
        asked: dict[str, Any] = {"channel": channel, "ts": thread_ts, "limit": _THREAD_PAGE}
        found: list[dict[str, Any]] = []
        for _ in range(most_pages):
            answer = self._call("conversations.replies", asked)
            # Slack repeats the root on every page.
            known = {message["ts"] for message in found[:1]}
            found += [one for one in answer["messages"] if one["ts"] not in known]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            asked["cursor"] = cursor
        return found

    def direct_channel(self, user: str) -> str:
        """The direct conversation with a person, opened where there is none yet."""
        return str(self._call("conversations.open", {"users": user})["channel"]["id"])

    def profile(self, user: str) -> Mapping[str, Any]:
        """What Slack knows of a person, as users.info gives it."""
        return dict(self._call("users.info", {"user": user, "include_locale": True})["user"])

    def tell(self, channel: str, user: str, thread_ts: str | None, text: str) -> None:
        """Tell one person something in a channel without others seeing it."""
        self.show(channel, user, thread_ts, plain_message(text))

    def show(self, channel: str, user: str, thread_ts: str | None, message: Message) -> None:
        """Show one person a message in a channel without others seeing it."""
        self._call("chat.postEphemeral", {**_shown(channel, thread_ts, message), "user": user})

    def suggest(self, channel: str, prompts: Sequence[Mapping[str, str]]) -> None:
        """Let an agent's conversation begin with these prompts, four at most."""
        # With a thread Slack takes an agent's prompts and shows none of them.
        suggested = {"channel_id": channel, "prompts": list(prompts)}
        self._call("assistant.threads.setSuggestedPrompts", suggested)

    def name_thread(self, channel: str, thread_ts: str, title: str) -> None:
        """Give a conversation of an agent its title."""
        named = {"channel_id": channel, "thread_ts": thread_ts, "title": title}
        self._call("assistant.threads.setTitle", named)

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
        retry = self._client.retry_handlers
        client = WebhookClient(
            response_url, timeout=TIMEOUT_SECONDS, ssl=tls(), retry_handlers=retry
        )
        try:
            with self._giving_way():
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

    def has_joined(self, channel: str) -> bool | None:
        """Whether we are a member of a channel; None where Slack does not say.

        Its history is asked for, which takes no scope that we do not need anyway.
        """
        try:
            self._call("conversations.history", {"channel": channel, "limit": 1}, ONCE)
        except SlackRefused as refused:
            outside = ("not_in_channel", "channel_not_found", "is_archived")
            return False if refused.reason in outside else None
        except SlackError:
            return None
        return True

    def validate(self, what: str, payload: object) -> None:
        """SlackRefused where Slack would not take `blocks`, a `message` or a `view`.

        https://docs.slack.dev/reference/methods/blocks.validate: as JSON text, nothing is posted.
        """
        self._call("blocks.validate", {what: json.dumps(payload)}, ONCE)

    # -- modals and the Home tab

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> str:
        """Open a modal for the person whose click the trigger belongs to; returns its id."""
        opened = self._call("views.open", {"trigger_id": trigger_id, "view": view})
        return str(opened["view"]["id"])

    def push_view(self, trigger_id: str, view: dict[str, Any]) -> str:
        """Lay a modal over the one in which something was clicked; returns its id."""
        pushed = self._call("views.push", {"trigger_id": trigger_id, "view": view})
        return str(pushed["view"]["id"])

    def update_view(self, view_id: str, view: dict[str, Any], seen: str | None = None) -> None:
        """Put another view in the place of an open modal; SlackRefused where it was closed.

        `seen` is the hash of the view that was clicked in: where another has taken its place since,
        nothing is changed and SlackRefused says hash_conflict.
        """
        known = {"hash": seen} if seen else {}
        self._call("views.update", {"view_id": view_id, "view": view, **known})

    def publish_home(self, user: str, view: dict[str, Any]) -> None:
        """Show a person's Home tab."""
        self._call("views.publish", {"user_id": user, "view": view})

    # -- files

    def file(self, identity: str, most_bytes: int) -> SentFile:
        """A file that somebody sent; SlackError where it cannot be had, or is larger than that.

        https://docs.slack.dev/reference/objects/file-object: its address wants the token, which
        goes to Slack's own hosts alone, and to no redirect.
        """
        held = self._call("files.info", {"file": identity})["file"]
        address = str(held.get("url_private_download") or held.get("url_private") or "")
        place, api = urlsplit(address), urlsplit(self._client.base_url)
        ours = place.scheme == "https" and is_slacks(address)
        if not ours and (place.scheme, place.netloc) != (api.scheme, api.netloc):
            raise SlackError("Slack does not hold this file itself")
        request = Request(address, headers={"Authorization": f"Bearer {self._client.token}"})
        opener = build_opener(_NoRedirect, HTTPSHandler(context=tls()))
        try:
            with self._giving_way(), opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                content = answer.read(most_bytes + 1)
        except (URLError, OSError) as error:
            raise SlackError("Slack did not give a file") from error
        if len(content) > most_bytes:
            raise SlackError(f"The file is larger than {most_bytes // 1_000_000} MB")
        kind, link = str(held.get("mimetype") or ""), str(held.get("permalink") or address)
        return SentFile(str(held.get("name") or identity), link, kind, content)

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
        where = {"thread_ts": thread_ts} if thread_ts else {}
        self._complete_upload(file_id, name, channel_id=channel, **where)

    def share_text(
        self, channel: str, thread_ts: str | None, text: str, name: str, title: str
    ) -> None:
        """Upload a text file and post it as a message of its own."""
        file_id = self._send_bytes(text.encode(), name, None, "text/plain; charset=utf-8")
        where = {"thread_ts": thread_ts} if thread_ts else {}
        self._complete_upload(file_id, title, channel_id=channel, **where)

    def _send_bytes(
        self, content: bytes, name: str, alt: str | None, kind: str = "image/png"
    ) -> str:
        about = {"filename": name, "length": len(content), **({"alt_txt": alt} if alt else {})}
        place = self._call("files.getUploadURLExternal", about)
        address = str(place["upload_url"])
        if not address.startswith(("https://", "http://")):
            raise SlackError("Slack named no address to upload a file to")
        request = Request(address, data=content, headers={"Content-Type": kind}, method="POST")
        try:
            with self._giving_way(), urlopen(request, timeout=TIMEOUT_SECONDS, context=tls()):
                return str(place["file_id"])
        except (URLError, OSError) as error:
            raise SlackError("Slack did not take an uploaded file") from error

    def _complete_upload(self, file_id: str, title: str, **where: str) -> None:
        files = [{"id": file_id, "title": title}]
        self._call("files.completeUploadExternal", {"files": files, **where})

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


def _metadata(part: PostingPart) -> dict[str, Any]:
    payload = {"key": part.key, "part": part.number}
    return {"event_type": POSTING, "event_payload": payload}


def _sum(message: Message) -> int:
    """A number that tells the messages of one reply apart, however many posts it takes."""
    return zlib.crc32(json.dumps([message.text, *message.blocks]).encode())


def _message(channel: str, thread_ts: str | None, message: Message) -> dict[str, Any]:
    return {**_shown(channel, thread_ts, message), "unfurl_links": False, "unfurl_media": False}


def _shown(channel: str, thread_ts: str | None, message: Message) -> dict[str, Any]:
    where = {"thread_ts": thread_ts} if thread_ts else {}
    return {"channel": channel, "text": message.text, "blocks": list(message.blocks), **where}
