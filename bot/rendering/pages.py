"""Pages: what a digest, a summary, quotations or a timeline says, before any front end lays it out.

    Digest, Summary, ... -> Page (lines of spans with marks, citations)
        -> Block Kit (`page_blocks`), terminal (`page_text`), HTML (`page_html`)

So the three say the same in the same order, and each knows only its own limits and escaping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.rendering.wording import excerpt, isolated, place_line
from corpus.sentences import split_sentences
from retrieval.answers import Citation, Statement

LONGEST_HEADLINE = 200
LONGEST_QUOTE = 110
# What a page leaves off at the ends of quoted words: marks, and the comma before "he said".
_ENDS = '“”"«»„, '


class Style(StrEnum):
    """How a span stands out. Removed and added words are those of a changed text."""

    PLAIN = "plain"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters in one style; with a `mark`, they are a link to that citation's paragraph."""

    text: str
    style: Style = Style.PLAIN
    mark: int | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a page under a headline; `aside` stands beside it ("NEW · 2 articles")."""

    lines: tuple[Line, ...]
    headline: str = ""
    aside: str = ""
    bullets: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A document to be laid out: every mark in it is the mark of one of its citations.

    `notice` is what a notification says of it; `lead` and `closing` are small lines before and
    after, which hold no text from elsewhere but names.
    """

    title: str
    subtitle: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]
    closing: tuple[str, ...]
    notice: str


def strong(text: str) -> Span:
    return Span(text, Style.STRONG)


def emphasis(text: str) -> Span:
    return Span(text, Style.EMPHASIS)


def marks(numbers: Iterable[int]) -> Iterator[Span]:
    """ " [1][2]": the marks that stand after a statement."""
    for position, number in enumerate(numbers):
        if position == 0:
            yield Span(" ")
        yield Span(f"[{number}]", mark=number)


def stated(statements: Iterable[Statement]) -> Line:
    """Statements in one line, each with its marks."""
    spans: list[Span] = []
    for statement in statements:
        if spans:
            spans.append(Span(" "))
        spans += [Span(statement.text), *marks(statement.citations)]
    return tuple(spans)


def labelled(label: str, line: Line) -> Line:
    """ "What happened — …"."""
    return (emphasis(label), Span(" — "), *line)


def listed(label: str, lines: Sequence[Line]) -> list[Part]:
    """One line beside its label, several as a list under it; no part for none."""
    if len(lines) == 1:
        return [Part(((strong(label), Span(" — "), *lines[0]),))]
    return [Part(tuple(lines), label, bullets=True)] if lines else []


def source_lines(page: Page) -> list[SourceLine]:
    """Where each citation stands, in the order of their marks; paragraphs of one article together.

    A citation has an excerpt of its words, and a line of its own, unless the page shows them
    whole: there it would only be repeated.
    """
    return source_lines_of(sourced_of(page))


def sourced_of(page: Page) -> list[Sourced]:
    """Each citation, with an excerpt of its words unless the page shows them whole."""
    shown = _shown(page)
    found = []
    for citation in page.citations:
        said = " ".join(citation.quote.split()).strip(_ENDS)
        known = all(part.text.strip(_ENDS) in shown for part in split_sentences(said))
        found.append(Sourced(citation, "" if known else excerpt(said, LONGEST_QUOTE)))
    return found


def source_lines_of(sourced: Sequence[Sourced]) -> list[SourceLine]:
    """The same for some of the citations, as one part of a long page has them."""
    lines: dict[str, SourceLine] = {}
    for one in sourced:
        article = one.citation.article.id
        key = article if not one.excerpt else f"{article} {one.citation.mark}"
        lines[key] = SourceLine((*lines[key].sourced, one) if key in lines else (one,))
    return list(lines.values())


@dataclass(frozen=True, slots=True)
class Sourced:
    """A citation, and an excerpt of its words where the page does not show them."""

    citation: Citation
    excerpt: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Citations of one article that are shown in one line."""

    sourced: tuple[Sourced, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(one.citation for one in self.sourced)

    @property
    def text(self) -> str:
        """ "UN News · official · 4 Apr 2019 · ¶2, ¶4 of 14", and the excerpt of a single one."""
        line = place_line(self.citations)
        words = self.sourced[0].excerpt
        return f"{line} — {isolated(f'“{words}”')}" if words else line


def _shown(page: Page) -> str:
    lines = ["".join(span.text for span in line) for part in page.parts for line in part.lines]
    return " ".join(" ".join(lines).split())
