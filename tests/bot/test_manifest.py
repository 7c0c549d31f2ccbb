"""manifest.json: the Slack app may do what the bot does, and hears what it listens to."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])
EVENTS = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])

# From the reference page of each method and event; an empty set is a method that needs none.
SCOPES_OF_METHOD: dict[str, set[str]] = {
    "auth.test": set(),
    "views.open": set(),
    "blocks.validate": set(),
    "agents.sessions.setStatus": {"chat:write", "assistant:write"},
    "assistant.threads.setStatus": {"assistant:write"},
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "assistant.threads.setTitle": {"assistant:write"},
    "chat.postMessage": {"chat:write"},
    "views.publish": set(),
    "views.update": set(),
    "views.push": set(),
    "chat.delete": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.stopStream": {"chat:write"},
    "chat.appendStream": {"chat:write"},
    "chat.startStream": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "conversations.open": {"im:write"},
    "users.info": {"users:read"},
    "files.info": {"files:read"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
}
# An event without a scope needs none.
SCOPE_OF_EVENT = {
    # Of an app with an agent view; no scope is named for either.
    "agent_session_stopped": None,
    "app_context_changed": None,
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.mpim": "mpim:history",
}


def calls(name: str) -> Iterator[str]:
    """First arguments of calls of a method `name` in the bot, where they are written out."""
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == name
                and node.args
            ):
                yield ast.unparse(node.args[0]).strip("'\"")


@pytest.mark.parametrize("method", sorted(set(calls("_call"))))
def test_scopes_allow_every_method_that_is_called(method: str) -> None:
    assert method in SCOPES_OF_METHOD, "look its scopes up and name them here"
    assert SCOPES_OF_METHOD[method] <= SCOPES


def test_the_client_is_called_nowhere_else() -> None:
    assert list(calls("api_call")) == ["method"]


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_that_is_subscribed_is_listened_to_and_allowed(event: str) -> None:
    assert event.partition(".")[0] in set(calls("event"))
    scope = SCOPE_OF_EVENT[event]
    assert scope is None or scope in SCOPES


def test_every_event_that_is_listened_to_is_subscribed() -> None:
    assert {event.partition(".")[0] for event in EVENTS} == set(calls("event"))


def test_buttons_and_direct_messages_are_switched_on() -> None:
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    home = MANIFEST["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


def test_socket_mode_is_the_default_as_in_the_settings() -> None:
    assert MANIFEST["settings"]["socket_mode_enabled"] is True


def test_texts_are_within_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(MANIFEST["features"]["bot_user"]["display_name"]) <= 80
