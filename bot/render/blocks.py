"""Block Kit's pieces: text, buttons, messages inside Slack's limits, and the fields of forms. Pure.

Text from articles goes into rich text, where Slack reads it character by character and no mention,
link or formatting can be smuggled in. What does not fit into one message is carried on in the next,
and nothing is dropped on the way.

A field's block id is its name, and its element's action is that name behind `form:`, so that what
was entered is found again and what is wrong with it stands at it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bot.render.catalogues import gettext
from bot.render.wording import excerpt, quoted_item, safe

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
    """A block that stands whole in one part, and the marks in it.

    `goes_on` tells that it goes on with what the one before began, such as a story.
    """

    block: Block
    marks: frozenset[int] = frozenset()
    goes_on: bool = False


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
                # A label goes over with the first of what it is the label of.
                kept = held[-1:] if len(held) > 1 and _is_label(held[-1]) else []
                before = held[: len(held) - len(kept)]
                units.append(Unit(sections(before), marks, goes_on=bool(units)))
                held, marks = kept, frozenset()
            held.append(one)
            marks |= run.marks
    return [*units, Unit(sections(held), marks, goes_on=bool(units))] if held else units


def _is_label(line: Element) -> bool:
    """Whether a line says only what follows it: "Next" above what comes next."""
    return all((one.get("style") or {}).get("italic") for one in line["elements"])


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
            # What has begun goes over as a whole where it is not all that there is.
            begins = max((at for at, one in enumerate(held) if not one.goes_on), default=0)
            whole_until = begins if unit.goes_on and begins else len(held)
            if not fits(blocks([*held[whole_until:], unit])):
                whole_until = len(held)
            parts += cut(blocks(held[:whole_until]))
            held = held[whole_until:]
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


BULLET = "• "
"""What a line begins with that is an item of a list."""
ACTION = "form:"
"""The action of a field's element is this and the field's name."""

Block = dict[str, Any]
Element = dict[str, Any]

SHOW_PARAGRAPHS = "show_paragraphs"
COPY_CABLE = "copy_cable"
ANSWER_MENU = "answer:more"
SHARE = "share_in_channel"
SAY = "say:"
"""Buttons whose action begins so stand for their value, as if the person had written it."""

# Slack refuses messages whose blocks take more than about 13,200 characters as JSON.
LARGEST_MESSAGE = 12_000
MOST_BLOCKS = 45
LARGEST_BLOCK = 6_000
LONGEST_LINK = 2_900
LONGEST_ALT_TEXT = 2_000
LONGEST_LABEL = 75
LONGEST_CONTAINER_TITLE, MOST_CONTAINED = 150, 10
MOST_ROWS, ROWS_A_PAGE = 200, 10
LONGEST_VALUE = 2_000
# What a reader takes for one character can be many signs: an emoji family has seven or more.
_LONGEST_CHARACTER = 40
# Selectors of a form, and tones of skin, which belong to the sign before them.
_VARIANTS = frozenset("\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


@dataclass(frozen=True, slots=True)
class Message:
    """One Slack message: its blocks, and the text that notifications and screen readers use."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ImageSlot:
    """A picture that was uploaded to Slack: the file's id, and what it shows in words."""

    file_id: str
    alt: str


def escape(text: str) -> str:
    """Text in which Slack sees no mention, link or entity."""
    return safe(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def words(shown: str, *, bold: bool = False, italic: bool = False, strike: bool = False) -> Element:
    """Characters of rich text, every one of them shown as itself."""
    element: Element = {"type": "text", "text": safe(shown)}
    named = (("bold", bold), ("italic", italic), ("strike", strike))
    style = {name: True for name, on in named if on}
    return {**element, "style": style} if style else element


def link(url: str, label: str) -> Element:
    """A link, or its bare label where Slack could not open the address."""
    shown = safe(label).strip() or safe(url)
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_LINK:
        return words(shown)
    return {"type": "link", "url": url, "text": shown}


def paragraph(elements: Iterable[Element]) -> Block:
    """A block of one paragraph."""
    return _rich(section(elements))


def preformatted(shown: str) -> Block:
    """A block of plain text that can be selected and copied as it stands."""
    stretches = pieces(words(shown), LARGEST_BLOCK)
    return _rich({"type": "rich_text_preformatted", "elements": _written(stretches)})


def quoted(elements: Iterable[Element]) -> Block:
    """A block of one paragraph, set off as a quotation."""
    return _rich({"type": "rich_text_quote", "elements": _written(elements)})


def paragraphs(lines: Sequence[Sequence[Element]], *, bullets: bool = False) -> list[Block]:
    """Lines that stand close together, in one block, or in several where they are long."""
    blocks: list[Block] = []
    held: list[Element] = []
    for elements in lines:
        for portion in portions(elements):
            line = section(portion)
            if not line["elements"]:
                continue
            if held and size([*held, line]) > LARGEST_BLOCK:
                blocks.append(_together(held, bullets))
                held = []
            held.append(line)
    return [*blocks, _together(held, bullets)] if held else blocks


def context(shown: str) -> Block:
    """A line in small grey letters."""
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": excerpt(safe(shown), 1_900), "emoji": False}],
    }


def container(title: str, subtitle: str, inner: Sequence[Block]) -> Block | None:
    """Blocks that can be folded together under a title; None where Slack takes them in no one.

    https://docs.slack.dev/reference/block-kit/blocks/container-block
    """
    fits = len(title) <= LONGEST_CONTAINER_TITLE >= len(subtitle) and len(inner) <= MOST_CONTAINED
    if not (fits and title and inner) or size(list(inner)) > LARGEST_RUN:
        return None
    under = {"subtitle": plain(safe(subtitle))} if subtitle else {}
    return {
        "type": "container",
        "title": plain(safe(title)),
        **under,
        "width": "full",
        "is_collapsible": True,
        "child_blocks": list(inner),
    }


def data_table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Sequence[Element]]]
) -> Block | None:
    """Rows of cells under a head, which readers sort and turn over; None for too many of them.

    https://docs.slack.dev/reference/block-kit/blocks/data-table-block
    """
    cells = [[paragraph(cell) for cell in row] for row in rows]
    filled = all(one["elements"][0]["elements"] for one in chain(*cells))
    if not 1 <= len(cells) <= MOST_ROWS or not filled:
        return None
    titles = [{"type": "raw_text", "text": safe(one)} for one in head]
    return {
        "type": "data_table",
        "caption": safe(caption),
        "page_size": min(len(cells), ROWS_A_PAGE),
        "rows": [titles, *cells],
    }


def image(slot: ImageSlot) -> Block:
    """An uploaded picture."""
    return {
        "type": "image",
        "slack_file": {"id": slot.file_id},
        "alt_text": excerpt(safe(slot.alt), LONGEST_ALT_TEXT),
    }


def button(label: str, action: str, value: str) -> Element:
    """A button; its label is cut to what Slack shows."""
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": excerpt(safe(label), LONGEST_LABEL)},
        "value": value[:LONGEST_VALUE],
    }


def menu(action: str, choices: Iterable[tuple[str, str]]) -> Element:
    """Up to five things to choose from behind a small button; each a value and its label."""
    return {
        "type": "overflow",
        "action_id": action,
        "options": [option(value, label) for value, label in choices],
    }


def show_paragraphs(turn_id: str) -> Element:
    """The button that opens the cited paragraphs of a turn."""
    return button(gettext("Show paragraphs"), SHOW_PARAGRAPHS, turn_id)


def copy_cable(turn_id: str) -> Element:
    """The button that shows a turn as a cable."""
    return button(gettext("Copy as cable"), COPY_CABLE, turn_id)


def answer_menu(turn_id: str) -> Element:
    """What is seldom wanted of an answer."""
    return menu(ANSWER_MENU, [(turn_id, "Why? (admins)")])


def share(turn_id: str, channel: str) -> Element:
    """The button that posts what one person was shown for everybody in `channel`."""
    here = channel.startswith("D")
    label = gettext("Share here") if here else gettext("Share in channel")
    return button(label, SHARE, turn_id)


def with_button(message: Message, added: Element) -> Message:
    """A message with one more button, in its last row of buttons or in one of its own."""
    blocks = list(message.blocks)
    rows = [at for at, block in enumerate(blocks) if block["type"] == "actions"]
    if rows:
        row = blocks[rows[-1]]
        blocks[rows[-1]] = {**row, "elements": [*row["elements"], added]}
    else:
        blocks.append(actions([added]))
    return Message(message.text, tuple(blocks))


def say(label: str, command: str) -> Element:
    """A button that stands for a sentence; the label names its action too."""
    return button(label, f"{SAY}{'-'.join(label.lower().split())[:60]}", command)


def actions(buttons: Iterable[Element]) -> Block:
    """Buttons in a row."""
    return {"type": "actions", "elements": list(buttons)}


def portions(elements: Sequence[Element], most: int = LARGEST_BLOCK) -> list[list[Element]]:
    """Elements cut into runs whose JSON stays under `most` characters."""
    found: list[list[Element]] = [[]]
    for element in elements:
        for piece in pieces(element, most):
            if found[-1] and size([*found[-1], piece]) > most:
                found.append([])
            found[-1].append(piece)
    return found


def in_messages(
    blocks: Sequence[Block],
    taken: int = 0,
    *,
    largest: int = LARGEST_MESSAGE,
    most: int = MOST_BLOCKS,
) -> list[list[Block]]:
    """Blocks in as many messages as Slack needs for them, in their order.

    `taken` are the characters of the first message that something else has.
    """
    messages: list[list[Block]] = [[]]
    for block in blocks:
        room = largest - (taken if len(messages) == 1 else 0)
        full = size([*messages[-1], block]) > room or len(messages[-1]) >= most
        if messages[-1] and full:
            messages.append([])
        messages[-1].append(block)
    return messages


def size(value: Any) -> int:
    """Characters as compact JSON, which is what Slack's limit comes nearest to."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def section(elements: Iterable[Element]) -> Element:
    """A line of a block."""
    return {"type": "rich_text_section", "elements": _written(elements)}


def sections(lines: Sequence[Element]) -> Block:
    """A block of lines; those that begin with a bullet are items of a list."""
    parts: list[Element] = []
    for line in lines:
        if (item := _item(line)) is None:
            parts.append(line)
        elif parts and parts[-1]["type"] == "rich_text_list":
            parts[-1]["elements"].append(item)
        else:
            parts.append({"type": "rich_text_list", "style": "bullet", "elements": [item]})
    return _rich(*parts)


def _item(line: Element) -> Element | None:
    """A line without its bullet; None where it has none, or nothing but that."""
    first, *others = line["elements"] or [{}]
    said = str(first.get("text") or "")
    if first.get("type") != "text" or not said.startswith(BULLET):
        return None
    kept = [{**first, "text": said.removeprefix(BULLET)}] if said != BULLET else []
    return {**line, "elements": [*kept, *others]} if kept or others else None


def _rich(*parts: Element) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def _together(lines: list[Element], bullets: bool) -> Block:
    if bullets:
        return _rich({"type": "rich_text_list", "style": "bullet", "elements": lines})
    return sections(lines)


def _written(elements: Iterable[Element]) -> list[Element]:
    """Elements without those that hold no character, which Slack refuses."""
    return [element for element in elements if element.get("text") != ""]


def pieces(element: Element, most: int) -> Iterator[Element]:
    """An element; a text whose JSON takes more than `most` characters is cut."""
    if size(element) <= most or element["type"] != "text":
        yield element
        return
    # JSON takes up to six characters for one of the text.
    for stretch in stretches(element["text"], most // 7):
        # What is set apart from the line may have been cut in two.
        yield {**element, "text": safe(stretch)}


def stretches(text: str, longest: int) -> Iterator[str]:
    """A text cut after spaces where there are any.

    Elsewhere it is cut between what a reader takes for characters, never inside one.
    """
    while len(text) > longest:
        end = text.rfind(" ", 0, longest) + 1 or _between_characters(text, longest)
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _between_characters(text: str, end: int) -> int:
    """The last place up to `end` that is not inside of a character made of several signs."""
    for place in range(end, max(0, end - _LONGEST_CHARACTER), -1):
        before, after = text[place - 1], text[place]
        joined = "\u200d" in (before, after) or after in _VARIANTS or _is_flag(before + after)
        if not joined and not unicodedata.category(after).startswith("M"):
            return place
    return end


def _is_flag(two: str) -> bool:
    return all("\U0001f1e6" <= character <= "\U0001f1ff" for character in two)


LONGEST_OPTION = 75
LONGEST_OPTION_VALUE = 150
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
        "label": plain(label),
        "element": {**element, "action_id": f"{ACTION}{name}"},
        "optional": optional,
    }
    return {**block, "hint": plain(hint)} if hint else block


def written(shown: str, example: str = "", *, lines: bool = False) -> Element:
    """A line of text, or several."""
    element: Element = {"type": "plain_text_input", "multiline": lines, "max_length": LONGEST_TEXT}
    if shown:
        element["initial_value"] = safe(shown)[:LONGEST_TEXT]
    return {**element, "placeholder": plain(example)} if example else element


def number(shown: int | None, least: int, most: int) -> Element:
    """A whole number."""
    element: Element = {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": str(least),
        "max_value": str(most),
    }
    return element if shown is None else {**element, "initial_value": str(shown)}


def clock(shown: str | None, example: str = "") -> Element:
    """A time of day."""
    shown_first = plain(example or gettext("Choose a time"))
    element: Element = {"type": "timepicker", "placeholder": shown_first}
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


def _searched(kind: str, example: str) -> Element:
    return {"type": kind, "min_query_length": 0, "placeholder": plain(example)}


def suggested_one(chosen: Choice | None, example: str) -> Element:
    """One of many, suggested while somebody types."""
    element = _searched("external_select", example)
    return {**element, "initial_option": option(*chosen)} if chosen else element


def suggested(chosen: Sequence[Choice], example: str) -> Element:
    """Any number of many, suggested while somebody types."""
    element = _searched("multi_external_select", example)
    # Slack refuses a longer value; who wrote such a name did it on the command line.
    short = [option(*one) for one in chosen if len(one[0]) <= LONGEST_OPTION_VALUE]
    return {**element, "initial_options": short} if short else element


def conversation(chosen: str | None, example: str) -> Element:
    """A channel that the person can see."""
    element: Element = {
        "type": "conversations_select",
        "placeholder": plain(example),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return {**element, "initial_conversation": chosen} if chosen else element


def option(value: str, shown: str) -> Element:
    """Something to choose."""
    return {
        "text": plain(excerpt(shown, LONGEST_OPTION) or "—"),
        "value": value[:LONGEST_OPTION_VALUE],
    }


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
        "title": plain(title),
        "submit": plain(gettext("Save")),
        "close": plain(gettext("Cancel")),
        "private_metadata": metadata,
        "blocks": [*above, *fields],
    }


def note_view(title: str, lines: Sequence[Sequence[Element]]) -> dict[str, Any]:
    """A modal that only says something."""
    return modal(title, paragraphs(lines))


def modal(title: str, blocks: list[Block], **more: str) -> dict[str, Any]:
    """A modal to be read and closed."""
    close = plain(gettext("Close"))
    return {"type": "modal", "title": plain(title), "close": close, "blocks": blocks, **more}


def plain(shown: str) -> Mapping[str, Any]:
    """Text as it is written, of a title or a button."""
    return {"type": "plain_text", "text": shown, "emoji": False}


FEEDBACK = "feedback"
"""Action id of the two buttons; their value is the verdict and the turn."""
HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"


def feedback_buttons(turn_id: str) -> Block:
    """The row of the two buttons under what was posted."""
    bad = gettext("This was not helpful; says why if you like")
    both = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _half(HELPFUL, gettext("Helpful"), gettext("This was helpful"), turn_id),
        "negative_button": _half(NOT_HELPFUL, gettext("Not helpful"), bad, turn_id),
    }
    return {"type": "context_actions", "elements": [both]}


def with_feedback(messages: Sequence[Message], turn_id: str) -> list[Message]:
    """Messages with the row under the last; it fits, since Slack takes more than we fill."""
    *before, last = messages
    return [*before, Message(last.text, (*last.blocks, feedback_buttons(turn_id)))]


def _half(verdict: str, label: str, spoken: str, turn_id: str) -> dict[str, Any]:
    return {
        "text": {"type": "plain_text", "text": label},
        "accessibility_label": spoken,
        "value": f"{verdict}:{turn_id}",
    }
