"""A local Slack: the Web API, Socket Mode and the people of a workspace, for tests.

    with LocalSlack() as slack:
        slack.add_user("U0DESK", "desk")
        slack.add_channel("C0PRESS", "press")
        ... start the app against slack.api_url, slack.bot_token, slack.app_token ...
        asked = slack.mention("C0PRESS", "U0DESK", "Who spoke on Libya?")
        reply = slack.wait_for_reply("C0PRESS", asked.ts)

It listens on 127.0.0.1 only. Socket Mode is spoken unless `deliver_to` names the app's address.
As in Slack, a mention arrives twice, as `app_mention` and as `message`, and the app is told of
its own messages; `subscriptions` narrows that.
"""

import asyncio
import copy
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Self

from aiohttp import web

from tests.fakes import block_kit, slack_http, slack_payloads
from tests.fakes.slack_observation import PATIENCE, Observation
from tests.fakes.slack_socket import SocketMode
from tests.fakes.slack_web import SlackError, WebApi
from tests.fakes.slack_workspace import (
    Channel,
    Delivery,
    Failure,
    Identity,
    Payload,
    ResponseUrl,
    User,
    Workspace,
)

ALL_EVENTS = frozenset(
    (
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "app_home_opened",
        "agent_session_stopped",
        "app_context_changed",
    )
)
_MESSAGE_EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
}
_ERRORS = {429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}


class LocalSlack(Observation):
    """A workspace with one app in it; a context manager.

    `allowed_mentions` are the names (`"U0DESK"`, `"here"`) that the app's messages may mention;
    others are refused as `invalid_blocks`. `None` lets all pass, as Slack would.
    """

    def __init__(
        self,
        identity: Identity | None = None,
        *,
        subscriptions: Collection[str] = ALL_EVENTS,
        allowed_mentions: Collection[str] | None = (),
    ) -> None:
        super().__init__(Workspace(identity or Identity()))
        self.subscriptions = subscriptions
        self._web = WebApi(self._workspace, self._tell, allowed_mentions)
        self._socket = SocketMode(self._workspace, self._acknowledged)
        self._request_url: str | None = None
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="local-slack", daemon=True)
        self._background: set[asyncio.Task[None]] = set()

    # Life

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(PATIENCE):
            raise TimeoutError("the local Slack did not start to listen")
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes([*self._web.routes(), *self._socket.routes()])
        runner = web.AppRunner(application, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self._web.address = f"http://127.0.0.1:{port}"
        self._started.set()
        await self._stopping.wait()
        for task in self._background:
            task.cancel()
        await self._socket.close()
        await runner.cleanup()
        await self._loop.shutdown_default_executor()

    @property
    def api_url(self) -> str:
        """The base URL for `WebClient` and `SLACK_API_URL`."""
        return f"{self._web.address}/api/"

    @property
    def bot_token(self) -> str:
        return self.identity.bot_token

    @property
    def app_token(self) -> str:
        return self.identity.app_token

    @property
    def bot_user(self) -> str:
        return self.identity.bot_user_id

    # People and places

    def add_user(
        self,
        id: str,
        name: str,
        tz: str = "UTC",
        is_bot: bool = False,
        team: str | None = None,
        **flags: Any,
    ) -> User:
        """Add a person; one of another `team` is a guest of a shared channel.

        `flags` are what else users.info says of them, such as `is_admin=True`.
        """
        user = User(id, name, tz, is_bot, team or self.identity.team_id, flags)
        with self._workspace.changing():
            self._workspace.users[id] = user
        return user

    def add_channel(
        self, id: str, name: str, *, private: bool = False, is_member: bool = True
    ) -> Channel:
        """Add a channel, which the app has joined unless `is_member` is false."""
        channel = Channel(id, name, "group" if private else "channel", is_member)
        with self._workspace.changing():
            self._workspace.channels[id] = channel
        return channel

    def leave_channel(self, id: str) -> None:
        """Take the app out of a channel: it may post there no more."""
        with self._workspace.changing():
            held = self._workspace.channels[id]
            self._workspace.channels[id] = replace(held, is_member=False)

    def direct_channel(self, user: str) -> str:
        """The id of the app's direct conversation with a user."""
        return self._workspace.direct_channel(user).id

    # What people do

    def mention(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> Delivery:
        """Write `@chancery text`; returns the `app_mention`, the `message` comes beside it."""
        addressed = f"<@{self.bot_user}> {text}"
        message = self._write(channel, user, addressed, thread_ts)
        event = slack_payloads.message_event(message, self._channel(channel))
        event = {**event, "type": "app_mention"}
        event.pop("channel_type")
        mention = self._send_event(event, user) if self._subscribed("app_mention") else None
        beside = self._send_message(channel, message, user)
        return mention or beside

    def direct_message(self, user: str, text: str, thread_ts: str | None = None) -> Delivery:
        return self.message(self.direct_channel(user), user, text, thread_ts)

    def message(
        self,
        channel: str,
        user: str | None,
        text: str,
        thread_ts: str | None = None,
        bot_id: str | None = None,
        subtype: str | None = None,
    ) -> Delivery:
        """Write into a channel; with `bot_id` it is another app that writes."""
        message = self._write(channel, user, text, thread_ts, bot_id=bot_id, subtype=subtype)
        return self._send_message(channel, message, user)

    def send_file(
        self,
        channel: str,
        user: str,
        name: str,
        content: bytes,
        kind: str,
        text: str = "",
        address: str | None = None,
    ) -> Delivery:
        """Share a file of a MIME type in a channel, with words or without; its bytes are here
        unless they lie at an `address`."""
        identity = self._workspace.new_id("F")
        permalink = f"https://local.slack.com/files/{user}/{identity}/{name}"
        described = {"id": identity, "name": name, "mimetype": kind, "permalink": permalink}
        with self._workspace.changing():
            held = {**described, "content": content, "complete": True}
            self._workspace.files[identity] = held | ({"address": address} if address else {})
        files = [{**described, "size": len(content)}]
        message = self._write(channel, user, text, None, subtype="file_share", files=files)
        return self._send_message(channel, message, user)

    def edit_message(self, channel: str, ts: str, text: str) -> Delivery:
        """Change the words of a message that a person wrote before."""
        message = self._existing(channel, ts)
        with self._workspace.changing():
            before = copy.deepcopy(message)
            message["text"] = text
            message["edited"] = {"user": message["user"], "ts": self._workspace.new_ts()}
        return self._send_change("message_changed", channel, before, copy.deepcopy(message))

    def delete_message(self, channel: str, ts: str) -> Delivery:
        message = self._existing(channel, ts)
        with self._workspace.changing():
            self._workspace.messages[channel].remove(message)
        return self._send_change("message_deleted", channel, message, None)

    def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Type a slash command."""
        asker, place = self._user(user), self._channel(channel)
        payload = slack_payloads.slash_command(self.identity, asker, place, command, text)
        return self._send("slash_commands", payload | self._ways_to_answer(user, channel, None))

    def click(
        self,
        user: str,
        message: Mapping[str, Any],
        action_id: str,
        value: Any = None,
        *,
        channel: str | None = None,
    ) -> Delivery:
        """Use an element of a message or a view, as the test last read it.

        `value` picks an option, one of two feedback buttons, or one of several buttons that share
        an `action_id`.
        """
        block_id, element = _find_element(message, action_id, value)
        entry = slack_payloads.action(element, block_id, value)
        if message.get("type") in ("modal", "home"):
            where = self._inside_view(message)
        else:
            where = self._inside_message(user, message, channel or self._channel_of(message))
        payload = slack_payloads.interaction(
            self.identity, "block_actions", self._user(user), actions=[entry], **where
        )
        return self._send("interactive", payload)

    def submit_view(self, user: str, view_id: str, values: Mapping[str, Any]) -> Delivery:
        """Fill in a modal and submit it.

        `values` are by `block_id` or `action_id`: the text or the chosen value (a list where
        several may be chosen). What is not named keeps its initial value.
        """
        view = self._workspace.views[view_id]
        state = slack_payloads.view_state(view, values)
        payload = slack_payloads.interaction(
            self.identity,
            "view_submission",
            self._user(user),
            view={**copy.deepcopy(view), "state": state},
            trigger_id=self._workspace.new_trigger(),
            response_urls=[],
        )
        return self._send("interactive", payload)

    def suggest(self, user: str, view: Mapping[str, Any], action_id: str, typed: str) -> Delivery:
        """Type into a select of a view whose options the app gives; they are its answer."""
        block_id, _ = _find_element(view, action_id, None)
        payload = slack_payloads.interaction(
            self.identity,
            "block_suggestion",
            self._user(user),
            action_id=action_id,
            block_id=block_id,
            value=typed,
            view=dict(view),
            container={"type": "view", "view_id": view["id"]},
        )
        return self._send("interactive", payload)

    def close_view(self, user: str, view_id: str) -> Delivery | None:
        """Dismiss a modal; the app hears of it only with `notify_on_close`."""
        with self._workspace.changing():
            view = self._workspace.views.pop(view_id)
        if not view.get("notify_on_close"):
            return None
        payload = slack_payloads.interaction(
            self.identity, "view_closed", self._user(user), view=view, is_cleared=False
        )
        return self._send("interactive", payload)

    def open_home(self, user: str, tab: str = "home") -> Delivery:
        """Open the app's Home tab, or its conversation with `tab="messages"`."""
        event: Payload = {
            "type": "app_home_opened",
            "user": user,
            "channel": self.direct_channel(user),
            "tab": tab,
            "event_ts": self._workspace.new_ts(),
        }
        if tab == "home" and user in self._workspace.homes:
            event["view"] = copy.deepcopy(self._workspace.homes[user])
        return self._send_event(event, user)

    def stop_session(self, channel: str, thread_ts: str, user: str) -> Delivery:
        """Press the button that Slack shows while an agent's session is processing.

        Slack ends the app's streams in the thread, and leaves the session's status to the app.
        """
        held = [one["ts"] for one in self._workspace.thread(channel, thread_ts)]
        with self._workspace.changing():
            streams = [ts for ts in held if ts in self._workspace.streaming]
            self._workspace.streaming -= set(streams)
        event: Payload = {
            "type": "agent_session_stopped",
            "channel": channel,
            "thread_ts": thread_ts,
            "user": user,
            "streaming_message_ts": streams,
            "event_ts": self._workspace.new_ts(),
        }
        return self._send_event(event, user)

    def look_at(self, user: str, channel: str) -> Delivery:
        """Turn to a channel while the agent stands open beside it.

        As documented the event itself names nobody; it is delivered for the person.
        """
        entity = {
            "type": "slack#/types/channel_id",
            "value": channel,
            "team_id": self.identity.team_id,
        }
        event: Payload = {"type": "app_context_changed", "context": {"entities": [entity]}}
        delivery = self._event_delivery(event, user)
        (authorization,) = delivery.payload["authorizations"]
        authorization |= {"user_id": user, "is_bot": False}
        return self.deliver(delivery)

    def shortcut(
        self,
        user: str,
        callback_id: str,
        message: Mapping[str, Any] | None = None,
        channel: str | None = None,
    ) -> Delivery:
        """Choose a shortcut: a message's own, or without `message` a global one."""
        fields: Payload = {"callback_id": callback_id, "action_ts": self._workspace.new_ts()}
        if message is None:
            fields["trigger_id"] = self._workspace.new_trigger()
            kind = "shortcut"
        else:
            place = channel or self._channel_of(message)
            fields |= self._inside_message(user, message, place)
            fields["message_ts"] = message["ts"]
            fields.pop("container")
            kind = "message_action"
        payload = slack_payloads.interaction(self.identity, kind, self._user(user), **fields)
        return self._send("interactive", payload)

    def deliver(self, prepared: Delivery) -> Delivery:
        """Deliver what `prepare_mention` wrote: later than other things that were written after."""
        with self._workspace.changing():
            self._workspace.deliveries.append(prepared)
        self._deliver(prepared)
        return prepared

    def redeliver(self, event_id: str) -> Delivery:
        """Send an event once more under the same `event_id`, as Slack does after a timeout."""
        held = [d for d in self._workspace.deliveries if d.event_id == event_id]
        if not held:
            raise AssertionError(f"no event {event_id} was ever delivered")
        self._deliver(held[0])
        return held[0]

    # What goes wrong

    def fail_next(
        self,
        method: str,
        status: int = 200,
        error: str | None = None,
        retry_after: int | None = None,
        times: int = 1,
        taken: bool = False,
    ) -> None:
        """Let the next calls of a Web API method fail with an HTTP status or a Slack error.

        With `taken` each is carried out first: only the answer is lost.
        """
        said = error or _ERRORS.get(status, "fatal_error")
        failure = Failure(status, said, retry_after, times, taken)
        if status == 429 and retry_after is None:
            failure.retry_after = 1
        with self._workspace.changing():
            self._workspace.failures[method].append(failure)

    def delay(self, method: str, seconds: float) -> None:
        """Answer a method that much later from now on; 0 ends it, also for calls that wait."""
        with self._workspace.changing():
            self._workspace.delays[method] = seconds

    def limit_posts(self, a_second: float, burst: int) -> None:
        """Answer messages 429 that come quicker in one channel, as Slack does; 0 ends it."""
        with self._workspace.changing():
            self._workspace.post_limit = (a_second, burst) if a_second else None
            self._workspace.posted_until.clear()

    def lack_blocks(self, *kinds: str) -> None:
        """Be a workspace to which Slack has not brought these kinds of blocks yet."""
        with self._workspace.changing():
            self._web.unknown_blocks = frozenset(kinds)

    def expire_response_urls(self) -> None:
        """Let 30 minutes pass for every response URL that was given out."""
        with self._workspace.changing():
            self._workspace.response_urls.clear()

    def expire_streams(self) -> None:
        """End all streaming as Slack does after some minutes; later appends are refused."""
        with self._workspace.changing():
            self._workspace.streaming.clear()

    def lose_acknowledgements(self, times: int = 1) -> None:
        """Let the next acknowledgements get lost; a delivery counts its `acknowledgements_lost`."""
        with self._workspace.changing():
            self._socket.acknowledgements_to_lose = times

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect; what it has not acknowledged is delivered again."""
        self._await(self._socket.disconnect(reason))

    def drop_connections(self) -> None:
        """Reset every Socket Mode connection without a word."""
        self._await(self._socket.drop())

    def wait_for_connection(self, times: int = 1, timeout: float = PATIENCE) -> None:
        """Until Socket Mode connections were opened so many times and one is open."""
        self.wait_for(
            lambda: self._socket.connected >= times and self._socket.is_open,
            timeout,
            f"Socket Mode connection {times}",
        )

    # HTTP mode

    def deliver_to(self, url: str) -> None:
        """Send everything from now on as signed HTTP requests to the app's address."""
        self._request_url = url

    def sign(
        self, body: str, secret: str | None = None, timestamp: float | None = None
    ) -> dict[str, str]:
        """The signature headers of a body."""
        return slack_http.signature_headers(body, secret or self.identity.signing_secret, timestamp)

    def signed_request(
        self, url: str, delivery: Delivery, secret: str | None = None
    ) -> slack_http.SignedRequest:
        """The request of a delivery, to be posted, replayed, or spoilt.

        `.post()` twice is a replay; `.unsigned()`, `.forged()`, `.stale()` and `.tampered(body)`
        are requests that an app must refuse.
        """
        secret = secret or self.identity.signing_secret
        return slack_http.signed_request(url, delivery.payload, secret, delivery.kind)

    def prepare_mention(
        self, channel: str, user: str, text: str, thread_ts: str | None = None
    ) -> Delivery:
        """A mention that is written but not delivered, for `signed_request`."""
        message = self._write(channel, user, f"<@{self.bot_user}> {text}", thread_ts)
        event = slack_payloads.message_event(message, self._channel(channel))
        return self._event_delivery({**event, "type": "app_mention"}, user)

    def prepare_command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """A slash command that is typed but not delivered, for `signed_request`."""
        asker, place = self._user(user), self._channel(channel)
        payload = slack_payloads.slash_command(self.identity, asker, place, command, text)
        return Delivery("slash_commands", payload | self._ways_to_answer(user, channel, None))

    # Inside

    def _await(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def _subscribed(self, event: str) -> bool:
        return event in self.subscriptions

    def _user(self, user: str) -> User:
        assert user in self._workspace.users, f"add_user({user!r}, …) first"
        return self._workspace.users[user]

    def _channel(self, channel: str) -> Channel:
        assert channel in self._workspace.channels, f"add_channel({channel!r}, …) first"
        return self._workspace.channels[channel]

    def _channel_of(self, message: Mapping[str, Any]) -> str:
        for channel, held in self._workspace.messages.items():
            if any(one["ts"] == message["ts"] for one in held):
                return channel
        return message["channel"]

    def _existing(self, channel: str, ts: str) -> Payload:
        message = self._workspace.message(channel, ts)
        assert message is not None, f"no message {ts} in {channel}"
        return message

    def _write(
        self,
        channel: str,
        user: str | None,
        text: str,
        thread_ts: str | None,
        **fields: Any,
    ) -> Payload:
        self._channel(channel)
        ts = self._workspace.new_ts()
        if user is None:
            message: Payload = {"type": "message", "text": text, "ts": ts}
        else:
            message = slack_payloads.user_message(self.identity, self._user(user), text, ts)
        if thread_ts is not None:
            parent = self._existing(channel, thread_ts)
            fields |= {"thread_ts": thread_ts, "parent_user_id": parent.get("user")}
        message |= {name: value for name, value in fields.items() if value is not None}
        return copy.deepcopy(self._workspace.add_message(channel, message))

    def _send_message(self, channel: str, message: Payload, user: str | None) -> Delivery:
        place = self._channel(channel)
        event = slack_payloads.message_event(message, place)
        if not self._subscribed(_MESSAGE_EVENTS[place.kind]):
            return self._event_delivery(event, user)
        return self._send_event(event, user)

    def _send_change(
        self, subtype: str, channel: str, before: Payload, after: Payload | None
    ) -> Delivery:
        ts = self._workspace.new_ts()
        event = slack_payloads.change_event(subtype, self._channel(channel), ts, before, after)
        return self._send_event(event, before.get("user"))

    def _event_delivery(self, event: Payload, user: str | None) -> Delivery:
        person = self._workspace.users.get(user or "")
        shared = person is not None and person.team != self.identity.team_id
        payload = slack_payloads.event_callback(
            self.identity, event, self._workspace.new_id("Ev"), shared=shared
        )
        return Delivery("events_api", payload)

    def _send_event(self, event: Payload, user: str | None) -> Delivery:
        delivery = self._event_delivery(event, user)
        with self._workspace.changing():
            self._workspace.deliveries.append(delivery)
        self._deliver(delivery)
        return delivery

    def _send(self, kind: str, payload: Payload) -> Delivery:
        """Send a command or interaction, which needs an app that listens."""
        if self._request_url is None:
            self.wait_for_connection(timeout=PATIENCE)
        delivery = Delivery(kind, payload)
        with self._workspace.changing():
            self._workspace.deliveries.append(delivery)
        self._deliver(delivery)
        return delivery

    def _deliver(self, delivery: Delivery) -> None:
        self._await(self._hand_over(delivery))

    async def _hand_over(self, delivery: Delivery) -> None:
        if self._request_url is None:
            await self._socket.deliver(delivery)
            return
        with self._workspace.changing():
            delivery.attempts += 1
        taken, answer = await asyncio.to_thread(
            slack_http.post_delivery, delivery, self._request_url, self.identity.signing_secret
        )
        if taken:
            with self._workspace.changing():
                self._acknowledged(delivery, answer)

    def _tell(self, event: Payload) -> None:
        """Tell the app of its own doings; called in the server's thread."""
        kind = _MESSAGE_EVENTS[event["channel_type"]]
        listening = self._request_url is not None or self._socket.is_open
        if not listening or not self._subscribed(kind):
            return
        delivery = self._event_delivery(event, None)
        self._workspace.deliveries.append(delivery)
        task = self._loop.create_task(self._hand_over(delivery))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _ways_to_answer(self, user: str, channel: str, message_ts: str | None) -> Payload:
        response_id = self._workspace.new_id("response-")
        with self._workspace.changing():
            self._workspace.response_urls[response_id] = ResponseUrl(channel, user, message_ts)
        return {
            "trigger_id": self._workspace.new_trigger(),
            "response_url": f"{self._web.address}/respond/{response_id}",
        }

    def _inside_message(self, user: str, message: Mapping[str, Any], channel: str) -> Payload:
        place = self._channel(channel)
        ephemeral = bool(message.get("is_ephemeral"))
        where: Payload = {
            "channel": {"id": place.id, "name": place.name},
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": ephemeral,
            },
            "state": {"values": {}},
            **self._ways_to_answer(user, channel, message["ts"]),
        }
        # An ephemeral message is not kept by Slack, so its payload does not carry it.
        return where if ephemeral else where | {"message": dict(message)}

    def _inside_view(self, view: Mapping[str, Any]) -> Payload:
        state = slack_payloads.view_state(dict(view), {})
        return {
            "container": {"type": "view", "view_id": view["id"]},
            "view": {**view, "state": state},
            "trigger_id": self._workspace.new_trigger(),
        }

    def _acknowledged(self, delivery: Delivery, answer: Payload | None) -> None:
        """Note an acknowledgement and do what its payload says; the state is held."""
        first, delivery.acknowledged = not delivery.acknowledged, True
        delivery.response = answer
        if not first:
            return
        try:
            if delivery.kind == "slash_commands" and answer and "text" in answer:
                channel, user = delivery.payload["channel_id"], delivery.payload["user_id"]
                self._web.place_response(answer, channel, user, None)
            elif delivery.payload.get("type") == "view_submission":
                self._after_submission(delivery.payload["view"]["id"], answer or {})
        except SlackError as error:
            delivery.response = error.answer()

    def _after_submission(self, view_id: str, answer: Payload) -> None:
        workspace = self._workspace
        match answer.get("response_action"):
            case "errors":
                workspace.view_errors[view_id] = answer["errors"]
            case "update":
                workspace.change_view(workspace.views[view_id], self._web.check_view(answer))
            case "push":
                workspace.add_view(self._web.check_view(answer))
            case "clear":
                homes = {view["id"] for view in workspace.homes.values()}
                workspace.views = {k: v for k, v in workspace.views.items() if k in homes}
            case _:
                workspace.views.pop(view_id, None)


def _find_element(holder: Mapping[str, Any], action_id: str, value: Any) -> tuple[str, Payload]:
    """The block id and the element with an `action_id` that can yield the value."""
    seen = []
    for block in holder.get("blocks") or ():
        for element in block_kit.elements([block]):
            seen.append((element["action_id"], element.get("value")))
            if element["action_id"] == action_id and slack_payloads.offers(element, value):
                return block["block_id"], element
    raise AssertionError(f"nothing to click as {action_id!r} with {value!r}; there is {seen}")
