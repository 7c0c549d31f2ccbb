"""Quotations and timelines as pages: in order of time, each dated and cited.

Where a speaker says again what was said before in other words, the change stands under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bot.rendering.change_wording import changed_words
from bot.rendering.digest_wording import LONGEST_SPEAKER, period_of_days, unquoted
from bot.rendering.pages import LONGEST_HEADLINE, Line, Page, Part, Span, emphasis, marks, strong
from bot.rendering.wording import counted, excerpt, nearest_line, publisher
from corpus.articles import Article
from corpus.dates.mentions import Precision
from corpus.quotations.speaker_names import Speaker
from retrieval.positions.finding import Position, Positions
from retrieval.timelines.making import Event, Timeline

MOST_NAMED = 8
"""Speakers that are offered, and sources that report the same."""


def positions_page(found: Positions) -> Page:
    """What a speaker said, the oldest first, or whom the name may mean; or nothing."""
    if found.speaker is None or not found.said:
        return _line_page(*_nothing_said(found))
    name = excerpt(found.speaker.name, LONGEST_SPEAKER)
    role = excerpt(found.speaker.roles[0], LONGEST_SPEAKER) if found.speaker.roles else ""
    topic = f" on {excerpt(found.topic, LONGEST_HEADLINE)}" if found.topic else ""
    days = [position.article.published_at for position in found.said]
    dated = [day.date() for day in days if day]
    years = {day.year for day in dated}
    inner = _inner_marks(found.said)
    outer = [position for position in found.said if position.within is None]
    lines = [
        line
        for position in outer
        for line in _said(position, inner.get(position.mark, ()), with_year=len(years) > 1)
    ]
    articles = {position.article.id for position in found.said}
    told = [counted(len(outer), "quotation")]
    told += [period_of_days(min(dated), max(dated))] if dated else []
    told.append(counted(len(articles), "article"))
    more = f"{counted(found.left_out, 'earlier one')} not shown." if found.left_out else ""
    title = f"{name}{topic}"
    return Page(
        title=title,
        subtitle=role,
        lead=(" · ".join(told),),
        parts=(Part(tuple(lines)),),
        citations=found.citations,
        closing=(more,) if more else (),
        notice=f"{title}: {counted(len(outer), 'quotation')}",
    )


def timeline_page(timeline: Timeline) -> Page:
    """What happened on a topic, in order of time; or that nothing dated was found."""
    topic = excerpt(timeline.topic, LONGEST_HEADLINE)
    if not timeline.events:
        line = f"I found nothing dated on “{topic}”."
        near = [(Span(nearest_line(passage)),) for passage in timeline.nearest]
        return _line_page(line, near, "Nearest, and not part of it")
    first = min(event.first for event in timeline.events)
    last = max(event.last for event in timeline.events)
    with_year = first.year != last.year
    title = f"{topic[:1].upper()}{topic[1:]}, {period_of_days(first, last)}"
    left_out = timeline.left_out
    more = f"{counted(left_out, 'event')} that fewer report not shown." if left_out else ""
    return Page(
        title=title,
        subtitle="timeline",
        lead=(counted(len(timeline.events), "event"),),
        parts=(Part(tuple(_happened(event, with_year=with_year) for event in timeline.events)),),
        citations=timeline.citations,
        closing=(more,) if more else (),
        notice=f"{title}: {counted(len(timeline.events), 'event')}",
    )


def speakers_page(speakers: Sequence[Speaker]) -> Page:
    """Everybody who is quoted, most quoted first."""
    if not speakers:
        return _line_page("Nobody is quoted yet.", ())
    lines = tuple(
        (Span(f"{speaker_words(one)} · {counted(one.quotations, 'quotation')}"),)
        for one in speakers
    )
    heading = f"{counted(len(speakers), 'speaker')}"
    return Page(heading, "", (), (Part(lines, bullets=True),), (), (), heading)


def speaker_words(speaker: Speaker) -> str:
    """ "António Guterres, UN Secretary-General"."""
    name = excerpt(speaker.name, LONGEST_SPEAKER)
    return f"{name}, {excerpt(speaker.roles[0], LONGEST_SPEAKER)}" if speaker.roles else name


def event_date(event: Event, *, with_year: bool) -> str:
    """ "3 Apr", "14 to 16 Apr 2019", "April 2019", "2019": as exactly as it is known."""
    first, last = event.first, event.last
    if event.precision is Precision.YEAR:
        return f"{first:%Y}"
    if event.precision is Precision.MONTH:
        return f"{first:%B %Y}" if with_year else f"{first:%B}"
    if first == last:
        return _day(first, with_year=with_year)
    same_month = (first.year, first.month) == (last.year, last.month)
    begins = f"{first.day}" if same_month else _day(first, with_year=first.year != last.year)
    return f"{begins} to {_day(last, with_year=with_year)}"


def _day(day: date, *, with_year: bool) -> str:
    return f"{day:%-d %b %Y}" if with_year else f"{day:%-d %b}"


def _said(position: Position, inner: Sequence[int], *, with_year: bool) -> Iterator[Line]:
    quotation, published = position.quotation, position.article.published_at
    day = _day(published.date(), with_year=with_year) if published else "undated"
    said = unquoted(" ".join(quotation.quote.split()))
    quoted = f"“{said}”" if quotation.direct else said
    verb = quotation.verb if quotation.direct else f"{quotation.verb}, as reported"
    cited = marks([position.mark, *inner])
    yield (strong(day), Span(f" · {verb}: {quoted}"), *cited, Span(_also(position.also_in)))
    if position.reworded is not None:
        changes = changed_words(position.reworded.changes)
        since = (emphasis("Changed since"), *marks([position.reworded.mark]))
        yield (Span("    "), *since, Span(": "), *changes)


def _inner_marks(said: Sequence[Position]) -> dict[int, list[int]]:
    """Marks of words in quotation marks, by the reported clause that holds them."""
    inner: dict[int, list[int]] = {}
    for position in said:
        if position.within is not None:
            inner.setdefault(position.within, []).append(position.mark)
    return inner


def _happened(event: Event, *, with_year: bool) -> Line:
    spans = [strong(event_date(event, with_year=with_year))]
    if event.announced:
        spans.append(emphasis(" · announced"))
    elif event.reported:
        spans.append(emphasis(" · reported that day"))
    origins = f" · {counted(event.origins, 'origin')}" if event.origins > 1 else ""
    return (*spans, Span(f" · {event.text}"), *marks([event.mark]), Span(origins))


def _also(articles: Sequence[Article]) -> str:
    names = list(dict.fromkeys(publisher(article) for article in articles))
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f" · also {', '.join(names[:MOST_NAMED])}{more}"


def _nothing_said(found: Positions) -> tuple[str, list[Line]]:
    asked = excerpt(found.asked, LONGEST_SPEAKER)
    if found.several:
        return f"“{asked}” may be one of several speakers:", _offered(found.several)
    if found.speaker is not None:
        topic = f" on “{excerpt(found.topic, LONGEST_HEADLINE)}”" if found.topic else ""
        narrowed = ", in the time and places asked for" if any(_narrowing(found)) else ""
        return f"I found no words of {speaker_words(found.speaker)}{topic}{narrowed}.", []
    line = f"Nobody called “{asked}” is quoted."
    return (f"{line} Near that name:", _offered(found.near)) if found.near else (line, [])


def _narrowing(found: Positions) -> tuple[object, ...]:
    narrow = found.narrow
    return (narrow.since, narrow.until, narrow.as_of, narrow.places, narrow.sources)


def _offered(speakers: Sequence[Speaker]) -> list[Line]:
    return [
        (Span(f"{speaker_words(one)} · {counted(one.quotations, 'quotation')}"),)
        for one in speakers[:MOST_NAMED]
    ]


def _line_page(line: str, below: Sequence[Line], heading: str = "") -> Page:
    parts = (Part(tuple(below), heading, bullets=True),) if below else ()
    return Page("", "", (line,), parts, (), (), line)
