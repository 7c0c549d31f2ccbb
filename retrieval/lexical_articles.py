"""The part of the lexical index that knows articles as wholes, and how they spell names.

    terms -> how much of them each article holds
    name -> spellings near it, or of its sound      acronym <-> what articles say it stands for

An index of its own: BM25 over paragraphs must not count these documents. It follows with the
paragraphs (see `retrieval.lexical`), a moment before them; the same changes may come twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from corpus.articles import Article
from retrieval.lexical_documents import (
    ANALYZER,
    analyzer,
    name_documents,
    stem,
    whole_document,
    whole_schema,
)

# Documents that are looked into for a spelling or for what an acronym stands for.
LOOKED_INTO = 100
_WRITER_BYTES = 32_000_000


class LexicalArticles:
    """Articles and names by their words. Reading is safe from any thread, writing from one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._schema = whole_schema()
        self._writer: Any = None
        self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        self._index.register_tokenizer(ANALYZER, analyzer())

    # -- following the paragraphs ------------------------------------------------------------

    def apply(self, articles: Iterable[Article]) -> None:
        """Replace what the index holds of these articles; the names of those gone stay."""
        writer = self._writing()
        held = []
        for article in articles:
            writer.delete_documents_by_term("key", article.id)
            if article.withdrawn_at is None:
                held.append(article)
                writer.add_document(whole_document(article))
        for key, document in name_documents(held):
            writer.delete_documents_by_term("key", key)
            writer.add_document(document)
        writer.commit()
        self._index.reload()

    def clear(self) -> None:
        """Forget everything."""
        writer = self._writing()
        writer.delete_all_documents()
        writer.commit()
        self._index.reload()

    def close(self) -> None:
        """Give up the right to write and wait for merges to end."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    # -- searching ---------------------------------------------------------------------------

    def covered(self, weights: Mapping[str, float], articles: Iterable[str]) -> dict[str, float]:
        """The weights of those terms that stand in each of these articles, summed; articles with
        none of them are left out."""
        return sum_of_weights(self._index.searcher(), self._schema, "whole", weights, articles)

    def near(self, name: str, changes: int) -> dict[str, int]:
        """Names in the articles that differ from a folded one by at most so many letters (two at
        most; neighbours that change places count as one), with the number of articles."""
        query = Query.fuzzy_term_query(
            self._schema, "name", name, distance=changes, transposition_cost_one=True
        )
        return self._spelled(query)

    def sounding(self, sound: str) -> dict[str, int]:
        """Names in the articles that have this sound, with the number of articles."""
        return self._spelled(self._term("sound", sound))

    def meanings(self, acronym: str) -> Counter[str]:
        """What articles say that an acronym stands for, with the number of articles."""
        found = self._stored(self._term("short", acronym.casefold()), "defines")
        return _other_sides(found, acronym.casefold(), 0)

    def acronyms(self, name: str) -> Counter[str]:
        """The acronyms that articles use for a long name, with the number of articles."""
        found = self._stored(self._term("long", name.casefold()), "defines")
        return _other_sides(found, name.casefold(), 1)

    def _spelled(self, query: Query) -> dict[str, int]:
        """Names with the number of articles that have them now: a name outlives its articles."""
        found = {name: self._count("whole", stem(name)) for name in self._stored(query, "name")}
        return {name: count for name, count in found.items() if count}

    def _count(self, field: str, term: str) -> int:
        searcher: Any = self._index.searcher()
        return int(searcher.search(self._term(field, term), 1, count=True).count or 0)

    def _stored(self, query: Query, field: str) -> Counter[str]:
        """What a field holds in the documents of a query, with the number of documents."""
        searcher = self._index.searcher()
        hits = searcher.search(query, LOOKED_INTO, count=False).hits
        return Counter(one for _, address in hits for one in searcher.doc(address)[field])

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="basic")

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer


def sum_of_weights(
    searcher: Any, schema: Any, field: str, weights: Mapping[str, float], keys: Iterable[str]
) -> dict[str, float]:
    """Sum of the weights of the terms that stand in a field, for the documents of these keys."""
    wanted = list(keys)
    terms = [
        (
            Occur.Should,
            Query.const_score_query(
                Query.term_query(schema, field, term, index_option="basic"), weight
            ),
        )
        for term, weight in weights.items()
        if weight > 0
    ]
    if not terms or not wanted:
        return {}
    among = Query.const_score_query(Query.term_set_query(schema, "key", wanted), 0.0)
    query = Query.boolean_query([(Occur.Must, among), (Occur.Must, Query.boolean_query(terms))])
    return {
        searcher.doc(address)["key"][0]: float(score)
        for score, address in searcher.search(query, len(wanted), count=False).hits
    }


def _other_sides(defined: Counter[str], given: str, side: int) -> Counter[str]:
    """The other side of "short=long", where one side is the given one."""
    found: Counter[str] = Counter()
    for definition, count in defined.items():
        sides = definition.split("=", 1)
        if sides[side].casefold() == given:
            found[sides[1 - side]] += count
    return found
