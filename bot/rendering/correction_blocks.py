"""A note in the thread of something posted whose source has changed, as a Slack message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from bot.monitoring.citation_changes import CitationChange, CorrectionNote
from bot.rendering.change_wording import change_line
from bot.rendering.page_blocks import line_elements
from bot.rendering.rich_text import Element, Message, escape, in_messages, link, paragraphs, words
from bot.rendering.wording import counted, excerpt, publisher

LONGEST_QUOTE = 300
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NOUNS = {
    "answer": "answer",
    "summary": "summary",
    "digest": "digest",
    "alert": "alert",
    "quotes": "list of quotations",
    "timeline": "timeline",
}


def correction_messages(note: CorrectionNote, zone: tzinfo = UTC) -> list[Message]:
    """One message: what changed when, each cited paragraph with both wordings, what rests on it.

    Times are those of `zone`, named where it is not the readers' own.
    """
    noun = _NOUNS.get(note.turn.kind, "message")
    opening = _opening(note, noun, zone)
    lines: list[list[Element]] = [
        [words("✏️ "), link(note.current.url, publisher(note.current)), words(f": {opening}")]
    ]
    for change in note.changes:
        lines.append(_wordings(note, change))
        if resting := _resting(change, noun):
            lines.append([words(resting, italic=True)])
    notice = escape(excerpt(f"{publisher(note.current)}: {opening}", LONGEST_QUOTE))
    return [Message(notice, tuple(part)) for part in in_messages(paragraphs(lines))]


def _opening(note: CorrectionNote, noun: str, zone: tzinfo) -> str:
    when = f"{note.changed_at.astimezone(zone):%-d %b, %H:%M}"
    if zone is UTC:
        when += " UTC"
    title = f"“{excerpt(note.cited.title, 120)}”, which this {noun} cites,"
    if note.retracted:
        return f"{title} was withdrawn on {when}."
    if note.restored:
        return f"{title} reads again as it was cited, since {when}."
    return f"{title} was changed on {when} (version {note.current.version})."


def _wordings(note: CorrectionNote, change: CitationChange) -> list[Element]:
    where = f"¶{change.number}"
    if change.now is None:
        gone = "read" if note.retracted else "was taken out; it read"
        return [words(f"{where} {gone}: “{excerpt(change.before, LONGEST_QUOTE)}”")]
    if change.now.number != change.number:
        where += f", now ¶{change.now.number},"
    return [
        words(f"{where} now reads: "),
        *line_elements(change_line(change.before, change.now.text), {}),
    ]


def _resting(change: CitationChange, noun: str) -> str:
    standing = " The words quoted there still stand." if change.quote_stands else ""
    if not change.sentences:
        marks = " ".join(f"[{mark}]" for mark in change.marks)
        return f"The {noun} cites it as {marks}.{standing}"
    named = [_ordinal(number) for number in change.sentences]
    verb = "rests" if len(named) == 1 else "rest"
    sentences = counted(len(named), "sentence").partition(" ")[2]
    return f"The {noun}’s {_listed(named)} {sentences} {verb} on it.{standing}"


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else f"{number}th"


def _listed(named: Sequence[str]) -> str:
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
