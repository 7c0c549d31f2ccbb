"""What one person sees of the local Slack, as HTML in JSON. Pure but for reading the local Slack.

Messages are drawn by `tests.preview.page`; what can be used in them is drawn here, with what the
page needs to tell what was used.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.slack import LocalSlack
from tests.preview.controls import STYLE as CONTROLS
from tests.preview.controls import element_html
from tests.preview.page import STYLE, blocks_html

Payload = Mapping[str, Any]
CONTENT_STYLE = STYLE + CONTROLS


@dataclass(frozen=True)
class Seen:
    """Who looks, and the stamp of what they saw last."""

    user: str
    stamp: str


def state_of(slack: LocalSlack, user: str, ahead: timedelta) -> dict[str, Any]:
    """Conversations, Home and the modal that a person sees; `stamp` tells whether it changed.

    `ahead` is how far the clock of this machine is ahead of that of the demo.
    """
    names = {one.id: one.name for one in slack.users.values()}
    places = [one for one in slack.channels.values() if one.kind != "im"]
    direct = slack.direct_channel(user)
    homes, views = slack.homes, slack.views
    home = homes.get(user)
    ids = {one["id"] for one in homes.values()}
    modals = [one for one in views.values() if one["id"] not in ids and one["type"] == "modal"]
    shown = {
        "style": CONTENT_STYLE,
        "user": user,
        "users": [{"id": one, "name": name} for one, name in names.items()],
        "places": [{"id": one.id, "name": f"# {one.name}"} for one in places]
        + [{"id": direct, "name": "Chancery"}],
        "direct": direct,
        "conversations": {
            one: _conversation(slack, one, user, names, ahead)
            for one in [*(place.id for place in places), direct]
        },
        "prompts": slack.prompts.get(direct, []),
        "home": {"id": home["id"], "html": _blocks(slack, home)} if home else None,
        "modal": _modal(slack, modals[-1]) if modals else None,
    }
    stamp = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]
    return {**shown, "stamp": stamp}


def _conversation(
    slack: LocalSlack, channel: str, user: str, names: Mapping[str, str], ahead: timedelta
) -> dict[str, Any]:
    """Messages at the top, and those of each thread by its root."""
    alone = [
        one for one in slack.ephemerals if (one["channel"], one["shown_to"]) == (channel, user)
    ]
    held = sorted([*slack.messages(channel), *alone], key=lambda one: float(one["ts"]))
    threads: dict[str, list[dict[str, Any]]] = {}
    top = []
    for one in held:
        root = one.get("thread_ts")
        drawn = _message(slack, one, names, ahead)
        if root and root != one["ts"]:
            threads.setdefault(root, []).append(drawn)
        else:
            top.append(drawn)
    statuses = {one["ts"]: status for one in held if (status := slack.status(channel, one["ts"]))}
    return {"messages": top, "threads": threads, "statuses": statuses}


def _message(
    slack: LocalSlack, message: Payload, names: Mapping[str, str], ahead: timedelta
) -> dict[str, Any]:
    ours = message.get("bot_id") == slack.identity.bot_id
    at = datetime.fromtimestamp(float(message["ts"]), UTC) - ahead
    text = html.escape(str(message.get("text") or ""), quote=False) if not ours else ""
    blocks = _blocks(slack, message) if ours and message.get("blocks") else ""
    if ours and (not blocks or message["ts"] in slack.streaming):
        blocks = blocks_html([{"type": "markdown", "text": str(message.get("text") or "")}])
    blocks += _plan(message["plan"]) if message.get("plan") else ""
    written = text.replace(f"&lt;@{slack.bot_user}&gt;", '<span class="mention">@Chancery</span>')
    files = "".join(
        f'<div class="file">📄 {html.escape(str(one["name"]))}</div>'
        for one in message.get("files", ())
    )
    return {
        "ts": message["ts"],
        "author": "Chancery" if ours else names.get(str(message.get("user")), "Somebody"),
        "app": ours,
        "alone": bool(message.get("is_ephemeral")),
        "time": f"{at:%H:%M}",
        "html": (blocks or f'<div class="block">{written}</div>') + files,
    }


def _plan(plan: Payload) -> str:
    """What is being done, task by task."""
    signs = {"complete": "✓", "in_progress": "…", "pending": "○", "error": "✗"}
    tasks = "".join(
        f"<div>{signs[task['status']]} {html.escape(task['title'])}"
        f" <small>{html.escape(task.get('output', ''))}</small></div>"
        for task in plan["tasks"].values()
    )
    return f'<div class="block file"><b>{html.escape(plan["title"])}</b>{tasks}</div>'


def _modal(slack: LocalSlack, view: Payload) -> dict[str, Any]:
    def shown(name: str) -> str:
        return str((view.get(name) or {}).get("text") or "")

    errors = slack.view_errors.get(str(view["id"]), {})
    told = "".join(f'<div class="error">{html.escape(str(text))}</div>' for text in errors.values())
    return {
        "id": view["id"],
        "title": shown("title"),
        "submit": shown("submit"),
        "close": shown("close") or "Close",
        "html": told + _blocks(slack, view),
    }


def _blocks(slack: LocalSlack, holder: Payload) -> str:
    channels = {one.id: one.name for one in slack.channels.values() if one.kind != "im"}

    def control(element: Payload, block: Payload) -> str:
        return live_html(element, str(block.get("block_id") or ""), channels)

    pictures = {name: f"/file/{name}" for name in slack.files}
    return blocks_html(holder["blocks"], pictures, control)


def live_html(element: Payload, block: str, channels: Mapping[str, str]) -> str:
    """An element that can be used; the page finds in it what Slack is to be told."""
    kind, action = str(element["type"]), html.escape(str(element.get("action_id", "")))
    known = f'data-kind="{kind}" data-block="{html.escape(block)}" data-action="{action}"'
    if kind == "button":
        return _button(element, known)
    if kind == "feedback_buttons":
        halves = (element["positive_button"], element["negative_button"])
        return "".join(
            f'<button class="plain" {known} data-value="{html.escape(half["value"])}">'
            f"{_text(half['text'])}</button>"
            for half in halves
        )
    if kind == "overflow":
        options = "".join(map(_option, element["options"]))
        confirm = _confirm(element)
        return (
            f'<select class="more" {known}{confirm}><option value="">⋯</option>{options}</select>'
        )
    if kind in ("static_select", "conversations_select"):
        return _select(element, known, channels)
    if kind in ("external_select", "multi_external_select"):
        chosen = element.get("initial_options") or [element.get("initial_option")]
        return _suggested([one for one in chosen if one], known, several=kind.startswith("multi"))
    if kind in ("checkboxes", "radio_buttons"):
        return _choices(element, known, block)
    if kind == "timepicker":
        at = html.escape(str(element.get("initial_time") or ""))
        return f'<input type="time" {known} value="{at}">'
    if kind in ("plain_text_input", "number_input", "url_text_input"):
        value = html.escape(str(element.get("initial_value") or ""))
        hint = _text(element["placeholder"]) if element.get("placeholder") else ""
        if element.get("multiline"):
            return f'<textarea {known} placeholder="{hint}">{value}</textarea>'
        return f'<input type="text" {known} value="{value}" placeholder="{hint}">'
    return element_html(element)


def control_html(answer: Payload | None) -> str:
    """The options that the app suggested."""
    return "".join(map(_option, (answer or {}).get("options", ())))


def _button(element: Payload, known: str) -> str:
    value = html.escape(str(element.get("value") or ""))
    style = html.escape(str(element.get("style", "")))
    return (
        f'<button class="{style}" {known} data-value="{value}"{_confirm(element)}>'
        f"{_text(element['text'])}</button>"
    )


def _confirm(element: Payload) -> str:
    asked = element.get("confirm")
    return f' data-confirm="{_text(asked["text"])}"' if asked else ""


def _select(element: Payload, known: str, channels: Mapping[str, str]) -> str:
    if element["type"] == "conversations_select":
        now = element.get("initial_conversation")
        options = "".join(
            _option({"value": one, "text": {"text": f"# {name}"}}, one == now)
            for one, name in channels.items()
        )
        return f'<select {known}><option value="">—</option>{options}</select>'
    now = (element.get("initial_option") or {}).get("value")
    options = "".join(_option(one, one["value"] == now) for one in element["options"])
    return f"<select {known}>{options}</select>"


def _suggested(chosen: list[Payload], known: str, *, several: bool) -> str:
    options = "".join(_option(one, True) for one in chosen)
    many = " multiple" if several else ""
    return (
        f'<input class="search" placeholder="Search …"><select {known}{many} data-external="1">'
        f"{options}</select>"
    )


def _choices(element: Payload, known: str, block: str) -> str:
    held = element.get("initial_options") or [element.get("initial_option")]
    on = {one["value"] for one in held if one}
    kind = "checkbox" if element["type"] == "checkboxes" else "radio"
    return "".join(
        f'<label class="choice"><input type="{kind}" name="{html.escape(block)}" {known} '
        f'value="{html.escape(one["value"])}"{" checked" if one["value"] in on else ""}> '
        f"{_text(one['text'])}</label>"
        for one in element["options"]
    )


def _option(option: Payload, selected: bool = False) -> str:
    chosen = " selected" if selected else ""
    return (
        f'<option value="{html.escape(option["value"])}"{chosen}>{_text(option["text"])}</option>'
    )


def _text(held: Payload) -> str:
    return html.escape(str(held["text"]))
