"""Measurements, and the table that shows them beside their floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEADINGS = ("set", "measure", "dense", "BM25", "RRF", "Chancery", "floor")
ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measured value, with those of the baselines where they exist.

    With `of` the value is a count out of that many. `floor_at` fixes the floor where it
    follows from what is measured instead of from an earlier run; `gated` is False for a value
    that is only shown.
    """

    set: str
    measure: str
    chancery: float
    dense: float | None = None
    bm25: float | None = None
    rrf: float | None = None
    of: int | None = None
    floor_at: float | None = None
    gated: bool = True

    def shown(self, value: float | None) -> str:
        """A share as .123, a difference as +.123, a count as 7/8."""
        if value is None:
            return ABSENT
        if self.of is not None:
            return f"{value:.0f}/{self.of}"
        if self.floor_at is not None:
            return f"{value:+.3f}"
        return f"{value:.3f}"


def render(
    measurements: Sequence[Measurement], floors: Mapping[tuple[str, str], float]
) -> list[str]:
    """Lines of a table; a value under its floor is marked with `<`."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    previous = None
    for measurement in measurements:
        floor = floors.get((measurement.set, measurement.measure))
        under = floor is not None and is_under(measurement.chancery, floor)
        rows.append(
            (
                measurement.set if measurement.set != previous else "",
                measurement.measure,
                *map(measurement.shown, (measurement.dense, measurement.bm25, measurement.rrf)),
                measurement.shown(measurement.chancery),
                measurement.shown(floor) + (" <" if under else ""),
            )
        )
        previous = measurement.set
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def is_under(value: float, floor: float) -> bool:
    """Whether a value is below its floor by more than rounding."""
    return value < floor - 1e-9


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Names to the left, numbers to the right; the mark of the last column stands outside."""
    left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
    return "  ".join([*left, *right]).rstrip()
