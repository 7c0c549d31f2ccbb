"""Whether a press section would send it: the news of days, topics and weeks that people chose.

    python -m tests.evaluation.main_news [--held-out] [--corpus sample] [--every]

    tests/data/news, ../shared/data ─ corpus by corpus, built once ─▶ digest, summary, timeline
        ─▶ which items are told, by what they cite and say

What must be told, and how it is known, is written in `tests/data/news/README.md`. An item is told
by a sentence with all its key words, or by a story that cites one of its paragraphs and has all its
key words. An event is told by an entry of one of its dates that cites one of its paragraphs. Half
of the days is looked at only with `--held-out`: they are for the number that is reported.

Timelines stand beside two baselines, over the paragraphs that the same search finds: the first
sentence of each day's newest article, and for the days that are mentioned most the sentence that
mentions each of them (both after Tran et al. 2015 and Gholipour Ghalandari and Ifrim 2020).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from corpus.articles import ReadArticle, Source, SourceKind, article_id
from corpus.fetch.urls import canonical_url
from corpus.ingest import ingest
from corpus.quotations.store import QuotationRegister
from corpus.readers.folders import read_path
from corpus.samples import sample_articles, sample_sources
from corpus.store.articles import ArticleStore, open_store
from corpus.text.calendar import Precision
from corpus.text.dates import date_mentions
from corpus.text.sentences import split_sentences
from retrieval.encoders.cross_encoder import PACKAGED_READER, make_reader
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.indexer import Indexer
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import VectorIndex, embedded_client
from retrieval.passages import Filter, ParagraphKey
from retrieval.questions.understand import Narrowing
from retrieval.reports.digest import DigestMaker, told_before
from retrieval.reports.report import Brief, Digest, Interests, Summary
from retrieval.reports.summary import SummaryMaker
from retrieval.reports.timeline import Timeline, TimelineMaker
from retrieval.reports.topics import TopicRelevance
from retrieval.search.retriever import HybridSearch
from retrieval.similarity import RememberedVectors
from retrieval.stories.follower import StoryFollower
from retrieval.stories.registry import StoryRegister
from retrieval.stories.story import moment_of
from tests.evaluation.embedding_cache import CachedEmbeddings, CachedReader
from tests.evaluation.sets import MAIN_NEWS, ROOT, DataAbsent, data_folder
from tests.evaluation.table import Measurement

OWN = ROOT / "tests" / "data" / "news"
READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE, AFTER = timedelta(days=21), timedelta(days=3)
"""What is read of a large corpus around the days asked about."""
FILES = {
    "briefings": "briefings/articles.jsonl.gz",
    "feed_polls": "feed_polls/items.jsonl.gz",
    "multihop": "multihop/articles.jsonl.gz",
    "wp_current_events": "wp_current_events/events.jsonl.gz",
}
MINISTRY, EVENTS = "U.S. Department of State", "Current events"
_PUBLISHED_BY = re.compile(r"was published by (?P<source>.{2,80}?) on (?P<day>\d{4}-\d\d-\d\d)")
_CODE = ("corpus/**/*.py", "corpus/**/*.txt", "retrieval/index/*.py", "retrieval/stories/*.py")


@dataclass(frozen=True, slots=True)
class Item:
    """What must be told: words by which it is known, paragraphs that tell it, whether it may
    stand first."""

    told: str
    keys: tuple[str, ...]
    gold: frozenset[ParagraphKey]
    lead: bool
    dates: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A day, the summary of a topic or its timeline, and what must be in it."""

    id: str
    corpus: str
    topic: str
    since: datetime
    until: datetime
    items: tuple[Item, ...]
    ceremony: frozenset[str]


@dataclass(frozen=True, slots=True)
class Library:
    """A corpus, built, and what makes documents of it."""

    store: ArticleStore
    stories: StoryRegister
    search: HybridSearch
    digests: DigestMaker
    summaries: SummaryMaker
    timelines: TimelineMaker


@dataclass(frozen=True, slots=True)
class Shown:
    """The sentences of one story, each with the paragraph it is cited to."""

    headline: str
    sentences: tuple[tuple[str, ParagraphKey], ...]
    articles: frozenset[str]

    def tells(self, item: Item) -> bool:
        texts = [self.headline, *(text for text, _ in self.sentences)]
        if any(_has_keys(text, item.keys) for text in texts):
            return True
        cited = any(key in item.gold for _, key in self.sentences)
        return cited and _has_keys("\n".join(texts), item.keys)


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest or summary makes of its items."""

    asked: Asked
    shown: tuple[Shown, ...]

    @property
    def found(self) -> list[bool]:
        return [any(one.tells(item) for one in self.shown) for item in self.asked.items]

    @property
    def leads(self) -> bool:
        """Whether the first story tells something that may stand first."""
        first = self.shown[:1]
        return any(one.tells(item) for one in first for item in self.asked.items if item.lead)

    @property
    def led_by_ceremony(self) -> bool:
        first = self.shown[0] if self.shown else None
        return bool(first and first.articles & self.asked.ceremony) and not any(
            first.tells(item) for item in self.asked.items
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a timeline: its days, and the paragraph it is cited to."""

    first: date
    last: date
    key: ParagraphKey
    text: str


@dataclass(frozen=True, slots=True)
class Timed:
    """A timeline against the events that must be in it."""

    asked: Asked
    entries: tuple[Entry, ...]

    @property
    def found(self) -> list[bool]:
        return [
            any(
                entry.key in item.gold and any(_within(day, entry) for day in item.dates)
                for entry in self.entries
            )
            for item in self.asked.items
        ]

    @property
    def date_f1(self) -> float:
        """Of the days of the entries against those of the events; F1 of no entries is 0."""
        right = [item.dates for item in self.asked.items]
        days = {entry.first for entry in self.entries}
        allowed = {day for dates in right for day in dates}
        precision = len(days & allowed) / max(1, len(days))
        recall = sum(
            any(_within(day, e) for day in dates for e in self.entries) for dates in right
        ) / max(1, len(right))
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _within(day: date, entry: Entry) -> bool:
    return entry.first <= day <= entry.last <= entry.first + timedelta(days=7)


def _has_keys(text: str, keys: Sequence[str]) -> bool:
    return all(_key(key).search(text) for key in keys)


@cache
def _key(alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(one)}" for one in alternatives.split("|")))


# -- what is asked ----------------------------------------------------------------------------


def asked_of(name: str, *, held_out: bool) -> list[Asked]:
    """The days, timelines or summaries that people chose."""
    with (OWN / f"{name}.jsonl").open(encoding="utf-8") as stream:
        lines = list(map(json.loads, stream))
    return [_asked(line) for line in lines if line["held_out"] is held_out]


def _asked(line: Mapping[str, Any]) -> Asked:
    first = line.get("since", line.get("day"))
    last = line.get("until", line.get("day"))
    return Asked(
        line["id"],
        line["corpus"],
        line.get("topic") or "",
        _midnight(first),
        _midnight(last) + DAY,
        tuple(map(_item, line.get("items", line.get("events")))),
        frozenset(map(_article_id, line.get("ceremony", ()))),
    )


def _item(line: Mapping[str, Any]) -> Item:
    days = [line["date"], *line["also"]] if "date" in line else []
    return Item(
        line["told"],
        tuple(line.get("keys", ())),
        frozenset((_article_id(one["article"]), one["paragraph"]) for one in line["gold"]),
        bool(line.get("lead")),
        tuple(map(date.fromisoformat, days)),
    )


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def _article_id(named: str) -> str:
    return article_id(canonical_url(named if ":" in named else _address(named)))


def _address(event: str) -> str:
    return f"https://events.example/{event}"


# -- corpora ----------------------------------------------------------------------------------


def articles_of(corpus: str, data: Path) -> list[ReadArticle]:
    """The articles of a corpus; of a large one those around what is asked."""
    if corpus == "sample":
        return list(sample_articles())
    path = data / FILES[corpus]
    if not path.is_file():
        raise DataAbsent(f"{path} is not here")
    if corpus == "briefings":
        return [one for one in read_path(path) if isinstance(one, ReadArticle)]
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        lines = list(map(json.loads, stream))
    if corpus == "feed_polls":
        return list(map(_feed_item, lines))
    if corpus == "multihop":
        return list(map(_dated_by_its_last_paragraph, lines))
    spans = [
        (one.since - BEFORE, one.until + AFTER)
        for name in ("days", "timelines", "summaries")
        for held_out in (False, True)
        for one in asked_of(name, held_out=held_out)
        if one.corpus == corpus
    ]
    wanted = (
        line
        for line in lines
        if any(since <= _midnight(line["date"]) < until for since, until in spans)
    )
    return list(map(_event, wanted))


def _feed_item(line: Mapping[str, Any]) -> ReadArticle:
    return ReadArticle(
        line["url"],
        line["title"],
        tuple(line["paragraphs"]),
        MINISTRY,
        author=line.get("creator"),
        published_at=parsedate_to_datetime(line["published"]).astimezone(UTC),
    )


def _dated_by_its_last_paragraph(line: Mapping[str, Any]) -> ReadArticle:
    *paragraphs, last = line["paragraphs"]
    found = _PUBLISHED_BY.search(last)
    assert found is not None, line["url"]
    return ReadArticle(
        line["url"],
        line["title"],
        (*paragraphs, last),
        found["source"],
        published_at=_midnight(found["day"]),
    )


def _event(line: Mapping[str, Any]) -> ReadArticle:
    """An event of one paragraph; its title is the story it is put under, if there is one."""
    title = line.get("story") or line["text"].split(". ")[0][:100]
    return ReadArticle(
        _address(line["id"]),
        title,
        (line["text"],),
        EVENTS,
        published_at=_midnight(line["date"]),
    )


@contextmanager
def open_news(
    corpus: str, data: Path, embeddings: SentenceEmbeddings, built: Path | None = None
) -> Iterator[Library]:
    """A corpus with everything that follows it, built where it was not yet.

    `built` is where it stands, else a folder of the cache that the data and the code which builds
    it name.
    """
    home = built or ROOT / ".eval-cache" / "news" / f"{corpus}-{_built_of(corpus, data)}"
    with ExitStack() as opened:
        new = not (home / "built").is_file()
        home.mkdir(parents=True, exist_ok=True)
        store = open_store(f"sqlite:///{home / 'chancery.db'}")
        opened.callback(store.close)
        lexical = LexicalIndex(home)
        opened.callback(lexical.close)
        vectors = VectorIndex(embedded_client(home), embeddings)
        quoted = QuotationRegister(store)
        if new:
            store.put_sources(_sources())
            ingest(store, articles_of(corpus, data), lambda: READ_AT)
            Indexer(store, vectors, lexical, embeddings).catch_up()
            StoryFollower(store, embeddings, index=vectors).catch_up()
            quoted.catch_up()
            (home / "built").touch()
        packaged = make_reader(PACKAGED_READER)
        assert packaged is not None
        reader = CachedReader(ROOT / ".eval-cache", packaged)
        opened.callback(reader.save)
        search = HybridSearch(store, vectors, lexical, embeddings, reader=reader)
        encode = RememberedVectors(embeddings.encode, 200_000)
        register = StoryRegister(store)
        yield Library(
            store,
            register,
            search,
            DigestMaker(register, encode, quoted.of, store.version, TopicRelevance(search)),
            SummaryMaker(register, search, encode, quoted.of, store.version),
            TimelineMaker(search, encode, register.of_article),
        )


def _sources() -> list[Source]:
    return [*sample_sources(), Source(MINISTRY, kind=SourceKind.OFFICIAL, country="US")]


def _built_of(corpus: str, data: Path) -> str:
    digest = hashlib.sha256()
    if corpus in FILES:
        digest.update((data / FILES[corpus]).read_bytes())
    for pattern in _CODE:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# -- what is made -----------------------------------------------------------------------------


def digest_of(asked: Asked, library: Library) -> Digest:
    """The digest of a day for whoever was told of every day before."""
    known = told_before(library.stories.stories(asked.since, asked.until), asked.since)
    interests = Interests(topics=(asked.topic,) if asked.topic else ())
    return library.digests.digest(interests, asked.since, asked.until, known)


def summary_of(asked: Asked, library: Library) -> Summary:
    return library.summaries.summary(asked.topic, asked.since, asked.until)


def timeline_of(asked: Asked, library: Library) -> Timeline:
    return library.timelines.timeline(asked.topic, _narrowing(asked))


def _narrowing(asked: Asked) -> Narrowing:
    return Narrowing(asked.since, asked.until - timedelta(seconds=1))


def shown_of(made: Digest | Summary) -> tuple[Shown, ...]:
    """What a reader is shown of each story, with where it stands."""
    keys = {one.mark: one.key for one in made.citations}
    return tuple(
        Shown(
            brief.headline,
            tuple((text, keys[mark]) for text, mark in _said(brief)),
            frozenset(keys[mark][0] for _, mark in _said(brief)),
        )
        for brief in made.briefs
    )


def _said(brief: Brief) -> Iterator[tuple[str, int]]:
    accounts = [account for one in brief.disputed for account in one.accounts]
    ahead = [one.statement for one in brief.announced]
    for statement in (*brief.happened, *accounts, *ahead):
        yield from ((statement.text, mark) for mark in statement.citations)
    for words in brief.spoken:
        yield f"{words.speaker} {words.quote}", words.mark


def entries_of(timeline: Timeline) -> tuple[Entry, ...]:
    return tuple(Entry(one.first, one.last, one.citation.key, one.text) for one in timeline.events)


def baselines(asked: Asked, library: Library) -> tuple[Timed, Timed]:
    """The first sentence of each day's newest article; the days that are mentioned most."""
    narrow = Filter(asked.since, asked.until - timedelta(seconds=1))
    found = library.search.search(asked.topic, 100, narrow)
    newest: dict[date, Entry] = {}
    articles = {one.article.id: one.article for one in found}
    for article in sorted(articles.values(), key=moment_of):
        text = next((p for p in article.paragraphs if len(p.text) >= 60), None)
        if text is not None and article.published_at is not None:
            day = article.published_at.date()
            first = split_sentences(text.text)[0].text
            newest[day] = Entry(day, day, (article.id, text.number), first)
    counts: Counter[date] = Counter()
    mentioning: dict[date, Entry] = {}
    for one in found:
        published = one.article.published_at
        for sentence in split_sentences(one.text):
            for mention in date_mentions(sentence.text, published.date() if published else None):
                if mention.precision is Precision.DAY:
                    day = mention.first
                    counts[day] += 1
                    mentioning.setdefault(day, Entry(day, day, one.key, sentence.text))
    within = [
        day for day, _ in counts.most_common() if asked.since.date() <= day < asked.until.date()
    ]
    most = tuple(mentioning[day] for day in within[: max(5, len(asked.items))])
    return Timed(asked, tuple(newest.values())), Timed(asked, most)


# -- what it is worth -------------------------------------------------------------------------


@dataclass(slots=True)
class Found:
    """Everything that was made of some corpora."""

    days: list[Told]
    summaries: list[Told]
    timelines: list[Timed]
    newest: list[Timed]
    mentioned: list[Timed]


def measure_main_news(embeddings: SentenceEmbeddings) -> list[Measurement]:
    """The rows of `make eval`; for timelines the baselines stand in the columns dense and BM25."""
    data = data_folder()
    return [
        *measurements(found_in(data, embeddings, held_out=False), MAIN_NEWS),
        *measurements(found_in(data, embeddings, held_out=True), f"{MAIN_NEWS} held out"),
    ]


def found_in(
    data: Path,
    embeddings: SentenceEmbeddings,
    *,
    held_out: bool,
    corpora: Sequence[str] = ("sample", *FILES),
) -> Found:
    """Digests, summaries and timelines of these corpora."""
    found = Found([], [], [], [], [])
    for corpus in corpora:
        with open_news(corpus, data, embeddings) as library:
            for asked in _of(corpus, "days", held_out):
                found.days.append(Told(asked, shown_of(digest_of(asked, library))))
            for asked in _of(corpus, "summaries", held_out):
                found.summaries.append(Told(asked, shown_of(summary_of(asked, library))))
            for asked in _of(corpus, "timelines", held_out):
                found.timelines.append(Timed(asked, entries_of(timeline_of(asked, library))))
                newest, mentioned = baselines(asked, library)
                found.newest.append(newest)
                found.mentioned.append(mentioned)
    return found


def _of(corpus: str, name: str, held_out: bool) -> list[Asked]:
    return [one for one in asked_of(name, held_out=held_out) if one.corpus == corpus]


def measurements(found: Found, label: str) -> list[Measurement]:
    """Shares of all, of each corpus only to look at."""
    leading = [one for one in found.days if any(item.lead for item in one.asked.items)]
    rows = [
        Measurement(label, "days: must-tell recall", _recall(found.days)),
        Measurement(label, "days: led by it", sum(d.leads for d in leading) / max(1, len(leading))),
        Measurement(
            label,
            "days: not led by ceremony",
            1 - sum(d.led_by_ceremony for d in found.days) / max(1, len(found.days)),
        ),
        Measurement(label, "summaries: recall", _recall(found.summaries)),
        Measurement(
            label,
            "timelines: event recall",
            *map(_recall, (found.timelines, found.newest, found.mentioned)),
        ),
        Measurement(
            label,
            "timelines: date F1",
            *map(_mean_f1, (found.timelines, found.newest, found.mentioned)),
        ),
    ]
    for corpus in dict.fromkeys(one.asked.corpus for one in found.days):
        days = [one for one in found.days if one.asked.corpus == corpus]
        flat = [told for one in days for told in one.found]
        rows.append(Measurement(label, f"days of {corpus}", sum(flat), of=len(flat), gated=False))
    return rows


def _recall(made: Sequence[Told] | Sequence[Timed]) -> float:
    flat = [told for one in made for told in one.found]
    return sum(flat) / max(1, len(flat))


def _mean_f1(made: Sequence[Timed]) -> float:
    return sum(one.date_f1 for one in made) / max(1, len(made))


def described(found: Found, *, every: bool) -> Iterator[str]:
    """What is missing, and what stands there instead, in words to read."""
    for told in (*found.days, *found.summaries):
        kind = "summary" if told in found.summaries else "day"
        if every or not all(told.found) or not told.leads:
            yield f"\n[{told.asked.id} {kind} {told.asked.since:%Y-%m-%d} {told.asked.topic}]"
            yield from _marks(told.found, told.asked.items)
            for shown in told.shown:
                mark = "+" if any(map(shown.tells, told.asked.items)) else " "
                yield f"  {mark} # {shown.headline}"
                yield from (f"      {text}" for text, _ in shown.sentences)
    for timed in found.timelines:
        if every or not all(timed.found):
            yield f"\n[{timed.asked.id} timeline {timed.asked.topic}]"
            yield from _marks(timed.found, timed.asked.items)
            for entry in timed.entries:
                mark = "+" if any(entry.key in item.gold for item in timed.asked.items) else " "
                yield f"  {mark} {entry.first} {entry.text}"


def _marks(found: Iterable[bool], items: Iterable[Item]) -> Iterator[str]:
    for told, item in zip(found, items, strict=True):
        days = f"{item.dates[0]} " if item.dates else ""
        yield f"    {'told   ' if told else 'MISSING'} {'*' * item.lead} {days}{item.told}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.main_news")
    parser.add_argument("--held-out", action="store_true", help="only those kept for the report")
    parser.add_argument("--corpus", action="append", choices=("sample", *FILES))
    parser.add_argument("--every", action="store_true", help="print all, not only what is missing")
    options = parser.parse_args()
    corpora = options.corpus or ("sample", *FILES)
    with CachedEmbeddings(ROOT / ".eval-cache") as embeddings:
        found = found_in(data_folder(), embeddings, held_out=options.held_out, corpora=corpora)
    if not options.held_out:
        print(*described(found, every=options.every), sep="\n")
    for value in measurements(found, MAIN_NEWS):
        baselines = [value.shown(one) for one in (value.dense, value.bm25) if one is not None]
        print(f"{value.measure:28} {value.shown(value.chancery)}", *baselines, file=sys.stderr)


if __name__ == "__main__":
    main()
