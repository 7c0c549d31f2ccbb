"""A process that reads and indexes is killed at many moments; the next one completes its work.

The killed process is a real one, forked from a server that has imported everything, so that
what is interrupted is reading and indexing and not the start of Python.
"""

from __future__ import annotations

import multiprocessing
import shutil
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from bot.library import rebuild_indexes
from bot.settings import Settings
from corpus.articles import ReadArticle
from corpus.store.articles import ArticleStore, open_store
from retrieval.errors import ModelMismatch
from retrieval.index.indexer import Indexer
from tests.fakes.articles import NOON, days, read_article
from tests.fakes.embedding import HashedWords
from tests.fakes.indexed import IndexedCorpus

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

ARTICLES = 120
CHANGED = 30
ARTICLES_A_STEP = 30
STEPS = ARTICLES // ARTICLES_A_STEP
KILLS = 12
PRELOADED = [
    "alembic.command",
    "alembic.config",
    "chromadb.api.rust",
    "chromadb.telemetry.product.posthog",
    "corpus.ingest",
    "langchain_chroma",
    "py3langid.langid",
    "pytest",
    "retrieval.answers.chain",
    "retrieval.index.indexer",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.sql.default_comparator",
]


def words(number: int, first: int, last: int) -> str:
    return " ".join(f"word{number}x{position}" for position in range(first, last)) + "."


def before(number: int) -> ReadArticle:
    """What an article said before the killed process read it: the same words, cut otherwise."""
    lines = [words(number, first, first + 20) for first in range(0, 80, 20)]
    return read_article(f"{number}", f"First report {number} from Tripoli.", *lines)


def now(number: int) -> ReadArticle:
    """What it says now: fewer paragraphs, one of them of two windows."""
    return read_article(f"{number}", f"Report {number} from Tripoli.", words(number, 0, 90))


@dataclass(frozen=True)
class Held:
    """What store and indexes hold when a process has come to its end."""

    articles: int
    versions: int
    pending: tuple[int, int]
    positions: set[int]
    stored: list[tuple[str, int]]
    records: list[str]
    words: list[tuple[str, int]]


def read_and_index(folder: Path, reports: Connection) -> None:
    """Read every article in small steps, index after each, and report what is held."""
    with IndexedCorpus(folder) as corpus:
        reports.send("started")
        for first in range(0, ARTICLES, ARTICLES_A_STEP):
            steps = range(first, first + ARTICLES_A_STEP)
            corpus.read(*(now(number) for number in steps), at=NOON + days(1))
            reports.send("step")
        counts = corpus.store.counts()
        reports.send(
            Held(
                articles=counts.articles,
                versions=counts.versions,
                pending=corpus.indexer.pending(),
                positions={
                    corpus.store.last_change(),
                    corpus.vectors.position,
                    corpus.lexical.position,
                },
                stored=sorted(corpus.stored_keys()),
                records=corpus.vector_records(),
                words=corpus.lexical_keys(),
            )
        )


class Reader:
    """A process that reads into a folder."""

    def __init__(self, context: ForkServerContext, folder: Path) -> None:
        self._reports, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=read_and_index, args=(folder, theirs))
        self._process.start()
        theirs.close()
        assert self._reports.recv() == "started"

    def kill_after(self, steps: int, seconds: float) -> None:
        """SIGKILL that long after so many steps; one that has ended by then is left ended."""
        for _ in range(steps):
            assert self._reports.recv() == "step"
        time.sleep(seconds)
        self._process.kill()
        self._process.join()

    def held(self) -> Held:
        while not isinstance(report := self._reports.recv(), Held):
            assert report == "step"
        self._process.join()
        return report


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(PRELOADED)
    return forking


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which some of the articles were read and indexed as they were before."""
    folder = tmp_path_factory.mktemp("earlier") / "home"
    folder.mkdir()
    with IndexedCorpus(folder) as corpus:
        corpus.read(*(before(number) for number in range(CHANGED)))
    return folder


def assert_complete(held: Held) -> None:
    keys = sorted((now(number).id, line) for number in range(ARTICLES) for line in (1, 2))
    records = [f"{article}:{line}:{window}" for article, line in keys for window in range(line)]
    assert (held.articles, held.versions) == (ARTICLES, ARTICLES + CHANGED)
    assert held.pending == (0, 0)
    assert len(held.positions) == 1
    assert held.stored == keys
    assert held.words == keys
    assert held.records == sorted(records)


def assert_whole(store: ArticleStore) -> int:
    """Every article is as it was or as it is now, never in between; how many are there."""
    changes = store.changes_since(0, 1_000)
    expected = {now(number).id: (before(number), now(number)) for number in range(ARTICLES)}
    for change in changes:
        article = change.article
        texts = tuple(paragraph.text for paragraph in article.paragraphs)
        assert texts in [version.paragraphs for version in expected[article.id]]
    return len(changes)


def test_a_killed_process_leaves_nothing_that_the_next_does_not_complete(
    context: ForkServerContext, earlier: Path, tmp_path: Path
) -> None:
    undisturbed = Reader(context, Path(shutil.copytree(earlier, tmp_path / "undisturbed")))
    started = time.perf_counter()
    assert_complete(undisturbed.held())
    step_seconds = (time.perf_counter() - started) / STEPS

    for kill in range(KILLS):
        steps, within = divmod(kill, KILLS // STEPS)
        folder = Path(shutil.copytree(earlier, tmp_path / f"killed-{kill}"))
        Reader(context, folder).kill_after(steps, step_seconds * within / (KILLS // STEPS))
        store = open_store(f"sqlite:///{folder / 'chancery.db'}")
        assert assert_whole(store) >= steps * ARTICLES_A_STEP
        store.close()
        assert_complete(Reader(context, folder).held())
        shutil.rmtree(folder)


def test_a_process_that_is_killed_again_and_again_gets_to_the_end(
    context: ForkServerContext, earlier: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(earlier, tmp_path / "home"))
    for kill in range(5):
        Reader(context, folder).kill_after(min(kill, STEPS - 1), 0.05 * kill)
    assert_complete(Reader(context, folder).held())


# -- built anew ------------------------------------------------------------------------------------

REBUILDS = 4


def rebuild(folder: Path, reports: Connection) -> None:
    """Build the indexes of a folder anew, by another model."""
    store = open_store(f"sqlite:///{folder / 'chancery.db'}")
    reports.send("started")
    rebuild_indexes(
        Settings(_env_file=None, chancery_home=folder),
        store,
        Indexer.catch_up,
        embeddings=other_model(),
    )
    reports.send("complete")


def other_model() -> HashedWords:
    return HashedWords(others="hashed-others")


def answers(folder: Path, embeddings: HashedWords) -> set[str]:
    """Articles that are found in a folder; what was begun beside is no part of them."""
    with IndexedCorpus(folder, embeddings) as corpus:
        assert corpus.vectors.position == corpus.lexical.position == corpus.store.last_change()
        found = corpus.search.search("First report from Tripoli", CHANGED)
        return {passage.article.id for passage in found}


def test_the_old_indexes_answer_until_the_new_ones_are_complete(
    context: ForkServerContext, earlier: Path, tmp_path: Path
) -> None:
    every = answers(earlier, HashedWords())
    assert len(every) == CHANGED
    started, seconds = time.perf_counter(), 0.0
    for kill in range(REBUILDS + 1):
        folder = Path(shutil.copytree(earlier, tmp_path / f"rebuilt-{kill}"))
        reports, theirs = context.Pipe(duplex=False)
        process = context.Process(target=rebuild, args=(folder, theirs))
        process.start()
        theirs.close()
        assert reports.recv() == "started"
        started = time.perf_counter()
        if kill == 0:
            assert reports.recv() == "complete"
            seconds = time.perf_counter() - started
        else:
            time.sleep(seconds * kill / REBUILDS)
            process.kill()
        process.join()
        try:
            assert answers(folder, HashedWords()) == every
        except ModelMismatch:
            assert answers(folder, other_model()) == every
        rebuild_again(folder)
        assert answers(folder, other_model()) == every


def rebuild_again(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder / 'chancery.db'}")
    rebuild_indexes(
        Settings(_env_file=None, chancery_home=folder),
        store,
        Indexer.catch_up,
        embeddings=other_model(),
    )
    store.close()
