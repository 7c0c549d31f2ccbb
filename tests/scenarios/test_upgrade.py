"""What people have who come from release 0.1.0 is all there, and answers, in today's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.clock import DAYS
from bot.db.audit import Audit
from bot.db.outbox import POSTED, Outbox
from bot.db.schema import claimed_events
from bot.db.subscriptions import Subscriptions, told_to
from bot.db.turns import Feedback, Turns
from bot.db.watches import Watches
from bot.library import open_corpus, open_library, rebuild_indexes
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health
from corpus.quotations.store import QuotationRegister
from corpus.store.articles import ArticleStore
from corpus.store.database import HEAD, connect, reading, revision
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import Answer
from retrieval.questions.understand import understand
from tests.conftest import NOW, settings_for
from tests.fakes.embedding import HashedWords
from tests.scenarios.old_home import ANSWERED, SAID, unpacked
from tests.scenarios.people import CHANNEL, COLLEAGUE, DESK

ANSWER, REFUSAL, DIGEST, ALERT = (
    "18c873d4dbc44d679fc3173ddda40eba",
    "ec718cdc87a244759aa3c8c250a9ef86",
    "ad1ea5b6a3d44bfcbbb346f673c91183",
    "b68ffbf3046340ecaffa5bafb83af0be",
)
IN_TRIPOLI, RESIGNED, AU_NOTE, COPIED = (
    "00655fa44e6146f3",
    "d3d8be1e928a39e9",
    "133516199f598a78",
    "b97c22ba16e03220",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return unpacked(tmp_path)


@pytest.fixture
def store(home: Path) -> Iterator[ArticleStore]:
    """The store of that release, opened by today's code."""
    opened = open_corpus(settings_for(home))
    yield opened
    opened.close()


def test_the_tables_are_brought_from_its_schema_to_todays(home: Path) -> None:
    engine = connect(settings_for(home).store_url)
    assert revision(engine) == "0004"
    open_corpus(settings_for(home)).close()
    assert revision(engine) == HEAD
    engine.dispose()


def test_articles_keep_their_versions_numbers_and_fate(store: ArticleStore) -> None:
    changes = store.changes_since(0)
    assert [change.number for change in changes] == [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    articles = {change.article.id: change.article for change in changes}
    assert SAID in articles[IN_TRIPOLI].paragraphs[1].text
    assert articles[AU_NOTE].withdrawn_at is not None
    assert articles[COPIED].duplicate_of is not None
    before, now = (store.version(RESIGNED, number) for number in (1, 2))
    assert before is not None
    assert now is not None
    assert [paragraph.text for paragraph in now.paragraphs[:-1]] == [
        paragraph.text for paragraph in before.paragraphs
    ]


def test_what_was_read_can_be_read_on(store: ArticleStore) -> None:
    (polled,) = SourceRegister(store).sources()
    assert (polled.name, polled.health) == ("Sample Wire Desk", Health.UNCHECKED)
    assert SourceRegister(store).entry_counts() == {"Sample Wire Desk": 1}
    # Who speaks is looked for anew, in what 0.1.0 had read.
    quotations = QuotationRegister(store)
    quotations.catch_up()
    quoted = quotations.of([IN_TRIPOLI])[IN_TRIPOLI]
    assert any("no military solution" in one.quote for one in quoted)


def test_digests_and_watches_go_on(store: ArticleStore) -> None:
    (subscription,) = Subscriptions(store.engine).all()
    assert (subscription.reader, subscription.at, subscription.days) == (CHANNEL, "17:59", DAYS)
    assert subscription.interests.topics == ("Libya",)
    (watch,) = Watches(store.engine).of_reader(COLLEAGUE)
    assert watch.criteria.words == ("Haftar",)


def test_nothing_that_was_told_is_told_again(store: ArticleStore) -> None:
    outbox = Outbox(store.engine)
    (digest,) = outbox.of_reader(CHANNEL, "digest")
    (alert,) = outbox.of_reader(COLLEAGUE, "alert")
    assert (digest.state, digest.turn_id) == (POSTED, DIGEST)
    assert (alert.state, alert.turn_id) == (POSTED, ALERT)
    assert len(told_to(store.engine, "press").versions) == 3
    with reading(store.engine) as connection:
        columns = claimed_events.c
        asked = select(func.count()).where(columns.finished_at.is_not(None))
        assert connection.scalar(asked) == 3


def test_turns_keep_what_was_said_and_cited(store: ArticleStore) -> None:
    turns = Turns(store.engine)
    said = turns.recorded(ANSWER)
    assert said is not None
    assert SAID in said.statements[0].text
    assert [one.number for one in turns.cited(ANSWER)] == [2, 4]
    assert {turns.kind(one) for one in (REFUSAL, DIGEST, ALERT)} == {"answer", "digest", "alert"}
    assert Feedback(store.engine).verdict(ANSWER, DESK) == (True, None)
    actions = [entry.action for entry in Audit(store.engine).recent()]
    assert actions == ["watch added", "subscription added"]


@pytest.mark.slow
def test_its_indexes_answer_as_they_are(home: Path, embeddings: SentenceEmbeddings) -> None:
    settings = settings_for(home)
    store = open_corpus(settings)
    with open_library(settings, store, "tests", embeddings=embeddings) as library:
        library.indexer.catch_up()
        answer = library.chain.invoke(understand(ANSWERED, NOW)).outcome
    store.close()
    assert isinstance(answer, Answer), answer
    assert any(SAID in statement.text for statement in answer.statements)


@pytest.mark.slow
def test_both_indexes_are_built_anew_from_it(home: Path) -> None:
    settings, words = settings_for(home), HashedWords()
    store = open_corpus(settings)
    indexed = rebuild_indexes(settings, store, lambda one: one.catch_up(), embeddings=words)
    assert indexed == store.readable_paragraphs(store.last_change())
    with open_library(settings, store, "tests", embeddings=words) as library:
        found = library.lexical.search("no military solution intra-Libyan dialogue", 1)
        assert [key for key, _ in found] == [(IN_TRIPOLI, 2)]
        assert library.indexer.pending() == (0, 0)
    store.close()
