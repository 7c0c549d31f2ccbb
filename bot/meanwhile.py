"""Doing something in between when what is wanted takes longer than a person likes to wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from bot.errors import SlackError

log = logging.getLogger("chancery.slack")


class Meanwhile:
    """`with Meanwhile(0.7, show_that_it_takes_a_moment): ...`

    `act` is called after so many seconds unless the block has ended by then; when the block has
    ended, `act` has ended too or is never called. That Slack does not take it is no error.
    """

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self._act = act
        self._timer = threading.Timer(seconds, self._in_between)
        self._timer.daemon = True

    def __enter__(self) -> Meanwhile:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._timer.join()

    def _in_between(self) -> None:
        try:
            self._act()
        except SlackError as error:
            log.info("nothing was shown in between: %s", error)
