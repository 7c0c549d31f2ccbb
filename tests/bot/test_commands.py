"""What is behind `/chancery`, and what a message holds on which a shortcut is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.router import also_for_channel
from bot.commands.grammar import (
    SUB_COMMANDS,
    AddSource,
    CheckText,
    Command,
    ShowHelp,
    Words,
    read_command,
    read_request,
)
from bot.commands.intents import ListMine
from bot.commands.replies import Reply
from bot.failures import SlackError
from bot.handlers.commands import given_of, headed, help_messages
from bot.render.blocks import LARGEST_MESSAGE, Message, paragraph, size, words
from bot.slack.client import SlackGateway
from bot.slack.destinations import Alone
from bot.slack.events import Asked, Place, links_of, text_of
from tests.bot.test_manifest import MANIFEST
from tests.fakes.slack_workspace import RESPONSE_URL_USES

NOW = datetime(2019, 4, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", ShowHelp()),
        ("help", ShowHelp()),
        ("ask Who holds Gharyan?", Words("Who holds Gharyan?", question=True)),
        ("ask follow the money", Words("follow the money", question=True)),
        ("ASK  who spoke?", Words("who spoke?", question=True)),
        ("ask", Words("", question=True)),
        ("summary Libya since Monday", Words("summary Libya since Monday")),
        ("sumary Libya", Words("summary Libya")),
        ("digest", Words("digest")),
        ("digest at 07:30 on Libya", Words("digest at 07:30 on Libya")),
        ("follow Gharyan", Words("follow Gharyan")),
        ("unfollow Gharyan", Words("unfollow Gharyan")),
        ("mine", Words("list")),
        ("sources", Words("sources")),
        ("sources failed", Words("sources failed")),
        ("sources add https://a.example/feed", AddSource("https://a.example/feed")),
        ("sources add", AddSource("")),
        ("check Haftar took Gharyan.", CheckText("Haftar took Gharyan.")),
        ("check", CheckText("")),
        ("Libya this week", Words("Libya this week")),
        ("Sudan", Words("Sudan")),
        ("what did Guterres say about Libya", Words("what did Guterres say about Libya")),
        ("frobnicate", ShowHelp("frobnicate")),
        ("gharyan?", Words("gharyan?")),
        ("thanks", ShowHelp()),
    ],
)
def test_what_is_asked_behind_the_slash(text: str, command: Command) -> None:
    assert read_command(text, NOW) == command


def test_mine_lists_what_is_set_up() -> None:
    command = read_command("mine", NOW)
    assert isinstance(command, Words)
    assert isinstance(read_request(command.text, NOW), ListMine)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_a_command(text: str) -> None:
    assert isinstance(read_command(text, NOW), Command)


def test_help_and_the_manifest_name_every_sub_command() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    shown = str(help_messages()[0].blocks)
    for sub_command in SUB_COMMANDS[:-1]:
        assert f"/chancery {sub_command}" in shown
    assert set(command["usage_hint"].split(" | ")) <= set(SUB_COMMANDS)


def asked(channel: str, response_url: str | None) -> Asked:
    return Asked(
        Place.DIRECT, channel, "U0DESK", "follow Gharyan", "1", None, response_url=response_url
    )


def test_how_to_do_it_for_the_channel_is_said_only_in_one() -> None:
    request, reply = read_request("follow Gharyan", NOW), Reply(("Done.",))
    in_channel = also_for_channel(reply, request, asked("C0PRESS", "https://a.example"))
    assert in_channel.lines[-1].startswith("This is yours alone.")
    assert also_for_channel(reply, request, asked("D0DESK", "https://a.example")) == reply
    assert also_for_channel(reply, request, asked("C0PRESS", None)) == reply
    other = read_request("sources", NOW)
    assert also_for_channel(reply, other, asked("C0PRESS", "https://a.example")) == reply


def test_a_payload_with_missing_fields_is_still_a_command() -> None:
    assert given_of({}).text == ""


def test_a_heading_never_makes_a_message_too_large() -> None:
    block = paragraph([words("x" * 5_700)])
    messages = headed([Message("first", (block, block))], "Amal", "why? " * 400)
    assert all(size(list(message.blocks)) <= LARGEST_MESSAGE for message in messages)
    assert messages[0].text.startswith("Amal asked: “why?")


# Long replies


@dataclass
class Told:
    """A Slack that takes five answers to a command, and keeps what was said where."""

    alone: list[Message] = field(default_factory=list)
    direct: list[Message] = field(default_factory=list)

    def respond(self, response_url: str, message: Message) -> None:
        if len(self.alone) >= RESPONSE_URL_USES:
            raise SlackError("Slack refused an answer to a command: 404")
        self.alone.append(message)

    def direct_channel(self, user: str) -> str:
        return f"D{user}"

    def post(self, channel: str, thread_ts: str | None, messages: Sequence[Message]) -> str:
        self.direct += messages
        return "1"


def part(number: int) -> Message:
    return Message(f"part {number}", (paragraph([words(f"part {number}")]),))


@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_of_a_long_reply_nothing_is_dropped_and_one_answer_is_kept_for_an_apology(
    count: int,
) -> None:
    slack = Told()
    given_to = Alone(cast(SlackGateway, slack), asked("C0PRESS", "https://a.example"))
    parts = [part(number) for number in range(count)]
    given_to.say(parts, "turn")
    shown = [one.text for one in (*slack.alone, *slack.direct)]
    assert [text for text in shown if text.startswith("part ")] == [one.text for one in parts]
    assert len(slack.alone) < RESPONSE_URL_USES
    assert bool(slack.direct) == any("our direct conversation" in text for text in shown)
    given_to.say_privately("That failed.")
    assert "That failed." in [one.text for one in slack.alone]


def test_the_button_to_share_stands_under_the_last_message() -> None:
    slack = Told()
    Alone(cast(SlackGateway, slack), asked("C0PRESS", "https://a.example")).say(
        [part(1), part(2)], "turn"
    )
    assert "share_in_channel" not in str(slack.alone[0].blocks)
    assert "share_in_channel" in str(slack.alone[1].blocks)
    assert "'value': 'turn'" in str(slack.alone[1].blocks)


# Messages


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [section]}


def test_links_of_rich_text_text_and_attachments_come_once_in_order() -> None:
    message = {
        "text": "see <https://b.example/2|two> and <https://a.example/1>",
        "blocks": [
            rich(
                {"type": "link", "url": "https://a.example/1#top"},
                {"type": "text", "text": " and https://c.example/3."},
            )
        ],
        "attachments": [
            {"from_url": "https://d.example/4?utm_source=x", "image_url": "https://i.example/p.png"}
        ],
    }
    assert links_of(message) == [
        "https://a.example/1",
        "https://c.example/3",
        "https://b.example/2",
        "https://d.example/4",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://desk.slack.com/archives/C1/p1",
        "https://files.slack.com/files-pri/T1/x.pdf",
        "mailto:a@b.example",
        "ftp://a.example/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_slacks_own_links_and_what_is_no_web_address_are_left_out(address: str) -> None:
    assert links_of({"text": f"<{address}|here>"}) == []


def test_links_of_a_shared_message_are_found() -> None:
    inner = {"blocks": [rich({"type": "link", "url": "https://a.example/1"})]}
    assert links_of({"attachments": [{"message_blocks": [{"message": inner}]}]}) == [
        "https://a.example/1"
    ]


def test_text_keeps_lists_and_lines() -> None:
    listed = {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "One."}]},
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "Two."}]},
        ],
    }
    blocks = [
        rich({"type": "text", "text": "Hello\nall"}),
        {"type": "rich_text", "elements": [listed]},
    ]
    assert text_of({"text": "flat", "blocks": blocks}) == "Hello\nall\n- One.\n- Two."


def test_text_of_an_apps_markup_is_read_as_shown() -> None:
    text = "*Bold* &amp; <https://a.example|a link> for <@U0DESK> <!here>"
    assert text_of({"text": text}) == "Bold & a link for"


def test_text_of_a_shared_message_stands_for_an_empty_one() -> None:
    assert text_of({"text": "", "attachments": [{"text": "Haftar took Gharyan."}]}) == (
        "Haftar took Gharyan."
    )


@given(
    st.recursive(
        st.none() | st.text(max_size=20) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "text", "blocks", "elements", "attachments", "url", "message"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_payload_breaks_the_reading_of_a_message(held: Any) -> None:
    message = {"text": "x", "blocks": held, "attachments": held}
    assert isinstance(links_of(message), list)
    assert isinstance(text_of(message), str)


def test_what_stands_in_tables_and_containers_is_read_too() -> None:
    said = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "It sails. "},
                    {"type": "link", "url": "https://un.example/a", "text": "[1]"},
                ],
            }
        ],
    }
    head = [{"type": "raw_text", "text": "What happened"}]
    for block in (
        {"type": "container", "child_blocks": [said]},
        {"type": "data_table", "rows": [head, [said]]},
    ):
        assert text_of({"blocks": [block]}).strip() == "It sails. [1]"
        assert links_of({"blocks": [block]}) == ["https://un.example/a"]
