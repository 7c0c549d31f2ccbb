"""What the pictures show: a question to the sample, and each kind of posting made from it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cli.reading import read_into
from bot.library import (
    Library,
    make_digest_maker,
    make_library_follower,
    make_summary_maker,
    open_corpus,
    open_library,
)
from bot.render.answers import answer_messages
from bot.render.blocks import ImageSlot, Message
from bot.render.cable import cable_view
from bot.render.charts import (
    coverage_by_day_png,
    coverage_by_place_png,
    positions_png,
    timeline_png,
)
from bot.render.notes import alert_messages, correction_messages, further_messages
from bot.render.page import Chart
from bot.render.report_wording import DigestHeading
from bot.settings import Settings
from retrieval.questions.understand import understand
from retrieval.reports.digest import told_before
from retrieval.reports.report import Interests
from retrieval.reports.summary import understand_summary
from retrieval.stories.registry import StoryRegister
from tests.bot.laid_out import (
    digest_html,
    digest_messages,
    positions_messages,
    summary_messages,
    timeline_messages,
)
from tests.fakes import briefings
from tests.preview import home_scenes
from tests.preview.goldens import golden_parts
from tests.preview.modals import cables, paragraph_views
from tests.preview.page import message_html, said_html, view_html

ASKED = (
    ("Amal", "What did Guterres say about a military solution in Libya?"),
    ("Ben", "How many people were killed at Gharyan?"),
)
NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
TRIPOLI = ZoneInfo("Africa/Tripoli")
TURN = "preview"
FILE = "F0CHART"


@dataclass(frozen=True, slots=True)
class Scene:
    """Parts of a page of Slack, or a whole `page`."""

    parts: Sequence[str] = ()
    page: str = ""


@contextmanager
def sample_library() -> Iterator[Library]:
    """The bundled sample, indexed and put into stories."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(chancery_home=Path(home))
        corpus = open_corpus(settings)
        read_into(corpus, settings, [], sample=True)
        with open_library(settings, corpus, "preview") as library:
            library.indexer.catch_up()
            make_library_follower(library).catch_up()
            yield library
        corpus.close()


def answer() -> Scene:
    parts = []
    with sample_library() as library:
        for person, text in ASKED:
            parts.append(said_html(person, "10:00", f"@Chancery {text}"))
            outcome = library.chain.invoke(understand(text, NOW)).outcome
            parts += _posted("10:00", answer_messages(outcome, TURN))
    return Scene(parts)


def morning() -> Scene:
    """The digest that a desk gets of the sample, as the bot makes it."""
    at = datetime(2019, 4, 5, 7, 30, tzinfo=TRIPOLI)
    since = at - timedelta(days=1)
    with sample_library() as library:
        told = told_before(StoryRegister(library.corpus).stories(), since)
        interests = Interests(length=3)
        made = make_digest_maker(library).digest(interests, since, at, told, zone=TRIPOLI)
    following = at + timedelta(days=1)
    heading = DigestHeading("#press", at, "Africa/Tripoli", since, following, shared=True)
    chart = coverage_by_place_png(made.coverage)
    return Scene(_posted("07:30", digest_messages(made, heading, TURN, _slot(chart)), chart))


def week() -> Scene:
    """A summary of the sample asked for in a direct message, as the bot makes it."""
    asked = understand_summary("Libya this week", datetime(2019, 4, 7, 20, 0, tzinfo=UTC))
    with sample_library() as library:
        made = make_summary_maker(library).summary(asked.topic, asked.since, asked.until, most=3)
    chart = coverage_by_day_png(made.coverage)
    parts = [said_html("Ben", "20:00", "Libya this week")]
    return Scene([*parts, *_posted("20:00", summary_messages(made, TURN, _slot(chart)), chart)])


def digest() -> Scene:
    made = briefings.with_outage(briefings.digest())
    chart = coverage_by_place_png(made.coverage)
    messages = digest_messages(made, briefings.heading(), TURN, _slot(chart))
    return Scene(_posted("07:30", messages, chart))


def quiet() -> Scene:
    quiet_day = briefings.quiet_digest()
    parts = _posted("07:30", digest_messages(quiet_day, briefings.heading(), TURN))
    outage = briefings.with_outage(quiet_day)
    parts += _posted("07:30", digest_messages(outage, briefings.heading(), TURN))
    return Scene(parts)


def summary() -> Scene:
    made = briefings.summary()
    chart = coverage_by_day_png(made.coverage)
    parts = [said_html("Ben", "10:00", "Libya this week")]
    parts += _posted("10:00", summary_messages(made, TURN, _slot(chart)), chart)
    return Scene(parts)


def alert() -> Scene:
    parts = _posted("09:12", alert_messages(briefings.alert(), TURN))
    parts += _posted("17:20", further_messages(briefings.further_alert(), TURN))
    return Scene(parts)


def correction() -> Scene:
    return Scene(_posted("08:41", correction_messages([briefings.correction_note()])))


def quotes() -> Scene:
    found = briefings.positions()
    chart = positions_png(found)
    parts = [said_html("Ben", "10:00", "quotes Guterres on Libya")]
    parts += _posted("10:00", positions_messages(found, TURN, _slot(chart)), chart)
    return Scene(parts)


def timeline() -> Scene:
    found = briefings.timeline()
    chart = timeline_png(found)
    parts = [said_html("Ben", "10:00", "timeline Libya")]
    parts += _posted("10:00", timeline_messages(found, TURN, _slot(chart)), chart)
    return Scene(parts)


def page() -> Scene:
    made = briefings.with_outage(briefings.digest())
    chart = coverage_by_place_png(made.coverage)
    return Scene(page=digest_html(made, heading=briefings.heading(), chart=chart))


def paragraphs() -> Scene:
    """The first of three citations of an answer, and one that its source has changed."""
    return Scene([view_html(view) for view in paragraph_views()])


def cable() -> Scene:
    return Scene([view_html(cable_view(cables()["summary"], TURN))])


def home() -> Scene:
    with sample_library() as library:
        return Scene([view_html(home_scenes.home(library))])


def form_of_digest() -> Scene:
    return Scene([view_html(home_scenes.form_of_digest())])


def form_of_watch() -> Scene:
    return Scene([view_html(home_scenes.form_of_watch())])


def golden(*names: str) -> Scene:
    """What the golden files of these names hold, one below the other."""
    return Scene([part for name in names for part in golden_parts(name)])


SCENES: dict[str, Callable[[], Scene]] = {
    "answer": answer,
    "morning": morning,
    "week": week,
    "digest": digest,
    "quiet": quiet,
    "summary": summary,
    "alert": alert,
    "correction": correction,
    "quotes": quotes,
    "timeline": timeline,
    "page": page,
    "paragraphs": paragraphs,
    "cable": cable,
    "home": home,
    "digest-form": form_of_digest,
    "watch-form": form_of_watch,
    "claims": lambda: golden("claims"),
    "added": lambda: golden("added"),
}


def _slot(chart: Chart | None) -> ImageSlot | None:
    return ImageSlot(FILE, chart.alt) if chart is not None else None


def _posted(time: str, messages: Sequence[Message], chart: Chart | None = None) -> list[str]:
    pictures = {FILE: chart.png} if chart is not None else {}
    return [
        message_html("Chancery", time, message.blocks, pictures=pictures) for message in messages
    ]
