"""Which of many phrases stand in a text, found through one word of each.

    phrase -> its words -> the rarest of them -> index
    text   -> its words -> index -> phrases whose other words stand around it

Words are compared without case, accents, apostrophes and the article of Arabic names ("al-",
"el-"), so that "el-Sisi" is "Sisi" and "Sanaʿa" is "Sanaa"; by their stems, as the lexical index
has them, or to the letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.lexical_documents import stem
from retrieval.terms import FUNCTION_WORDS

NEAR = 8
"""Content words of a loose phrase stand at most this many words apart: about a clause."""

_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b|(?<=s)['’](?!\w)")
# "Sana'a" is one word, "l'Allemagne" two.
_INNER_APOSTROPHE = re.compile(r"(?<=\w\w)['’ʿʾʼ`](?=\w)")
_APOSTROPHE = re.compile(r"['’ʿʾʼ`]")
_ARABIC_ARTICLE = re.compile(r"\b(?:[Aa]l|[Ee]l)[-‑–](?=\w)|\bal (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to be found: in their order and together, or, if `loose`, near each other.

    `words` are stems unless `exact`. Of a loose phrase they are its content words.
    """

    words: tuple[str, ...]
    loose: bool = False
    exact: bool = False


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
            (phrase.exact, word) for phrase in phrases for word in set(phrase.words)
        )
        self._phrases = tuple(phrases)
        self._by_word: dict[bool, dict[str, list[tuple[int, int]]]] = {False: {}, True: {}}
        for number, phrase in enumerate(phrases):
            at = min(
                range(len(phrase.words)),
                key=lambda i: (frequency[phrase.exact, phrase.words[i]], -len(phrase.words[i])),
            )
            places = self._by_word[phrase.exact].setdefault(phrase.words[at], [])
            places.append((number, at))

    def found(self, text: Words) -> set[int]:
        """Numbers of the phrases that stand in a text."""
        return {*self._found(text.stems, False), *self._found(text.exact, True)}

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
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
