"""What tests share: the embedding model, the indexed sample, a clock that stands still.

Models and indexes take seconds to make, so they are made once a run; whoever wants to write to
the sample library takes a copy of its folder (`sample_home`).
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from bot.clock import Clock
from bot.library import Library, open_corpus, open_library
from bot.settings import Settings
from corpus.ingest import ingest
from corpus.samples import sample_articles, sample_sources
from retrieval.index.embedding import SentenceEmbeddings

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
"""A Friday in the middle of what the sample tells."""

# The same examples in every run, and no deadline: a busy machine is no failure.
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )


@pytest.fixture(scope="session", autouse=True)
def isolated_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nobody's own settings, `.env` or library take part in a test."""
    folder = tmp_path_factory.mktemp("environment")
    with pytest.MonkeyPatch.context() as environment:
        for name in Settings.model_fields:
            environment.delenv(name.upper(), raising=False)
        environment.setenv("CHANCERY_HOME", str(folder / "home"))
        environment.setenv("HOME", str(folder))
        environment.chdir(folder)
        yield folder


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
def captures(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the unpacked captures of `tests.fakes.captured_feed`."""
    folder = tmp_path_factory.mktemp("captures")
    with tarfile.open(data_folder / "feed_polls" / "raw_feeds_all.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def embeddings() -> SentenceEmbeddings:
    """The packaged model, loaded."""
    model = SentenceEmbeddings()
    model.load()
    return model


@pytest.fixture(scope="session")
def indexed_sample(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> Path:
    """The home of a closed library that holds the sample; to be copied, never opened."""
    settings = settings_for(tmp_path_factory.mktemp("sample") / "home")
    corpus = open_corpus(settings)
    corpus.put_sources(sample_sources())
    ingest(corpus, sample_articles(), lambda: NOW)
    with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
        library.indexer.catch_up()
    corpus.close()
    return settings.home


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


def settings_for(home: Path, **settings: object) -> Settings:
    """Settings of a test's own home, whatever a `.env` says; without limits of speed."""
    given = {"asks_per_minute": 0, "slack_posts_per_minute": 0, **settings}
    return Settings(_env_file=None, chancery_home=home, **given)  # type: ignore[arg-type]
