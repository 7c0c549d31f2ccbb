"""Hypothesis strategies for digests, summaries, timelines and quotations of any text and size.

Every mark stands for a citation, as the makers have it; all else is as nasty as texts can be.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.render.notes import Alert
from bot.render.report_wording import DigestHeading
from corpus.quotations.extraction import Quotation
from corpus.quotations.speaker_names import Speaker
from corpus.text.calendar import Precision
from corpus.text.differences import word_changes
from retrieval.outcomes import Citation, Statement
from retrieval.passages import Passage
from retrieval.questions.understand import Narrowing
from retrieval.reports.quotes import Position, Positions, Reworded
from retrieval.reports.report import (
    Announcement,
    Brief,
    Correction,
    Coverage,
    Digest,
    Dispute,
    FailedSource,
    Spoken,
    Summary,
)
from retrieval.reports.timeline import Event, Timeline
from retrieval.stories.story import Status, Story
from tests.bot.outcomes import articles, texts, words

SINCE = datetime(2019, 4, 4, 5, 30, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
_days = st.dates(date(2018, 1, 1), date(2020, 1, 1))
_moments = st.integers(0, 500).map(lambda days: datetime(2018, 1, 1, tzinfo=UTC) + timedelta(days))


@st.composite
def citation_lists(draw: st.DrawFn, most: int = 5) -> tuple[Citation, ...]:
    citations = []
    for mark, of in enumerate(draw(st.lists(articles(), min_size=1, max_size=most)), start=1):
        number = draw(st.integers(1, len(of.paragraphs)))
        text = of.paragraph(number).text
        copies = draw(st.lists(articles(), max_size=2))
        quote = draw(st.sampled_from((text, text[:40], "")))
        citations.append(Citation(mark, of, of.paragraph(number), quote, tuple(copies)))
    return tuple(citations)


@st.composite
def briefs(draw: st.DrawFn, most: int) -> Brief:
    """A brief whose marks are at most `most`."""
    marks = st.integers(1, most)
    statements = st.builds(
        Statement, words, st.lists(marks, min_size=1, max_size=3, unique=True).map(tuple)
    )
    several = st.lists(statements, max_size=3).map(tuple)
    spoken = st.builds(Spoken, words, st.none() | texts, words, words, st.booleans(), marks)
    announced = st.builds(Announcement, _days, _days, statements)
    return Brief(
        story=Story("story", tuple(draw(st.lists(articles(), min_size=1, max_size=4)))),
        status=draw(st.sampled_from(Status)),
        day=draw(st.integers(1, 400)),
        headline=draw(words),
        happened=draw(several),
        spoken=tuple(draw(st.lists(spoken, max_size=3))),
        disputed=tuple(draw(st.lists(st.builds(Dispute, texts, several), max_size=2))),
        announced=tuple(draw(st.lists(announced, max_size=2))),
    )


coverages = st.builds(
    Coverage,
    st.integers(8, 400),
    st.lists(st.builds(FailedSource, words, texts, st.none() | _moments), max_size=8).map(tuple),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.lists(st.tuples(_days.map(date.isoformat), st.integers(0, 500)), max_size=40).map(tuple),
    st.lists(st.tuples(words, st.integers(0, 500)), max_size=12).map(tuple),
)


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    citations = draw(citation_lists())
    held = tuple(draw(st.lists(briefs(len(citations)), max_size=4)))
    corrections = st.builds(
        Correction,
        articles(),
        st.integers(1, 40),
        texts,
        st.none() | texts,
        st.none() | st.integers(1, len(citations)),
    )
    return Digest(
        SINCE,
        UNTIL,
        held,
        tuple(one for brief in held for one in brief.announced),
        tuple(draw(st.lists(corrections, max_size=2))),
        draw(coverages),
        citations,
        draw(st.integers(0, 3)),
    )


@st.composite
def headings(draw: st.DrawFn) -> DigestHeading:
    zone = draw(st.sampled_from(("Africa/Tripoli", "America/Argentina/Buenos_Aires", "UTC")))
    at = UNTIL.astimezone(ZoneInfo(zone))
    ago = draw(st.none() | st.integers(1, 400))
    return DigestHeading(
        draw(texts),
        at,
        zone,
        None if ago is None else at - timedelta(hours=ago),
        draw(st.none() | st.just(at + timedelta(days=1))),
        tuple(draw(st.lists(texts, max_size=2))),
    )


@st.composite
def summaries(draw: st.DrawFn) -> Summary:
    citations = draw(citation_lists())
    near = [Passage(of, of.paragraphs[0], 0.1) for of in draw(st.lists(articles(), max_size=2))]
    return Summary(
        draw(texts),
        SINCE - timedelta(days=draw(st.integers(0, 800))),
        UNTIL,
        tuple(draw(st.lists(briefs(len(citations)), max_size=4))),
        draw(coverages),
        citations,
        tuple(near),
        draw(st.integers(0, 3)),
    )


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    (citation,) = draw(citation_lists(most=1))
    return Alert(draw(words), "U0DESK", draw(texts), draw(words), citation)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    events = []
    for citation in draw(citation_lists(most=20)):
        first = draw(_days)
        last = first + timedelta(days=draw(st.integers(0, 60)))
        precision = draw(st.sampled_from(Precision))
        announced, reported = draw(st.booleans()), draw(st.booleans())
        events.append(
            Event(citation.mark, first, last, precision, draw(words), announced, reported, citation)
        )
    return Timeline(draw(words), Narrowing(), tuple(events), (), draw(st.integers(0, 9)))


@st.composite
def position_lists(draw: st.DrawFn) -> Positions:
    said: list[Position] = []
    for mark, of in enumerate(draw(st.lists(articles(), min_size=1, max_size=6)), start=1):
        text = of.paragraphs[0].text or "w"
        quotation = Quotation(
            draw(words), None, draw(words), text, 1, 0, len(text), draw(st.booleans())
        )
        changed = None
        if mark > 1 and draw(st.booleans()):
            before = said[0].quotation.quote
            changed = Reworded(1, before, text, word_changes(before, text))
        also = tuple(draw(st.lists(articles(), max_size=2)))
        within = 1 if mark > 1 and draw(st.booleans()) else None
        said.append(Position(mark, quotation, of, (), also, within, changed))
    speaker = Speaker(draw(words), (), (), tuple(draw(st.lists(texts, max_size=1))), 3)
    return Positions(draw(texts), draw(st.none() | texts), Narrowing(), speaker, tuple(said))
