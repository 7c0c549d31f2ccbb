"""An article as watches look at it: its words, phrases and places, and its best sentence.

    phrase ─▶ its words ─▶ the rarest of them ─▶ PhraseIndex
    article ─▶ its words ─▶ PhraseIndex ─▶ phrases whose other words stand around ─▶ best sentence

Words are compared without case, accents, apostrophes and the article of Arabic names ("al-",
"el-"), so that "el-Sisi" is "Sisi" and "Sanaʿa" is "Sanaa"; by their stems, as the lexical index
has them, or to the letter. What is costly is computed at the first use: most articles meet few
watches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise, product

from corpus.articles import Article
from corpus.text.names import ROLE_WORDS, SCRIPTS, heard, sounds
from corpus.text.places import places_of
from corpus.text.sentences import Sentence, split_sentences
from corpus.text.words import FUNCTION_WORDS, unaccented
from retrieval.index.analysis import stem

NEAR = 8
"""Content words of a loose phrase stand at most this many words apart: about a clause."""
FEWEST_CONSONANTS = 4
"""Of a name that is looked for in other scripts by its sound; with three it is many a word's."""
LONGEST_HEARD = 4
"""Words of such a name."""
_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b|(?<=s)['’](?!\w)")
# "Sana'a" is one word, "l'Allemagne" two.
_INNER_APOSTROPHE = re.compile(r"(?<=\w\w)['’ʿʾʼ`](?=\w)")
_APOSTROPHE = re.compile(r"['’ʿʾʼ`]")
_ARABIC_ARTICLE = re.compile(r"\b(?:[Aa]l|[Ee]l)[-‑–](?=\w)|\bal (?=[A-Z])")
# Paragraphs that tell what an article is about, and mentions that do wherever they stand.
_LEAD = 2
_MENTIONS = 3


class How(StrEnum):
    """How a watch was met."""

    WORDS = "words"
    MEANING = "meaning"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class WatchMatch:
    """A watch that an article meets, and where best: a sentence of a paragraph, to the letter.

    `what` is the watched word, actor or place that was met; `score` is the cosine for a match by
    meaning, 1 for any other.
    """

    watch: str
    number: int
    sentence: str
    how: How
    what: str
    score: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A watch, ready to be matched."""

    id: str
    words: tuple[int, ...]
    actors: tuple[int, ...]
    surnames: tuple[tuple[str, str], ...]
    places: frozenset[str]
    place_names: tuple[int, ...]
    sources: frozenset[str]
    kinds: frozenset[str]
    named_only: bool
    phrases: frozenset[int]

    @property
    def names(self) -> tuple[int, ...]:
        """Phrases of which one stands where a watch without words is met."""
        return self.actors or self.place_names


@dataclass(slots=True)
class Hit:
    """Where a watch was met so far: how, what, and with which score, by paragraph (0: title)."""

    how: How
    what: dict[int, str] = field(default_factory=dict)
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class _ReadSentence:
    """A sentence and what stands in it: stems and numbers of phrases."""

    sentence: Sentence
    stems: frozenset[str]
    phrases: frozenset[int]


class WatchedText:
    """An article as it is matched: title and paragraphs, index 0 the title."""

    def __init__(self, article: Article, index: PhraseIndex) -> None:
        self.article = article
        self._texts = [article.title, *(paragraph.text for paragraph in article.paragraphs)]
        self.words: list[Words] = [words_of(text) for text in self._texts]
        self.phrases: list[set[int]] = [
            index.found(words, text) for words, text in zip(self.words, self._texts, strict=True)
        ]
        self._index = index
        self._read: dict[int, tuple[_ReadSentence, ...]] = {}
        self._sentence_places: dict[str, frozenset[str]] = {}

    @cached_property
    def places(self) -> list[dict[str, int]]:
        return [places_of(text, self.article.language) for text in self._texts]

    @cached_property
    def place_paragraphs(self) -> dict[str, list[int]]:
        """Where each place is spoken of, as often as it is."""
        where: dict[str, list[int]] = {}
        for number, places in enumerate(self.places):
            for code, count in places.items():
                where.setdefault(code, []).extend([number] * count)
        return where

    @cached_property
    def subject_places(self) -> frozenset[str]:
        """Places that the article is about: in its title or lead, or spoken of repeatedly."""
        return frozenset(
            code
            for code, where in self.place_paragraphs.items()
            if where[0] <= _LEAD or len(where) >= _MENTIONS
        )

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for words in self.words for word in words.exact)

    def is_about(self, wanted: Wanted, hit: Hit) -> bool:
        """Whether it is about a place of the watch, or speaks of one where the watch was met."""
        if wanted.places & self.subject_places or not self.standing.isdisjoint(wanted.place_names):
            return True
        return any(wanted.places & self.places[number].keys() for number in hit.what)

    def persons(self, initial: str, last: str) -> list[int]:
        """Paragraphs that name somebody by surname, after a title or a like given name.

        "Sergei Lavrov" and "Foreign Minister Lavrov" name Sergey Lavrov; "Lavrov Street" does not.
        """
        if last not in self.vocabulary:
            return []
        return [
            number
            for number, words in enumerate(self.words)
            if last in words.exact
            for before, word in pairwise(words.exact)
            if word == last and (before in ROLE_WORDS or before[0] == initial)
        ]

    @cached_property
    def standing(self) -> frozenset[int]:
        """All phrases that stand anywhere in it."""
        return frozenset().union(*self.phrases)

    def best(self, wanted: Wanted, hit: Hit) -> WatchMatch:
        """The sentence to show: of the paragraph that says most of what was looked for."""
        inside = [number for number in hit.what if number > 0] or [1]
        phrases = wanted.phrases

        def worth(number: int) -> tuple[int, int, int]:
            places = len(wanted.places & self.places[number].keys())
            return len(phrases & self.phrases[number]), places, -number

        number = max(inside, key=worth)
        what = hit.what.get(number) or next(iter(hit.what.values()))
        sentence = self._best_sentence(number, wanted, what)
        return WatchMatch(wanted.id, number, sentence, hit.how, what, hit.score)

    def _best_sentence(self, number: int, wanted: Wanted, what: str) -> str:
        read = self._sentences(number)
        if len(read) < 2:
            return read[0].sentence.text if read else self._texts[number]
        looked_for = _stems_of(what)

        def worth(one: _ReadSentence) -> tuple[int, int, int, int]:
            return (
                len(wanted.phrases & one.phrases),
                len(looked_for & one.stems),
                len(wanted.places & self._places_in(one.sentence)) if wanted.places else 0,
                -one.sentence.start,
            )

        return max(read, key=worth).sentence.text

    def _places_in(self, sentence: Sentence) -> frozenset[str]:
        if sentence.text not in self._sentence_places:
            found = places_of(sentence.text, self.article.language)
            self._sentence_places[sentence.text] = frozenset(found)
        return self._sentence_places[sentence.text]

    def _sentences(self, number: int) -> Sequence[_ReadSentence]:
        """The sentences of a paragraph with what stands in each; read once for all watches."""
        if number not in self._read:
            found = []
            for sentence in split_sentences(self._texts[number]):
                words = words_of(sentence.text)
                found.append(
                    _ReadSentence(
                        sentence,
                        frozenset(words.stems),
                        frozenset(self._index.found(words, sentence.text)),
                    )
                )
            self._read[number] = tuple(found)
        return self._read[number]


@lru_cache(maxsize=16_384)
def _stems_of(text: str) -> frozenset[str]:
    return frozenset(words_of(text).stems)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to be found: in their order and together, or, if `loose`, near each other.

    `words` are stems unless `exact`. Of a loose phrase they are its content words. Of one that is
    `heard` they are the sounds of a name in another script, which stand anywhere in the text.
    """

    words: tuple[str, ...]
    loose: bool = False
    exact: bool = False
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in order: to the letter, and their stems."""

    exact: tuple[str, ...]
    stems: tuple[str, ...]


def words_of(text: str) -> Words:
    """The words of a text as phrases are compared with them."""
    # Few texts have what is taken out, and looking for a part of it costs next to nothing.
    plain = text
    if _APOSTROPHE.search(plain):
        plain = _INNER_APOSTROPHE.sub("", _POSSESSIVE.sub("", plain))
    if "l-" in plain or "l‑" in plain or "l–" in plain or "al " in plain:
        plain = _ARABIC_ARTICLE.sub("", plain)
    exact = tuple(_folded(word) for word in _WORD.findall(plain))
    return Words(exact, tuple(stem(word) for word in exact))


def phrase_of(text: str) -> Phrase | None:
    """A phrase as a reader wrote it; None where nothing of it is a word.

    A phrase in quotation marks, and a name (every content word with a capital), is looked for as
    it stands; the content words of any other only near each other.
    """
    quoted = re.fullmatch(r"\s*[\"“«](.+)[\"”»]\s*", text)
    inner = quoted[1] if quoted else text
    words = words_of(inner).stems
    content = tuple(stem(word) for word in _content(inner))
    if not words:
        return None
    if quoted or len(content) < 2 or is_name(inner):
        return Phrase(words if quoted or len(words) < 2 or is_name(inner) else content)
    return Phrase(tuple(dict.fromkeys(content)), loose=True)


def exact_phrase(text: str) -> Phrase | None:
    """A name to be found to the letter, whatever its case; None where nothing of it is a word."""
    words = words_of(text.strip(' "“”«»')).exact
    return Phrase(words, exact=True) if words else None


def heard_phrases(text: str) -> Iterator[Phrase]:
    """A name as it is written in each other script; none of a name that sounds like many."""
    own = list(heard(text)) if is_name(text) else []
    parts = {match: set(sounds(match)) for match in _WORD.findall(text)}
    told = {min(one, key=len) for one in parts.values() if one}
    if not own or len(parts) > LONGEST_HEARD or not all(parts.values()):
        return
    if sum(map(len, told)) < FEWEST_CONSONANTS:
        return
    for script in SCRIPTS:
        if script not in {written for written, _ in own}:
            for spelled in product(*parts.values()):
                yield Phrase(tuple(f"{script}:{sound}" for sound in spelled), heard=True)


def is_name(text: str) -> bool:
    """Whether every content word is written with a capital or in another script."""
    plain = _ARABIC_ARTICLE.sub("", text)
    found = [word for word in _WORD.findall(plain) if _folded(word) not in FUNCTION_WORDS]
    return bool(found) and not any(word[0].islower() for word in found)


def content_count(text: str) -> int:
    """How many words of a text are not mere grammar."""
    return len(_content(text))


class PhraseIndex:
    """Distinct phrases by their rarest word. Immutable once made, so threads may share it."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        frequency = Counter(
            (phrase.exact, word)
            for phrase in phrases
            if not phrase.heard
            for word in set(phrase.words)
        )
        self._phrases = tuple(phrases)
        self._by_word: dict[bool, dict[str, list[tuple[int, int]]]] = {False: {}, True: {}}
        self._heard: dict[str, list[int]] = {}
        for number, phrase in enumerate(phrases):
            if phrase.heard:
                self._heard.setdefault(phrase.words[0], []).append(number)
                continue
            at = min(
                range(len(phrase.words)),
                key=lambda i: (frequency[phrase.exact, phrase.words[i]], -len(phrase.words[i])),
            )
            places = self._by_word[phrase.exact].setdefault(phrase.words[at], [])
            places.append((number, at))

    def found(self, words: Words, text: str) -> set[int]:
        """Numbers of the phrases that stand in a text, whose words are these."""
        found = {*self._found(words.stems, False), *self._found(words.exact, True)}
        return found | set(self._found_by_sound(text)) if self._heard else found

    def _found_by_sound(self, text: str) -> Iterator[int]:
        there = {f"{script}:{sound}" for script, sound in heard(text)}
        for sound in there & self._heard.keys():
            for number in self._heard[sound]:
                if there.issuperset(self._phrases[number].words):
                    yield number

    def _found(self, words: tuple[str, ...], exact: bool) -> Iterator[int]:
        by_word = self._by_word[exact]
        for position, word in enumerate(words):
            if word not in by_word:
                continue
            for number, at in by_word[word]:
                if _stands(self._phrases[number], words, position, at):
                    yield number


def _stands(phrase: Phrase, words: tuple[str, ...], position: int, at: int) -> bool:
    if phrase.loose:
        around = words[max(0, position - NEAR) : position + NEAR + 1]
        return all(word in around for word in phrase.words)
    start = position - at
    return start >= 0 and words[start : start + len(phrase.words)] == phrase.words


def _content(text: str) -> list[str]:
    return [w for w in words_of(text).exact if w not in FUNCTION_WORDS and len(w) > 1]


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unaccented(word).casefold()
