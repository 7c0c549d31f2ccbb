"""Words as the lexical index knows them, by the language of a text.

    text ─ widths and digits made one ─▶ stretches of one script
        Latin, Cyrillic, Greek     words ─ case, accents, stem of the language
        Arabic                     words ─ marks off, letters made one, stem
        Chinese, Japanese, Thai …  pairs of neighbouring characters

A text has one language, but a paragraph in Arabic names Reuters: every stretch is analysed by its
script, and the language chooses among the languages that are written in it. A question is too short
to tell its language for certain, so it is analysed in each language of the index (`readings`). A
word that these read differently is one word with several forms (`Term`), so that it is not counted
once for each of them, nor as rare where only few paragraphs are in a language.

Measured on XQuAD (192 paragraphs, 382 questions of the same language), BM25, hit@1 / @5, with the
English analysis and with this one: Arabic .843 / .948 and .914 / .982, German .882 / .971 and
.906 / .987, Spanish .932 / .992 and .950 / .997, Russian .825 / .935 and .935 / .992, Turkish
.859 / .969 and .901 / .990, Chinese .113 / .134 and .955 / .995.

Accepted gaps: traditional and simplified Chinese stay apart, and so do compounds and their parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Self

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

# Longer ones are addresses and garbled text.
_LONGEST_TOKEN = 60

_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian",
    "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
"""tantivy's Snowball stemmers, by ISO 639-1 code."""

# Accents are taken off before stemming where that was better: English, Turkish (see above). The
# endings of the others are told by them.
_FOLDED_FIRST = frozenset(("en", "tr"))

LATIN = "latin"
_CHARACTERS = {
    "arabic": "\u0610-\u061a\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f"
    "\u08a0-\u08ff",
    "cyrillic": "\u0400-\u052f",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "hebrew": "\u0591-\u05f4",
    "indic": "\u0900-\u0963\u0966-\u0dff",
    "han": "\u3005\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f",
    "hangul": "\u1100-\u11ff\uac00-\ud7af",
    "thai": "\u0e01-\u0e3a\u0e40-\u0e4e",
    "lao": "\u0e81-\u0ecd\u0edc-\u0edf",
    "burmese": "\u1000-\u103f\u1050-\u109f",
    "khmer": "\u1780-\u17d3",
}
"""Letters and marks of scripts, after NFKC; "han" has Japanese syllables too. The rest is Latin."""

_IN_PAIRS = frozenset(("han", "hangul", "thai", "lao", "burmese", "khmer"))
"""Scripts that do not part words or, as Korean, have endings that no stemmer here knows."""

_USUAL = {LATIN: "en", "cyrillic": "ru", "greek": "el", "arabic": "ar"}
"""The language that a script is taken to be in where the text's language is written in another."""

_OTHERS = {
    "arabic": frozenset(("fa", "ur", "ps", "ku", "ug", "sd")),
    "cyrillic": frozenset(("uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg")),
    "hebrew": frozenset(("he", "yi")),
    "indic": frozenset(("hi", "bn", "gu", "kn", "ml", "mr", "ne", "or", "pa", "si", "ta", "te")),
    "han": frozenset(("zh", "ja")),
    "hangul": frozenset(("ko",)),
    "thai": frozenset(("th",)),
    "lao": frozenset(("lo",)),
    "burmese": frozenset(("my",)),
    "khmer": frozenset(("km",)),
}
"""Languages without a stemmer here that are not written in Latin letters."""


def tokens(text: str, language: str | None = None) -> list[str]:
    """The terms of a text as they follow one another; `language` is an ISO 639-1 code."""
    if text.isascii():
        return _words(text, LATIN, language)
    text = _made_one(text)
    if not _NOT_LATIN.search(text):
        return _words(text, LATIN, language)
    found: list[str] = []
    for script, stretch in _stretches(text):
        found += _pairs(stretch) if script in _IN_PAIRS else _words(stretch, script, language)
    return found


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A single word as the first of its terms in a text of unknown language."""
    return next(iter(tokens(word)), word)


def readings(text: str, languages: Collection[str]) -> list[tuple[str, ...]]:
    """The terms of a question in each of the languages that it may be looked for in, none twice.

    The first is what a text of unknown language would have. All are of the same length: languages
    tell words of a script apart in the same places.
    """
    written = scripts(text)
    read = sorted(one for one in languages if script_of(one) in written and not _is_usual(one))
    return list(dict.fromkeys(tuple(tokens(text, one)) for one in (None, *read)))


class Term(str):
    """A term as a text of unknown language would have it, with its forms in other languages."""

    forms: tuple[str, ...]

    def __new__(cls, forms: Iterable[str]) -> Self:
        distinct = tuple(dict.fromkeys(forms))
        term = super().__new__(cls, distinct[0])
        term.forms = distinct
        return term


def terms(text: str, languages: Collection[str]) -> tuple[str, ...]:
    """The distinct terms of a question; a `Term` where the languages have several forms of it."""
    every = readings(text, languages)
    if len(every) == 1:
        return tuple(dict.fromkeys(every[0]))
    return tuple(dict.fromkeys(map(Term, zip(*every, strict=True))))


def forms(term: str) -> tuple[str, ...]:
    """The forms that a term is looked for in."""
    return term.forms if isinstance(term, Term) else (term,)


def scripts(text: str) -> frozenset[str]:
    """Names of the scripts that a text has letters of."""
    return frozenset(_letters(text))


def main_script(text: str) -> str | None:
    """The script that most letters of a text are of; None of a text without letters."""
    return max((counted := _letters(text)), key=counted.__getitem__, default=None)


def script_of(language: str) -> str:
    """The script that a language is usually written in."""
    for script, usual in _USUAL.items():
        if language == usual:
            return script
    for script, others in _OTHERS.items():
        if language in others:
            return script
    return LATIN


def _is_usual(language: str) -> bool:
    return language in _USUAL.values()


# -- stretches of one script ----------------------------------------------------------------------


def _letters(text: str) -> Counter[str]:
    """How many letters a text has, by script."""
    if not _NOT_LATIN.search(text):
        count = sum(map(str.isalpha, text))
        return Counter({LATIN: count} if count else {})
    counted: Counter[str] = Counter()
    for script, stretch in _stretches(_made_one(text)):
        counted[script] += sum(map(str.isalpha, stretch))
    return +counted


def _made_one(text: str) -> str:
    """Text with one form for each character, and for each digit: "２０１９" and "٢٠١٩" are 2019."""
    composed = unicodedata.normalize("NFKC", text)
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), composed)


def _stretches(text: str) -> Iterator[tuple[str, str]]:
    """Parts of a text with their script; spaces and digits between letters of one belong to it."""
    end = 0
    for match in _OTHER_SCRIPTS.finditer(text):
        if match.start() > end:
            yield LATIN, text[end : match.start()]
        yield str(match.lastgroup), match.group()
        end = match.end()
    if end < len(text):
        yield LATIN, text[end:]


def _pattern(script: str, characters: str) -> str:
    if script in _IN_PAIRS:
        return f"(?P<{script}>[{characters}]+)"
    return rf"(?P<{script}>[{characters}](?:[{characters}\d\W]*[{characters}])?)"


_OTHER_SCRIPTS = re.compile("|".join(_pattern(*one) for one in _CHARACTERS.items()))
_NOT_LATIN = re.compile(f"[{''.join(_CHARACTERS.values())}]")
_FOREIGN_DIGIT = re.compile(
    "[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f\u0be6-\u0bef"
    "\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u17e0-\u17e9]"
)


# -- words ----------------------------------------------------------------------------------------


def _words(text: str, script: str, language: str | None) -> list[str]:
    if language is None or script_of(language) != script:
        language = _USUAL.get(script, "")
    if script == "indic":
        # Its vowel signs and joiners are no letters to tantivy, which would cut words at them.
        return _INDIC_WORD.findall(text)
    found: list[str] = _analyzer(language).analyze(_PREPARE.get(script, _as_it_is)(text, language))
    return found


def _as_it_is(text: str, language: str) -> str:
    # A capital I is dotless there, and a dotted one would keep its dot as a mark of its own.
    return text.translate(_TURKISH) if language == "tr" else text


def _arabic(text: str, language: str) -> str:
    """Without vowel signs and stretching; letters that keyboards confuse made one."""
    del language
    return _ARABIC_MARKS.sub("", text).translate(_ARABIC_LETTERS)


def _unmarked(text: str, language: str) -> str:
    """Without the marks that texts have or lack: stress in Cyrillic, accents in Greek, vowel points
    in Hebrew. Letters that are written with a mark ("й") keep it."""
    del language
    apart = unicodedata.normalize("NFD", text)
    plain = unicodedata.normalize("NFC", _OPTIONAL_MARKS.sub("", apart))
    return plain.translate(_LETTERS)


_PREPARE = {"arabic": _arabic, "cyrillic": _unmarked, "greek": _unmarked, "hebrew": _unmarked}
_INDIC_WORD = re.compile(r"[\u0900-\u0963\u0966-\u0dff\u200c\u200d]+|\d+")
_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
# Persian and Urdu forms of letters that Arabic has; the stemmer does the same for alef and ya.
_ARABIC_LETTERS = str.maketrans("یکہھۀ", "يكههه")
_TURKISH = str.maketrans("İI", "iı")
# Acute and grave accents, the Greek ones, diaeresis in Greek; Hebrew points. The breve of "й" and
# the diaeresis of "ї" are no accents; "ё" is written as "е" as often as not.
_OPTIONAL_MARKS = re.compile(
    "(?<=[\u0400-\u052f\u0301])[\u0300\u0301]|(?<=[\u0435\u0415])\u0308"
    "|(?<=[\u0370-\u03ff\u1f00-\u1fff\u0300-\u0345])[\u0300-\u0345]|[\u0591-\u05bd\u05bf-\u05c7]"
)
_LETTERS = str.maketrans("ς", "σ")


@cache
def _analyzer(language: str) -> Any:
    """tantivy's analyser of a language; without a stemmer where it has none."""
    stemmer = [Filter.stemmer(_STEMMERS[language])] if language in _STEMMERS else []
    folding = [Filter.ascii_fold()]
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    builder = builder.filter(Filter.remove_long(_LONGEST_TOKEN)).filter(Filter.lowercase())
    for one in folding + stemmer if language in _FOLDED_FIRST else stemmer + folding:
        builder = builder.filter(one)
    return builder.build()


def _pairs(stretch: str) -> list[str]:
    """Each character with the next; a character that stands alone as it is."""
    if len(stretch) < 2:
        return [stretch]
    return [stretch[place : place + 2] for place in range(len(stretch) - 1)]
