"""Commands that tell: digest, summary, quotes, timeline; and stories, which are also corrected by
hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.asking import AsCable
from bot.cli.console import (
    DONE,
    ENDS_FIRST,
    IN_PART,
    AsOf,
    InLanguage,
    Json,
    Place,
    Since,
    SourceName,
    Until,
    WrongUse,
    moment_of,
    named,
    narrowed,
    note_unknown_sources,
    opened_library,
    opened_store,
    progress,
    record,
    say,
    show,
    show_json,
    spoken_language,
)
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.library import Library
    from bot.render.page import Chart
    from bot.render.page import Page as RenderedPage
    from corpus.store.articles import ArticleStore
    from retrieval.questions.understand import Narrowing
    from retrieval.reports.quotes import PositionFinder
    from retrieval.reports.report import Coverage
    from retrieval.stories.registry import StoryRegister
    from retrieval.stories.story import Story

SHOWN = 20
"""Stories that are shown as text where -k does not say how many; JSON has all of them."""

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)

MostStories = Annotated[
    int | None, typer.Option("-k", min=1, max=100_000, help="How many stories.")
]
Join = Annotated[
    tuple[str, str] | None,
    typer.Option("--join", metavar="STORY STORY", help="Make two stories one."),
]
Split = Annotated[
    str | None,
    typer.Option("--split", metavar="STORY", help="Part from this story what --article names."),
]
Parted = Annotated[
    list[str] | None,
    typer.Option("--article", metavar="URL|ID", help="With --split; may be repeated."),
]


def stories(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    k: MostStories = None,
    join: Join = None,
    split: Split = None,
    article: Parted = None,
    as_json: Json = False,
    language: InLanguage = None,
) -> None:
    """Show what was read grouped into stories, newest first; or join and split them."""
    from bot.render.catalogues import gettext
    from bot.render.documents import stories_document, stories_text

    context.with_resource(spoken_language(language))
    narrowing = narrowed(since, until, as_of, place, source)
    if join is not None and split is not None:
        raise WrongUse("Give either --join or --split.")
    if (split is None) != (not article):
        raise WrongUse("Parting a story takes both: --split STORY --article URL.")
    with _opened_register() as (corpus, register):
        if join is not None:
            found = [_joined(corpus, register, *join)]
        elif split is not None:
            found = _parted(corpus, register, split, article or [])
        else:
            note_unknown_sources(corpus, narrowing.sources)
            found = _narrowed(corpus, narrowing)
    shown = found[: k or (len(found) if as_json else SHOWN)]
    if as_json:
        show_json(stories_document(shown))
    elif shown:
        show(stories_text(shown, len(found) - len(shown)))
    else:
        timed = since or until or as_of
        say(gettext("No story in that time.") if timed else gettext("No story fits."))
    raise typer.Exit(DONE if found else IN_PART)


@contextmanager
def _opened_register() -> Iterator[tuple[ArticleStore, StoryRegister]]:
    """The stories of the configured store, up to date; neither index is needed, so that this
    works beside a process that serves."""
    from bot.library import make_story_follower
    from bot.settings import load_settings
    from retrieval.stories.registry import StoryRegister

    settings = load_settings()
    with opened_store(settings, filled=True) as corpus:
        register = StoryRegister(corpus)
        pending, _ = corpus.pending(register.stand().position)
        if pending:
            with progress("Grouping articles", pending) as advance:
                make_story_follower(settings, corpus).catch_up(advance)
        yield corpus, register


def _narrowed(corpus: ArticleStore, narrowing: Narrowing) -> list[Story]:
    """Stories with an article that passes; each is shown with all its articles, as of then."""
    from bot.library import make_stories

    ends = [moment for moment in (narrowing.until, narrowing.as_of) if moment is not None]
    # The register leaves the end out, people mean it included.
    until = min(ends) + timedelta(microseconds=1) if ends else LATEST
    found = make_stories(corpus, narrowing.as_of).stories(narrowing.since or EARLIEST, until)
    wanted = {name.casefold() for name in narrowing.sources}
    return [
        story
        for story in found
        if (not wanted or any((one.source or "").casefold() in wanted for one in story.articles))
        and (not narrowing.places or _tells_of(story, narrowing.places))
    ]


def _tells_of(story: Story, places: tuple[str, ...]) -> bool:
    from corpus.text.places import place_code, places_of

    codes = {place_code(name) for name in places} - {None}
    words = [name.casefold() for name in places]
    for article in story.articles:
        text = "\n".join([article.title, *(one.text for one in article.paragraphs)])
        if codes & places_of(text).keys() or any(word in text.casefold() for word in words):
            return True
    return False


def _joined(corpus: ArticleStore, register: StoryRegister, one: str, other: str) -> Story:
    survivor = register.join(one, other)
    record(corpus.engine, "stories joined", survivor, f"{one} and {other}")
    return _story(register, survivor)


def _parted(
    corpus: ArticleStore, register: StoryRegister, story: str, named: list[str]
) -> list[Story]:
    from corpus.articles import article_id

    new = register.split(story, [article_id(one) if "://" in one else one for one in named])
    record(corpus.engine, "story split", story, f"{len(named)} articles to {new}")
    return [_story(register, new), _story(register, story)]


def _story(register: StoryRegister, story_id: str) -> Story:
    found = register.story(story_id)
    if found is None:
        raise WrongUse(f"The articles of the story {story_id} have all been withdrawn.")
    return found


SpeakerName = Annotated[
    str | None, typer.Option("--speaker", help="Who spoke: a name or part of one.")
]
TopicName = Annotated[str | None, typer.Option("--topic", help="Only what was said on this.")]
Picture = Annotated[Path | None, typer.Option("--picture", help="Also draw it, as a PNG file.")]
MostEntries = Annotated[int | None, typer.Option("-k", min=1, max=1000, help="How many at most.")]


def quotes(
    context: typer.Context,
    speaker: SpeakerName = None,
    topic: TopicName = None,
    k: MostEntries = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    picture: Picture = None,
    as_json: Json = False,
    language: InLanguage = None,
) -> None:
    """Show what somebody said, in order of time, with what changed in the wording."""
    from bot.render.briefings import positions_page, speakers_page
    from bot.render.documents import positions_document, speakers_document
    from bot.render.formats import page_text

    context.with_resource(spoken_language(language))
    narrowing = narrowed(since, until, as_of, place, source)
    if speaker is not None and not speaker.strip():
        raise WrongUse("The speaker's name is empty.")
    if topic is not None and not topic.strip():
        raise WrongUse("The topic is empty.")
    if speaker is None and (topic is not None or narrowing != type(narrowing)() or picture):
        raise WrongUse("Name a speaker with --speaker; without one, all speakers are listed.")
    with _opened_finder(topic, narrowing.sources) as finder:
        if speaker is None:
            speakers = finder.speakers()[:k]
            if as_json:
                show_json(speakers_document(speakers))
            else:
                show(page_text(speakers_page(speakers)))
            raise typer.Exit(DONE if speakers else IN_PART)
        started = time.perf_counter()
        found = finder.positions(speaker, topic, narrowing, k)
        seconds = time.perf_counter() - started
    if as_json:
        show_json(positions_document(found, seconds))
    else:
        show(page_text(positions_page(found)))
    if picture is not None and found.said:
        from bot.render.charts import positions_png

        _draw(picture, positions_png(found))
    raise typer.Exit(DONE if found.said else IN_PART)


def timeline(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="TOPIC")],
    k: MostEntries = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    picture: Picture = None,
    as_json: Json = False,
    language: InLanguage = None,
) -> None:
    """Show what happened on a topic, event by event, each with its source."""
    from bot.library import make_timeline_maker
    from bot.render.briefings import timeline_page
    from bot.render.documents import timeline_document
    from bot.render.formats import page_text
    from retrieval.reports.timeline import MOST_EVENTS

    context.with_resource(spoken_language(language))
    narrowing = narrowed(since, until, as_of, place, source)
    if not topic.strip():
        raise WrongUse("The topic is empty.")
    with opened_library("timeline") as library:
        note_unknown_sources(library.corpus, narrowing.sources)
        started = time.perf_counter()
        found = make_timeline_maker(library).timeline(topic, narrowing, k or MOST_EVENTS)
        seconds = time.perf_counter() - started
    if as_json:
        show_json(timeline_document(found, seconds))
    else:
        show(page_text(timeline_page(found)))
    if picture is not None and found.events:
        from bot.render.charts import timeline_png

        _draw(picture, timeline_png(found))
    raise typer.Exit(DONE if found.events else IN_PART)


@contextmanager
def _opened_finder(topic: str | None, sources: tuple[str, ...]) -> Iterator[PositionFinder]:
    """Finds quotations; only a topic needs the index and the model."""
    from bot.library import make_position_finder

    if topic is not None:
        with opened_library("quotes") as library:
            note_unknown_sources(library.corpus, sources)
            yield make_position_finder(library.corpus, library.search)
        return
    from bot.settings import load_settings

    with opened_store(load_settings(), filled=True) as corpus:
        note_unknown_sources(corpus, sources)
        yield make_position_finder(corpus)


def _draw(path: Path, chart: Chart) -> None:
    try:
        path.write_bytes(chart.png)
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}.") from None
    say(f"{path}: {chart.alt}")


Day = Annotated[
    str | None, typer.Option("--for", help="The whole of this day: 2019-04-04, yesterday.")
]
Topic = Annotated[list[str] | None, typer.Option("--topic", help="A topic; may be repeated.")]
Length = Annotated[int, typer.Option("--length", "-k", min=1, max=50, help="Stories told at most.")]
MostStoriesTold = Annotated[
    int | None, typer.Option("-k", min=1, max=50, help="Stories told at most.")
]
Zone = Annotated[str, typer.Option("--zone", help="The zone of its days, such as Europe/Paris.")]
Page = Annotated[Path | None, typer.Option("--html", help="Write the digest as a page, too.")]


def digest(
    context: typer.Context,
    day: Day = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    topic: Topic = None,
    place: Place = None,
    source: SourceName = None,
    length: Length = 5,
    zone: Zone = "UTC",
    html: Page = None,
    as_json: Json = False,
    language: InLanguage = None,
) -> None:
    """Tell what is new of a day, story by story, every sentence with its source."""
    from bot.library import make_digest_maker, make_stories
    from bot.render.briefings import span_page
    from bot.render.documents import current_of, digest_document
    from bot.render.formats import page_text
    from corpus.feeds.registry import SourceRegister
    from retrieval.reports.digest import told_before
    from retrieval.reports.report import Interests

    context.with_resource(spoken_language(language))
    where = _zone(zone)
    begins, ends = _span(day, since, until, where)
    then = moment_of(as_of, utc_now(), where, end=True) if as_of else None
    places, sources = named(place, "place"), named(source, "source")
    interests = Interests(named(topic, "topic"), places, sources, length)
    with opened_library("digest") as library:
        note_unknown_sources(library.corpus, interests.sources)
        follow_stories(library)
        started = time.perf_counter()
        # A reader of the terminal is taken to have read of the days before, so that a story
        # that goes on is told by what is new in it.
        told = told_before(make_stories(library.corpus, then).stories(begins, ends), begins)
        made = make_digest_maker(library, then).digest(
            interests, begins, ends, told, SourceRegister(library.corpus).sources(), zone=where
        )
        seconds = time.perf_counter() - started
        current = current_of(made.citations, library.corpus) if then else None
    page = span_page(made, where)
    if html is not None:
        _write_page(html, page, made.coverage)
    if as_json:
        show_json(digest_document(made, seconds, current))
    else:
        show(page_text(page))
    raise typer.Exit(DONE if made.briefs else IN_PART)


def summary(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="TOPIC")],
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    k: MostStoriesTold = None,
    zone: Zone = "UTC",
    as_cable: AsCable = False,
    as_json: Json = False,
    language: InLanguage = None,
) -> None:
    """Sum up what happened on a topic, story by story, every sentence with its source."""
    from bot.library import make_summary_maker
    from bot.render.briefings import summary_page
    from bot.render.documents import current_of, summary_document
    from bot.render.formats import page_text
    from corpus.feeds.registry import SourceRegister
    from retrieval.passages import Filter
    from retrieval.reports.summary import MOST_STORIES, understand_summary

    context.with_resource(spoken_language(language))
    if not topic.strip():
        raise WrongUse("Name a topic: chancery summary Libya --since 7d.")
    where, now = _zone(zone), utc_now()
    then = moment_of(as_of, now, where, end=True) if as_of else None
    # "This week" is the week of that moment.
    now = then or now
    asked = understand_summary(topic, now, where)
    ends = moment_of(until, now, where, end=True) if until else asked.until
    begins = moment_of(since, ends if until else now, where) if since else asked.since
    if until and not since and asked.since >= ends:
        begins = ends - timedelta(days=7)
    if begins >= ends:
        raise WrongUse(ENDS_FIRST)
    narrow = Filter(sources=named(source, "source"), places=named(place, "place"))
    with opened_library("summary") as library:
        note_unknown_sources(library.corpus, narrow.sources)
        follow_stories(library)
        started = time.perf_counter()
        polled, most = SourceRegister(library.corpus).sources(), k or MOST_STORIES
        maker = make_summary_maker(library, then)
        made = maker.summary(asked.topic, begins, ends, narrow, polled, where, most)
        seconds = time.perf_counter() - started
        current = current_of(made.citations, library.corpus) if then else None
    page = summary_page(made, where)
    if as_json:
        show_json(summary_document(made, seconds, topic, current))
    elif as_cable and made.briefs:
        show(_cable(made.topic, page))
    else:
        show(page_text(page))
    raise typer.Exit(DONE if made.briefs else IN_PART)


def follow_stories(library: Library) -> int:
    """Group what has been read into stories; the number of articles looked at."""
    from bot.library import make_library_follower

    return make_library_follower(library).catch_up()


def _span(
    day: str | None, since: str | None, until: str | None, zone: tzinfo
) -> tuple[datetime, datetime]:
    """[since, until) of a digest: a whole day, or what was given; the last day by default."""
    now = utc_now()
    if day is not None and (since or until):
        raise WrongUse("Give either --for or --since and --until.")
    if day is not None:
        begins = _midnight(moment_of(day, now, zone), zone)
        return begins, _midnight(begins + timedelta(hours=36), zone)
    ends = moment_of(until, now, zone, end=True) if until else now
    begins = moment_of(since, ends, zone) if since else ends - timedelta(days=1)
    if begins >= ends:
        raise WrongUse(ENDS_FIRST)
    return begins, ends


def _midnight(moment: datetime, zone: tzinfo) -> datetime:
    """The beginning of the local day of a moment, in UTC."""
    local = moment.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUse(f"{name!r} is no time zone; write Europe/Paris or UTC.") from None


def _write_page(path: Path, page: RenderedPage, coverage: Coverage) -> None:
    from bot.render.charts import coverage_by_place_png
    from bot.render.formats import page_html

    try:
        path.write_text(page_html(page, coverage_by_place_png(coverage)), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror or 'cannot be written'}.") from None
    say(f"Written: {path}")


def _cable(topic: str, page: RenderedPage) -> str:
    from bot.render.cable import Cabled, cable_text
    from bot.render.page import content_of_page

    cabled = Cabled("summary", topic, utc_now(), content_of_page(page), page.citations)
    return cable_text(cabled).rstrip()
