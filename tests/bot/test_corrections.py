"""Corrections: readers are told once of what changed in a paragraph that they were shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import schema
from bot.db.outbox import Composed, Outbox, Posting
from bot.db.turns import Turns
from bot.jobs.corrections import CorrectionComposer, Corrections, corrections_since
from bot.jobs.delivery import Skip
from bot.render.blocks import Block
from bot.render.notes import CorrectionNote, Superseded
from corpus.articles import Article, Source, article_id
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from corpus.store.schema import counters
from retrieval.outcomes import Answer, Citation, NoAnswer, Statement
from retrieval.passages import Passage
from retrieval.questions.understand import understand
from tests.fakes.articles import NOON, address, read_article
from tests.fakes.databases import new_database
from tests.scenarios.people import text_of

FIRST = "The army entered the town on Wednesday."
SECOND = "The convoy had five vehicles, officials said."
THIRD = "Talks go on in Geneva."
CORRECTED = "The convoy had two vehicles, officials said."
ARTICLE = article_id(address("talks"))
TOLL = "Officials counted 21 dead in the southern suburbs."
ANNOUNCED = "The Libyan National Conference will be held at Ghadames on 14 April."
OFF = "The Libyan National Conference would not open on 14 April, the envoy said."


class Desk:
    """A store with one article, what was posted about it, and the notes that came of changes."""

    def __init__(self, folder: Path) -> None:
        self.url = new_database(folder)
        self.now = NOON
        self.open()
        self.read(FIRST, SECOND, THIRD)
        self.corrections.catch_up()

    def open(self) -> None:
        """Everything anew on the same database, as after a restart."""
        self.store: ArticleStore = open_store(self.url)
        self.outbox = Outbox(self.store.engine)
        self.turns = Turns(self.store.engine)
        self.corrections = Corrections(self.store, self.outbox, lambda: self.now)
        self.marked: list[str] = []
        self.posted: list[Composed] = []
        self.compose = CorrectionComposer(
            self.store, self.corrections, lambda *place: self.marked.append(place[2])
        )

    def read(self, *paragraphs: str, name: str = "talks", title: str = "Talks on Libya") -> None:
        """An article as its source gives it now."""
        self.now += timedelta(minutes=10)
        read = read_article(name, *paragraphs, title=title, published_at=self.now)
        ingest(self.store, [read], lambda: self.now)

    def article(self, name: str = "talks") -> Article:
        found = self.store.article(article_id(address(name)))
        assert found is not None
        return found

    def cited(self, *numbers: int, name: str = "talks") -> list[Citation]:
        article = self.article(name)
        return [
            Citation(mark, article, article.paragraph(number), article.paragraph(number).text)
            for mark, number in enumerate(numbers, start=1)
        ]

    def answer(
        self,
        *numbers: int,
        thread: str = "1.5",
        posted: bool = True,
        name: str = "talks",
        posted_as: str = "C0PRESS:2.5",
    ) -> str:
        """Post an answer with one sentence a citation; the turn's id."""
        citations = self.cited(*numbers, name=name)
        outcome = Answer(
            understand("What happened?", self.now),
            tuple(Statement(one.quote, (one.mark,)) for one in citations),
            tuple(citations),
            "extractive",
        )
        channel = posted_as.partition(":")[0]
        turn = self.turns.record(f"{channel}:{thread}", "U0DESK", self.now, outcome)
        if posted:
            self.turns.posted(turn, posted_as)
        return turn

    def deliver(self) -> list[CorrectionNote]:
        """Follow what changed and deliver what is due; what was told, each change of an article."""
        return [note for note in self.deliver_all() if isinstance(note, CorrectionNote)]

    def deliver_all(self) -> list[CorrectionNote | Superseded]:
        """Follow what changed and deliver what is due; what was told."""
        self.corrections.catch_up()
        told: list[CorrectionNote | Superseded] = []
        self.posted.clear()
        while claimed := self.outbox.claim_due(self.now):
            key, payload = claimed.posting.key, claimed.posting.payload
            made = self.compose(claimed)
            if isinstance(made, Composed):
                told += self.corrections.notes(payload)
                self.posted.append(made)
                self.outbox.posted(key, f"{made.channel}:9.{len(told)}", None, self.now)
                self.compose.posted(claimed)
            else:
                assert isinstance(made, Skip)
                self.outbox.skip(key, made.note, self.now)
        return told


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.store.close()


def test_a_changed_paragraph_is_told_with_both_wordings(desk: Desk) -> None:
    turn = desk.answer(1, 2)
    desk.read(FIRST, CORRECTED, THIRD)

    (note,) = desk.deliver()

    (change,) = note.changes
    assert note.turn.id == turn
    assert (change.number, change.before, change.now and change.now.text) == (2, SECOND, CORRECTED)
    assert change.sentences == (2,)
    assert change.marks == (2,)
    assert not change.quote_stands
    assert note.changed_at == desk.now


def test_a_note_speaks_the_language_of_whoever_asked(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    desk.corrections.catch_up()
    marked: list[Block] = []
    speaking = CorrectionComposer(
        desk.store,
        desk.corrections,
        lambda channel, thread, ts, block: marked.append(block),
        {"U0DESK": "es-ES"}.__getitem__,
    )
    claimed = desk.outbox.claim_due(desk.now)
    assert claimed is not None

    made = speaking(claimed)
    speaking.posted(claimed)

    assert isinstance(made, Composed)
    assert "que cita esta respuesta, fue modificado el" in made.messages[0].text
    assert "Una de las fuentes ha cambiado" in text_of(marked)


def test_it_is_told_once_also_after_a_restart(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    assert len(desk.deliver()) == 1

    assert desk.deliver() == []
    desk.store.close()
    desk.open()

    assert desk.deliver() == []


def test_a_follower_that_died_before_it_moved_on_puts_no_second_note(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    assert len(desk.deliver()) == 1
    with desk.store.engine.begin() as connection:
        connection.execute(counters.delete().where(counters.c.name == "corrections"))

    assert desk.deliver() == []


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(("A new lead.", FIRST, SECOND, THIRD), id="moved down"),
        pytest.param((SECOND, FIRST, THIRD), id="moved up"),
        pytest.param((FIRST, "The convoy had  five vehicles, officials said. ", THIRD), id="space"),
        pytest.param((FIRST, SECOND, "Talks have ended."), id="another paragraph"),
        pytest.param((FIRST, f"{SECOND} {THIRD}"), id="run together"),
    ],
)
def test_what_does_not_touch_the_cited_words_is_no_correction(
    desk: Desk, now: tuple[str, ...]
) -> None:
    desk.answer(2)
    desk.read(*now)

    assert desk.deliver() == []


def test_other_quotation_marks_are_no_correction(desk: Desk) -> None:
    desk.read("“No,” he said – twice.")
    desk.answer(1)
    desk.read('"No," he said - twice.')

    assert desk.deliver() == []


def test_a_vanished_paragraph_is_told(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, THIRD)

    (note,) = desk.deliver()

    assert [(one.number, one.now) for one in note.changes] == [(2, None)]


def test_several_changes_of_one_answer_are_one_note(desk: Desk) -> None:
    desk.answer(1, 2, 3)
    desk.read("The army entered the town on Tuesday.", CORRECTED, THIRD)

    (note,) = desk.deliver()

    assert [one.number for one in note.changes] == [1, 2]


def test_every_posted_turn_is_told_in_its_own_thread(desk: Desk) -> None:
    desk.answer(2, thread="1.5")
    desk.answer(2, thread="1.7")
    desk.answer(1, thread="1.9")
    desk.answer(2, thread="1.11", posted=False)
    desk.read(FIRST, CORRECTED, THIRD)

    assert sorted(note.turn.thread for note in desk.deliver()) == ["1.5", "1.7"]


def test_an_answer_given_directly_is_told_under_itself(desk: Desk) -> None:
    desk.answer(2, thread="direct")
    desk.read(FIRST, CORRECTED, THIRD)

    assert [note.turn.thread for note in desk.deliver()] == ["2.5"]


def test_of_two_quick_changes_the_final_wording_is_told_once(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    desk.corrections.catch_up()
    desk.read(FIRST, "The convoy had one vehicle, officials said.", THIRD)

    (note,) = desk.deliver()

    (change,) = note.changes
    assert change.before == SECOND
    assert change.now is not None
    assert "one vehicle" in change.now.text


def test_a_change_taken_back_before_it_was_told_is_not_told(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    desk.corrections.catch_up()
    desk.read(FIRST, SECOND, THIRD)

    assert desk.deliver() == []


def test_a_change_taken_back_after_it_was_told_is_told_too(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    desk.deliver()
    desk.read(FIRST, SECOND, THIRD)

    (note,) = desk.deliver()

    assert note.restored


def test_a_later_change_elsewhere_does_not_repeat_what_was_told(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    desk.deliver()
    desk.read(FIRST, CORRECTED, "Talks have ended.")

    assert desk.deliver() == []


def test_a_retracted_article_is_told_and_so_is_its_return(desk: Desk) -> None:
    desk.answer(1, 2)
    desk.store.withdraw(ARTICLE, desk.now)

    (note,) = desk.deliver()
    assert note.retracted
    assert [one.now for one in note.changes] == [None, None]
    desk.read(FIRST, SECOND, THIRD)
    (note,) = desk.deliver()
    assert note.restored


def test_a_source_that_is_removed_here_corrects_nothing(desk: Desk) -> None:
    desk.answer(2)
    register = SourceRegister(desk.store)
    register.put(PolledSource(Source("Example News"), "https://example.org/feed"))

    removed = register.remove("Example News", desk.now, with_articles=True)

    assert removed.articles == 1
    assert desk.deliver() == []


def test_old_turns_are_told_no_more(desk: Desk) -> None:
    desk.answer(2)
    desk.now += timedelta(days=31)
    desk.read(FIRST, CORRECTED, THIRD)

    assert desk.deliver() == []


def test_what_was_only_nearest_to_a_question_is_not_corrected(desk: Desk) -> None:
    article = desk.article()
    nearest = (Passage(article, article.paragraph(2), 0.5),)
    outcome = NoAnswer(understand("How many?", desk.now), "nothing", nearest, "extractive")
    turn = desk.turns.record("C0PRESS:1.5", "U0DESK", desk.now, outcome)
    desk.turns.posted(turn, "C0PRESS:2.5")
    desk.read(FIRST, CORRECTED, THIRD)

    assert desk.deliver() == []


def test_an_answer_that_was_being_written_during_the_change_is_told(desk: Desk) -> None:
    turn = desk.answer(2, posted=False)
    desk.read(FIRST, CORRECTED, THIRD)
    assert desk.deliver() == []

    desk.turns.posted(turn, "C0PRESS:2.5")

    assert len(desk.deliver()) == 1


def digest(desk: Desk, *numbers: int, reader: str = "C0PRESS", name: str = "talks") -> str:
    """Post a digest to a channel, as deliveries do."""
    turn = desk.turns.record_posting(
        "digest",
        f"{reader}:digest",
        reader,
        desk.now,
        "Digest",
        ["Said."],
        desk.cited(*numbers, name=name),
    )
    key = f"digest:{reader}:{desk.now:%Y-%m-%d}"
    desk.outbox.put(Posting(key, "digest", reader, "C0PRESS", None, {}, desk.now))
    desk.outbox.posted(key, "C0PRESS:3.5", turn, desk.now)
    desk.turns.posted(turn, "C0PRESS:3.5")
    return turn


def test_the_next_digest_lists_what_was_corrected_since(desk: Desk) -> None:
    begin = desk.now
    digest(desk, 2)
    desk.read("A new lead.", FIRST, CORRECTED, THIRD)
    (note,) = desk.deliver()
    assert (note.turn.kind, note.turn.thread, note.turn.reader) == ("digest", "3.5", "C0PRESS")

    until = desk.now + timedelta(minutes=1)
    (listed,) = corrections_since(desk.store, "C0PRESS", begin, until)

    assert (listed.number, listed.before, listed.after) == (3, SECOND, CORRECTED)
    assert listed.article.version == 2
    assert corrections_since(desk.store, "C0OTHER", begin, until) == []
    assert corrections_since(desk.store, "C0PRESS", until, until + timedelta(days=1)) == []


def change_both(desk: Desk) -> None:
    """Two articles change between two rounds."""
    desk.read(FIRST, CORRECTED, THIRD)
    desk.read(TOLL.replace("21", "25"), name="toll", title="The toll")


def test_two_articles_that_change_at_a_time_are_one_note_of_a_thread(desk: Desk) -> None:
    desk.read(TOLL, name="toll", title="The toll")
    desk.answer(2)
    desk.answer(1, name="toll")
    change_both(desk)

    assert len(desk.deliver()) == 2
    (posted,) = desk.posted
    assert (posted.channel, posted.thread_ts) == ("C0PRESS", "1.5")
    (message,) = posted.messages
    shown = text_of(message.blocks)
    assert "which this answer (“What happened?”) cites" in shown
    assert "25" in shown
    assert desk.deliver() == []


def test_a_person_gets_one_note_at_a_time_and_each_message_its_mark(desk: Desk) -> None:
    desk.read(TOLL, name="toll", title="The toll")
    desk.answer(2, thread="direct", posted_as="D0DESK:2.5")
    desk.now += timedelta(minutes=1)
    desk.answer(1, name="toll", thread="direct", posted_as="D0DESK:2.7")
    change_both(desk)

    assert len(desk.deliver()) == 2
    (posted,) = desk.posted
    assert (posted.channel, posted.thread_ts) == ("D0DESK", "2.7")
    assert sorted(desk.marked) == ["2.5", "2.7"]
    assert desk.deliver() == []


def test_what_is_told_already_is_not_in_the_next_note_of_a_thread(desk: Desk) -> None:
    desk.read(TOLL, name="toll", title="The toll")
    desk.answer(2)
    desk.answer(1, name="toll")
    desk.read(FIRST, CORRECTED, THIRD)
    assert len(desk.deliver()) == 1
    desk.read(TOLL.replace("21", "25"), name="toll", title="The toll")

    (note,) = desk.deliver()

    assert note.current.title == "The toll"


def test_a_posting_of_an_earlier_release_is_understood(desk: Desk) -> None:
    turn = desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    payload = {"turn": turn, "article": ARTICLE, "version": 2, "withdrawn": False, "thread": "1.5"}
    key = f"correction:{turn}:{ARTICLE}:2"
    desk.outbox.put(Posting(key, "correction", "U0DESK", "C0PRESS", None, payload, desk.now))

    assert len(desk.deliver()) == 1
    assert desk.deliver() == []


def test_an_announcement_that_is_given_up_corrects_the_digest_that_made_it_once(
    desk: Desk,
) -> None:
    begin = desk.now
    desk.read(ANNOUNCED, name="plan", title="UN plans the Libyan National Conference")
    digest(desk, 1, name="plan")
    assert desk.deliver_all() == []
    desk.read(OFF, THIRD, name="off", title="Libyan National Conference postponed")

    (note,) = desk.deliver_all()

    assert isinstance(note, Superseded)
    assert (note.announced, note.now) == (ANNOUNCED, OFF)
    (posted,) = desk.posted
    assert posted.thread_ts == "3.5"
    shown = text_of(posted.messages[0].blocks)
    assert "gives up what this digest announced" in shown
    assert ANNOUNCED in shown
    assert OFF in shown
    assert desk.marked == ["3.5"]
    desk.read(OFF, "Talks have ended.", name="off", title="Libyan National Conference postponed")
    assert desk.deliver_all() == []
    until = desk.now + timedelta(days=1)
    assert corrections_since(desk.store, "C0PRESS", begin, until) == []


def test_what_was_given_up_before_a_digest_or_after_its_day_corrects_nothing(desk: Desk) -> None:
    desk.read(ANNOUNCED, name="plan", title="UN plans the Libyan National Conference")
    desk.read(OFF, name="off", title="Libyan National Conference postponed")
    digest(desk, 1, name="plan")
    assert desk.deliver_all() == []

    desk.now += timedelta(days=14)
    late = "The Libyan National Conference had been due at Ghadames on 14 April."
    desk.read(late, name="late", title="What became of the conference")
    assert desk.deliver_all() == []


def test_a_digest_lists_no_correction_that_was_taken_back(desk: Desk) -> None:
    begin = desk.now
    digest(desk, 2)
    desk.read(FIRST, CORRECTED, THIRD)
    desk.deliver()
    desk.read(FIRST, SECOND, THIRD)

    until = desk.now + timedelta(minutes=1)
    assert corrections_since(desk.store, "C0PRESS", begin, until) == []


def test_two_followers_put_one_note(desk: Desk) -> None:
    desk.answer(2)
    desk.read(FIRST, CORRECTED, THIRD)
    other = Corrections(desk.store, Outbox(desk.store.engine), lambda: desk.now)

    assert desk.corrections.catch_up() + other.catch_up() == 1


def test_the_setting_says_how_old_turns_may_be(desk: Desk) -> None:
    desk.answer(2)
    strict = Corrections(desk.store, desk.outbox, lambda: desk.now, oldest=timedelta(minutes=5))
    desk.read(FIRST, CORRECTED, THIRD)

    assert strict.catch_up() == 0
    assert isinstance(desk.now, datetime)
    assert replace(desk.article()).version == 2


def test_turns_keep_which_sentence_rests_on_which_mark(desk: Desk) -> None:
    turn = desk.answer(1, 2)
    with desk.store.engine.connect() as connection:
        kept = connection.scalar(select(schema.turns.c.marks).where(schema.turns.c.id == turn))

    assert kept == "[[1], [2]]"
