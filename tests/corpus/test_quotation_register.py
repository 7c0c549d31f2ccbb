"""The register of quotations follows the store: nothing lost, nothing doubled, nothing stale."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from corpus.articles import ReadArticle, article_id
from corpus.errors import StoreError
from corpus.ingest import ingest
from corpus.quotations.extraction import Quotation
from corpus.quotations.store import COUNTER, QuotationRegister, StoredQuotation
from corpus.store import schema
from corpus.store.articles import ArticleStore, open_store
from tests.fakes.articles import NOON, address, days, read_article
from tests.fakes.databases import new_database

TALKS = "Ghassan Salamé, the UN envoy, arrived in Tripoli. “The talks go on,” Salamé said."
DENIAL = "Ahmed al-Mismari, an LNA spokesman, said that the road was closed."


@pytest.fixture
def register(store: ArticleStore) -> QuotationRegister:
    return QuotationRegister(store)


def read(store: ArticleStore, *articles: ReadArticle, after: timedelta = timedelta()) -> None:
    ingest(store, articles, lambda: NOON + after)


def words(found: tuple[Quotation, ...] | list[StoredQuotation]) -> list[tuple[str, str]]:
    """Speaker and words of each."""
    plain = [one.quotation if isinstance(one, StoredQuotation) else one for one in found]
    return [(one.speaker, one.quote) for one in plain]


def rows(store: ArticleStore) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(schema.quotations)) or 0


def said_in(register: QuotationRegister, name: str) -> list[tuple[str, str]]:
    identity = article_id(address(name))
    return words(register.of([identity]).get(identity, ()))


# -- following the store -----------------------------------------------------------------------


def test_what_is_new_is_registered_once(store: ArticleStore, register: QuotationRegister) -> None:
    read(store, read_article("a", TALKS), read_article("b", DENIAL))
    assert register.catch_up() == 2
    assert register.position == store.last_change()
    assert rows(store) == 2
    assert register.catch_up() == 0
    assert rows(store) == 2


def test_the_same_is_given_before_and_after_registering(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", TALKS, DENIAL), read_article("b", "Nobody spoke that day."))
    ids = [article_id(address(name)) for name in ("a", "b", "unknown")]
    before = register.of(ids)
    register.catch_up()
    assert register.of(ids) == before
    assert words(before[ids[0]]) == [
        ("Ghassan Salamé", "The talks go on"),
        ("Ahmed al-Mismari", "the road was closed"),
    ]
    assert before[ids[1]] == ()
    assert ids[2] not in before


def test_a_changed_article_keeps_none_of_its_old_quotations(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", TALKS))
    register.catch_up()
    read(store, read_article("a", TALKS.replace("go on", "have ended")), after=days(1))
    assert said_in(register, "a") == [("Ghassan Salamé", "The talks have ended")]
    assert rows(store) == 1
    register.catch_up()
    assert said_in(register, "a") == [("Ghassan Salamé", "The talks have ended")]
    assert rows(store) == 1
    assert words(register.said_by("Salamé")) == [("Ghassan Salamé", "The talks have ended")]


def test_a_withdrawn_article_is_quoted_no_more(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", TALKS))
    register.catch_up()
    store.withdraw(article_id(address("a")), NOON)
    assert said_in(register, "a") == []
    assert register.said_by("Salamé") == []
    register.catch_up()
    assert rows(store) == 0
    assert register.speakers() == []


def test_two_followers_that_read_the_same_batch_write_it_once(store: ArticleStore) -> None:
    read(store, read_article("a", TALKS))
    first, second = QuotationRegister(store), QuotationRegister(store)
    batch = store.changes_since(0)
    assert first._register(0, batch)
    assert not second._register(0, batch)
    assert rows(store) == 1
    assert second.catch_up() == 0


def test_a_follower_that_lags_cannot_put_the_position_back(store: ArticleStore) -> None:
    register = QuotationRegister(store)
    read(store, read_article("a", TALKS))
    stale = store.changes_since(0)
    register.catch_up()
    read(store, read_article("b", DENIAL))
    register.catch_up()
    assert not register._register(stale[0].number, stale)
    assert register.position == store.last_change()
    assert rows(store) == 2


def test_a_crash_while_writing_leaves_the_batch_to_be_done_again(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", TALKS), read_article("b", DENIAL))
    broken = store.changes_since(0)
    with store.engine.begin() as connection:
        # An article that is gone when its rows are written fails the transaction.
        for table in (schema.sketches, schema.paragraphs, schema.versions):
            connection.execute(table.delete().where(table.c.article_id == broken[1].article.id))
        connection.execute(
            schema.articles.delete().where(schema.articles.c.id == broken[1].article.id)
        )
    assert not register._register(0, broken)
    assert (register.position, rows(store)) == (0, 0)
    assert register.catch_up() == 1
    assert words(register.said_by("Salamé")) == [("Ghassan Salamé", "The talks go on")]


def test_processes_that_catch_up_together_lose_and_double_nothing(tmp_path: Path) -> None:
    url = new_database(tmp_path)
    store = open_store(url)
    articles = [
        read_article(f"a{n}", f"Ghassan Salamé said that road {n} was open.") for n in range(250)
    ]
    ingest(store, articles, lambda: NOON)
    program = textwrap.dedent(
        f"""
        from corpus.quotations.store import QuotationRegister
        from corpus.store.articles import open_store
        store = open_store({url!r})
        print(QuotationRegister(store).catch_up())
        store.close()
        """
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    counted = [int(process.communicate(timeout=120)[0]) for process in running]
    assert sum(counted) == len(articles)
    assert rows(store) == len(articles)
    assert len(QuotationRegister(store).said_by("Ghassan Salamé")) == len(articles)
    store.close()


def test_an_unreachable_database_is_an_error_of_the_store(tmp_path: Path) -> None:
    store = open_store(new_database(tmp_path))
    read(store, read_article("a", TALKS))
    with store.engine.begin() as connection:
        schema.quotations.drop(connection)
    with pytest.raises(StoreError, match="could not be written"):
        QuotationRegister(store).catch_up()
    store.close()


def test_the_position_stands_among_the_counters(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", TALKS))
    register.catch_up()
    counters = schema.counters.c
    with store.engine.connect() as connection:
        value = connection.scalar(select(counters.value).where(counters.name == COUNTER))
    assert value == store.last_change()


# -- who said what -----------------------------------------------------------------------------


def test_what_a_speaker_said_comes_in_order_of_publication(
    store: ArticleStore, register: QuotationRegister
) -> None:
    for name, day in (("c", 3), ("a", 1), ("b", 2)):
        text = f"Ghassan Salamé said that day {day} was over."
        read(store, read_article(name, text, published_at=NOON + days(day)))
    undated = "Ghassan Salamé said that nobody knew the day."
    read(store, read_article("undated", undated, published_at=None))
    register.catch_up()
    assert [quote for _, quote in words(register.said_by("Salamé"))] == [
        "day 1 was over",
        "day 2 was over",
        "day 3 was over",
        "nobody knew the day",
    ]
    between = register.said_by("Salamé", NOON + days(2), NOON + days(2))
    assert [quote for _, quote in words(between)] == ["day 2 was over"]


def test_as_of_a_moment_the_words_are_those_of_then(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", "Ghassan Salamé said that five cars had burned."))
    read(store, read_article("b", "Ghassan Salamé said that he was leaving."))
    later = "Ghassan Salamé said that two cars had burned."
    read(store, read_article("a", later), after=days(2))
    store.withdraw(article_id(address("b")), NOON + days(2))
    read(store, read_article("c", TALKS, published_at=NOON + days(2)), after=days(2))
    register.catch_up()
    meant = register.named("Salamé").speaker
    assert meant is not None
    then = register.said_under(meant.keys, as_of=NOON + days(1))
    assert sorted(quote for _, quote in words(then)) == ["five cars had burned", "he was leaving"]
    assert {one.version for one in then} == {1}
    now = register.said_under(meant.keys)
    assert sorted(quote for _, quote in words(now)) == ["The talks go on", "two cars had burned"]


def test_speakers_are_listed_by_how_much_they_are_quoted(
    store: ArticleStore, register: QuotationRegister
) -> None:
    read(store, read_article("a", TALKS, DENIAL), read_article("b", TALKS + " He left."))
    read(store, read_article("c", "Ghassan Salamé said that the talks would go on."))
    register.catch_up()
    listed = [(one.name, one.roles) for one in register.speakers()]
    assert listed[0][0] == "Ghassan Salamé"
    assert ("Ahmed al-Mismari", ("LNA spokesman",)) in listed
