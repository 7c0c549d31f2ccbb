"""*Show paragraphs*: every cited paragraph in its place, as it read when it was cited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.handlers.paragraphs import ONLY_ADMINS_SEE
from bot.library import open_corpus
from bot.render.blocks import ANSWER_MENU, SHOW_PARAGRAPHS
from bot.render.paragraphs import MORE, TURN_TO
from bot.settings import Settings
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from tests.conftest import NOW
from tests.fakes.answerers import ChosenAnswerer, ScriptedAnswerer, WrittenSentence
from tests.fakes.slack import LocalSlack
from tests.scenarios.clicks import asked, opened, turned
from tests.scenarios.conftest import HARBOUR_ARTICLE, PLAIN_ARTICLE
from tests.scenarios.people import (
    CHANNEL,
    COLLEAGUE,
    DESK,
    PATIENCE,
    UNANSWERABLE,
    direct_answers,
    elements,
    new_modal,
    settle,
    text_of,
)

pytestmark = pytest.mark.usefixtures("service")

SIGNED = "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019."
QUESTION = "Who signed the Ormsund fisheries protocol?"
BOTH = ScriptedAnswerer(
    (
        WrittenSentence(SIGNED, "/ormsund", 2),
        WrittenSentence("The protocol allows 120 vessels to fish.", "/ormsund", 3),
    )
)
OPENED = ScriptedAnswerer(
    (
        WrittenSentence(
            "The Tornholm harbour office was opened by Sigrun Aas on 5 April 2019.", "/tornholm", 2
        ),
    )
)

Golden = Callable[[str, Any], None]


@pytest.fixture
def reply(slack: LocalSlack, answerer: ChosenAnswerer) -> dict[str, Any]:
    """An answer with two citations of one article."""
    with answerer.replaced_by(BOTH):
        return asked(slack, QUESTION)


def shown(view: dict[str, Any]) -> str:
    return text_of(view["blocks"])


def cited(view: dict[str, Any]) -> list[str]:
    """The paragraphs behind a bar."""
    return [text_of(part) for part in elements(view["blocks"], "rich_text_quote")]


class TestAnAnswer:
    def test_shows_the_first_paragraph_between_its_neighbours(
        self, slack: LocalSlack, reply: dict[str, Any], golden: Golden
    ) -> None:
        view = opened(slack, reply, SHOW_PARAGRAPHS)
        places = [shown(view).index(text[:60]) for text in PLAIN_ARTICLE.paragraphs]
        assert places == sorted(places)
        assert "Vessels Gazette · independent · ¶2 of 3 · version 1" in shown(view)
        assert "Published 5 April 2019 · read 5 April 2019" in shown(view)
        assert cited(view) == [PLAIN_ARTICLE.paragraphs[1]]
        styled = elements(view["blocks"], "text")
        bold = [e["text"] for e in styled if e.get("style", {}).get("bold")]
        assert SIGNED in bold
        golden("paragraphs", {**view, "private_metadata": ""})

    def test_is_turned_to_the_next_paragraph_and_back(
        self, slack: LocalSlack, reply: dict[str, Any], golden: Golden
    ) -> None:
        first = opened(slack, reply, SHOW_PARAGRAPHS)
        assert "Citation 1 of 2" in shown(first)
        second = turned(slack, first, f"{TURN_TO}next")
        assert cited(second) == [PLAIN_ARTICLE.paragraphs[2]]
        assert "Citation 2 of 2" in shown(second)
        golden("paragraphs_next", {**second, "private_metadata": ""})
        back = turned(slack, second, f"{TURN_TO}previous")
        assert cited(back) == cited(first)

    def test_two_quick_clicks_turn_one_page(self, slack: LocalSlack, reply: dict[str, Any]) -> None:
        view = opened(slack, reply, SHOW_PARAGRAPHS)
        told = len(slack.ephemerals)
        turned(slack, view, f"{TURN_TO}next")
        slack.click(DESK, view, f"{TURN_TO}next")
        settle(slack)
        assert cited(slack.views[view["id"]]) == [PLAIN_ARTICLE.paragraphs[2]]
        assert len(slack.ephemerals) == told

    def test_may_be_opened_by_whoever_reads_it(
        self, slack: LocalSlack, reply: dict[str, Any]
    ) -> None:
        assert SIGNED in shown(opened(slack, reply, SHOW_PARAGRAPHS, COLLEAGUE))

    def test_that_is_no_longer_kept_says_so(self, slack: LocalSlack, reply: dict[str, Any]) -> None:
        for button in elements(reply["blocks"], "button"):
            button["value"] = "0" * 32
        assert "no longer kept" in shown(opened(slack, reply, SHOW_PARAGRAPHS))

    def test_whose_modal_slack_does_not_open_is_owned_up_to(
        self, slack: LocalSlack, reply: dict[str, Any]
    ) -> None:
        told = len(slack.ephemerals)
        slack.fail_next("views.open", error="expired_trigger_id")
        slack.click(COLLEAGUE, reply, SHOW_PARAGRAPHS)
        slack.wait_for(lambda: len(slack.ephemerals) > told, PATIENCE)
        assert slack.ephemerals[-1]["shown_to"] == COLLEAGUE
        assert "(reference " in slack.ephemerals[-1]["text"]

    def test_whose_page_slack_does_not_turn_is_owned_up_to(
        self, slack: LocalSlack, reply: dict[str, Any]
    ) -> None:
        view = opened(slack, reply, SHOW_PARAGRAPHS, COLLEAGUE)
        direct = slack.direct_channel(COLLEAGUE)
        before = len(slack.messages(direct))
        slack.fail_next("views.update", error="invalid_arguments")
        slack.click(COLLEAGUE, view, f"{TURN_TO}next")
        slack.wait_for(lambda: len(slack.messages(direct)) > before, PATIENCE)
        assert "(reference " in slack.messages(direct)[-1]["text"]


def test_a_refusal_shows_what_was_nearest(slack: LocalSlack) -> None:
    view = opened(slack, asked(slack, UNANSWERABLE), SHOW_PARAGRAPHS)
    assert view["title"]["text"] == "Nearest paragraphs"
    assert "not an answer" in shown(view)
    assert not [e for e in elements(view["blocks"], "text") if e.get("style", {}).get("bold")]
    assert len(cited(view)) == 1


class TestAnArticleThatChangedSince:
    @pytest.fixture
    def store(self, socket_settings: Settings) -> Any:
        """The bot's own database; the article reads afterwards as it did before."""
        corpus = open_corpus(socket_settings)
        yield corpus
        ingest(corpus, [HARBOUR_ARTICLE], lambda: NOW + timedelta(hours=3))
        corpus.close()

    def test_is_shown_as_it_was_cited_with_what_it_reads_now(
        self, slack: LocalSlack, answerer: ChosenAnswerer, store: ArticleStore, golden: Golden
    ) -> None:
        first, second, third = HARBOUR_ARTICLE.paragraphs
        with answerer.replaced_by(OPENED):
            reply = asked(slack, "Who opened the Tornholm harbour office?")
        rewritten = second.replace("Sigrun Aas", "Marit Aas")
        later = replace(HARBOUR_ARTICLE, paragraphs=(first, rewritten, third))
        ingest(store, [later], lambda: NOW + timedelta(hours=1))
        view = opened(slack, reply, SHOW_PARAGRAPHS)
        assert cited(view) == [second]
        assert "¶2 of 3 · version 1" in shown(view)
        assert "changed 5 April 2019" in shown(view)
        styles = {e["text"].strip(): e.get("style") for e in elements(view["blocks"], "text")}
        assert styles["Sigrun"] == {"strike": True}
        assert styles["Marit"] == {"bold": True}
        golden("paragraphs_changed", {**view, "private_metadata": ""})

    def test_and_has_the_paragraph_no_more_says_so(
        self, slack: LocalSlack, answerer: ChosenAnswerer, store: ArticleStore
    ) -> None:
        first, second, third = HARBOUR_ARTICLE.paragraphs
        with answerer.replaced_by(OPENED):
            reply = asked(slack, "Who opened the harbour office of Tornholm?")
        rewritten = replace(HARBOUR_ARTICLE, paragraphs=(first, "It was nobody at all.", third))
        ingest(store, [rewritten], lambda: NOW + timedelta(hours=2))
        text = shown(opened(slack, reply, SHOW_PARAGRAPHS))
        assert text.index(second) < text.index("This paragraph stands no more in version")
        assert "nobody at all" not in text


class TestASummary:
    @pytest.fixture(scope="class", autouse=True)
    def grouped(self, socket_settings: Settings, embeddings: SentenceEmbeddings) -> None:
        corpus = open_corpus(socket_settings)
        StoryFollower(corpus, embeddings).catch_up()
        corpus.close()

    @pytest.mark.parametrize("request_", ["Libya this week", "digest now", "timeline Libya"])
    def test_or_another_report_is_leafed_through_by_its_menu(
        self, slack: LocalSlack, request_: str
    ) -> None:
        written = slack.direct_message(DESK, request_)
        slack.wait_for(lambda: direct_answers(slack, DESK, written.ts), PATIENCE)
        settle(slack)
        (last,) = [
            one
            for one in direct_answers(slack, DESK, written.ts)
            if SHOW_PARAGRAPHS in [b.get("action_id") for b in elements(one["blocks"], "button")]
        ]
        view = opened(slack, last, SHOW_PARAGRAPHS)
        (menu,) = elements(view["blocks"], "static_select")
        count = len(menu["options"])
        assert count > 3
        assert f"Citation 1 of {count}" in shown(view)
        chosen = menu["options"][-1]
        view = turned(slack, view, f"{TURN_TO}menu", chosen["value"])
        assert f"Citation {count} of {count}" in shown(view)
        assert chosen["text"]["text"].startswith("[")
        (quoted,) = cited(view)
        wide = turned(slack, view, MORE) if MORE in str(view["blocks"]) else view
        assert cited(wide) == [quoted]
        assert len(shown(wide)) >= len(shown(view))


def why_of(answer: dict[str, Any]) -> str:
    """What is chosen in the menu of an answer."""
    (menu,) = elements(answer["blocks"], "overflow")
    return str(menu["options"][0]["value"])


class TestWhy:
    def test_is_shown_to_admins(self, slack: LocalSlack) -> None:
        slack.add_user("U0WHY", "why", is_admin=True)
        asked = slack.mention(CHANNEL, "U0WHY", QUESTION)
        answer = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        before = set(slack.views)
        slack.click("U0WHY", answer, ANSWER_MENU, why_of(answer))
        slack.wait_for(
            lambda: [one for name, one in slack.views.items() if name not in before], PATIENCE
        )
        view = slack.wait_for(
            lambda: [v for v in slack.views.values() if "Confidence " in text_of(v["blocks"])],
            PATIENCE,
        )[-1]
        shown = text_of(view["blocks"])
        assert "When it was answered: Confidence " in shown
        assert f"Understood: {QUESTION}" in shown
        assert "Sentences:" in shown

    def test_is_refused_to_others_in_a_sentence(self, slack: LocalSlack) -> None:
        asked = slack.mention(CHANNEL, DESK, QUESTION)
        answer = slack.wait_for_reply(CHANNEL, asked.ts, PATIENCE)
        before = set(slack.views)
        slack.click(DESK, answer, ANSWER_MENU, why_of(answer))
        assert ONLY_ADMINS_SEE in text_of(new_modal(slack, before)["blocks"])
