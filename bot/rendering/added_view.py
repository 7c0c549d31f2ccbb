"""*Add to corpus*: a modal that tells of each link in a message what became of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rendering.rich_text import Block, Element, context, link, paragraph, paragraphs, words
from bot.rendering.wording import counted, excerpt

View = dict[str, Any]

TITLE = "Add to corpus"
LONGEST_TITLE = 200
LONGEST_ADDRESS = 120
LONGEST_REASON = 300
NO_LINK = "This message has no link to an article; links into Slack itself are not read."
SOON = "New articles can be asked about in a moment."


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a link: in a word or two (`became`), of which article, and more of it.

    `became` is empty while the link is still being read; a link with a `reason` was refused.
    """

    address: str
    became: str = ""
    title: str = ""
    detail: str = ""
    reason: str = ""


def reading_view(links: Sequence[Added], left_out: int = 0) -> View:
    """The modal while links are read; those that are done say so already."""
    left = sum(not one.became for one in links)
    return _modal([words(f"Reading {counted(left, 'link')}…", italic=True)], links, left_out)


def added_view(links: Sequence[Added], left_out: int = 0) -> View:
    """The modal once every link has been read."""
    return _modal([words(heading(links), bold=True)], links, left_out, done=True)


def no_link_view() -> View:
    """There was nothing to read."""
    return _view([paragraph([words(NO_LINK)])])


def failed_view(text: str) -> View:
    """One sentence in the place of what could not be done."""
    return _view([paragraph([words(text)])])


def heading(links: Sequence[Added]) -> str:
    """ "2 of 3 links read"."""
    read = sum(not one.reason for one in links)
    return f"{read} of {counted(len(links), 'link')} read"


def added_text(links: Sequence[Added]) -> str:
    """The same in plain lines, for whoever closed the modal."""
    return "\n".join([f"{heading(links)}.", *(_line_text(one) for one in links)])


def _modal(
    above: list[Element], links: Sequence[Added], left_out: int, *, done: bool = False
) -> View:
    blocks = [paragraph(above)]
    for one in links:
        blocks.append({"type": "divider"})
        blocks += paragraphs(_lines(one))
    notes = []
    if left_out:
        notes.append(f"{counted(left_out, 'more link')} not read: {len(links)} at a time.")
    if done and any(one.became.startswith(("new", "updated")) for one in links):
        notes.append(SOON)
    if notes:
        blocks.append(context(" ".join(notes)))
    return _view(blocks)


def _lines(one: Added) -> list[list[Element]]:
    address = excerpt(one.address, LONGEST_ADDRESS)
    if not one.became:
        return [[words("… "), link(one.address, address)]]
    if one.reason:
        return [
            [words("Refused: ", bold=True), link(one.address, address)],
            [words(excerpt(one.reason, LONGEST_REASON))],
        ]
    named = excerpt(one.title, LONGEST_TITLE)
    became = f"{one.became[0].upper()}{one.became[1:]}"
    lines = [[words(f"{became}: ", bold=True), link(one.address, named or address)]]
    if one.detail:
        lines.append([words(one.detail)])
    return lines


def _line_text(one: Added) -> str:
    if one.reason:
        return f"• Refused: {excerpt(one.address, LONGEST_ADDRESS)}: {one.reason}"
    named = excerpt(one.title, LONGEST_TITLE) or excerpt(one.address, LONGEST_ADDRESS)
    became = f"{one.became[:1].upper()}{one.became[1:]}"
    return f"• {became}: {named}" + (f" ({one.detail})" if one.detail else "")


def _view(blocks: list[Block]) -> View:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": TITLE},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }
