"""What speaks for a sentence of a story as news of it: where it stands, what it holds, who else
has it.

    line -> plainly (place, kind of source, particulars, dates)
         -> scores_of (likeness to the headline and to what the articles open with, other origins)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from corpus.articles import SourceKind
from corpus.dates.mentions import date_mentions
from corpus.sentences import quoted_spans
from retrieval.briefs.headline import Headline
from retrieval.briefs.lines import Line
from retrieval.briefs.standing import points_back
from retrieval.embedding import Vectors
from retrieval.sameness import Sameness, stems
from retrieval.terms import fold, names, numbers

# Weights of what speaks for a sentence, set by reading the briefs of the sample and of a week of
# ministry statements; each sign is between 0 and 1.
POSITION = 1.0
KIND = 0.35
CARRIED = 0.45
PARTICULARS = 0.35
MATTER = 0.9
# Off for each day that a line is older than the newest of the story, up to so many days.
A_DAY_OLD, OLDEST = 0.2, 4.0
IN_TIME = 0.25
PAST = -0.6
LONG = -0.5
MOSTLY_QUOTED = -0.5
POINTS_BACK = -0.35
LOOKS_BACK = -0.5
# What somebody did comes before what somebody said of it, which the brief quotes beside.
ONLY_SAID = -0.3
# An article may have been brought into a story wrongly; what is that far from its headline and
# shares no word with it is not told.
OFF_THE_MATTER = -2.0
RELATED = 0.25
# A sentence as near as this to one of another origin is carried by that one too.
CARRIES = 0.62

_KIND_WORTH = {
    SourceKind.OFFICIAL: 1.0,
    SourceKind.WIRE: 1.0,
    SourceKind.INDEPENDENT: 0.8,
    SourceKind.UNKNOWN: 0.6,
    SourceKind.STATE_MEDIA: 0.3,
    SourceKind.OPINION: 0.0,
}
_FIRST_VERB = re.compile(
    r"\b(?:had|has|have|is|are|was|were|said|says|told|will|would|met|took|called|[a-z]{3,}ed)\b"
)
_ONLY_SAID = re.compile(
    r"(?:[^,;“]{3,80})(?:,[^,;“]{3,90},)? (?:said|says|told|expressed|voiced|stressed|added"
    r"|noted)\b"
)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are told of, both inclusive."""

    first: date
    last: date


def scores_of(
    lines: Sequence[Line], headline: Headline, span: Span, sameness: Sameness
) -> dict[tuple[str, int, int], float]:
    """Scores by the lines' places, higher for what tells the matter better."""
    vectors = sameness.vectors([line.text for line in lines])
    like_headline = vectors @ sameness.vector(headline.text)
    matter = (like_headline + vectors @ _centre(lines, vectors)) / 2
    carried = _carried(lines, vectors @ vectors.T)
    newest = max(line.moment for line in lines)
    scores = {}
    for at, line in enumerate(lines):
        like = float(like_headline[at])
        other = line.article.id != headline.article.id
        scores[line.place] = (
            plainly(line, span)
            + CARRIED * carried[at]
            + MATTER * max(0.0, float(matter[at]))
            - A_DAY_OLD * min(OLDEST, (newest - line.moment) / timedelta(days=1))
            + OFF_THE_MATTER
            * (other and like < RELATED and not _shares_a_word(line.text, headline.text))
        )
    return scores


def _centre(lines: Sequence[Line], vectors: Vectors) -> Vectors:
    """What the story's articles tell on the whole: the mean of what opens them."""
    leads = [at for at, line in enumerate(lines) if line.is_lead] or list(range(len(lines)))
    mean: Vectors = vectors[leads].mean(axis=0)
    return mean


def _shares_a_word(text: str, headline: str) -> bool:
    """Whether a sentence shares a word with the headline."""
    return bool(stems(text) & stems(headline))


def plainly(line: Line, span: Span) -> float:
    """What speaks for a line without a look at its meaning."""
    return (
        POSITION * _position(line)
        + KIND * _KIND_WORTH[line.article.kind]
        + PARTICULARS * min(1.0, len(_particulars(line)) / 6)
        + _timeliness(line, span)
        + LONG * max(0.0, (len(line.text) - 240) / 200)
        + MOSTLY_QUOTED * (_quoted_share(line.text) > 0.35)
        + POINTS_BACK * points_back(line.text)
        + LOOKS_BACK * _looks_back(line.text)
        + ONLY_SAID * bool(_ONLY_SAID.match(line.text))
    )


def _position(line: Line) -> float:
    """1 for what opens an article, less with each paragraph and each sentence."""
    return 1 / (1 + 0.6 * line.depth) - 0.15 * min(line.position, 3)


def _carried(lines: Sequence[Line], cosines: Vectors) -> list[float]:
    """How many other sources tell the like of each line, as a share of up to three."""
    by_origin: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        by_origin[line.teller, line.origin].append(at)
    shares = []
    for at, line in enumerate(lines):
        others = {
            teller
            for (teller, _), members in by_origin.items()
            if lines[members[0]].independent_of(line)
            and float(cosines[at, members].max()) >= CARRIES
        }
        shares.append(min(3, len(others)) / 3)
    return shares


def _particulars(line: Line) -> set[str]:
    """Names, numbers and dates of a line."""
    dates = {mention.text for mention in date_mentions(line.text, line.published)}
    return {fold(name) for name in names(line.text)} | numbers(line.text) | dates


def _timeliness(line: Line, span: Span) -> float:
    """For what happened in the days told of, against what recalls the past."""
    mentions = date_mentions(line.text, line.published)
    if not mentions:
        return 0.0
    near = [m for m in mentions if m.last >= span.first - timedelta(days=1)]
    if near:
        return IN_TIME
    return PAST if all(m.last < span.first - timedelta(days=7) for m in mentions) else 0.0


def _looks_back(text: str) -> bool:
    """Whether the first verb of a sentence is "had": what was before the matter."""
    found = _FIRST_VERB.search(text)
    return found is not None and found.group() == "had"


def _quoted_share(text: str) -> float:
    return sum(end - start for start, end in quoted_spans(text)) / len(text)
