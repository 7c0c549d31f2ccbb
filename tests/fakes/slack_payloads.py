"""The payloads that Slack sends, as pure functions of what happened."""

import time
from collections.abc import Mapping
from typing import Any

from tests.fakes.block_kit import elements
from tests.fakes.slack_workspace import Channel, Identity, Payload, User

_TOKEN = "verification-token"


def event_callback(
    identity: Identity, event: Payload, event_id: str, *, shared: bool = False
) -> Payload:
    """An Events API payload; `shared` marks a channel that another workspace takes part in."""
    return {
        "token": _TOKEN,
        "team_id": identity.team_id,
        "context_team_id": identity.team_id,
        "context_enterprise_id": None,
        "api_app_id": identity.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": identity.team_id,
                "user_id": identity.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"context-{event_id}",
    }


def user_message(identity: Identity, user: User, text: str, ts: str) -> Payload:
    """A message as a person writes it."""
    message = {
        "type": "message",
        "user": user.id,
        "client_msg_id": f"client-{ts}",
        "text": text,
        "ts": ts,
        "team": user.team,
        "blocks": [
            {
                "type": "rich_text",
                "block_id": f"text-{ts}",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": text}],
                    }
                ],
            }
        ],
    }
    if user.team != identity.team_id:
        message |= {"user_team": user.team, "source_team": user.team}
    return message


def message_event(message: Payload, channel: Channel, **fields: Any) -> Payload:
    """The event that tells of a message."""
    return {
        **message,
        "channel": channel.id,
        "channel_type": channel.kind,
        "event_ts": message["ts"],
        **fields,
    }


def change_event(
    subtype: str, channel: Channel, ts: str, previous: Payload, message: Payload | None
) -> Payload:
    """The event that tells of an edit (`message_changed`) or of a deletion."""
    event = {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
        "event_ts": ts,
        "previous_message": previous,
    }
    return event | ({"message": message} if message else {"deleted_ts": previous["ts"]})


def slash_command(
    identity: Identity, user: User, channel: Channel, command: str, text: str
) -> Payload:
    return {
        "token": _TOKEN,
        "team_id": identity.team_id,
        "team_domain": "local",
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": identity.app_id,
        "is_enterprise_install": "false",
    }


def interaction(identity: Identity, kind: str, user: User, **fields: Any) -> Payload:
    """What every interactive payload has in common."""
    return {
        "type": kind,
        "token": _TOKEN,
        "api_app_id": identity.app_id,
        "team": {"id": identity.team_id, "domain": "local"},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team,
        },
        **fields,
    }


def action(element: Payload, block_id: str, value: Any) -> Payload:
    """The entry of `actions` for an element that was used."""
    kind = element["type"]
    entry = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": f"{time.time():.6f}",
    }
    if kind in ("button", "icon_button"):
        entry["text"] = element["text"]
        return entry | ({"value": element["value"]} if "value" in element else {})
    if kind == "feedback_buttons":
        button = _feedback_button(element, value)
        return entry | {"text": button["text"], "value": button["value"]}
    return entry | element_state(element, value)


def offers(element: Payload, value: Any) -> bool:
    """Whether using the element could yield the value."""
    if value is None:
        return True
    if element["type"] in ("button", "icon_button"):
        return element.get("value") == value
    if element["type"] == "feedback_buttons":
        return any(button["value"] == value for button in _feedback_pair(element))
    if "options" in element or "option_groups" in element:
        wanted = value if isinstance(value, list) else [value]
        return {option["value"] for option in _options(element)} >= set(wanted)
    return True


def view_state(view: Payload, values: Mapping[str, Any]) -> Payload:
    """`view.state`: what was entered, by block id or action id, over the initial values.

    A mapping is taken as the element's state as it stands; anything else is put into the form
    that the element's type has.
    """
    state: Payload = {}
    named: set[str] = set()
    for block in view["blocks"]:
        for element in elements([block]):
            if element["type"] in ("button", "overflow"):
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            name = block_id if block_id in values else action_id
            named |= {name} & set(values)
            entered = values.get(name, initial_value(element))
            if not isinstance(entered, Mapping):
                entered = element_state(element, entered)
            state.setdefault(block_id, {})[action_id] = {"type": element["type"], **entered}
    unknown = set(values) - named
    if unknown:
        raise AssertionError(f"the view has no input {sorted(unknown)}; it has {state}")
    return {"values": state}


def initial_value(element: Payload) -> Any:
    """What an element holds before anybody touches it, in the short form of `view_state`."""
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    return next((held for name, held in element.items() if name.startswith("initial_")), None)


_STATE_FIELDS = {
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_ONE_OPTION = ("static_select", "radio_buttons", "overflow")
_SEVERAL_OPTIONS = ("multi_static_select", "checkboxes")


def element_state(element: Payload, value: Any) -> Payload:
    """An element's entry in a state, from the plain value that a person chose."""
    kind = element["type"]
    if kind == "external_select":
        return {"selected_option": None if value is None else _suggested(value)}
    if kind == "multi_external_select":
        return {"selected_options": [_suggested(chosen) for chosen in value or ()]}
    if kind in _ONE_OPTION:
        return {"selected_option": None if value is None else _option(element, value)}
    if kind in _SEVERAL_OPTIONS:
        return {"selected_options": [_option(element, chosen) for chosen in value or ()]}
    return {_STATE_FIELDS.get(kind, "value"): value}


def _suggested(value: str) -> Payload:
    """An option that the app suggested; Slack gives back what it was given."""
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def _option(element: Payload, value: str) -> Payload:
    for option in _options(element):
        if option["value"] == value:
            return option
    offered = [option["value"] for option in _options(element)]
    raise AssertionError(f"{element['action_id']} does not offer {value!r}, but {offered}")


def _options(element: Payload) -> list[Payload]:
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    return [*element.get("options", ()), *grouped]


def _feedback_pair(element: Payload) -> tuple[Payload, Payload]:
    return element["positive_button"], element["negative_button"]


def _feedback_button(element: Payload, value: str | None) -> Payload:
    pair = _feedback_pair(element)
    return next((button for button in pair if button["value"] == value), pair[0])
