"""What others write is planted wherever the bot repeats something; nowhere does it become more.

Planted: an article's text, title and source, a question, a command, a watch's name, a thread, a
message whose claims are checked, a model's draft. Looked at: everything that the bot sent to Slack.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.chat.router import GATHERED_SECONDS
from bot.library import open_corpus
from bot.render.blocks import COPY_CABLE, SHOW_PARAGRAPHS
from bot.render.cable import SEND_FILE
from bot.render.paragraphs import TURN_TO
from bot.settings import Settings
from retrieval.evidence import Evidence
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Question
from retrieval.stories.follower import StoryFollower
from tests.fakes.answerers import ChosenAnswerer, ScriptedAnswerer, WrittenSentence
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Call
from tests.scenarios.clicks import opened, turned
from tests.scenarios.conftest import HOSTILE_ARTICLE
from tests.scenarios.people import (
    CHANNEL,
    PATIENCE,
    direct_answers,
    elements,
    new_modal,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

PLANTER = "U0PLANTER"
PLANTED = (
    "Kvarnen <!channel> <@U0DESK> <!subteam^S0ALL> <#C0PRESS> <https://evil.example|here> "
    "[here](https://evil.example) *bold* @here \u202etxet\u202c"
)


class Streamed(ScriptedAnswerer):
    """Is posted sentence by sentence, as what a model writes is."""

    over_time = True

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        for sentence in super().draft(question, evidence):
            yield sentence
            # What comes closer together is posted together.
            time.sleep(2 * GATHERED_SECONDS)


SENTENCES = (
    *(
        WrittenSentence(text, "/kvarnen", number)
        for number, text in enumerate(HOSTILE_ARTICLE.paragraphs, start=1)
    ),
    WrittenSentence(f"The Kvarnen treaty names {PLANTED}.", "/kvarnen", 1),
)
QUESTION = "Kvarnen lighthouse treaty"
SHORTCUTS = ("check_claims", "add_to_corpus")
# What Slack reads in a message's text, in mrkdwn and in Markdown.
OBEYED = re.compile(r"<[!@#]|<https?://evil", re.I)
MARKDOWN_LINK = re.compile(r"(?<!\\)\]\((https?://evil|javascript)", re.I)
# A bare address becomes a link in Markdown, and in a text that has no blocks beside it.
BARE = re.compile(r"(?<![\w/.])https?://evil", re.I)
TURNED_ROUND = re.compile("[\u202a-\u202e\u2066\u2067]")
SPEAKING = ("user", "usergroup", "broadcast", "emoji", "channel")


@pytest.fixture(scope="module")
def calls(
    slack: LocalSlack,
    answerer: ChosenAnswerer,
    socket_settings: Settings,
    embeddings: SentenceEmbeddings,
) -> list[Call]:
    """Everything that the bot sent while it was told what is planted."""
    corpus = open_corpus(socket_settings)
    StoryFollower(corpus, embeddings).catch_up()
    corpus.close()
    slack.add_user(PLANTER, "planter")
    before = len(slack.calls())
    with answerer.replaced_by(Streamed(SENTENCES)):
        streamed = slack.mention(CHANNEL, PLANTER, QUESTION)
        slack.wait_for_reply(CHANNEL, streamed.ts, PATIENCE)
    with answerer.replaced_by(ScriptedAnswerer(SENTENCES)):
        answered = slack.mention(CHANNEL, PLANTER, f"{QUESTION} {PLANTED}")
        reply = slack.wait_for_reply(CHANNEL, answered.ts, PATIENCE)
        _modals(slack, reply)
        _in_a_thread(slack)
        for asked in (f"ask {QUESTION} {PLANTED}", f"summary {PLANTED}", f"follow {PLANTED}"):
            slack.command(PLANTER, CHANNEL, "/chancery", asked)
    slack.mention(CHANNEL, PLANTER, f"How many tons of wheat did {PLANTED} import?")
    for asked in (
        f"follow {PLANTED}",
        "my watches",
        "summary of Kvarnen this week",
        "digest now",
        "timeline Kvarnen",
        f"quotes {PLANTED}",
        f"digest daily at 07:30 on {PLANTED}",
        "my digests",
    ):
        written = slack.direct_message(PLANTER, asked)
        _answered_directly(slack, str(written.ts))
    slack.open_home(PLANTER)
    slack.wait_for(lambda: "My watches" in text_of(slack.homes.get(PLANTER)), PATIENCE)
    message = _written(slack, PLANTED)
    for shortcut in SHORTCUTS:
        _opened_by(slack, shortcut, message)
    settle(slack)
    sent = slack.calls()[before:]
    slack.direct_message(PLANTER, "unfollow everything")
    settle(slack)
    return sent


def _modals(slack: LocalSlack, reply: dict[str, Any]) -> None:
    view = opened(slack, reply, SHOW_PARAGRAPHS, PLANTER)
    turned(slack, view, f"{TURN_TO}next", user=PLANTER)
    cable = opened(slack, reply, COPY_CABLE, PLANTER)
    turned(slack, cable, SEND_FILE, user=PLANTER)


def _answered_directly(slack: LocalSlack, after: str) -> None:
    slack.wait_for(lambda: direct_answers(slack, PLANTER, after), PATIENCE)


def _opened_by(slack: LocalSlack, shortcut: str, message: dict[str, Any]) -> None:
    known = set(slack.views)
    slack.shortcut(PLANTER, shortcut, message, CHANNEL)
    new_modal(slack, known)


def _in_a_thread(slack: LocalSlack) -> None:
    begun = slack.message(CHANNEL, PLANTER, f"Have you seen {PLANTED}?")
    slack.message(CHANNEL, PLANTER, f"The lighthouse treaty of {PLANTED}", thread_ts=begun.ts)
    slack.mention(CHANNEL, PLANTER, "summarise this thread's topic", thread_ts=begun.ts)
    slack.wait_for_reply(CHANNEL, begun.ts, PATIENCE)


def _written(slack: LocalSlack, text: str) -> dict[str, Any]:
    ts = slack.message(CHANNEL, PLANTER, text).ts
    (message,) = [one for one in slack.messages(CHANNEL) if one["ts"] == ts]
    return message


def obeyed_texts(sent: Any) -> Iterator[str]:
    """The texts in which Slack obeys what it finds; those of rich and plain text are shown."""
    if isinstance(sent, Mapping):
        kind = sent.get("type")
        for name, held in sent.items():
            if name == "text" and isinstance(held, str):
                if kind not in ("text", "plain_text", "link"):
                    yield held
            elif name in ("markdown_text", "initial_comment", "status") and isinstance(held, str):
                yield held
            else:
                yield from obeyed_texts(held)
    elif isinstance(sent, list | tuple):
        for held in sent:
            yield from obeyed_texts(held)


def strings(sent: Any) -> Iterator[str]:
    if isinstance(sent, str):
        yield sent
    elif isinstance(sent, Mapping):
        for held in sent.values():
            yield from strings(held)
    elif isinstance(sent, list | tuple):
        for held in sent:
            yield from strings(held)


@pytest.mark.slow
def test_every_surface_was_reached(calls: list[Call]) -> None:
    reached = {call.method for call in calls}
    assert reached >= {
        "chat.postMessage",
        "chat.startStream",
        "chat.stopStream",
        "views.open",
        "views.update",
        "views.publish",
        "response_url",
        "files.completeUploadExternal",
    }
    assert any("Kvarnen" in text for call in calls for text in strings(call.arguments))


def test_nothing_was_refused(calls: list[Call]) -> None:
    refused = [
        (call.method, call.response)
        for call in calls
        if call.response is not None and call.response.get("ok") is False
    ]
    assert refused == []


def test_no_text_that_slack_obeys_holds_a_mention_or_a_link_of_others(calls: list[Call]) -> None:
    found = [
        (call.method, text)
        for call in calls
        for text in obeyed_texts(call.arguments)
        if OBEYED.search(text)
    ]
    assert found == []


def test_no_address_of_others_becomes_a_link(calls: list[Call]) -> None:
    for call in calls:
        alone = "text" in call.arguments and not call.arguments.get("blocks")
        texts = [call.arguments["text"]] if alone else []
        texts += _named(call.arguments, ("markdown_text", "initial_comment"))
        texts += [one["text"] for one in elements(call.arguments, "mrkdwn")]
        markdown = list(_named(call.arguments, ("markdown_text",)))
        assert [text for text in markdown if MARKDOWN_LINK.search(text)] == []
        assert [text for text in texts if BARE.search(text)] == [], call.method


def test_nobody_is_mentioned_and_no_sign_becomes_a_picture(calls: list[Call]) -> None:
    for call in calls:
        for kind in SPEAKING:
            assert list(elements(call.arguments, kind)) == [], call.method


def test_every_link_leads_to_a_source(calls: list[Call]) -> None:
    for call in calls:
        for link in elements(call.arguments, "link"):
            # What somebody asks to be read is named by its own address, and by nothing else.
            disguised = "evil" in link["url"] and "evil" not in link["text"]
            assert not disguised or HOSTILE_ARTICLE.url in link["url"], link
            assert link["url"].startswith(("https://", "http://"))
        for button in elements(call.arguments, "button"):
            assert "evil" not in button.get("url", "")


def test_no_text_turns_the_direction_of_writing_round(calls: list[Call]) -> None:
    shown = ("text", "title", "alt_text", "markdown_text", "status")
    for call in calls:
        for text in _named(call.arguments, shown):
            assert TURNED_ROUND.search(text) is None, (call.method, text)


def test_no_message_asks_slack_to_look_up_its_links(calls: list[Call]) -> None:
    for call in calls:
        if call.method in ("chat.postMessage", "response_url"):
            assert call.arguments.get("unfurl_links") is False, call.arguments
            assert call.arguments.get("unfurl_media") is False


def test_every_message_reads_well_to_whoever_hears_it(calls: list[Call]) -> None:
    for call in calls:
        if call.method in ("chat.postMessage", "response_url", "chat.postEphemeral"):
            text = call.arguments["text"]
            assert text.strip()
            assert re.search(r"\[\d+\]|#:~:text|\*\*", text) is None, text


def _named(sent: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(sent, Mapping):
        for name, held in sent.items():
            if name in names and isinstance(held, str):
                yield held
            else:
                yield from _named(held, names)
    elif isinstance(sent, list | tuple):
        for held in sent:
            yield from _named(held, names)
