"""The fields of forms: a label, an element that holds what is stored, a hint below.

A field's block id is its name, and its element's action is that name behind `form:`, so that
what was entered is found again and what is wrong with it stands at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.home.forms import ACTION
from bot.rendering.rich_text import Block, Element, paragraphs
from bot.rendering.wording import excerpt, safe
from bot.requests.words import quoted_item

LONGEST_OPTION = 75
LONGEST_VALUE = 150
LONGEST_TEXT = 2_000

Choice = tuple[str, str]
"""What is offered: the value, and how it is shown."""


def field(
    name: str, label: str, element: Element, hint: str = "", *, optional: bool = False
) -> Block:
    """One field of a form."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(label),
        "element": {**element, "action_id": f"{ACTION}{name}"},
        "optional": optional,
    }
    return {**block, "hint": _plain(hint)} if hint else block


def written(shown: str, example: str = "", *, lines: bool = False) -> Element:
    """A line of text, or several."""
    element: Element = {"type": "plain_text_input", "multiline": lines, "max_length": LONGEST_TEXT}
    if shown:
        element["initial_value"] = safe(shown)[:LONGEST_TEXT]
    return {**element, "placeholder": _plain(example)} if example else element


def number(shown: int | None, least: int, most: int) -> Element:
    """A whole number."""
    element: Element = {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": str(least),
        "max_value": str(most),
    }
    return element if shown is None else {**element, "initial_value": str(shown)}


def clock(shown: str | None, example: str = "Choose a time") -> Element:
    """A time of day."""
    element: Element = {"type": "timepicker", "placeholder": _plain(example)}
    return {**element, "initial_time": shown} if shown else element


def boxes(choices: Iterable[Choice], ticked: Sequence[str]) -> Element:
    """Boxes of which any number can be ticked; at most ten."""
    options = [option(*choice) for choice in choices]
    on = [one for one in options if one["value"] in ticked]
    element: Element = {"type": "checkboxes", "options": options}
    return {**element, "initial_options": on} if on else element


def one_of(choices: Iterable[Choice], chosen: str) -> Element:
    """One of a few."""
    options = [option(*choice) for choice in choices]
    now = next((one for one in options if one["value"] == chosen), None)
    element: Element = {"type": "static_select", "options": options}
    return {**element, "initial_option": now} if now else element


def suggested_one(chosen: Choice | None, example: str) -> Element:
    """One of many, suggested while somebody types."""
    element: Element = {
        "type": "external_select",
        "min_query_length": 0,
        "placeholder": _plain(example),
    }
    return {**element, "initial_option": option(*chosen)} if chosen else element


def suggested(chosen: Sequence[Choice], example: str) -> Element:
    """Any number of many, suggested while somebody types."""
    element: Element = {
        "type": "multi_external_select",
        "min_query_length": 0,
        "placeholder": _plain(example),
    }
    # Slack refuses a longer value; who wrote such a name did it on the command line.
    short = [option(*one) for one in chosen if len(one[0]) <= LONGEST_VALUE]
    return {**element, "initial_options": short} if short else element


def conversation(chosen: str | None, example: str) -> Element:
    """A channel that the person can see."""
    element: Element = {
        "type": "conversations_select",
        "placeholder": _plain(example),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return {**element, "initial_conversation": chosen} if chosen else element


def option(value: str, shown: str) -> Element:
    """Something to choose."""
    return {"text": _plain(excerpt(shown, LONGEST_OPTION) or "—"), "value": value[:LONGEST_VALUE]}


def as_list(items: Iterable[str]) -> str:
    """Items as they are written in one line; what holds a comma or "and" in quotation marks."""
    return ", ".join(quoted_item(item) for item in items)


def form_view(
    callback: str,
    title: str,
    fields: Sequence[Block],
    metadata: str,
    notice: Sequence[Sequence[Element]] = (),
) -> dict[str, Any]:
    """A form; `notice` are lines of rich text that stand above its fields."""
    above = [*paragraphs(notice), {"type": "divider"}] if notice else []
    return {
        "type": "modal",
        "callback_id": callback,
        "title": _plain(title),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "private_metadata": metadata,
        "blocks": [*above, *fields],
    }


def note_view(title: str, lines: Sequence[Sequence[Element]]) -> dict[str, Any]:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": _plain(title),
        "close": _plain("Close"),
        "blocks": paragraphs(lines),
    }


def _plain(shown: str) -> Mapping[str, Any]:
    return {"type": "plain_text", "text": shown, "emoji": False}
