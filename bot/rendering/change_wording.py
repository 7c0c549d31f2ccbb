"""What a source changed, in words: old and new wording with a little of what stands around it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering.pages import Line, Span, Style
from corpus.differences import WordChange, word_changes

AROUND = 6
"""Unchanged words that are kept on either side of a change."""
LONGEST_CHANGE = 400
"""Characters of a removed or added run that are shown; more is another text, not a wording."""
FURTHEST = 60
"""Characters that are kept at most: scripts without spaces have no short words."""
_STYLES = {"removed": Style.REMOVED, "added": Style.ADDED}
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
