"""What a test reads from the local Slack, and how it waits for it."""

import copy
from collections.abc import Callable
from typing import TypeVar

from tests.fakes.slack_workspace import Call, Channel, Delivery, Payload, Status, User, Workspace

T = TypeVar("T")

# Cores are shared with whatever else runs: generous, since only failures wait that long.
PATIENCE = 60.0


class Observation:
    """Copies of a workspace's state, safe to keep while the server goes on."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.identity = workspace.identity

    # Reading

    @property
    def statuses(self) -> list[Status]:
        """Every status that was set, in order; an empty one cleared it."""
        return self._read(self._workspace.statuses)

    @property
    def views(self) -> dict[str, Payload]:
        """The open modals and published home views by id."""
        return self._read(self._workspace.views)

    @property
    def users(self) -> dict[str, User]:
        """Who is there, by id."""
        return self._read(self._workspace.users)

    @property
    def channels(self) -> dict[str, Channel]:
        """Conversations by id, direct ones among them."""
        return self._read(self._workspace.channels)

    @property
    def homes(self) -> dict[str, Payload]:
        """The published home view of each user."""
        return self._read(self._workspace.homes)

    @property
    def view_errors(self) -> dict[str, Payload]:
        """The errors that a submitted view was answered with, by view id."""
        return self._read(self._workspace.view_errors)

    @property
    def ephemerals(self) -> list[Payload]:
        """Messages that only the user `shown_to` sees."""
        return self._read(self._workspace.ephemerals)

    @property
    def prompts(self) -> dict[str, list[Payload]]:
        """The suggested prompts that a direct conversation shows."""
        return self._read(self._workspace.prompts)

    @property
    def titles(self) -> dict[tuple[str, str], str]:
        """The titles that conversations were given, by channel and thread."""
        return self._read(self._workspace.titles)

    @property
    def sessions(self) -> dict[tuple[str, str], Payload]:
        """Status, title and initiator of each agent session, by channel and thread."""
        return self._read(self._workspace.sessions)

    @property
    def streaming(self) -> set[str]:
        """The messages that still stream."""
        return self._read(self._workspace.streaming)

    @property
    def reactions(self) -> list[Payload]:
        return self._read(self._workspace.reactions)

    @property
    def files(self) -> dict[str, Payload]:
        """Uploaded files with their `content`, by id."""
        return self._read(self._workspace.files)

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that the app was told, its own messages' events among it."""
        with self._workspace.changed:
            return list(self._workspace.deliveries)

    def messages(self, channel: str) -> list[Payload]:
        """A channel's messages and replies, oldest first."""
        return self._read(self._workspace.messages[channel])

    def thread(self, channel: str, thread_ts: str) -> list[Payload]:
        """A message and its replies, oldest first."""
        return self._read(self._workspace.thread(channel, thread_ts))

    def replies(self, channel: str, thread_ts: str) -> list[Payload]:
        """What the app answered in a thread, without messages that still stream."""
        return [
            held
            for held in self.thread(channel, thread_ts)
            if held.get("bot_id") == self.identity.bot_id
            and held["ts"] not in self._workspace.streaming
        ]

    def status(self, channel: str, thread_ts: str) -> str:
        """The status that shows now; an answer in the thread clears it."""
        return self._workspace.shown_status.get((channel, thread_ts), "")

    def calls(self, method: str | None = None) -> list[Call]:
        """The recorded calls of a method, or of all; `response_url` names posts to those."""
        with self._workspace.changed:
            return [call for call in self._workspace.calls if method in (None, call.method)]

    # Waiting

    def wait_for(
        self,
        predicate: Callable[[], T],
        timeout: float = PATIENCE,
        what: str = "what the test awaits",
    ) -> T:
        """The predicate's first true result; it is asked again whenever something changed."""
        changed = self._workspace.changed
        with changed:
            result = changed.wait_for(predicate, timeout)
            if not result:
                raise TimeoutError(f"{what} did not happen in {timeout} s\n{self._account()}")
            return result

    def wait_for_reply(
        self,
        channel: str,
        thread_ts: str | None,
        timeout: float = PATIENCE,
        where: Callable[[Payload], bool] = lambda _reply: True,
    ) -> Payload:
        """The app's first finished message in the thread that satisfies `where`."""
        assert thread_ts is not None, "a reply is awaited in the thread of a message"
        found = self.wait_for(
            lambda: [reply for reply in self.replies(channel, thread_ts) if where(reply)],
            timeout,
            f"a reply in {channel} to {thread_ts}",
        )
        return found[0]

    def wait_for_call(self, method: str, timeout: float = PATIENCE, times: int = 1) -> Call:
        """The call that brings a method's answered calls to the number `times`."""
        answered = self.wait_for(
            lambda: self._answered_calls(method)[times - 1 :], timeout, f"call {times} of {method}"
        )
        return answered[0]

    def wait_for_view(self, timeout: float = PATIENCE, callback_id: str | None = None) -> Payload:
        """The newest open view, of that `callback_id` if one is given."""
        found = self.wait_for(
            lambda: [
                view for view in self.views.values() if callback_id in (None, view["callback_id"])
            ],
            timeout,
            f"a view {callback_id or ''}",
        )
        return found[-1]

    def wait_for_ephemeral(self, user: str, timeout: float = PATIENCE) -> Payload:
        """The newest message that only this user sees."""
        found = self.wait_for(
            lambda: [held for held in self.ephemerals if held["shown_to"] == user],
            timeout,
            f"a message to {user} alone",
        )
        return found[-1]

    def wait_for_acknowledgement(
        self, delivery: Delivery, timeout: float = PATIENCE
    ) -> Payload | None:
        """The payload with which a delivery was acknowledged."""
        kind = delivery.payload.get("type", delivery.kind)
        self.wait_for(lambda: delivery.acknowledged, timeout, f"acknowledgement of {kind}")
        return delivery.response

    def _read(self, held: T) -> T:
        with self._workspace.changed:
            return copy.deepcopy(held)

    def _answered_calls(self, method: str) -> list[Call]:
        return [call for call in self.calls(method) if call.response is not None]

    def _account(self) -> str:
        """What was called and delivered, for the message of a failed wait."""
        lines = [
            f"  called {call.method} {call.arguments} -> {call.http_status} {call.response}"
            for call in self._workspace.calls
        ]
        lines += [
            f"  delivered {held.kind} {held.body.get('type', held.body.get('command'))} "
            f"{held.event_id or ''}: {held.attempts} times, "
            f"{'acknowledged' if held.acknowledged else 'not acknowledged'}"
            for held in self._workspace.deliveries
        ]
        return "\n".join(line[:600] for line in lines) or "  nothing was called or delivered"
