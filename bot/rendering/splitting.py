"""Long messages in parts: where they may be cut, and which sources stand under which part.

    runs (a statement with its marks) -> Unit (a block and the marks in it) -> parts of a message

A statement is cut only where Slack takes it in no block of its own, its marks always stay with its
last words, and each part is followed by the sources of the marks in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.rendering.rich_text import (
    LARGEST_BLOCK,
    LARGEST_MESSAGE,
    MOST_BLOCKS,
    Block,
    Element,
    Message,
    in_messages,
    pieces,
    section,
    sections,
    size,
)

# Three of them, and their sources, fill a message; larger ones would leave much of it empty.
LARGEST_PORTION = 3_600
# A statement that is longer than a block should be, and that Slack takes all the same.
LARGEST_RUN = 9_000


@dataclass(frozen=True, slots=True)
class Run:
    """Elements that belong together: a statement, and the links of its marks behind it."""

    elements: tuple[Element, ...]
    marks: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """A block that stands whole in one part, and the marks in it."""

    block: Block
    marks: frozenset[int] = frozenset()


def units_of(lines: Sequence[Sequence[Run]], *, headed: bool = False) -> list[Unit]:
    """Lines that stand close together, in one block, or in several where they are long.

    With `headed` the first line is a headline, which is never left behind by what follows it.
    """
    units: list[Unit] = []
    held: list[Element] = []
    marks: frozenset[int] = frozenset()
    for number, line in enumerate(lines):
        for run in _portions(line):
            one = section(run.elements)
            if not one["elements"]:
                continue
            only_headline = headed and not units and number == 1 and len(held) == 1
            if held and not only_headline and size([*held, one]) > LARGEST_PORTION:
                units.append(Unit(sections(held), marks))
                held, marks = [], frozenset()
            held.append(one)
            marks |= run.marks
    return [*units, Unit(sections(held), marks)] if held else units


def parts_of(
    units: Sequence[Unit],
    marks: Collection[int],
    sources: Callable[[Collection[int]], Sequence[Block]],
    closing: Sequence[Block] = (),
    taken: int = 0,
) -> list[list[Block]]:
    """The blocks of each part of a message.

    `sources` gives the blocks for some of the `marks`; all of them are shown, each part's under it.
    `closing` stands under the last part and is not cut; `taken` are the characters of the first
    that something else has.
    """
    room = LARGEST_MESSAGE - size(list(closing))
    most = MOST_BLOCKS - len(closing)
    parts: list[list[Block]] = []
    held: list[Unit] = []

    def blocks(some: Sequence[Unit], more: Collection[int] = ()) -> list[Block]:
        cited = {mark for unit in some for mark in unit.marks} | set(more)
        return [*(unit.block for unit in some), *(sources(cited) if cited else ())]

    def fits(found: Sequence[Block]) -> bool:
        return size(found) <= room - (0 if parts else taken) and len(found) <= most

    def cut(found: Sequence[Block]) -> list[list[Block]]:
        return in_messages(found, 0 if parts else taken, largest=room, most=most)

    unused = set(marks) - {mark for unit in units for mark in unit.marks}
    if fits(whole := blocks(units, unused)):
        return [[*whole, *closing]]
    for unit in units:
        if held and not fits(blocks([*held, unit])):
            parts += cut(blocks(held))
            held = []
        held.append(unit)
    parts += cut(blocks(held, unused))
    parts[-1] += closing
    return parts


def messages_of(parts: Iterable[Sequence[Block]], text: str) -> list[Message]:
    """Parts as messages; those after the first say in their notification that they go on."""
    found = [tuple(part) for part in parts]
    return [
        Message(text if number == 1 else f"{text} (part {number} of {len(found)})", part)
        for number, part in enumerate(found, start=1)
    ]


def _portions(runs: Sequence[Run]) -> Iterator[Run]:
    """Runs put together as far as a block goes; one that is longer than any block is cut."""
    held: list[Run] = []
    for run in runs:
        if held and size([e for one in (*held, run) for e in one.elements]) > LARGEST_PORTION:
            yield _joined(held)
            held = []
        if size(list(run.elements)) > LARGEST_RUN:
            yield from _cut(run)
        else:
            held.append(run)
    if held:
        yield _joined(held)


def _joined(runs: Sequence[Run]) -> Run:
    elements = tuple(element for run in runs for element in run.elements)
    return Run(elements, frozenset(mark for run in runs for mark in run.marks))


def _cut(run: Run) -> Iterator[Run]:
    """A run in portions; the first of its marks has words before it."""
    held: list[Element] = []
    for element in run.elements:
        for piece in pieces(element, LARGEST_BLOCK):
            if held and size([*held, piece]) > LARGEST_BLOCK:
                last = held[-1]
                together = piece["type"] == "link" and last["type"] == "text" and len(held) > 1
                # Marks belong to the sentence before them, wherever the cut has come.
                yield Run(tuple(held[:-1] if together else held), run.marks)
                held = [last] if together else []
            held.append(piece)
    if held:
        yield Run(tuple(held), run.marks)
