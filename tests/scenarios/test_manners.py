"""What a colleague would do: files, addresses alone, long messages, emoji, edits, digests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.chat.queue import WAITS
from bot.db.subscriptions import Subscriptions
from bot.library import open_corpus
from bot.render.people import ADD_FILES, KNOWN_OF, READ_LINKS
from bot.service import Service
from bot.settings import Settings
from corpus.ingest import ingest
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.pdf import paragraph, pdf
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_workspace import Delivery
from tests.fakes.web import LocalWeb
from tests.scenarios.conftest import PLAIN_ARTICLE, people
from tests.scenarios.people import CHANNEL, PATIENCE, QUESTION, elements, is_answer, text_of

Golden = Callable[[str, Any], None]
Message = dict[str, Any]

FERRY = (
    "The ferry between Skarvik and Tornholm will sail twice a day from June, the county council "
    "of Skarvik decided at its meeting on Thursday.",
    "Skarvik’s mayor Ingrid Moe said that the ferry was worth 40 jobs, and that the county would "
    "pay for the quay from its own budget.",
)


@pytest.fixture(scope="module")
def web() -> Iterator[LocalWeb]:
    with LocalWeb() as site:
        paragraphs = "".join(f"<p>{text}</p>" for text in FERRY)
        site.page(
            "/ferry",
            f"<html><head><title>Ferry to sail twice a day</title></head><body><article>"
            f"<h1>Ferry to sail twice a day</h1>{paragraphs}</article></body></html>",
        )
        yield site


@pytest.fixture(scope="module")
def settings(copied_sample: Callable[[], Path], web: LocalWeb) -> Settings:
    made = settings_for(copied_sample(), fetch_allowed_hosts=(web.host,), asks_per_minute=2)
    corpus = open_corpus(made)
    ingest(corpus, [PLAIN_ARTICLE], lambda: NOW)
    corpus.close()
    return made


@pytest.fixture(scope="module")
def slack(settings: Settings, embeddings: SentenceEmbeddings) -> Iterator[LocalSlack]:
    """A workspace of its own, whose bot may fetch from the local site and counts questions."""
    with LocalSlack() as local:
        people(local)
        connected = settings.model_copy(
            update={
                "slack_bot_token": SecretStr(local.bot_token),
                "slack_app_token": SecretStr(local.app_token),
                "slack_api_url": local.api_url,
            }
        )
        running = Service(connected, clock=lambda: NOW, embeddings=embeddings)
        running.start()
        local.wait_for_connection()
        yield local
        running.stop()


@pytest.fixture
def asker(slack: LocalSlack, request: pytest.FixtureRequest) -> str:
    """Somebody who has asked nothing before, since questions are counted."""
    user = f"U0{abs(hash(request.node.name)) % 10**8}"
    slack.add_user(user, "asker")
    return user


def replies(slack: LocalSlack, asked: Delivery, count: int = 1) -> list[Message]:
    """So many replies in the thread of a message."""
    place = (str(asked.channel), str(asked.ts))
    return slack.wait_for(
        lambda: (there := slack.replies(*place)) and len(there) >= count and there, PATIENCE
    )


def shown(message: Message) -> str:
    return text_of(message["blocks"])


class TestAFile:
    def test_without_words_is_not_read_and_says_so(self, slack: LocalSlack, asker: str) -> None:
        direct = slack.direct_channel(asker)
        sent = slack.send_file(direct, asker, "map.png", b"\x89PNG", "image/png")
        (reply,) = replies(slack, sent)
        assert "“map.png” is left unread" in shown(reply)
        assert all(block["type"] != "actions" for block in reply["blocks"])

    def test_of_text_is_read_for_whoever_clicks(
        self, slack: LocalSlack, asker: str, golden: Golden
    ) -> None:
        direct = slack.direct_channel(asker)
        content = "\n\n".join(("Quay of Skarvik", *FERRY)).encode()
        sent = slack.send_file(direct, asker, "quay.txt", content, "text/plain")
        (offer,) = replies(slack, sent)
        golden("file_offered", offer)
        slack.click(asker, offer, ADD_FILES, channel=direct)
        added = replies(slack, sent, 2)[-1]
        assert "New: " in shown(added)

    def test_that_is_a_pdf_is_read_too(self, slack: LocalSlack, asker: str) -> None:
        direct = slack.direct_channel(asker)
        sent = slack.send_file(
            direct,
            asker,
            "note.pdf",
            pdf(
                [
                    paragraph(
                        ["The ferry will sail twice a day from June.", "The quay is paid for."], 700
                    )
                ]
            ),
            "application/pdf",
            "what does it say?",
        )
        (offer,) = replies(slack, sent)
        assert not is_answer(offer)
        slack.click(asker, offer, ADD_FILES, channel=direct)
        assert "1 of 1 link read" in shown(replies(slack, sent, 2)[-1])

    def test_beside_a_question_keeps_no_answer_back(self, slack: LocalSlack, asker: str) -> None:
        direct = slack.direct_channel(asker)
        sent = slack.send_file(direct, asker, "map.png", b"\x89PNG", "image/png", QUESTION)
        answer, note = replies(slack, sent, 2)
        assert is_answer(answer)
        assert "left unread" in shown(note)

    def test_that_slack_does_not_give_is_refused_in_a_sentence(
        self, slack: LocalSlack, asker: str
    ) -> None:
        direct = slack.direct_channel(asker)
        sent = slack.send_file(direct, asker, "gone.txt", b"x", "text/plain")
        (offer,) = replies(slack, sent)
        slack.fail_next("files.info", error="file_not_found")
        slack.click(asker, offer, ADD_FILES, channel=direct)
        assert "Refused: " in shown(replies(slack, sent, 2)[-1])


class TestAnAddressAlone:
    def test_is_read_or_looked_up_for_whoever_clicks(
        self, slack: LocalSlack, web: LocalWeb, asker: str
    ) -> None:
        asked = slack.mention(CHANNEL, asker, f"<{web.url('/ferry')}>")
        (offer,) = replies(slack, asked)
        requests = len(web.requests)
        slack.click(asker, offer, KNOWN_OF, channel=CHANNEL)
        unknown = replies(slack, asked, 2)[-1]
        assert "Nothing from this address has been read so far." in shown(unknown)
        assert len(web.requests) == requests
        slack.click(asker, unknown, READ_LINKS, channel=CHANNEL)
        read = replies(slack, asked, 3)[-1]
        assert "New: Ferry to sail twice a day" in shown(read)
        slack.click(asker, read, KNOWN_OF, channel=CHANNEL)
        assert "2 paragraphs" in shown(replies(slack, asked, 4)[-1])

    def test_with_words_that_mean_it_offers_the_same(
        self, slack: LocalSlack, web: LocalWeb, asker: str
    ) -> None:
        asked = slack.mention(CHANNEL, asker, f"please read this: <{web.url('/ferry')}>")
        (offer,) = replies(slack, asked)
        labels = [one["text"]["text"] for one in elements(offer["blocks"], "button")]
        assert labels == ["Read it", "What do we know about it?"]

    def test_into_slack_itself_is_looked_up_nowhere(self, slack: LocalSlack, asker: str) -> None:
        asked = slack.direct_message(asker, "<https://acme.slack.com/archives/C1/p123>")
        assert shown(replies(slack, asked)[0]).startswith("Ask me about what has been read")

    def test_that_was_read_already_is_not_fetched_again(
        self, slack: LocalSlack, web: LocalWeb, asker: str
    ) -> None:
        asked = slack.mention(CHANNEL, asker, f"<{PLAIN_ARTICLE.url}>")
        (offer,) = replies(slack, asked)
        slack.click(asker, offer, READ_LINKS, channel=CHANNEL)
        assert "Known already: Ormsund" in shown(replies(slack, asked, 2)[-1])


class TestALongMessage:
    def test_is_read_for_the_question_at_its_end(self, slack: LocalSlack, asker: str) -> None:
        before = "We went through the ferry files of the county again this morning. " * 75
        asked = slack.direct_message(asker, f"{before}{QUESTION} Thanks in advance!")
        (reply,) = replies(slack, asked)
        assert is_answer(reply)
        assert f"Looked for: {QUESTION}" in shown(reply)

    def test_without_a_question_is_asked_for_one(self, slack: LocalSlack, asker: str) -> None:
        asked = slack.direct_message(asker, "We went through the files of the county again. " * 100)
        (reply,) = replies(slack, asked)
        assert shown(reply).startswith("I see no question in this long message.")


class TestEmoji:
    def test_alone_get_no_reply(self, slack: LocalSlack, asker: str) -> None:
        thumb = slack.direct_message(asker, ":+1: :tada:")
        asked = slack.direct_message(asker, QUESTION)
        replies(slack, asked)
        assert slack.replies(str(thumb.channel), str(thumb.ts)) == []


class TestAnEdit:
    def test_that_adds_the_mention_is_answered_once(self, slack: LocalSlack, asker: str) -> None:
        written = slack.message(CHANNEL, asker, QUESTION)
        for text in (f"<@{slack.bot_user}> {QUESTION}", f"<@{slack.bot_user}> {QUESTION} Please."):
            slack.edit_message(CHANNEL, str(written.ts), text)
        replies(slack, written)
        other = slack.mention(CHANNEL, asker, QUESTION)
        replies(slack, other)
        assert len(slack.replies(CHANNEL, str(written.ts))) == 1


class TestADigestNow:
    def test_of_several_asks_which(
        self, slack: LocalSlack, settings: Settings, asker: str, golden: Golden
    ) -> None:
        for wanted in ("digest at 07:30 on Libya", "digest at 18:00 on Sudan"):
            replies(slack, slack.direct_message(asker, wanted))
        asked = slack.direct_message(asker, "digest now")
        (reply,) = replies(slack, asked)
        golden("which_digest", reply)
        (row,) = [block for block in reply["blocks"] if block["type"] == "actions"]
        assert [one["text"]["text"] for one in row["elements"]] == [
            "1 · Libya, 07:30",
            "2 · Sudan, 18:00",
        ]
        corpus = open_corpus(settings)
        held = {one.name: one.id for one in Subscriptions(corpus.engine).of_reader(asker)}
        corpus.close()
        assert row["elements"][1]["value"] == f"digest now on subscription {held['Sudan']}"


class TestTheLimitOfQuestions:
    def test_holds_back_no_setting_and_says_why_to_the_asker_alone(
        self, slack: LocalSlack, asker: str
    ) -> None:
        for _ in range(2):
            replies(slack, slack.direct_message(asker, QUESTION))
        late = slack.direct_message(asker, QUESTION)
        place = (str(late.channel), str(late.ts))
        assert slack.wait_for(lambda: waiting_lines(slack, late), PATIENCE)[0].startswith(
            "You asked 3 questions within a minute; this one is answered in"
        )
        address = slack.direct_message(asker, f"<{PLAIN_ARTICLE.url}>")
        assert list(elements(replies(slack, address)[0]["blocks"], "button"))
        setting = slack.direct_message(asker, "my digests")
        assert "Nothing is set up" in shown(replies(slack, setting)[0]) or replies(slack, setting)
        assert slack.replies(*place) == []

    def test_is_told_where_it_holds_something_back_and_to_nobody_else(
        self, slack: LocalSlack, asker: str
    ) -> None:
        for _ in range(2):
            replies(slack, slack.direct_message(asker, QUESTION))
        third = slack.direct_message(asker, QUESTION)
        # What comes from here on is held back, in whatever order it is taken.
        slack.wait_for(lambda: waiting_lines(slack, third), PATIENCE)
        slack.command(asker, CHANNEL, "/chancery", f"ask {QUESTION}")
        asked = [slack.mention(CHANNEL, asker, QUESTION) for _ in range(2)]

        def told() -> list[str]:
            mine = [one["text"] for one in slack.ephemerals if one["shown_to"] == asker]
            return [text for text in mine if "within a minute" in text]

        # Once for the command, and once for all mentions that wait in the channel.
        slack.wait_for(lambda: len(told()) >= 2, PATIENCE)
        for one in asked:
            place = (CHANNEL, str(one.ts))
            assert slack.wait_for(lambda: slack.status(*place), PATIENCE) == WAITS  # noqa: B023
            assert waiting_lines(slack, one) == []
        assert len(told()) == 2


def waiting_lines(slack: LocalSlack, asked: Delivery) -> list[str]:
    """What stands in the place of a reply while it is waited for."""
    shown = [
        one.arguments.get("loading_messages") or []
        for one in slack.calls("assistant.threads.setStatus")
        if one.arguments["thread_ts"] == asked.ts
    ]
    return shown[-1] if shown else []


class TestTheToken:
    @pytest.mark.parametrize(
        "address",
        ["https://evil.example/file", "http://files.slack.com/file", "file:///etc/passwd"],
    )
    def test_goes_to_no_other_host(self, slack: LocalSlack, asker: str, address: str) -> None:
        direct = slack.direct_channel(asker)
        sent = slack.send_file(direct, asker, "far.txt", b"x", "text/plain", address=address)
        (offer,) = replies(slack, sent)
        slack.click(asker, offer, ADD_FILES, channel=direct)
        assert "Slack does not hold this file itself" in shown(replies(slack, sent, 2)[-1])
