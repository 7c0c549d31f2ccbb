"""What a reader should hear again of an article that was told and has changed.

    as told, as it is -> sentences that are not in both -> put right | added | nothing

A sentence is put right where its counterpart had other names, numbers or dates, said the opposite
or was worded otherwise in what it tells; added where it has no counterpart and says something.
Punctuation, addresses, boilerplate and the wording of a transcript are no news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from corpus.articles import Article
from corpus.sentences import split_sentences
from retrieval.briefs.forms import spoken_paragraphs
from retrieval.briefs.lines import PARAGRAPHS_READ, is_tellable
from retrieval.sameness import adds_words, overlap, stems
from retrieval.terms import fold, names, numbers

COUNTERPART = 0.5
"""Share of content words from which a sentence is another reading of one that was told."""
NEW_WORDS = 4
"""Content words that make a sentence without a counterpart worth telling."""
OTHER_WORDS = 3
"""Content words that differ where a sentence was worded otherwise."""

_NEGATION = re.compile(r"\b(?:not|no|never|nor|without|denie[sd]|n['’]t)\b|n['’]t\b")


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences of an article as it is now: those that put one right, those that are added.

    `replaced` are the sentences as they were told that the first stand for.
    """

    put_right: frozenset[str] = field(default_factory=frozenset)
    added: frozenset[str] = field(default_factory=frozenset)
    replaced: frozenset[str] = field(default_factory=frozenset)

    @property
    def news(self) -> frozenset[str]:
        return self.put_right | self.added


def changes(told: Article, now: Article) -> Changes:
    """What differs between an article as the reader was told of it and as it is."""
    before, after = _sentences(told), _sentences(now)
    gone = {plain: text for plain, text in before.items() if plain not in after}
    put_right: set[str] = set()
    added: set[str] = set()
    replaced: set[str] = set()
    for plain, text in after.items():
        if plain in before:
            continue
        counterpart = max(gone.values(), key=lambda one: overlap(text, one), default=None)
        if counterpart is None or overlap(text, counterpart) < COUNTERPART:
            if len(adds_words(text, before.values())) >= NEW_WORDS:
                added.add(text)
        elif _tells_otherwise(counterpart, text):
            put_right.add(text)
            replaced.add(counterpart)
    return Changes(frozenset(put_right), frozenset(added), frozenset(replaced))


def _sentences(article: Article) -> dict[str, str]:
    """The sentences of an article's reports that can be told, by their bare words."""
    spoken = spoken_paragraphs(article)
    return {
        " ".join(re.findall(r"\w+", sentence.text.casefold())): sentence.text
        for paragraph in article.paragraphs[:PARAGRAPHS_READ]
        if paragraph.number not in spoken
        for sentence in split_sentences(paragraph.text)
        if is_tellable(sentence.text)
    }


def _tells_otherwise(before: str, after: str) -> bool:
    if _particulars(before) != _particulars(after):
        return True
    if len(_NEGATION.findall(before)) != len(_NEGATION.findall(after)):
        return True
    return len(stems(before) ^ stems(after)) >= OTHER_WORDS


def _particulars(text: str) -> set[str]:
    return {fold(name) for name in names(f"x {text}")} | numbers(text)
