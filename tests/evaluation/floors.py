"""The floors under which no measured value may fall, and the data that they belong to.

`floors.json` holds a floor a measure a set, the SHA-256 of each data file, and every lowering
with its reason. A value under its floor fails; a floor is raised by `--pin`, and lowered only
by `--accept-lower REASON`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.evaluation.sets import QuestionSet, file_digest
from tests.evaluation.table import Measurement, is_under

PATH = Path(__file__).with_name("floors.json")
# A floor lies this far below the value: the vector index is approximate, and another build of
# torch moves a value by a question or two.
MARGIN = 0.01


@dataclass(slots=True)
class Floors:
    """Floors by set and measure, and digests by file name."""

    floors: dict[tuple[str, str], float] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    lowered: list[dict[str, Any]] = field(default_factory=list)

    def under(self, measurements: Iterable[Measurement]) -> list[Measurement]:
        """Measurements whose value is under their floor."""
        return [
            one
            for one in measurements
            if (floor := self.of(one)) is not None and is_under(one.chancery, floor)
        ]

    def of(self, measurement: Measurement) -> float | None:
        return self.floors.get((measurement.set, measurement.measure))

    def changed(self, digests: Mapping[str, str]) -> list[str]:
        """Names of files whose content is not what the floors were pinned on."""
        return [name for name, digest in digests.items() if self.data.get(name, digest) != digest]

    def pin(self, measurements: Iterable[Measurement], digests: Mapping[str, str]) -> None:
        """Pin what has no floor, raise what may be higher, take over the data's digests."""
        for one in measurements:
            floor, pinned = floor_for(one), self.of(one)
            higher = pinned is not None and pinned < floor and not is_under(one.chancery, floor)
            if one.gated and (pinned is None or higher):
                self.floors[one.set, one.measure] = floor
        self.data.update(digests)

    def lower(self, measurements: Iterable[Measurement], reason: str) -> None:
        """Bring the floors of values that are under them below those values."""
        for one in self.under(measurements):
            floor = one.chancery if one.of is not None else _rounded(one.chancery - MARGIN)
            self.lowered.append(
                {
                    "set": one.set,
                    "measure": one.measure,
                    "from": self.of(one),
                    "to": floor,
                    "reason": reason,
                }
            )
            self.floors[one.set, one.measure] = floor


def floor_for(measurement: Measurement) -> float:
    """Where the floor of a measured value lies: a margin below it, at it for a count."""
    if measurement.floor_at is not None:
        return measurement.floor_at
    if measurement.of is not None:
        return measurement.chancery
    return _rounded(measurement.chancery - MARGIN)


def digests_of(sets: Sequence[QuestionSet]) -> dict[str, str]:
    """SHA-256 of each data file by `set/file`."""
    return {
        f"{given.name}/{_within(given, path)}": file_digest(path)
        for given in sets
        for path in given.files
    }


def _within(given: QuestionSet, path: Path) -> str:
    """A file as it is named in its set: with its folder where the set has several."""
    folder = given.articles
    return str(path.relative_to(folder)) if folder in path.parents else path.name


def read_floors(path: Path = PATH) -> Floors:
    """The pinned floors; none where the file is not there yet."""
    if not path.is_file():
        return Floors()
    content = json.loads(path.read_text(encoding="utf-8"))
    return Floors(
        floors={
            (name, measure): floor
            for name, measures in content["floors"].items()
            for measure, floor in measures.items()
        },
        data=content["data"],
        lowered=content["lowered"],
    )


def write_floors(floors: Floors, path: Path = PATH) -> None:
    by_set: dict[str, dict[str, float]] = {}
    for (name, measure), floor in sorted(floors.floors.items()):
        by_set.setdefault(name, {})[measure] = floor
    content = {
        "floors": by_set,
        "data": dict(sorted(floors.data.items())),
        "lowered": floors.lowered,
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(value: float) -> float:
    return round(value, 3)
