"""Pages: what a digest, a summary, quotations or a timeline says, before any front end shows it.

    Digest, Summary, … ─▶ Page (lines of spans with marks, citations), built once
        ├─▶ Slack blocks (`posted_messages`), terminal (`page_text`), HTML (`page_html`)
        └─▶ Content (`content_of_page`): what its turn keeps as JSON and a cable is made of

So all of them say the same in the same order, and each knows only its own limits and escaping. The
words of a Content are those of the page, to the letter; its marks have become numbers beside them.
`change_line` shows what a source changed: old and new wording with a little of what is around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.render.catalogues import gettext
from bot.render.wording import excerpt, isolated, place_line
from corpus.text.differences import WordChange, word_changes
from corpus.text.sentences import split_sentences
from retrieval.outcomes import EXTRACTIVE, Citation, NoAnswer, Outcome, Statement


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as PNG, what it shows in words, and its size in pixels."""

    png: bytes = field(repr=False)
    alt: str
    width: int
    height: int


LONGEST_HEADLINE = 200
LONGEST_QUOTE = 110
# What a page leaves off at the ends of quoted words: marks, and the comma before "he said".
_ENDS = '“”"«»„, '
# A page numbers its stories; a cable numbers its own paragraphs.
_NUMBERED = re.compile(r"\d+ · ")


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

    @property
    def is_story(self) -> bool:
        """Whether it is one of the stories of a page, which are numbered."""
        return bool(_NUMBERED.match(self.headline))


@dataclass(frozen=True, slots=True)
class Table:
    """The same as the parts of a page, as rows of cells under a head; a cell is a line, and the
    first of a row says what the row is about. `caption` names it for who cannot see it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A document to be laid out: every mark in it is the mark of one of its citations.

    `notice` is what a notification says of it; `lead` and `closing` are small lines before and
    after, which hold no text from elsewhere but names. `offers` are what can be said next, each a
    label and its sentence; `withheld` counts statements; `rated` tells whether readers are asked
    what they think of it; `answerer` is who wrote it. A `table` stands in the place of the parts
    where there are tables.
    """

    title: str
    subtitle: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]
    closing: tuple[str, ...]
    notice: str
    offers: tuple[tuple[str, str], ...] = ()
    withheld: int = 0
    rated: bool = True
    answerer: str = EXTRACTIVE
    table: Table | None = None


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


AROUND = 6
"""Unchanged words that are kept on either side of a change."""
LONGEST_CHANGE = 400
"""Characters of a removed or added run that are shown; more is another text, not a wording."""
FURTHEST = 60
"""Characters that are kept at most: scripts without spaces have no short words."""
_STYLES = {"removed": Style.REMOVED, "added": Style.ADDED}


def change_line(before: str, after: str) -> Line:
    """Removed and added words in their order, unchanged stretches shortened to a few words."""
    return changed_words(word_changes(" ".join(before.split()), " ".join(after.split())))


def changed_words(changes: Sequence[WordChange]) -> Line:
    """The same for changes that were found before."""
    spans: list[Span] = []
    for position, change in enumerate(changes):
        if change.kind == "same":
            first, last = position == 0, position == len(changes) - 1
            spans.append(Span(_shortened(change.text, after=not first, before=not last)))
            continue
        spans.append(Span(_cut(change.text), _STYLES[change.kind]))
        if _touches_next(changes, position):
            spans.append(Span(" "))
    return tuple(spans)


def _touches_next(changes: Sequence[WordChange], position: int) -> bool:
    """Whether a removed run stands right before the added one that replaces it."""
    following = changes[position + 1 : position + 2]
    return changes[position].kind == "removed" and any(one.kind == "added" for one in following)


def _shortened(text: str, *, after: bool, before: bool) -> str:
    """The words of an unchanged stretch that stand next to a change: after one, before one."""
    head = _first(text) if after else ""
    tail = _last(text) if before else ""
    if len(head) + len(tail) + 3 >= len(text):
        return text
    kept = [part for part in (head.rstrip(), "…", tail.lstrip()) if part]
    return " ".join(kept)


def _first(text: str) -> str:
    leading = " " if text[:1].isspace() else ""
    return leading + " ".join(text.split(maxsplit=AROUND)[:AROUND])[:FURTHEST]


def _last(text: str) -> str:
    trailing = " " if text[-1:].isspace() else ""
    return " ".join(text.rsplit(maxsplit=AROUND)[-AROUND:])[-FURTHEST:] + trailing


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CHANGE else f"{text[: LONGEST_CHANGE - 1].rstrip()}…"


Said = tuple[Statement, ...]
"""A line: stretches of text in their order, each with the marks that stand after it."""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a headline, which is empty where there is none; a story, or something else."""

    headline: str
    lines: tuple[Said, ...]
    story: bool = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What is said with a source, in order."""
        return tuple(one for line in self.lines for one in line if one.citations)


@dataclass(frozen=True, slots=True)
class Content:
    """`subject` says what it is about, `lead` how much it tells; `withheld` counts statements."""

    sections: tuple[Section, ...]
    subject: str = ""
    lead: str = ""
    withheld: int = 0

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Everything that is said with a source, in order."""
        return tuple(one for section in self.sections for one in section.statements)


def content_of_page(page: Page) -> Content:
    """What a page says; its small print is left out."""
    sections = tuple(_section(part) for part in page.parts if part.lines)
    lead = page.lead[-1] if page.lead and page.title else ""
    return Content(sections, page.notice, lead, page.withheld)


def content_of_outcome(outcome: Outcome) -> Content:
    """What an answer says; a refusal says nothing that has a source."""
    withheld = len(outcome.withheld)
    if isinstance(outcome, NoAnswer):
        return Content((), withheld=withheld)
    return content_of_statements(outcome.statements, withheld)


def content_of_statements(statements: Sequence[Statement], withheld: int = 0) -> Content:
    """Statements without a headline, in one line."""
    return Content((Section("", (tuple(statements),)),), withheld=withheld)


def content_as_json(content: Content) -> str:
    """The text in which a turn keeps it."""
    sections = [
        {
            "headline": section.headline,
            "story": section.story,
            "lines": [[[one.text, list(one.citations)] for one in line] for line in section.lines],
        }
        for section in content.sections
    ]
    document = {
        "subject": content.subject,
        "lead": content.lead,
        "sections": sections,
        "withheld": content.withheld,
    }
    return json.dumps(document, ensure_ascii=False)


def content_from_json(text: str) -> Content:
    """What `content_as_json` gave."""
    document: dict[str, Any] = json.loads(text)
    return Content(
        tuple(
            Section(
                held["headline"],
                tuple(
                    tuple(Statement(words, tuple(marks)) for words, marks in line)
                    for line in held["lines"]
                ),
                held["story"],
            )
            for held in document["sections"]
        ),
        document["subject"],
        document["lead"],
        document["withheld"],
    )


def _section(part: Part) -> Section:
    lines = [_said(line) for line in part.lines]
    bullet = "• " if part.bullets else ""
    if bullet:
        lines = [(Statement(bullet, ()), *line) for line in lines]
    headline = _NUMBERED.sub("", part.headline, count=1)
    return Section(headline, tuple(line for line in lines if line), part.is_story)


def _said(line: Line) -> Said:
    """A line cut after its marks; the last stretch may have none."""
    found: list[Statement] = []
    text = ""
    marks: list[int] = []
    # What a story begins with anyway needs no label in running text.
    labels = (gettext("What happened"), gettext("What is new"))
    label = bool(line) and line[0].text in labels
    for span in line[2:] if label else line:
        if span.mark is not None:
            marks.append(span.mark)
            continue
        if marks:
            found.append(Statement(text, tuple(marks)))
            text, marks = "", []
        text += _plain(span.text, span.style)
    if text or marks:
        found.append(Statement(text, tuple(marks)))
    return tuple(found)


def _plain(text: str, style: Style) -> str:
    """What was removed is shown as what stood there; without colours nothing else tells it."""
    gone = style is Style.REMOVED and text.strip()
    return f"[{gettext('formerly')}: {text.strip()}] " if gone else text
