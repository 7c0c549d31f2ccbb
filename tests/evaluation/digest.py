"""How digests read, measured without a judge, beside the first sentences of the newest articles.

    python -m tests.evaluation --sets digest      the rows of `make eval`
    python -m tests.evaluation.digest             what was found wanting, sentence by sentence

One digest a day, of the bundled sample and of two weeks of the briefings, for a reader who cares
for everything and was told of every day before. The baseline is what a feed reader shows: of each
of the five newest articles the title and the first two sentences.

What can be counted: that every sentence stands in the paragraph it is cited to; that none tells
what another told, on that day or an earlier one; that none leans on what was left out; that what
is announced lies ahead; and that what several origins tell is not passed over.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus.articles import ReadArticle
from corpus.ingest import ingest
from corpus.quotations.store import QuotationRegister
from corpus.readers.folders import read_path
from corpus.samples import sample_articles, sample_sources
from corpus.store.articles import ArticleStore, open_store
from corpus.text.sentences import split_sentences
from retrieval.grounding.check import is_verbatim
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.reports.announcements import Outdated
from retrieval.reports.digest import DigestMaker, told_before
from retrieval.reports.lines import leans
from retrieval.reports.report import MOST_STORIES, Digest, Interests
from retrieval.similarity import RememberedVectors, Sameness
from retrieval.stories.follower import StoryFollower
from retrieval.stories.registry import StoryRegister
from retrieval.stories.story import Story, moment_of
from tests.evaluation.embedding_cache import CachedEmbeddings
from tests.evaluation.sets import ROOT, data_folder
from tests.evaluation.table import Measurement

READ_AT = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime(2022, 4, 1, tzinfo=UTC), datetime(2022, 4, 15, tzinfo=UTC)
BASELINE_SENTENCES = 2
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What was told of one story: its headline and its sentences in order."""

    headline: str
    sentences: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Sentences told on a run of days, and what was wrong with which of them."""

    sentences: int = 0
    repeated: list[str] = field(default_factory=list)
    leaning: list[str] = field(default_factory=list)
    several: int = 0
    passed_over: list[str] = field(default_factory=list)

    def add(self, told: Sequence[Said], before: set[str], sameness: Sameness) -> None:
        """Count a day's sentences; `before` are those of earlier days, and grows."""
        heard: list[str] = []
        for said in told:
            context = said.headline
            for sentence in said.sentences:
                self.sentences += 1
                if sentence in before or sameness.repeats(sentence, heard):
                    self.repeated.append(sentence)
                # What leans is told in one statement with the sentence that it leans on.
                if leans(split_sentences(sentence)[0].text, context):
                    self.leaning.append(sentence)
                heard.append(sentence)
                context = f"{context} {sentence}"
        before.update(heard)

    @property
    def told_once(self) -> float:
        return 1 - len(self.repeated) / max(1, self.sentences)

    @property
    def standing(self) -> float:
        return 1 - len(self.leaning) / max(1, self.sentences)

    @property
    def covered(self) -> float:
        return 1 - len(self.passed_over) / max(1, self.several)


@dataclass(slots=True)
class Found:
    """Digests and baseline of one corpus, day by day."""

    chancery: Tally = field(default_factory=Tally)
    newest: Tally = field(default_factory=Tally)
    verbatim: int = 0
    statements: int = 0
    ahead: int = 0
    announced: int = 0
    outdated: list[str] = field(default_factory=list)


def measure_digest(path: Path, embeddings: SentenceEmbeddings) -> list[Measurement]:
    """The rows of `make eval`; the baseline stands in the column dense."""
    corpora = {"sample": list(sample_articles()), "briefings": _briefings(path)}
    rows: list[Measurement] = []
    for name, articles in corpora.items():
        found = digests_of(articles, embeddings)
        ours, newest = found.chancery, found.newest
        rows += [
            Measurement(
                "digest",
                f"{name}: stands in its paragraph",
                found.verbatim / max(1, found.statements),
                floor_at=1.0,
            ),
            Measurement("digest", f"{name}: told once", ours.told_once, newest.told_once),
            Measurement("digest", f"{name}: stands alone", ours.standing, newest.standing),
            Measurement("digest", f"{name}: several origins told", ours.covered, newest.covered),
            Measurement(
                "digest",
                f"{name}: announced lies ahead",
                found.ahead / found.announced if found.announced else 1.0,
                floor_at=1.0,
            ),
            Measurement("digest", f"{name}: plans of days past", len(found.outdated), gated=False),
            Measurement(
                "digest", f"{name}: sentences", ours.sentences, newest.sentences, gated=False
            ),
        ]
    return rows


def digests_of(articles: Sequence[ReadArticle], embeddings: SentenceEmbeddings) -> Found:
    """A digest and a baseline for each day with articles."""
    found, sameness = Found(), Sameness(RememberedVectors(embeddings.encode))
    told: set[str] = set()
    seen: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="digests-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'chancery.db'}")
        try:
            for day, within, digest in _daily(store, articles, embeddings):
                briefs = [
                    Said(b.headline, tuple(s.text for s in b.happened)) for b in digest.briefs
                ]
                found.chancery.add(briefs, told, sameness)
                found.newest.add(_newest(within), seen, sameness)
                _count_several(found, within, digest)
                _count_marks(found, digest, day + DAY)
        finally:
            store.close()
    return found


def _daily(
    store: ArticleStore, articles: Sequence[ReadArticle], embeddings: SentenceEmbeddings
) -> Iterator[tuple[datetime, list[Story], Digest]]:
    """Each day with articles: the stories as far as they lie in it, and the digest."""
    store.put_sources(sample_sources())
    ingest(store, articles, lambda: READ_AT)
    StoryFollower(store, embeddings).catch_up()
    register = StoryRegister(store)
    encode = RememberedVectors(embeddings.encode)
    maker = DigestMaker(register, encode, QuotationRegister(store).of, store.version)
    days = sorted({a.published_at.date() for a in articles if a.published_at})
    for day in days:
        since = datetime(day.year, day.month, day.day, tzinfo=UTC)
        stories = register.stories(since, since + DAY)
        digest = maker.digest(Interests(), since, since + DAY, told_before(stories, since))
        within = [part for story in stories if (part := story.within(since, since + DAY))]
        yield since, within, digest


def _newest(stories: Sequence[Story]) -> list[Said]:
    """Title and first sentences of the newest articles."""
    articles = [article for story in stories for article in story.articles]
    articles.sort(key=moment_of, reverse=True)
    told = []
    for article in articles[:MOST_STORIES]:
        text = article.paragraphs[0].text if article.paragraphs else ""
        sentences = [one.text for one in split_sentences(text)[:BASELINE_SENTENCES]]
        told.append(Said(article.title, tuple(sentences)))
    return told


def _count_several(found: Found, stories: Sequence[Story], digest: Digest) -> None:
    """Which stories of several origins are told, by the digest and by the newest articles."""
    told = {brief.story.id for brief in digest.briefs}
    articles = sorted((a for s in stories for a in s.articles), key=moment_of, reverse=True)
    newest = {article.id for article in articles[:MOST_STORIES]}
    for story in stories:
        if story.origins < 2:
            continue
        title = story.articles[0].title
        found.chancery.several += 1
        found.newest.several += 1
        if story.id not in told:
            found.chancery.passed_over.append(title)
        if not newest & {article.id for article in story.articles}:
            found.newest.passed_over.append(title)


def _count_marks(found: Found, digest: Digest, until: datetime) -> None:
    cited = {citation.mark: citation for citation in digest.citations}
    statements = [
        *(statement for brief in digest.briefs for statement in brief.happened),
        *(a for brief in digest.briefs for one in brief.disputed for a in one.accounts),
        *(one.statement for one in digest.announced),
    ]
    quotes = [(s.quote, s.mark) for brief in digest.briefs for s in brief.spoken]
    said = [(s.text, mark) for s in statements for mark in s.citations] + quotes
    found.statements += len(said)
    found.verbatim += sum(is_verbatim(text, cited[mark].paragraph.text) for text, mark in said)
    outdated = Outdated(until.date())
    found.outdated += [
        s.text for s in statements if outdated(s.text, cited[s.citations[0]].article)
    ]
    found.announced += len(digest.announced)
    found.ahead += sum(
        one.first >= until.date()
        and one.first > (moment_of(cited[one.statement.citations[0]].article)).date()
        for one in digest.announced
    )


def _briefings(path: Path) -> list[ReadArticle]:
    return [
        one
        for one in read_path(path)
        if isinstance(one, ReadArticle) and one.published_at and FIRST <= one.published_at < LAST
    ]


def main() -> int:
    """Print the sentences that repeat or lean, and the stories that were passed over."""
    path = data_folder() / "briefings" / "articles.jsonl.gz"
    with CachedEmbeddings(ROOT / ".eval-cache") as embeddings:
        for articles in (list(sample_articles()), _briefings(path)):
            found = digests_of(articles, embeddings)
            tally = found.chancery
            for name, sentences in (
                ("repeats", tally.repeated),
                ("leans", tally.leaning),
                ("passed over", tally.passed_over),
                ("past", found.outdated),
            ):
                for sentence in sentences:
                    print(f"{name}: {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
