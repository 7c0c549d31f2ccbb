"""How well articles are grouped into stories, beside average linkage at its best threshold.

    python -m tests.evaluation --sets stories      the rows of `make eval`
    python -m tests.evaluation.stories             one line an order of arrival
    python -m tests.evaluation.stories --tune      thresholds compared, cross-validated by topic
    python -m tests.evaluation.stories --fit-languages    weights of pairs across languages

Articles of ECB+ (`../shared/data/stories`): every topic holds two look-alike events. They arrive
one by one, in the order of the file and in random ones, and nothing is known of what is to come;
copies are not marked. The baselines see everything at once and their thresholds are fitted on
what they are measured on. ECB+ has few dates, so time takes nearly no part.

Stories across languages are measured on reports of our own (`tests/data/stories_languages.jsonl`),
of which one half was looked at while they were made, and the other is measured.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from corpus.articles import Article, Paragraph, SourceKind, article_id
from corpus.store.articles import open_store
from corpus.text.dates import parse_moment
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import LeadVectors, StoryMemory
from retrieval.stories.grouping import (
    ALIKE,
    AS_CLOSE,
    LEAD_CHARACTERS,
    MOST_DAYS_ABROAD,
    Repeated,
    Vocabulary,
    Weights,
    average_linkage,
    likeness,
    published_day,
    read_terms,
    unit_rows,
)
from retrieval.stories.registry import Stand, StoryRegister
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.metrics import adjusted_rand_index, b_cubed
from tests.evaluation.sets import ROOT, DataAbsent, data_folder
from tests.evaluation.table import Measurement

RANDOM_ORDERS = 3
REPORTS = ROOT / "tests" / "data" / "stories_languages.jsonl"
ARRIVED = datetime(2026, 1, 1, tzinfo=UTC)
THRESHOLDS = (0.22, 0.25, 0.28, 0.30, 0.32, 0.34)
CLOSENESS = (0.0, 0.80, 0.84, 0.86, 0.88, 0.90, 0.92, 0.96)
FOLDS, SHUFFLES = 5, 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with the story and the topic that people put it into."""

    article: Article
    story: str
    topic: int


@dataclass(frozen=True, slots=True)
class Grouped:
    """How well one grouping agrees with the labels."""

    name: str
    precision: float
    recall: float
    f1: float
    ari: float
    stories: int


def measure_stories(path: Path, embeddings: SentenceEmbeddings) -> list[Measurement]:
    """The rows of `make eval`; the baselines stand in the columns dense, BM25 and RRF."""
    labelled = read_labelled(path)
    orders = [
        grouped_as_they_arrive(labelled, embeddings, order) for order in range(RANDOM_ORDERS + 1)
    ]
    tfidf, dense, mix = baselines(labelled, embeddings)
    chosen = cross_validated(labelled, alike_of(labelled, embeddings))
    abroad, pairs = told_in_many_languages(read_reports("unseen"), embeddings)
    crowd = crowded([*read_reports("building"), *read_reports("unseen")])
    dense_stream, dense_pairs = told_in_many_languages(crowd, embeddings)
    return [
        Measurement("stories", "B³ F1", mean(o.f1 for o in orders), dense.f1, tfidf.f1, mix.f1),
        Measurement("stories", "B³ F1, worst order", min(o.f1 for o in orders)),
        Measurement("stories", "ARI", mean(o.ari for o in orders), dense.ari, tfidf.ari, mix.ari),
        Measurement("stories", "ARI, worst order", min(o.ari for o in orders)),
        Measurement("stories", "B³ precision", mean(o.precision for o in orders), gated=False),
        Measurement("stories", "B³ recall", mean(o.recall for o in orders), gated=False),
        Measurement("stories", "B³ F1, other topics' thresholds", chosen, gated=False),
        Measurement("stories", "nine languages: B³ F1", abroad.f1),
        Measurement("stories", "pairs in two languages: precision", pairs.precision),
        Measurement("stories", "pairs in two languages: recall", pairs.recall),
        Measurement("stories", "79 events in two days: B³ F1", dense_stream.f1, gated=False),
        Measurement(
            "stories", "79 events in two days: pairs, precision", dense_pairs.precision, gated=False
        ),
        Measurement(
            "stories", "79 events in two days: pairs, recall", dense_pairs.recall, gated=False
        ),
    ]


def read_labelled(path: Path) -> list[Labelled]:
    """The articles of the file, in its order."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Labelled(_article(line), line["story"], line["topic"]) for line in lines]


def read_reports(half: str) -> list[Labelled]:
    """Reports in nine languages, of the half "building" or "unseen", as they were published."""
    lines = [json.loads(line) for line in REPORTS.read_text(encoding="utf-8").splitlines()]
    own = [
        {**line, "url": f"https://{line['language']}.example/{line['event']}"}
        for line in sorted(lines, key=lambda line: str(line["published_at"]))
        if line["half"] == half
    ]
    return [Labelled(_article(line), line["event"], 0) for line in own]


def crowded(reports: Sequence[Labelled]) -> list[Labelled]:
    """Reports as if all their events had begun on one day, each told within a day: many that share
    country, people and hour are no one event ("Bouteflika resigns", "Bensalah is named")."""
    drawn = random.Random(1)
    published = {one.article.id: one.article.published_at or ARRIVED for one in reports}
    first: dict[str, datetime] = {}
    for one in reports:
        at = published[one.article.id]
        first[one.story] = min(at, first.get(one.story, at))
    began = {story: ARRIVED + timedelta(days=drawn.random()) for story in first}
    moved = []
    for one in reports:
        after = min(published[one.article.id] - first[one.story], timedelta(days=1))
        at = began[one.story] + after
        moved.append((at, replace(one, article=replace(one.article, published_at=at))))
    return [one for _, one in sorted(moved, key=lambda pair: pair[0])]


# -- Chancery ----------------------------------------------------------------------------------


def grouped_as_they_arrive(
    labelled: Sequence[Labelled], embeddings: SentenceEmbeddings, order: int
) -> Grouped:
    """Stories after the last of the articles came; order 0 is that of the file."""
    arriving = list(labelled)
    if order:
        random.Random(order).shuffle(arriving)
    name = f"order {order}" if order else "file order"
    return _agreement(name, labelled, stories_of(arriving, embeddings))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Of pairs of texts in two languages: how many of those together are right, and of the right
    ones are together."""

    precision: float
    recall: float


def told_in_many_languages(
    reports: Sequence[Labelled], embeddings: SentenceEmbeddings
) -> tuple[Grouped, Pairs]:
    """How reports in several languages are grouped as they are published."""
    before, embeddings.reads_others = embeddings.reads_others, True
    try:
        given = stories_of(reports, embeddings)
    finally:
        embeddings.reads_others = before
    pairs = [
        (given[one.article.id] == given[other.article.id], one.story == other.story)
        for one, other in combinations(reports, 2)
        if one.article.language != other.article.language
    ]
    right = sum(together and same for together, same in pairs)
    found, wanted = (max(1, sum(column)) for column in zip(*pairs, strict=True))
    return _agreement("languages", reports, given), Pairs(right / found, right / wanted)


def stories_of(arriving: Iterable[Labelled], embeddings: SentenceEmbeddings) -> dict[str, str]:
    """The story of each article by their ids, after the last of them came."""
    story_of: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/chancery.db")
        leads = LeadVectors(embeddings)
        memory = StoryMemory(store, StoryRegister(store), leads, Stand(0, 0))
        for count, one in enumerate(arriving):
            arrived = replace(one.article, first_read_at=ARRIVED + timedelta(minutes=count))
            for member in memory.take([arrived]).written:
                story_of[member.article_id] = member.story_id
        store.close()
    return story_of


def alike_of(labelled: Sequence[Labelled], embeddings: SentenceEmbeddings) -> Weights:
    """Likeness of all articles when all are known, shape (articles, articles)."""
    repeated, vocabulary = Repeated(), Vocabulary()
    for one in labelled:
        repeated.count(one.article)
    told = [repeated.told(one.article) for one in labelled]
    terms = [read_terms(text) for text in told]
    for of_text in terms:
        vocabulary.learn(of_text)
    leads = LeadVectors(embeddings)
    vectors = leads.of([(one.article, text) for one, text in zip(labelled, told, strict=True)])
    profiles = [
        vocabulary.profile(of_text, vector, published_day(one.article))
        for of_text, vector, one in zip(terms, vectors, labelled, strict=True)
    ]
    return likeness(profiles, profiles, vocabulary)


def cross_validated(labelled: Sequence[Labelled], alike: Weights) -> float:
    """B³ F1 of topics whose thresholds were chosen on the other topics, mean of all shuffles."""
    topics = sorted({one.topic for one in labelled})
    table = {
        (threshold, as_close): _by_topic(labelled, alike, threshold, as_close)
        for threshold in THRESHOLDS
        for as_close in CLOSENESS
    }
    found = []
    for seed in range(SHUFFLES):
        shuffled = random.Random(seed).sample(topics, len(topics))
        measured = np.zeros(3)
        for fold in range(FOLDS):
            held_back = set(shuffled[fold::FOLDS])
            best = max(table, key=lambda key: _f1(table[key], set(topics) - held_back))
            measured += sum(table[best][topic] for topic in held_back)
        found.append(_f1({0: measured}, {0}))
    return mean(found)


def _by_topic(
    labelled: Sequence[Labelled], alike: Weights, threshold: float, as_close: float
) -> dict[int, Any]:
    """For each topic the sums of precision and of recall over its articles, and their number."""
    sums = {}
    for topic in {one.topic for one in labelled}:
        own = [index for index, one in enumerate(labelled) if one.topic == topic]
        groups = average_linkage(alike[np.ix_(own, own)], threshold=threshold, as_close=as_close)
        given = {labelled[own[i]].article.id: n for n, group in enumerate(groups) for i in group}
        score = b_cubed(given, {labelled[i].article.id: labelled[i].story for i in own})
        sums[topic] = np.array([score.precision, score.recall, 1.0]) * len(given)
    return sums


def _f1(sums: Mapping[int, Any], topics: Iterable[int]) -> float:
    precision, recall, count = sum(sums[topic] for topic in topics)
    return float(2 * precision * recall / (precision + recall) / count)


# -- baselines ---------------------------------------------------------------------------------


def baselines(
    labelled: Sequence[Labelled], embeddings: SentenceEmbeddings
) -> tuple[Grouped, Grouped, Grouped]:
    """Average linkage on TF-IDF of the whole text, on embeddings of title and lead, on the mean
    of both cosines, each at the threshold of its highest B³ F1."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [
        "\n".join([one.article.title, *(p.text for p in one.article.paragraphs)])
        for one in labelled
    ]
    matrix = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    tfidf = (matrix @ matrix.T).toarray()
    untouched = Repeated()
    leads = [untouched.told(one.article).beginning(LEAD_CHARACTERS) for one in labelled]
    vectors = embeddings.encode([lead[:LEAD_CHARACTERS] for lead in leads])
    dense = vectors @ vectors.T
    return (
        _best_linkage("TF-IDF", labelled, tfidf),
        _best_linkage("dense", labelled, dense),
        _best_linkage("even mix", labelled, (tfidf + dense) / 2),
    )


def _best_linkage(name: str, labelled: Sequence[Labelled], alike: Any) -> Grouped:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1.0 - (alike + alike.T) / 2, 0.0, None)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average")
    groupings = (fcluster(tree, height, "distance") for height in np.unique(tree[:, 2]))
    return max(
        (
            _agreement(
                name,
                labelled,
                {one.article.id: int(g) for one, g in zip(labelled, groups, strict=True)},
            )
            for groups in groupings
        ),
        key=lambda grouped: grouped.f1,
    )


def _agreement(name: str, labelled: Sequence[Labelled], given: Mapping[str, Any]) -> Grouped:
    gold = {one.article.id: one.story for one in labelled}
    score = b_cubed(given, gold)
    return Grouped(
        name,
        score.precision,
        score.recall,
        score.f1,
        adjusted_rand_index(given, gold),
        len(set(given.values())),
    )


def _article(line: dict[str, Any]) -> Article:
    # The address is only a name here: two spellings of one stand for two articles.
    identity = article_id(line["url"])
    return Article(
        id=identity,
        url=line["url"],
        title=line["title"],
        source=line.get("source"),
        kind=SourceKind.UNKNOWN,
        author=None,
        published_at=parse_moment(line["published_at"] or ""),
        language=line.get("language"),
        version=1,
        read_at=ARRIVED,
        first_read_at=ARRIVED,
        paragraphs=tuple(
            Paragraph(identity, number, text)
            for number, text in enumerate(line["paragraphs"], start=1)
        ),
    )


def main(arguments: Sequence[str]) -> int:
    try:
        path = data_folder() / "stories" / "articles.jsonl"
        if not path.is_file():
            raise DataAbsent(f"{path.name} of stories is not here")
    except DataAbsent as absent:
        print(f"Not measured: {absent}.")
        return 0
    labelled = read_labelled(path)
    with CachedEmbeddings(ROOT / ".eval-cache") as embeddings:
        if "--fit-languages" in arguments:
            events = data_folder() / "wp_current_events" / "events.jsonl.gz"
            fit_languages(embeddings, events)
            return 0
        if "--tune" in arguments:
            _print_tuning(labelled, alike_of(labelled, embeddings))
            return 0
        print(f"{'':12} precision  recall      F1     ARI  stories")
        for grouped in baselines(labelled, embeddings):
            _print_grouped(grouped)
        for order in range(RANDOM_ORDERS + 1):
            _print_grouped(grouped_as_they_arrive(labelled, embeddings, order))
        for half in ("building", "unseen"):
            grouped, pairs = told_in_many_languages(read_reports(half), embeddings)
            _print_grouped(replace(grouped, name=half))
            print(f"  in two languages {pairs.precision:.3f} {pairs.recall:.3f}")
    return 0


def _print_grouped(one: Grouped) -> None:
    print(
        f"{one.name:12} {one.precision:9.3f} {one.recall:7.3f} {one.f1:7.3f} {one.ari:7.3f} "
        f"{one.stories:8}"
    )


# Other news of the same days that the reports must not be taken for: that of other years.
OTHER_YEARS, MOST_OTHERS = ("2017-04", "2018-04"), 320
# Days by which a paper of another language may be later than the reports are.
LATER, DRAWS = 1.5, 6


def fit_languages(embeddings: SentenceEmbeddings, events: Path) -> None:
    """Print what meaning, sounds and days weigh in whether two texts in two languages tell of one
    event: logistic regression, divided by 20 to lie on the scale of `likeness`."""
    from sklearn.linear_model import LogisticRegression

    reports = [*read_reports("building"), *_of_other_years(events)]
    embeddings.reads_others = True
    repeated, vocabulary = Repeated(), Vocabulary()
    told = [repeated.told(one.article) for one in reports]
    terms = [read_terms(text, abroad=True) for text in told]
    for of_text in terms:
        vocabulary.learn(of_text)
    space = embeddings.spaces[-1]
    meant = space.encoder.encode_document(
        ["\n".join((one.title, *one.paragraphs[:1])) for one in told]
    )
    numbers = vocabulary.numbers({sound for of_text in terms for sound in of_text.sounds})
    heard = unit_rows([vocabulary.numbers(one.sounds) for one in terms], numbers, vocabulary)
    spoken = np.array([one.article.language for one in reports])
    events_of = np.array([one.story for one in reports])
    pairs = np.triu(spoken[:, None] != spoken[None, :])
    days = np.array([published_day(one.article) for one in reports])
    drawn, rows = np.random.default_rng(3), []
    for _ in range(DRAWS):
        told_at = days + np.where(spoken != "en", drawn.uniform(0.0, LATER, len(days)), 0.0)
        apart = np.clip(np.abs(told_at[:, None] - told_at[None, :]), 0.0, MOST_DAYS_ABROAD)
        rows.append(np.stack([(meant @ meant.T)[pairs], (heard @ heard.T)[pairs], apart[pairs]]))
    same = np.tile((events_of[:, None] == events_of[None, :])[pairs], DRAWS)
    fitted = LogisticRegression(C=10, max_iter=1_000).fit(np.concatenate(rows, axis=1).T, same)
    meaning, sounds, day = fitted.coef_[0] / 20
    print(
        f"meaning {meaning:.2f}, sounds {sounds:.2f}, a day {day:.2f}, "
        f"nothing {ALIKE + fitted.intercept_[0] / 20:.2f}"
    )


def _of_other_years(events: Path) -> list[Labelled]:
    """Events of the portal on the same days of other years, in English, each an event alone."""
    with gzip.open(events, "rt", encoding="utf-8") as lines:
        found = [one for one in map(json.loads, lines) if one["date"][:7] in OTHER_YEARS]
    told = [one for one in found if one["date"][8:] <= "21"]
    chosen = random.Random(5).sample(told, MOST_OTHERS)
    return [
        Labelled(
            _article(
                {
                    "url": f"https://portal.example/{number}",
                    "title": "",
                    "published_at": f"2019{one['date'][4:]}T12:00:00+00:00",
                    "language": "en",
                    "paragraphs": [one["text"]],
                }
            ),
            str(number),
            0,
        )
        for number, one in enumerate(chosen)
    ]


def _print_tuning(labelled: Sequence[Labelled], alike: Weights) -> None:
    print("B³ F1 when all is known, by ALIKE (down) and AS_CLOSE (across; 0: plain linkage)")
    print("      " + "".join(f"{as_close:7.2f}" for as_close in CLOSENESS))
    topics = {one.topic for one in labelled}
    for threshold in THRESHOLDS:
        rates = [
            _f1(_by_topic(labelled, alike, threshold, as_close), topics) for as_close in CLOSENESS
        ]
        print(f"{threshold:6.2f}" + "".join(f"{rate:7.3f}" for rate in rates))
    print(f"chosen: {ALIKE:.2f}, {AS_CLOSE:.2f}")
    print(f"thresholds of other topics, {FOLDS} folds: {cross_validated(labelled, alike):.3f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
