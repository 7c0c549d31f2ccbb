"""Socket Mode of the local Slack: envelopes over WebSockets, and who has acknowledged them."""

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler

from tests.fakes.slack_workspace import Delivery, Payload, Workspace

# The builtin client holds its receive lock for three seconds unless something arrives, and takes
# the same lock to close or to replace a connection: frequent pings keep tests fast.
_PING_SECONDS = 0.05
# Slack's pings carry text. An empty one is a frame of two bytes, on which the builtin client
# blocks for more while it holds back the messages that it has already read.
_PING = b"Ping from local"


@dataclass(eq=False)
class _Connection:
    """An open WebSocket and what was sent over it and still waits for its acknowledgement."""

    channel: web.WebSocketResponse
    request: web.Request
    waiting: list[Delivery] = field(default_factory=list)
    leaving: bool = False

    async def keep_pinging(self) -> None:
        """Ping, as Slack does, until the connection ends."""
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(_PING_SECONDS)
                await self.channel.ping(_PING)

    async def send(self, message: Payload) -> None:
        await self.channel.send_str(json.dumps(message))

    def reset(self) -> None:
        """Break the TCP connection with a reset, as a failing network does."""
        transport = self.request.transport
        if transport is not None:
            held = transport.get_extra_info("socket")
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()


class SocketMode:
    """Hands each delivery to one of the open connections, in turn.

    Only events are delivered again when a connection ends before they were acknowledged; Slack
    does not repeat commands and interactions.
    """

    def __init__(
        self, workspace: Workspace, acknowledged: Callable[[Delivery, Payload | None], None]
    ) -> None:
        self.workspace = workspace
        self.acknowledged = acknowledged
        self.connections: list[_Connection] = []
        self.connected = 0
        self.acknowledgements_to_lose = 0
        self._undelivered: list[Delivery] = []
        self._sent: dict[str, Delivery] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/socket", self.serve)]

    @property
    def is_open(self) -> bool:
        return any(not connection.leaving for connection in self.connections)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Keep one connection from its hello to its end."""
        channel = web.WebSocketResponse()
        await channel.prepare(request)
        connection = _Connection(channel, request)
        await connection.send(self._hello())
        with self.workspace.changing():
            self.connections.append(connection)
            self.connected += 1
        pinging = asyncio.create_task(connection.keep_pinging())
        await self._flush()
        try:
            async for message in channel:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(json.loads(message.data))
        finally:
            pinging.cancel()
            await self._ended(connection)
        return channel

    async def deliver(self, delivery: Delivery) -> None:
        """Send at once, or keep an event until a connection is open."""
        open_connections = [held for held in self.connections if not held.leaving]
        if not open_connections:
            self._undelivered.append(delivery)
            return
        connection = open_connections[len(self._sent) % len(open_connections)]
        envelope = self._envelope(delivery)
        connection.waiting.append(delivery)
        try:
            await connection.send(envelope)
        except ConnectionError:
            connection.leaving = True
            connection.waiting.remove(delivery)
            await self.deliver(delivery)

    async def disconnect(self, reason: str) -> None:
        """Ask every client to reconnect, as Slack does before it closes a connection."""
        for connection in list(self.connections):
            connection.leaving = True
            with contextlib.suppress(ConnectionError):
                await connection.send(
                    {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
                )

    async def drop(self) -> None:
        for connection in list(self.connections):
            connection.leaving = True
            connection.reset()

    async def close(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await asyncio.wait_for(connection.channel.close(), timeout=0.5)

    def _hello(self) -> Payload:
        return {
            "type": "hello",
            "num_connections": len(self.connections) + 1,
            "connection_info": {"app_id": self.workspace.identity.app_id},
            "debug_info": {"host": "local", "approximate_connection_time": 18060},
        }

    def _envelope(self, delivery: Delivery) -> Payload:
        envelope_id = self.workspace.new_id("envelope-")
        with self.workspace.changing():
            delivery.envelope_ids.append(envelope_id)
            delivery.attempts += 1
        self._sent[envelope_id] = delivery
        envelope: Payload = {
            "envelope_id": envelope_id,
            "type": delivery.kind,
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            repeated = delivery.attempts > 1
            envelope |= {
                "retry_attempt": delivery.attempts - 1,
                "retry_reason": "timeout" if repeated else "",
            }
        return envelope

    def _acknowledge(self, message: dict[str, Any]) -> None:
        delivery = self._sent.get(message.get("envelope_id", ""))
        if delivery is None:
            return
        with self.workspace.changing():
            if self.acknowledgements_to_lose > 0:
                self.acknowledgements_to_lose -= 1
                delivery.acknowledgements_lost += 1
                return
            self.acknowledged(delivery, message.get("payload"))

    async def _flush(self) -> None:
        waiting, self._undelivered = self._undelivered, []
        for delivery in waiting:
            await self.deliver(delivery)

    async def _ended(self, connection: _Connection) -> None:
        with self.workspace.changing():
            if connection in self.connections:
                self.connections.remove(connection)
        self._undelivered += [
            delivery
            for delivery in dict.fromkeys(connection.waiting)
            if delivery.kind == "events_api" and not delivery.acknowledged
        ]
        if self.is_open:
            await self._flush()


def close_promptly(handler: BaseSocketModeHandler) -> None:
    """Close an app's Socket Mode handler without the second that its client would wait."""
    # The client's reader looks at `closed` only after a message or a second; an empty one wakes it.
    handler.client.closed = True
    handler.client.message_queue.put("")
    # Now and then the client waits for a connection that it made anew while closing.
    closing = threading.Thread(target=handler.close, daemon=True)
    closing.start()
    closing.join(timeout=10)
