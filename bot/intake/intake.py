"""Taking in what people ask: claimed once, put into the queue, and taken up again after a crash.

    take ─ claim ─▶ allowed at once? ─▶ status, queue ─▶ `answer` ─▶ finish
                         └─ asked a lot: later, and told so

    every second     those who wait long are shown their position
    every 20 seconds what is held is renewed; what nobody renews any more is taken up

A listener's thread goes no further than the queue, so that Slack's acknowledgements and the first
status never wait behind an answer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bot.apology import own_up
from bot.clock import Clock
from bot.errors import SlackError, SlackInterrupted, trace_of
from bot.intake.claims import WORTH_ANSWERING, Claims, Unfinished
from bot.intake.queue import QuestionQueue
from bot.intake.rate_limits import LOOKED_BACK, Delay, delay
from bot.rendering.queue_wording import INTERRUPTED, limited, position
from bot.slack.destinations import destination_of
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked

log = logging.getLogger("chancery.intake")

STATUS = "is reading the sources…"
# Nobody minds the few seconds of an answer; longer ones should say why.
LONG_WAIT_SECONDS = 5.0
FINISHING_SECONDS = 6.0
"""How long the end of the process waits for answers; what is left is taken up by the next."""
SETTLING_SECONDS = 0.2
"""Slack delivers what was written one after another side by side, above all what it repeats after
a reconnection; in so long what was written first has come too."""
_LEAVING_SECONDS = 3.0
_TELLERS = 2
_POSITION_SECONDS = 1.0
_RENEWED_EVERY = 20
_FORGOTTEN_EVERY = 3600


def _settling(asked: Asked) -> float:
    """How long an earlier message of the same conversation may still be on its way, in seconds."""
    begins = asked.reply_to == asked.ts or asked.clicked is not None
    return 0.0 if begins or asked.response_url is not None else SETTLING_SECONDS


class Intake:
    """Takes questions in. Any number of threads may call `take`."""

    def __init__(
        self,
        claims: Claims,
        queue: QuestionQueue,
        slack: SlackGateway,
        clock: Clock,
        most_a_minute: int,
    ) -> None:
        self._claims = claims
        self._queue = queue
        self._slack = slack
        self._clock = clock
        self._most_a_minute = most_a_minute
        self._answer: Callable[[Asked], None] | None = None
        # What has to be told while nobody may wait for Slack.
        self._beside = ThreadPoolExecutor(_TELLERS, thread_name_prefix="telling")
        self._stopping = threading.Event()
        self._keeping = threading.Thread(target=self._keep, name="intake", daemon=True)

    def start(self, answer: Callable[[Asked], None]) -> None:
        """Begin to answer, with what an earlier process left; `answer` may raise anything."""
        self._answer = answer
        self._queue.start(lambda ticket: self._deal_with(ticket.asked, ticket.again))
        self._guarded(lambda: self._take_up(own=True))
        self._keeping.start()

    def stop(self, seconds: float = FINISHING_SECONDS) -> None:
        """Finish what can be finished in time and leave the rest to whoever starts next."""
        self._stopping.set()
        self._slack.hurry(seconds)
        left = self._queue.stop(seconds)
        if left:
            log.info("%d questions are left to the next start", len(left))
        # Whoever still waits for Slack now gives up and leaves its question too.
        self._slack.hurry()
        self._queue.join(_LEAVING_SECONDS)
        self._guarded(lambda: self._claims.release(asked.key for asked in left))
        self._beside.shutdown(wait=True)
        if self._keeping.ident is not None:
            self._keeping.join()

    def take(self, asked: Asked) -> None:
        """Take in a message, or a click that stands for one, once; again it does nothing."""
        try:
            now = self._clock()
            if self._claims.claim(asked.key, now, asked):
                self._accept(asked)
            elif self._claims.take_over(asked.key, now):
                self._accept(asked, again=True)
            else:
                log.info("delivered again, already dealt with")
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            own_up(error, destination_of(asked, self._slack).say_privately)
            with suppress(Exception):
                self._claims.finish(asked.key, self._clock())

    def _accept(self, asked: Asked, *, again: bool = False) -> None:
        wait = None if again else self._delay(asked)
        seconds = wait.seconds if wait else 0.0
        ticket = self._queue.put(asked, seconds, settling=_settling(asked), again=again)
        if ticket is None:
            self._claims.release([asked.key])
            return
        if wait is not None:
            log.info("a question waits %.0f seconds for its person's limit", wait.seconds)
            if wait.first:
                self._tell_beside(asked, limited(wait.asked, wait.seconds))
        elif asked.text:
            self._show_position(asked)

    def _delay(self, asked: Asked) -> Delay | None:
        if not self._most_a_minute:
            return None
        now = self._clock()
        return delay(self._claims.asked_by(asked.user, now - LOOKED_BACK), self._most_a_minute)

    def _deal_with(self, asked: Asked, again: bool) -> None:
        assert self._answer is not None
        try:
            if again and self._stands_already(asked):
                log.info("what was interrupted had been answered already")
            else:
                self._answer(asked)
        except SlackInterrupted:
            log.info("a question is left to the next start")
            self._claims.release([asked.key])
            return
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            own_up(error, destination_of(asked, self._slack).say_privately)
        self._claims.finish(asked.key, self._clock())

    def _stands_already(self, asked: Asked) -> bool:
        """Whether the process that was interrupted had posted its answer."""
        if asked.response_url is not None:
            return False
        try:
            since = datetime.fromtimestamp(float(asked.clicked or asked.ts), UTC)
            found = self._slack.find_posted(
                asked.channel, asked.reply_to, asked.key, since - timedelta(seconds=1)
            )
        except (SlackError, ValueError) as error:
            # An answer that stands twice is better than none.
            log.warning("whether an answer stands could not be read: %s", error)
            return False
        return bool(found)

    def _take_up(self, *, own: bool = False) -> None:
        """Take up what nobody works on any more."""
        now = self._clock()
        for left in self._claims.unfinished(now, own=own):
            if self._claims.take_over(left.key, now, own=own):
                self._take_up_one(left, now)

    def _take_up_one(self, left: Unfinished, now: datetime) -> None:
        asked = left.asked
        if asked is not None and now - left.claimed_at <= WORTH_ANSWERING:
            log.info("a question of an interrupted process is taken up")
            self._accept(asked, again=True)
            return
        if asked is not None:
            log.info("a question of an interrupted process is too old to be answered")
            self._tell_beside(asked, INTERRUPTED)
        self._claims.finish(left.key, now)

    def _keep(self) -> None:
        """Show positions, renew claims and take up what was abandoned, until the end."""
        beats = 0
        while not self._stopping.wait(_POSITION_SECONDS):
            beats += 1
            self._guarded(self._show_positions)
            if beats % _RENEWED_EVERY == 0:
                self._guarded(self._renew)
                self._guarded(self._take_up)
            if beats % _FORGOTTEN_EVERY == 0:
                self._guarded(lambda: self._claims.forget_old(self._clock()))

    def _renew(self) -> None:
        self._claims.renew((asked.key for asked in self._queue.held()), self._clock())

    def _show_positions(self) -> None:
        for ticket, before, seconds in self._queue.positions():
            if seconds > LONG_WAIT_SECONDS and ticket.asked.text:
                self._show(ticket.asked, *position(before, seconds))

    def _show_position(self, asked: Asked) -> None:
        for ticket, before, seconds in self._queue.positions():
            if ticket.asked == asked and seconds > LONG_WAIT_SECONDS:
                self._show(asked, *position(before, seconds))
                return
        self._show(asked, STATUS, ())

    def _show(self, asked: Asked, text: str, lines: tuple[str, ...]) -> None:
        if asked.response_url is None:
            self._slack.show_status(asked.channel, asked.reply_to or asked.ts, text, lines)

    def _tell_beside(self, asked: Asked, text: str) -> None:
        destination = destination_of(asked, self._slack)
        self._beside.submit(self._guarded, lambda: destination.say_privately(text))

    def _guarded(self, do: Callable[[], None]) -> None:
        """Do something that must not end what goes on beside it."""
        try:
            do()
        except Exception as error:
            log.error("failed beside the answers: %s", trace_of(error))
