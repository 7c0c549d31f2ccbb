"""The JSON forms of what is cited: of which version, and what became of it since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.render.documents import citation_document, current_of
from corpus.articles import Article, article_id
from corpus.ingest import ingest
from corpus.store.articles import ArticleStore, open_store
from retrieval.outcomes import Citation
from tests.fakes.articles import NOON, address, read_article
from tests.fakes.databases import new_database

ARTICLE = article_id(address("talks"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArticleStore]:
    """An article as it was read first, at noon."""
    opened = open_store(new_database(tmp_path))
    ingest(opened, [read_article("talks", "The convoy had five vehicles.")], lambda: NOON)
    yield opened
    opened.close()


def first_version(store: ArticleStore) -> Article:
    found = store.version(ARTICLE, 1)
    assert found is not None
    return found


def cited(article: Article) -> Citation:
    return Citation(1, article, article.paragraph(1), article.paragraph(1).text)


def test_what_stands_as_cited_says_so(store: ArticleStore) -> None:
    citation = cited(first_version(store))
    document = citation_document(citation, current_of([citation], store))
    assert document["version"] == 1
    assert document["changed_since"] is None
    assert document["withdrawn_since"] is None


def test_what_reads_otherwise_now_says_since_when(store: ArticleStore) -> None:
    citation = cited(first_version(store))
    later = NOON + timedelta(hours=3)
    ingest(store, [read_article("talks", "The convoy had two vehicles.")], lambda: later)
    document = citation_document(citation, current_of([citation], store))
    assert document["version"] == 1
    assert document["changed_since"] == later.isoformat()
    assert document["quote"] == "The convoy had five vehicles."


def test_what_was_taken_back_says_since_when(store: ArticleStore) -> None:
    citation = cited(first_version(store))
    later = NOON + timedelta(hours=3)
    store.withdraw(ARTICLE, later)
    document = citation_document(citation, current_of([citation], store))
    assert document["changed_since"] is None
    assert document["withdrawn_since"] == later.isoformat()
