"""Whoever asks a lot is answered later, in order, and never not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.queue import WINDOW, delay
from tests.conftest import NOW

MOST = 3


def seconds(*offsets: float) -> list[datetime]:
    return [NOW + timedelta(seconds=offset) for offset in offsets]


def begun(asked: list[datetime], most: int) -> list[datetime]:
    """When each of a person's questions is begun, one after another as they come."""
    found = []
    for number in range(1, len(asked) + 1):
        waits = delay(asked[:number], most)
        found.append(asked[number - 1] + timedelta(seconds=waits.seconds if waits else 0))
    return found


def test_as_many_as_allowed_are_answered_at_once() -> None:
    assert begun(seconds(0, 1, 2), MOST) == seconds(0, 1, 2)


def test_one_more_waits_until_a_minute_after_the_first() -> None:
    assert begun(seconds(0, 1, 2, 5), MOST)[-1] == NOW + WINDOW


def test_every_minute_as_many_as_allowed_go_on() -> None:
    assert begun(seconds(0, 0, 0, 0, 0, 0, 0), MOST) == seconds(0, 0, 0, 60, 60, 60, 120)


def test_somebody_who_asks_steadily_never_waits() -> None:
    assert begun(seconds(*range(0, 400, 21)), MOST) == seconds(*range(0, 400, 21))


def test_no_limit_delays_nobody() -> None:
    assert delay(seconds(*([0] * 50)), 0) is None


def test_nobody_who_never_asked_waits() -> None:
    assert delay([], MOST) is None


def test_what_is_told_counts_the_questions_of_the_last_minute() -> None:
    waits = delay(seconds(0, 0, 50, 70, 71, 72), MOST)
    assert waits is not None
    assert waits.asked == 4


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=40).map(sorted),
    st.integers(1, 6),
)
def test_no_minute_sees_more_than_allowed_and_order_stays(offsets: list[int], most: int) -> None:
    starts = begun(seconds(*offsets), most)
    assert all(earlier <= later for earlier, later in pairwise(starts))
    assert all(
        later - earlier >= WINDOW for earlier, later in zip(starts, starts[most:], strict=False)
    )
    assert all(start >= asked for start, asked in zip(starts, seconds(*offsets), strict=True))
