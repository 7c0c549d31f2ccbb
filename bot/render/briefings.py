"""Digests, summaries, quotations and timelines as pages (`bot.render.page`).

Digest ────▶ its stories, what is announced, what was corrected, what was not read
Summary ───▶ per story what happened, who said what, what is disputed, what is next
Positions ─▶ in order of time, each dated and cited; where a speaker says again what was said
             before in other words, the change stands under it
Timeline ──▶ in order of time, each dated and cited
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from bot.render.page import (
    LONGEST_HEADLINE,
    Line,
    Page,
    Part,
    Span,
    change_line,
    changed_words,
    emphasis,
    labelled,
    listed,
    marks,
    stated,
    strong,
)
from bot.render.report_wording import (
    LONGEST_SPEAKER,
    DigestHeading,
    _day,
    announced_line,
    closing_lines,
    counts_line,
    day_words,
    dispute_lines,
    event_date,
    origins_words,
    outage_line,
    period_of_days,
    period_words,
    quiet_line,
    span_counts_line,
    span_line,
    span_words,
    spoken_line,
    status_words,
    title_line,
    unquoted,
)
from bot.render.wording import counted, excerpt, is_topic, long_date, nearest_line, publisher
from corpus.articles import Article
from corpus.quotations.speaker_names import Speaker
from retrieval.outcomes import Citation
from retrieval.passages import Passage
from retrieval.reports.quotes import Position, Positions
from retrieval.reports.report import Brief, Correction, Digest, Summary
from retrieval.reports.timeline import Event, Timeline
from retrieval.stories.story import Status, Story

LONGEST_TOPIC = 40
"""A topic longer than this is a question's words, not something to follow."""
MOST_NAMED = 8
"""Speakers that are offered, and sources that report the same."""

LAST_DAYS = 6
"""Before the day of the newest article on a topic: the week that is offered instead."""


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
        offers=_to_follow(timeline.topic),
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
    return (*spans, Span(f" · {event.shown}"), *marks([event.mark]), Span(origins))


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


def _to_follow(topic: str) -> tuple[tuple[str, str], ...]:
    """What follows a topic from now on; nothing for a long one."""
    named = " ".join(topic.split())
    label = f"Follow {excerpt(named, LONGEST_TOPIC)}"
    fits = 0 < len(named) <= LONGEST_TOPIC and is_topic(named)
    return ((label, f"follow {named}"),) if fits else ()


def _line_page(line: str, below: Sequence[Line], heading: str = "") -> Page:
    parts = (Part(tuple(below), heading, bullets=True),) if below else ()
    return Page("", "", (line,), parts, (), (), line)


def summary_page(summary: Summary, zone: tzinfo = UTC) -> Page:
    """A summary, or that nothing was found and what came near."""
    topic = excerpt(summary.topic, LONGEST_HEADLINE) or "Everything"
    until = summary.until.astimezone(zone)
    period = period_words(summary.since.astimezone(zone), until)
    if not summary.briefs:
        return _nothing(summary, topic, period)
    parts = [
        _summary_story(number, brief, summary, zone)
        for number, brief in enumerate(summary.briefs, start=1)
    ]
    outage = outage_line(summary.coverage, until)
    if outage:
        parts += listed("Not read", [(Span(outage),)])
    first = excerpt(summary.briefs[0].headline, LONGEST_HEADLINE)
    return Page(
        title=f"{topic[:1].upper()}{topic[1:]}, {period}",
        subtitle="",
        lead=(_counts(summary),),
        parts=tuple(parts),
        citations=summary.citations,
        closing=closing_lines(summary),
        notice=f"{topic}, {period}: {first}",
        offers=_summary_offers(summary.topic),
        withheld=len(summary.withheld),
        answerer=summary.answerer,
    )


def _summary_offers(topic: str) -> tuple[tuple[str, str], ...]:
    named = " ".join(topic.split())
    follow = _to_follow(named)
    return (("Daily at 07:30", f"digest daily at 07:30 on {named}"), *follow) if follow else ()


def _counts(summary: Summary) -> str:
    coverage = summary.coverage
    return " · ".join(
        [
            counted(len(summary.briefs), "story", "stories"),
            f"{counted(coverage.articles, 'article')}, {counted(coverage.origins, 'origin')}",
        ]
    )


def _summary_story(number: int, brief: Brief, summary: Summary, zone: tzinfo) -> Part:
    lines: list[Line] = []
    if brief.happened:
        lines.append(labelled("What happened", stated(brief.happened)))
    lines += _under("Who said what", [spoken_line(spoken) for spoken in brief.spoken])
    for dispute in brief.disputed:
        lines += dispute_lines(dispute, summary.citations)
    lines += _under("Next", [announced_line(one) for one in brief.announced])
    return Part(
        tuple(lines),
        f"{number} · {excerpt(brief.headline, LONGEST_HEADLINE)}",
        f"{_dates(brief.story, zone)} · {origins_words(brief.story)}",
    )


def _under(label: str, lines: list[Line]) -> list[Line]:
    """One line beside its label, several as a list under it."""
    if len(lines) == 1:
        return [labelled(label, lines[0])]
    return [(emphasis(label),), *((Span("• "), *line) for line in lines)] if lines else []


def _dates(story: Story, zone: tzinfo) -> str:
    """ "4 Apr", "3 to 5 Apr", "undated"."""
    if story.published is None:
        return "undated"
    begins, ends = (one.astimezone(zone).date() for one in story.published)
    return span_words(begins, ends)


def _nothing(summary: Summary, topic: str, period: str) -> Page:
    line = f"I found nothing on “{topic}”, {period}."
    passages, headline = summary.nearest, "Nearest, and not part of it"
    if spoken_of := tuple(one for one in passages if _speaks_of(one, summary.topic)):
        line = f"No story is about “{topic}”, {period}, but it is spoken of."
        passages, headline = spoken_of, "Where it is spoken of"
    near = tuple((Span(nearest_line(passage)),) for passage in passages)
    parts = (Part(near, headline, bullets=True),) if near else ()
    newest = _newest(summary, topic)
    told = (f"{newest[0]}: ask for “{newest[1]}”.",) if newest else ()
    wanted = summary.topic and is_topic(summary.topic)
    follow = (f"“follow {topic}” tells you when something comes.",) if wanted else ()
    lead = (line, *told, *follow)
    offers = ((newest,) if newest else ()) + _summary_offers(summary.topic)
    return Page("", "", lead, parts, (), (), line, offers, len(summary.withheld))


def _newest(summary: Summary, topic: str) -> tuple[str, str] | None:
    """When the newest on a topic is from, and the words that ask for the week up to it."""
    if summary.newest is None:
        return None
    since = long_date(summary.newest - timedelta(days=LAST_DAYS))
    about = f" of {topic}" if summary.topic else ""
    asked = f"summary{about} since {since}"
    return f"Newest{f' on {topic}' if summary.topic else ''}: {long_date(summary.newest)}", asked


def _speaks_of(passage: Passage, topic: str) -> bool:
    """Whether a topic stands in a paragraph by its name."""
    name = " ".join(topic.casefold().split())
    return bool(name) and name in " ".join(passage.text.casefold().split())


def digest_page(digest: Digest, heading: DigestHeading) -> Page:
    """A digest as its reader gets it; a quiet day is one line, and what was corrected."""
    if not digest.briefs:
        line = quiet_line(digest, heading)
        return _page(digest, "", "", (*heading.notes, line), heading.at, line)
    first, more = digest.briefs[0].headline, len(digest.briefs) - 1
    shown = excerpt(first, LONGEST_HEADLINE)
    notice = f"{shown} · and {counted(more, 'more story', 'more stories')}" if more else shown
    lead = (*heading.notes, counts_line(digest, heading))
    name = excerpt(heading.name, LONGEST_HEADLINE)
    return _page(digest, title_line(heading), name, lead, heading.at, notice)


def span_page(digest: Digest, zone: tzinfo) -> Page:
    """A digest of any span, which nobody was sent: under its dates instead of a reader's day."""
    title = f"Digest · {span_line(digest.since, digest.until, zone)}"
    lead = span_counts_line(digest)
    return _page(digest, title, "", (lead,), digest.until.astimezone(zone), title)


def _page(
    digest: Digest, title: str, subtitle: str, lead: tuple[str, ...], now: datetime, notice: str
) -> Page:
    outage = outage_line(digest.coverage, now)
    parts = [
        _digest_story(number, brief, digest.citations)
        for number, brief in enumerate(digest.briefs, start=1)
    ]
    parts += listed("Announced", [announced_line(one) for one in digest.announced])
    parts += listed("Corrected", [_corrected(one, now) for one in digest.corrections])
    if outage and digest.briefs:
        parts += listed("Not read", [(Span(outage),)])
    elif outage:
        lead = (*lead, outage)
    return Page(
        title=title,
        subtitle=subtitle,
        lead=lead,
        parts=tuple(parts),
        citations=digest.citations,
        closing=closing_lines(digest),
        notice=notice,
        offers=(("My digests", "my digests"),) if digest.briefs else (),
        withheld=len(digest.withheld),
        rated=bool(digest.briefs),
        answerer=digest.answerer,
    )


def _digest_story(number: int, brief: Brief, citations: Sequence[Citation]) -> Part:
    lines: list[Line] = [stated(brief.happened)] if brief.happened else []
    if lines and brief.status is Status.DEVELOPING:
        lines = [labelled("What is new", lines[0])]
    lines += [spoken_line(spoken) for spoken in brief.spoken]
    for dispute in brief.disputed:
        lines += dispute_lines(dispute, citations)
    return Part(
        tuple(lines),
        f"{number} · {excerpt(brief.headline, LONGEST_HEADLINE)}",
        f"{status_words(brief)} · {origins_words(brief.story)}",
    )


def _corrected(correction: Correction, now: datetime) -> Line:
    article = correction.article
    where = f"{publisher(article)}, “{excerpt(article.title, LONGEST_HEADLINE)}”"
    if article.published_at is not None:
        published = article.published_at.astimezone(now.tzinfo).date()
        where += f", published {day_words(published, now.date())}"
    else:
        where += ", undated"
    where += f", ¶{correction.number}"
    cited = tuple(marks([correction.mark])) if correction.mark is not None else ()
    if correction.after is None:
        return (Span(f"{where} was taken away by its source."), *cited)
    return (Span(f"{where} now reads: "), *change_line(correction.before, correction.after), *cited)
