"""What comes over time, in the runs in which it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bot.chat.router import gathered
from tests.scenarios.people import PATIENCE


def test_what_comes_together_is_one_run() -> None:
    assert list(gathered(iter([1, 2, 3]), PATIENCE)) == [[1, 2, 3]]


def test_nothing_is_no_run() -> None:
    assert list(gathered(iter([]), PATIENCE)) == []


def test_what_comes_later_is_a_run_of_its_own() -> None:
    go_on = threading.Event()

    def numbers() -> Iterator[int]:
        yield 1
        go_on.wait(PATIENCE)
        yield 2

    runs = gathered(numbers(), 0.01)
    assert next(runs) == [1]
    go_on.set()
    assert list(runs) == [[2]]


def test_an_error_comes_after_what_came_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise KeyError("broke off")

    runs = gathered(numbers(), PATIENCE)
    assert next(runs) == [1]
    with pytest.raises(KeyError):
        next(runs)


def test_nobody_reads_on_for_whoever_left() -> None:
    closed = threading.Event()

    def numbers() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    runs = gathered(numbers(), 0.0)
    next(runs)
    runs.close()  # type: ignore[attr-defined]
    assert closed.wait(PATIENCE)
