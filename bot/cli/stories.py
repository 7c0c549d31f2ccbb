"""The command that shows what was read as stories, and corrects them by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, progress, say, show, show_json
from bot.cli.narrowing import AsOf, Place, Since, SourceName, Until, narrowed, note_unknown_sources
from bot.cli.opening import NOTHING_READ
from bot.cli.reading import Json
from bot.clock import utc_now

if TYPE_CHECKING:
    from corpus.store.article_store import ArticleStore
    from retrieval.questions import Narrowing
    from retrieval.stories.nouns import Story
    from retrieval.stories.register import StoryRegister

SHOWN = 20
"""Stories that are shown as text where -k does not say how many; JSON has all of them."""

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)

Most = Annotated[int | None, typer.Option("-k", min=1, max=100_000, help="How many stories.")]
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
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    k: Most = None,
    join: Join = None,
    split: Split = None,
    article: Parted = None,
    as_json: Json = False,
) -> None:
    """Show what was read grouped into stories, newest first; or join and split them."""
    from bot.documents.stories import stories_document, stories_text

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
        say("No story in that time." if since or until or as_of else "No story fits.")
    raise typer.Exit(DONE if found else IN_PART)


@contextmanager
def _opened_register() -> Iterator[tuple[ArticleStore, StoryRegister]]:
    """The stories of the configured store, up to date; neither index is needed, so that this
    works beside a process that serves."""
    from bot.settings import load_settings
    from bot.wiring import make_story_follower, open_corpus
    from retrieval.stories.register import StoryRegister

    settings = load_settings()
    corpus = open_corpus(settings)
    try:
        if corpus.last_change() == 0:
            say(NOTHING_READ)
            raise typer.Exit(IN_PART)
        register = StoryRegister(corpus)
        pending, _ = corpus.pending(register.stand().position)
        if pending:
            with progress("Grouping articles", pending) as advance:
                make_story_follower(settings, corpus).catch_up(advance)
        yield corpus, register
    finally:
        corpus.close()


def _narrowed(corpus: ArticleStore, narrowing: Narrowing) -> list[Story]:
    """Stories with an article that passes; each is shown with all its articles, as of then."""
    from bot.wiring import make_stories

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
    from corpus.places.finding import place_code, places_of

    codes = {place_code(name) for name in places} - {None}
    words = [name.casefold() for name in places]
    for article in story.articles:
        text = "\n".join([article.title, *(one.text for one in article.paragraphs)])
        if codes & places_of(text).keys() or any(word in text.casefold() for word in words):
            return True
    return False


def _joined(corpus: ArticleStore, register: StoryRegister, one: str, other: str) -> Story:
    survivor = register.join(one, other)
    _record(corpus, "stories joined", survivor, f"{one} and {other}")
    return _story(register, survivor)


def _parted(
    corpus: ArticleStore, register: StoryRegister, story: str, named: list[str]
) -> list[Story]:
    from corpus.articles import article_id

    new = register.split(story, [article_id(one) if "://" in one else one for one in named])
    _record(corpus, "story split", story, f"{len(named)} articles to {new}")
    return [_story(register, new), _story(register, story)]


def _story(register: StoryRegister, story_id: str) -> Story:
    found = register.story(story_id)
    if found is None:
        raise WrongUse(f"The articles of the story {story_id} have all been withdrawn.")
    return found


def _record(corpus: ArticleStore, action: str, subject: str, detail: str) -> None:
    from bot.audit import Audit, terminal_user

    Audit(corpus.engine).record(terminal_user(), action, subject, detail, utc_now())
