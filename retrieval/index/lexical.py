"""The lexical index: BM25 over paragraphs with their titles, and how articles spell names; tantivy.

    article ─ apply ─▶ one document a paragraph ──▶ LexicalIndex      words, filters, coverage
                   └─▶ one for the whole of it,  ─▶ LexicalArticles   terms of whole articles,
                       one for each name it spells                    spellings, sounds, acronyms

Names and numbers that an embedding blurs are found here. Each paragraph is analysed in its language
(`retrieval.index.analysis`), so that the fields take terms parted by spaces; a question is analysed
in every language that the index has, which the document of its position names. What stands for
whole articles and for names has an index of its own, since BM25 over paragraphs must not count it;
it follows a moment before the paragraphs, and the same changes may come twice.

The index follows the article store (see `retrieval.index.indexer`): the number of the last change
it holds is a document of the index itself, so that both become visible in one commit. One process
writes; see `retrieval.index.vectors`. A change of the fields or of the analyser takes another
`SCHEMA_VERSION`: the index is then built anew from the article store.
"""

from __future__ import annotations

import math
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import tantivy
from tantivy import Occur, Query, TextAnalyzerBuilder, Tokenizer

from corpus.articles import Article
from corpus.text.names import defined_acronyms, sound_of, sounds, spelled_names
from corpus.text.words import paragraph_language, spoken, without_function_words
from retrieval.errors import ANOTHER_STORE, IndexUnavailable, OtherStore
from retrieval.index.analysis import forms, main_script, readings, scripts, terms, tokens
from retrieval.passages import Filter, ParagraphKey

SCHEMA_VERSION = "4"
TERMS = "terms"
"""The tokenizer of fields that hold terms parted by spaces."""
NAME = "#name"
"""Begins the keys of the documents that stand for a name, as articles spell it."""
UNKNOWN = "und"
"""The language of articles that tell none; ISO 639-2 has this code for it."""
# Documents that are looked into for a spelling or for what an acronym stands for.
LOOKED_INTO = 100
_ARTICLES_WRITER_BYTES = 32_000_000
_WRITER_BYTES = 64_000_000
_POSITION_KEY = "#position"


class LexicalIndex:
    """Paragraphs by their words. Reading is safe from any thread, writing from one."""

    def __init__(self, folder: Path, store: str | None = None, *, anew: bool = False) -> None:
        """`store` is the identity of the article store that is followed; another's index is
        refused or, with `anew`, thrown away."""
        self._folder = folder / f"lexical-{SCHEMA_VERSION}"
        if store is not None:
            self._require_own(store, anew)
        self._schema = schema()
        self._lock = threading.Lock()
        self._writer: Any = None
        try:
            self.articles = LexicalArticles(self._folder / "articles")
            """Whole articles, and how they spell names."""
            paragraphs = self._folder / "paragraphs"
            paragraphs.mkdir(exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(paragraphs), reuse=True)
        except (OSError, ValueError) as error:
            raise IndexUnavailable(
                f"The lexical index in {self._folder} cannot be opened ({error}); "
                "delete that folder and run: chancery reindex"
            ) from error
        self._index.register_tokenizer(TERMS, _parted_by_spaces())
        self._keep(self._held())

    def _require_own(self, store: str, anew: bool) -> None:
        note = self._folder / "store.id"
        try:
            if note.exists() and note.read_text(encoding="ascii") != store:
                if not anew:
                    raise OtherStore(ANOTHER_STORE)
                shutil.rmtree(self._folder)
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(store, encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise IndexUnavailable(
                f"The lexical index in {self._folder} cannot be opened ({error}); run: "
                "chancery reindex"
            ) from error

    # -- following the store -----------------------------------------------------------------

    @property
    def position(self) -> int:
        """Number of the last change of the store that this index holds."""
        return int(next(iter(self._marked().get("position", ())), 0))

    def apply(self, articles: Iterable[Article], position: int) -> None:
        """Replace what the index holds of these articles and move to `position`, at once."""
        with self._lock:
            changed = [
                (article, Analysed.of(article) if article.withdrawn_at is None else None)
                for article in articles
            ]
            written = self._written.with_those_of(one for _, one in changed if one is not None)
            writer = self._writing()
            self.articles.apply(changed)
            for article, analysed in changed:
                writer.delete_documents_by_term("article", article.id)
                if analysed is not None:
                    for document in documents(article, analysed):
                        writer.add_document(document)
            writer.delete_documents_by_term("key", _POSITION_KEY)
            marker = tantivy.Document()
            marker.add_text("key", _POSITION_KEY)
            marker.add_integer("position", position)
            for field, values in written.fields.items():
                for value in values:
                    marker.add_text(field, value)
            writer.add_document(marker)
            writer.commit()
            self._index.reload()
            self._keep(written)

    def clear(self) -> None:
        """Forget everything; `position` is 0 again."""
        with self._lock:
            writer = self._writing()
            self.articles.clear()
            writer.delete_all_documents()
            writer.commit()
            self._index.reload()
            self._keep(Written())

    def close(self) -> None:
        """Give up the right to write and wait for merges to end."""
        with self._lock:
            self.articles.close()
            if self._writer is not None:
                self._writer.wait_merging_threads()
                self._writer = None

    # -- searching ---------------------------------------------------------------------------

    def terms(self, text: str) -> tuple[str, ...]:
        """The distinct terms the index knows a text by: lower case, unaccented, stemmed, with the
        forms that they have in its languages (`retrieval.index.analysis.Term`)."""
        return terms(text, self._written.languages)

    def analysed(self, text: str) -> list[str]:
        """The terms of a text as they follow one another, those of an unknown language."""
        return tokens(text)

    def counts(self, text: str) -> Counter[str]:
        """How often each term stands in a text, as the index would count it."""
        return Counter(tokens(text))

    def holds(self, name: str) -> bool:
        """Whether a word stands in some paragraph."""
        return any(self.document_frequency(self.terms(name)).values())

    def lacks_script(self, text: str) -> bool:
        """Whether a text is mainly in a script that no paragraph has a letter of. Scripts of
        articles that were withdrawn count until the index is built anew."""
        script = main_script(text)
        return script is not None and bool(self.size) and script not in self._written.scripts

    def search(
        self, text: str | Mapping[str, float], k: int, narrow: Filter | None = None
    ) -> list[tuple[ParagraphKey, float]]:
        """The `k` paragraphs with the highest BM25, best first; for a text, or for terms with
        weights."""
        return self._run(self._any_of(text), k, narrow)

    def scores(
        self, text: str | Mapping[str, float], keys: Sequence[ParagraphKey]
    ) -> dict[ParagraphKey, float]:
        """BM25 of these paragraphs; those that share no word with the text are left out."""
        if not keys:
            return {}
        query = Query.boolean_query(
            [(Occur.Must, self._among(keys)), (Occur.Must, self._any_of(text))]
        )
        return dict(self._run(query, len(keys), None))

    def passing(self, keys: Sequence[ParagraphKey], narrow: Filter) -> set[ParagraphKey]:
        """Those of these paragraphs that a filter lets pass."""
        if not keys:
            return set()
        return {key for key, _ in self._run(self._among(keys), len(keys), narrow)}

    def count(self, narrow: Filter) -> int:
        """How many paragraphs a filter lets pass."""
        query = Query.boolean_query([(Occur.Must, part) for part in self._narrowing(narrow)])
        return int(self._searcher().search(query, 1, count=True).count or 0)

    def matching(self, narrow: Filter, limit: int) -> list[ParagraphKey]:
        """Up to `limit` paragraphs that a filter lets pass, in no order."""
        query = Query.boolean_query([(Occur.Must, part) for part in self._narrowing(narrow)])
        return [key for key, _ in self._run(query, limit, None)]

    def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many paragraphs each term stands."""
        searcher = self._searcher()
        return {
            term: sum(int(searcher.doc_freq("body", form)) for form in forms(term))
            for term in terms
        }

    def rarity(self, text: str, *, known: bool = False) -> dict[str, float]:
        """Weight of each content term of a text: its inverse document frequency (BM25's).

        With `known` only of those that stand in some paragraph; the others have the most.
        """
        return self.idf(self.terms(without_function_words(text)), known=known)

    def idf(self, terms: Iterable[str], *, known: bool = False) -> dict[str, float]:
        """The inverse document frequency of terms; with `known` of those in some paragraph."""
        total = self.size
        return {
            term: _idf(count, total)
            for term, count in self.document_frequency(terms).items()
            if count or not known
        }

    def covered(
        self, weights: Mapping[str, float], keys: Sequence[ParagraphKey]
    ) -> dict[ParagraphKey, float]:
        """The weights of those terms that stand in each of these paragraphs or its title, summed;
        paragraphs with none of them are left out."""
        wanted = [f"{article}:{number}" for article, number in keys]
        found = sum_of_weights(self._searcher(), self._schema, "body", weights, wanted)
        return {_paragraph_key(key): weight for key, weight in found.items()}

    # -- across languages --------------------------------------------------------------------

    def spoken(self, text: str) -> str | None:
        """The language of a question, if it is certain (`corpus.text.words.spoken`)."""
        return spoken(text, self._written.languages)

    def in_other_languages(self, keys: Sequence[ParagraphKey], language: str) -> set[ParagraphKey]:
        """Those of these paragraphs that are known to be in another language than that one."""
        others = sorted(self._written.languages - {language})
        if not keys or not others:
            return set()
        written = Query.term_set_query(self._schema, "language", others)
        query = Query.boolean_query([(Occur.Must, self._among(keys)), (Occur.Must, written)])
        return {key for key, _ in self._run(query, len(keys), None)}

    def heard(self, text: str) -> dict[str, float]:
        """What sounds the same in every script of a text, names and numbers
        (`corpus.text.names.sounds`), with its inverse document frequency; the most where no
        paragraph has it."""
        searcher, total = self._searcher(), self.size
        return {
            one: _idf(int(searcher.doc_freq("sounds", one)), total) for one in sorted(sounds(text))
        }

    def sounding(
        self, weights: Mapping[str, float], k: int, narrow: Filter | None = None
    ) -> list[ParagraphKey]:
        """The `k` paragraphs whose sounds have the highest sum of weights, best first."""
        query = any_by_weight(self._schema, "sounds", weights)
        return [key for key, _ in self._run(query, k, narrow)] if weights else []

    def shared(
        self, weights: Mapping[str, float], keys: Sequence[ParagraphKey]
    ) -> dict[ParagraphKey, float]:
        """The weights of those sounds that each of these paragraphs has, summed."""
        wanted = [f"{article}:{number}" for article, number in keys]
        found = sum_of_weights(self._searcher(), self._schema, "sounds", weights, wanted)
        return {_paragraph_key(key): weight for key, weight in found.items()}

    @property
    def size(self) -> int:
        """Number of paragraphs held."""
        return max(0, int(self._searcher().num_docs) - 1)

    def _run(self, query: Query, k: int, narrow: Filter | None) -> list[tuple[ParagraphKey, float]]:
        if k < 1:
            return []
        if narrow:
            parts = [(Occur.Must, part) for part in self._narrowing(narrow)]
            query = Query.boolean_query([(Occur.Must, query), *parts])
        searcher = self._searcher()
        return [
            (_paragraph_key(searcher.doc(address)["key"][0]), float(score))
            for score, address in searcher.search(query, k, count=False).hits
        ]

    def _among(self, keys: Sequence[ParagraphKey]) -> Query:
        wanted = [f"{article}:{number}" for article, number in keys]
        return Query.const_score_query(Query.term_set_query(self._schema, "key", wanted), 0.0)

    def _any_of(self, text: str | Mapping[str, float]) -> Query:
        weights = dict.fromkeys(self.terms(text), 1.0) if isinstance(text, str) else text
        return Query.boolean_query(
            [(Occur.Should, self._weighted(term, weight)) for term, weight in weights.items()]
            or [(Occur.Must, Query.empty_query())]
        )

    def _weighted(self, term: str, weight: float) -> Query:
        """A term in the best of its forms: all of them are as rare as the term, though few
        paragraphs may be in the language of one."""
        own = forms(term)
        if len(own) == 1:
            return _boosted(Query.term_query(self._schema, "body", own[0]), weight)
        searcher = self._searcher()
        count = {form: int(searcher.doc_freq("body", form)) for form in own}
        total = self.size
        rarity = _idf(sum(count.values()), total)
        return Query.disjunction_max_query(
            [
                _boosted(
                    Query.term_query(self._schema, "body", form),
                    weight * rarity / _idf(times, total),
                )
                for form, times in count.items()
            ]
        )

    def _narrowing(self, narrow: Filter) -> list[Query]:
        """One clause a condition, none of which changes a score."""
        clauses: list[Query] = []
        if narrow.since or narrow.until:
            clauses.append(
                Query.range_query(
                    self._schema,
                    "published",
                    tantivy.FieldType.Integer,
                    lower_bound=_seconds(narrow.since, -(2**62)),
                    upper_bound=_seconds(narrow.until, 2**62),
                )
            )
        if narrow.sources:
            clauses.append(
                Query.term_set_query(
                    self._schema, "source", [name.casefold() for name in narrow.sources]
                )
            )
        if narrow.places:
            clauses.append(
                Query.boolean_query(
                    [(Occur.Should, self._phrase(place)) for place in narrow.places]
                )
            )
        return [Query.const_score_query(clause, 0.0) for clause in clauses]

    def _phrase(self, text: str) -> Query:
        """The words of a text one after another, in any of the languages."""
        every = readings(text, self._written.languages)
        return Query.boolean_query([(Occur.Should, self._in_order(one)) for one in every])

    def _in_order(self, terms: Sequence[str]) -> Query:
        if len(terms) > 1:
            return Query.phrase_query(self._schema, "body", list(terms))
        return Query.term_query(self._schema, "body", terms[0] if terms else "")

    def _marked(self) -> dict[str, list[Any]]:
        """The fields of the document that tells the position; none of an empty index."""
        searcher = self._searcher()
        query = Query.term_query(self._schema, "key", _POSITION_KEY, index_option="basic")
        hits = searcher.search(query, 1).hits
        found: dict[str, list[Any]] = searcher.doc(hits[0][1]).to_dict() if hits else {}
        return found

    def _keep(self, written: Written) -> None:
        self._written = written
        self.articles.languages = written.languages

    def _held(self) -> Written:
        marked = self._marked()
        return Written(frozenset(marked.get("language", ())), frozenset(marked.get("script", ())))

    def _searcher(self) -> Any:
        return self._index.searcher()

    def _writing(self) -> Any:
        if self._writer is None:
            try:
                self._writer = self._index.writer(_WRITER_BYTES, 1)
            except ValueError as error:
                raise IndexUnavailable(
                    f"The lexical index in {self._folder} is being written by another process."
                ) from error
        return self._writer


def _paragraph_key(key: str) -> ParagraphKey:
    article, _, number = key.rpartition(":")
    return article, int(number)


def _idf(count: int, total: int) -> float:
    """The inverse document frequency of what stands in `count` of `total` paragraphs (BM25's)."""
    return math.log(1 + (max(total, count) - count + 0.5) / (count + 0.5))


def _boosted(query: Query, weight: float) -> Query:
    return query if weight == 1 else Query.boost_query(query, weight)


def _seconds(moment: Any, otherwise: int) -> int:
    return otherwise if moment is None else int(moment.timestamp())


class LexicalArticles:
    """Articles and names by their words. Reading is safe from any thread, writing from one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.languages: frozenset[str] = frozenset()
        """Those that the articles are in, kept by the index of their paragraphs."""
        self._schema = whole_schema()
        self._writer: Any = None
        self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        self._index.register_tokenizer(TERMS, _parted_by_spaces())

    # -- following the paragraphs ------------------------------------------------------------

    def apply(self, articles: Iterable[tuple[Article, Analysed | None]]) -> None:
        """Replace what the index holds of these articles, of which those without terms are gone;
        the names of those stay."""
        writer = self._writing()
        held = []
        for article, analysed in articles:
            writer.delete_documents_by_term("key", article.id)
            if analysed is not None:
                held.append((article, analysed.language))
                writer.add_document(whole_document(article, analysed))
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

    def near(self, name: str, changes: int, language: str | None = None) -> dict[str, int]:
        """Names in the articles that differ from a folded one by at most so many letters (two at
        most; neighbours that change places count as one), with the number of articles; with
        `language` only of articles in it."""
        query = Query.fuzzy_term_query(
            self._schema, "name", name, distance=changes, transposition_cost_one=True
        )
        return self._spelled(query, language)

    def sounding(self, sound: str, language: str | None = None) -> dict[str, int]:
        """Names in the articles that have this sound, as above."""
        return self._spelled(self._term("sound", sound), language)

    def meanings(self, acronym: str) -> Counter[str]:
        """What articles say that an acronym stands for, with the number of articles."""
        found = self._stored(self._term("short", acronym.casefold()), "defines")
        return _other_sides(found, acronym.casefold(), 0)

    def acronyms(self, name: str) -> Counter[str]:
        """The acronyms that articles use for a long name, with the number of articles."""
        found = self._stored(self._term("long", name.casefold()), "defines")
        return _other_sides(found, name.casefold(), 1)

    def _spelled(self, query: Query, language: str | None) -> dict[str, int]:
        """Names with the number of articles that have them now: a name outlives its articles."""
        if language is not None:
            written = Query.term_set_query(self._schema, "language", [language, UNKNOWN])
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, written)])
        found = {name: self._count(name) for name in self._stored(query, "name")}
        return {name: count for name, count in found.items() if count}

    def _count(self, name: str) -> int:
        """How many articles have a name, in any of their languages."""
        (term,) = terms(name, self.languages)[:1] or ("",)
        query = in_any_form(self._schema, "whole", term)
        searcher: Any = self._index.searcher()
        return int(searcher.search(query, 1, count=True).count or 0)

    def _stored(self, query: Query, field: str) -> Counter[str]:
        """What a field holds in the documents of a query, with the number of documents."""
        searcher = self._index.searcher()
        hits = searcher.search(query, LOOKED_INTO, count=False).hits
        return Counter(one for _, address in hits for one in searcher.doc(address)[field])

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="basic")

    def _writing(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(_ARTICLES_WRITER_BYTES, 1)
        return self._writer


def sum_of_weights(
    searcher: Any, schema: Any, field: str, weights: Mapping[str, float], keys: Iterable[str]
) -> dict[str, float]:
    """Sum of the weights of the terms that stand in a field, for the documents of these keys."""
    wanted = list(keys)
    if not any(weight > 0 for weight in weights.values()) or not wanted:
        return {}
    among = Query.const_score_query(Query.term_set_query(schema, "key", wanted), 0.0)
    query = Query.boolean_query(
        [(Occur.Must, among), (Occur.Must, any_by_weight(schema, field, weights))]
    )
    return {
        searcher.doc(address)["key"][0]: float(score)
        for score, address in searcher.search(query, len(wanted), count=False).hits
    }


def any_by_weight(schema: Any, field: str, weights: Mapping[str, float]) -> Query:
    """Documents whose field has any of the terms, by the sum of the weights of those it has."""
    return Query.boolean_query(
        [
            (Occur.Should, Query.const_score_query(in_any_form(schema, field, term), weight))
            for term, weight in weights.items()
            if weight > 0
        ]
    )


def in_any_form(schema: Any, field: str, term: str) -> Query:
    """Documents whose field has a term in any of its forms."""
    own = forms(term)
    if len(own) == 1:
        return Query.term_query(schema, field, own[0], index_option="basic")
    return Query.term_set_query(schema, field, list(own))


def _other_sides(defined: Counter[str], given: str, side: int) -> Counter[str]:
    """The other side of "short=long", where one side is the given one."""
    found: Counter[str] = Counter()
    for definition, count in defined.items():
        sides = definition.split("=", 1)
        if sides[side].casefold() == given:
            found[sides[1 - side]] += count
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """The languages and the scripts that paragraphs are written in."""

    languages: frozenset[str] = frozenset()
    scripts: frozenset[str] = frozenset()

    def with_those_of(self, articles: Iterable[Analysed]) -> Written:
        every = [one.written for one in articles]
        return Written(
            self.languages.union(*(one.languages for one in every)),
            self.scripts.union(*(one.scripts for one in every)),
        )

    @property
    def fields(self) -> dict[str, list[str]]:
        """As the index keeps them."""
        return {"language": sorted(self.languages), "script": sorted(self.scripts)}


@dataclass(frozen=True, slots=True)
class Analysed:
    """The terms of an article, parted by spaces: of its title, and of its paragraphs by number;
    and the languages of these."""

    title: str
    paragraphs: Mapping[int, str]
    languages: Mapping[int, str | None]
    written: Written

    @property
    def language(self) -> str:
        """The one that most paragraphs are in; `UNKNOWN` where it is not known."""
        counted = Counter(one or UNKNOWN for one in self.languages.values())
        return max(counted, key=counted.__getitem__, default=UNKNOWN)

    @classmethod
    def of(cls, article: Article) -> Self:
        """Each paragraph in its language; those that say nothing are left out."""
        texts = {one.number: one.text for one in article.paragraphs if one.text.strip()}
        read = {
            number: paragraph_language(text, article.language) for number, text in texts.items()
        }
        return cls(
            " ".join(tokens(article.title, paragraph_language(article.title, article.language))),
            {number: " ".join(tokens(text, read[number])) for number, text in texts.items()},
            read,
            Written(
                frozenset(language for language in read.values() if language),
                frozenset().union(*map(scripts, texts.values())),
            ),
        )


def documents(article: Article, analysed: Analysed) -> Iterator[Any]:
    """The documents of one article: its paragraphs that say something."""
    for number, said in analysed.paragraphs.items():
        document = tantivy.Document()
        document.add_text("key", f"{article.id}:{number}")
        document.add_text("article", article.id)
        document.add_text("body", f"{analysed.title} {said}")
        heard = sounds(f"{article.title}\n{article.paragraph(number).text}")
        document.add_text("sounds", " ".join(sorted(heard)))
        if language := analysed.languages[number]:
            document.add_text("language", language)
        if article.source:
            document.add_text("source", article.source.casefold())
        if article.published_at:
            document.add_integer("published", int(article.published_at.timestamp()))
        yield document


def whole_document(article: Article, analysed: Analysed) -> Any:
    """The document that stands for an article as a whole; its key is the article's id."""
    whole = tantivy.Document()
    whole.add_text("key", article.id)
    whole.add_text("whole", " ".join((analysed.title, *analysed.paragraphs.values())))
    texts = [article.title, *(paragraph.text for paragraph in article.paragraphs)]
    for short, long in dict.fromkeys(one for text in texts for one in defined_acronyms(text)):
        whole.add_text("defines", f"{short}={long}")
        whole.add_text("short", short)
        whole.add_text("long", long.casefold())
    return whole


def name_documents(articles: Iterable[tuple[Article, str]]) -> Iterator[tuple[str, Any]]:
    """One document for each name that articles of a language spell, with its key, which the same
    name has again; the language stands beside each article."""
    spelled = (
        (name, language)
        for article, language in articles
        for text in (article.title, *(paragraph.text for paragraph in article.paragraphs))
        for name in spelled_names(text)
    )
    for name, language in dict.fromkeys(spelled):
        document = tantivy.Document()
        key = f"{NAME}:{language}:{name}"
        document.add_text("key", key)
        document.add_text("name", name)
        document.add_text("language", language)
        if sound := sound_of(name):
            document.add_text("sound", sound)
        yield key, document


def _parted_by_spaces() -> Any:
    return TextAnalyzerBuilder(Tokenizer.whitespace()).build()


def schema() -> Any:
    """The fields of paragraphs."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", tokenizer_name=TERMS)
    builder.add_text_field("sounds", tokenizer_name=TERMS, index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("published", indexed=True, fast=True)
    builder.add_integer_field("position", stored=True)
    for field in ("language", "script"):
        builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def whole_schema() -> Any:
    """The fields of whole articles and of names."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("whole", tokenizer_name=TERMS, index_option="basic")
    for field in ("name", "defines"):
        builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
    for field in ("sound", "short", "long", "language"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    return builder.build()
