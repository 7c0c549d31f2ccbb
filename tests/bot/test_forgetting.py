"""Forgetting a person: nothing in any table holds their id, and what others rely on stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.console import DONE, IN_PART, WRONG_USE
from bot.commands.grammar import read_request
from bot.commands.intents import AskQuestion, Forget, Unclear
from bot.db import schema
from bot.db.audit import Audit
from bot.db.events import Claims
from bot.db.outbox import Outbox, Posting
from bot.db.retention import Forgetting
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Feedback, Turns
from bot.db.watches import Watches
from bot.records import DAILY_CAP, SOMEBODY, PersonalData, Subscription, Watch
from bot.render import people as forget_blocks
from corpus.store.articles import ArticleStore, open_store
from corpus.store.schema import sources
from retrieval.reports.report import Interests
from retrieval.watches.matching import Criteria
from tests.conftest import NOW
from tests.fakes import block_kit
from tests.fakes.databases import new_database

PERSON, LONGER, OTHER = "U0DESK", "U0DESKTOP", "U0OTHER"
CHANNEL, DIRECT = "C0PRESS", "D0DESK"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    opened = open_store(new_database(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def forgetting(store: ArticleStore) -> Forgetting:
    return Forgetting(store.engine)


@pytest.fixture
def lived_in(store: ArticleStore) -> ArticleStore:
    """A store in which the person has left something in every table that takes it."""
    live_in(store, PERSON)
    return store


def live_in(store: ArticleStore, person: str) -> None:
    engine = store.engine
    turns, feedback = Turns(engine), Feedback(engine)
    direct = recorded(turns, "answer", f"{DIRECT}:1.1", person, "Libya?", f"{DIRECT}:1.2")
    shared = recorded(
        turns, "summary", f"{CHANNEL}:2.1", person, f"What of <@{person}>?", f"{CHANNEL}:2.2"
    )
    alone = recorded(turns, "answer", f"{CHANNEL}:alone:{person}", person, "Mali?", None)
    others = recorded(
        turns, "answer", f"{CHANNEL}:3.1", OTHER, f"Is {person} back?", f"{CHANNEL}:3.2"
    )
    with engine.begin() as connection:
        cited = {"article_id": "a", "version": 1, "number": 1, "quote": "Q"}
        rows = [{"turn_id": turn, "mark": 1, **cited} for turn in (direct, shared, alone)]
        connection.execute(insert(schema.turn_citations), rows)
        connection.execute(
            insert(schema.told_articles).values(
                subscription_id=f"own-{person.lower()}",
                article_id="a",
                story_id="s",
                version=1,
                posting="digest:1:2019-04-05",
            )
        )
        connection.execute(
            insert(schema.claimed_events).values(
                event_id=f"message:{DIRECT}:{person.lower()}",
                claimed_at=NOW,
                person=person,
                asked=json.dumps({"user": person, "text": "Libya?"}),
            )
        )
        connection.execute(
            insert(sources).values(name=f"Wire {person.lower()}", kind="wire", added_by=person)
        )
    Claims(engine).claim(f"refusal:{person}:{CHANNEL}:2019040510", NOW)
    feedback.record(direct, OTHER, True, None, NOW)
    feedback.record(others, person, False, "It is wrong", NOW)
    feedback.record(others, OTHER, False, f"<@{person}> knows better", NOW)
    Subscriptions(engine).add(digest(f"own-{person.lower()}", person, person, person))
    Subscriptions(engine).add(digest(f"all-{person.lower()}", CHANNEL, CHANNEL, person))
    Watches(engine).add(watch(f"w-own-{person.lower()}", person, person, person))
    Watches(engine).add(watch(f"w-all-{person.lower()}", CHANNEL, CHANNEL, person))
    Watches(engine).mute(person, "s1", NOW)
    Outbox(engine).put(posting(f"alert:{person}:s1", person, person, {"story": "s1"}))
    Outbox(engine).put(
        posting(f"notice:{person.lower()}", CHANNEL, CHANNEL, {"text": f"Ask {person}"})
    )
    audit = Audit(engine)
    audit.record(person, "watch added", "w1", "Gharyan", NOW)
    audit.record(person, "story muted", "s1", person, NOW)
    audit.record("terminal:root", "people let in", person, None, NOW)


def recorded(
    turns: Turns, kind: str, conversation: str, person: str, question: str, posted: str | None
) -> str:
    turn = turns.record_posting(kind, conversation, person, NOW, question, ["Said."], [])
    if posted:
        turns.posted(turn, posted)
    return turn


def digest(identity: str, reader: str, channel: str, maker: str) -> Subscription:
    return Subscription(
        identity,
        reader,
        channel,
        "Libya",
        "07:30",
        "Europe/Paris",
        ("mon",),
        Interests(places=("LY",)),
        False,
        maker,
        NOW,
    )


def watch(identity: str, reader: str, channel: str, maker: str) -> Watch:
    criteria = Criteria(words=("Gharyan",))
    return Watch(
        identity,
        reader,
        channel,
        "Gharyan",
        criteria,
        None,
        None,
        "Europe/Paris",
        DAILY_CAP,
        False,
        maker,
        NOW,
    )


def posting(key: str, reader: str, channel: str, payload: dict[str, str]) -> Posting:
    return Posting(key, "alert", reader, channel, None, payload, NOW + timedelta(days=1))


def holding(store: ArticleStore, text: str) -> list[str]:
    """Tables and columns of the whole schema in which a text stands."""
    found = []
    with store.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found += [f"{table.name}.{name}" for name, held in row.items() if text in str(held)]
    return found


class TestForgetting:
    def test_leaves_the_persons_id_nowhere(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        assert len(set(holding(lived_in, PERSON))) > 15
        forgetting.forget(PERSON)
        assert holding(lived_in, PERSON) == []

    def test_says_what_it_deleted_which_is_what_was_kept(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        kept = forgetting.kept(PERSON)
        assert kept == PersonalData(
            turns=2,
            channel_turns=1,
            digests=1,
            watches=1,
            mutes=1,
            feedback=1,
            postings=1,
            messages=1,
            setups=3,
            entries=3,
        )
        assert forgetting.forget(PERSON) == kept
        assert forgetting.kept(PERSON) == PersonalData()
        assert not forgetting.kept(PERSON).any

    def test_keeps_what_a_channel_reads_without_who_asked(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        forgetting.forget(PERSON)
        with lived_in.engine.connect() as connection:
            rows = connection.execute(
                select(schema.turns.c.asked_by, schema.turns.c.question).order_by("question")
            ).all()
            cited = connection.execute(select(schema.turn_citations)).all()
        assert [tuple(row) for row in rows] == [
            (OTHER, f"Is {SOMEBODY} back?"),
            (SOMEBODY, f"What of {SOMEBODY}?"),
        ]
        assert len(cited) == 1

    def test_keeps_what_was_set_up_for_a_channel(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        forgetting.forget(PERSON)
        (digest_kept,) = Subscriptions(lived_in.engine).of_reader(CHANNEL)
        (watch_kept,) = Watches(lived_in.engine).of_reader(CHANNEL)
        assert (digest_kept.created_by, watch_kept.created_by) == (SOMEBODY, SOMEBODY)
        assert Subscriptions(lived_in.engine).of_reader(PERSON) == []
        assert Watches(lived_in.engine).of_reader(PERSON) == []
        assert Watches(lived_in.engine).muted(PERSON) == set()

    def test_keeps_the_audit_trail_complete(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        forgetting.forget(PERSON)
        told = [(one.by, one.subject, one.detail) for one in Audit(lived_in.engine).recent()]
        assert told == [
            ("terminal:root", SOMEBODY, None),
            (SOMEBODY, "s1", SOMEBODY),
            (SOMEBODY, "w1", "Gharyan"),
        ]

    def test_keeps_claims_against_redelivery_without_person_and_text(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        forgetting.forget(PERSON)
        with lived_in.engine.connect() as connection:
            (row,) = connection.execute(select(schema.claimed_events)).all()
        assert (row.event_id, row.person, row.asked) == (f"message:{DIRECT}:u0desk", None, None)
        assert not Claims(lived_in.engine).claim(f"message:{DIRECT}:u0desk", NOW)

    def test_leaves_others_as_they_were(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        live_in(lived_in, LONGER)
        before, others = holding(lived_in, LONGER), forgetting.kept(LONGER)
        forgetting.forget(PERSON)
        assert holding(lived_in, LONGER) == before
        assert forgetting.kept(LONGER) == others

    def test_takes_feedback_of_others_with_the_turns_it_is_on(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        forgetting.forget(PERSON)
        with lived_in.engine.connect() as connection:
            rows = connection.execute(select(schema.feedback.c.person, schema.feedback.c.reason))
            assert [tuple(row) for row in rows] == [(OTHER, f"{SOMEBODY} knows better")]

    def test_of_nobody_known_deletes_nothing(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        before = holding(lived_in, PERSON)
        assert forgetting.forget("U0NOBODY") == PersonalData()
        assert holding(lived_in, PERSON) == before

    @pytest.mark.parametrize(
        "text", ["", "%", "U", "C0PRESS", "terminal:root", "u0desk", "U0 DESK"]
    )
    def test_takes_only_ids_of_people(self, forgetting: Forgetting, text: str) -> None:
        with pytest.raises(ValueError, match="is no id of a person"):
            forgetting.forget(text)


class TestAConversation:
    def test_is_forgotten_by_itself(self, lived_in: ArticleStore, forgetting: Forgetting) -> None:
        assert forgetting.forget_conversation(f"{DIRECT}:1.1") == 1
        assert forgetting.kept(PERSON).turns == 1
        assert Turns(lived_in.engine).earlier(f"{DIRECT}:1.1") == ()
        assert forgetting.forget_conversation(f"{DIRECT}:1.1") == 0

    def test_shared_with_others_loses_only_ones_own_turns(
        self, lived_in: ArticleStore, forgetting: Forgetting
    ) -> None:
        turns = Turns(lived_in.engine)
        recorded(turns, "answer", f"{CHANNEL}:2.1", OTHER, "And now?", f"{CHANNEL}:2.3")
        assert forgetting.forget_conversation(f"{CHANNEL}:2.1", PERSON) == 1
        assert [turn.question for turn in turns.earlier(f"{CHANNEL}:2.1")] == ["And now?"]


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def of_this_store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHANCERY_HOME", str(tmp_path))

    def test_forgets_and_leaves_an_entry_in_the_trail(self, lived_in: ArticleStore) -> None:
        ended = CliRunner().invoke(app, ["forget", PERSON, "--yes"])
        assert ended.exit_code == DONE, ended.output
        assert ended.stdout.startswith(f"Forgotten: {PERSON}.\n  2 answers and reports")
        assert holding(lived_in, PERSON) == []
        entry = Audit(lived_in.engine).recent()[0]
        assert (entry.action, entry.subject) == ("person forgotten", SOMEBODY)
        assert entry.by.startswith("terminal:")

    def test_counts_as_json(self, lived_in: ArticleStore) -> None:
        ended = CliRunner().invoke(app, ["forget", PERSON, "--yes", "--json"])
        told = json.loads(ended.stdout)
        assert (told["person"], told["turns"], told["watches"]) == (PERSON, 2, 1)

    def test_asks_first(self, lived_in: ArticleStore, forgetting: Forgetting) -> None:
        before = forgetting.kept(PERSON)
        ended = CliRunner().invoke(app, ["forget", PERSON])
        assert ended.exit_code == WRONG_USE
        assert "--yes" in ended.output
        assert forgetting.kept(PERSON) == before

    def test_of_nobody_known_finds_nothing_to_do(self, store: ArticleStore) -> None:
        ended = CliRunner().invoke(app, ["forget", "U0NOBODY", "--yes"])
        assert (ended.exit_code, ended.stdout) == (IN_PART, "")
        assert Audit(store.engine).recent() == []

    def test_takes_only_ids_of_people(self, store: ArticleStore) -> None:
        ended = CliRunner().invoke(app, ["forget", "amal", "--yes"])
        assert ended.exit_code == WRONG_USE
        assert "looks like U012ABCDEF" in ended.output


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        "held", [PersonalData(turns=1), PersonalData(1, 1, 2, 2, 1, 9, 4, 7, 1, 3)]
    )
    def test_is_a_message_that_slack_accepts(self, held: PersonalData) -> None:
        for message in (forget_blocks.forget_question(held), forget_blocks.forgotten(held)):
            assert block_kit.problems(list(message.blocks), message.text) == []

    def test_of_nothing_offers_no_button(self) -> None:
        message = forget_blocks.forget_question(PersonalData(messages=3))
        assert message.text == forget_blocks.NOTHING
        assert len(message.blocks) == 1


class TestTheWish:
    @pytest.mark.parametrize(
        "text",
        [
            "forget",
            "Forget me!",
            "please forget me",
            "can you forget everything you know about me?",
            "forget what you know about me",
            "forget everything about me",
            "delete my data",
            "erase all my history please",
            "delete everything you have stored about me",
            "what do you know about me?",
            "What is stored about me",
            "forgt me",
        ],
    )
    def test_to_be_forgotten_is_read(self, text: str) -> None:
        assert read_request(text, NOW) == Forget()

    @pytest.mark.parametrize(
        "text",
        ["forget this conversation", "Delete this thread, please", "forget our whole chat"],
    )
    def test_that_a_conversation_be_forgotten_is_read(self, text: str) -> None:
        assert read_request(text, NOW) == Forget(conversation=True)

    @pytest.mark.parametrize("text", ["forget it", "forget that", "forget about it"])
    def test_half_said_is_asked_about(self, text: str) -> None:
        request = read_request(text, NOW)
        assert isinstance(request, Unclear)
        assert read_request(request.example.partition(",")[0], NOW) == Forget(conversation=True)

    @pytest.mark.parametrize(
        "text",
        [
            "What did Guterres forget to say about Libya?",
            "Did the ministers forget the protocol?",
            "forget the ceasefire, who controls Gharyan?",
            "What do you know about Mexico?",
            "who deleted the records of the ministry?",
            "What is known about the envoy?",
            "forgetting the past in Rwanda",
        ],
    )
    def test_is_not_read_into_a_question(self, text: str) -> None:
        assert read_request(text, NOW) == AskQuestion(text)

    @pytest.mark.parametrize("text", ["delete my digest", "delete my digests", "remove my watches"])
    def test_is_not_read_into_an_end_of_digests_or_watches(self, text: str) -> None:
        assert not isinstance(read_request(text, NOW), Forget)
