"""The bundled sample: dispatches written for this project from public facts of 2019.

Its desks are invented and say so in their names; the events are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files

from corpus.articles import ReadArticle, Source, SourceKind
from corpus.readers.folders import read_lines


def sample_articles() -> Iterator[ReadArticle]:
    """The dispatches, oldest first; ReadError where the installation is damaged."""
    with (files(__package__) / "dispatches.jsonl").open("rb") as stream:
        for outcome in read_lines(stream, "the bundled sample"):
            if not isinstance(outcome, ReadArticle):
                raise outcome
            yield outcome


def sample_sources() -> list[Source]:
    """The desks that the dispatches come from."""
    described = json.loads((files(__package__) / "sources.json").read_text(encoding="utf-8"))
    return [Source(**{**desk, "kind": SourceKind(desk["kind"])}) for desk in described]
