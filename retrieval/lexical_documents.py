"""What the lexical index stores: its fields, its analyser, the documents of an article.

One document a paragraph, with the words of its title; one for the article as a whole, which tells
how much of a question the article speaks of and what its acronyms stand for; one for each name that
articles spell. A change here takes another `SCHEMA_VERSION`: the index is then built anew from the
article store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import tantivy
from tantivy import Filter as TokenFilter
from tantivy import TextAnalyzerBuilder, Tokenizer

from corpus.articles import Article
from retrieval.spelling import defined_acronyms, sound_of, spelled_names

SCHEMA_VERSION = "2"
ANALYZER = "folded"
NAME = "#name"
"""Begins the keys of the documents that stand for a name, as articles spell it."""


def documents(article: Article) -> Iterator[Any]:
    """The documents of one article: its paragraphs that say something."""
    for paragraph in article.paragraphs:
        if not paragraph.text.strip():
            continue
        document = tantivy.Document()
        document.add_text("key", f"{article.id}:{paragraph.number}")
        document.add_text("article", article.id)
        document.add_text("body", f"{article.title}\n{paragraph.text}")
        if article.source:
            document.add_text("source", article.source.casefold())
        if article.published_at:
            document.add_integer("published", int(article.published_at.timestamp()))
        yield document


def whole_document(article: Article) -> Any:
    """The document that stands for an article as a whole; its key is the article's id."""
    whole = tantivy.Document()
    whole.add_text("key", article.id)
    texts = [article.title, *(paragraph.text for paragraph in article.paragraphs)]
    whole.add_text("whole", "\n".join(texts))
    for short, long in dict.fromkeys(one for text in texts for one in defined_acronyms(text)):
        whole.add_text("defines", f"{short}={long}")
        whole.add_text("short", short)
        whole.add_text("long", long.casefold())
    return whole


def name_documents(articles: Iterable[Article]) -> Iterator[tuple[str, Any]]:
    """One document for each name that articles spell, with its key; the same name has the same."""
    texts = (
        text
        for article in articles
        for text in (article.title, *(paragraph.text for paragraph in article.paragraphs))
    )
    for name in dict.fromkeys(name for text in texts for name in spelled_names(text)):
        document = tantivy.Document()
        document.add_text("key", f"{NAME}:{name}")
        document.add_text("name", name)
        if sound := sound_of(name):
            document.add_text("sound", sound)
        yield f"{NAME}:{name}", document


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A single word as the index knows it: lower case, unaccented, stemmed."""
    return next(iter(_stemmer().analyze(word)), word)


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    return analyzer()


def analyzer() -> Any:
    """Cuts a text into terms: lower case, unaccented, stemmed."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(TokenFilter.remove_long(60))
        .filter(TokenFilter.lowercase())
        .filter(TokenFilter.ascii_fold())
        .filter(TokenFilter.stemmer("english"))
        .build()
    )


def schema() -> Any:
    """The fields of paragraphs."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", tokenizer_name=ANALYZER)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_integer_field("position", stored=True)
    return builder.build()


def whole_schema() -> Any:
    """The fields of whole articles and of names."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("whole", tokenizer_name=ANALYZER, index_option="basic")
    for field in ("name", "defines"):
        builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
    for field in ("sound", "short", "long"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    return builder.build()
