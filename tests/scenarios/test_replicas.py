"""Two bots on one PostgreSQL and one Chroma server: neither doubles what the other does, and when
one is killed the other goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library import open_corpus, open_library, rebuild_indexes
from corpus.ingest import ingest
from corpus.samples import sample_articles, sample_sources
from retrieval.errors import OtherStore
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.scenarios import test_serving_killed as serving
from tests.scenarios.conftest import START_SECONDS, people
from tests.scenarios.people import CHANNEL, DESK, QUESTION, is_answer

pytestmark = pytest.mark.slow


def test_two_bots_share_their_work_and_one_goes_on_alone(
    postgresql_copy: str, chroma_url: str, tmp_path: Path, embeddings: SentenceEmbeddings
) -> None:
    shared = {"database_url": postgresql_copy, "chroma_url": chroma_url}
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        settings = settings_for(home, **shared)
        corpus = open_corpus(settings)
        corpus.put_sources(sample_sources())
        ingest(corpus, sample_articles(), lambda: NOW)
        with open_library(settings, corpus, "tests", embeddings=embeddings) as library:
            library.indexer.catch_up()
        corpus.close()
    serving.owe_a_digest(homes[0], **shared)

    with LocalSlack() as slack:
        people(slack)
        one, two = (serving.Bots(home, slack, **shared) for home in homes)
        one.start()
        two.start()
        try:
            slack.wait_for(lambda: serving.digests(slack), START_SECONDS)
            for _ in range(4):
                asked = slack.mention(CHANNEL, DESK, QUESTION)
                assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, START_SECONDS))
                thread = [m for m in slack.messages(CHANNEL) if m.get("thread_ts") == asked.ts]
                assert len(list(filter(is_answer, thread))) == 1

            # One is built anew while both serve; the other finds the new index.
            one.kill()
            settings = settings_for(homes[0], **shared)
            corpus = open_corpus(settings)
            rebuild_indexes(settings, corpus, lambda indexer: indexer.catch_up())
            corpus.close()
            asked = slack.mention(CHANNEL, DESK, QUESTION)
            assert is_answer(slack.wait_for_reply(CHANNEL, asked.ts, START_SECONDS))
            told = [text for text in serving.digests(slack) if text.startswith("Digest")]
            assert len(told) == 1
        finally:
            two.kill()


def test_a_server_that_holds_another_stores_index_is_refused(
    chroma_url: str, tmp_path: Path, embeddings: SentenceEmbeddings
) -> None:
    for name, refused in (("one", False), ("two", True)):
        settings = settings_for(tmp_path / name, chroma_url=chroma_url)
        corpus = open_corpus(settings)
        if refused:
            with pytest.raises(OtherStore, match="another article store"):
                open_library(settings, corpus, "tests", embeddings=embeddings)
            with pytest.raises(OtherStore, match="--replace"):
                rebuild_indexes(settings, corpus, lambda indexer: indexer.catch_up())
        else:
            open_library(settings, corpus, "tests", embeddings=embeddings).close()
        corpus.close()
