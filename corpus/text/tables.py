"""Tables: lists of words and names, kept as text files in `data/` beside the code that reads them.

    package/data/table.txt  ->  sections  ->  words | phrases | entries

    # what the file holds, and where that comes from
    [section]
    words parted by white space, any number a line
    phrases; parted by semicolons
    A sentence, on a line of its own.
    key: phrase; phrase
    a pattern, where a file holds nothing else

A file is read at the first use of one of its sections. A missing one is a damaged installation:
OSError for a file, KeyError for a section.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def words(package: str, table: str, section: str) -> frozenset[str]:
    """The words of a section."""
    return frozenset(word for line in _sections(package, table)[section] for word in line.split())


@cache
def phrases(package: str, table: str, section: str) -> tuple[str, ...]:
    """The phrases of a section, in order."""
    return tuple(one for line in _sections(package, table)[section] for one in _phrases(line))


@cache
def sentences(package: str, table: str, section: str) -> tuple[str, ...]:
    """The lines of a section, each a sentence, in order."""
    return tuple(_sections(package, table)[section])


@cache
def entries(package: str, table: str, section: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The keys of a section with their phrases, a pair a line, in order."""
    parted = (line.partition(":") for line in _sections(package, table)[section])
    return tuple((key.strip(), tuple(_phrases(named))) for key, _, named in parted)


@cache
def frames(package: str, table: str) -> tuple[tuple[str, str], ...]:
    """The lines of all sections, each a pattern, with the section's name, in order."""
    return tuple(
        (section, line) for section, lines in _sections(package, table).items() for line in lines
    )


@cache
def _sections(package: str, table: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (files(package) / "data" / f"{table}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            lines = found[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


def _phrases(line: str) -> list[str]:
    return [phrase.strip() for phrase in line.split(";")]


@cache
def either(package: str, table: str, section: str) -> str:
    """The phrases of a section, which are patterns, as one pattern: any of them, tried in order."""
    return f"(?:{'|'.join(phrases(package, table, section))})"
