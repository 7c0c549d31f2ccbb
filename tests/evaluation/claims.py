"""The citation checker against claims that people have checked (WiCE, Kamoi et al. 2023)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from retrieval.grounding.support import Support
from tests.evaluation.sets import DataAbsent

FILE = Path("wice") / "dev.jsonl.gz"
_LABELS = {
    "supported": Support.SUPPORTED,
    "partially_supported": Support.PARTLY,
    "not_supported": Support.NOT,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, the sentences of the page that it cites, and how far they carry it."""

    text: str
    evidence: tuple[str, ...]
    label: Support


def load_claims(folder: Path) -> list[Claim]:
    """The claims; DataAbsent where their file is not there."""
    path = folder / FILE
    if not path.is_file():
        raise DataAbsent(f"{path} is not here")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        lines = [json.loads(line) for line in stream]
    return [Claim(line["claim"], tuple(line["evidence"]), _LABELS[line["label"]]) for line in lines]
