"""What a digest or summary was made from: sources, failures, articles by day and by place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from corpus.articles import Article, origins_of
from corpus.feeds.polling import Health, PolledSource
from retrieval.briefs.making import Window
from retrieval.digests.nouns import Coverage, FailedSource
from retrieval.stories.nouns import Story, moment_of
from retrieval.topic_match import TopicMatch

MOST_DAYS = 400
_FAILED = (Health.FAILING, Health.GONE)


def coverage_of(
    stories: Iterable[Story],
    window: Window,
    sources: Sequence[PolledSource],
    match: TopicMatch,
    names: Sequence[str] = (),
) -> Coverage:
    """Coverage of what was told, as far as it lies in the window.

    `names` narrow which sources were to be read; paused ones never were.
    """
    within = [one for story in stories if (one := story.within(window.since, window.until))]
    articles = [article for story in within for article in story.articles]
    wanted = {name.casefold() for name in names}
    due = [
        one for one in sources if not one.paused and (not wanted or one.name.casefold() in wanted)
    ]
    return Coverage(
        sources=len(due),
        failed=tuple(map(_failed, (one for one in due if one.health in _FAILED))),
        articles=len(articles),
        origins=len(origins_of(articles)),
        by_day=_by_day(articles, window),
        by_place=tuple(match.places(articles).items()),
    )


def _failed(source: PolledSource) -> FailedSource:
    return FailedSource(source.name, source.reason or source.health.value, source.last_success_at)


def _by_day(articles: Iterable[Article], window: Window) -> tuple[tuple[str, int], ...]:
    """Articles a local day as ISO dates, oldest first, days without any included."""
    span = window.span
    days = min((span.last - span.first).days + 1, MOST_DAYS)
    counts = {(span.first + timedelta(days=at)).isoformat(): 0 for at in range(days)}
    for article in articles:
        day = _local(moment_of(article), window).isoformat()
        if day in counts:
            counts[day] += 1
    return tuple(counts.items())


def _local(moment: datetime, window: Window) -> date:
    return moment.astimezone(window.zone).date()
