"""A summary as a page: per story what happened, who said what, what is disputed, what is next."""

from __future__ import annotations

from datetime import UTC, tzinfo

from bot.rendering.digest_wording import (
    announced_line,
    closing_lines,
    dispute_lines,
    origins_words,
    outage_line,
    period_words,
    span_words,
    spoken_line,
)
from bot.rendering.pages import (
    LONGEST_HEADLINE,
    Line,
    Page,
    Part,
    Span,
    emphasis,
    labelled,
    listed,
    stated,
)
from bot.rendering.wording import counted, excerpt, nearest_line
from retrieval.briefs.nouns import Brief
from retrieval.passages import Passage
from retrieval.stories.nouns import Story
from retrieval.summaries.nouns import Summary


def summary_page(summary: Summary, zone: tzinfo = UTC) -> Page:
    """A summary, or that nothing was found and what came near."""
    topic = excerpt(summary.topic, LONGEST_HEADLINE) or "Everything"
    until = summary.until.astimezone(zone)
    period = period_words(summary.since.astimezone(zone), until)
    if not summary.briefs:
        return _nothing(summary, topic, period)
    parts = [
        _story(number, brief, summary, zone) for number, brief in enumerate(summary.briefs, start=1)
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
    )


def _counts(summary: Summary) -> str:
    coverage = summary.coverage
    return " · ".join(
        [
            counted(len(summary.briefs), "story", "stories"),
            f"{counted(coverage.articles, 'article')}, {counted(coverage.origins, 'origin')}",
        ]
    )


def _story(number: int, brief: Brief, summary: Summary, zone: tzinfo) -> Part:
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
    """ "4 Apr", "3 to 5 Apr"."""
    begins, ends = story.begins.astimezone(zone), story.ends.astimezone(zone)
    return span_words(begins.date(), ends.date())


def _nothing(summary: Summary, topic: str, period: str) -> Page:
    line = f"I found nothing on “{topic}”, {period}."
    passages, headline = summary.nearest, "Nearest, and not part of it"
    if spoken_of := tuple(one for one in passages if _speaks_of(one, summary.topic)):
        line = f"No story is about “{topic}”, {period}, but it is spoken of."
        passages, headline = spoken_of, "Where it is spoken of"
    near = tuple((Span(nearest_line(passage)),) for passage in passages)
    parts = (Part(near, headline, bullets=True),) if near else ()
    lead = (line, f"“follow {topic}” tells you when something comes.") if summary.topic else (line,)
    return Page("", "", lead, parts, (), (), line)


def _speaks_of(passage: Passage, topic: str) -> bool:
    """Whether a topic stands in a paragraph by its name."""
    name = " ".join(topic.casefold().split())
    return bool(name) and name in " ".join(passage.text.casefold().split())
