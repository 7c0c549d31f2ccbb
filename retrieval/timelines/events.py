"""One entry an event: lines that date and tell the same brought together.

    Dated lines -> the best told first -> same day and same matter? -> Gathered

Copies of a text, other articles' accounts and later mentions of an old event collapse into one,
told by the line that has the exact date and stands nearest to the event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from corpus.articles import SourceKind, origins_of
from corpus.dates.mentions import Precision
from retrieval.briefs.lines import Line, is_opinion
from retrieval.sameness import Sameness, overlap
from retrieval.terms import fold, names
from retrieval.timelines.dating import Dated

REPORTED_FOR = timedelta(days=2)
"""So long after an event reports of it still carry no date of their own."""
# Shares of content words and cosines from which two lines of one day tell of one event; read off
# the sample with the timelines of a dozen topics. Lines that share names need less.
ALIKE_WORDS, ALIKE_SENSE = 0.55, 0.72
NAMED_WORDS, NAMED_SENSE = 0.4, 0.58
SHARED_NAMES = 2
FEWEST_WORDS = 0.2
"""Share of content words under which two lines are not compared by their meaning."""

StoryOf = Callable[[str], str | None]
"""Story id of an article id."""

_KINDS = {
    SourceKind.OFFICIAL: 0,
    SourceKind.WIRE: 0,
    SourceKind.INDEPENDENT: 1,
    SourceKind.UNKNOWN: 1,
    SourceKind.STATE_MEDIA: 2,
    SourceKind.OPINION: 3,
}
_FINENESS = {Precision.DAY: 0, Precision.RANGE: 1, Precision.MONTH: 2, Precision.YEAR: 3}


@dataclass(slots=True)
class Gathered:
    """An event: the line that tells it, and the others that tell it too."""

    told: Dated
    others: list[Dated] = field(default_factory=list)

    @property
    def origins(self) -> int:
        """How many independent origins tell of it."""
        return len(origins_of(one.line.article for one in (self.told, *self.others)))


def gathered(
    lines: Iterable[Dated], sameness: Sameness, story_of: StoryOf | None = None
) -> list[Gathered]:
    """Events in order of time, each with every line that tells it."""
    events: list[Gathered] = []
    ordered = sorted(lines, key=_preference)
    sameness.learn(_comparable(ordered))
    for one in ordered:
        same = next((e for e in events if is_same_event(e.told, one, sameness, story_of)), None)
        if same is None:
            events.append(Gathered(one))
        else:
            same.others.append(one)
    return sorted(events, key=lambda event: _in_time(event.told))


def _comparable(lines: Sequence[Dated]) -> list[str]:
    """Texts whose meaning will be compared: encoding the others would take the time."""
    return list(
        dict.fromkeys(
            text
            for at, one in enumerate(lines)
            for other in lines[:at]
            if _near_in_time(one, other)
            and FEWEST_WORDS <= overlap(one.line.text, other.line.text) < ALIKE_WORDS
            for text in (one.line.text, other.line.text)
        )
    )


def is_same_event(
    one: Dated, other: Dated, sameness: Sameness, story_of: StoryOf | None = None
) -> bool:
    """Whether two dated lines tell of one event."""
    if one.announced != other.announced or not _near_in_time(one, other):
        return False
    if one.line.place == other.line.place:
        return True
    first, second = one.line.text, other.line.text
    shared = overlap(first, second)
    if shared >= ALIKE_WORDS:
        return True
    if shared < FEWEST_WORDS:
        return False
    cosine = sameness.cosine(first, second)
    if cosine >= ALIKE_SENSE:
        return True
    named = len(_names_of(one.line) & _names_of(other.line)) >= SHARED_NAMES
    one_story = bool(
        story_of
        and one.line.is_lead
        and other.line.is_lead
        and (story := story_of(one.line.article.id))
        and story == story_of(other.line.article.id)
    )
    return (named or one_story) and (
        cosine >= NAMED_SENSE or (shared >= NAMED_WORDS and cosine >= NAMED_SENSE - 0.1)
    )


def _near_in_time(one: Dated, other: Dated) -> bool:
    """Whether two lines may date the same event."""
    if one.reported != other.reported:
        exact, report = (other, one) if one.reported else (one, other)
        return exact.first <= report.first <= exact.last + REPORTED_FOR
    if one.reported:
        return abs(one.first - other.first) <= REPORTED_FOR
    return one.first <= other.last and other.first <= one.last


def _names_of(line: Line) -> set[str]:
    return {fold(name) for name in names(line.text)}


def _preference(one: Dated) -> tuple[bool, int, bool, int, bool, timedelta, int]:
    """Who tells an event: an exact date, no comment, a lead, official or wire, the nearest."""
    published = one.line.published or date.max
    away = abs(published - one.first)
    return (
        one.reported,
        _FINENESS[one.precision],
        is_opinion(one.line.article),
        _KINDS[one.line.article.kind],
        not one.line.is_lead,
        away,
        len(one.line.text),
    )


def _in_time(one: Dated) -> tuple[date, int, date, tuple[str, int, int]]:
    return (one.first, _FINENESS[one.precision], one.last, one.line.place)


def most_told(events: Sequence[Gathered], most: int) -> list[Gathered]:
    """The events that most origins tell, leads before others, the newest before older ones."""
    ranked = sorted(
        events,
        key=lambda one: (
            -one.origins,
            not one.told.line.is_lead,
            -one.told.first.toordinal(),
            one.told.line.place,
        ),
    )
    kept = {id(one) for one in ranked[:most]}
    return [one for one in events if id(one) in kept]
