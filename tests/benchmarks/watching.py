"""Watches against articles: how long matching takes, and how near in meaning is near enough.

Watches are made from the headers of dated events, as readers write them: names, phrases, places,
some with actors; the articles are the events of a day together, or read articles.
"""

from __future__ import annotations

import gzip
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corpus.articles import Article, Paragraph, SourceKind, article_id
from corpus.text.places import places_of
from corpus.text.sentences import split_sentences
from corpus.text.words import names
from retrieval.encoders.encoder import Vectors
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.watches.matching import Criteria, Watched, WatchMatcher
from retrieval.watches.texts import How, is_name
from tests.benchmarks.measures import Row

WATCHES = 10_000
ARTICLES = 150
HEADERS = 400
EVENTS_UNDER = 2_500
EVENTS_BESIDE = 1_500
THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7)
_SEED = 5
_MOMENT = datetime(2019, 4, 4, 12, tzinfo=UTC)


def time_watches(data: Path, articles: Path) -> list[Row]:
    """Matching alone: the index has the vectors, and the search for quotations, which comes
    before alerts in the walk, has left the sentences of an article in the memory of `sentences`."""
    watched = watches_of(events(data), WATCHES)
    started = time.perf_counter()
    # What meanings are matters little to how long it takes, and their encoding is not timed.
    matcher = WatchMatcher(watched, _directions)
    compiled = time.perf_counter() - started
    taken: list[float] = []
    matched: list[int] = []
    for article in read_articles(articles, ARTICLES):
        vectors = _directions([paragraph.text for paragraph in article.paragraphs])
        numbers = [paragraph.number for paragraph in article.paragraphs]
        for paragraph in article.paragraphs:
            split_sentences(paragraph.text)
        started = time.perf_counter()
        found = matcher.matches(article, vectors, numbers)
        taken.append(time.perf_counter() - started)
        matched.append(len(found))
    high = statistics.quantiles(taken, n=20)[-1]
    return [
        Row(
            f"{len(watched):,} watches against an article",
            f"{1000 * statistics.median(taken):.1f} ms",
            f"95th percentile {1000 * high:.1f} ms, {statistics.mean(matched):.0f} matches",
            "",
            "< 50 ms",
        ),
        Row("compiling them", f"{compiled:.2f} s"),
    ]


def weigh_meaning(data: Path, embeddings: SentenceEmbeddings) -> list[Row]:
    """Headers as watches against events: of what meaning alone matches at each threshold, the
    share that stands under that very header."""
    dice = random.Random(_SEED)
    told = [event for event in events(data) if event["story"] and event["date"] >= "2015"]
    count = Counter(event["story"] for event in told)
    long = [story for story, many in count.items() if 4 <= many <= 400 and len(story.split()) > 1]
    stories = set(drawn := dice.sample(long, HEADERS))
    under = dice.sample([event for event in told if event["story"] in stories], EVENTS_UNDER)
    others = [event for event in told if event["story"] not in stories]
    chosen = under + dice.sample(others, EVENTS_BESIDE)
    headers = list(dict.fromkeys(map(lowered, drawn)))
    vectors = embeddings.encode([event["text"] for event in chosen])
    watched = [Watched(header, Criteria(words=(header,))) for header in headers]
    encoded = embeddings.encode(headers)
    known = dict(zip(headers, encoded, strict=True))

    def encode(texts: Sequence[str]) -> Vectors:
        return np.stack([known[text] for text in texts])

    rows = []
    for threshold in THRESHOLDS:
        matcher = WatchMatcher(
            watched, lambda texts: np.stack([known[t] for t in texts]), threshold
        )
        right = wrong = 0
        for number, event in enumerate(chosen):
            article = _article(str(number), "", [event["text"]])
            for match in matcher.matches(article, vectors[number : number + 1], (1,)):
                if match.how is How.MEANING:
                    same = match.watch == lowered(event["story"])
                    right, wrong = right + same, wrong + (not same)
        share = right / max(1, right + wrong)
        rows.append(Row(f"meaning from {threshold:.2f}", f"{share:.2f} right", f"{right} of them"))
    return rows


def events(data: Path) -> list[dict[str, str]]:
    """The dated events, oldest first."""
    with gzip.open(data / "wp_current_events" / "events.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def watches_of(told: Sequence[dict[str, str]], count: int) -> list[Watched]:
    """Watches as desks keep them, repeatably drawn: phrases of headers, names, places."""
    dice = random.Random(_SEED)
    headers = sorted({event["story"] for event in told if event["story"]})
    texts = [event["text"] for event in told[-20_000:]]
    watched = []
    for number in range(count):
        header, text = lowered(dice.choice(headers)), dice.choice(texts)
        named = names(text)
        words = [header]
        if len(named) > 1 and dice.random() < 0.5:
            words.append(" ".join(named[:2]))
        criteria = Criteria(
            words=tuple(words),
            actors=(" ".join(named[:2]),) if len(named) > 1 and dice.random() < 0.1 else (),
            places=tuple(places_of(text))[:2] if dice.random() < 0.4 else (),
        )
        if dice.random() < 0.1:
            criteria = Criteria(places=tuple(places_of(text))[:1] or ("LY",))
        watched.append(Watched(str(number), criteria))
    return watched


def lowered(header: str) -> str:
    """A header as a reader would write it: only what is no common noun keeps its capital."""
    words = header.split()
    kept = [word if places_of(word) or not word.istitle() else word.lower() for word in words]
    phrase = " ".join(kept)
    return header if is_name(phrase) else phrase


def read_articles(path: Path, count: int) -> list[Article]:
    """The first articles of a file, as the store gives them."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line, _ in zip(lines, range(count), strict=False):
            given = json.loads(line)
            found.append(_article(given["url"], given["title"], given["paragraphs"]))
    return found


def _article(name: str, title: str, paragraphs: Sequence[str]) -> Article:
    url = name if name.startswith("http") else f"https://example.org/{name}"
    identity = article_id(url)
    return Article(
        id=identity,
        url=url,
        title=title,
        source=None,
        kind=SourceKind.UNKNOWN,
        author=None,
        published_at=_MOMENT,
        language="en",
        version=1,
        read_at=_MOMENT,
        first_read_at=_MOMENT,
        paragraphs=tuple(
            Paragraph(identity, number, text) for number, text in enumerate(paragraphs, start=1)
        ),
    )


def _directions(texts: Sequence[str]) -> Vectors:
    """Unit vectors of the packaged model's length in arbitrary directions, one a text."""
    dice = np.random.default_rng(_SEED)
    rows = dice.standard_normal((len(texts), 384)).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / lengths, dtype=np.float32)
