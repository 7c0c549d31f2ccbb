"""Every golden file is something that Slack would take and that the preview can show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.block_kit import problems, view_problems
from tests.preview.goldens import golden_content, golden_names, golden_parts
from tests.preview.page import page_html

# What Slack adds to a view that it hands back.
ADDED = frozenset("previous_view_id team_id app_id app_installed_team_id bot_id state".split())


def as_sent(held: Any) -> Any:
    """What a golden file holds, with stand-ins for the ids that it leaves out.

    Equal texts get equal values, so that an option chosen beforehand stays one of the options.
    """
    if isinstance(held, list):
        return [as_sent(one) for one in held]
    if not isinstance(held, Mapping):
        return held
    sent = {name: as_sent(one) for name, one in held.items()}
    if isinstance(sent.get("text"), dict) and not sent.keys() & {"type", "confirm"}:
        sent["value"] = sent["text"]["text"]
    if "slack_file" in sent:
        sent["slack_file"] = {"id": "F0CHART"}
    return sent


@pytest.mark.parametrize("name", golden_names())
def test_slack_takes_it(name: str) -> None:
    for held in map(as_sent, golden_content(name)):
        if held.get("type") in ("modal", "home"):
            view = {field: one for field, one in held.items() if field not in ADDED}
            assert view_problems(view) == []
        elif "blocks" in held:
            assert problems(held["blocks"], held["text"]) == []
        else:
            assert held
            assert all(isinstance(error, str) and error for error in held.values())


@pytest.mark.parametrize("name", golden_names())
def test_a_message_says_in_its_notification_what_it_is_about(name: str) -> None:
    for held in golden_content(name):
        if held.get("type") == "message":
            assert re.search(r"\w+ \w+", held["text"])


@pytest.mark.parametrize("name", golden_names())
def test_the_preview_shows_it(name: str) -> None:
    shown = page_html(golden_parts(name))
    assert re.sub(r"<style>.*?</style>|<[^>]*>|\s", "", shown, flags=re.DOTALL)
