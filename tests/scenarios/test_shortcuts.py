"""Shortcuts on messages: linked articles are read, claims are looked up, both in a modal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.db.audit import Audit
from bot.handlers.shortcuts import NO_LINK
from bot.library import open_corpus, open_library
from bot.render.claims import NO_CLAIM
from bot.service import Service
from bot.settings import Settings
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes import block_kit
from tests.fakes.slack import LocalSlack
from tests.fakes.web import Asked, LocalWeb, Reply
from tests.scenarios.conftest import PLAIN_ARTICLE, people
from tests.scenarios.people import CHANNEL, DESK, PATIENCE, elements, new_modal, text_of

Golden = Callable[[str, Any], None]

PAGE = """<html><head><title>{title}</title><meta property="og:site_name" content="Fjord Post">
<meta property="article:published_time" content="2019-04-04T08:00:00Z"></head>
<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"""
FERRY = (
    "The ferry between Skarvik and Tornholm will sail twice a day from June, the county council "
    "of Skarvik decided at its meeting on Thursday.",
    "Skarvik’s mayor Ingrid Moe said that the ferry was worth 40 jobs, and that the county would "
    "pay for the quay from its own budget.",
    "The council voted 19 to 12 after a debate of three hours, in which several members asked for "
    "a bridge in the place of the ferry.",
)
HOSTILE = "Refused <!channel> *bold* <https://evil.example|click>"


def page(title: str, paragraphs: tuple[str, ...]) -> str:
    shown = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return PAGE.format(title=shown, paragraphs="".join(f"<p>{text}</p>" for text in paragraphs))


@pytest.fixture(scope="module")
def web() -> Iterator[LocalWeb]:
    with LocalWeb() as site:
        site.page("/ferry", page("Ferry to sail twice a day", FERRY))
        site.page("/hostile", page(HOSTILE, FERRY))
        site.page("/empty", "<html><body></body></html>")
        site.page("/picture", b"\x89PNG", content_type="image/png")
        yield site


@pytest.fixture(scope="module")
def settings(
    copied_sample: Callable[[], Path], web: LocalWeb, embeddings: SentenceEmbeddings
) -> Settings:
    made = settings_for(copied_sample(), fetch_allowed_hosts=(web.host,))
    corpus = open_corpus(made)
    ingest(corpus, [PLAIN_ARTICLE], lambda: NOW)
    with open_library(made, corpus, "tests", embeddings=embeddings) as library:
        library.indexer.catch_up()
    corpus.close()
    return made


@pytest.fixture(scope="module")
def slack(settings: Settings, embeddings: SentenceEmbeddings) -> Iterator[LocalSlack]:
    """A workspace of its own, whose bot may fetch from the local site."""
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


@pytest.fixture(scope="module")
def store(settings: Settings, slack: LocalSlack) -> Iterator[ArticleStore]:
    """What the bot stores, looked at from outside."""
    corpus = open_corpus(settings)
    yield corpus
    corpus.close()


def written(slack: LocalSlack, text: str) -> dict[str, Any]:
    """A message of a colleague, as the shortcut is chosen on it."""
    ts = slack.message(CHANNEL, DESK, text).ts
    (message,) = [one for one in slack.messages(CHANNEL) if one["ts"] == ts]
    return message


def opened(slack: LocalSlack, shortcut: str, message: dict[str, Any]) -> str:
    """The id of the modal that a shortcut opens."""
    before = set(slack.views)
    slack.shortcut(DESK, shortcut, message, CHANNEL)
    return str(new_modal(slack, before)["id"])


def filled(slack: LocalSlack, view_id: str) -> dict[str, Any]:
    """The modal once it has come to its end, closed again."""

    def done() -> bool:
        shown = text_of(slack.views[view_id]["blocks"])
        return not shown.startswith(("Reading ", "Checking "))

    slack.wait_for(done, PATIENCE)
    view = slack.views[view_id]
    sent = {name: view[name] for name in ("type", "title", "close", "blocks")}
    assert block_kit.view_problems(sent) == []
    slack.close_view(DESK, view_id)
    return view


def added(slack: LocalSlack, text: str) -> dict[str, Any]:
    return filled(slack, opened(slack, "add_to_corpus", written(slack, text)))


def checked(slack: LocalSlack, text: str) -> dict[str, Any]:
    return filled(slack, opened(slack, "check_claims", written(slack, text)))


# Add to corpus


@pytest.mark.slow
def test_a_linked_article_is_read_and_can_be_asked_about(
    slack: LocalSlack, web: LocalWeb, store: ArticleStore, golden: Golden
) -> None:
    link = web.url("/ferry")
    view = added(slack, f"Worth reading: <{link}> and <{web.url('/picture')}|this>")
    shown = text_of(view["blocks"])
    assert "1 of 2 links read" in shown
    assert "New: Ferry to sail twice a day" in shown
    assert "3 paragraphs" in shown
    assert "Refused: " in shown
    golden("added", _without_port(view, web))
    entry = Audit(store.engine).recent(1)[0]
    assert (entry.by, entry.action, entry.subject) == (DESK, "articles read", link)

    # The indexer follows the store within a second or two.
    deadline = time.monotonic() + PATIENCE
    shown = ""
    while "40 jobs" not in shown and time.monotonic() < deadline:
        asked = slack.mention(CHANNEL, DESK, "How many jobs is the ferry at Skarvik worth?")
        shown = text_of(slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)["blocks"])
    assert "40 jobs" in shown


def test_what_is_known_already_says_so_and_is_fetched_again_on_a_click(
    slack: LocalSlack, web: LocalWeb
) -> None:
    web.page("/known", page("Known at once", FERRY[::-1]))
    added(slack, f"<{web.url('/known')}>")
    asked = len(web.requests)
    view_id = opened(slack, "add_to_corpus", written(slack, f"<{web.url('/known')}>"))
    slack.wait_for(lambda: "Known already" in text_of(slack.views[view_id]["blocks"]), PATIENCE)
    assert len(web.requests) == asked
    web.page("/known", page("Known at once", (*FERRY[::-1], "The quay is to be built in May.")))
    slack.click(DESK, slack.views[view_id], "link:read-again")
    slack.wait_for(
        lambda: "Updated to version 2: " in text_of(slack.views[view_id]["blocks"]), PATIENCE
    )
    slack.close_view(DESK, view_id)


def test_what_was_fetched_again_without_a_change_says_so(slack: LocalSlack, web: LocalWeb) -> None:
    web.page("/same", page("The same as ever", FERRY))
    added(slack, f"<{web.url('/same')}>")
    view_id = opened(slack, "add_to_corpus", written(slack, f"<{web.url('/same')}>"))
    slack.wait_for(lambda: "Known already" in text_of(slack.views[view_id]["blocks"]), PATIENCE)
    slack.click(DESK, slack.views[view_id], "link:read-again")
    slack.wait_for(lambda: "Unchanged: " in text_of(slack.views[view_id]["blocks"]), PATIENCE)
    assert not list(elements(slack.views[view_id]["blocks"], "button"))
    slack.close_view(DESK, view_id)


def test_refusals_say_why_and_addresses_inside_are_never_asked(
    slack: LocalSlack, web: LocalWeb
) -> None:
    asked = len(web.requests)
    shown = text_of(
        added(slack, "<http://169.254.169.254/latest/meta-data> <http://localhost:1/>")["blocks"]
    )
    assert "0 of 2 links read" in shown
    assert shown.count("Refused: ") == 2
    assert len(web.requests) == asked


def test_a_message_without_a_link_says_so(slack: LocalSlack) -> None:
    assert NO_LINK in text_of(added(slack, "No link at all, only words.")["blocks"])
    own = "<https://local.slack.com/archives/C0PRESS/p1554379200000100>"
    assert NO_LINK in text_of(added(slack, own)["blocks"])


def test_links_stand_in_rich_text_and_in_what_was_unfurled(
    slack: LocalSlack, web: LocalWeb
) -> None:
    message = written(slack, "read this")
    message["blocks"] = [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "link", "url": web.url("/ferry"), "text": "ferry"}],
                }
            ],
        }
    ]
    message["attachments"] = [
        {"from_url": web.url("/hostile"), "title_link": web.url("/hostile"), "title": "x"},
        {"image_url": web.url("/picture")},
    ]
    view = filled(slack, opened(slack, "add_to_corpus", message))
    assert "2 of 2 links read" in text_of(view["blocks"])


def test_no_more_than_ten_links_are_read(slack: LocalSlack, web: LocalWeb) -> None:
    many = " ".join(f"<{web.url(f'/none/{number}')}>" for number in range(13))
    asked = len(web.requests)
    shown = text_of(added(slack, many)["blocks"])
    assert "3 more links not read" in shown
    assert len(web.requests) - asked <= 20


def test_a_hostile_title_stays_text(slack: LocalSlack, web: LocalWeb) -> None:
    view = added(slack, f"<{web.url('/hostile')}>")
    links = [one["url"] for one in elements(view["blocks"], "link")]
    assert links == [web.url("/hostile")]
    assert HOSTILE in text_of(view["blocks"])


def test_the_modal_opens_at_once_and_tells_how_far_it_is(slack: LocalSlack, web: LocalWeb) -> None:
    released = threading.Event()

    def slow(asked: Asked) -> Reply:
        released.wait(PATIENCE)
        body = page("Slow page", FERRY).encode()
        return Reply(headers={"content-type": "text/html"}, chunks=[body])

    web.answer("/slow", slow)
    message = written(slack, f"<{web.url('/ferry')}> <{web.url('/slow')}>")
    view_id = opened(slack, "add_to_corpus", message)
    slack.wait_for(lambda: "Ferry to sail" in text_of(slack.views[view_id]["blocks"]), PATIENCE)
    assert text_of(slack.views[view_id]["blocks"]).startswith("Reading 1 link…")
    released.set()
    assert "Slow page" in text_of(filled(slack, view_id)["blocks"])


def test_whoever_closes_the_modal_is_told_beside_it(slack: LocalSlack, web: LocalWeb) -> None:
    released = threading.Event()

    def slow(asked: Asked) -> Reply:
        released.wait(PATIENCE)
        body = page("Closed page", FERRY).encode()
        return Reply(headers={"content-type": "text/html"}, chunks=[body])

    web.answer("/closed", slow)
    told = len(slack.ephemerals)
    view_id = opened(slack, "add_to_corpus", written(slack, f"<{web.url('/closed')}>"))
    slack.close_view(DESK, view_id)
    released.set()
    slack.wait_for(lambda: len(slack.ephemerals) > told, PATIENCE)
    assert slack.ephemerals[-1]["shown_to"] == DESK
    assert "New: Closed page" in slack.ephemerals[-1]["text"]


# Check claims

CLAIMS = (
    "Morning all,\n"
    "• The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019.\n"
    "• It allows 300 vessels to fish in the strait of Ormsund.\n"
    "• INSTEX is registered in Paris and has already processed its first payment for medicine.\n"
    "• Wheat exports from Kazakhstan fell by a fifth.\n"
    "Can somebody confirm?"
)


def test_a_message_is_checked_claim_by_claim(slack: LocalSlack, golden: Golden) -> None:
    view = checked(slack, CLAIMS)
    shown = text_of(view["blocks"])
    assert "4 claims: 1 supported, 1 partly supported, 1 not supported, 1 not found" in shown
    labels = [
        one["text"]
        for one in elements(view["blocks"], "text")
        if one["text"].startswith(("✅", "🟡", "❌"))
    ]
    assert labels == [
        "✅ Supported",
        "🟡 Partly supported",
        "❌ Not supported",
        "❌ Not found",
    ] or (labels == ["✅ Supported", "❌ Not supported", "🟡 Partly supported", "❌ Not found"])
    assert "120 stands there, not 300." in shown
    assert "Vessels Gazette · independent · 5 Apr 2019 · ¶2 of 3" in shown
    golden("claims", view)


@pytest.mark.parametrize("text", ["Good morning everybody!", "Who holds Gharyan?", "Thanks a lot"])
def test_a_message_that_claims_nothing_says_so(slack: LocalSlack, text: str) -> None:
    view = checked(slack, text)
    assert NO_CLAIM in text_of(view["blocks"])


def test_the_slash_command_checks_a_text(slack: LocalSlack) -> None:
    before = set(slack.views)
    text = "check The protocol allows 120 vessels to fish in the strait of Ormsund."
    slack.command(DESK, CHANNEL, "/chancery", text)
    view_id = str(new_modal(slack, before)["id"])
    assert "1 claim: 1 supported" in text_of(filled(slack, view_id)["blocks"])


def test_a_claims_modal_that_slack_does_not_open_is_owned_up_to(slack: LocalSlack) -> None:
    told = len(slack.ephemerals)
    slack.fail_next("views.open", error="expired_trigger_id")
    slack.shortcut(DESK, "check_claims", written(slack, CLAIMS), CHANNEL)
    slack.wait_for(lambda: len(slack.ephemerals) > told, PATIENCE)
    assert "(reference " in slack.ephemerals[-1]["text"]


def _without_port(view: Any, web: LocalWeb) -> Any:
    """A view whose links do not name the port of this run."""
    if isinstance(view, dict):
        return {name: _without_port(held, web) for name, held in view.items()}
    if isinstance(view, list):
        return [_without_port(held, web) for held in view]
    return view.replace(web.host, "fjord.example") if isinstance(view, str) else view
