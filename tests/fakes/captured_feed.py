"""Captures of a ministry's feed, served as the ministry served them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.fakes.web import Asked, LocalWeb, Reply


@dataclass(frozen=True, slots=True)
class Poll:
    """One capture: when it was made, its file's name in the archive, its items' guids."""

    at: datetime
    file: str
    guids: tuple[str, ...]


def polls_of(data_folder: Path, captures: Path) -> Iterator[Poll]:
    """The polls in their order; `captures` is the folder of the unpacked files."""
    files = {file.stem.rpartition("_")[2]: file for file in captures.rglob("*.rss")}
    with gzip.open(data_folder / "feed_polls" / "polls.jsonl.gz", "rt") as lines:
        for line in map(json.loads, lines):
            at = datetime.fromisoformat(line["at"])
            yield Poll(at, str(files[line["blob"][:8]]), tuple(line["guids"]))


def serve(web: LocalWeb, path: str, file: Path) -> None:
    """Answer a path with a capture from now on."""
    body, etag = file.read_bytes(), f'"{file.stem}"'

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, {"ETag": etag})
        return Reply(200, {"ETag": etag, "Content-Type": "application/rss+xml"}, [body])

    web.answer(path, answer)
