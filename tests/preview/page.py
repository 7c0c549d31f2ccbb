"""Block Kit messages, modals and Home tabs as one HTML page. Pure: blocks in, HTML out."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.preview.controls import STYLE as CONTROLS
from tests.preview.controls import element_html, input_html

Block = Mapping[str, Any]
Pictures = Mapping[str, bytes | str]
"""PNGs, or their addresses, by the id under which they were uploaded."""
Control = Callable[[Block, Block], str]
"""Draws an element of a block."""

STYLE = """
body { margin: 0; padding: 20px; width: 760px; font: 15px/1.46 Lato, "DejaVu Sans", sans-serif;
       color: #1d1c1d; background: #fff; }
.message { display: flex; gap: 10px; margin-bottom: 18px; }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #1f3a5f;
          color: #fff; text-align: center; line-height: 36px; font-weight: bold; }
.avatar.person { background: #b7791f; }
.author { font-weight: 900; } .app { background: #e8e8e8; color: #616061; font-size: 10px;
          padding: 1px 3px; border-radius: 2px; vertical-align: middle; margin-left: 4px; }
.time { color: #616061; font-size: 12px; margin-left: 6px; }
.block { margin: 8px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.context { color: #616061; font-size: 13px; }
a { color: #1264a3; text-decoration: none; }
.line { min-height: 1px; } .item { padding-left: 22px; text-indent: -14px; }
.picture { width: 520px; max-width: 100%; border-radius: 8px; display: block; }
.chart { background: #f4f4f4; border-radius: 8px; width: 520px; padding: 40px 20px;
         color: #616061; box-sizing: border-box; text-align: center; }
.bars, .frame { border: 1px solid #ddd; border-radius: 8px; padding: 8px 12px;
                white-space: normal; }
.bars > div { display: flex; align-items: flex-end; gap: 6px; margin-top: 6px; }
.bar { flex: 1; text-align: center; font-size: 12px; }
.bar i { display: block; background: #4a6f94; }
.bar small { color: #616061; }
table { border-collapse: collapse; width: 100%; } caption { text-align: start; font-weight: 900; }
th, td { border-top: 1px solid #ddd; padding: 4px 8px; text-align: start; vertical-align: top; }
td .block { margin: 0; } td:first-child { min-width: 64px; } summary { cursor: pointer; }
blockquote { border-left: 4px solid #ddd; margin: 4px 0; padding: 2px 12px; }
.mention { background: #e8f0fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
pre { border: 1px solid #ddd; background: #f8f8f8; border-radius: 4px; padding: 8px; margin: 4px 0;
      font: 12px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
.modal { border: 1px solid #ddd; border-radius: 8px; width: 520px;
         margin-bottom: 24px; }
.modal > div { padding: 4px 22px; } .modal h1 { font-size: 20px; margin: 12px 22px; }
.modal .foot { border-top: 1px solid #ddd; text-align: right; padding: 10px 14px; }
.home { border: 1px solid #ddd; border-radius: 8px; width: 700px; padding: 8px 22px 18px; }
.home .tab { font-weight: 900; border-bottom: 2px solid #1d1c1d; display: inline-block; }
.row { display: flex; justify-content: space-between; gap: 14px; } .row > .side { flex: none; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px; }
.error { color: #e01e5a; font-size: 13px; margin-bottom: 8px; }
hr { border: 0; border-top: 1px solid #ddd; } h3 { margin: 6px 0; }
"""
DARK = """
body { color: #d1d2d3; background: #1a1d21; } .context, .time { color: #ababad; }
a { color: #1d9bd1; } button { color: #d1d2d3; background: #1a1d21; border-color: #565856; }
pre { background: #222529; border-color: #565856; }
"""


def message_html(
    author: str,
    time: str,
    blocks: Iterable[Block],
    *,
    app: bool = True,
    pictures: Pictures | None = None,
) -> str:
    """One message of a channel; `pictures` are PNGs by the id under which they were uploaded."""
    badge = '<span class="app">APP</span>' if app else ""
    avatar = f'<div class="avatar{"" if app else " person"}">{html.escape(author[0])}</div>'
    return (
        f'<div class="message">{avatar}<div><span class="author">{html.escape(author)}</span>'
        f'{badge}<span class="time">{html.escape(time)}</span>{blocks_html(blocks, pictures)}'
        "</div></div>"
    )


def said_html(author: str, time: str, text: str) -> str:
    """A person's message; @names are shown as mentions."""
    marked = re.sub(r"@(\w+)", r'<span class="mention">@\1</span>', html.escape(text))
    return (
        f'<div class="message"><div class="avatar person">{html.escape(author[0])}</div><div>'
        f'<span class="author">{html.escape(author)}</span><span class="time">{html.escape(time)}'
        f'</span><div class="block" dir="auto">{marked}</div></div></div>'
    )


def view_html(view: Block, pictures: Pictures | None = None) -> str:
    """A modal with its title and its buttons below, or a Home tab."""
    shown = blocks_html(view["blocks"], pictures)
    if view["type"] == "home":
        return f'<div class="home"><span class="tab">Home</span>{shown}</div>'
    title = html.escape(str(view["title"]["text"]))
    buttons = [view.get("close") and f"<button>{html.escape(view['close']['text'])}</button>"]
    if view.get("submit"):
        buttons.append(f'<button class="primary">{html.escape(view["submit"]["text"])}</button>')
    foot = "".join(button for button in buttons if button)
    below = f'<div class="foot">{foot}</div>' if foot else ""
    return f'<div class="modal"><h1>{title}</h1><div>{shown}</div>{below}</div>'


def errors_html(errors: Mapping[str, str]) -> str:
    """What a form answers a submission with, by the input that it stands under."""
    lines = (
        f'<div class="label">{html.escape(field)}</div>'
        f'<div class="error">{html.escape(error)}</div>'
        for field, error in errors.items()
    )
    return f'<div class="modal"><div>{"".join(lines)}</div></div>'


def page_html(parts: Sequence[str], *, dark: bool = False) -> str:
    """A whole page of messages and modals."""
    style = STYLE + CONTROLS + (DARK if dark else "")
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><style>{style}</style></head>'
        f"<body>{''.join(parts)}</body></html>"
    )


def _still(element: Block, block: Block) -> str:
    return element_html(element)


def blocks_html(
    blocks: Iterable[Block], pictures: Pictures | None = None, control: Control = _still
) -> str:
    """Blocks one below the other; ValueError for a type that is not known here."""
    return "".join(_block(block, pictures or {}, control) for block in blocks)


def _block(block: Block, pictures: Pictures, control: Control) -> str:
    match block["type"]:
        case "rich_text":
            inner = "".join(_rich_part(part) for part in block["elements"])
            return f'<div class="block">{inner}</div>'
        case "section":
            return _section(block, control)
        case "header":
            return f'<h3 dir="auto">{html.escape(block["text"]["text"])}</h3>'
        case "context":
            inner = " ".join(_small(element) for element in block["elements"])
            return f'<div class="block context" dir="auto">{inner}</div>'
        case "actions" | "context_actions":
            inner = "".join(control(element, block) for element in block["elements"])
            return f'<div class="block">{inner}</div>'
        case "input":
            return f'<div class="block">{input_html(block, control(block["element"], block))}</div>'
        case "markdown":
            return f'<div class="block">{_markdown(block["text"])}</div>'
        case "divider":
            return "<hr>"
        case "image" if block.get("slack_file", {}).get("id") in pictures:
            held = pictures[block["slack_file"]["id"]]
            data = held if isinstance(held, str) else _as_address(held)
            alt = html.escape(block["alt_text"])
            return f'<img class="block picture" alt="{alt}" src="{data}">'
        case "data_visualization":
            return _bars(block)
        case "container":
            return _container(block, pictures, control)
        case "data_table":
            return _data_table(block)
        case "image":
            return f'<div class="block chart">{html.escape(block["alt_text"])}</div>'
        case other:
            raise ValueError(f"the preview knows no block of the type {other!r}")


def _bars(block: Block) -> str:
    """Bars of the first series, with their numbers."""
    chart = block["chart"]
    if chart["type"] != "bar":
        raise ValueError(f"the preview draws no chart of the type {chart['type']!r}")
    points = chart["series"][0]["data"]
    highest = max((point["value"] for point in points), default=0) or 1
    bars = "".join(
        f'<div class="bar"><span>{point["value"] or ""}</span>'
        f'<i style="height:{round(72 * point["value"] / highest)}px"></i>'
        f"<small>{html.escape(point['label'])}</small></div>"
        for point in points
    )
    title = f"<b>{html.escape(block['title'])}</b>"
    return f'<div class="block bars" dir="auto">{title}<div>{bars}</div></div>'


def _container(block: Block, pictures: Pictures, control: Control) -> str:
    """A frame that can be folded to its title."""
    below = block.get("subtitle")
    small = f'<div class="context">{html.escape(below["text"])}</div>' if below else ""
    inner = "".join(_block(one, pictures, control) for one in block["child_blocks"])
    return (
        f'<details class="block frame" open dir="auto"><summary><b>'
        f"{html.escape(block['title']['text'])}</b>{small}</summary>{inner}</details>"
    )


def _data_table(block: Block) -> str:
    """A table of the rows of its first page, and how many there are."""
    head, *rows = block["rows"]
    shown = rows[: block.get("page_size", 5)]
    titles = "".join(f"<th>{html.escape(cell['text'])}</th>" for cell in head)
    cells = "".join(
        "<tr>" + "".join(f"<td>{_block(cell, {}, _still)}</td>" for cell in row) + "</tr>"
        for row in shown
    )
    pages = f'<div class="context">1 to {len(shown)} of {len(rows)}</div>'
    caption = f"<caption>{html.escape(block['caption'])}</caption>"
    return (
        f'<div class="block frame"><table dir="auto">{caption}<tr>{titles}</tr>{cells}</table>'
        f"{pages if len(rows) > len(shown) else ''}</div>"
    )


def _as_address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _section(block: Block, control: Control) -> str:
    """Text, fields in two columns, and what stands at the right of them."""
    text = f"<div>{_small(block['text'])}</div>" if block.get("text") else ""
    fields = "".join(f"<div>{_small(field)}</div>" for field in block.get("fields", ()))
    inner = f'{text}<div class="fields">{fields}</div>' if fields else text
    side = block.get("accessory")
    beside = f'<div class="side">{control(side, block)}</div>' if side else ""
    return f'<div class="block row"><div>{inner}</div>{beside}</div>'


_RICH_PARTS = ("rich_text_section", "rich_text_quote", "rich_text_preformatted")


def _rich_part(part: Block) -> str:
    if part["type"] == "rich_text_list":
        lines = (
            f'<div class="item" dir="auto">• {_rich_line(line)}</div>' for line in part["elements"]
        )
        return "".join(lines)
    inner = _rich_line(part)
    if part["type"] not in _RICH_PARTS:
        raise ValueError(f"the preview knows no part of rich text of the type {part['type']!r}")
    if part["type"] == "rich_text_quote":
        return f'<blockquote class="block" dir="auto">{inner}</blockquote>'
    if part["type"] == "rich_text_preformatted":
        return f'<pre dir="auto">{inner}</pre>'
    return f'<div class="line" dir="auto">{inner}</div>'


def _rich_line(part: Block) -> str:
    return "".join(_rich_element(element) for element in part["elements"])


def _rich_element(element: Block) -> str:
    if element["type"] in ("user", "channel"):
        name = f"@{element['user_id']}" if "user_id" in element else f"#{element['channel_id']}"
        return f'<span class="mention">{html.escape(name)}</span>'
    if element["type"] not in ("text", "link"):
        raise ValueError(f"the preview knows no rich text element of the type {element['type']!r}")
    text = html.escape(element.get("text") or element.get("url") or "")
    if element["type"] == "link":
        text = f'<a href="{html.escape(element["url"])}">{text}</a>'
    style = element.get("style") or {}
    for name, tag in (("bold", "b"), ("italic", "i"), ("strike", "s"), ("code", "code")):
        if style.get(name):
            text = f"<{tag}>{text}</{tag}>"
    return text


def _small(element: Block) -> str:
    if element["type"] == "image":
        return ""
    text = element["text"]
    return _mrkdwn(text) if element["type"] == "mrkdwn" else html.escape(text)


def _markdown(text: str) -> str:
    """What a streamed answer has of standard Markdown: bold, italics, links, escaped signs."""
    shown = re.sub(r"\\([\\`*_{}\[\]()<>#+\-.!~|&@:])", lambda m: f"&#{ord(m[1])};", text)
    shown = re.sub(r"[<>\"]", lambda m: f"&#{ord(m[0])};", shown)
    shown = re.sub(r"\[([^\]]*)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', shown)
    shown = re.sub(r"\*\*([^*\n]+)\*\*", r"<b>\1</b>", shown)
    return re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", r"<i>\1</i>", shown)


def _mrkdwn(text: str) -> str:
    """Slack's mrkdwn: entities are already escaped, links are <address|label>."""
    shown = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", r'<a href="\1">\2</a>', text)
    shown = re.sub(r"<(https?://[^>]+)>", r'<a href="\1">\1</a>', shown)
    return re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", shown)
