"""Answers: statements with citations, what was withheld, or nothing to answer with.

Marks count from 1 in the order in which an answer first uses them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from operator import add
from urllib.parse import quote as percent_encode

from corpus.articles import Article, Paragraph, origins_of
from corpus.fetch.urls import _END_CHARACTERS, _END_WORDS, _WHOLE_CHARACTERS, _WHOLE_WORDS
from retrieval.evidence import Evidence
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import Question

EXTRACTIVE = "extractive"
"""The answerer of whatever is the sources' own sentences."""


def text_fragment(url: str, text: str, quote: str | None = None) -> str:
    """A link to `url` that opens at a paragraph, or at a verbatim `quote` from it.

    Follows the URL Fragment Text Directives draft: `#:~:text=start,end` or, for a short text,
    `#:~:text=whole`; a very short quote is told apart by the words before it (`prefix-,`).
    Addresses other than http(s), and texts without a word, get no fragment.
    """
    base = url.partition("#")[0]
    words = _words(text if quote is None else quote)
    if not words or not base.lower().startswith(("http://", "https://")):
        return base
    whole = " ".join(words)
    if len(words) <= _WHOLE_WORDS and len(whole) <= _WHOLE_CHARACTERS:
        directive = _prefix(words, text if quote is not None else "") + _directive_part(whole)
    elif len(words) > 2 * _END_WORDS:
        start, end = " ".join(words[:_END_WORDS]), " ".join(words[-_END_WORDS:])
        directive = f"{_directive_part(start)},{_directive_part(end)}"
    else:
        start, end = whole[:_END_CHARACTERS].strip(), whole[-_END_CHARACTERS:].strip()
        directive = f"{_directive_part(start)},{_directive_part(end)}"
    return f"{base}#:~:text={directive}"


def _words(text: str) -> list[str]:
    """Words, without the quotation marks and full stops at the ends, which pages vary."""
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return text[start:end].split()


def _prefix(words: list[str], text: str) -> str:
    """`words before-,` for a quote of one to three words that stands inside `text`."""
    if not text or len(words) > 3:
        return ""
    before, found, _ = " ".join(text.split()).partition(" ".join(words))
    preceding = before.split()[-3:] if found else []
    return f"{_directive_part(' '.join(preceding))}-," if preceding else ""


def _directive_part(text: str) -> str:
    return percent_encode(text, safe="", errors="replace").replace("-", "%2D")


class Said(str):
    """Words of our own, in English as a text; `form` and its `fields` let a front end say them in
    the reader's language.

    `Said("{number} is only a bound there", number=40)`. A field may be `Said`, too; what sources,
    people and models say is a plain text.
    """

    __slots__ = ("fields", "form")
    form: str
    fields: dict[str, object]

    def __new__(cls, form: str, **fields: object) -> Said:
        said = super().__new__(cls, form.format(**fields) if fields else form)
        said.form, said.fields = str(form), fields
        return said

    @classmethod
    def joined(cls, parts: Iterable[str]) -> Said | None:
        """Several of them, one after the other; None for none."""
        fields = {f"part{number}": part for number, part in enumerate(parts)}
        return cls(" ".join(f"{{{name}}}" for name in fields), **fields) if fields else None


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence that an answerer wrote, before it is checked.

    `marks` are positions in the evidence, from 1; they may be wrong or missing.
    """

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One checked sentence of an answer; `citations` are marks of the answer."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A mark, the paragraph it stands for, and the words there that support the answer.

    `quote` is verbatim; `carried_by` are copies of the article elsewhere (one origin).
    """

    mark: int
    article: Article = field(repr=False)
    paragraph: Paragraph
    quote: str
    carried_by: tuple[Article, ...] = field(default=(), repr=False)

    @property
    def key(self) -> ParagraphKey:
        return (self.article.id, self.paragraph.number)

    @property
    def link(self) -> str:
        """The article's address with a text fragment that leads to the quote."""
        return text_fragment(self.article.url, self.paragraph.text, self.quote)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that did not pass the checks, and why, in words."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model was asked: requests, tokens sent and received.

    `tokens_estimated` are those of them that no provider counted; `cost` is in the currency of the
    prices that were set, None where none were.
    """

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_estimated: int = 0
    cost: float | None = None

    def __add__(self, other: Usage) -> Usage:
        *mine, _ = astuple(self)
        *others, _ = astuple(other)
        costs = [one for one in (self.cost, other.cost) if one is not None]
        return Usage(*[*map(add, mine, others), sum(costs) if costs else None])


Parts = tuple[tuple[Question, Evidence], ...]
"""The questions that an outcome was made for, each with its evidence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer: every statement has at least one citation.

    `unanswered` are the parts of the question that nothing answers; `differing` is what the
    accounts in it differ about, in a few words each; `parts` is what it was made of, `usage` what
    a language model was asked for it.
    """

    question: Question = field(repr=False)
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    answerer: str
    withheld: tuple[Withheld, ...] = ()
    notice: str | None = None
    unanswered: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    parts: Parts = field(default=(), repr=False, compare=False)
    usage: Usage = field(default=Usage(), repr=False, compare=False)

    @property
    def articles(self) -> int:
        """How many articles the answer cites."""
        return len({citation.article.id for citation in self.citations})

    @property
    def origins(self) -> int:
        """How many independent origins: copies, and what one source tells, count once."""
        return len(origins_of(citation.article for citation in self.citations))


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Too little evidence: the reason in words, and the nearest passages as just that."""

    question: Question = field(repr=False)
    reason: str
    nearest: tuple[Passage, ...]
    answerer: str
    withheld: tuple[Withheld, ...] = ()
    notice: str | None = None
    parts: Parts = field(default=(), repr=False, compare=False)
    usage: Usage = field(default=Usage(), repr=False, compare=False)


Outcome = Answer | NoAnswer
