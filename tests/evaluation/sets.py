"""Sets of questions with their corpora, from `../shared/data` beside the repository.

The data are not part of the project: `CHANCERY_DATA` names another folder, and where there is
none `DataAbsent` says so in one line.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.articles import article_id
from corpus.fetch.urls import canonical_url, file_url
from retrieval.passages import ParagraphKey

ROOT = Path(__file__).parents[2]
HIT_SETS = ("squad2", "timeqa", "briefings")
STORIES = "stories"
DIGEST = "digest"
MAIN_NEWS = "main_news"
CLAIMS = "wice"
MODEL_SENTENCES = "model_sentences"
CONVERSATIONS = "mtrag_un"
DESK = "desk"
FOLLOW_UPS = "follow_ups"
LANGUAGES = "xquad"
ANSWERS_ABROAD = "languages"
MISSPELT = "names"
MISSPELT_QUESTIONS = 800
ABROAD_QUESTIONS = 1_600
NAMES = (
    "seed", DESK, FOLLOW_UPS, *HIT_SETS, "multihop", MISSPELT, LANGUAGES, ANSWERS_ABROAD,
    CONVERSATIONS, CLAIMS, MODEL_SENTENCES, STORIES, DIGEST, MAIN_NEWS,
)  # fmt: skip
# Questions that are not dated are asked at one fixed moment, so that every run is the same.
ASKED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class DataAbsent(Exception):
    """The folder of the data is not there; the message is one line for the reader."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One piece of evidence: the paragraphs of one article, each of which holds it."""

    url: str
    paragraphs: tuple[int, ...]

    @property
    def keys(self) -> frozenset[ParagraphKey]:
        identity = article_id(self.url)
        return frozenset((identity, number) for number in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what answers it; `gold` is empty where nothing in the corpus does."""

    id: str
    text: str
    answerable: bool
    gold: tuple[Gold, ...]
    answers: tuple[str, ...] = ()
    asked_at: datetime = ASKED_AT

    @property
    def pieces(self) -> list[frozenset[ParagraphKey]]:
        return [gold.keys for gold in self.gold]

    @property
    def keys(self) -> frozenset[ParagraphKey]:
        """Every gold paragraph."""
        return frozenset().union(*self.pieces)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions over one corpus; `label` tells a sample from the whole."""

    name: str
    label: str
    articles: Path = field(repr=False)
    questions: tuple[Asked, ...] = field(repr=False)
    files: tuple[Path, ...] = field(repr=False)
    ambiguous: int = 0
    """How many questions have gold in an article whose address occurs twice with other text."""

    def sample(self, size: int) -> QuestionSet:
        """The same `size` questions in every run, whatever order the file has."""
        if size >= len(self.questions):
            return self
        chosen = sorted(self.questions, key=lambda asked: _digest(asked.id.encode()))[:size]
        return replace(self, label=f"{self.name} ({size})", questions=tuple(chosen))


def data_folder() -> Path:
    """The folder of the data; DataAbsent where there is none."""
    named = os.environ.get("CHANCERY_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        raise DataAbsent(f"{named or '../shared/data'} is not here")
    return folder


def load(name: str, folder: Path) -> QuestionSet:
    """One set of `NAMES`; DataAbsent where its files are not there."""
    if name == "seed":
        return _load_seed(folder / name)
    if name == STORIES:
        return _load_stories(folder / name)
    if name == DIGEST:
        return _load_digest(folder / "briefings")
    if name == MAIN_NEWS:
        return _load_file(name, ROOT / "tests" / "data" / "news" / "days.jsonl")
    if name == CLAIMS:
        return _load_file(name, folder / name / "dev.jsonl.gz")
    if name == DESK:
        return _load_file(name, folder / name / "questions.jsonl")
    if name == MODEL_SENTENCES:
        return _load_file(name, folder / name / "sentences.jsonl")
    if name == MISSPELT:
        return replace(load("squad2", folder).sample(MISSPELT_QUESTIONS), name=name, label=name)
    if name == FOLLOW_UPS:
        return _load_file(name, ROOT / "tests" / "data" / "desk" / "follow_ups.jsonl")
    if name == CONVERSATIONS:
        return _load_file(name, folder / name / "dev.jsonl")
    if name == LANGUAGES:
        return _load_languages(folder / name)
    if name == ANSWERS_ABROAD:
        every = _load_languages(folder / LANGUAGES)
        return replace(every, name=name, label=name).sample(ABROAD_QUESTIONS)
    articles, questions = folder / name / "articles.jsonl.gz", folder / name / "questions.jsonl"
    _require(articles, questions)
    asked = tuple(_asked(line) for line in _lines(questions))
    repeated = _repeated(articles)
    touched = sum(any(gold.url in repeated for gold in one.gold) for one in asked)
    return QuestionSet(name, name, articles, asked, (articles, questions), touched)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return _digest(path.read_bytes())


def _load_seed(folder: Path) -> QuestionSet:
    """The article is read from its text file, so gold stands at that file's address."""
    article, questions = folder / "haftar-tripoli.txt", folder / "questions.jsonl"
    _require(article, questions)
    url = file_url(article)
    asked = tuple(
        replace(one, gold=tuple(replace(gold, url=url) for gold in one.gold))
        for one in map(_asked, _lines(questions))
    )
    return QuestionSet("seed", "seed", article, asked, (article, questions))


def _load_languages(folder: Path) -> QuestionSet:
    """The same questions over the same paragraphs in each language: in that language and, where
    it is another, in English. An id begins with both: "ar-en-56beb7953aea"."""
    languages = sorted(path.name for path in folder.glob("*") if path.is_dir())
    if not languages:
        raise DataAbsent(f"{folder} is not here")
    files, asked = [], []
    for language in languages:
        files.append(folder / language / "articles.jsonl.gz")
        for spoken in dict.fromkeys((language, "en")):
            name = "questions" if spoken == language else f"questions_{spoken}"
            files.append(folder / language / f"{name}.jsonl")
            _require(*files)
            every = map(_asked, _lines(files[-1]))
            asked += [replace(one, id=f"{language}-{spoken}-{one.id}") for one in every]
    return QuestionSet(LANGUAGES, LANGUAGES, folder, tuple(asked), tuple(files))


def by_language(given: QuestionSet) -> Iterator[tuple[str, str, QuestionSet]]:
    """The parts of `LANGUAGES`: language of the corpus, language of the questions, the set."""
    parts: dict[tuple[str, str], list[Asked]] = {}
    for one in given.questions:
        language, spoken, _ = one.id.split("-", 2)
        parts.setdefault((language, spoken), []).append(one)
    for (language, spoken), asked in sorted(parts.items()):
        articles = given.articles / language / "articles.jsonl.gz"
        yield language, spoken, replace(given, articles=articles, questions=tuple(asked))


def _load_stories(folder: Path) -> QuestionSet:
    """Articles to be grouped; nothing is asked of them."""
    articles = folder / "articles.jsonl"
    _require(articles)
    return QuestionSet(STORIES, STORIES, articles, (), (articles,))


def _load_digest(folder: Path) -> QuestionSet:
    """Dated articles to make digests of; nothing is asked of them."""
    articles = folder / "articles.jsonl.gz"
    _require(articles)
    return QuestionSet(DIGEST, DIGEST, articles, (), (articles,))


def _load_file(name: str, path: Path) -> QuestionSet:
    """A set of another form, which whoever measures it reads itself."""
    _require(path)
    return QuestionSet(name, name, path, (), (path,))


def _asked(line: dict[str, Any]) -> Asked:
    given = line.get("asked_at")
    return Asked(
        id=line["id"],
        text=line["question"],
        answerable=line["answerable"],
        gold=tuple(
            Gold(canonical_url(gold["url"]), tuple(gold["paragraphs"])) for gold in line["gold"]
        ),
        answers=tuple(line.get("answers", ())),
        asked_at=datetime.fromisoformat(given) if given else ASKED_AT,
    )


def _repeated(articles: Path) -> set[str]:
    """Addresses that occur more than once with differing paragraphs."""
    first: dict[str, list[str]] = {}
    repeated = set()
    for line in _lines(articles):
        url = canonical_url(line["url"])
        if first.setdefault(url, line["paragraphs"]) != line["paragraphs"]:
            repeated.add(url)
    return repeated


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _require(*paths: Path) -> None:
    for path in paths:
        if not path.is_file():
            raise DataAbsent(f"{path} is not here")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
