"""The subject of a cable: what it is about, in words that were asked or that a source carries.

It never claims more than the cable: a sentence of the answer stands there whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.rendering.digest_wording import period_of_days
from bot.rendering.plain import plain
from bot.rendering.sections import Content
from bot.rendering.wording import excerpt
from corpus.places.finding import place_name, places_of
from retrieval.answers import Citation

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
_REFERRING = frozenset(
    "he she it they we i this that these those his her its their there but and however".split()
)
_QUOTED = re.compile('[“”„«»"]')


def subject_line(
    kind: str, question: str, content: Content, citations: Sequence[Citation], at: datetime
) -> str:
    """ "LIBYA: GUTERRES ON A MILITARY SOLUTION (4 APRIL 2019)", in capitals."""
    if kind == "answer":
        matter = _matter(question, content)
        said = " ".join(statement.text for statement in content.statements)
        named = _place(f"{question} {said}", matter)
        dates = _dates(citations)
    elif kind == "alert":
        matter, named, dates = plain(question), "", _dates(citations)
    else:
        matter = plain(content.subject or question).replace(" · ", ", ")
        # Summaries and timelines name their days themselves.
        dated = kind in ("summary", "timeline")
        named, dates = (
            "",
            f"{at:%-d %B %Y}" if kind == "digest" else "" if dated else _dates(citations),
        )
    shown = f"{named}: {matter}" if named else matter
    shown = excerpt(shown, LONGEST)
    return (f"{shown} ({dates})" if dates else shown).upper()


def _matter(question: str, content: Content) -> str:
    """What is asked about, or the answer's first sentence where that is short and whole."""
    asked = plain(question).strip(" ?!.")
    if said := _SAID.fullmatch(asked):
        who, what = said["who"], said["what"]
        return f"{who} on {what}" if what else f"Statements of {who}"
    first = plain(content.statements[0].text) if content.statements else ""
    whole = 0 < len(first) <= LONGEST_STATEMENT and not _QUOTED.search(first)
    if whole and first.split()[0].casefold() not in _REFERRING:
        return first.rstrip(".")
    return f"{asked}?" if asked else "Answer"


def _place(text: str, matter: str) -> str:
    """The country that is named most; none where the matter names it."""
    found = places_of(text)
    if not found:
        return ""
    code = max(found, key=lambda one: found[one])
    name = place_name(code)
    return "" if name.casefold() in matter.casefold() else name


def _dates(citations: Sequence[Citation]) -> str:
    """ "4 April 2019", "3 to 5 April 2019": when the sources were published."""
    days = [one.article.published_at.date() for one in citations if one.article.published_at]
    return period_of_days(min(days), max(days)) if days else ""
