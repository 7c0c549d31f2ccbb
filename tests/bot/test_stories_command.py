"""`chancery stories` as its users and other programs run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.db.audit import Audit
from bot.library import open_corpus
from corpus.ingest import ingest
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.follower import StoryFollower
from tests.conftest import settings_for
from tests.fakes.articles import NOON, address, days, read_article
from tests.fakes.command_line import Ended, chancery

ARTICLES = {
    "march": ("Haftar orders his forces to march on Tripoli", 0.0,
              "Khalifa Haftar ordered the Libyan National Army to march on Tripoli by Gharyan."),
    "halt": ("Council urges Haftar to halt his march on Tripoli", 1.0,
             "The council urged Khalifa Haftar and his Libyan National Army to halt at Gharyan."),
    "bashir": ("Sudan's army removes Bashir", 7.0,
               "The army in Khartoum removed Omar al-Bashir and announced a transition."),
}  # fmt: skip

Run = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path, embeddings: SentenceEmbeddings) -> Path:
    """A home with three articles, grouped."""
    corpus = open_corpus(settings_for(tmp_path / "home"))
    articles = [
        read_article(name, text, title=title, published_at=NOON + days(day), source="Desk")
        for name, (title, day, text) in ARTICLES.items()
    ]
    ingest(corpus, articles, lambda: NOON + days(8))
    StoryFollower(corpus, embeddings).catch_up()
    corpus.close()
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    return lambda *arguments: chancery(home, "stories", *arguments)


def listed(ended: Ended) -> list[dict[str, Any]]:
    assert ended.status == 0, ended.err
    assert list(ended.document) == ["stories"]
    return list(ended.document["stories"])


def test_lists_stories_newest_first_and_narrows_them(run: Run) -> None:
    sudan, libya = listed(run("--json"))
    assert libya == {
        "id": libya["id"],
        "headline": libya["headline"],
        "urls": [address("march"), address("halt")],
        "origins": 1,
        "from": "2019-04-04T12:00:00+00:00",
        "to": "2019-04-05T12:00:00+00:00",
    }
    assert libya["headline"] in {ARTICLES["march"][0], ARTICLES["halt"][0]}
    assert listed(run("--since", "2019-04-08", "--json")) == [sudan]
    assert listed(run("--until", "2019-04-08", "--place", "Libya", "--json")) == [libya]
    nothing = run("--source", "Nobody", "--json")
    assert (nothing.status, nothing.document) == (1, {"stories": []})


def test_shows_stories_as_text(run: Run) -> None:
    shown = run("-k", "1").out
    assert "1. Sudan's army removes Bashir" in shown
    assert "1 article, 1 origin · 11 Apr 2019" in shown
    assert shown.endswith("1 story, 1 article; 1 more, see -k\n")


def test_says_of_its_own_what_it_says_in_the_reader_s_language(run: Run) -> None:
    shown = run("-k", "1", "--language", "fr").out
    assert "1. Sudan's army removes Bashir" in shown
    assert shown.endswith("1 sujet, 1 article ; 1 de plus, voir -k\n")


def test_a_person_joins_and_splits_and_it_is_recorded(run: Run, home: Path) -> None:
    sudan, libya = listed(run("--json"))
    (joined,) = listed(run("--join", sudan["id"], libya["id"], "--json"))
    assert joined["id"] == libya["id"]
    assert len(joined["urls"]) == 3
    parted, rest = listed(run("--split", sudan["id"], "--article", address("bashir"), "--json"))
    assert (parted["urls"], rest["urls"]) == ([address("bashir")], libya["urls"])
    assert rest["id"] == libya["id"]
    corpus = open_corpus(settings_for(home))
    assert [entry.action for entry in Audit(corpus.engine).recent()] == [
        "story split",
        "stories joined",
    ]
    corpus.close()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--join", "nonsense", "nothing"), 1, "There is no story nonsense"),
        (("--split", "nonsense"), 2, "--split STORY --article URL"),
        (("--article", "nonsense"), 2, "--split STORY --article URL"),
        (("--join", "a", "b", "--split", "a", "--article", "x"), 2, "either --join or --split"),
    ],
)
def test_wrong_use_is_said_in_one_sentence(
    run: Run, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.out) == (status, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
