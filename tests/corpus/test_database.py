"""Opening a database: what cannot be used is refused in one sentence without its password."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text

import bot.db.schema  # noqa: F401 - the bot's tables stand on the same metadata
import corpus
from corpus.articles import Source
from corpus.errors import SchemaError, StoreError
from corpus.ingest import ingest
from corpus.store import schema
from corpus.store.articles import ArticleStore, open_store
from corpus.store.database import HEAD, connect, migrate
from tests.fakes.articles import NOON, read_article
from tests.fakes.postgresql import PASSWORD

MIGRATIONS = Path(corpus.__file__).parent / "store" / "migrations"

SECRET = "s3cret-of-the-embassy"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without tables, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path / 'chancery.db'}"


def refusal(url: str) -> StoreError:
    with pytest.raises(StoreError) as raised:
        open_store(url)
    return raised.value


def assert_one_sentence(error: StoreError) -> None:
    assert "\n" not in str(error)
    assert str(error).startswith(error.resource)
    assert "Traceback" not in str(error)


# -- the schema --------------------------------------------------------------------------------


def test_a_new_database_gets_every_table(database_url: str) -> None:
    engine = connect(database_url)
    migrate(engine)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    assert found == {*schema.metadata.tables, "alembic_version"}


def test_migrations_build_the_columns_that_the_code_knows(database_url: str) -> None:
    engine = connect(database_url)
    migrate(engine)
    inspector = inspect(engine)
    for name, table in schema.metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert columns == {column.name: column.nullable for column in table.columns}, name
        indexes = {index["name"] for index in inspector.get_indexes(name)}
        assert indexes == {str(index.name) for index in table.indexes}, name
    engine.dispose()


def test_migrating_again_keeps_what_is_there(database_url: str) -> None:
    store = open_store(database_url)
    ingest(store, [read_article("a")], lambda: NOON)
    migrate(store.engine)
    store.close()
    again = open_store(database_url)
    assert again.counts().articles == 1
    again.close()


def test_a_database_of_the_first_release_keeps_what_it_holds(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO sources (name, url, kind, country) VALUES (:name, :url, :kind, 'LY')"
            ),
            {"name": "Ministry", "url": "https://ministry.example/", "kind": "official"},
        )
        values = "'a', 'https://ministry.example/a', 'Talks', 'Ministry', 'official', 1, 'd', 1"
        connection.execute(
            text(
                "INSERT INTO articles (id, url, title, source, kind, version, digest, change, "
                f"first_read_at, read_at) VALUES ({values}, :noon, :noon)"
            ),
            {"noon": NOON.replace(tzinfo=None)},
        )
        connection.execute(
            text(
                "INSERT INTO versions (article_id, version, title, digest, read_at)"
                " VALUES ('a', 1, 'Talks', 'd', :noon)"
            ),
            {"noon": NOON.replace(tzinfo=None)},
        )
        for number, said in enumerate(("MR LUND: We agree.", "QUESTION: On what?"), 1):
            connection.execute(
                text("INSERT INTO paragraphs VALUES ('a', 1, :number, :said)"),
                {"number": number, "said": said},
            )
    engine.dispose()
    store = open_store(database_url)
    spoken = [(one.speaker, one.asked) for one in store.articles(["a"])[0].paragraphs]
    assert spoken == [("Lund", False), (None, True)]
    assert [change.article.title for change in store.changes_since(0)] == ["Talks"]
    with store.engine.connect() as connection:
        source = connection.execute(select(schema.sources)).one()
    store.close()
    assert (source.name, source.kind, source.country) == ("Ministry", "official", "LY")
    assert (source.feed_url, source.failures, source.paused) == (None, 0, False)
    assert source.full_text is True


def test_a_schema_of_a_later_release_is_refused(database_url: str) -> None:
    store = open_store(database_url)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9042'"))
    store.close()
    error = refusal(database_url)
    assert isinstance(error, SchemaError)
    assert "later version of Chancery (schema 9042)" in str(error)
    assert "update first" in str(error)
    assert_one_sentence(error)


def test_the_head_is_the_last_migration() -> None:
    versions = MIGRATIONS / "versions"
    assert sorted(path.name.split("_")[0] for path in versions.glob("*.py"))[-1] == HEAD


# -- what cannot be opened ---------------------------------------------------------------------


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    error = refusal(f"sqlite:///{tmp_path / 'file' / 'chancery.db'}")
    assert "its folder cannot be made" in str(error)
    assert_one_sentence(error)


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    error = refusal(f"sqlite:///{tmp_path}")
    assert "cannot be opened" in str(error)
    assert_one_sentence(error)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "chancery.db"
    path.write_text("These are the minutes of a meeting. " * 100)
    error = refusal(f"sqlite:///{path}")
    assert "cannot be opened" in str(error)
    assert str(path) in str(error)
    assert_one_sentence(error)
    assert path.read_text().startswith("These are the minutes")


@pytest.mark.parametrize("url", ["", "chancery.db", f"user:{SECRET}@host/database", "://"])
def test_what_is_no_database_address(url: str) -> None:
    error = refusal(url)
    assert str(error) == "DATABASE_URL: is not a database address."


@pytest.mark.parametrize("scheme", ["oracle", "db2", "postgresql+unheard"])
def test_a_driver_that_is_not_installed(scheme: str) -> None:
    error = refusal(f"{scheme}://chancery:{SECRET}@localhost/chancery")
    assert "driver is not installed" in str(error)
    assert SECRET not in str(error)
    assert_one_sentence(error)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")
    error = refusal(f"postgresql+psycopg://chancery:{SECRET}@127.0.0.1:9/chancery")
    assert "127.0.0.1:9" in str(error)
    assert_one_sentence(error)
    assert SECRET not in "".join(traceback.format_exception(error))


def test_a_password_among_the_options_is_hidden_too() -> None:
    pytest.importorskip("psycopg")
    error = refusal(f"postgresql+psycopg://chancery@127.0.0.1:9/chancery?password={SECRET}")
    assert_one_sentence(error)
    assert SECRET not in str(error)


def test_a_wrong_password_is_not_repeated(postgresql_url: str) -> None:
    error = refusal(postgresql_url.replace(PASSWORD, SECRET))
    assert_one_sentence(error)
    assert "password authentication failed" in str(error)
    assert SECRET not in str(error)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_the_usual_spelling_of_a_postgresql_address_is_enough(
    postgresql_url: str, scheme: str
) -> None:
    store = open_store(postgresql_url.replace("postgresql+psycopg", scheme))
    assert store.counts().articles == 0
    store.close()


# -- several processes -------------------------------------------------------------------------

_WRITER = """
import sys
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from tests.fakes.articles import NOON, read_article

url, writer = sys.argv[1:]
store = open_store(url)
for number in range(40):
    ingest(store, [read_article(f"{writer}{number}", f"{writer} reports {number}.")], lambda: NOON)
store.close()
"""


def test_processes_that_start_at_once_share_a_new_database(database_url: str) -> None:
    root = MIGRATIONS.parents[2]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, database_url, writer],
            cwd=root,
            stderr=subprocess.PIPE,
            text=True,
        )
        for writer in ("north", "south")
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    store = open_store(database_url)
    changes = store.changes_since(0)
    store.close()
    assert len(changes) == 80
    assert len({change.number for change in changes}) == 80


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'chancery.db'}"
    writer, reader = open_store(url), open_store(url)
    ingest(writer, [read_article("a")], lambda: NOON)
    with writer.engine.begin() as connection:
        connection.execute(schema.articles.update().values(title="Not yet committed"))
        (change,) = reader.changes_since(0)
        assert change.article.title == "Talks on Libya"
    (change,) = reader.changes_since(0)
    assert change.article.title == "Not yet committed"
    writer.close()
    reader.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.withdraw("0" * 16, NOON),
        lambda store: store.put_sources([Source("Example News")]),
        lambda store: ingest(store, [read_article("a")], lambda: NOON),
        lambda store: store.changes_since(0),
    ],
    ids=["withdraw", "put_sources", "write", "changes_since"],
)
def test_no_error_of_the_driver_escapes(
    tmp_path: Path, write: Callable[[ArticleStore], object]
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'chancery.db'}")
    with store.engine.begin() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for table in schema.metadata.sorted_tables:
            connection.execute(text(f"ALTER TABLE {table.name} RENAME TO gone_{table.name}"))
    with pytest.raises(StoreError, match="could not be") as raised:
        write(store)
    assert_one_sentence(raised.value)
    store.close()


def test_what_was_read_stands_in_no_error(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'chancery.db'}")
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE paragraphs RENAME TO gone"))
    secret = SECRET
    with pytest.raises(StoreError) as raised:
        ingest(store, [read_article("a", secret, title=secret)], lambda: NOON)
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    store.close()
