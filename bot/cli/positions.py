"""Commands on who said what and what happened when: quotes, timeline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, say, show, show_json
from bot.cli.narrowing import AsOf, Place, Since, SourceName, Until, narrowed, note_unknown_sources
from bot.cli.opening import NOTHING_READ, opened_library
from bot.cli.reading import Json

if TYPE_CHECKING:
    from bot.rendering.charts import Chart
    from retrieval.positions.finding import PositionFinder

SpeakerName = Annotated[
    str | None, typer.Option("--speaker", help="Who spoke: a name or part of one.")
]
TopicName = Annotated[str | None, typer.Option("--topic", help="Only what was said on this.")]
Picture = Annotated[Path | None, typer.Option("--picture", help="Also draw it, as a PNG file.")]
Most = Annotated[int | None, typer.Option("-k", min=1, max=1000, help="How many at most.")]


def quotes(
    speaker: SpeakerName = None,
    topic: TopicName = None,
    k: Most = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    picture: Picture = None,
    as_json: Json = False,
) -> None:
    """Show what somebody said, in order of time, with what changed in the wording."""
    from bot.documents.positions import positions_document, speakers_document
    from bot.rendering.position_text import positions_text, speakers_text

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
            show_json(speakers_document(speakers)) if as_json else show(speakers_text(speakers))
            raise typer.Exit(DONE if speakers else IN_PART)
        started = time.perf_counter()
        found = finder.positions(speaker, topic, narrowing, k)
        seconds = time.perf_counter() - started
    if as_json:
        show_json(positions_document(found, seconds))
    else:
        show(positions_text(found))
    if picture is not None and found.said:
        from bot.rendering.charts import positions_png

        _draw(picture, positions_png(found))
    raise typer.Exit(DONE if found.said else IN_PART)


def timeline(
    topic: Annotated[str, typer.Argument(metavar="TOPIC")],
    k: Most = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    picture: Picture = None,
    as_json: Json = False,
) -> None:
    """Show what happened on a topic, event by event, each with its source."""
    from bot.documents.positions import timeline_document
    from bot.rendering.position_text import timeline_text
    from bot.wiring import make_timeline_maker
    from retrieval.timelines.making import MOST_EVENTS

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
        show(timeline_text(found))
    if picture is not None and found.events:
        from bot.rendering.charts import timeline_png

        _draw(picture, timeline_png(found))
    raise typer.Exit(DONE if found.events else IN_PART)


@contextmanager
def _opened_finder(topic: str | None, sources: tuple[str, ...]) -> Iterator[PositionFinder]:
    """Finds quotations; only a topic needs the index and the model."""
    from bot.wiring import make_position_finder

    if topic is not None:
        with opened_library("quotes") as library:
            note_unknown_sources(library.corpus, sources)
            yield make_position_finder(library.corpus, library.search)
        return
    from bot.settings import load_settings
    from bot.wiring import open_corpus

    corpus = open_corpus(load_settings())
    try:
        if corpus.last_change() == 0:
            say(NOTHING_READ)
            raise typer.Exit(IN_PART)
        note_unknown_sources(corpus, sources)
        yield make_position_finder(corpus)
    finally:
        corpus.close()


def _draw(path: Path, chart: Chart) -> None:
    try:
        path.write_bytes(chart.png)
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}.") from None
    say(f"{path}: {chart.alt}")
