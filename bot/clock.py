"""The clock, which everything that needs the time is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, UTC-aware."""


def utc_now() -> datetime:
    return datetime.now(UTC)
