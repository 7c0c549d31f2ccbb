"""Digests, summaries, quotations and timelines as pages (`bot.render.page`).

Digest ────▶ its stories, what is announced, what was corrected, what was not read
Summary ───▶ per story what happened, who said what, what is disputed, what is next
Positions ─▶ in order of time, each dated and cited; where a speaker says again what was said
             before in other words, the change stands under it
Timeline ──▶ in order of time, each dated and cited
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from bot.render.catalogues import ENGLISH, comma, gettext, ngettext, speaking
from bot.render.page import (
    LONGEST_HEADLINE,
    Line,
    Page,
    Part,
    Span,
    Style,
    Table,
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
    stories_words,
    title_line,
    unquoted,
)
from bot.render.wording import (
    articles_words,
    excerpt,
    is_topic,
    isolated,
    long_date,
    nearest_line,
    origins_counted,
    publisher,
)
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
    told = [_quotations(len(outer))]
    told += [period_of_days(min(dated), max(dated))] if dated else []
    told.append(articles_words(len(articles)))
    more = ngettext(
        "{count} earlier one not shown.", "{count} earlier ones not shown.", found.left_out
    )
    title = isolated(name)
    if topic := isolated(excerpt(found.topic or "", LONGEST_HEADLINE)):
        title = gettext("{name} on {topic}", name=title, topic=topic)
    return Page(
        title=title,
        subtitle=role,
        lead=(" · ".join(told),),
        parts=(Part(tuple(lines)),),
        citations=found.citations,
        closing=(more,) if found.left_out else (),
        notice=f"{title}: {_quotations(len(outer))}",
        table=_table_of(title, (gettext("Date"), gettext("What was said")), lines),
    )


def timeline_page(timeline: Timeline) -> Page:
    """What happened on a topic, in order of time; or that nothing dated was found."""
    topic = excerpt(timeline.topic, LONGEST_HEADLINE)
    if not timeline.events:
        line = gettext("I found nothing dated on “{topic}”.", topic=isolated(topic))
        near = [(Span(nearest_line(passage)),) for passage in timeline.nearest]
        return _line_page(line, near, gettext("Nearest, and not part of it"))
    first = min(event.first for event in timeline.events)
    last = max(event.last for event in timeline.events)
    with_year = first.year != last.year
    title = _titled(topic, period_of_days(first, last))
    events = ngettext("{count} event", "{count} events", len(timeline.events))
    more = ngettext(
        "{count} event that fewer report not shown.",
        "{count} events that fewer report not shown.",
        timeline.left_out,
    )
    lines = [_happened(event, with_year=with_year) for event in timeline.events]
    return Page(
        title=title,
        subtitle=gettext("timeline"),
        lead=(events,),
        parts=(Part(tuple(lines)),),
        citations=timeline.citations,
        closing=(more,) if timeline.left_out else (),
        notice=f"{title}: {events}",
        offers=_to_follow(timeline.topic),
        table=_table_of(title, (gettext("Date"), gettext("What happened")), lines),
    )


def _table_of(caption: str, head: tuple[str, str], lines: Sequence[Line]) -> Table:
    """Dated lines as rows; a line that begins with no date belongs to the one above it."""
    rows: list[tuple[Line, Line]] = []
    for first, *others in lines:
        if first.style is Style.STRONG:
            after = replace(others[0], text=others[0].text.removeprefix(" · "))
            rows.append(((first,), (after, *others[1:])))
        elif rows:
            when, said = rows[-1]
            rows[-1] = (when, (*said, Span("\n"), *others))
    return Table(caption, head, tuple(rows))


def speakers_page(speakers: Sequence[Speaker]) -> Page:
    """Everybody who is quoted, most quoted first."""
    if not speakers:
        return _line_page(gettext("Nobody is quoted yet."), ())
    heading = ngettext("{count} speaker", "{count} speakers", len(speakers))
    lines = tuple(_offered(speakers))
    return Page(heading, "", (), (Part(lines, bullets=True),), (), (), heading)


def _quotations(count: int) -> str:
    return ngettext("{count} quotation", "{count} quotations", count)


def _titled(topic: str, period: str) -> str:
    """ "Libya, 1 to 7 April 2019"."""
    named = isolated(f"{topic[:1].upper()}{topic[1:]}")
    return gettext("{topic}, {period}", topic=named, period=period)


def speaker_words(speaker: Speaker) -> str:
    """ "António Guterres, UN Secretary-General"."""
    name = excerpt(speaker.name, LONGEST_SPEAKER)
    return f"{name}, {excerpt(speaker.roles[0], LONGEST_SPEAKER)}" if speaker.roles else name


def _said(position: Position, inner: Sequence[int], *, with_year: bool) -> Iterator[Line]:
    quotation, published = position.quotation, position.article.published_at
    day = _day(published.date(), with_year=with_year) if published else gettext("undated")
    said = unquoted(" ".join(quotation.quote.split()))
    quoted = isolated(f"“{said}”" if quotation.direct else said)
    verb = quotation.verb
    if not quotation.direct:
        verb = gettext("{verb}, as reported", verb=verb)
    cited = marks([position.mark, *inner])
    yield (strong(day), Span(f" · {verb}: {quoted}"), *cited, Span(_also(position.also_in)))
    if position.reworded is not None:
        changes = changed_words(position.reworded.changes)
        since = (emphasis(gettext("Changed since")), *marks([position.reworded.mark]))
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
        spans.append(emphasis(f" · {gettext('announced')}"))
    elif event.reported:
        spans.append(emphasis(f" · {gettext('reported that day')}"))
    origins = f" · {origins_counted(event.origins)}" if event.origins > 1 else ""
    return (*spans, Span(f" · {isolated(event.shown)}"), *marks([event.mark]), Span(origins))


def _also(articles: Sequence[Article]) -> str:
    names = list(dict.fromkeys(publisher(article) for article in articles))
    if not names:
        return ""
    told, more = f"{comma()} ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    also = gettext("also {names}", names=told)
    if more > 0:
        also = gettext("also {names} and {count} more", names=told, count=more)
    return f" · {also}"


def _nothing_said(found: Positions) -> tuple[str, list[Line]]:
    asked = excerpt(found.asked, LONGEST_SPEAKER)
    if found.several:
        line = gettext("“{name}” may be one of several speakers:", name=asked)
        return line, _offered(found.several[:MOST_NAMED])
    if found.speaker is not None:
        name = isolated(speaker_words(found.speaker))
        topic = excerpt(found.topic or "", LONGEST_HEADLINE)
        line = gettext("I found no words of {name}", name=name)
        if topic:
            line = gettext("I found no words of {name} on “{topic}”", name=name, topic=topic)
        if any(_narrowing(found)):
            return gettext("{line}, in the time and places asked for.", line=line), []
        return f"{line}.", []
    line = gettext("Nobody called “{name}” is quoted.", name=asked)
    if not found.near:
        return line, []
    return f"{line} {gettext('Near that name:')}", _offered(found.near[:MOST_NAMED])


def _narrowing(found: Positions) -> tuple[object, ...]:
    narrow = found.narrow
    return (narrow.since, narrow.until, narrow.as_of, narrow.places, narrow.sources)


def _offered(speakers: Sequence[Speaker]) -> list[Line]:
    return [(Span(f"{speaker_words(one)} · {_quotations(one.quotations)}"),) for one in speakers]


def _to_follow(topic: str) -> tuple[tuple[str, str], ...]:
    """What follows a topic from now on; nothing for a long one."""
    named = " ".join(topic.split())
    label = gettext("Follow {topic}", topic=isolated(excerpt(named, LONGEST_TOPIC)))
    fits = 0 < len(named) <= LONGEST_TOPIC and is_topic(named)
    return ((label, f"follow {named}"),) if fits else ()


def _line_page(line: str, below: Sequence[Line], heading: str = "") -> Page:
    parts = (Part(tuple(below), heading, bullets=True),) if below else ()
    return Page("", "", (line,), parts, (), (), line)


def summary_page(summary: Summary, zone: tzinfo = UTC) -> Page:
    """A summary, or that nothing was found and what came near."""
    topic = excerpt(summary.topic, LONGEST_HEADLINE) or gettext("Everything")
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
        parts += listed(gettext("Not read"), [(Span(outage),)])
    first = excerpt(summary.briefs[0].headline, LONGEST_HEADLINE)
    return Page(
        title=_titled(topic, period),
        subtitle="",
        lead=(_counts(summary),),
        parts=tuple(parts),
        citations=summary.citations,
        closing=closing_lines(summary),
        notice=f"{gettext('{topic}, {period}').format(topic=topic, period=period)}: {first}",
        offers=_summary_offers(summary.topic),
        withheld=len(summary.withheld),
        answerer=summary.answerer,
    )


def _summary_offers(topic: str) -> tuple[tuple[str, str], ...]:
    named = " ".join(topic.split())
    follow = _to_follow(named)
    daily = gettext("Daily at {time}", time="07:30")
    return ((daily, f"digest daily at 07:30 on {named}"), *follow) if follow else ()


def _counts(summary: Summary) -> str:
    coverage = summary.coverage
    articles = articles_words(coverage.articles, coverage.origins)
    return f"{stories_words(len(summary.briefs))} · {articles}"


def _summary_story(number: int, brief: Brief, summary: Summary, zone: tzinfo) -> Part:
    lines: list[Line] = []
    if brief.happened:
        lines.append(labelled(gettext("What happened"), stated(brief.happened)))
    lines += _under(gettext("Who said what"), [spoken_line(spoken) for spoken in brief.spoken])
    for dispute in brief.disputed:
        lines += dispute_lines(dispute, summary.citations)
    lines += _under(gettext("Next"), [announced_line(one) for one in brief.announced])
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
        return gettext("undated")
    begins, ends = (one.astimezone(zone).date() for one in story.published)
    return span_words(begins, ends)


def _nothing(summary: Summary, topic: str, period: str) -> Page:
    line = gettext("I found nothing on “{topic}”, {period}.")
    passages, headline = summary.nearest, gettext("Nearest, and not part of it")
    if spoken_of := tuple(one for one in passages if _speaks_of(one, summary.topic)):
        line = gettext("No story is about “{topic}”, {period}, but it is spoken of.")
        passages, headline = spoken_of, gettext("Where it is spoken of")
    line = line.format(topic=isolated(topic), period=period)
    near = tuple((Span(nearest_line(passage)),) for passage in passages)
    parts = (Part(near, headline, bullets=True),) if near else ()
    newest = _newest(summary, topic)
    lead = [line]
    if newest:
        lead.append(gettext("{newest}: ask for “{request}”.", newest=newest[0], request=newest[1]))
    if summary.topic and is_topic(summary.topic):
        request = f"follow {topic}"
        lead.append(gettext("“{request}” tells you when something comes.", request=request))
    offers = ((newest,) if newest else ()) + _summary_offers(summary.topic)
    return Page("", "", tuple(lead), parts, (), (), line, offers, len(summary.withheld))


def _newest(summary: Summary, topic: str) -> tuple[str, str] | None:
    """When the newest on a topic is from, and the words that ask for the week up to it."""
    if summary.newest is None:
        return None
    # Words that are read again, which are English whoever reads them.
    with speaking(ENGLISH):
        since = long_date(summary.newest - timedelta(days=LAST_DAYS))
    about = f" of {topic}" if summary.topic else ""
    asked = f"summary{about} since {since}"
    newest = long_date(summary.newest)
    if not summary.topic:
        return gettext("Newest: {date}", date=newest), asked
    said = gettext("Newest on {topic}: {date}")
    return said.format(topic=isolated(topic), date=newest), asked


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
    notice = shown
    if more:
        rest = ngettext("and {count} more story", "and {count} more stories", more)
        notice = f"{isolated(shown)} · {rest}"
    lead = (*heading.notes, counts_line(digest, heading))
    name = excerpt(heading.name, LONGEST_HEADLINE)
    return _page(digest, title_line(heading), name, lead, heading.at, notice)


def span_page(digest: Digest, zone: tzinfo) -> Page:
    """A digest of any span, which nobody was sent: under its dates instead of a reader's day."""
    title = f"{gettext('Digest')} · {span_line(digest.since, digest.until, zone)}"
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
    parts += listed(gettext("Announced"), [announced_line(one) for one in digest.announced])
    parts += listed(gettext("Corrected"), [_corrected(one, now) for one in digest.corrections])
    if outage and digest.briefs:
        parts += listed(gettext("Not read"), [(Span(outage),)])
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
        offers=((gettext("My digests"), "my digests"),) if digest.briefs else (),
        withheld=len(digest.withheld),
        rated=bool(digest.briefs),
        answerer=digest.answerer,
    )


def _digest_story(number: int, brief: Brief, citations: Sequence[Citation]) -> Part:
    lines: list[Line] = [stated(brief.happened)] if brief.happened else []
    if lines and brief.status is Status.DEVELOPING:
        lines = [labelled(gettext("What is new"), lines[0])]
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
    title = isolated(f"“{excerpt(article.title, LONGEST_HEADLINE)}”")
    parts = [publisher(article), title]
    if article.published_at is not None:
        published = article.published_at.astimezone(now.tzinfo).date()
        on_day = day_words(published, now.date())
        parts.append(gettext("published {day}", day=on_day))
    else:
        parts.append(gettext("undated"))
    where = f"{comma()} ".join([*parts, isolated(f"¶{correction.number}")])
    cited = tuple(marks([correction.mark])) if correction.mark is not None else ()
    if correction.after is None:
        gone = gettext("{where} was taken away by its source.")
        return (Span(gone.format(where=where)), *cited)
    reads = gettext("{where} now reads:", where=where)
    return (Span(f"{reads} "), *change_line(correction.before, correction.after), *cited)
