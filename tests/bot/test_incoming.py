"""What a Slack event means: somebody asked us something, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.gate import make_well_formed
from bot.slack.events import Asked, Identity, Ignored, Overheard, Place, meaning_of, plain_question
from tests.bot import outcomes

ME = Identity("U0CHANCERY", "B0CHANCERY", "T0LOCAL")
MENTION = {
    "type": "app_mention",
    "channel": "C0PRESS",
    "user": "U0DESK",
    "text": "<@U0CHANCERY> Who spoke on Libya?",
    "ts": "1554458400.000100",
}
DIRECT = {
    "type": "message",
    "channel": "D0DESK",
    "channel_type": "im",
    "user": "U0DESK",
    "text": "Who spoke on Libya?",
    "ts": "1554458400.000200",
}

SAID = {
    "type": "message",
    "channel": "C0PRESS",
    "channel_type": "channel",
    "user": "U0DESK",
    "text": "Who spoke on Libya?",
    "ts": "1554458400.000300",
}
REPLIED = {**SAID, "thread_ts": "1554450000.000000"}


class TestAsked:
    def test_by_a_mention_is_answered_in_the_thread_of_the_mention(self) -> None:
        assert meaning_of(MENTION, ME) == Asked(
            Place.CHANNEL,
            "C0PRESS",
            "U0DESK",
            "Who spoke on Libya?",
            "1554458400.000100",
            reply_to="1554458400.000100",
            team="T0LOCAL",
        )

    def test_by_a_mention_in_a_thread_is_answered_in_that_thread(self) -> None:
        asked = meaning_of({**MENTION, "thread_ts": "1554450000.000000"}, ME)
        assert isinstance(asked, Asked)
        assert asked.reply_to == "1554450000.000000"
        assert asked.conversation == "C0PRESS:1554450000.000000"

    def test_directly_begins_a_conversation_of_its_own(self) -> None:
        asked = meaning_of(DIRECT, ME)
        assert isinstance(asked, Asked)
        assert (asked.place, asked.reply_to) == (Place.DIRECT, DIRECT["ts"])
        assert asked.conversation == "D0DESK:1554458400.000200"

    def test_directly_in_a_thread_is_answered_there(self) -> None:
        asked = meaning_of({**DIRECT, "thread_ts": "1554450000.000000"}, ME)
        assert isinstance(asked, Asked)
        assert asked.reply_to == "1554450000.000000"

    @pytest.mark.parametrize(
        ("entity", "channel"),
        [
            ({"type": "slack#/types/channel_id", "value": "C0SUDAN"}, "C0SUDAN"),
            (
                {
                    "type": "slack#/types/message_context",
                    "value": {"channel_id": "C0SUDAN", "message_ts": "1.0"},
                },
                "C0SUDAN",
            ),
            ({"type": "slack#/types/canvas_id", "value": "F0CANVAS"}, None),
        ],
    )
    def test_directly_tells_the_channel_beside_which_it_is_written(
        self, entity: dict[str, Any], channel: str | None
    ) -> None:
        event = {**DIRECT, "app_context": {"entities": [entity]}}
        assert asked_of(event).beside == channel
        assert asked_of({**DIRECT, "app_context": {}}).beside is None

    def test_has_one_key_whichever_event_brings_it(self) -> None:
        beside = {**MENTION, "type": "message", "channel_type": "im", "event_ts": "1"}
        first, second = meaning_of(MENTION, ME), meaning_of(beside, ME)
        assert isinstance(first, Asked)
        assert isinstance(second, Asked)
        assert first.key == second.key

    @pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
    def test_with_a_file_or_a_broadcast_reply_too(self, subtype: str) -> None:
        assert isinstance(meaning_of({**DIRECT, "subtype": subtype}, ME), Asked)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({**DIRECT, "subtype": "message_changed"}, "an edit or a deletion"),
        ({**DIRECT, "subtype": "message_deleted"}, "an edit or a deletion"),
        ({**MENTION, "edited": {"user": "U0DESK", "ts": "1"}}, "an edited message"),
        ({**DIRECT, "bot_id": "B0OTHER"}, "a bot's message"),
        ({**DIRECT, "subtype": "bot_message"}, "a bot's message"),
        ({**DIRECT, "user": "U0CHANCERY"}, "our own message"),
        ({**DIRECT, "user": None}, "a message without an author"),
        ({**DIRECT, "subtype": "channel_join"}, "a message of subtype channel_join"),
        ({**DIRECT, "hidden": True}, "a hidden message"),
        (SAID, "a channel message without a mention"),
        ({**SAID, "thread_ts": SAID["ts"]}, "a channel message without a mention"),
        ({**SAID, "text": "<@U0BEN> who spoke?"}, "a channel message without a mention"),
    ],
)
def test_is_ignored_for_a_reason(event: dict[str, Any], reason: str) -> None:
    assert meaning_of(event, ME) == Ignored(reason)


def test_our_own_workspaces_member_is_answered_where_the_event_names_the_workspace() -> None:
    assert isinstance(meaning_of({**MENTION, "user_team": "T0LOCAL"}, ME), Asked)


class TestOverheard:
    def test_is_what_stands_in_a_thread_without_a_mention(self) -> None:
        overheard = meaning_of(REPLIED, ME)
        assert isinstance(overheard, Overheard)
        assert not overheard.calls_others
        assert overheard.asked.text == "Who spoke on Libya?"
        assert overheard.asked.conversation == "C0PRESS:1554450000.000000"

    @pytest.mark.parametrize("called", ["<@U0BEN>", "<!here>", "<!subteam^S0DESK|@desk>"])
    def test_tells_whether_others_are_called(self, called: str) -> None:
        overheard = meaning_of({**REPLIED, "text": f"{called} who spoke?"}, ME)
        assert isinstance(overheard, Overheard)
        assert overheard.calls_others

    def test_is_not_what_mentions_us_whichever_event_brings_it(self) -> None:
        text = "<@U0BEN> and <@U0CHANCERY|chancery> who spoke?"
        asked = meaning_of({**REPLIED, "text": text}, ME)
        beside = meaning_of({**REPLIED, "text": text, "type": "app_mention"}, ME)
        assert isinstance(asked, Asked)
        assert asked == beside

    def test_is_not_what_a_bot_or_an_edit_says(self) -> None:
        assert isinstance(meaning_of({**REPLIED, "bot_id": "B0OTHER"}, ME), Ignored)
        assert isinstance(meaning_of({**REPLIED, "subtype": "message_changed"}, ME), Ignored)


def test_whose_workspace_somebody_is_of_is_known_for_streams() -> None:
    assert asked_of(MENTION).team == "T0LOCAL"
    assert asked_of({**MENTION, "user_team": "T0ELSEWHERE"}).team == "T0ELSEWHERE"


def asked_of(event: dict[str, Any]) -> Asked:
    asked = meaning_of(event, ME)
    assert isinstance(asked, Asked)
    return asked


class TestPlainQuestion:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("<@U0CHANCERY> Who?", "Who?"),
            ("Who, <@U0CHANCERY|chancery>?", "Who, ?"),
            ("ask <@U0DESK> about it", "ask <@U0DESK> about it"),
            (
                "see <https://un.org/a|un.org/a> and <https://un.org/b>",
                "see un.org/a and https://un.org/b",
            ),
            ("mail <mailto:a@b.example|a@b.example>", "mail a@b.example"),
            ("in <#C0PRESS|press> now", "in #press now"),
            ("<!here> who?", "who?"),
            ("R&amp;D &lt;b&gt; &amp;lt;", "R&D <b> &lt;"),
            ("  two\n\n lines\t", "two lines"),
            ("", ""),
        ],
    )
    def test_is_the_text_as_its_author_sees_it(self, written: str, read: str) -> None:
        assert plain_question(written, ME) == read

    @given(outcomes.texts)
    def test_never_raises_and_holds_one_line(self, text: str) -> None:
        read = plain_question(text, ME)
        assert read == " ".join(read.split())
        assert "<@U0CHANCERY>" not in plain_question(f"<@U0CHANCERY>{text}", ME) or (
            "<@U0CHANCERY>" in text or "&" in text
        )


_odd = st.none() | st.booleans() | st.integers() | outcomes.texts | st.lists(st.integers())


@given(
    st.fixed_dictionaries(
        {"ts": st.just("1.2"), "channel": st.sampled_from(("C0PRESS", "D0DESK"))},
        optional={
            "type": st.sampled_from(("message", "app_mention", "other")),
            "text": _odd,
            "user": _odd,
            "subtype": _odd,
            "thread_ts": _odd,
            "edited": _odd,
            "bot_id": _odd,
            "channel_type": _odd,
            "user_team": _odd,
            "hidden": _odd,
        },
    )
)
def test_no_event_however_odd_raises(event: dict[str, Any]) -> None:
    assert isinstance(meaning_of(event, ME), Asked | Overheard | Ignored)


def test_lone_surrogates_of_a_payload_become_replacement_characters() -> None:
    body: dict[str, object] = {"event": {"text": "Libya \ud83d now", "blocks": [{"t": ["\udc00"]}]}}
    make_well_formed(body)
    assert body == {"event": {"text": "Libya \ufffd now", "blocks": [{"t": ["\ufffd"]}]}}
