"""The local Slack, specified by driving real Bolt apps against it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import HTTPServer

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.app.app import SlackAppDevelopmentServer
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator

from bot.cli.reading import blocks_taken
from bot.failures import SlackRefused
from bot.slack.client import SlackGateway, make_client
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_observation import PATIENCE
from tests.fakes.slack_socket import close_promptly

CHANNEL, DESK, GUEST = "C0PRESS", "U0DESK", "U0GUEST"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        local.add_user(DESK, "desk", tz="Europe/Paris")
        local.add_user(GUEST, "guest", team="T0ELSEWHERE")
        local.add_channel(CHANNEL, "press")
        yield local


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return WebClient(base_url=slack.api_url, token=slack.bot_token)


@pytest.fixture
def app(client: WebClient) -> App:
    client.retry_handlers = [
        RateLimitErrorRetryHandler(max_retry_count=2),
        ServerErrorRetryHandler(2, FixedValueRetryIntervalCalculator(0.01)),
    ]
    return App(client=client, token_verification_enabled=False)


@pytest.fixture
def listen(slack: LocalSlack, app: App) -> Iterator[Callable[[], SocketModeHandler]]:
    """Connects the app by Socket Mode once its listeners are registered."""
    handlers = []

    def start() -> SocketModeHandler:
        handler = SocketModeHandler(
            app,
            app_token=slack.app_token,
            web_client=WebClient(base_url=slack.api_url, token=slack.app_token),
            ping_interval=0.3,
        )
        handlers.append(handler)
        handler.connect()
        slack.wait_for_connection(times=len(handlers))
        return handler

    yield start
    for handler in handlers:
        close_promptly(handler)


def answer_mentions(app: App, text: str = "Bonn.") -> None:
    @app.event("app_mention")
    def answer(event: dict, say: Callable) -> None:
        say(text=text, thread_ts=event.get("thread_ts") or event["ts"])


BUTTON = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "show",
            "text": {"type": "plain_text", "text": "Show paragraphs"},
            "value": "answer-1",
        }
    ],
}
MODAL = {
    "type": "modal",
    "callback_id": "digest",
    "title": {"type": "plain_text", "text": "Digest"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "topic",
            "label": {"type": "plain_text", "text": "Topic"},
            "element": {"type": "plain_text_input", "action_id": "topic_text"},
        },
        {
            "type": "input",
            "block_id": "at",
            "label": {"type": "plain_text", "text": "At"},
            "element": {"type": "timepicker", "action_id": "at_time", "initial_time": "07:00"},
        },
    ],
}


class TestEvents:
    def test_a_mention_is_answered_in_its_thread(self, slack, app, listen) -> None:
        answer_mentions(app)
        listen()
        asked = slack.mention(CHANNEL, DESK, "Where was it signed?")
        reply = slack.wait_for_reply(CHANNEL, asked.ts)
        assert reply["text"] == "Bonn."
        assert reply["thread_ts"] == asked.ts
        assert asked["text"] == f"<@{slack.bot_user}> Where was it signed?"

    def test_a_mention_also_arrives_as_a_message_under_another_event_id(
        self, slack, app, listen
    ) -> None:
        seen = []
        app.event("app_mention")(lambda body: seen.append(("app_mention", body["event_id"])))
        app.event("message")(lambda body: seen.append(("message", body["event_id"])))
        listen()
        asked = slack.mention(CHANNEL, DESK, "hello")
        slack.wait_for(lambda: len([d for d in slack.deliveries if d.acknowledged]) == 2)
        wait_until(lambda: len(seen) == 2)
        assert {kind for kind, _ in seen} == {"app_mention", "message"}
        assert dict(seen)["app_mention"] == asked.event_id != dict(seen)["message"]

    def test_a_redelivered_event_arrives_twice_because_bolt_does_not_deduplicate(
        self, slack, app, listen
    ) -> None:
        answer_mentions(app)
        listen()
        asked = slack.mention(CHANNEL, DESK, "hello")
        slack.redeliver(asked.event_id)
        slack.wait_for(lambda: len(slack.replies(CHANNEL, asked.ts)) == 2)
        assert asked.attempts == 2

    def test_the_app_hears_its_own_message_and_bolt_ignores_it(self, slack, app, listen) -> None:
        seen = []
        app.event("message")(lambda event: seen.append(event["text"]))
        listen()
        app.client.chat_postMessage(channel=CHANNEL, text="of my own")
        slack.wait_for(lambda: [d for d in slack.deliveries if d.acknowledged])
        slack.message(CHANNEL, DESK, "of a person")
        wait_until(lambda: seen)
        assert seen == ["of a person"]

    def test_an_edit_arrives_as_message_changed(self, slack, app, listen) -> None:
        seen = []
        app.event("message")(lambda event: seen.append(event))
        listen()
        written = slack.direct_message(DESK, "Lybia?")
        slack.edit_message(written.channel, written.ts, "Libya?")
        wait_until(lambda: len(seen) == 2)
        edited = next(event for event in seen if event.get("subtype") == "message_changed")
        assert edited["message"]["text"] == "Libya?"
        assert edited["previous_message"]["text"] == "Lybia?"

    def test_a_guest_of_another_workspace_is_marked(self, slack) -> None:
        written = slack.message(CHANNEL, GUEST, "hello")
        assert written["user_team"] == "T0ELSEWHERE"
        assert written.payload["is_ext_shared_channel"] is True

    def test_opening_home_publishes_a_view_and_its_menu_can_be_used(
        self, slack, app, listen
    ) -> None:
        menu = {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": {"type": "plain_text", "text": "Remove"}, "value": "remove-7"}],
        }
        section = {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "Libya"},
            "accessory": menu,
        }
        chosen = []

        @app.event("app_home_opened")
        def publish(event: dict, client: WebClient) -> None:
            client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section]})

        @app.action("more")
        def more(ack: Callable, action: dict) -> None:
            ack()
            chosen.append(action["selected_option"]["value"])

        listen()
        slack.open_home(DESK)
        home = slack.wait_for(lambda: slack.homes.get(DESK))
        slack.wait_for_acknowledgement(slack.click(DESK, home, "more", "remove-7"))
        wait_until(lambda: chosen)
        assert chosen == ["remove-7"]


class TestConnection:
    def test_events_sent_while_nobody_listens_wait_for_the_connection(
        self, slack, app, listen
    ) -> None:
        answer_mentions(app)
        asked = slack.mention(CHANNEL, DESK, "early")
        listen()
        slack.wait_for_reply(CHANNEL, asked.ts)

    def test_after_a_disconnect_the_app_reconnects_and_is_served(self, slack, app, listen) -> None:
        answer_mentions(app)
        listen()
        slack.disconnect()
        slack.wait_for_connection(times=2)
        asked = slack.mention(CHANNEL, DESK, "still there?")
        slack.wait_for_reply(CHANNEL, asked.ts)

    @pytest.mark.parametrize("cut", ["disconnect", "drop_connections"])
    def test_what_was_not_acknowledged_is_delivered_again_and_only_that(
        self, slack, app, listen, cut
    ) -> None:
        retries = []
        app.event("message")(lambda: None)

        @app.event("app_mention")
        def note(event: dict, request) -> None:
            retries.append((event["text"][-5:], request.headers["x-slack-retry-num"]))

        slack.subscriptions = {"app_mention"}
        listen()
        kept = slack.mention(CHANNEL, DESK, "first")
        slack.wait_for_acknowledgement(kept)
        slack.lose_acknowledgements(1)
        lost = slack.mention(CHANNEL, DESK, "other")
        slack.wait_for(lambda: lost.acknowledgements_lost)
        getattr(slack, cut)()
        slack.wait_for_connection(times=2)
        slack.wait_for_acknowledgement(lost)
        wait_until(lambda: len(retries) == 3)
        assert retries == [("first", ["0"]), ("other", ["0"]), ("other", ["1"])]
        assert (kept.attempts, lost.attempts) == (1, 2)

    def test_each_event_goes_to_one_of_two_replicas(self, slack, app, listen) -> None:
        answer_mentions(app)
        listen()
        listen()
        asked = [slack.mention(CHANNEL, DESK, str(number)) for number in range(4)]
        for mention in asked:
            slack.wait_for_reply(CHANNEL, mention.ts)
        assert len(slack.calls("chat.postMessage")) == 4


class TestInteraction:
    def test_a_command_is_acknowledged_and_answered_to_its_asker_alone(
        self, slack, app, listen
    ) -> None:
        @app.command("/chancery")
        def run(ack: Callable, command: dict, respond: Callable) -> None:
            ack()
            respond(text=f"You asked: {command['text']}")

        listen()
        slack.command(DESK, CHANNEL, "/chancery", "ask who spoke")
        assert slack.wait_for_ephemeral(DESK)["text"] == "You asked: ask who spoke"
        assert slack.messages(CHANNEL) == []

    def test_a_command_may_be_answered_in_its_acknowledgement(self, slack, app, listen) -> None:
        app.command("/chancery")(lambda ack: ack(text="In a moment."))
        listen()
        typed = slack.command(DESK, CHANNEL, "/chancery", "help")
        assert slack.wait_for_acknowledgement(typed) == {"text": "In a moment."}
        assert slack.wait_for_ephemeral(DESK)["text"] == "In a moment."

    def test_a_shared_answer_replaces_its_private_original(self, slack, app, listen) -> None:
        @app.command("/chancery")
        def run(ack: Callable, respond: Callable) -> None:
            ack()
            respond(text="private", blocks=[BUTTON])

        @app.action("show")
        def share(ack: Callable, respond: Callable) -> None:
            ack()
            respond(delete_original=True)
            respond(text="shared", response_type="in_channel")

        listen()
        slack.command(DESK, CHANNEL, "/chancery", "ask")
        slack.click(DESK, slack.wait_for_ephemeral(DESK), "show")
        slack.wait_for(lambda: slack.messages(CHANNEL))
        assert [message["text"] for message in slack.messages(CHANNEL)] == ["shared"]
        assert slack.ephemerals == []

    def test_a_button_opens_a_modal_and_its_submission_carries_what_was_entered(
        self, slack, app, listen
    ) -> None:
        entered = []

        @app.action("show")
        def show(ack: Callable, body: dict, client: WebClient) -> None:
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=MODAL)

        @app.view("digest")
        def save(ack: Callable, view: dict) -> None:
            ack()
            entered.append(view["state"]["values"])

        listen()
        posted = app.client.chat_postMessage(channel=CHANNEL, text="Answer", blocks=[BUTTON])
        click = slack.click(DESK, posted["message"], "show")
        assert click["actions"][0]["value"] == "answer-1"
        view = slack.wait_for_view(callback_id="digest")
        slack.wait_for_acknowledgement(slack.submit_view(DESK, view["id"], {"topic": "Libya"}))
        wait_until(lambda: entered)
        assert entered[0]["topic"]["topic_text"]["value"] == "Libya"
        assert entered[0]["at"]["at_time"]["selected_time"] == "07:00"
        assert slack.views == {}

    def test_a_submission_can_be_refused_with_errors(self, slack, app, listen, client) -> None:
        app.shortcut("add")(
            lambda ack, body: (ack(), client.views_open(trigger_id=body["trigger_id"], view=MODAL))
        )
        app.view("digest")(lambda ack: ack(response_action="errors", errors={"topic": "Say more."}))
        listen()
        written = slack.message(CHANNEL, DESK, "look at this")
        slack.shortcut(DESK, "add", slack.messages(CHANNEL)[0])
        view = slack.wait_for_view()
        slack.submit_view(DESK, view["id"], {"topic_text": "x"})
        slack.wait_for(lambda: slack.view_errors)
        assert slack.view_errors == {view["id"]: {"topic": "Say more."}}
        assert view["id"] in slack.views
        assert slack.deliveries[-2]["message_ts"] == written.ts

    def test_a_trigger_opens_one_view(self, slack, app, listen, client) -> None:
        app.action("show")(lambda ack: ack())
        listen()
        posted = client.chat_postMessage(channel=CHANNEL, text="Answer", blocks=[BUTTON])
        trigger = slack.click(DESK, posted["message"], "show")["trigger_id"]
        client.views_open(trigger_id=trigger, view=MODAL)
        assert refused(client.views_open, trigger_id=trigger, view=MODAL) == "expired_trigger_id"

    def test_a_click_on_what_is_not_there_says_what_is(self, slack, client) -> None:
        posted = client.chat_postMessage(channel=CHANNEL, text="Answer", blocks=[BUTTON])
        with pytest.raises(AssertionError, match=r"there is .*show"):
            slack.click(DESK, posted["message"], "hide")


class TestWebApi:
    def test_tokens_and_methods_are_checked(self, slack) -> None:
        assert refused(WebClient(base_url=slack.api_url).auth_test) == "not_authed"
        stranger = WebClient(base_url=slack.api_url, token="xoxb-stranger")
        assert refused(stranger.auth_test) == "invalid_auth"
        client = WebClient(base_url=slack.api_url, token=slack.bot_token)
        assert client.auth_test()["user_id"] == slack.bot_user
        assert refused(client.api_call, "chat.teleport") == "unknown_method"
        connect = client.apps_connections_open
        assert refused(connect, app_token=slack.bot_token) == "not_allowed_token_type"

    def test_form_and_json_bodies_are_understood_alike(self, slack, client) -> None:
        arguments = {"channel": CHANNEL, "text": "Answer", "blocks": [BUTTON]}
        client.api_call("chat.postMessage", json=arguments)
        client.api_call("chat.postMessage", data=arguments | {"blocks": json.dumps([BUTTON])})
        first, second = slack.calls("chat.postMessage")
        assert first.arguments == second.arguments == arguments

    def test_messages_can_be_edited_deleted_and_read_back(self, slack, client) -> None:
        written = slack.message(CHANNEL, DESK, "question")
        reply = client.chat_postMessage(channel=CHANNEL, text="draft", thread_ts=written.ts)
        client.chat_update(channel=CHANNEL, ts=reply["ts"], text="answer")
        read = client.conversations_replies(channel=CHANNEL, ts=written.ts)["messages"]
        assert [message["text"] for message in read] == ["question", "answer"]
        assert len(client.conversations_history(channel=CHANNEL)["messages"]) == 1
        client.chat_delete(channel=CHANNEL, ts=reply["ts"])
        assert slack.replies(CHANNEL, written.ts) == []

    def test_timestamps_only_ever_grow(self, slack) -> None:
        stamps = [slack.message(CHANNEL, DESK, "x").ts for _ in range(50)]
        assert stamps == sorted(set(stamps))

    def test_an_invalid_block_is_refused_with_its_place(self, slack, client) -> None:
        blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)
        assert caught.value.response["error"] == "invalid_blocks"
        assert "/blocks/0/text/text" in str(caught.value.response["response_metadata"])
        assert slack.messages(CHANNEL) == []

    @pytest.mark.filterwarnings("ignore:The top-level `text`")
    def test_what_is_too_long_is_refused(self, client) -> None:
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5
        post = client.chat_postMessage
        assert refused(post, channel=CHANNEL, blocks=blocks, text="x") == "msg_blocks_too_long"
        assert refused(post, channel=CHANNEL, text="x" * 40_001) == "msg_too_long"
        assert refused(post, channel=CHANNEL, text="") == "no_text"
        assert refused(post, channel="C0NOWHERE", text="x") == "channel_not_found"

    def test_a_mention_in_untrusted_text_is_refused(self, client) -> None:
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "urgent <!channel>"}}]
        post = client.chat_postMessage
        assert refused(post, channel=CHANNEL, text="x", blocks=blocks) == "invalid_blocks"

    def test_a_rate_limit_is_waited_out_by_the_retry_handler(self, slack, app, client) -> None:
        slack.fail_next("chat.postMessage", status=429, retry_after=0)
        client.chat_postMessage(channel=CHANNEL, text="later")
        assert [call.http_status for call in slack.calls("chat.postMessage")] == [429, 200]
        assert [message["text"] for message in slack.messages(CHANNEL)] == ["later"]

    def test_a_server_error_is_retried_and_other_errors_are_not(self, slack, app, client) -> None:
        slack.fail_next("auth.test", status=500, times=2)
        client.auth_test()
        assert [call.http_status for call in slack.calls("auth.test")] == [500, 500, 200]
        slack.fail_next("users.info", error="user_not_visible")
        assert refused(client.users_info, user=DESK) == "user_not_visible"
        assert client.users_info(user=DESK)["user"]["tz"] == "Europe/Paris"

    def test_an_answer_can_be_delayed(self, slack, client) -> None:
        slack.delay("auth.test", 0.2)
        started = time.monotonic()
        client.auth_test()
        assert time.monotonic() - started >= 0.2

    def test_a_call_can_be_awaited_by_its_number(self, slack, client) -> None:
        slack.delay("auth.test", 0.05)
        threading.Thread(target=client.auth_test).start()
        client.auth_test()
        assert slack.wait_for_call("auth.test", times=2).response["ok"] is True

    def test_a_status_shows_until_the_answer_comes(self, slack, client) -> None:
        written = slack.message(CHANNEL, DESK, "question")
        client.assistant_threads_setStatus(
            channel_id=CHANNEL, thread_ts=written.ts, status="is reading"
        )
        assert slack.status(CHANNEL, written.ts) == "is reading"
        client.chat_postMessage(channel=CHANNEL, text="answer", thread_ts=written.ts)
        assert slack.status(CHANNEL, written.ts) == ""
        assert slack.statuses == [(CHANNEL, written.ts, "is reading")]

    def test_prompts_show_only_without_a_thread(self, slack, client) -> None:
        channel = client.conversations_open(users=DESK)["channel"]["id"]
        written = slack.direct_message(DESK, "hello")
        prompts = [{"title": "Libya", "message": "Libya this week"}]
        suggest = client.assistant_threads_setSuggestedPrompts
        suggest(channel_id=channel, thread_ts=written.ts, prompts=prompts)
        assert slack.prompts == {}
        suggest(channel_id=channel, prompts=prompts)
        assert slack.prompts == {channel: prompts}

    def test_a_file_is_uploaded_into_a_thread(self, slack, client) -> None:
        written = slack.message(CHANNEL, DESK, "chart?")
        client.files_upload_v2(
            channel=CHANNEL, thread_ts=written.ts, filename="chart.png", content=b"png"
        )
        reply = slack.wait_for_reply(CHANNEL, written.ts)
        assert slack.files[reply["files"][0]["id"]]["content"] == b"png"


class TestStreams:
    def test_an_answer_streams_and_is_finished_with_blocks(self, slack, app, listen) -> None:
        @app.event("app_mention")
        def answer(say_stream: Callable) -> None:
            stream = say_stream(buffer_size=1)
            stream.append(markdown_text="It was signed ")
            stream.append(markdown_text="in Skhirat.")
            stream.stop(blocks=[BUTTON])

        listen()
        asked = slack.mention(CHANNEL, DESK, "where?")
        reply = slack.wait_for_reply(CHANNEL, asked.ts)
        assert reply["text"] == "It was signed in Skhirat."
        assert reply["blocks"][0]["elements"][0]["action_id"] == "show"

    def test_in_a_channel_the_recipient_must_be_named(self, slack, client) -> None:
        written = slack.message(CHANNEL, DESK, "question")
        start = client.chat_startStream
        error = refused(start, channel=CHANNEL, thread_ts=written.ts, markdown_text="x")
        assert error == "missing_recipient_team_id"

    def test_an_expired_stream_refuses_more_and_can_be_updated(self, slack, client) -> None:
        written = slack.direct_message(DESK, "question")
        stream = client.chat_stream(channel=written.channel, thread_ts=written.ts, buffer_size=1)
        stream.append(markdown_text="half")
        update = {"channel": written.channel, "ts": stream.ts, "text": "whole"}
        assert refused(client.chat_update, **update) == "streaming_state_conflict"
        assert slack.replies(written.channel, written.ts) == []
        slack.expire_streams()
        append = {"markdown_text": "more"}
        assert refused(stream.append, **append) == "message_not_in_streaming_state"
        client.chat_update(**update)
        assert slack.wait_for_reply(written.channel, written.ts)["text"] == "whole"

    def test_one_call_takes_twelve_thousand_characters(self, slack, client) -> None:
        written = slack.direct_message(DESK, "question")
        start = {"channel": written.channel, "thread_ts": written.ts}
        long = "x" * 12_001
        assert refused(client.chat_startStream, markdown_text=long, **start) == "msg_too_long"


class TestHttpMode:
    @pytest.fixture
    def address(self, slack: LocalSlack, client: WebClient) -> Iterator[str]:
        """Where a Bolt app with its own development server answers mentions."""
        app = App(
            client=client,
            signing_secret=slack.identity.signing_secret,
            token_verification_enabled=False,
        )
        answer_mentions(app)
        app.command("/chancery")(lambda ack: ack("Done."))
        server: HTTPServer = SlackAppDevelopmentServer(
            port=0, path="/slack/events", app=app, http_server_logger_enabled=False
        )._server
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/slack/events"
        server.shutdown()
        server.server_close()

    def test_the_same_scripts_drive_an_app_over_http(self, slack, address) -> None:
        slack.subscriptions = {"app_mention"}
        slack.deliver_to(address)
        asked = slack.mention(CHANNEL, DESK, "where?")
        assert slack.wait_for_reply(CHANNEL, asked.ts)["text"] == "Bonn."
        typed = slack.command(DESK, CHANNEL, "/chancery", "help")
        assert typed.response == {"text": "Done."}

    def test_a_signed_request_is_taken_and_so_is_its_replay(self, slack, address) -> None:
        asked = slack.prepare_mention(CHANNEL, DESK, "where?")
        request = slack.signed_request(address, asked)
        assert request.post().status_code == 200
        assert request.post().status_code == 200
        slack.wait_for(lambda: len(slack.replies(CHANNEL, asked.ts)) == 2)

    @pytest.mark.parametrize("spoil", ["unsigned", "forged", "stale"])
    def test_other_requests_are_refused(self, slack, address, spoil) -> None:
        asked = slack.prepare_mention(CHANNEL, DESK, "where?")
        spoilt = getattr(slack.signed_request(address, asked), spoil)()
        assert spoilt.post().status_code == 401
        assert slack.calls("chat.postMessage") == []


class TestWaiting:
    def test_a_wait_that_times_out_lists_what_was_called(self, slack, client) -> None:
        client.chat_postMessage(channel=CHANNEL, text="elsewhere")
        written = slack.message(CHANNEL, DESK, "question")
        with pytest.raises(TimeoutError, match=r"(?s)a reply in C0PRESS.*called chat.postMessage"):
            slack.wait_for_reply(CHANNEL, written.ts, timeout=0.05)


def refused(call: Callable, *arguments: object, **named: object) -> str:
    """The error with which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        call(*arguments, **named)
    return caught.value.response["error"]


def wait_until(condition: Callable[[], object], timeout: float = PATIENCE) -> None:
    """Wait for something inside the app, of which the local Slack is not told."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the app did not do it in time"
        time.sleep(0.005)


def test_doctor_has_slack_check_the_blocks_that_are_posted() -> None:
    with LocalSlack() as slack:
        gateway = SlackGateway(make_client(slack.bot_token, slack.api_url))
        assert blocks_taken(gateway) == "6 kinds of blocks checked"
        slack.fail_next("blocks.validate", error="unknown_method")
        assert blocks_taken(gateway) == "its blocks were not checked (unknown_method)"
        slack.fail_next("blocks.validate", error="invalid_blocks")
        with pytest.raises(SlackRefused):
            blocks_taken(gateway)
        gateway.close()


def test_doctor_tells_of_a_workspace_that_has_not_the_newest_blocks() -> None:
    with LocalSlack() as slack:
        gateway = SlackGateway(make_client(slack.bot_token, slack.api_url))
        slack.lack_blocks("container", "data_table", "data_visualization")
        assert blocks_taken(gateway) == (
            "3 kinds of blocks checked; no containers, tables and charts of its own"
        )
        gateway.close()
