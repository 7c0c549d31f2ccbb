"""*Copy as cable*: a recorded turn as a cable, and the modal in which it is read and copied. Pure.

    Cabled (what was said, its citations, what became of them) ─▶ subject, paragraphs ─▶ text

Plain text that survives pasting into e-mail or a word processor: no markup, no hard line breaks
inside of a paragraph, an empty line between paragraphs, no character that is not seen. What the
sources say stands there to the letter; letters in brackets lead to the sources; a comment is left
to the writer. The subject never claims more than the cable: it is what was asked, or a sentence of
the answer that stands there whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.render import blocks as rich_text
from bot.render.blocks import paragraph, preformatted, words
from bot.render.catalogues import comma, dated, framed, gettext, ngettext, place_in_words
from bot.render.notes import Standing
from bot.render.page import Content, Line, Said, Section, Style
from bot.render.report_wording import period_of_days
from bot.render.wording import excerpt, kind_name, long_date, plain, printed, publisher
from corpus.articles import SourceKind
from corpus.text import tables
from corpus.text.places import place_name, places_of
from retrieval.outcomes import Citation, Statement

LONGEST = 140
LONGEST_STATEMENT = 90
"""Characters of a first sentence that still make a subject; a longer one is not cut to fit."""
_SAID = re.compile(
    r"(?:what|which|how) (?:did|does|do|has|have|had) (?P<who>\S.{0,60}?) "
    r"(?:say|said|tweet(?:ed)?|declared?|stated?|think|comment(?:ed)?|react(?:ed)?)"
    r"(?: (?:about|on|regarding|concerning|of|to) (?P<what>\S.*))?",
    re.I,
)
# Who or what a sentence speaks of must stand in it.
_REFERRING = tables.words("bot.render", "cable", "referring")
_QUOTED = re.compile('[“”„«»"]')


def subject_line(
    kind: str, question: str, content: Content, citations: Sequence[Citation], at: datetime
) -> str:
    """ "LIBYA: GUTERRES ON A MILITARY SOLUTION (4 APRIL 2019)", in capitals."""
    if kind == "answer":
        matter = _matter(question, content)
        said = " ".join(statement.text for statement in content.statements)
        named = _place_named(f"{question} {said}", matter)
        dates = _dates(citations)
    elif kind == "alert":
        matter, named, dates = plain(question), "", _dates(citations)
    else:
        matter = plain(content.subject or question).replace(" · ", ", ")
        # Summaries and timelines name their days themselves.
        of_days = kind in ("summary", "timeline")
        named, dates = (
            "",
            dated(at, "%-d %B %Y") if kind == "digest" else "" if of_days else _dates(citations),
        )
    shown = f"{named}: {matter}" if named else matter
    shown = excerpt(shown, LONGEST)
    return (f"{shown} ({dates})" if dates else shown).upper()


def _matter(question: str, content: Content) -> str:
    """What is asked about, or the answer's first sentence where that is short and whole."""
    asked = plain(question).strip(" ?!.")
    if said := _SAID.fullmatch(asked):
        who, what = said["who"], said["what"]
        if what:
            return gettext("{name} on {topic}", name=who, topic=what)
        return gettext("Statements of {name}", name=who)
    first = plain(content.statements[0].text) if content.statements else ""
    whole = 0 < len(first) <= LONGEST_STATEMENT and not _QUOTED.search(first)
    if whole and first.split()[0].casefold() not in _REFERRING:
        return first.rstrip(".")
    return f"{asked}?" if asked else gettext("Answer")


def _place_named(text: str, matter: str) -> str:
    """The country that is named most; none where the matter names it."""
    found = places_of(text)
    if not found:
        return ""
    code = max(found, key=lambda one: found[one])
    name = place_in_words(code, place_name(code))
    return "" if name.casefold() in matter.casefold() else name


def _dates(citations: Sequence[Citation]) -> str:
    """ "4 April 2019", "3 to 5 April 2019": when the sources were published."""
    days = [one.article.published_at.date() for one in citations if one.article.published_at]
    return period_of_days(min(days), max(days)) if days else ""


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
    paragraphs = [*_told(cabled.content, letters), _sources(cabled, letters), gettext("COMMENT.")]
    numbered = [f"{number}. {text}" for number, text in enumerate(paragraphs, start=1)]
    subject = subject_line(
        cabled.kind, cabled.question, cabled.content, cabled.citations, cabled.at
    )
    headed = gettext("SUBJECT: {subject}", subject=subject)
    # What sets names apart on a screen is lost or becomes boxes elsewhere.
    return printed("\n\n".join([headed, *numbered])) + "\n"


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
        yield _joined(
            gettext("SUMMARY."), *(_line(_opening(section), letters) for section in sections)
        )
        for section in sections:
            yield _section(section, letters)
    elif sections and len(sections[0].lines) > 1 and not sections[0].headline:
        yield _joined(gettext("SUMMARY."), _sentence(plain(content.lead).replace(" · ", ", ")))
        yield from _paragraphs(sections[0], letters)
    else:
        lines = [_line(line, letters) for section in sections for line in section.lines]
        yield "\n".join([_joined(gettext("SUMMARY."), *lines[:1]), *lines[1:]])


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
    lines = [gettext("SOURCES, as read by {date}.", date=long_date(cabled.at))]
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
            lines.append(f"    {gettext('Note: {note}', note=_note(standing))}")
    if cabled.content.withheld:
        withheld = ngettext(
            "Withheld: {count} statement, not supported by the cited paragraphs.",
            "Withheld: {count} statements, not supported by the cited paragraphs.",
            cabled.content.withheld,
        )
        lines.append(withheld)
    return "\n".join(lines)


def _source(citation: Citation, listed: Mapping[str, Version]) -> str:
    """ "UN News (official), 4 April 2019, paragraph 13 of 14: address", or "Same, paragraph 14"."""
    article, number = citation.article, citation.paragraph.number
    before = [name for name, version in listed.items() if version == _version(citation)]
    if before:
        last = list(listed)[-1]
        if before[-1] == last:
            return gettext("Same, paragraph {number}", number=number)
        return gettext("As ({source}), paragraph {number}", source=before[0], number=number)
    kind = f" ({kind_name(article.kind)})" if article.kind is not SourceKind.UNKNOWN else ""
    place = gettext("paragraph {number} of {count}", number=number, count=len(article.paragraphs))
    parts = [f"{plain(publisher(article))}{kind}", long_date(article.published_at), place]
    copies = list(dict.fromkeys(plain(publisher(copy)) for copy in citation.carried_by))
    if copies:
        parts.append(gettext("also carried by {names}", names=f"{comma()} ".join(copies)))
    return f"{f'{comma()} '.join(parts)}: {plain(article.url)}"


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
        shown.append(f"[{gettext('formerly')}: {span.text}]" if removed else span.text)
    return "".join(shown)


def _sentence(text: str) -> str:
    return f"{text}." if text and not text.endswith((".", "!", "?")) else text


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


CALLBACK = "cable"
SEND_FILE = "cable:file"
LONGEST_BLOCK = 5_000
"""Characters of a block, which are cut again into the texts that Slack takes."""
MOST_BLOCKS = 5
"""Blocks that are shown; nobody selects more with a mouse, so that a longer cable is sent too."""

View = dict[str, Any]


def cable_view(text: str, turn_id: str) -> View:
    """The modal with a cable, or with the beginning of a long one."""
    shown = cable_blocks(text)
    told = gettext("Select the text and copy it. Nothing has been sent to anybody.")
    if not fits(text):
        told = gettext(
            "This is the beginning; all of it is in your direct messages, as a text file."
        )
    blocks = [rich_text.context(framed(told))]
    blocks += [preformatted(block) for block in shown[:MOST_BLOCKS]]
    if fits(text):
        send = rich_text.button(gettext("Send me a file"), SEND_FILE, turn_id)
        blocks.append(rich_text.actions([send]))
    return _modal(blocks)


def waiting_view() -> View:
    """What stands there while a cable is made."""
    return _modal([paragraph([words(framed(gettext("Writing the cable…")))])])


def line_view(text: str) -> View:
    """A line in the place of a cable."""
    return _modal([paragraph([words(framed(text))])])


def fits(text: str) -> bool:
    """Whether a modal shows a cable whole."""
    return len(cable_blocks(text)) <= MOST_BLOCKS


def cable_blocks(text: str) -> list[str]:
    """A cable in stretches of lines that a block takes; put together again, they are the cable."""
    blocks: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        if blocks and len(blocks[-1]) + 1 + len(line) <= LONGEST_BLOCK:
            blocks[-1] += f"\n{line}"
            continue
        blocks += rich_text.stretches(line, LONGEST_BLOCK) if line else [""]
    return blocks


def _modal(blocks: list[dict[str, Any]]) -> View:
    return rich_text.modal(gettext("Cable"), blocks, callback_id=CALLBACK)
