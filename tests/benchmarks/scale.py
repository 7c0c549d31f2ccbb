"""How searching and asking grow with what was read: ten thousand, a hundred thousand paragraphs.

    python -m tests.benchmarks.scale [10000,100000] [--keep FOLDER]

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


def measure(size: int, folder: Path) -> list[Row]:
    """All rows of one size, on a home of its own in `folder`."""
    encoder = packaged_encoder(ENGLISH, MODELS)
    embeddings = SentenceEmbeddings(GeneratedDocuments(encoder))
    read = list(islice(events(), size))
    home = folder / f"home-{size}"
    with opened(home, embeddings) as library:
        filled = _timed(lambda: _fill(library, read))
        questions = _questions(read)
        named = f"{library.corpus.counts().paragraphs:,} ¶"
        rows = [Row(f"{named}: stored and indexed", f"{size / filled:.0f} ¶/s")]
        for ask in questions[:WARM_UP]:
            _search(library, None, ask)
        for people in AT_ONCE:
            taken = _at_once(partial(_search, library, None), questions[:SEARCHES], people)
            rows.append(_percentiles(f"{named}: search, {people} at once", taken))
        for share in SHARES[:-1]:
            narrow = _narrowed(read, share)
            taken = _at_once(partial(_search, library, narrow), questions[:SEARCHES], 1)
            rows.append(_percentiles(f"{named}: search within {share:.1%}", taken))
        for people in AT_ONCE[:2]:
            taken = _at_once(partial(_ask, library), questions[:ANSWERS], people)
            rows.append(_percentiles(f"{named}: whole answer, {people} at once", taken))
        rows += _tutorial(folder / f"tutorial-{size}", encoder, embeddings, read, questions, named)
    disk = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows.append(Row(f"{named}: on disk", f"{disk / 2**20:.0f} MB", f"peak memory {memory:.1f} GB"))
    return rows


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
    named: str,
) -> list[Row]:
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
        _percentiles(f"{named}: the tutorials' chain, {people} at once", taken)
        for people in AT_ONCE
        for taken in [_at_once(search, questions[:SEARCHES], people)]
    ]


def _percentiles(what: str, seconds: Sequence[float]) -> Row:
    cut = statistics.quantiles(seconds, n=100)
    return Row(
        what,
        f"median {1000 * cut[49]:.0f} ms",
        f"95th {1000 * cut[94]:.0f}, 99th {1000 * cut[98]:.0f} ms",
    )


def _timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    from tests.benchmarks.__main__ import machine, table

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale")
    parser.add_argument("sizes", nargs="?", default=",".join(map(str, SIZES)))
    parser.add_argument("--keep", type=Path, help="a folder for the homes, kept afterwards")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    described = machine()
    with ExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-"))
        folder = options.keep or Path(temporary)
        for size in map(int, options.sizes.split(",")):
            rows += measure(size, folder)
    print(described)
    print(*table(rows), sep="\n")


if __name__ == "__main__":
    main()
