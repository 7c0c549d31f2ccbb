"""Follow-ups are completed by what they lean on, and questions that stand alone are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from retrieval.answers.model import make_model_answerer
from retrieval.questions.understand import (
    Completed,
    Turn,
    asks_back,
    complete,
    leans,
    understand_in_talk,
)
from tests.fakes.language_models import LocalModelServer

NOW = datetime(2019, 4, 5, 12, tzinfo=UTC)

SAID = Turn(
    "What did Guterres say about Haftar's advance?",
    "Guterres said there was no military solution.",
)
ORDERED = Turn("Who ordered the march on Tripoli?", "General Khalifa Haftar ordered his men west.")
POSITION = Turn("What is France's position on Libya?", "Paris wants a ceasefire.")
CLASHES = Turn("Were there clashes in Gharyan?", "LNA spokesman Ahmed Mismari reported clashes.")


@pytest.mark.parametrize(
    ("text", "before", "completed"),
    [
        ("And Serraj?", SAID, "What did Serraj say about Haftar's advance?"),
        ("what about Ghassan Salamé?", SAID, "What did Ghassan Salamé say about Haftar's advance?"),
        ("What did he ask for?", SAID, "What did Guterres ask for (Haftar, advance)?"),
        ("Who heard his speech?", SAID, "Who heard Guterres’s speech (Haftar)?"),
        ("When did it start?", CLASHES, "When did it start (Gharyan, clashes)?"),
        ("How many were killed there?", CLASHES, "How many were killed there (Gharyan, clashes)?"),
        ("Why?", CLASHES, "Why (Gharyan, clashes)?"),
        ("and in Tajoura?", CLASHES, "and in Tajoura (Gharyan, clashes)?"),
        ("are you sure?", CLASHES, "Were there clashes in Gharyan?"),
        ("what does Mismari say?", CLASHES, "what does Mismari say (Gharyan, clashes)?"),
        ("did the council react?", CLASHES, "did the council react (Gharyan, clashes)?"),
        ("and what did he say?", ORDERED, "and what did General Khalifa Haftar say (Tripoli)?"),
        (
            "what is he doing in Benghazi?",
            ORDERED,
            "what is General Khalifa Haftar doing in Benghazi?",
        ),
        ("And Turkey?", POSITION, "What is Turkey's position on Libya?"),
    ],
)
def test_what_leans_on_the_turn_before_is_completed(
    text: str, before: Turn, completed: str
) -> None:
    assert complete(text, [before]) == Completed(completed, completed)


@pytest.mark.parametrize(
    "text",
    [
        "What did the African Union say about Libya?",
        "Who is the chairperson of the African Union Commission?",
        "What did Pompeo say about this in Brussels?",
        "What is a safe room?",
        "How are ballots counted abroad?",
    ],
)
def test_what_names_its_own_matter_stands_alone(text: str) -> None:
    assert complete(text, [SAID, CLASHES]) == Completed(text)


def test_without_anything_before_there_is_nothing_to_complete() -> None:
    assert complete("And then?") == Completed("And then?")
    assert leans("And then?")


def test_the_latest_turn_counts() -> None:
    assert complete("When did it start?", [CLASHES, SAID]).search_text == (
        "When did it start (Guterres, Haftar, advance)?"
    )


def test_what_people_wrote_around_it_completes_a_first_question() -> None:
    context = ["Convoys were seen near Gharyan this morning."]
    assert "Gharyan" in complete("Who controls it now?", [], context).search_text


def test_a_turn_without_names_gives_its_rare_words() -> None:
    before = Turn("how are ballots counted?", "")
    assert complete("and when?", [before]).search_text == "and when (ballots, counted)?"


def test_white_space_is_evened_out() -> None:
    assert complete("  Who  is Haftar? ") == Completed("Who is Haftar?")


@pytest.mark.parametrize("text", ["What did he say?", "and when?", "are you sure?"])
def test_what_goes_on_from_nothing_is_asked_back(text: str) -> None:
    assert asks_back(text)
    assert asks_back(text, [SAID]) is None


@pytest.mark.parametrize(
    "text",
    [
        "How old was he when Haftar left?",
        "Who leads the army?",
        "Who announced his exit?",
        "how many of her staff did bachelet leave behind in caracas",
        "Why?",
    ],
)
def test_whoever_names_something_is_not_asked_back(text: str) -> None:
    assert asks_back(text) is None


class TestRewritten:
    """A language model rewrites what goes on; what nobody said is not taken from it."""

    @pytest.fixture(scope="class")
    def server(self) -> Iterator[LocalModelServer]:
        with LocalModelServer() as running:
            yield running

    def looked_for(self, server: LocalModelServer, reply: str, text: str) -> str | None:
        server.requests.clear()
        server.say(reply)
        model = make_model_answerer(
            "openai:local", timeout_seconds=60, base_url=server.openai_url, api_key="k"
        )
        return understand_in_talk(text, NOW, (SAID,), answerer=model).looked_for

    def test_is_what_is_looked_for(self, server: LocalModelServer) -> None:
        whole = "What else did Guterres say about Haftar’s advance?"
        assert self.looked_for(server, whole, "anything else from him?") == whole
        assert SAID.question in server.requests[0].prompt

    def test_a_message_that_stands_alone_stays(self, server: LocalModelServer) -> None:
        text = "What did the African Union say about Libya?"
        assert self.looked_for(server, text, text) is None

    @pytest.mark.parametrize(
        "reply",
        [
            "What did Salamé say about Haftar's advance?",
            "What did Guterres say about Haftar's advance on 4 April?",
            "What did Guterres say about Haftar's advance last week?",
            "What did Guterres say about the 2,000 men?",
            "",
        ],
    )
    def test_what_nobody_said_leaves_it_to_the_rules(
        self, server: LocalModelServer, reply: str
    ) -> None:
        by_rules = complete("What did he ask for?", [SAID]).looked_for
        assert self.looked_for(server, reply, "What did he ask for?") == by_rules

    def test_a_model_that_fails_leaves_it_to_the_rules(self, server: LocalModelServer) -> None:
        server.say("What did Guterres ask for?")
        server.fail(400, times=3)
        model = make_model_answerer(
            "openai:local", timeout_seconds=60, base_url=server.openai_url, api_key="k"
        )
        question = understand_in_talk("What did he ask for?", NOW, (SAID,), answerer=model)
        assert question.looked_for == complete("What did he ask for?", [SAID]).looked_for

    def test_without_a_talk_nobody_is_asked(self, server: LocalModelServer) -> None:
        server.requests.clear()
        model = make_model_answerer(
            "openai:local", timeout_seconds=60, base_url=server.openai_url, api_key="k"
        )
        understand_in_talk("Who leads the LNA?", NOW, answerer=model)
        assert server.requests == []
