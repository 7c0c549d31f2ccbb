"""*Copy as cable*: the modal in which a cable is read, selected and copied. Pure."""

from __future__ import annotations

from typing import Any

from bot.rendering import rich_text
from bot.rendering.rich_text import paragraph, preformatted, words

CALLBACK = "cable"
SEND_FILE = "cable:file"
LONGEST_BLOCK = 5_000
"""Characters of a block, which are cut again into the texts that Slack takes."""
MOST_BLOCKS = 5
"""Blocks that are shown; nobody selects more with a mouse, so that a longer cable is sent too."""

View = dict[str, Any]


def cable_view(text: str, turn_id: str) -> View:
    """The modal with a cable, or with the beginning of a long one."""
    shown = cable_blocks(text)
    told = "Select the text and copy it. Nothing has been sent to anybody."
    if not fits(text):
        told = "This is the beginning; all of it is in your direct messages, as a text file."
    blocks = [rich_text.context(told)]
    blocks += [preformatted(block) for block in shown[:MOST_BLOCKS]]
    if fits(text):
        blocks.append(rich_text.actions([rich_text.button("Send me a file", SEND_FILE, turn_id)]))
    return _modal(blocks)


def waiting_view() -> View:
    """What stands there while a cable is made."""
    return _modal([paragraph([words("Writing the cable…")])])


def line_view(text: str) -> View:
    """A line in the place of a cable."""
    return _modal([paragraph([words(text)])])


def fits(text: str) -> bool:
    """Whether a modal shows a cable whole."""
    return len(cable_blocks(text)) <= MOST_BLOCKS


def cable_blocks(text: str) -> list[str]:
    """A cable in stretches of lines that a block takes; put together again, they are the cable."""
    blocks: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        if blocks and len(blocks[-1]) + 1 + len(line) <= LONGEST_BLOCK:
            blocks[-1] += f"\n{line}"
            continue
        blocks += rich_text.stretches(line, LONGEST_BLOCK) if line else [""]
    return blocks


def _modal(blocks: list[dict[str, Any]]) -> View:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": {"type": "plain_text", "text": "Cable"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }
