"""Whether a quotation keeps its speaker: words given to one person were not said by another.

    a sentence's quotations with their speakers  +  those of the cited articles  ->  reason or ""

Pure. Who speaks is read by `corpus.quotations.extracting` on both sides: in the sentence, and in
the cited article, where a pronoun's person may stand a paragraph earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.quotations.extracting import Quotation, quotations
from corpus.sentences import quoted_spans, split_sentences
from retrieval.terms import words

# Sentences before or after a quotation in which its speaker may be named where nobody is plainly
# said to speak.
NEAR = 1


@dataclass(frozen=True, slots=True)
class Context:
    """A cited paragraph in its article: `paragraphs[number - 1]` is the one that is cited."""

    paragraphs: tuple[str, ...]
    number: int
    title: str = ""

    @property
    def text(self) -> str:
        return self.paragraphs[self.number - 1]


def misattributed(sentence: str, contexts: Sequence[Context]) -> str:
    """Why a quotation of a sentence is not its speaker's; empty where each is, or none is there."""
    for said in _spoken(sentence):
        quote = words(said.quote)
        holding = [context for context in contexts if _holds(words(context.text), quote)]
        if not holding:
            # Whether the words stand there at all is another rule's matter.
            continue
        if not any(_keeps(said.speaker, quote, context) for context in holding):
            return f"the words “{_short(said.quote)}” are not given to {said.speaker} there"
    return ""


def _spoken(sentence: str) -> list[Quotation]:
    if not quoted_spans(sentence):
        return []
    return [said for said in quotations([sentence]) if said.direct]


def _keeps(speaker: str, quote: list[str], context: Context) -> bool:
    given = [
        said.speaker
        for said in _said_in(context.paragraphs, context.title)
        if said.paragraph == context.number and said.direct and _overlap(words(said.quote), quote)
    ]
    if given:
        return any(is_same_speaker(speaker, one) for one in given)
    return _is_named_near(speaker, quote, context.text)


def is_same_speaker(first: str, second: str) -> bool:
    """Whether two forms can name one speaker: one's words are among the other's."""
    one, other = set(words(first)), set(words(second))
    return bool(one) and bool(other) and (one <= other or other <= one)


def _is_named_near(speaker: str, quote: list[str], paragraph: str) -> bool:
    sentences = [words(sentence.text) for sentence in split_sentences(paragraph)]
    wanted = words(speaker)[-1:]
    for position in range(len(sentences)):
        around = sentences[max(0, position - NEAR) : position + NEAR + 1]
        together = [word for sentence in around for word in sentence]
        if _overlap(sentences[position], quote) and wanted and wanted[0] in together:
            return True
    return False


def _overlap(first: list[str], second: list[str]) -> bool:
    """Whether one run of words stands within the other."""
    return _holds(first, second) or _holds(second, first)


def _holds(text: list[str], part: list[str]) -> bool:
    if not part:
        return False
    return f" {' '.join(part)} " in f" {' '.join(text)} "


@lru_cache(maxsize=64)
def _said_in(paragraphs: tuple[str, ...], title: str) -> tuple[Quotation, ...]:
    return quotations(paragraphs, title)


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
