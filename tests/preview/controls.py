"""What people press, choose and fill in, as HTML. Pure: Block Kit elements in, HTML out."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

Element = Mapping[str, Any]

STYLE = """
button { font: bold 13px Lato, "DejaVu Sans", sans-serif; border: 1px solid #bbb; color: #1d1c1d;
         background: #fff; border-radius: 4px; padding: 5px 12px; margin: 0 8px 4px 0; }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff; }
button.danger { background: #fff; border-color: #e01e5a; color: #e01e5a; }
.feedback { color: #616061; font-size: 13px; margin-right: 10px; }
.select, .field { display: inline-block; border: 1px solid #bbb; border-radius: 4px;
         font-size: 14px;
         padding: 5px 10px; min-width: 180px; margin: 0 8px 4px 0; box-sizing: border-box; }
.field { display: block; width: 100%; min-height: 32px; white-space: pre-wrap; }
.field.tall { min-height: 84px; } .empty { color: #868686; }
.select::after { content: " ▾"; float: right; color: #616061; }
.choice { display: block; } .choice small { color: #616061; display: block; padding-left: 22px; }
.label { font-weight: 900; } .optional, .hint { color: #616061; font-weight: normal; }
.hint { font-size: 13px; }
"""


def element_html(element: Element) -> str:
    """An interactive element; ValueError for a type that is not known here."""
    kind = str(element["type"])
    if kind in ("button", "workflow_button"):
        return _button(element)
    if kind == "feedback_buttons":
        halves = (element["positive_button"], element["negative_button"])
        shown = zip("👍👎", halves, strict=True)
        return "".join(
            f'<span class="feedback">{sign} {_text(half["text"])}</span>' for sign, half in shown
        )
    if kind == "overflow":
        return "<button>⋯</button>"
    if kind.endswith("_select"):
        return f'<span class="select">{_chosen(element)}</span>'
    if kind in ("datepicker", "timepicker", "datetimepicker"):
        return f'<span class="select">{_picked(element)}</span>'
    if kind in ("checkboxes", "radio_buttons"):
        return _choices(element)
    if kind.endswith("_text_input") or kind == "number_input":
        return _field(element)
    raise ValueError(f"the preview knows no element of the type {kind!r}")


def input_html(block: Element, element: str) -> str:
    """An input block: its label, its element as drawn, its hint."""
    optional = ' <span class="optional">(optional)</span>' if block.get("optional") else ""
    hint = block.get("hint")
    below = f'<div class="hint">{_text(hint)}</div>' if hint else ""
    return f'<div class="label">{_text(block["label"])}{optional}</div>{element}{below}'


def _button(element: Element) -> str:
    style = html.escape(str(element.get("style", "")))
    return f'<button class="{style}">{_text(element["text"])}</button>'


def _chosen(element: Element) -> str:
    several = element.get("initial_options")
    if several:
        return ", ".join(_text(option["text"]) for option in several)
    if option := element.get("initial_option"):
        return _text(option["text"])
    named: Iterable[str] = [
        str(value) for name, value in element.items() if name.startswith("initial_") and value
    ]
    return html.escape(", ".join(named)) or _placeholder(element)


def _picked(element: Element) -> str:
    for name in ("initial_date", "initial_time", "initial_date_time"):
        if element.get(name):
            return html.escape(str(element[name]))
    return _placeholder(element)


def _choices(element: Element) -> str:
    on = element.get("initial_options") or [element.get("initial_option")]
    yes, no = "☑☐" if element["type"] == "checkboxes" else "◉○"
    shown = [
        f"{yes if option in on else no} {_text(option['text'])}{_described(option)}"
        for option in element["options"]
    ]
    return "".join(f'<span class="choice">{one}</span>' for one in shown)


def _described(option: Element) -> str:
    held = option.get("description")
    return f"<small>{_text(held)}</small>" if held else ""


def _field(element: Element) -> str:
    tall = " tall" if element.get("multiline") else ""
    value = element.get("initial_value")
    shown = html.escape(str(value)) if value else _placeholder(element)
    return f'<span class="field{tall}">{shown}</span>'


def _placeholder(element: Element) -> str:
    held = element.get("placeholder")
    return f'<span class="empty">{_text(held) if held else "&nbsp;"}</span>'


def _text(held: Element) -> str:
    return html.escape(str(held["text"]))
