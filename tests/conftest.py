"""What tests share: the embedding model, the indexed sample, a clock that stands still.

Models and indexes take seconds to make, so they are made once a run, or once a worker where the
tests run in several; whoever wants to write to the sample library takes a copy of its folder
(`sample_home`).
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, create_engine, text

from bot.clock import Clock
from bot.library import Library, open_corpus, open_library
from bot.settings import Settings
from corpus.ingest import ingest
from corpus.samples import sample_articles, sample_sources
from corpus.store.articles import open_store
from retrieval.index.embedding import PACKAGED_MODEL, SentenceEmbeddings, make_embeddings
from tests.fakes.databases import new_database
from tests.fakes.postgresql import PostgresqlMissing, running_postgresql

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
Make = Callable[[Path], None]
NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
"""A Friday in the middle of what the sample tells."""

# The same examples in every run, and no deadline: a busy machine is no failure.
_PROFILES = {"quick": 25, "thorough": 100}
for _profile, _examples in _PROFILES.items():
    hypothesis_settings.register_profile(
        _profile,
        derandomize=True,
        deadline=None,
        max_examples=_examples,
        suppress_health_check=[HealthCheck.too_slow],
    )
hypothesis_settings.load_profile("quick")


def examples(thorough: int) -> int:
    """How many examples a test takes that takes so many with --hypothesis-profile=thorough."""
    return max(1, thorough * hypothesis_settings().max_examples // _PROFILES["thorough"])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks a PostgreSQL server is left to the whole suite; SQLite is asked in every run."""
    for item in items:
        asks = "postgresql_server" in getattr(item, "fixturenames", ())
        if asks or "[postgresql" in item.nodeid:
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nobody's own settings, `.env` or library take part in a test."""
    folder = tmp_path_factory.mktemp("environment")
    with pytest.MonkeyPatch.context() as environment:
        for name in Settings.model_fields:
            environment.delenv(name.upper(), raising=False)
        environment.setenv("CHANCERY_HOME", str(folder / "home"))
        environment.setenv("HOME", str(folder))
        environment.setenv("CHANCERY_MODELS", str(_shared(tmp_path_factory) / "models"))
        environment.chdir(folder)
        yield folder


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture
def clock() -> Clock:
    return lambda: NOW


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The measurement data beside the repository, which not every machine has."""
    if not DATA.is_dir():
        pytest.skip(f"needs the measurement data in {DATA}, which is not here")
    return DATA


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Makes a folder of a name that all workers of a run share, whichever needs it first."""
    shared = _shared(tmp_path_factory)

    def made(name: str, make: Make) -> Path:
        folder = shared / f"shared-{name}"
        with FileLock(shared / f"{name}.lock"):
            if not folder.exists():
                unfinished = shared / f"unfinished-{name}"
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def captures(data_folder: Path, made_once: Callable[[str, Make], Path]) -> Path:
    """The folder of the unpacked captures of `tests.fakes.captured_feed`."""

    def unpack(folder: Path) -> None:
        with tarfile.open(data_folder / "feed_polls" / "raw_feeds_all.tar.xz") as archive:
            archive.extractall(folder, filter="data")

    return made_once("captures", unpack)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a server of our own; skips where PostgreSQL cannot be run."""
    try:
        with running_postgresql() as url:
            yield url
    except PostgresqlMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """URL of an empty PostgreSQL database; what the test before left there is gone."""
    with administering(postgresql_server) as connection:
        connection.execute(text("SET lock_timeout = '60s'"))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return f"{postgresql_server}/postgres"


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a PostgreSQL database with the current tables, to be copied, never opened."""
    with administering(postgresql_server) as connection:
        connection.execute(text("CREATE DATABASE current_tables"))
    open_store(f"{postgresql_server}/current_tables").close()
    return "current_tables"


@pytest.fixture
def postgresql_copy(postgresql_server: str, postgresql_template: str) -> str:
    """URL of a PostgreSQL database that holds nothing in the current tables."""
    with administering(postgresql_server) as connection:
        connection.execute(text("DROP DATABASE IF EXISTS copied WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE copied TEMPLATE {postgresql_template}"))
    return f"{postgresql_server}/copied"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without a row: of SQLite, then of PostgreSQL where it is installed."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_copy"))
    return new_database(tmp_path)


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> SentenceEmbeddings:
    """The packaged models, the English one loaded."""
    models = _shared(tmp_path_factory) / "models"
    found = make_embeddings(PACKAGED_MODEL, None, models)
    found.load()
    return found


@pytest.fixture(scope="session")
def indexed_sample(made_once: Callable[[str, Make], Path], embeddings: SentenceEmbeddings) -> Path:
    """The home of a closed library that holds the sample; to be copied, never opened."""

    def index(home: Path) -> None:
        settings = settings_for(home)
        corpus = open_corpus(settings)
        corpus.put_sources(sample_sources())
        ingest(corpus, sample_articles(), lambda: NOW)
        with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
            library.indexer.catch_up()
        corpus.close()

    return made_once("sample", index)


@pytest.fixture(scope="session")
def copied_sample(
    tmp_path_factory: pytest.TempPathFactory, indexed_sample: Path
) -> Callable[[], Path]:
    """Makes homes that hold the indexed sample, each its owner's to write to."""

    def copy() -> Path:
        return Path(shutil.copytree(indexed_sample, tmp_path_factory.mktemp("copy") / "home"))

    return copy


@pytest.fixture
def sample_home(copied_sample: Callable[[], Path]) -> Path:
    return copied_sample()


@pytest.fixture(scope="session")
def sample_library(
    copied_sample: Callable[[], Path], embeddings: SentenceEmbeddings
) -> Iterator[Library]:
    """The sample, open for questions; a test that writes takes `sample_home`."""
    settings = settings_for(copied_sample())
    corpus = open_corpus(settings)
    with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
        yield library
    corpus.close()


@contextmanager
def administering(server: str) -> Iterator[Connection]:
    """A connection to a PostgreSQL server on which each statement stands by itself."""
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def settings_for(home: Path, **settings: object) -> Settings:
    """Settings of a test's own home, whatever a `.env` says; without limits of speed."""
    given = {"asks_per_minute": 0, "slack_posts_per_minute": 0, **settings}
    return Settings(_env_file=None, chancery_home=home, **given)  # type: ignore[arg-type]
