"""`make bench`: how quickly Chancery reads, answers and starts on this machine.

    python -m tests.benchmarks                        everything; reading all takes minutes
    python -m tests.benchmarks --only ask,help        only these
    python -m tests.benchmarks --paragraphs 2000      only the first of multihop

Numbers are medians and ratios beside a target, for reading; nothing is asserted. Without
`read`, what `ask` searches is indexed from the vectors in `.eval-cache/`.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from bot.clock import utc_now
from corpus.ingest import ingest
from corpus.samples import sample_articles
from retrieval.index.embedding import PACKAGED_MODEL, make_embeddings
from tests.benchmarks.briefing import time_following, time_reports
from tests.benchmarks.measures import (
    Row,
    opened,
    portions,
    read_everything,
    time_asking,
    time_encoders,
    time_help,
    time_reading,
)
from tests.benchmarks.slack_load import time_load
from tests.benchmarks.watching import time_watches, weigh_meaning
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.sets import ROOT, DataAbsent, QuestionSet, data_folder, load

LOAD_PARAGRAPHS = 10_000
AT_ONCE = (20, 50)
REPORTS = ("summary", "digest", "timeline", "quotes")
PARTS = ("read", "encoders", "ask", *REPORTS, "watches", "meaning", "slack", "help")
TEXTS_TIMED = 400
MODELS = ROOT / ".eval-cache" / "models"
HEADINGS = Row("what", "measured", "beside it", "ratio", "target")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    described = machine()
    rows: list[Row] = []
    if "slack" in options.only:
        rows += _time_slack()
    if set(options.only) - {"help", "slack"}:
        try:
            given = load("multihop", data_folder())
        except DataAbsent as absent:
            print(f"skipped: {absent}")
            return 0
        rows += _time_library(given, options.only, options.paragraphs)
        rows += _time_reports([kind for kind in REPORTS if kind in options.only])
    if "help" in options.only:
        rows += time_help()
    print(described)
    print(*table(rows), sep="\n")
    return 0


def _time_library(given: QuestionSet, parts: Sequence[str], most: int | None) -> list[Row]:
    """Reading, batches and asking, on one fresh home."""
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        home = folder / "home"
        embeddings = make_embeddings(PACKAGED_MODEL, None, MODELS)
        if "read" in parts:
            with opened(home, embeddings) as library:
                rows += time_reading(library, given.articles, folder, most)
        elif "ask" in parts:
            _fill(home, given.articles, folder, most)
        if "encoders" in parts:
            _, texts = next(portions(given.articles, folder, TEXTS_TIMED, None))
            rows += time_encoders(MODELS, texts[:TEXTS_TIMED])
        if "ask" in parts:
            with opened(home, embeddings) as library:
                rows += time_asking(library, given.questions)
        if "watches" in parts:
            rows += time_watches(data_folder(), given.articles)
        if "meaning" in parts:
            rows += weigh_meaning(data_folder(), embeddings)
    return rows


def _time_slack() -> list[Row]:
    """Fifty people at once, on an index of its own: of the data, else of the sample."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        home = Path(folder) / "home"
        try:
            given = load("multihop", data_folder())
        except DataAbsent as absent:
            print(f"without the data, from the sample: {absent}", file=sys.stderr)
            questions = _fill_with_sample(home)
        else:
            _fill(home, given.articles, Path(folder), LOAD_PARAGRAPHS)
            questions = [one.text for one in given.questions]
        loads = ((people, pace) for people in AT_ONCE for pace in (60, 0))
        return [row for load in loads for row in time_load(home, questions, *load)]


def _fill_with_sample(home: Path) -> list[str]:
    """Index the bundled sample; questions for it."""
    with opened(home, make_embeddings(PACKAGED_MODEL, None, MODELS)) as library:
        ingest(library.corpus, sample_articles(), utc_now)
        library.indexer.catch_up()
    return [f"What is said about {article.title}?" for article in sample_articles()]


def _time_reports(kinds: Sequence[str]) -> list[Row]:
    """Reports over the dated statements, on a home of their own."""
    if not kinds:
        return []
    articles = data_folder() / "briefings" / "articles.jsonl.gz"
    if not articles.is_file():
        return [Row(kind, "skipped", "briefings are not here") for kind in kinds]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        home = Path(folder) / "home"
        _fill(home, articles, Path(folder), None)
        with opened(home, make_embeddings(PACKAGED_MODEL, None, MODELS)) as library:
            library.embeddings.encode(["Warming up."])
            rows = time_following(library)
            for kind in kinds:
                rows += time_reports(library, kind)
    return rows


def _fill(home: Path, articles: Path, folder: Path, most: int | None) -> None:
    """Index the corpus from cached vectors, where reading itself is not timed."""
    print(f"indexing {articles.parent.name} from .eval-cache", file=sys.stderr)
    with (
        CachedEmbeddings(ROOT / ".eval-cache") as cached,
        opened(home, cached) as library,
    ):
        for path, _ in portions(articles, folder, most or sys.maxsize, most):
            read_everything(library, path)


def machine() -> str:
    """One line on what the numbers are taken on; a load beside the run's own spoils them."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cores} cores of {_processor()}, {memory:.0f} GB memory, "
        f"Python {platform.python_version()}, torch {version('torch')}, "
        f"load before {os.getloadavg()[0]:.1f}"
    )


def table(rows: Sequence[Row]) -> list[str]:
    """Rows under their headings, in columns."""
    cells = [
        (row.what, row.measured, row.beside, row.ratio, row.target) for row in (HEADINGS, *rows)
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in islice(information.read_text(encoding="utf-8").splitlines(), 50):
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", allow_abbrev=False)
    parser.add_argument("--only", type=_parts, default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--paragraphs", type=_count, metavar="N", help="first N of multihop")
    return parser.parse_args(arguments)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if part not in PARTS:
            raise argparse.ArgumentTypeError(f"{part!r} is none of {', '.join(PARTS)}")
    return parts


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number of paragraphs, at least 1")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
