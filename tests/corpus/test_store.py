"""The store's contract, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Event

import pytest
from sqlalchemy import event, select

from corpus.articles import Article, ReadArticle, Source, SourceKind
from corpus.errors import StoreError
from corpus.ingest import ingest
from corpus.store import schema
from corpus.store.articles import REPEATED, ArticleStore, open_store
from corpus.text.differences import sketch
from tests.fakes.articles import NOON, days, read_article

LATER = NOON + days(1)
STATEMENT = (
    "The Secretary-General is deeply concerned by the military movement in Libya.",
    "There is no military solution to the conflict, he told reporters in Tripoli on Thursday.",
    "He called on all parties to return to the political process without delay.",
)


def put(store: ArticleStore, *articles: ReadArticle, at: datetime = NOON) -> None:
    ingest(store, articles, lambda: at)


def stored(store: ArticleStore, article: ReadArticle) -> Article:
    found = store.article(article.id)
    assert found is not None
    return found


def texts(article: Article | None) -> list[str]:
    assert article is not None
    return [paragraph.text for paragraph in article.paragraphs]


def followed(store: ArticleStore, position: int = 0, limit: int = 500) -> list[int]:
    return [change.number for change in store.changes_since(position, limit)]


# -- what was read can be read back ------------------------------------------------------------


def test_what_is_read_is_found_by_an_index_however_much_there_is(store: ArticleStore) -> None:
    articles = [read_article(f"a{number}", f"Port {number} opens today.") for number in range(60)]
    put(store, *articles)
    asked: list[tuple[str, object]] = []

    def note(*call: object) -> None:
        asked.append((str(call[2]), call[3]))

    event.listen(store.engine, "before_cursor_execute", note)
    assert len(store.texts([(one.id, 1) for one in articles])) == len(articles)
    assert len(store.articles([one.id for one in articles])) == len(articles)
    event.remove(store.engine, "before_cursor_execute", note)
    if store.engine.dialect.name == "sqlite":
        for statement, given in asked:
            with store.engine.connect() as connection:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
                steps = [str(row[3]) for row in plan]
            assert not any(step.startswith(("SCAN p", "SCAN a")) for step in steps), steps


def test_an_article_comes_back_as_it_was_read(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT, author="A. Writer", kind=SourceKind.OFFICIAL)
    put(store, article)
    found = stored(store, article)
    assert texts(found) == list(STATEMENT)
    assert [paragraph.number for paragraph in found.paragraphs] == [1, 2, 3]
    assert (found.url, found.title, found.source) == (article.url, article.title, article.source)
    assert (found.author, found.language, found.kind) == ("A. Writer", "en", SourceKind.OFFICIAL)
    assert (found.version, found.read_at, found.first_read_at) == (1, NOON, NOON)
    assert found.duplicate_of is None
    assert found.withdrawn_at is None


def test_a_paragraph_is_found_by_its_number_and_by_no_other(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT)
    put(store, article)
    found = stored(store, article)
    assert found.paragraph(2).text == STATEMENT[1]
    for number in (0, 4, -1):
        with pytest.raises(IndexError, match="has no paragraph"):
            found.paragraph(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "وقال السراج إن القوات ستدافع عن العاصمة.",
        "Ōsaka 大阪 \U0001f54a “peace” — l’accord",
        "It said: '; DROP TABLE articles; -- %s :name ?",
        "A line\nand a tab\tstay.",
    ],
)
def test_text_is_kept_to_the_letter(store: ArticleStore, text: str) -> None:
    article = read_article("a", "Something to read.", text)
    put(store, article)
    assert texts(stored(store, article)) == ["Something to read.", text]


def test_times_are_utc_whatever_zone_they_were_given_in(store: ArticleStore) -> None:
    tripoli = timezone(timedelta(hours=2))
    article = read_article("a", published_at=datetime(2019, 4, 4, 1, 30, tzinfo=tripoli))
    put(store, article)
    published = stored(store, article).published_at
    assert published == datetime(2019, 4, 3, 23, 30, tzinfo=UTC)
    assert published is not None
    assert published.utcoffset() == timedelta(0)


def test_an_undated_article_stays_undated(store: ArticleStore) -> None:
    article = read_article("a", published_at=None)
    put(store, article)
    assert stored(store, article).published_at is None


def test_unknown_ids_are_left_out(store: ArticleStore) -> None:
    article = read_article("a")
    put(store, article)
    assert [found.id for found in store.articles(["0" * 16, article.id])] == [article.id]
    assert store.article("0" * 16) is None
    assert store.version("0" * 16, 1) is None
    assert store.articles([]) == []


def test_more_articles_than_one_statement_can_name(store: ArticleStore) -> None:
    articles = [read_article(f"{number}", f"Report number {number}.") for number in range(150)]
    put(store, *articles)
    unknown = [f"{number:016x}" for number in range(12_000)]
    found = store.articles([*unknown, *(article.id for article in articles)])
    assert {article.id for article in found} == {article.id for article in articles}


# -- versions ----------------------------------------------------------------------------------


def test_reading_the_same_again_changes_nothing(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT)
    put(store, article)
    before, change = stored(store, article), store.last_change()
    put(store, article, at=LATER)
    assert stored(store, article) == before
    assert store.last_change() == change
    assert store.version(article.id, 2) is None


def test_a_changed_text_is_a_new_version_and_the_old_one_stays_readable(
    store: ArticleStore,
) -> None:
    first = read_article("a", *STATEMENT)
    second = read_article(
        "a", STATEMENT[0], "Correction: he spoke on Wednesday.", title="Corrected"
    )
    put(store, first)
    put(store, second, at=LATER)

    now = stored(store, second)
    assert (now.version, now.title, len(now.paragraphs)) == (2, "Corrected", 2)
    assert (now.first_read_at, now.read_at) == (NOON, LATER)

    then = store.version(first.id, 1)
    assert then is not None
    assert texts(then) == list(STATEMENT)
    assert (then.version, then.title, then.read_at) == (1, first.title, NOON)
    assert texts(store.version(first.id, 2)) == texts(now)
    assert store.version(first.id, 3) is None


def test_a_text_that_changes_back_is_a_third_version(store: ArticleStore) -> None:
    first, second = read_article("a", *STATEMENT), read_article("a", STATEMENT[0])
    for moment, article in enumerate((first, second, first)):
        put(store, article, at=NOON + days(moment))
    assert stored(store, first).version == 3
    assert texts(store.version(first.id, 2)) == [STATEMENT[0]]
    assert texts(store.version(first.id, 3)) == list(STATEMENT)


def test_white_space_alone_is_no_new_version(store: ArticleStore) -> None:
    put(store, read_article("a", "He called  on all\nparties."))
    article = read_article("a", "He called on all parties.")
    put(store, article, at=LATER)
    assert stored(store, article).version == 1


def test_a_date_that_becomes_known_amends_without_a_new_version(store: ArticleStore) -> None:
    undated = read_article("a", *STATEMENT, published_at=None, source=None)
    dated = read_article("a", *STATEMENT, author="A. Writer")
    put(store, undated)
    before = store.last_change()
    put(store, dated, at=LATER)
    found = stored(store, dated)
    assert (found.published_at, found.author, found.source) == (NOON, "A. Writer", "Example News")
    assert (found.version, found.read_at) == (1, NOON)
    assert followed(store, before) == [store.last_change()]
    version = store.version(dated.id, 1)
    assert version is not None
    assert (version.published_at, version.author) == (NOON, "A. Writer")


def test_a_reading_that_lost_the_date_does_not_erase_it(store: ArticleStore) -> None:
    put(store, read_article("a", *STATEMENT, author="A. Writer"))
    poorer = read_article("a", *STATEMENT, author=None, published_at=None, source=None)
    before = store.last_change()
    put(store, poorer, at=LATER)
    found = stored(store, poorer)
    assert (found.author, found.published_at, found.source) == ("A. Writer", NOON, "Example News")
    assert store.last_change() == before


def test_a_changed_text_that_lost_the_date_keeps_it(store: ArticleStore) -> None:
    put(store, read_article("a", *STATEMENT, author="A. Writer", kind=SourceKind.OPINION))
    poorer = read_article("a", "Another text.", published_at=None, source=None)
    put(store, poorer, at=LATER)
    found = stored(store, poorer)
    assert (found.author, found.published_at, found.source) == ("A. Writer", NOON, "Example News")
    assert (found.version, found.kind) == (2, SourceKind.OPINION)


def test_two_processes_that_read_the_same_folder_store_it_once(database_url: str) -> None:
    articles = [read_article(f"{number}", f"Report number {number}.") for number in range(200)]

    def read_all() -> int:
        own = open_store(database_url)
        try:
            return ingest(own, articles, lambda: NOON).new
        finally:
            own.close()

    open_store(database_url).close()
    with ThreadPoolExecutor(2) as threads:
        new = sum(done.result() for done in [threads.submit(read_all) for _ in range(2)])
    store = open_store(database_url)
    assert new == store.counts().versions == len(store.changes_since(0)) == 200
    store.close()


def test_two_spellings_of_an_address_are_one_article(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT)
    other = ReadArticle("HTTPS://Example.org:443/a", article.title, STATEMENT, "Example News")
    put(store, article, other)
    assert store.counts().articles == 1
    assert store.counts().versions == 1


# -- change numbers ----------------------------------------------------------------------------


def test_numbers_rise_in_the_order_of_writing(store: ArticleStore) -> None:
    assert store.last_change() == 0
    articles = [read_article(name, f"Report {name} from Tripoli.") for name in "abc"]
    for article in articles:
        put(store, article)
    changes = store.changes_since(0)
    assert [change.article.id for change in changes] == [article.id for article in articles]
    assert followed(store) == sorted(set(followed(store)))
    assert followed(store)[-1] == store.last_change()


def test_a_changed_article_moves_to_the_end_of_the_sequence(store: ArticleStore) -> None:
    first, second = read_article("a", "One."), read_article("b", "Two.")
    put(store, first, second)
    seen = store.last_change()
    put(store, read_article("a", "One, corrected."), at=LATER)
    (change,) = store.changes_since(seen)
    assert change.article.id == first.id
    assert texts(change.article) == ["One, corrected."]
    assert [change.article.id for change in store.changes_since(0)] == [second.id, first.id]


def test_changes_come_in_pages(store: ArticleStore) -> None:
    put(store, *(read_article(f"{number}", f"Report {number}.") for number in range(25)))
    position, seen = 0, []
    while page := store.changes_since(position, 10):
        assert len(page) <= 10
        seen += [change.article.id for change in page]
        position = page[-1].number
    assert len(seen) == len(set(seen)) == 25
    assert position == store.last_change()


def test_pending_counts_what_a_follower_has_not_seen(store: ArticleStore) -> None:
    put(store, read_article("a", "One.", "Two."))
    seen = store.last_change()
    put(store, read_article("b", "Three."), read_article("c", "Four.", "Five."))
    assert store.pending(0) == (3, 5)
    assert store.pending(seen) == (2, 3)
    assert store.pending(store.last_change()) == (0, 0)


def test_a_follower_misses_nothing_that_two_writers_store_at_once(database_url: str) -> None:
    written_by_each = 30
    finished = Event()

    def write(writer: str) -> None:
        own = open_store(database_url)
        try:
            for number in range(written_by_each):
                put(own, read_article(f"{writer}{number}", f"{writer} reports number {number}."))
        finally:
            own.close()

    def follow() -> list[str]:
        own = open_store(database_url)
        position, seen = 0, []
        try:
            while True:
                last_round = finished.is_set()
                for change in own.changes_since(position, 7):
                    assert change.number > position
                    position = change.number
                    seen.append(change.article.id)
                if last_round and position == own.last_change():
                    return seen
        finally:
            own.close()

    open_store(database_url).close()
    with ThreadPoolExecutor(3) as threads:
        following = threads.submit(follow)
        writing = [threads.submit(write, writer) for writer in ("north", "south")]
        for one in writing:
            one.result()
        finished.set()
        seen = following.result()
    assert len(seen) == len(set(seen)) == 2 * written_by_each


def test_two_writers_of_the_same_article_leave_one_history(database_url: str) -> None:
    rounds = 12

    def write(writer: str) -> None:
        own = open_store(database_url)
        try:
            for number in range(rounds):
                until_stored(own, read_article("same", f"{writer} tells it, time {number}."))
        finally:
            own.close()

    def until_stored(own: ArticleStore, article: ReadArticle) -> None:
        while True:
            try:
                return put(own, article)
            except StoreError as error:
                if not error.retry:
                    raise

    open_store(database_url).close()
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(write, writer) for writer in ("north", "south")]:
            done.result()
    store = open_store(database_url)
    try:
        found = stored(store, read_article("same"))
        assert found.version == 2 * rounds
        told = {
            tuple(texts(store.version(found.id, version)))
            for version in range(1, found.version + 1)
        }
        assert len(told) == 2 * rounds
    finally:
        store.close()


def test_a_conflict_writes_nothing_of_the_batch_and_asks_to_try_again(
    store: ArticleStore,
) -> None:
    from corpus.decisions import New

    taken, free = read_article("a", "One."), read_article("b", "Two.")
    put(store, taken)
    with pytest.raises(StoreError, match="another process stored the same article") as raised:
        store.write([New(free, (), None), New(taken, (), None)], LATER)
    assert raised.value.retry
    assert store.article(free.id) is None
    assert store.counts().articles == 1


def test_writing_nothing_draws_no_number(store: ArticleStore) -> None:
    put(store, read_article("a"))
    before = _drawn(store)
    store.write([], NOON)
    put(store, read_article("a"), at=LATER)
    assert _drawn(store) == before


def _drawn(store: ArticleStore) -> Sequence[int]:
    with store.engine.connect() as connection:
        return connection.scalars(select(schema.counters.c.value)).all()


# -- withdrawn ---------------------------------------------------------------------------------


def test_a_withdrawn_article_is_a_change_and_stays_readable(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT)
    put(store, article)
    seen = store.last_change()
    assert store.withdraw(article.id, LATER)
    found = stored(store, article)
    assert found.withdrawn_at == LATER
    assert texts(found) == list(STATEMENT)
    (change,) = store.changes_since(seen)
    assert change.article.withdrawn_at == LATER


def test_withdrawing_again_or_what_is_not_there_changes_nothing(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT)
    put(store, article)
    store.withdraw(article.id, LATER)
    seen = store.last_change()
    assert not store.withdraw(article.id, LATER + days(1))
    assert not store.withdraw("0" * 16, LATER)
    assert stored(store, article).withdrawn_at == LATER
    assert store.last_change() == seen


def test_a_withdrawn_article_that_returns_with_another_text_is_current(
    store: ArticleStore,
) -> None:
    put(store, read_article("a", *STATEMENT))
    article = read_article("a", "The corrected statement.")
    store.withdraw(article.id, LATER)
    put(store, article, at=LATER + days(1))
    assert stored(store, article).withdrawn_at is None
    assert stored(store, article).version == 2


def test_a_withdrawn_article_that_returns_unchanged_is_current(store: ArticleStore) -> None:
    article = read_article("a", *STATEMENT)
    put(store, article)
    store.withdraw(article.id, LATER)
    seen = store.last_change()
    put(store, article, at=LATER + days(1))
    assert stored(store, article).withdrawn_at is None
    assert stored(store, article).version == 1
    assert followed(store, seen) == [store.last_change()]


# -- copies ------------------------------------------------------------------------------------


def test_copies_are_listed_under_the_first(store: ArticleStore) -> None:
    first = read_article("first", *STATEMENT)
    second = read_article("second", *STATEMENT, source="Another Paper")
    third = read_article("third", *STATEMENT, source="A Third Paper")
    put(store, first, second, third)
    copies = store.copies([first.id, second.id])
    assert {article.id for article in copies[first.id]} == {second.id, third.id}
    assert second.id not in copies
    assert store.counts().duplicates == 2


def test_candidates_share_sentences_and_are_not_withdrawn(store: ArticleStore) -> None:
    first, other = read_article("first", *STATEMENT), read_article("other", "Rain is expected.")
    put(store, first, other)
    marks = sketch(STATEMENT)
    (candidate,) = store.candidates(marks)
    assert (candidate.id, candidate.paragraphs) == (first.id, STATEMENT)
    store.withdraw(first.id, LATER)
    assert store.candidates(marks) == []
    assert store.candidates(()) == []


# -- sources and counts ------------------------------------------------------------------------


def test_the_kind_recorded_for_a_source_is_taken_for_its_articles(store: ArticleStore) -> None:
    store.put_sources([Source("Example News", kind=SourceKind.WIRE)])
    own, given = read_article("a", "One."), read_article("b", "Two.", kind=SourceKind.OPINION)
    put(store, own, given)
    assert stored(store, own).kind is SourceKind.WIRE
    assert stored(store, given).kind is SourceKind.OPINION


def test_a_source_is_recorded_once_and_the_last_word_counts(store: ArticleStore) -> None:
    store.put_sources([Source("Example News", kind=SourceKind.WIRE)])
    store.put_sources([Source("Example News", kind=SourceKind.OFFICIAL, country="LY")])
    article = read_article("a", "One.")
    put(store, article)
    assert stored(store, article).kind is SourceKind.OFFICIAL


def test_what_is_counted(store: ArticleStore) -> None:
    assert store.counts().articles == 0
    put(store, read_article("a", *STATEMENT), read_article("b", *STATEMENT, source="Another"))
    put(store, read_article("a", "Something else entirely was said."), at=LATER)
    counts = store.counts()
    assert (counts.articles, counts.paragraphs, counts.versions) == (2, 4, 3)
    assert counts.sources == 2
    assert store.source_names() == ["Another", "Example News"]


@pytest.mark.parametrize("field", ["source", "language"])
def test_a_field_longer_than_its_column_does_not_stop_the_batch(
    store: ArticleStore, field: str
) -> None:
    long = read_article("long", "One.", **{field: "x" * 1000})  # type: ignore[arg-type]
    put(store, long, read_article("short", "Two."))
    assert store.counts().articles == 2


def test_single_paragraphs_are_given_as_they_stand(store: ArticleStore) -> None:
    first, gone = read_article("a", "The envoy left.", "It rained."), read_article("b", "Talks.")
    put(store, first, gone)
    put(store, read_article("a", "The envoy returned.", "It rained."))
    store.withdraw(gone.id, NOON)
    places = [(first.id, 1), (first.id, 3), (gone.id, 1), ("0" * 16, 1)]
    assert store.texts(places) == {(first.id, 1): ("The envoy returned.", NOON)}
    assert store.texts([]) == {}


# -- what a source repeats ---------------------------------------------------------------------


def repeated(store: ArticleStore, name: str) -> list[bool]:
    return [one.boilerplate for one in stored(store, read_article(name)).paragraphs]


def statements(count: int, source: str | None = "Ministry") -> list[ReadArticle]:
    """Statements of one source that share their heading but for its date."""
    subjects = "wheat ships visas roads trains schools ports bridges".split()
    return [
        read_article(
            f"{source}-{number}",
            f"For immediate release, {number} April 2019, 10:{number}0",
            f"The minister met the delegation that speaks for {subjects[number]}.",
            source=source,
        )
        for number in range(1, count + 1)
    ]


def test_what_stands_in_many_articles_of_a_source_is_boilerplate(store: ArticleStore) -> None:
    put(store, *statements(REPEATED - 1))
    assert repeated(store, "Ministry-1") == [False, False]
    put(store, *statements(REPEATED))
    assert repeated(store, "Ministry-1") == [True, False]
    assert stored(store, read_article("Ministry-2")).lead.startswith("The minister met")


def test_other_sources_say_what_they_like(store: ArticleStore) -> None:
    put(store, *statements(REPEATED), *statements(1, "Agency"), *statements(REPEATED, None))
    assert repeated(store, "Agency-1") == repeated(store, "None-1") == [False, False]


def test_copies_of_one_text_do_not_make_it_boilerplate(store: ArticleStore) -> None:
    for number in range(REPEATED + 1):
        put(store, read_article(f"copy-{number}", *STATEMENT))
    assert not any(repeated(store, "copy-1"))
