"""Timelines: what happened on a topic, event by event, each with one cited sentence.

    topic ─ search ─▶ paragraphs ─ speak of it? ─▶ lines ─ dated ─▶ Dated ─ gathered ─▶ events
                                                     └─ announced for a day ahead ─┘  ─▶ Timeline

The days are the events', not the articles': "since" and "until" bound when it happened. A line is
of the date of its main clause; a date that only bounds ("since 2011", "until 30 June"), names a
thing ("the 2016 accord", "the resolution of 4 April") or stands in somebody's words is not when it
happened. A lead sentence without any date counts as reported on the day of its publication.

One entry an event: copies of a text, other articles' accounts and later mentions of an old event
collapse into one, told by the line that has the exact date and stands nearest to the event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial

from corpus.articles import Article, Paragraph, SourceKind, origins_of
from corpus.text.calendar import Precision
from corpus.text.dates import DateMention, date_mentions
from corpus.text.names import sounds
from corpus.text.sentences import quoted_spans
from corpus.text.tables import either
from retrieval.evidence import collapse_copies
from retrieval.index.analysis import main_script
from retrieval.outcomes import Citation
from retrieval.passages import Filter, Passage
from retrieval.questions.understand import Narrowing
from retrieval.reports.announcements import announcements
from retrieval.reports.lines import Line, first_prose, is_opinion, leans, lines_of, said_by
from retrieval.reports.ranking import Deeds
from retrieval.reports.topics import LEAD_CHARACTERS, Topic, plainness
from retrieval.search.retriever import HybridSearch
from retrieval.similarity import Encode, Sameness, overlap

LONGEST_RANGE = timedelta(days=45)
"""A longer stretch says no more than since when."""
_LOOK_BACK = 40
_any = partial(either, __package__, "sentences")

_BOUNDS = re.compile(rf"\b{_any('bounds')}(?: (?:the|late|early|mid))?\s*$", re.IGNORECASE)
_NAMES_A_THING = re.compile(
    r"\b(?:the|a|an|its|his|her|their|this|that|of|[A-Za-z]+[’']s)\s*$", re.IGNORECASE
)
_PART_OF_DAY = re.compile(
    r"\b(?:on the|(?:hours?|morning|afternoon|evening|night|day|end|start) of)\s*$", re.IGNORECASE
)
_IN = re.compile(
    r"\b(?:in|during|back in|on|late|early|mid)(?: (?:the|late|early|mid))?[- ]?$", re.I
)
_BOUNDED_PHRASE = re.compile(
    r"\b(?:since|until|ahead of)\b(?:(?!\b(?:was|were|had|has|said|is|are)\b)[^,;:.]){1,70}$",
    re.IGNORECASE,
)
# "The deadline that the Union gave on 30 April has passed": when it was given, not when it passed.
_RELATIVE_CLAUSE = re.compile(r"^[^,;“]{3,80}?\b(?:that|which|whom?|whose)\b[^,;]*$")
_MAIN_VERB = re.compile(r"[^,;]{0,20}?\s" + _any("main verbs") + r"\b")
_SAYING = re.compile(r"\b(?:said|says|told|announced|according to|wrote|warned|added)\b")
_ASIDE = re.compile(
    r", (?:after|since|before|following|which|who|where|as|while)\b|\bthose \w+ed\b"
)
_CONDITIONAL = re.compile(
    r"\b(?:if|unless|would have|was (?:due|to have|supposed|scheduled|expected)"
    r"|had been (?:due|scheduled|set|planned)|were (?:due|to have|scheduled))\b",
    re.IGNORECASE,
)
_FINENESS = {Precision.DAY: 0, Precision.RANGE: 1, Precision.MONTH: 2, Precision.YEAR: 3}
REPORTED_FOR = timedelta(days=2)
"""So long after an event reports of it still carry no date of their own."""
# Shares of content words and cosines from which two lines of one day tell of one event; read off
# the sample with the timelines of a dozen topics. Lines that share names need less; those in two
# scripts share sounds: a name's beside those of day and month.
ALIKE_WORDS, ALIKE_SENSE = 0.55, 0.72
NAMED_WORDS, NAMED_SENSE = 0.4, 0.58
SHARED_NAMES, ALIKE_SOUNDS = 2, 3
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
OPENING = 3
"""Paragraphs in which an article's news begins."""
MOST_EVENTS = 30
# Paragraphs searched: most of them as published in the time asked about, some whenever they were,
# for what later articles tell of it.
FOUND_THEN = 480
FOUND_EVER = 120
LONGEST = 400
"""Characters of a sentence in a timeline."""
ROUTINE = -0.03
"""What only one origin tells and is that much nearer to routine than to deeds is no event: talks
that reaffirm, journeys ahead, greetings."""
FEW_EVENTS = 8
"""So many events are all told, routine or not."""
PLAINLY = 0.5
"""From here on a paragraph speaks for its article."""
TOLD_LATER = timedelta(days=3)
_OF_ACCOUNTS = re.compile(
    r"\b(?:accounts|reports|versions|figures)\b[^.;]{0,40}\bdiffer"
    r"|\b(?:is|are|was|were) disputed\b",
    re.IGNORECASE,
)
# What was named a sentence before: these cannot be read alone.
_UNNAMED = re.compile(
    r"\bthe (?:town|village|city|island|figures?|request|proposal|move|incident)\b"
    r"(?! (?:of|by|to|that)\b|’s)"
    r"|^(?:[A-Z]\w+ (?:\w+ )?(?:earlier|later|before)\b,|\w+ other\b)"
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or was announced, from `first` to `last` (both inclusive).

    `reported`: no date stands in the sentence, which was published on that day. `announced`: the
    days lay ahead when it was published. `origins` counts who tells of it, `also_in` where. Words
    in which an office speaks of itself have a `speaker`.
    """

    mark: int
    first: date
    last: date
    precision: Precision
    text: str
    announced: bool
    reported: bool
    citation: Citation
    origins: int = 1
    speaker: str | None = None
    also_in: tuple[Article, ...] = field(default=(), repr=False)

    @property
    def shown(self) -> str:
        """The text as it is read: an office's words in quotation marks, with whose they are."""
        return f"{self.speaker}: “{self.text}”" if self.speaker else self.text


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events on a topic in order of time; without any, `nearest` is what came near.

    `left_out` counts events beyond the number asked for: those that fewest origins tell.
    """

    topic: str
    narrow: Narrowing
    events: tuple[Event, ...]
    nearest: tuple[Passage, ...] = ()
    left_out: int = 0

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(event.citation for event in self.events)


class TimelineMaker:
    """Makes timelines. Reads the index; changes nothing."""

    def __init__(
        self, search: HybridSearch, encode: Encode, story_of: StoryOf | None = None
    ) -> None:
        """`encode` gives the vectors of sentences, `story_of` the story of an article, if known."""
        self._search = search
        self._encode = encode
        self._story_of = story_of

    def timeline(
        self, topic: str, narrow: Narrowing | None = None, most: int = MOST_EVENTS
    ) -> Timeline:
        """What happened on a topic between `narrow.since` and `narrow.until`.

        With `narrow.as_of` as it was known then: nothing published later is read.
        """
        narrow = narrow or Narrowing()
        asked = Topic.of(topic)
        found = self._search_for(topic, narrow)
        sameness = Sameness(self._encode)
        deeds = Deeds(sameness)
        passages = collapse_copies(_speaking_of(asked, with_openings(asked, found)))
        lines = lines_of(passages, of_offices=True)
        lines = [line for line in lines if _can_stand(line, asked)]
        opening = _opening(lines)
        happened = [one for line in lines if (one := dated(line, line.place in opening))]
        events = gathered(happened, sameness, cache(self._story_of) if self._story_of else None)
        events += _announced(lines, events, sameness)
        events = [event for event in events if _is_asked_for(event.told, narrow)]
        events = _no_routine(events, deeds)
        kept = most_told(sorted(events, key=_in_time), most, deeds)
        told = tuple(_event(mark, event) for mark, event in enumerate(kept, start=1))
        nearest = tuple(found[:3]) if not told else ()
        return Timeline(topic, narrow, told, nearest, len(events) - len(kept))

    def _search_for(self, topic: str, narrow: Narrowing) -> list[Passage]:
        until = narrow.until + TOLD_LATER if narrow.until is not None else None
        then = Filter(narrow.since, until, narrow.sources, narrow.places)
        ever = Filter(sources=narrow.sources, places=narrow.places)
        found = self._search.search(topic, FOUND_THEN, then or None, as_of=narrow.as_of)
        if then != ever:
            found += self._search.search(topic, FOUND_EVER, ever or None, as_of=narrow.as_of)
        once = {passage.key: passage for passage in reversed(found)}
        return sorted(once.values(), key=lambda passage: (-passage.score, passage.key))


def _announced(
    lines: Sequence[Line], events: Sequence[Gathered], sameness: Sameness
) -> list[Gathered]:
    """What was announced for days after the last report; before, the reports would tell."""
    days = [line.published for line in lines if line.published]
    if not days:
        return []
    found = []
    for one in announcements(lines, max(days), sameness):
        exact = Precision.DAY if one.first == one.last else Precision.RANGE
        ahead = Dated(one.line, one.first, one.last, exact, announced=True)
        if not any(event.told.line == one.line for event in events):
            found.append(Gathered(ahead))
    return found


def _speaking_of(topic: Topic, found: Sequence[Passage]) -> list[Passage]:
    """The passages that speak of a topic, comments and columns left out."""
    reported = [passage for passage in found if not is_opinion(passage.article)]
    plainly = {one.article.id for one in reported if _plainness(topic, one) >= PLAINLY}
    return [one for one in reported if _plainness(topic, one, one.article.id in plainly) > 0]


def with_openings(topic: Topic, found: Sequence[Passage]) -> list[Passage]:
    """The passages found, and what opens the articles that are about the topic: a search that
    found a paragraph further down has found the article, whose news stands above it."""
    keys = {passage.key for passage in found}
    articles = {passage.article.id: passage.article for passage in found}
    return [
        *found,
        *(
            Passage(article, paragraph, 0.0)
            for article in articles.values()
            if topic.share_in(_matter(article)) == 1
            for paragraph in _opening_paragraphs(article)
            if (article.id, paragraph.number) not in keys
        ),
    ]


def _matter(article: Article) -> str:
    """What an article is about: its title and its lead."""
    return f"{article.title}. {article.lead[:LEAD_CHARACTERS]}"


def _opening_paragraphs(article: Article) -> Sequence[Paragraph]:
    first = first_prose(article)
    return article.paragraphs[first - 1 : first - 1 + OPENING] if first else ()


def _no_routine(events: Sequence[Gathered], deeds: Deeds) -> list[Gathered]:
    """The events without those that one origin tells and that are routine, where there are many."""
    if len(events) <= FEW_EVENTS:
        return list(events)
    weights = deeds.of([event.told.line.text for event in events])
    return [
        event
        for event, weight in zip(events, weights, strict=True)
        if event.told.announced or event.origins > 1 or weight >= ROUTINE
    ]


def _plainness(topic: Topic, passage: Passage, article_does: bool = False) -> float:
    number, cosine = passage.paragraph.number, passage.cosine or 0.0
    return plainness(topic, passage.article, number, cosine, article_does=article_does)


def _can_stand(line: Line, topic: Topic) -> bool:
    """Whether a line can be read on its own and does not speak of somewhere else."""
    text = line.text
    if len(text) > LONGEST or leans(text) or _OF_ACCOUNTS.search(text) or _UNNAMED.search(text):
        return False
    # A place that neither it nor what its article is about names was named there in passing.
    if topic.places and not topic.share_in(text) and not topic.share_in(_matter(line.article)):
        return False
    return topic.allows(text, line.passage.text)


def _is_asked_for(one: Dated, narrow: Narrowing) -> bool:
    since = narrow.since.astimezone(UTC).date() if narrow.since else date.min
    until = narrow.until.astimezone(UTC).date() if narrow.until else date.max
    return one.last >= since and one.first <= until


def _in_time(event: Gathered) -> tuple[date, date, datetime]:
    published = event.told.line.moment
    return (event.told.first, event.told.last, published)


def _event(mark: int, event: Gathered) -> Event:
    told = event.told
    passage = told.line.passage
    others = dict.fromkeys(
        one.line.article for one in event.others if one.line.article.id != passage.article.id
    )
    return Event(
        mark=mark,
        first=told.first,
        last=told.last,
        precision=told.precision,
        text=told.line.text,
        announced=told.announced,
        reported=told.reported,
        citation=Citation(
            mark, passage.article, passage.paragraph, told.line.text, passage.carried_by
        ),
        origins=event.origins,
        speaker=said_by(told.line),
        also_in=tuple(others),
    )


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
    return sorted(events, key=lambda event: _in_order(event.told))


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
    if main_script(first) != main_script(second):
        return len(sounds(first) & sounds(second)) >= ALIKE_SOUNDS
    shared = overlap(first, second)
    if shared >= ALIKE_WORDS:
        return True
    if shared < FEWEST_WORDS:
        return False
    cosine = sameness.cosine(first, second)
    if cosine >= ALIKE_SENSE:
        return True
    named = len(one.line.names & other.line.names) >= SHARED_NAMES
    leads = [line.article.id for line in (one.line, other.line) if line.is_lead]
    stories = {story_of(lead) for lead in leads} if story_of and len(leads) > 1 else {None}
    one_story = len(stories) == 1 and None not in stories
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


def _in_order(one: Dated) -> tuple[date, int, date, tuple[str, int, int]]:
    return (one.first, _FINENESS[one.precision], one.last, one.line.place)


def most_told(events: Sequence[Gathered], most: int, deeds: Deeds) -> list[Gathered]:
    """The events that most origins tell, and of those the deeds before the routine."""
    if len(events) <= most:
        return list(events)
    weights = deeds.of([one.told.line.text for one in events])
    ranked = sorted(
        zip(events, weights, strict=True),
        key=lambda one: (-one[0].origins, -one[1], one[0].told.line.place),
    )
    kept = {id(one) for one, _ in ranked[:most]}
    return [one for one in events if id(one) in kept]


@dataclass(frozen=True, slots=True)
class Dated:
    """A line and the days it tells of, both inclusive.

    `reported`: the line has no date; the days are those of its publication. `announced`: they lay
    ahead when it was published.
    """

    line: Line
    first: date
    last: date
    precision: Precision
    reported: bool = False
    announced: bool = False


def _opening(lines: Iterable[Line]) -> set[tuple[str, int, int]]:
    """The places of what tells each article's matter first, near its beginning."""
    first: dict[str, Line] = {}
    for line in lines:
        known = first.get(line.article.id)
        if line.depth < OPENING and (known is None or line.place < known.place):
            first[line.article.id] = line
    return {line.place for line in first.values()}


def dated(line: Line, opens: bool | None = None) -> Dated | None:
    """When what a line tells happened; None where nothing says so, or where it is still ahead.

    `opens`: its article's news begins with it, where that is not its first sentence.
    """
    published = line.published
    if published is None:
        return _without_publication(line)
    fitting = [
        mention
        for mention in date_mentions(line.text, published)
        if mention.first <= published and _tells_when(line.text, mention)
    ]
    if fitting:
        mention = min(fitting, key=lambda one: (_FINENESS[one.precision], one.start))
        return Dated(line, mention.first, min(mention.last, published), mention.precision)
    if line.is_lead if opens is None else opens:
        return Dated(line, published, published, Precision.DAY, reported=True)
    return None


def _without_publication(line: Line) -> Dated | None:
    """An undated article's line, by the dates that carry their year."""
    for mention in date_mentions(line.text, None):
        if _tells_when(line.text, mention):
            return Dated(line, mention.first, mention.last, mention.precision)
    return None


def _tells_when(text: str, mention: DateMention) -> bool:
    """Whether a date is that of the clause it stands in."""
    if mention.precision is Precision.RANGE and mention.last - mention.first > LONGEST_RANGE:
        return False
    if any(start < mention.start < end for start, end in quoted_spans(text)):
        return False
    before = text[max(0, mention.start - _LOOK_BACK) : mention.start]
    if _BOUNDS.search(before) or _BOUNDED_PHRASE.search(text[: mention.start]):
        return False
    if _RELATIVE_CLAUSE.match(text[: mention.start]) and _MAIN_VERB.match(text, mention.end):
        return False
    if _CONDITIONAL.search(_clause(text, mention)):
        return False
    if mention.precision is Precision.DAY and mention.relative:
        return True
    if mention.precision in (Precision.YEAR, Precision.MONTH):
        earlier = text[: mention.start]
        if _SAYING.search(earlier) or _ASIDE.search(earlier):
            return False
        return bool(_IN.search(before)) or not before.strip()
    return not _NAMES_A_THING.search(before) or bool(_PART_OF_DAY.search(before))


def _clause(text: str, mention: DateMention) -> str:
    begin = max(text.rfind(mark, 0, mention.start) for mark in ("; ", ". ", " but ")) + 1
    end = re.search(r"; |\. | but ", text[mention.end :])
    return text[begin : mention.end + (end.start() if end else len(text))]
