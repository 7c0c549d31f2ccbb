"""A recorded turn as a cable: subject, summary, sourced paragraphs, a comment left to the writer.

    Cabled (what was said, its citations, what became of them) -> plain text

Pure. Plain text that survives pasting into e-mail or a word processor: no markup, no hard line
breaks inside of a paragraph, an empty line between paragraphs, no character that is not seen.
What the sources say stands there to the letter; letters in brackets lead to the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.monitoring.standing import Standing
from bot.rendering.cable_subject import subject_line
from bot.rendering.pages import Line, Style
from bot.rendering.plain import plain
from bot.rendering.sections import Content, Said, Section
from bot.rendering.wording import counted, long_date, publisher
from corpus.articles import SourceKind
from retrieval.answers import Citation, Statement

# A mark that stood before a colon is a letter before it.
_BEFORE_SIGN = re.compile(r"(\([a-z]+\)) (?=[:;,])")

Letters = Mapping[int, str]
"""The letter of the source of each mark."""
Version = tuple[str, int]
"""An article's id and its version."""


@dataclass(frozen=True, slots=True)
class Cabled:
    """What a cable is made of.

    `standing` tells, by mark, what became of a paragraph since it was cited. `kind` and `question`
    are those of the turn, `at` is when it was said.
    """

    kind: str
    question: str
    at: datetime
    content: Content
    citations: tuple[Citation, ...] = field(repr=False)
    standing: Mapping[int, Standing] = field(default_factory=dict)


def cable_text(cabled: Cabled) -> str:
    """The cable; ends with a line break, as a text file does."""
    letters = _letters(cabled)
    paragraphs = [*_told(cabled.content, letters), _sources(cabled, letters), "COMMENT."]
    numbered = [f"{number}. {text}" for number, text in enumerate(paragraphs, start=1)]
    subject = subject_line(
        cabled.kind, cabled.question, cabled.content, cabled.citations, cabled.at
    )
    return "\n\n".join([f"SUBJECT: {subject}", *numbered]) + "\n"


def letter(position: int) -> str:
    """ "a" for 0, "z" for 25, "aa" for 26."""
    found = ""
    position += 1
    while position:
        position, place = divmod(position - 1, 26)
        found = chr(ord("a") + place) + found
    return found


def _letters(cabled: Cabled) -> dict[int, str]:
    """A letter for each paragraph of a source, in the order in which the text first uses it."""
    citations = {citation.mark: citation for citation in cabled.citations}
    used = [mark for one in _everything(cabled.content) for mark in one.citations]
    places: dict[tuple[str, int, int], str] = {}
    letters: dict[int, str] = {}
    for mark in dict.fromkeys([*used, *citations]):
        if mark in citations:
            places.setdefault(_place(citations[mark]), letter(len(places)))
            letters[mark] = places[_place(citations[mark])]
    return letters


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.article.id, citation.article.version, citation.paragraph.number


def _everything(content: Content) -> Iterator[Statement]:
    """What the cable tells, in its order."""
    if len(content.sections) > 1:
        for section in content.sections:
            yield from _opening(section)
    for section in content.sections:
        for line in section.lines:
            yield from line


def _told(content: Content, letters: Letters) -> Iterator[str]:
    """The summary, then what has paragraphs of its own."""
    sections = content.sections
    if len(sections) > 1:
        yield _joined("SUMMARY.", *(_line(_opening(section), letters) for section in sections))
        for section in sections:
            yield _section(section, letters)
    elif sections and len(sections[0].lines) > 1 and not sections[0].headline:
        yield _joined("SUMMARY.", _sentence(plain(content.lead).replace(" · ", ", ")))
        yield from _paragraphs(sections[0], letters)
    else:
        lines = [_line(line, letters) for section in sections for line in section.lines]
        yield "\n".join([_joined("SUMMARY.", *lines[:1]), *lines[1:]])


def _opening(section: Section) -> Said:
    """The first of what a story tells; nothing of what is no story."""
    return section.statements[:1] if section.story else ()


def _section(section: Section, letters: Letters) -> str:
    """A story: its headline in capitals, then its lines, each on one of its own."""
    lines = [line for said in section.lines if (line := _line(said, letters))]
    if not section.headline:
        return "\n".join(lines)
    headline = f"{plain(section.headline).upper().rstrip('.')}."
    if lines and lines[0].startswith("- "):
        return "\n".join([headline, *lines])
    return "\n".join([_joined(headline, *lines[:1]), *lines[1:]])


def _paragraphs(section: Section, letters: Letters) -> Iterator[str]:
    """One paragraph for each line; what is set in belongs to the one before."""
    held = ""
    for said in section.lines:
        line = _line(said, letters)
        if held and said[0].text.startswith("    "):
            held += f"\n{line}"
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _line(said: Said, letters: Letters) -> str:
    """Statements with the letters of their sources, one after another."""
    line = " ".join(part for one in said if (part := _statement(one, letters)))
    return _BEFORE_SIGN.sub(r"\1", line)


def _statement(statement: Statement, letters: Letters) -> str:
    """ "The talks began (a)." for a statement that ends with a full stop, else "“No.” (a)"."""
    text = plain(statement.text)
    if text.startswith("• "):
        text = f"- {text.removeprefix('• ')}"
    elif text == "•":
        return "-"
    named = dict.fromkeys(letters[mark] for mark in statement.citations if mark in letters)
    if not named:
        return text
    marks = " ".join(f"({one})" for one in named)
    if _ends_plainly(text):
        return f"{text[:-1]} {marks}."
    return f"{text} {marks}".strip()


def _ends_plainly(text: str) -> bool:
    """Whether a full stop ends the sentence, and is not part of "U.S." or "…"."""
    last = text.rpartition(" ")[2]
    return text.endswith(".") and last.count(".") == 1 and len(last) > 2


def _sources(cabled: Cabled, letters: Letters) -> str:
    """The sources, one a line, and what was withheld."""
    lines = [f"SOURCES, as read by {long_date(cabled.at)}."]
    listed: dict[str, Version] = {}
    order = {mark: position for position, mark in enumerate(letters)}
    cited = [citation for citation in cabled.citations if citation.mark in letters]
    for citation in sorted(cited, key=lambda one: order[one.mark]):
        name = letters[citation.mark]
        if name in listed:
            continue
        lines.append(f"({name}) {_source(citation, listed)}")
        listed[name] = _version(citation)
        standing = cabled.standing.get(citation.mark)
        if standing is not None:
            lines.append(f"    Note: {_note(standing)}")
    if cabled.content.withheld:
        withheld = counted(cabled.content.withheld, "statement")
        lines.append(f"Withheld: {withheld}, not supported by the cited paragraphs.")
    return "\n".join(lines)


def _source(citation: Citation, listed: Mapping[str, Version]) -> str:
    """ "UN News (official), 4 April 2019, paragraph 13 of 14: address", or "Same, paragraph 14"."""
    article, paragraph = citation.article, f"paragraph {citation.paragraph.number}"
    before = [name for name, version in listed.items() if version == _version(citation)]
    if before:
        last = list(listed)[-1]
        return f"{'Same' if before[-1] == last else f'As ({before[0]})'}, {paragraph}"
    kind = f" ({article.kind.value})" if article.kind is not SourceKind.UNKNOWN else ""
    copies = list(dict.fromkeys(plain(publisher(copy)) for copy in citation.carried_by))
    carried = f", also carried by {', '.join(copies)}" if copies else ""
    place = f"{paragraph} of {len(article.paragraphs)}{carried}"
    day = long_date(article.published_at)
    return f"{plain(publisher(article))}{kind}, {day}, {place}: {plain(article.url)}"


def _version(citation: Citation) -> Version:
    return citation.article.id, citation.article.version


def _note(standing: Standing) -> str:
    change = plain(_change(standing.change))
    return f"{plain(standing.words)} {change}".strip()


def _change(line: Line) -> str:
    """Old and new wording without strokes or colours."""
    shown = []
    for span in line:
        removed = span.style is Style.REMOVED
        shown.append(f"[formerly: {span.text}]" if removed else span.text)
    return "".join(shown)


def _sentence(text: str) -> str:
    return f"{text}." if text and not text.endswith((".", "!", "?")) else text


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
