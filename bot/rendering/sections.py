"""What something posted says, section by section: what its turn keeps and a cable is made of.

    Page | Outcome | sentences -> Content <-> JSON

The words are those of the page, to the letter; only its marks have become numbers beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rendering.pages import Line, Page, Part, Style
from retrieval.answers import NoAnswer, Outcome, Statement

# A page numbers its stories; a cable numbers its own paragraphs.
_NUMBERED = re.compile(r"\d+ · ")
# What a story begins with anyway needs no label in running text.
_LABELS = ("What happened", "What is new")

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


def content_of_page(page: Page, withheld: int = 0) -> Content:
    """What a page says; its small print is left out."""
    return Content(
        tuple(_section(part) for part in page.parts if part.lines),
        page.notice,
        page.lead[-1] if page.lead and page.title else "",
        withheld,
    )


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
    story = headline != part.headline
    return Section(headline, tuple(line for line in lines if line), story)


def _said(line: Line) -> Said:
    """A line cut after its marks; the last stretch may have none."""
    found: list[Statement] = []
    text = ""
    marks: list[int] = []
    label = bool(line) and line[0].text in _LABELS
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
    return f"[formerly: {text.strip()}] " if style is Style.REMOVED and text.strip() else text
