"""Something is done in between only when what is wanted takes longer than that."""

from __future__ import annotations

import threading

import pytest

from bot.failures import SlackError
from bot.slack.pacing import Meanwhile

LONG = 60.0
"""Seconds that no test waits for."""


def test_what_takes_long_is_bridged() -> None:
    shown = threading.Event()
    with Meanwhile(0.01, shown.set):
        assert shown.wait(LONG)


def test_what_is_quick_is_not() -> None:
    shown = threading.Event()
    with Meanwhile(LONG, shown.set):
        pass
    assert not shown.is_set()


def test_what_comes_after_comes_after() -> None:
    """The view in between must not take the place of the one that was waited for."""
    done: list[str] = []
    begun = threading.Event()

    def bridge() -> None:
        begun.set()
        done.append("in between")

    with Meanwhile(0.01, bridge):
        assert begun.wait(LONG)
    done.append("after")
    assert done == ["in between", "after"]


def test_that_slack_does_not_take_it_is_no_error() -> None:
    tried = threading.Event()

    def refused() -> None:
        tried.set()
        raise SlackError("no")

    with Meanwhile(0.01, refused):
        assert tried.wait(LONG)


def test_an_error_of_what_is_wanted_stays_one() -> None:
    with pytest.raises(ZeroDivisionError), Meanwhile(LONG, lambda: None):
        raise ZeroDivisionError
