"""Whose turn it is: questions that wait for an answer, in a fair order. Pure; knows no threads.

Everybody's first question comes before anybody's second (rounds by person), and within a round
channels take turns (shares). Whoever comes later begins where the line has got to. Within a
conversation questions are answered one after another, in the order in which they were written; one
that others of its conversation wait for moves up with them.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass

from bot.slack.incoming import Asked


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the line; nothing is taken before it is `due` and `settled`, in seconds of a
    monotonic clock.

    Those behind it in its conversation wait until it is settled, but not until it is due. `again`
    marks what somebody claimed before and never finished.
    """

    asked: Asked
    due: float
    settled: float
    again: bool
    number: int
    round: int
    share: int

    @property
    def written(self) -> tuple[float, int]:
        """When it was written, by Slack's clock; what arrives late has its place all the same."""
        try:
            moment = float(self.asked.clicked or self.asked.ts)
        except ValueError:
            moment = math.inf
        return moment, self.number

    @property
    def turn(self) -> tuple[int, int, int]:
        """Its place in the line: round, share of its channel in the round, arrival."""
        return self.round, self.share, self.number


class WaitingLine:
    """Questions that wait, and those that are being answered.

    `most_in_channel` is how many of one channel may be in the works at once.
    """

    def __init__(self, most_in_channel: int) -> None:
        self._most_in_channel = most_in_channel
        self._waiting: dict[str, list[Ticket]] = defaultdict(list)
        self._answering: dict[str, Ticket] = {}
        self._numbers = itertools.count(1)
        self._round = 0
        self._rounds: dict[str, int] = {}
        self._share = 0
        self._shares: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @property
    def answering(self) -> tuple[Ticket, ...]:
        """Those that were taken and are not finished."""
        return tuple(self._answering.values())

    def join(self, asked: Asked, due: float, settled: float = 0.0, again: bool = False) -> Ticket:
        """Give a question its place."""
        own = max(self._round, self._rounds.get(asked.user, 0) + 1)
        self._rounds[asked.user] = own
        reached = self._share if own == self._round else 0
        share = max(reached, self._shares.get((own, asked.channel), -1) + 1)
        self._shares[own, asked.channel] = share
        ticket = Ticket(asked, due, settled, again, next(self._numbers), own, share)
        held = self._waiting[asked.conversation]
        held.append(ticket)
        held.sort(key=lambda one: one.written)
        return ticket

    def next(self, now: float, paused: Container[str] = ()) -> Ticket | None:
        """Take the one whose turn it is, if any may be taken; channels in `paused` wait."""
        busy = Counter(ticket.asked.channel for ticket in self._answering.values())
        behind: set[str] = set()
        for ticket, turn in self._in_order():
            asked = ticket.asked
            if ticket.due > now or asked.conversation in behind:
                # Whoever has to wait a while does not hold up others of the same conversation.
                continue
            behind.add(asked.conversation)
            if (
                ticket.settled <= now
                and asked.conversation not in self._answering
                and asked.channel not in paused
                and busy[asked.channel] < self._most_in_channel
            ):
                self._take(ticket, turn)
                return ticket
        return None

    def finished(self, ticket: Ticket) -> None:
        """Let the next of the conversation have its turn."""
        self._answering.pop(ticket.asked.conversation, None)
        if not self._waiting and not self._answering:
            self._rounds.clear()
            self._shares.clear()

    def order(self) -> list[Ticket]:
        """Those that wait, as they would be taken one at a time."""
        return [ticket for ticket, _ in self._in_order()]

    def next_due(self, now: float) -> float | None:
        """When the next may be taken that may not yet."""
        moments = [max(t.due, t.settled) for held in self._waiting.values() for t in held]
        return min((moment for moment in moments if moment > now), default=None)

    def clear(self) -> list[Ticket]:
        """Send away all that wait."""
        left = self.order()
        self._waiting.clear()
        return left

    def _in_order(self) -> list[tuple[Ticket, tuple[int, int, int]]]:
        """Those that wait with the turns that count for them, in order."""
        placed = []
        for held in self._waiting.values():
            turn = held[-1].turn
            for ticket in reversed(held):
                turn = min(turn, ticket.turn)
                placed.append((ticket, turn))
        return sorted(placed, key=lambda one: (one[1], one[0].written))

    def _take(self, ticket: Ticket, turn: tuple[int, int, int]) -> None:
        asked = ticket.asked
        held = self._waiting[asked.conversation]
        held.remove(ticket)
        if not held:
            del self._waiting[asked.conversation]
        self._answering[asked.conversation] = ticket
        round_, share, _ = turn
        if round_ == self._round:
            self._share = max(self._share, share)
        elif round_ > self._round:
            self._round, self._share = round_, share
            for old in [key for key in self._shares if key[0] < self._round]:
                del self._shares[old]
            for person in [one for one, last in self._rounds.items() if last < self._round]:
                del self._rounds[person]
