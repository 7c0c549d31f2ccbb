"""Tell the language of a text, and of a paragraph in an article of a known language."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from corpus.text.words import FUNCTION_WORDS

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
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
