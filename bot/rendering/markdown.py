"""Statements as Slack's streams take them: standard Markdown in which articles stay mere text.

What a statement says comes from articles and models. Every character that Markdown or Slack could
read as a mention, a link, an emoji or a form is escaped; what no escape stops Slack from making a
link or a mention of is broken by a character that is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.rendering.rich_text import LONGEST_LINK
from bot.rendering.wording import attribution_of, isolated, safe
from retrieval.answers import Citation, Statement

_UNSEEN = "\u2060"
# No line begins with a statement, so that what only means something there stays as it is.
_MARKUP = re.compile(r"([\\`*_\[\]~])")
_EMOJI = re.compile(r":(?=[+-]?[0-9]*[a-z+_'-][a-z0-9_+'-]*:|[+-]1:)", re.I)
# "://", "www.", a dot inside of a site's name, an at sign before a name.
_LINKED = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=\w)(?=\.[a-z]{2,}\b)|(?<=@)(?=\w)", re.I)
_IN_LINK = {character: f"%{ord(character):02X}" for character in ' <>()[]\\"`|'}


def escaped(text: str) -> str:
    """One line of text that Markdown shows as it is written."""
    text = _LINKED.sub(_UNSEEN, " ".join(safe(text).split()))
    text = _EMOJI.sub(r"\\:", _MARKUP.sub(r"\\\1", text))
    # Markdown and Slack agree on these three, whichever of them comes to read it.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link, or its bare label where Slack could not open the address."""
    shown = escaped(label)
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_LINK:
        return shown
    address = "".join(_IN_LINK.get(character, character) for character in safe(url))
    return f"[{shown}]({address})"


class StatementWriter:
    """Writes statements one after the other, a new paragraph whenever somebody else says so.

    It says what `bot.rendering.answer_blocks` says of the same statements.
    """

    def __init__(self) -> None:
        self._attribution: str | None = None

    def write(self, statement: Statement, citations: Mapping[int, Citation]) -> str:
        """A statement with its marks as links, under its attribution where that is new."""
        cited = [citations[mark] for mark in statement.citations]
        attribution = attribution_of([citation.article for citation in cited])
        marks = "".join(link(one.link, f"[{one.mark}]") for one in cited)
        said = f"{isolated(escaped(statement.text))} {marks} "
        if attribution == self._attribution:
            return said
        parting = "" if self._attribution is None else "\n\n"
        self._attribution = attribution
        return f"{parting}According to **{escaped(attribution)}**: {said}"
