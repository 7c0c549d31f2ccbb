"""What became of sources that were asked, as lines of rich text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.rendering.digest_wording import moment_words
from bot.rendering.form_inputs import note_view
from bot.rendering.rich_text import Element, Message, escape, in_messages, paragraphs, words
from bot.rendering.wording import counted, excerpt
from corpus.feeds.polling import Failing, Gone, Moved
from corpus.feeds.report import SourceReport

MOST_SHOWN = 60
_TROUBLE = (Failing, Gone)


def check_view(title: str, reports: Sequence[SourceReport], now: datetime) -> dict[str, Any]:
    """A modal that says of each source what became of it; `now` is in the reader's zone."""
    return note_view(title, check_lines(reports, now))


def check_messages(reports: Sequence[SourceReport], now: datetime) -> list[Message]:
    """The same as messages."""
    lines = check_lines(reports, now)
    notice = escape("".join(str(element["text"]) for element in lines[0]))
    return [Message(notice, tuple(held)) for held in in_messages(paragraphs(lines))]


def check_lines(reports: Sequence[SourceReport], now: datetime) -> list[list[Element]]:
    """First a count where there are several, then those that failed, then the others."""
    failed = [one for one in reports if isinstance(one.outcome, _TROUBLE)]
    lines: list[list[Element]] = []
    if len(reports) != 1:
        read = f"{len(reports) - len(failed)} of {counted(len(reports), 'source')} read."
        new = sum(one.receipt.new for one in reports)
        lines.append([words(f"{read} {counted(new, 'new article')}.", bold=True)])
    ordered = [*failed, *(one for one in reports if one not in failed)]
    lines += [
        [words(excerpt(one.name, 120), bold=True), words(f" · {state(one, now)}")]
        for one in ordered[:MOST_SHOWN]
    ]
    left = len(ordered) - MOST_SHOWN
    if left > 0:
        lines.append([words(f"… and {left} more.", italic=True)])
    return lines


def state(report: SourceReport, now: datetime) -> str:
    """What became of one source."""
    outcome = report.outcome
    match outcome:
        case Failing():
            again = moment_words(outcome.retry_at.astimezone(now.tzinfo), now)
            return f"could not be read: {excerpt(outcome.reason, 300)}. Asked again {again}."
        case Gone():
            reason = excerpt(outcome.reason, 300)
            return f"gone for good: {reason}. Remove it, or resume it to ask again."
        case Moved():
            said = f"moved to {excerpt(outcome.to, 300)}, {outcome.found.health}"
        case _:
            said = outcome.health.value
    counts = (
        (report.receipt.new, "new"),
        (report.receipt.updated, "updated"),
        (report.teasers, "only as teasers"),
        (report.waiting, "left for the next poll"),
    )
    # An answer that nothing changed brings no entries that could be counted.
    entries = [counted(report.entries, "entry", "entries")] if report.entries else []
    told = [f"{count} {word}" for count, word in counts if count]
    return f"{', '.join([said, *entries, *told])}."
