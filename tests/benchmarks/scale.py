"""How searching and asking grow with what was read: ten thousand, a hundred thousand paragraphs.

    python -m tests.benchmarks.scale [10000,100000] [--keep FOLDER] [--plot FILE.png]

The text is real: dated events of `wp_current_events`, an article each; beyond their number they
come again with other words for their place in the row. The vectors of paragraphs are generated (a
direction of the event's category and story, and noise from its text), since encoding so many would
take hours and their values do not matter to speed; questions are encoded by the packaged model, and
read again by the packaged reader where an answer is timed. Beside it stands the chain of tutorials:
LangChain's Chroma over the same vectors, asked once for ten.

Filters go by the day of publication, so wide that the share named of all paragraphs is left.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import count, islice
from pathlib import Path

import numpy as np

from bot.library import Library
from corpus.articles import ReadArticle, SourceKind
from corpus.ingest import ingest
from retrieval.encoders.encoder import Encoder, Vectors
from retrieval.encoders.packaged import ENGLISH, packaged_encoder
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.passages import Filter
from retrieval.questions.understand import understand
from tests.benchmarks.measures import Row, opened
from tests.evaluation.sets import ASKED_AT, ROOT, data_folder

SIZES = (10_000, 100_000)
SHARES = (0.001, 0.01, 0.1, 0.5, 1.0)
AT_ONCE = (1, 8, 32)
SEARCHES, ANSWERS, WARM_UP = 200, 60, 5
BATCH = 5_000
NOISE = 0.8
MODELS = ROOT / ".eval-cache" / "models"


class GeneratedDocuments:
    """An `Encoder` whose documents are generated, and whose questions are encoded as they are."""

    similarity = "cosine"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = f"{encoder.name}, generated"
        self.dimension = encoder.dimension
        self.window = 10_000

    def load(self) -> None:
        self._encoder.load()

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_query(texts)

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        rows = np.stack([_generated(text, self.dimension) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        return [[text] for text in texts]


def _generated(text: str, dimension: int) -> Vectors:
    """The direction of the text's first words, which events of one story share, and noise."""
    noise = np.random.default_rng(_seed(text)).standard_normal(dimension, dtype=np.float32)
    return _direction(_seed(text[:12]) % 2_000, dimension) + NOISE * noise


@cache
def _direction(number: int, dimension: int) -> Vectors:
    return np.random.default_rng(number).standard_normal(dimension, dtype=np.float32)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def events() -> Iterator[ReadArticle]:
    """Dated events, an article each; after the last one they come again, told apart by a number."""
    path = data_folder() / "wp_current_events" / "events.jsonl.gz"
    for again in count():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                told = event["text"] if not again else f"{event['text']} (Report {again + 1}.)"
                yield ReadArticle(
                    url=f"https://events.example/{again}/{event['id']}",
                    title=event["story"] or event["category"] or "Event",
                    paragraphs=(told,),
                    source=event["category"] or "Events",
                    kind=SourceKind.WIRE,
                    published_at=datetime.fromisoformat(event["date"]).replace(tzinfo=UTC),
                )


@dataclass(frozen=True, slots=True)
class Latency:
    """What was asked of so many paragraphs, and the seconds that each took."""

    what: str
    paragraphs: int
    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def row(self) -> Row:
        cut = statistics.quantiles(self.seconds, n=100)
        return Row(
            f"{self.paragraphs:,} ¶: {self.what}",
            f"median {1000 * self.median:.0f} ms",
            f"95th {1000 * cut[94]:.0f}, 99th {1000 * cut[98]:.0f} ms",
        )


def measure(size: int, folder: Path) -> tuple[list[Row], list[Latency]]:
    """All rows of one size, on a home of its own in `folder`, and the latencies among them."""
    encoder = packaged_encoder(ENGLISH, MODELS)
    embeddings = SentenceEmbeddings(GeneratedDocuments(encoder))
    read = list(islice(events(), size))
    home = folder / f"home-{size}"
    with opened(home, embeddings) as library:
        rows = []
        if library.corpus.counts().paragraphs < size:
            filled = _timed(lambda: _fill(library, read))
            rows.append(Row(f"{size:,} ¶: stored and indexed", f"{size / filled:.0f} ¶/s"))
        questions = _questions(read)
        held = library.corpus.counts().paragraphs
        for ask in questions[:WARM_UP]:
            _search(library, None, ask)
        search = partial(_search, library, None)
        taken = [
            Latency(
                f"search, {people} at once", held, _at_once(search, questions[:SEARCHES], people)
            )
            for people in AT_ONCE
        ]
        for share in SHARES[:-1]:
            narrowed = partial(_search, library, _narrowed(read, share))
            within = _at_once(narrowed, questions[:SEARCHES], 1)
            taken.append(Latency(f"search within {share:.1%}", held, within))
        for people in AT_ONCE[:2]:
            answers = _at_once(partial(_ask, library), questions[:ANSWERS], people)
            taken.append(Latency(f"whole answer, {people} at once", held, answers))
        taken += _tutorial(folder / f"tutorial-{size}", encoder, embeddings, read, questions)
    disk = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows += [one.row for one in taken]
    rows.append(Row(f"{held:,} ¶: on disk", f"{disk / 2**20:.0f} MB", f"peak {memory:.1f} GB"))
    return rows, taken


def plot(latencies: Sequence[Latency], path: Path) -> None:
    """Medians of what one asks at a time by the number of paragraphs, both on scales of powers."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4), layout="constrained")
    for what in dict.fromkeys(one.what for one in latencies if "1 at once" in one.what):
        points = [one for one in latencies if one.what == what]
        sizes = [one.paragraphs for one in points]
        axes.plot(sizes, [1000 * one.median for one in points], marker="o", label=what)
    axes.set(xscale="log", yscale="log", xlabel="paragraphs", ylabel="median, milliseconds")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def _fill(library: Library, read: Sequence[ReadArticle]) -> None:
    for start in range(0, len(read), BATCH):
        ingest(library.corpus, read[start : start + BATCH], lambda: ASKED_AT)
        library.indexer.catch_up()
        print(f"  indexed {start + BATCH:,}", file=sys.stderr, flush=True)


def _questions(read: Sequence[ReadArticle]) -> list[str]:
    """The beginnings of events as somebody would type them, spread over all."""
    step = max(1, len(read) // (SEARCHES + ANSWERS))
    return [" ".join(one.paragraphs[0].split()[:9]) for one in read[::step]][: SEARCHES + ANSWERS]


def _narrowed(read: Sequence[ReadArticle], share: float) -> Filter:
    """A window of days in the middle that holds about such a share of the articles."""
    days = sorted(one.published_at for one in read if one.published_at is not None)
    first = int(len(days) * (1 - share) / 2)
    last = min(len(days) - 1, first + max(1, int(len(days) * share)))
    return Filter(since=days[first], until=days[last] + timedelta(seconds=1))


def _search(library: Library, narrow: Filter | None, text: str) -> None:
    library.search.search(text, 10, narrow)


def _ask(library: Library, text: str) -> None:
    library.chain.invoke(understand(f"What happened: {text}?", ASKED_AT))


def _at_once(run: Callable[[str], None], texts: Sequence[str], people: int) -> list[float]:
    """Seconds that each took, with so many waiting for theirs at any time."""
    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(lambda text: _timed(partial(run, text)), texts))


def _tutorial(
    folder: Path,
    encoder: Encoder,
    embeddings: SentenceEmbeddings,
    read: Sequence[ReadArticle],
    questions: Sequence[str],
) -> list[Latency]:
    """LangChain over Chroma, a record a paragraph, asked once for ten."""
    import chromadb
    from langchain_chroma import Chroma

    store = Chroma(
        "tutorial",
        client=chromadb.PersistentClient(str(folder)),
        collection_metadata={"hnsw:space": "cosine"},
    )
    for start in range(0, len(read), BATCH):
        texts = [one.paragraphs[0] for one in read[start : start + BATCH]]
        store._collection.add(
            ids=[one.url for one in read[start : start + BATCH]],
            documents=texts,
            embeddings=embeddings.encode(texts),
        )

    def search(text: str) -> None:
        store.similarity_search_by_vector(encoder.encode_query([text])[0].tolist(), 10)

    for text in questions[:WARM_UP]:
        search(text)
    return [
        Latency(
            f"the tutorials' chain, {people} at once",
            len(read),
            _at_once(search, questions[:SEARCHES], people),
        )
        for people in AT_ONCE
    ]


def _timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    from tests.benchmarks.__main__ import machine, table

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale")
    parser.add_argument("sizes", nargs="?", default=",".join(map(str, SIZES)))
    parser.add_argument("--plot", type=Path, help="a picture of how the medians grow")
    parser.add_argument("--keep", type=Path, help="a folder for the homes, kept afterwards")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    latencies: list[Latency] = []
    described = machine()
    with ExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-"))
        folder = options.keep or Path(temporary)
        for size in map(int, options.sizes.split(",")):
            of_size, taken = measure(size, folder)
            rows += of_size
            latencies += taken
    print(described)
    print(*table(rows), sep="\n")
    if options.plot is not None:
        plot(latencies, options.plot)


if __name__ == "__main__":
    main()
