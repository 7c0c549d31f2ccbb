"""How well quotations are found, against paragraphs of which people labelled every one.

    python -m tests.evaluation.quotations            precision and recall on both parts
    python -m tests.evaluation.quotations --errors   and what was missed or wrongly found

`tests/data/quotations.json` holds offsets and names only; the articles are read from
`../shared/data`. A quotation is found if speaker (by last name) and kind agree and the spans
overlap by at least 0.8 of their union. The rules were written on the development part; the
held-out part has other articles.
"""

from __future__ import annotations

import gzip
import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.quotations.extraction import quotations
from tests.evaluation.sets import ROOT, DataAbsent, data_folder
from tests.evaluation.table import Measurement

LABELS = ROOT / "tests" / "data" / "quotations.json"
OVERLAP = 0.8
HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A quotation, as labelled or as found."""

    url: str
    paragraph: int
    start: int
    end: int
    speaker: str
    direct: bool

    def matches(self, other: Labelled) -> bool:
        same = (self.url, self.paragraph, self.direct) == (
            other.url, other.paragraph, other.direct
        )  # fmt: skip
        return same and _surname(self.speaker) == _surname(other.speaker) and self.overlaps(other)

    def overlaps(self, other: Labelled) -> bool:
        common = min(self.end, other.end) - max(self.start, other.start)
        return common >= OVERLAP * (max(self.end, other.end) - min(self.start, other.start))


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one part and kind, and what they give."""

    right: int
    found: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 0.0


def measure(folder: Path) -> Iterator[tuple[str, list[Labelled], list[Labelled]]]:
    """Each part of the labels: its name, what was labelled, what was found."""
    parts: dict[str, Any] = json.loads(LABELS.read_text(encoding="utf-8"))
    names = {entry["set"] for part in parts.values() for entry in part["paragraphs"]}
    articles = {name: _articles(folder / name / "articles.jsonl.gz") for name in names}
    for part, of_part in parts.items():
        labelled = [
            Labelled(**{key: one[key] for key in Labelled.__slots__})
            for one in of_part["quotations"]
        ]
        found = []
        for entry in of_part["paragraphs"]:
            article = articles[entry["set"]][entry["url"]]
            for one in quotations(article["paragraphs"], article["title"]):
                if entry["first"] <= one.paragraph <= entry["last"]:
                    place = (one.paragraph, one.start, one.end)
                    found.append(Labelled(entry["url"], *place, one.speaker, one.direct))
        yield part, labelled, found


def score(labelled: Sequence[Labelled], found: Sequence[Labelled]) -> Score:
    """Each labelled quotation counts once."""
    right = sum(any(one.matches(other) for other in found) for one in labelled)
    return Score(right, len(found), len(labelled))


def measurements(folder: Path) -> Iterator[Measurement]:
    """Precision and recall on the held-out articles, direct and reported together."""
    for part, labelled, found in measure(folder):
        if part == HELD_OUT:
            scored = score(labelled, found)
            yield Measurement("quotations", "precision, held out", scored.precision)
            yield Measurement("quotations", "recall, held out", scored.recall)


def main(arguments: Sequence[str]) -> int:
    try:
        measured = list(measure(data_folder()))
    except DataAbsent as absent:
        print(f"Not measured: {absent}.")
        return 0
    print(f"{'part':12} {'kind':9} {'labelled':>8} {'found':>6} {'precision':>9} {'recall':>7}")
    for part, labelled, found in measured:
        for kind, directs in (("direct", {True}), ("reported", {False}), ("all", {True, False})):
            of_kind = score(
                [one for one in labelled if one.direct in directs],
                [one for one in found if one.direct in directs],
            )
            print(
                f"{part:12} {kind:9} {of_kind.labelled:8} {of_kind.found:6} "
                f"{of_kind.precision:9.3f} {of_kind.recall:7.3f}"
            )
        if "--errors" in arguments:
            _print_errors(labelled, found)
    return 0


def _print_errors(labelled: Sequence[Labelled], found: Sequence[Labelled]) -> None:
    for one in labelled:
        if not any(one.matches(other) for other in found):
            print("missed", one)
    for other in found:
        if not any(one.matches(other) for one in labelled):
            print("wrong ", other)


def _articles(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise DataAbsent(f"{path.name} of {path.parent.name} is not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    # An address that occurs twice is labelled in its first text.
    return {article["url"]: article for article in reversed(read)}


def _surname(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).replace("’", "'").strip(" .")
    return plain.split()[-1].removesuffix("'s").casefold() if plain.split() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
