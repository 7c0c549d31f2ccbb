"""Many people ask at once: how soon each sees a status, a first sentence, the whole answer.

The real service answers, over real HTTP and WebSocket, from a local Slack in a process of its own,
so that Slack does not compute on the bot's interpreter. Socket Mode is asked to reconnect in the
midst of it. What is counted is what Slack has been told, when it has answered.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot.service import Service
from bot.settings import Settings
from tests.benchmarks.measures import Row
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Call, Delivery

CHANNELS = 10
PATIENCE = 300.0
# What Slack takes for a call from afar, in seconds; its own limit of messages a channel.
SLACK_SECONDS = 0.1
CALLS = (
    "assistant.threads.setStatus",
    "chat.postMessage",
    "chat.postEphemeral",
    "conversations.replies",
    "users.info",
)
MESSAGES_A_SECOND, BURST = 1.0, 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw of an answer, in seconds after asking; None for what never came."""

    conversation: str
    asked_at: float
    status: float | None
    first: float | None
    done: float | None
    answers: int


@dataclass(frozen=True, slots=True)
class Load:
    """How a load was borne; times are monotonic seconds of the machine."""

    seen: tuple[Seen, ...]
    connections: int
    refused: int

    @property
    def answered_once(self) -> int:
        return sum(one.answers == 1 for one in self.seen)

    @property
    def in_order(self) -> bool:
        """Whether within every conversation answers came in the order of the questions."""
        for conversation in {one.conversation for one in self.seen}:
            there = [one for one in self.seen if one.conversation == conversation]
            there.sort(key=lambda one: one.asked_at)
            ends = [one.asked_at + one.done for one in there if one.done is not None]
            if ends != sorted(ends):
                return False
        return True


def time_load(home: Path, questions: Sequence[str], people: int, pace: int = 60) -> list[Row]:
    """Rows of one load on an indexed home, with so many messages a minute in a channel."""
    load = bear_load(home, questions, people, pace)
    asked = len(load.seen)
    channel = f"{pace} messages a minute a channel" if pace else "any number of messages a channel"
    name = f"{people} people, {asked} questions, {CHANNELS} channels, {channel}"
    return [
        Row(
            name,
            f"{load.answered_once} of {asked} once",
            "in order" if load.in_order else "OUT OF ORDER",
            f"{load.connections} connections",
            f"{load.refused} calls limited",
        ),
        _row("  to status", [one.status for one in load.seen], "< 1 s"),
        _row("  to first sentence", [one.first for one in load.seen]),
        _row("  to done", [one.done for one in load.seen]),
    ]


def bear_load(home: Path, questions: Sequence[str], people: int, pace: int) -> Load:
    """Serve a home while everybody asks, and two in five ask once more in their thread."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    given = (theirs, list(questions), people, pace)
    workspace = context.Process(target=_ask, args=given, daemon=True)
    workspace.start()
    try:
        token, app_token, api_url = ours.recv()
        settings = Settings(
            _env_file=None,
            chancery_home=home,
            database_url=None,
            chroma_url=None,
            llm_model=None,
            slack_mode="socket",
            slack_bot_token=token,
            slack_app_token=app_token,
            slack_api_url=api_url,
            slack_posts_per_minute=pace,
        )
        service = Service(settings)
        service.start()
        try:
            ours.send("serving")
            if not ours.poll(PATIENCE):
                raise TimeoutError(f"the load was not borne in {PATIENCE} s")
            load = ours.recv()
        finally:
            started = time.monotonic()
            service.stop()
            print(f"  stopped in {time.monotonic() - started:.1f} s", file=sys.stderr)
    finally:
        workspace.join(10)
        workspace.kill()
    return Load(**load)


def _ask(bot: Connection, questions: list[str], people: int, pace: int) -> None:
    """The other process: Slack and everybody in it."""
    with LocalSlack(allowed_mentions=None) as slack:
        for method in CALLS:
            slack.delay(method, SLACK_SECONDS)
        if pace:
            slack.limit_posts(MESSAGES_A_SECOND, BURST)
        users = [f"U0{number:03}" for number in range(people)]
        channels = [f"C0{number:03}" for number in range(CHANNELS)]
        for user in users:
            slack.add_user(user, user.casefold())
        for channel in channels:
            slack.add_channel(channel, channel.casefold())
        bot.send((slack.bot_token, slack.app_token, slack.api_url))
        bot.recv()
        slack.wait_for_connection(timeout=PATIENCE)
        _warm_up(slack, questions)
        asked: list[tuple[Delivery, float]] = []
        for number, user in enumerate(users):
            channel = channels[number % CHANNELS]
            asked.append(_mention(slack, channel, user, questions[number % len(questions)]))
            if number + 1 == people // 2:
                slack.disconnect()
        for number in range(people * 2 // 5):
            first = asked[number][0]
            question = questions[(people + number) % len(questions)]
            asked.append(
                _mention(slack, str(first.channel), users[number], question, first.thread_ts)
            )
        seen = _observe(slack, asked)
        limited = sum(call.http_status == 429 for call in slack.calls())
        connections = sum(call.method == "apps.connections.open" for call in slack.calls())
        bot.send({"seen": seen, "connections": connections, "refused": limited})
        bot.close()


def _warm_up(slack: LocalSlack, questions: list[str]) -> None:
    """One question and its answer, so that nobody pays for what is loaded once."""
    slack.add_user("U0WARM", "warm")
    slack.add_channel("C0WARM", "warm")
    asked = slack.mention("C0WARM", "U0WARM", questions[-1])
    slack.wait_for_reply("C0WARM", asked.ts, PATIENCE)


def _mention(
    slack: LocalSlack, channel: str, user: str, text: str, thread: str | None = None
) -> tuple[Delivery, float]:
    begun = time.monotonic()
    return slack.mention(channel, user, text, thread), begun


def _observe(slack: LocalSlack, asked: list[tuple[Delivery, float]]) -> tuple[Seen, ...]:
    """Wait until everybody has an answer and nothing more comes."""
    expected = {f"message:{delivery.channel}:{delivery.ts}" for delivery, _ in asked}
    # What never comes is seen as None.
    with contextlib.suppress(TimeoutError):
        slack.wait_for(lambda: expected <= set(_answers(slack.calls())), PATIENCE - 10)
    time.sleep(2)
    calls = slack.calls()
    answers = _answers(calls)
    return tuple(_seen(calls, answers, delivery, begun) for delivery, begun in asked)


def _answers(calls: Sequence[Call]) -> dict[str, list[Call]]:
    """The calls that posted answers, by the key of what they answer."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        payload = (call.arguments.get("metadata") or {}).get("event_payload") or {}
        if "key" in payload and (call.response or {}).get("ok"):
            found.setdefault(payload["key"], []).append(call)
    return found


def _seen(
    calls: Sequence[Call], answers: dict[str, list[Call]], asked: Delivery, begun: float
) -> Seen:
    # A call is noted when it arrives and takes effect when it is answered.
    late = SLACK_SECONDS - begun
    statuses = [
        call.time + late
        for call in calls
        if call.method == "assistant.threads.setStatus"
        and call.arguments.get("status")
        and call.arguments.get("thread_ts") == asked.thread_ts
        and call.time >= begun
    ]
    posted = answers.get(f"message:{asked.channel}:{asked.ts}", [])
    firsts: list[Any] = [call for call in calls if call.method == "chat.startStream"]
    ends = [call.time + late for call in posted]
    begins = [
        call.time + late for call in firsts if call.arguments.get("thread_ts") == asked.thread_ts
    ]
    return Seen(
        conversation=f"{asked.channel}:{asked.thread_ts}",
        asked_at=begun,
        status=min(statuses, default=None),
        first=min([*begins, *ends], default=None),
        done=max(ends, default=None),
        answers=len({call.response["ts"] for call in posted if call.response}),
    )


def _row(what: str, measured: Sequence[float | None], target: str = "") -> Row:
    seconds = sorted(one for one in measured if one is not None)
    if len(seconds) < 2:
        return Row(what, "never", "", "", target)
    high = statistics.quantiles(seconds, n=20)[-1]
    lost = len(measured) - len(seconds)
    return Row(
        what,
        f"{statistics.median(seconds):.2f} s",
        f"95th percentile {high:.2f} s",
        f"longest {seconds[-1]:.2f} s" + (f", {lost} never" if lost else ""),
        target,
    )
