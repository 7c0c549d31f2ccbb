"""Kill a reading and a serving process at random moments, many times, and count what came of it.

    python -m tests.scenarios.torture [--kills 300] [--seed 1]

Two in three kills meet a process that reads and indexes, one in three a bot that follows what was
read and posts a digest. Lost is an article, version, paragraph or record that a process which ran
to its end no longer holds, or a digest that never came; doubled is what is there twice.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.library import open_corpus, open_library
from corpus.ingest import ingest
from corpus.samples import sample_articles, sample_sources
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios import test_killed as reading
from tests.scenarios import test_serving_killed as serving
from tests.scenarios.people import CHANNEL, DESK

KILLS_A_FOLDER = 10
KILLS_A_DIGEST = 5
LONGEST_SECONDS = 180.0


@dataclass
class Counted:
    """What was done and what came of it."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0

    def __str__(self) -> str:
        return f"{self.kills} kills, {self.lost} lost, {self.doubled} doubled"


def kill_reading(kills: int, chance: random.Random) -> Counted:
    """Folders in which articles are read and indexed; each process but the last is killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(reading.PRELOADED)
    counted = Counted()
    while counted.kills < kills:
        with folder_to_read() as folder:
            for _ in range(min(KILLS_A_FOLDER, kills - counted.kills)):
                steps = chance.randrange(reading.STEPS)
                reading.Reader(context, folder).kill_after(steps, chance.uniform(0, 0.4))
                counted.kills += 1
            held = reading.Reader(context, folder).held()
            versions = reading.ARTICLES + reading.CHANGED
            wanted = (reading.ARTICLES * 2, reading.ARTICLES * 3, reading.ARTICLES * 2)
            found = (len(held.stored), len(held.records), len(held.words))
            pairs = [(held.articles, reading.ARTICLES), (held.versions, versions)]
            for have, want in [*pairs, *zip(found, wanted, strict=True)]:
                counted.lost += max(0, want - have)
                counted.doubled += max(0, have - want)
        tell(f"reading: {counted}")
    return counted


@contextmanager
def folder_to_read() -> Iterator[Path]:
    """A folder in which some of the articles were read as they were before."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "home"
        folder.mkdir()
        with reading.IndexedCorpus(folder) as corpus:
            corpus.read(*(reading.before(number) for number in range(reading.CHANGED)))
        yield folder


def kill_serving(kills: int, chance: random.Random) -> Counted:
    """Bots that owe a channel a digest; each but the last is killed, some within a posting."""
    counted = Counted()
    with tempfile.TemporaryDirectory() as made:
        sample = indexed_sample(Path(made) / "sample")
        while counted.kills < kills:
            home = Path(shutil.copytree(sample, Path(made) / "home"))
            serving.owe_a_digest(home)
            with LocalSlack() as slack:
                slack.add_user(DESK, "desk")
                slack.add_channel(CHANNEL, "press")
                bots = serving.Bots(home, slack)
                for _ in range(min(KILLS_A_DIGEST, kills - counted.kills)):
                    if chance.random() < 0.5:
                        slack.fail_next("chat.postMessage", status=503, taken=chance.random() < 0.5)
                    bots.start()
                    time.sleep(chance.uniform(0, 4))
                    bots.kill()
                    counted.kills += 1
                bots.start()
                store = open_corpus(settings_for(home))
                with suppress(AssertionError):  # One that never comes is counted as lost.
                    serving.recorded(store, LONGEST_SECONDS)
                store.close()
                bots.kill()
                posted = len(serving.digests(slack))
            counted.lost += posted == 0
            counted.doubled += max(0, posted - 1)
            shutil.rmtree(home)
            tell(f"serving: {counted}")
    return counted


def indexed_sample(home: Path) -> Path:
    """A home that holds the sample with its indexes."""
    settings = settings_for(home)
    corpus = open_corpus(settings)
    corpus.put_sources(sample_sources())
    ingest(corpus, sample_articles(), lambda: NOW)
    with open_library(settings, corpus, "torture") as library:
        library.indexer.catch_up()
    corpus.close()
    return home


def tell(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    first = kill_reading(given.kills * 2 // 3, chance)
    second = kill_serving(given.kills - first.kills, chance)
    every = Counted(
        first.kills + second.kills, first.lost + second.lost, first.doubled + second.doubled
    )
    tell(f"in all: {every} (seed {given.seed})")
    return 1 if every.lost or every.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
