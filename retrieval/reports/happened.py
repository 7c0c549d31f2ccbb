"""What happened in a story: one to three of its sentences, each adding to those before.

    lines ─ plainly (place, kind of source, particulars, dates) ─▶ those read closely
          ─ scores_of (likeness to headline, leads and deeds)
          ─▶ the best that adds, then the next, … ─▶ in reading order

A sentence that leans on the one before brings it along or is not told. What the headline says
already, what the reader was told before and what only recalls the past is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial

from corpus.articles import Article, SourceKind
from corpus.text.dates import date_mentions, without_dates
from corpus.text.names import Names
from corpus.text.sentences import quoted_spans
from corpus.text.tables import either
from corpus.text.words import numbers
from retrieval.encoders.encoder import Vectors
from retrieval.reports.lines import Line, is_opinion, is_tellable, leans, unnamed_office
from retrieval.reports.ranking import Deeds
from retrieval.reports.report import Headline
from retrieval.similarity import Sameness, adds_words, stems

# Weights of what speaks for a sentence, set by reading the briefs of the sample and of a week of
# ministry statements; each sign is between 0 and 1.
POSITION = 1.0
KIND = 0.5
PARTICULARS = 0.35
COUNTED = 0.25
MATTER = 0.9
# For each unit by which a line is nearer to deeds than to routine; most lie between -.3 and .3.
DEED = 2.0
# Off for each day that a line is older than the newest of the story, up to so many days.
A_DAY_OLD, OLDEST = 0.2, 4.0
IN_TIME = 0.25
PAST = -0.6
# What is mostly somebody's words is quoted beside, with their speaker.
MOSTLY_QUOTED = -1.5
LOOKS_BACK = -0.5
# What somebody did comes before what somebody said of it, which the brief quotes beside.
ONLY_SAID = -0.3
# An article may have been brought into a story wrongly; what is that far from its headline and
# shares no word with it is not told.
OFF_THE_MATTER = -2.0
RELATED = 0.25
_KIND_WORTH = {
    SourceKind.OFFICIAL: 1.0,
    SourceKind.WIRE: 1.0,
    SourceKind.INDEPENDENT: 0.8,
    SourceKind.UNKNOWN: 0.6,
    SourceKind.STATE_MEDIA: 0.3,
    SourceKind.OPINION: 0.0,
}
_FIRST_VERB = re.compile(rf"\b{either(__package__, 'sentences', 'first verbs')}\b")
_ONLY_SAID = re.compile(
    r"(?:[^,;“]{3,80})(?:,[^,;“]{3,90},)? (?:said|says|told|expressed|voiced|stressed|added"
    r"|noted)\b"
)
MOST, MOST_OF_MANY, SEVERAL_DAYS, MANY_ARTICLES = 3, 5, 3, 8
"""Sentences of a story, and of one that is told of so many days or by so many articles."""
LONGEST, LONGEST_OF_MANY = 680, 1_000
"""Characters of all sentences together: what is read aloud in about a minute."""
# A line that opens with a surname nobody has heard, and what another origin or day adds.
BARE_NAME = -0.35
OTHER_ORIGIN = 0.2
OTHER_DAY = 0.6
# For each unit of its cosine to what is chosen: another deed before the same one again.
AGAIN = -0.5
# A further sentence may be this much worse than the best one; beyond it comes background.
FURTHER = 2.4
# What it takes to add to the headline or to a sentence: so many new words, so large a share.
NEW_WORDS = 4
NEW_SHARE = 0.34
READ_CLOSELY = 40
"""Lines compared in meaning; the rest stands far down in its article or says little."""

_any = partial(either, __package__, "announcing")
_MET = re.compile(rf"\b{_any('meetings')}\b")
_BARE_NAME = re.compile(r"^(?P<name>[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)?)(?:['’]s)?,? [a-zà-ÿ]")


def happened(
    lines: Sequence[Line],
    headline: Headline,
    told: Collection[str],
    elsewhere: Collection[tuple[str, int, int]],
    span: Span,
    sameness: Sameness,
) -> list[tuple[Line, ...]]:
    """Runs of neighbouring lines, in reading order; empty where nothing adds to what was told.

    `told` are sentences that the reader knows, `elsewhere` the places of those that another
    part of the brief tells.
    """
    reported = [line for line in lines if not is_opinion(line.article)] or list(lines)
    free = [line for line in reported if line.place not in elsewhere]
    if not free:
        return []
    free = sorted(free, key=lambda line: (-plainly(line, span), line.place))[:READ_CLOSELY]
    sameness.learn([headline.text, *(line.text for line in free)])
    scores = scores_of(free, headline, span, sameness)
    chosen: list[Line] = _readout_lead(free, headline, told)
    best: float | None = None
    days, articles = {line.published for line in free}, {line.article.id for line in free}
    many = len(days) >= SEVERAL_DAYS or len(articles) >= MANY_ARTICLES
    most = MOST_OF_MANY if many else MOST
    while len(chosen) < most:
        pick = _next(free, scores, headline, told, chosen, elsewhere, sameness, most)
        if pick is None:
            break
        score, run = pick
        if best is not None and score < best - FURTHER:
            break
        best = score if best is None else best
        chosen += run
    if not chosen:
        chosen = _lead(free, scores, told, sameness)
    return _in_reading_order(chosen, headline)


def _readout_lead(lines: Sequence[Line], headline: Headline, told: Collection[str]) -> list[Line]:
    """The sentence that says who met or called whom, of a readout: its news, although little of it
    is not in the headline."""
    for line in lines:
        opens = line.is_lead and line.article.id == headline.article.id
        met = opens and _MET.search(line.text[:200])
        # Readouts of one day open alike: who it was makes each of them news.
        if met and not leans(line.text) and line.text not in told:
            return [line]
    return []


def _lead(
    lines: Sequence[Line],
    scores: dict[tuple[str, int, int], float],
    told: Collection[str],
    sameness: Sameness,
) -> list[Line]:
    """The best line that stands alone, where none adds to the headline: it says when and where."""
    standing = [line for line in lines if not leans(line.text)]
    for line in sorted(standing, key=lambda line: (-scores[line.place], line.place))[:3]:
        if not sameness.repeats(line.text, told):
            return [line]
    return []


def _next(
    lines: Sequence[Line],
    scores: dict[tuple[str, int, int], float],
    headline: Headline,
    told: Collection[str],
    chosen: Sequence[Line],
    elsewhere: Collection[tuple[str, int, int]],
    sameness: Sameness,
    most: int,
) -> tuple[float, list[Line]] | None:
    """The best line that can follow, with what it leans on."""
    taken = {line.place for line in chosen}
    origins = {line.origin for line in chosen}
    days = {line.published for line in chosen}
    length = sum(len(line.text) for line in chosen)

    def worth(line: Line) -> float:
        other = OTHER_ORIGIN * bool(chosen and line.origin not in origins)
        other += OTHER_DAY * bool(chosen and line.published not in days)
        bare = BARE_NAME * _names_barely(line, headline, chosen)
        again = AGAIN * max((sameness.cosine(line.text, one.text) for one in chosen), default=0.0)
        return scores[line.place] + other + bare + again

    heard = " ".join([headline.text, *(line.text for line in chosen)])
    for line in sorted(lines, key=lambda one: (-worth(one), one.place)):
        run = _with_antecedent(line, taken, heard)
        if _speaks_of_another(run, chosen, headline):
            continue
        if line.place in taken or not run or len(chosen) + len(run) > most:
            continue
        if any(one.place in elsewhere for one in run):
            continue
        longest = LONGEST_OF_MANY if most == MOST_OF_MANY else LONGEST
        if chosen and length + sum(len(one.text) for one in run) > longest:
            continue
        if all(_adds(one, headline, told, chosen, sameness) for one in run[-1:]):
            return worth(line), run
    return None


def _with_antecedent(line: Line, taken: Collection[tuple[str, int, int]], heard: str) -> list[Line]:
    """The line, with the one before it where it leans on that; [] where that does not stand."""
    if not leans(line.text, heard):
        return [line]
    before = line.before
    if before is None or leans(before.text, heard) or not is_tellable(before.text):
        return []
    return [line] if before.place in taken else [before, line]


def _speaks_of_another(run: Sequence[Line], chosen: Sequence[Line], headline: Headline) -> bool:
    """Whether a line speaks of "the Foreign Minister" whom no line of its own article has named:
    the reader would take another article's for him."""
    for line in run:
        office = unnamed_office(line.text)
        if office is None:
            continue
        of_it = [one.text for one in (*chosen, *run) if one.article.id == line.article.id]
        named = [text for text in of_it if text != line.text]
        named += [headline.text] if line.article.id == headline.article.id else []
        if not any(office in text for text in named):
            return True
    return False


def _adds(
    line: Line,
    headline: Headline,
    told: Collection[str],
    chosen: Sequence[Line],
    sameness: Sameness,
) -> bool:
    """Whether a reader of the headline and of what is chosen learns something from a line."""
    own = len(stems(line.text)) + len(_counts(line))
    new = len(adds_words(line.text, [headline.text]))
    new += len(_counts(line) - numbers(headline.text))
    if new < NEW_WORDS or new < NEW_SHARE * own:
        return False
    return not sameness.repeats(line.text, [*(other.text for other in chosen), *told])


def _counts(line: Line) -> set[str]:
    """The numbers of a line that belong to no date."""
    return numbers(without_dates(line.text, line.published))


def _names_barely(line: Line, headline: Headline, chosen: Iterable[Line]) -> bool:
    """Whether a line opens with a surname whose full name the reader has not met."""
    opening = _BARE_NAME.match(line.text)
    if opening is None:
        return False
    name = opening["name"]
    fullest = _names_in(line.article).fullest(name)
    if fullest == name or len(fullest.split()) <= len(name.split()):
        return False
    met = " ".join([headline.text, *(one.text for one in chosen)])
    return name.split()[-1] not in met


@lru_cache(maxsize=512)
def _names_in(article: Article) -> Names:
    return Names([paragraph.text for paragraph in article.paragraphs], article.title)


def _in_reading_order(chosen: Sequence[Line], headline: Headline) -> list[tuple[Line, ...]]:
    """Lines of the headline's article first, then the newest article's; neighbours as one run."""
    moments = {line.article.id: line.moment for line in chosen}
    ordered = sorted(
        chosen,
        key=lambda line: (
            line.article.id != headline.article.id,
            -moments[line.article.id].timestamp(),
            line.place,
        ),
    )
    runs: list[tuple[Line, ...]] = []
    for line in ordered:
        last = runs[-1][-1] if runs else None
        if last and last.place == (*line.place[:2], line.position - 1):
            runs[-1] = (*runs[-1], line)
        else:
            runs.append((line,))
    return runs


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
    deeds = Deeds(sameness).of([line.text for line in lines])
    newest = max(line.moment for line in lines)
    scores = {}
    for at, line in enumerate(lines):
        like = float(like_headline[at])
        other = line.article.id != headline.article.id
        scores[line.place] = (
            plainly(line, span)
            + MATTER * max(0.0, float(matter[at]))
            + DEED * deeds[at]
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
        + COUNTED * bool(_counts(line))
        + _timeliness(line, span)
        + MOSTLY_QUOTED * (_quoted_share(line.text) > 0.35)
        + LOOKS_BACK * _looks_back(line.text)
        + ONLY_SAID * bool(_ONLY_SAID.match(line.text))
    )


def _position(line: Line) -> float:
    """1 for what opens an article, less with each paragraph and each sentence."""
    return 1 / (1 + 0.6 * line.depth) - 0.15 * min(line.position, 3)


def _particulars(line: Line) -> set[str]:
    """Names, numbers and dates of a line."""
    dates = {mention.text for mention in date_mentions(line.text, line.published)}
    return line.names | numbers(line.text) | dates


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
