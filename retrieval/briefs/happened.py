"""What happened in a story: one to three of its sentences, each adding to those before.

    lines -> scored -> the best that adds, then the next, … -> in reading order

A sentence that leans on the one before brings it along or is not told. What the headline says
already, what the reader was told before and what only recalls the past is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from corpus.articles import Article
from corpus.dates.mentions import date_mentions
from corpus.names import Names
from retrieval.briefs.headline import Headline
from retrieval.briefs.lines import Line, is_opinion, is_tellable
from retrieval.briefs.scoring import Span, plainly, scores_of
from retrieval.briefs.standing import leans, unnamed_office
from retrieval.sameness import Sameness, adds_words, stems
from retrieval.terms import numbers

MOST, MOST_OF_DAYS, SEVERAL_DAYS = 3, 4, 3
"""Sentences of a story, and of one that is told of so many days at once."""
LONGEST = 760
"""Characters of all sentences together: what is read aloud in less than a minute."""

# A line that opens with a surname nobody has heard, and what another origin or day adds.
BARE_NAME = -0.35
OTHER_ORIGIN = 0.2
OTHER_DAY = 0.35
# A further sentence may be this much worse than the best one; beyond it comes background.
FURTHER = 1.65
# What it takes to add to the headline or to a sentence: so many new words, so large a share.
NEW_WORDS = 4
NEW_SHARE = 0.34
READ_CLOSELY = 40
"""Lines compared in meaning; the rest stands far down in its article or says little."""

_MET = re.compile(
    r"\b(?:met|spoke|speaks|meets|hosted|hosts|received|receives|convened|held (?:a |an )?(?:\w+ )?"
    r"(?:call|meeting|talks|consultations)|participated|led a delegation|travel(?:s|ed|led)? to"
    r"|will travel)\b"
)
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
    most = MOST_OF_DAYS if len({line.published for line in free}) >= SEVERAL_DAYS else MOST
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
        return scores[line.place] + other + bare

    heard = " ".join([headline.text, *(line.text for line in chosen)])
    for line in sorted(lines, key=lambda one: (-worth(one), one.place)):
        run = _with_antecedent(line, taken, heard)
        if _speaks_of_another(run, chosen, headline):
            continue
        if line.place in taken or not run or len(chosen) + len(run) > most:
            continue
        if any(one.place in elsewhere for one in run):
            continue
        if chosen and length + sum(len(one.text) for one in run) > LONGEST:
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
    text = line.text
    for mention in reversed(date_mentions(text, line.published)):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return numbers(text)


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
