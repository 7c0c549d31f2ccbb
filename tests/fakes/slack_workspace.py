"""What a workspace holds: people, channels, messages, views, and everything that was asked of it.

The server's thread writes and the test's thread reads; both do so while holding `changed`, which
is notified at every change, so that a test can wait without polling.
"""

import copy
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.fakes.block_kit import elements

# In Slack it is three seconds, which a busy machine may take for anything.
TRIGGER_SECONDS = 60.0
RESPONSE_URL_USES = 5

Payload = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """The app as the workspace knows it."""

    bot_token: str = "xoxb-local"
    app_token: str = "xapp-local"
    team_id: str = "T0LOCAL"
    bot_user_id: str = "U0CHANCERY"
    bot_id: str = "B0CHANCERY"
    app_id: str = "A0CHANCERY"
    signing_secret: str = "local-signing-secret"


@dataclass(frozen=True)
class User:
    id: str
    name: str
    tz: str
    is_bot: bool
    team: str
    flags: Mapping[str, Any] = field(default_factory=dict)
    """What else users.info says: `is_restricted`, `is_admin`, `deleted`, `enterprise_user` …"""


@dataclass(frozen=True)
class Channel:
    """A conversation; `kind` is Slack's `channel_type`: channel, group or im."""

    id: str
    name: str
    kind: str = "channel"
    is_member: bool = True
    user: str | None = None


class Status(NamedTuple):
    channel: str
    thread_ts: str
    status: str


@dataclass
class Call:
    """One request to the Web API; `time` is monotonic seconds, `response` None until answered."""

    method: str
    arguments: Payload
    time: float
    response: Payload | None = None
    http_status: int | None = None


@dataclass(eq=False)
class Delivery:
    """Something that the workspace told the app, and what the app made of it.

    `delivery["text"]` reads the event of an events_api payload and the payload of any other.
    """

    kind: str
    payload: Payload
    attempts: int = 0
    envelope_ids: list[str] = field(default_factory=list)
    acknowledged: bool = False
    acknowledgements_lost: int = 0
    response: Payload | None = None

    @property
    def body(self) -> Payload:
        return self.payload.get("event", self.payload)

    @property
    def event_id(self) -> str | None:
        return self.payload.get("event_id")

    @property
    def ts(self) -> str | None:
        return self.body.get("ts") or self.body.get("event_ts")

    @property
    def channel(self) -> str | None:
        channel = self.body.get("channel", self.body.get("channel_id"))
        return channel.get("id") if isinstance(channel, dict) else channel

    @property
    def thread_ts(self) -> str | None:
        """Where an answer belongs: the thread of the message, or the message itself."""
        return self.body.get("thread_ts") or self.ts

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Failure:
    """How the next calls of a method go wrong; `taken` ones are carried out all the same."""

    status: int
    error: str
    retry_after: int | None
    times: int
    taken: bool = False


@dataclass
class ResponseUrl:
    channel: str
    user: str
    message_ts: str | None
    uses: int = 0


class Workspace:
    """The state that the Web API, Socket Mode and the tests share."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.changed = threading.Condition(threading.RLock())
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, list[Payload]] = defaultdict(list)
        self.ephemerals: list[Payload] = []
        self.streaming: set[str] = set()
        self.views: dict[str, Payload] = {}
        self.homes: dict[str, Payload] = {}
        self.view_errors: dict[str, Payload] = {}
        self.files: dict[str, Payload] = {}
        self.reactions: list[Payload] = []
        self.statuses: list[Status] = []
        self.shown_status: dict[tuple[str, str], str] = {}
        self.prompts: dict[str, list[Payload]] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.sessions: dict[tuple[str, str], Payload] = {}
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.failures: dict[str, list[Failure]] = defaultdict(list)
        self.delays: dict[str, float] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.post_limit: tuple[float, int] | None = None
        self.posted_until: dict[str, float] = {}
        self._triggers: dict[str, float] = {}
        self._last_microsecond = 0
        self._numbers = itertools.count(1)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the state for a change and wake whoever waits for one."""
        with self.changed:
            yield
            self.changed.notify_all()

    def new_id(self, prefix: str) -> str:
        with self.changed:
            return f"{prefix}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """A message's timestamp, later than every one before it."""
        with self.changed:
            now = int(time.time() * 1_000_000)
            self._last_microsecond = max(now, self._last_microsecond + 1)
            seconds, microseconds = divmod(self._last_microsecond, 1_000_000)
            return f"{seconds}.{microseconds:06d}"

    def new_trigger(self) -> str:
        """An id with which the app may open one view before long."""
        trigger = self.new_id("trigger.")
        with self.changed:
            self._triggers[trigger] = time.monotonic()
        return trigger

    def use_trigger(self, trigger: str | None) -> str | None:
        """The error with which Slack refuses the trigger, or None."""
        with self.changed:
            if trigger not in self._triggers:
                return "invalid_trigger_id"
            issued = self._triggers[trigger]
            if time.monotonic() - issued > TRIGGER_SECONDS:
                return "expired_trigger_id"
            self._triggers[trigger] = float("-inf")
            return None

    def direct_channel(self, user: str) -> Channel:
        """The direct conversation with a user, opened at the first need."""
        with self.changed:
            channel = Channel(f"D{user[1:]}", "directmessage", kind="im", user=user)
            return self.channels.setdefault(channel.id, channel)

    def message(self, channel: str, ts: str | None) -> Payload | None:
        """The stored message itself, not a copy."""
        with self.changed:
            return next((held for held in self.messages[channel] if held["ts"] == ts), None)

    def thread(self, channel: str, thread_ts: str) -> list[Payload]:
        """The message that opened the thread and its replies."""
        with self.changed:
            return [
                held
                for held in self.messages[channel]
                if thread_ts in (held["ts"], held.get("thread_ts"))
            ]

    def add_message(self, channel: str, message: Payload) -> Payload:
        with self.changing():
            self.name_blocks(message)
            self.messages[channel].append(message)
            return message

    def bot_message(self, **fields: Any) -> Payload:
        """A message as the app posts it, with a fresh timestamp."""
        identity = self.identity
        present = {name: value for name, value in fields.items() if value is not None}
        return {
            "type": "message",
            "user": identity.bot_user_id,
            "bot_id": identity.bot_id,
            "app_id": identity.app_id,
            "team": identity.team_id,
            "text": "",
            "ts": self.new_ts(),
            **copy.deepcopy(present),
        }

    def add_view(self, view: Payload, **fields: Any) -> Payload:
        with self.changing():
            view_id = self.new_id("V")
            stored = {
                "id": view_id,
                "root_view_id": view_id,
                "previous_view_id": None,
                "team_id": self.identity.team_id,
                "app_id": self.identity.app_id,
                "bot_id": self.identity.bot_id,
                "callback_id": "",
                "private_metadata": "",
                "external_id": "",
                **copy.deepcopy(view),
                "hash": self.new_id("hash."),
                **fields,
            }
            self.name_blocks(stored)
            self.views[view_id] = stored
            return stored

    def change_view(self, stored: Payload, view: Payload) -> Payload:
        with self.changing():
            stored.update(copy.deepcopy(view), hash=self.new_id("hash."))
            self.name_blocks(stored)
            return stored

    def take_failure(self, method: str) -> Failure | None:
        """The failure that the next call of a method was told to meet, counting it down."""
        with self.changed:
            waiting = self.failures[method]
            if not waiting:
                return None
            waiting[0].times -= 1
            return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]

    def take_post(self, method: str, channel: str) -> Failure | None:
        """The refusal of a message that comes too soon after others of its channel."""
        with self.changed:
            if self.post_limit is None or method != "chat.postMessage":
                return None
            interval, burst = 1 / self.post_limit[0], self.post_limit[1]
            now = time.monotonic()
            filled = max(now, self.posted_until.get(channel, now))
            if filled - now > (burst - 1) * interval:
                return Failure(429, "ratelimited", 1, 1)
            self.posted_until[channel] = filled + interval
            return None

    def find_view(self, view_id: str | None, external_id: str | None) -> Payload | None:
        with self.changed:
            if view_id:
                return self.views.get(view_id)
            held = self.views.values()
            return next((view for view in held if view["external_id"] == external_id), None)

    def name_blocks(self, holder: Payload) -> None:
        """Give blocks and elements the ids that Slack gives where the app gave none."""
        for block in holder.get("blocks") or ():
            block.setdefault("block_id", self.new_id("block."))
            for element in elements([block]):
                element.setdefault("action_id", self.new_id("action."))
