"""Candidates for what is wanted, and their signals as far as the indexes tell them.

    text + other names of what it names + the turn before ─ wanted ─▶ Wanted: vector, terms
    each Wanted: nearest vectors, best words ─▶ union ─▶ every signal of every candidate ─▶ Looked
        as-of moment ─ OlderTexts ─▶ scored as the indexes would ─▶ in place of what these hold

Every candidate gets every signal, whichever way it was found. A follow-up leans on the turn before:
the last question and its answer count too, with less weight, in meaning and in words.

The indexes hold current text. Of the articles that changed or were retracted after an as-of moment
(mostly few) the paragraphs of the version of that time are scored directly: cosine by the model,
BM25 with the index's own counts of how rare a word is.

Names in a question as people write them, brought to how the corpus has them.

    "What did Hifter tell the UNSMIL?"  ->  Named("What did Haftar tell the UNSMIL?",
                                                also=("United Nations Support Mission in Libya",))

A name that no article has is replaced by the spelling that is near enough. Acronyms are spelled
out and long names shortened, by what the articles themselves explain and by a small table; towns,
peoples and seats of government bring the state they stand for ("the Kremlin": Russia). What is
added counts beside the question, not instead of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

import numpy as np

from corpus.articles import Article, Paragraph
from corpus.store.articles import ArticleStore
from corpus.store.history import changed_after
from corpus.text import tables
from corpus.text.names import LONG_NAME, SHORTEST_NAME, is_same_sound, meant, sound_of
from corpus.text.places import place_name, places_of
from corpus.text.words import FUNCTION_WORDS, english_words, fold, names, opening_words, words
from retrieval.encoders.encoder import Vectors
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.lexical import LexicalIndex
from retrieval.index.vectors import VectorIndex
from retrieval.passages import Filter, ParagraphKey
from retrieval.questions.understand import LONGEST_SEARCH, Turn
from retrieval.search.fusion import WEIGHTS, Scores, across, squared

# More is drowned in a long question, and takes time.
MOST_NAMES = 8
MOST_STATES = 2
# Words. Of a longer text the first names are not what it asks about.
LONGEST = 60

_ACRONYM = re.compile(r"(?<![\w.])(?:[A-Z]\.?){2,7}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")

KNOWN_ACRONYMS = {
    short: long for short, (long,) in tables.entries(__package__, "acronyms", "acronyms")
}
"""Of diplomacy, for articles that take them for granted."""
_SHORT_OF = {long.casefold(): short for short, long in KNOWN_ACRONYMS.items()}


@dataclass(frozen=True, slots=True)
class Named:
    """A text with its names as the corpus spells them, and what else they are called."""

    text: str
    also: tuple[str, ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()
    """Each name that was replaced, as it was typed and as it is searched for."""


def named(text: str, lexical: LexicalIndex) -> Named:
    """What a text names, looked up in the corpus."""
    if len(text.split()) > LONGEST:
        return Named(text)
    also: list[str] = []
    respelled: dict[str, str] = {}
    language = lexical.spoken(text)
    for name in _candidates(text):
        folded = fold(name)
        if lexical.holds(name):
            if name[0].isupper():
                also += _other_spellings(folded, lexical)
            continue
        if name in english_words():
            continue  # "mayor" is no slip for "major", whoever wrote of either
        # A word without a capital may be any word, and near to one of another language's.
        own = None if name[0].isupper() else language
        if not places_of(name) and (spelling := _known_spelling(folded, lexical, own)):
            respelled[name] = spelling.title() if name[0].isupper() else spelling
    said = text
    for typed, spelling in respelled.items():
        said = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", spelling, said)
    also += _acronyms(said, lexical)
    also += _states(said)
    there = set(words(said))
    added = tuple(one for one in dict.fromkeys(also) if not set(words(one)) <= there)
    return Named(said, added, tuple(respelled.items()))


def _candidates(text: str) -> list[str]:
    """Words of a text that may be names, those that show it first."""
    shown = [*names(text), *opening_words(text)]
    typed = [word for word in _WORD.findall(text) if word[0].islower()]
    parts = (part for name in (*shown, *typed) for part in re.split(r"-|’s\b|'s\b", name))
    long = (part for part in parts if len(part) >= SHORTEST_NAME and part.isalpha())
    return [name for name in dict.fromkeys(long) if fold(name) not in FUNCTION_WORDS][:MOST_NAMES]


def _known_spelling(folded: str, lexical: LexicalIndex, language: str | None) -> str | None:
    """How the corpus, or what is in a language there, spells a name that it does not have so."""
    spellings = lexical.articles.near(folded, 2 if len(folded) > LONG_NAME else 1, language)
    if sound := sound_of(folded):
        spellings |= lexical.articles.sounding(sound, language)
    return meant(folded, spellings)


def _other_spellings(folded: str, lexical: LexicalIndex) -> list[str]:
    """Spellings of the same sound that the corpus has beside the one that was typed."""
    sound = sound_of(folded)
    if not sound:
        return []
    found = lexical.articles.sounding(sound)
    own = found.get(folded, 0)
    alike = [one for one in found if one != folded and is_same_sound(one, folded)]
    # A rarer spelling may be another name; a commoner one is what most articles write.
    return [one for one in alike if found[one] > own][:1]


def _acronyms(text: str, lexical: LexicalIndex) -> Iterator[str]:
    """Acronyms spelled out, and long names shortened."""
    for match in _ACRONYM.finditer(text):
        short = match[0].replace(".", "")
        explained = lexical.articles.meanings(short).most_common(1)
        if explained:
            yield explained[0][0]
        elif short in KNOWN_ACRONYMS:
            yield KNOWN_ACRONYMS[short]
    for run in _runs(text):
        explained = lexical.articles.acronyms(run).most_common(1)
        if explained:
            yield explained[0][0].upper()
        elif run.casefold() in _SHORT_OF:
            yield _SHORT_OF[run.casefold()]


def _runs(text: str) -> Iterator[str]:
    """Runs of two to seven words of a text that begin and end with a capital."""
    found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    for first, (word, start, _) in enumerate(found):
        if not word[0].isupper():
            continue
        for last, _, end in found[first + 1 : first + 7]:
            if last[0].isupper():
                yield text[start:end]


def _states(text: str) -> Iterator[str]:
    """The states that towns, peoples and seats of government in a text stand for."""
    for code in list(places_of(text))[:MOST_STATES]:
        yield place_name(code)


# What the turn before counts beside the question itself. Tried on mtrag_un between 0 and .4:
# recall@5 lies between .89 and .90 from .1 to .3 each, best here on both halves of its
# conversations; with nothing before it is .86.
PREVIOUS_WEIGHT = 0.2
ANSWER_WEIGHT = 0.2
# What another name of something counts beside the one that was used. Enough to find what nothing
# else finds; above .2 multihop and briefings lose .01: a state is named in more than what is asked.
ALSO_WEIGHT = 0.1
# Paragraphs that are encoded for a question, those that share its rarest words first. A hundred
# take as long as a few questions.
ENCODED = 100
# The constants of BM25 in the lexical index (tantivy's own).
_K1, _B = 1.2, 0.75
# Candidates taken from each half; 200 instead of 100 changes hit@10 by less than .002.
CANDIDATES = 100
# For a part of a question fewer do: with 50 instead of 30 all@10 of multihop rises by .004.
CANDIDATES_OF_PART = 30
# Up to so many paragraphs, or this share of all as far as the second number, a filtered search
# scores all of them instead of asking the vector index to filter: of 100,000 a thousand by id take
# 43 ms, and a filtered query, which grows with all that there is, 135 whatever it finds.
FEW_PARAGRAPHS, MANY_PARAGRAPHS, FEW_SHARE = 1_000, 2_000, 0.03
# Above this share of the collection it is cheaper to ask for more and drop what does not
# match than to let the vector index filter (measured at 100,000 records: 1.3 ms unfiltered,
# 204 ms with a filter that half of them match).
LARGE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Looked:
    """The first look at all candidates: a score for each text that is wanted.

    `scores` and `cosines` have a row for each; `lexical` is that of the whole text. `then` are
    articles that are told as they were, `foreign` paragraphs in another language than the text.
    """

    keys: list[ParagraphKey]
    scores: Scores
    cosines: Scores
    lexical: Scores
    then: Mapping[str, Article]
    foreign: Set[ParagraphKey] = frozenset()


class Candidates:
    """Finds and scores candidates in both indexes. Threads may share it."""

    def __init__(self, vectors: VectorIndex, lexical: LexicalIndex, older: OlderTexts) -> None:
        self._vectors = vectors
        self._lexical = lexical
        self._older = older

    def look(
        self, texts: Sequence[Wanted], k: int, narrow: Filter | None, as_of: datetime | None
    ) -> Looked:
        """The candidates for all texts, with a score for each of these."""
        vectors = np.stack([one.vector for one in texts])
        most = [CANDIDATES + k, *(CANDIDATES_OF_PART for _ in texts[1:])]
        matches = [
            dict(self._lexical.search(one.terms, count, narrow))
            for one, count in zip(texts, most, strict=True)
        ]
        near = self.nearest(vectors[:1], CANDIDATES + k, narrow)
        if len(texts) > 1:
            near += self.nearest(vectors[1:], CANDIDATES_OF_PART, narrow)
        near += [self._lexical.sounding(one.heard, CANDIDATES_OF_PART, narrow) for one in texts]
        candidates = dict.fromkeys(key for found in (*near, *matches) for key in found)
        cosines = self._vectors.cosines_to(vectors, list(candidates))
        for one, known in zip(texts, matches, strict=True):
            known |= self._lexical.scores(one.terms, [key for key in cosines if key not in known])
        then: Mapping[str, Article] = {}
        if as_of is not None:
            then = self._take_older(texts, cosines, matches, narrow, as_of)
        keys = list(cosines)
        if not keys:
            nothing = np.zeros((len(texts), 0))
            return Looked([], nothing, nothing, nothing[0], then)
        language = self._lexical.spoken(texts[0].text)
        others = self._lexical.in_other_languages(keys, language or "en")
        meaning = np.array([cosines[key] for key in keys], dtype=np.float64).T
        words = np.array([_shares(keys, known) for known in matches])
        scores = np.array(
            [
                self._scores(one, keys, meaning[row], words[row], then)
                for row, one in enumerate(texts)
            ]
        )
        if others:
            place = [key in others for key in keys]
            meant = np.array([self._across(one, keys, meaning[n]) for n, one in enumerate(texts)])
            # Of a text in no certain language, such as a name, words and meaning may both tell.
            scores = np.where(place, meant if language else np.maximum(meant, scores), scores)
        return Looked(keys, scores, meaning, words[0], then, others if language else frozenset())

    def _across(self, text: Wanted, keys: Sequence[ParagraphKey], cosines: Scores) -> Scores:
        """Scores of the candidates as paragraphs in another language than a text's."""
        shared, whole = self._lexical.shared(text.heard, keys), sum(text.heard.values()) or 1.0
        return across(cosines, np.array([shared.get(key, 0.0) / whole for key in keys]))

    def _scores(
        self,
        text: Wanted,
        keys: Sequence[ParagraphKey],
        cosines: Scores,
        lexical: Scores,
        then: Mapping[str, Article],
    ) -> Scores:
        """Fused scores of the candidates for one text, but for what takes reading them."""
        rare = text.rare
        covered = self._lexical.covered(rare, keys)
        articles = dict.fromkeys(identity for identity, _ in keys)
        by_article = self._lexical.articles.covered(text.rarity, articles)
        for identity, number in keys:
            if (older := then.get(identity)) is not None:
                own = self._lexical.terms(f"{older.title}\n{older.paragraph(number).text}")
                covered[identity, number] = sum(rare.get(term, 0.0) for term in own)
        for identity in articles:
            if (older := then.get(identity)) is not None:
                every = "\n".join((older.title, *(one.text for one in older.paragraphs)))
                own = self._lexical.terms(every)
                by_article[identity] = sum(text.rarity.get(term, 0.0) for term in own)
        whole, rarest = sum(text.rarity.values()) or 1.0, sum(rare.values()) or 1.0
        shares = np.array([covered.get(key, 0.0) / rarest for key in keys])
        of_articles = np.array([by_article.get(key[0], 0.0) / whole for key in keys])
        fused: Scores = (
            WEIGHTS.cosine * cosines
            + WEIGHTS.lexical * lexical
            + WEIGHTS.covered * shares
            + WEIGHTS.covered_by_article * of_articles
        )
        return fused

    def _take_older(
        self,
        texts: Sequence[Wanted],
        cosines: dict[ParagraphKey, Vectors],
        matches: Sequence[dict[ParagraphKey, float]],
        narrow: Filter | None,
        as_of: datetime,
    ) -> Mapping[str, Article]:
        """Put what articles said then in the place of what the indexes hold of them."""
        found = [self._older.search(one.text, one.vector, as_of, narrow) for one in texts]
        then = found[0].articles
        for key in [key for key in cosines if key[0] in then]:
            del cosines[key]
        for known, older in zip(matches, found, strict=True):
            for key in [key for key in known if key[0] in then]:
                del known[key]
            known |= older.matches
        for key in dict.fromkeys(key for older in found for key in older.cosines):
            cosines[key] = np.array([older.cosines.get(key, 0.0) for older in found])
        return then

    def nearest(self, vectors: Vectors, k: int, narrow: Filter | None) -> list[list[ParagraphKey]]:
        """For each vector about the `k` nearest paragraphs that a filter lets pass, best first."""
        if not narrow:
            return self._vectors.nearest(vectors, k)
        total, matching = self._lexical.size, self._lexical.count(narrow)
        if matching <= max(FEW_PARAGRAPHS, min(MANY_PARAGRAPHS, FEW_SHARE * total)):
            keys = self._lexical.matching(narrow, MANY_PARAGRAPHS)
            cosines = self._vectors.cosines_to(vectors, keys)
            return [
                sorted(cosines, key=lambda key: (-cosines[key][row], key))[:k]
                for row in range(len(vectors))
            ]
        if matching >= LARGE_SHARE * total or narrow.places:
            share = matching / max(total, 1)
            found = self._vectors.nearest(vectors, min(total, int(2 * k / share) + k))
            every = list(dict.fromkeys(key for keys in found for key in keys))
            allowed = self._lexical.passing(every, narrow)
            kept = [[key for key in keys if key in allowed][:k] for keys in found]
            if narrow.places or all(len(keys) >= k for keys in kept):
                return kept
        return self._vectors.nearest(vectors, k, narrow)


def _shares(keys: Sequence[ParagraphKey], matches: Mapping[ParagraphKey, float]) -> Scores:
    """BM25 of each paragraph as a share of the best."""
    best = max(matches.values(), default=0.0) or 1.0
    return np.array([matches.get(key, 0.0) / best for key in keys])


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text as a search sees it.

    `vector` has unit length in each space; `terms` are all terms with their weights for BM25,
    `rarity` the content terms that the corpus has, with their weights for coverage; `rare` weighs
    them by the square of how rare they are. `heard` are its names and numbers in any script.
    """

    text: str
    vector: Vectors
    terms: Mapping[str, float]
    rarity: Mapping[str, float]
    rare: Mapping[str, float]
    heard: Mapping[str, float]


def wanted(
    said: Sequence[Named],
    earlier: Sequence[Turn],
    embeddings: SentenceEmbeddings,
    lexical: LexicalIndex,
) -> list[Wanted]:
    """Each text with its other names and the last earlier turn; everything is encoded at once."""
    before = _before(earlier)
    beside = [{**dict.fromkeys(one.also, ALSO_WEIGHT), **before} for one in said]
    every = [one.text for one in said] + [text for added in beside for text in added]
    vectors = dict(zip(every, embeddings.encode_questions(every), strict=True))
    found = []
    for one, added in zip(said, beside, strict=True):
        weights = {**added, one.text: 1.0}
        leaning = sum(weight * vectors[text] for text, weight in weights.items())
        found.append(
            Wanted(
                one.text,
                embeddings.unit(leaning) if added else vectors[one.text],
                _merged(weights, lambda text: dict.fromkeys(lexical.terms(text), 1.0)),
                _merged(weights, lambda text: lexical.rarity(text, known=True)),
                _merged(weights, lambda text: squared(lexical.rarity(text, known=True))),
                _merged(weights, lexical.heard),
            )
        )
    return found


def _before(earlier: Sequence[Turn]) -> dict[str, float]:
    """Texts of the last turn with their weights."""
    if not earlier:
        return {}
    last = earlier[-1]
    turn = {last.question: PREVIOUS_WEIGHT, last.answer: ANSWER_WEIGHT}
    return {text[:LONGEST_SEARCH]: weight for text, weight in turn.items() if text.strip()}


def _merged(
    weights: Mapping[str, float], terms: Callable[[str], Mapping[str, float]]
) -> dict[str, float]:
    merged: dict[str, float] = {}
    for text, weight in weights.items():
        for term, value in terms(text).items():
            merged[term] = max(merged.get(term, 0.0), weight * value)
    return merged


@dataclass(frozen=True, slots=True)
class Older:
    """Articles as they were, by id, and the scores of their best paragraphs.

    What an index holds of these articles was not known then.
    """

    articles: Mapping[str, Article]
    cosines: Mapping[ParagraphKey, float]
    matches: Mapping[ParagraphKey, float]


class OlderTexts:
    """Finds what has changed since in the texts of that time. Threads may share it."""

    def __init__(
        self, store: ArticleStore, lexical: LexicalIndex, embeddings: SentenceEmbeddings
    ) -> None:
        self._store = store
        self._lexical = lexical
        self._embeddings = embeddings

    def search(
        self, text: str, vector: Vectors, moment: datetime, narrow: Filter | None = None
    ) -> Older:
        """The paragraphs of that time that fit a text, of articles that read otherwise now."""
        narrow = narrow or Filter()
        articles = changed_after(self._store, moment, narrow.since, narrow.until)
        readable = [
            (article, paragraph)
            for article in articles
            if _is_of_sources(article, narrow.sources)
            for paragraph in article.paragraphs
            if paragraph.text.strip() and self._is_of_places(article, paragraph, narrow.places)
        ]
        matches = self._matches(text, readable)
        best = sorted(readable, key=lambda one: (-matches.get(_key(one[1]), 0.0), _key(one[1])))[
            :ENCODED
        ]
        kept = {_key(paragraph) for _, paragraph in best}
        return Older(
            {article.id: article for article in articles},
            self._cosines(vector, [paragraph for _, paragraph in best]),
            {key: score for key, score in matches.items() if key in kept},
        )

    def _cosines(
        self, vector: Vectors, paragraphs: Sequence[Paragraph]
    ) -> dict[ParagraphKey, float]:
        windows = self._embeddings.windows([paragraph.text for paragraph in paragraphs])
        flat = [text for texts in windows for text in texts]
        if not flat:
            return {}
        scores = iter((self._embeddings.encode(flat) @ vector).tolist())
        return {
            _key(paragraph): max(next(scores) for _ in texts)
            for paragraph, texts in zip(paragraphs, windows, strict=True)
        }

    def _matches(
        self, text: str, readable: Sequence[tuple[Article, Paragraph]]
    ) -> dict[ParagraphKey, float]:
        """BM25 as the lexical index counts it; paragraphs without a word of the text left out."""
        rarity = self._lexical.idf(self._lexical.terms(text))
        counted = [
            (_key(paragraph), self._lexical.counts(f"{article.title}\n{paragraph.text}"))
            for article, paragraph in readable
        ]
        usual = fmean(terms.total() for _, terms in counted) if counted else 0.0
        scores = {key: _bm25(rarity, terms, usual) for key, terms in counted}
        return {key: score for key, score in scores.items() if score > 0}

    def _is_of_places(self, article: Article, paragraph: Paragraph, places: Sequence[str]) -> bool:
        if not places:
            return True
        said = set(self._lexical.terms(f"{article.title}\n{paragraph.text}"))
        return any(said >= set(self._lexical.terms(place)) for place in places)


def _bm25(rarity: Mapping[str, float], terms: Counter[str], usual: float) -> float:
    length = _K1 * (1 - _B + _B * terms.total() / usual) if usual else _K1
    return sum(
        weight * (_K1 + 1) * terms[term] / (terms[term] + length)
        for term, weight in rarity.items()
        if terms[term]
    )


def _is_of_sources(article: Article, sources: Sequence[str]) -> bool:
    wanted = {name.casefold() for name in sources}
    return not wanted or (article.source or "").casefold() in wanted


def _key(paragraph: Paragraph) -> ParagraphKey:
    return (paragraph.article_id, paragraph.number)
