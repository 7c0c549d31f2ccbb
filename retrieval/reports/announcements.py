"""What is announced for a day to come: sentences with a date ahead and a word that announces it.

    lines + the last day already told -> Announced (days, line) -> cancelled ones dropped
        -> one of those that tell the same -> by date
    articles -> what each puts off or cancels -> Outdated: what is told as ahead and is not any more

A date is ahead where it lies after its article was published and not before the day that the
reader is on. Precision first: an "if", a date that had been set and was given up, the day a law
expired, an anniversary are no announcements. Accepted gaps: dates without a day ("in July").

Once its day has passed, or a later text puts it off, a plan is told nowhere: "The Council meets on
Friday" is no news on Saturday, "as planned" none beside "postponed". That somebody set a date
stays a deed when the date has passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from corpus.articles import Article, SourceKind
from corpus.text import tables
from corpus.text.calendar import Precision
from corpus.text.dates import DateMention, date_mentions
from corpus.text.sentences import split_sentences
from corpus.text.tables import either
from corpus.text.words import fold, names, words
from retrieval.reports.lines import PARAGRAPHS_READ, Line, is_opinion, leans, points_back
from retrieval.reports.report import clean_title
from retrieval.similarity import Sameness, overlap, stems
from retrieval.stories.story import moment_of

HORIZON = timedelta(days=120)
"""What is further off is a policy or a prophecy, not a date for the diary."""
LONGEST_SPAN = timedelta(days=31)
LONGEST = 330
"""Characters of an announcement."""
# Announcements of one day that share this many names, or are as alike as this, are one.
SHARED_NAMES = 2
SOON_AFTER = 70
"""Characters between "On 10 April" and what is announced for it."""
ALIKE = 0.55


_any = partial(either, __package__, "announcing")

_PLANS = re.compile(rf"\b{_any('plans')}\b", re.IGNORECASE)
_ANNOUNCES = re.compile(rf"\b(?:{_any('plans')}|{_any('announcing')})\b", re.IGNORECASE)
_CONDITIONAL = re.compile(rf"\b{_any('conditions')}\b")
_NEGATED = re.compile(r"\b(?:not|never|no longer|n['’]t|cancel\w*|called off)\b", re.IGNORECASE)
# "The Council to meet on Friday": in a title, with nothing but names and nouns before it.
_TITLE_PLANS = re.compile(
    r"^(?:[A-ZÀ-Þ0-9][\w.’'-]*|of|the|and|for|in|on|at|&|,|\s)+ (?:set |due )?to [a-z]+\b"
)
_AS_PLANNED = re.compile(
    r"\bas (?:planned|scheduled)\b|\b(?:will|would|to) (?:still )?go ahead\b", re.IGNORECASE
)
# Between what announces and a date: the date is of that.
_TELLS = re.compile(r"(?<!be )(?<!been )\b(?:said|says|told|announced|reported|added|was|were)\b")
# What goes on from a day is not over when the day is.
_OPENS_A_SPAN = re.compile(
    r"\b(?:from|since|starting|beginning|effective|as of|after|following)(?: on| the)?\s*$",
    re.IGNORECASE,
)
_GIVES_UP = re.compile(rf"\b{_any('giving up')}\b", re.IGNORECASE)
_ONLY_PERHAPS = re.compile(rf"\b{_any('only perhaps')}\b", re.IGNORECASE)
# Of a date that is still to come it says that it is given up; without one, nothing.
_HAD_BEEN_DUE = re.compile(r"(?:had been|was|were)\b", re.IGNORECASE)
_NEW_DATE = re.compile(r"\b(?:to|until|till)(?: the)?\s*$", re.IGNORECASE)
_OBJECT = re.compile(
    r"\s+(?P<object>(?:the|an?|its|his|her|their|all|plans? for)\b[^,;:.]*|[A-ZÀ-Þ][^,;:.]*)"
)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|being|be)(?: again| now| indefinitely)?\s*$")
_AUXILIARIES = re.compile(
    r"(?:\b(?:has|have|had|was|were|is|are|been|being|be|would|will|again|now|indefinitely)\s*)+$"
)
_OBJECT_ENDS = re.compile(
    r"\b(?:until|till|because|after|over|beyond|from|as|amid|due|before|pending|when|while|to)\b"
)
_SUBJECT_BEGINS = re.compile(r"[,;:.“”]|\b(?:that|because|after|when|which|who|and)\b")
_COMMON = tables.words(__package__, "announcing", "common names")
_PAST_REPORT = re.compile(
    r"\b(?:ago|anniversary|since|dated|last (?:week|month|year))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A line that announces something for the days from `first` to `last`."""

    first: date
    last: date
    line: Line


def announcements(
    lines: Iterable[Line], day: date, sameness: Sameness, outdated: Outdated | None = None
) -> list[Announced]:
    """What lines announce for `day` and after it, each once, the nearest first.

    What the lines themselves take back, or `outdated` knows to be, is not announced.
    """
    lines = list(lines)
    found = [one for line in lines if (one := announced_by(line, day))]
    articles = {line.article.id: line.article for line in lines} if found else {}
    given_up = [*given_up_in(articles.values()), *(outdated.given_up if outdated else ())]
    standing = [one for one in found if not _is_given_up(one.line.text, one.line.article, given_up)]
    standing.sort(key=_preference)
    sameness.learn(one.line.text for one in standing)
    kept: list[Announced] = []
    for one in standing:
        if not any(_is_same(one, other, sameness) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.first, one.last, one.line.place))


def announced_by(line: Line, day: date) -> Announced | None:
    """What one line announces for `day` or after it; None where it announces nothing."""
    text, published = line.text, line.published
    if (
        published is None
        or is_opinion(line.article)
        or len(text) > LONGEST
        or leans(text)
        or points_back(text)
    ):
        return None
    if not _ANNOUNCES.search(text):
        return None
    ahead = [
        mention
        for mention in date_mentions(text, published)
        if _is_ahead(mention, max(published + timedelta(days=1), day), published)
        and _is_announced(text, mention)
    ]
    if not ahead:
        return None
    nearest = min(ahead, key=lambda mention: mention.first)
    return Announced(nearest.first, nearest.last, line)


def _is_ahead(mention: DateMention, day: date, published: date) -> bool:
    return _is_exact(mention) and day <= mention.first <= published + HORIZON


def _is_exact(mention: DateMention) -> bool:
    # "Mid-April" and "early May" have no day that could stand in a diary.
    return mention.precision is Precision.DAY or (
        mention.precision is Precision.RANGE
        and mention.last - mention.first <= LONGEST_SPAN
        and re.search(r"\d", mention.text) is not None
    )


def _is_announced(text: str, mention: DateMention, announces: re.Pattern[str] = _ANNOUNCES) -> bool:
    """Whether the clause of a date announces it: not a condition, not given up."""
    before, after = _around(text, mention)
    if not _announces_near(before, after, announces):
        return False
    if _CONDITIONAL.search(before + mention.text + after) or _NEGATED.search(before):
        return False
    return not _PAST_REPORT.search(text[max(0, mention.start - 24) : mention.start])


def _around(text: str, mention: DateMention) -> tuple[str, str]:
    """What stands before and after a date in its clause."""
    begin = max(text.rfind(mark, 0, mention.start) for mark in (". ", "; ")) + 1
    after = re.split(r"[;.]\s", text[mention.end :], maxsplit=1)[0]
    return text[begin : mention.start], after


def _announces_near(before: str, after: str, announces: re.Pattern[str]) -> bool:
    """Whether what announces stands before a date in its clause, or soon after it."""
    if announces.search(before + " on"):
        return True
    soon = announces.search(after)
    return soon is not None and soon.start() <= SOON_AFTER


# What is told as ahead, and is not any more


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What a sentence puts off or cancels: the content words of the matter and the names among
    them, those of the whole sentence, and the days that are given up, where it names any."""

    text: str
    matter: frozenset[str]
    named: frozenset[str]
    beside: frozenset[str]
    days: tuple[tuple[date, date], ...]
    moment: datetime
    article: str


@dataclass(frozen=True, slots=True)
class Outdated:
    """What a reader of `day` is told no more as ahead: it has passed, or was `given_up` since."""

    day: date
    given_up: Sequence[GivenUp] = ()

    def __call__(self, text: str, article: Article) -> bool:
        """Whether a sentence of an article tells a plan that has passed or was given up."""
        return _has_passed(text, _published(article), self.day) or (
            _announces_anything(text, article) and _is_given_up(text, article, self.given_up)
        )

    def title(self, article: Article) -> bool:
        """Whether an article is about such a plan: its title tells it, and its first sentence."""
        title, lead = clean_title(article), split_sentences(article.lead)
        passed = _has_passed(title, _published(article), self.day, is_title=True)
        if not passed and not _is_given_up(title, article, self.given_up):
            return False
        return bool(lead) and self(lead[0].text, article)


def announces(text: str) -> bool:
    """Whether a text has a word that announces something, without a look at its dates."""
    return bool(_ANNOUNCES.search(text) or _AS_PLANNED.search(text))


def is_superseded(text: str, article: Article, by: GivenUp) -> bool:
    """Whether a sentence of an article announces what was still ahead when it was given up."""
    published = _published(article)
    return (
        published is not None
        and any(one.last >= by.moment.date() for one in date_mentions(text, published))
        and _announces_anything(text, article)
        and _is_given_up(text, article, [by])
    )


def _published(article: Article) -> date | None:
    return article.published_at.date() if article.published_at else None


def _has_passed(text: str, published: date | None, day: date, *, is_title: bool = False) -> bool:
    """Whether a text tells as ahead what was to be before `day`, and nothing for that day on."""
    if not _PLANS.search(text) and not (is_title and _TITLE_PLANS.match(text)):
        return False
    ahead = [
        mention
        for mention in date_mentions(text, published)
        if published is None or mention.last >= published
    ]
    if any(mention.last >= day for mention in ahead):
        return False
    return any(_is_planned(text, mention, is_title) for mention in ahead if _is_exact(mention))


def _is_planned(text: str, mention: DateMention, is_title: bool) -> bool:
    """Whether a text tells what is planned for a date; that somebody set it is told as done."""
    before, after = _around(text, mention)
    if _OPENS_A_SPAN.search(before):
        return False
    if is_title and _TITLE_PLANS.match(before):
        return True
    if not _is_announced(text, mention, _PLANS):
        return False
    earlier = list(_PLANS.finditer(f"{before} on"))
    between = before[earlier[-1].end() :] if earlier else _PLANS.split(after, maxsplit=1)[0]
    return not _TELLS.search(between)


def _announces_anything(text: str, article: Article) -> bool:
    """Whether a sentence tells something as ahead: for a day after its own, or "as planned"."""
    published = _published(article)
    if _AS_PLANNED.search(text):
        return True
    if published is None or not _ANNOUNCES.search(text):
        return False
    return any(
        _is_ahead(mention, published + timedelta(days=1), published)
        and _is_announced(text, mention)
        for mention in date_mentions(text, published)
    )


def given_up_in(articles: Iterable[Article]) -> list[GivenUp]:
    """What articles put off or cancel, by their titles and the paragraphs near their beginning."""
    return [
        one
        for article in articles
        for text in (article.title, *(p.text for p in article.paragraphs[:PARAGRAPHS_READ]))
        if _GIVES_UP.search(text)
        for sentence in split_sentences(text)
        for one in _given_up_of(sentence.text, article)
    ]


def _given_up_of(text: str, article: Article) -> Iterator[GivenUp]:
    published = _published(article)
    days = tuple(
        (mention.first, mention.last)
        for mention in date_mentions(text, published)
        if published is not None and mention.last >= published and _is_exact(mention)
        if not _NEW_DATE.search(text[: mention.start])
    )
    for found in _GIVES_UP.finditer(text):
        if _ONLY_PERHAPS.search(text[max(0, found.start() - 40) : found.start()]):
            continue
        phrase = _matter(text, found)
        if _HAD_BEEN_DUE.match(found.group()) and not days:
            continue
        named = {fold(name) for name in names(f"x {phrase}")}
        yield GivenUp(
            text, stems(phrase), frozenset(named), stems(text), days, moment_of(article), article.id
        )


def _matter(text: str, found: re.Match[str]) -> str:
    """What is put off: the object of "postpones the vote", the subject of "was postponed"."""
    before = text[: found.start()]
    behind = _OBJECT.match(text, found.end())
    if behind and not _PASSIVE.search(before):
        return _OBJECT_ENDS.split(behind["object"], maxsplit=1)[0]
    return _SUBJECT_BEGINS.split(_AUXILIARIES.sub("", before))[-1]


def _is_given_up(text: str, article: Article, given_up: Iterable[GivenUp]) -> bool:
    """Whether a later text of another article gives up what a sentence speaks of."""
    moment, published = moment_of(article), _published(article)
    later = [one for one in given_up if one.moment >= moment and one.article != article.id]
    if not later:
        return False
    days = [
        (mention.first, mention.last)
        for mention in date_mentions(text, published)
        if published is None or mention.last > published
    ]
    return any(_gives_up(one, text, article, days) for one in later)


def _gives_up(one: GivenUp, text: str, article: Article, days: Sequence[tuple[date, date]]) -> bool:
    if any(first <= until and since <= last for first, last in one.days for since, until in days):
        own = stems(text)
        return bool(one.matter & own) and len(one.beside & own) >= SHARED_NAMES
    other_days = any(first > one.moment.date() for first, _ in one.days)
    if other_days or one.moment <= moment_of(article) or not one.named:
        return False
    shared = one.matter & stems(text)
    if len(shared) >= SHARED_NAMES:
        enough = 2 * len(shared) >= len(one.matter)
    else:
        enough = len(one.matter) == 1 and bool(one.named & _subject_of(text))
    # Which conference it was is said by its names, which the announcing article has somewhere.
    return enough and one.named <= _words_of(article)


def _words_of(article: Article) -> set[str]:
    texts = (article.title, *(paragraph.text for paragraph in article.paragraphs))
    return {fold(word) for text in texts for word in words(text)}


def _subject_of(text: str) -> set[str]:
    """The names right before what announces: "Brexit" of "Brexit is now due on 12 April"."""
    found = _ANNOUNCES.search(text)
    before = text[: found.start()] if found else ""
    return {fold(name) for name in names(f"x {before.split(',')[-1]}")} - _COMMON


def _is_same(one: Announced, other: Announced, sameness: Sameness) -> bool:
    if one.first > other.last or other.first > one.last:
        return False
    shared = one.line.names & other.line.names
    alike = sameness.cosine(one.line.text, other.line.text)
    return (
        (len(shared) >= SHARED_NAMES and alike >= ALIKE - 0.1)
        or alike >= ALIKE
        or overlap(one.line.text, other.line.text) >= ALIKE
    )


_KINDS = {
    SourceKind.OFFICIAL: 0,
    SourceKind.WIRE: 0,
    SourceKind.INDEPENDENT: 1,
    SourceKind.UNKNOWN: 2,
    SourceKind.STATE_MEDIA: 2,
    SourceKind.OPINION: 3,
}


def _preference(one: Announced) -> tuple[int, float, int]:
    """The first of those that tell the same is kept: official or wire, newest, shortest."""
    return (_KINDS[one.line.article.kind], -one.line.moment.timestamp(), len(one.line.text))
