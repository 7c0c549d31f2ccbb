"""Block Kit messages and modals as one HTML page. Pure: blocks in, HTML out."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]
Pictures = Mapping[str, bytes]

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
blockquote { border-left: 4px solid #ddd; margin: 4px 0; padding: 2px 12px; }
.mention { background: #e8f0fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
button { font: bold 13px Lato, "DejaVu Sans", sans-serif; border: 1px solid #bbb; color: #1d1c1d;
         background: #fff; border-radius: 4px; padding: 5px 12px; margin-right: 8px; }
.modal { border: 1px solid #ddd; border-radius: 8px; box-shadow: 0 4px 18px #0003; width: 520px;
         padding: 8px 22px 18px; } .modal h1 { font-size: 20px; }
hr { border: 0; border-top: 1px solid #ddd; } h3 { margin: 6px 0; }
"""
DARK = """
body { color: #d1d2d3; background: #1a1d21; } .context, .time { color: #ababad; }
a { color: #1d9bd1; } button { color: #d1d2d3; background: #1a1d21; border-color: #565856; }
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
        f'</span><div class="block">{marked}</div></div></div>'
    )


def modal_html(view: Block) -> str:
    """A modal view."""
    title = html.escape(str(view["title"]["text"]))
    return f'<div class="modal"><h1>{title}</h1>{blocks_html(view["blocks"])}</div>'


def page_html(parts: Sequence[str], *, dark: bool = False) -> str:
    """A whole page of messages and modals."""
    style = STYLE + DARK if dark else STYLE
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><style>{style}</style></head>'
        f"<body>{''.join(parts)}</body></html>"
    )


def blocks_html(blocks: Iterable[Block], pictures: Pictures | None = None) -> str:
    return "".join(_block(block, pictures or {}) for block in blocks)


def _block(block: Block, pictures: Pictures) -> str:
    match block["type"]:
        case "rich_text":
            inner = "".join(_rich_part(part) for part in block["elements"])
            return f'<div class="block">{inner}</div>'
        case "section":
            return f'<div class="block">{_mrkdwn(block["text"]["text"])}</div>'
        case "header":
            return f"<h3>{html.escape(block['text']['text'])}</h3>"
        case "context":
            inner = " ".join(_small(element) for element in block["elements"])
            return f'<div class="block context">{inner}</div>'
        case "actions":
            buttons = "".join(
                f"<button>{html.escape(element['text']['text'])}</button>"
                for element in block["elements"]
                if element["type"] == "button"
            )
            return f'<div class="block">{buttons}</div>'
        case "divider":
            return "<hr>"
        case "image" if block.get("slack_file", {}).get("id") in pictures:
            data = base64.b64encode(pictures[block["slack_file"]["id"]]).decode()
            alt = html.escape(block["alt_text"])
            return f'<img class="block picture" alt="{alt}" src="data:image/png;base64,{data}">'
        case other:
            return f'<div class="block context">[{html.escape(str(other))}]</div>'


def _rich_part(part: Block) -> str:
    inner = "".join(_rich_element(element) for element in part["elements"])
    if part["type"] == "rich_text_quote":
        return f'<blockquote class="block">{inner}</blockquote>'
    return f'<div class="line">{inner}</div>'


def _rich_element(element: Block) -> str:
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


def _mrkdwn(text: str) -> str:
    """Slack's mrkdwn: entities are already escaped, links are <address|label>."""
    shown = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", r'<a href="\1">\2</a>', text)
    shown = re.sub(r"<(https?://[^>]+)>", r'<a href="\1">\1</a>', shown)
    return re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", shown)
