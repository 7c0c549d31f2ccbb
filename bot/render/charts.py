"""Pictures of coverage, timelines and positions, with words for who cannot see them.

    Coverage, Timeline, Positions ─▶ Chart (PNG, alt text, size in pixels)
    Coverage ─▶ a block that Slack itself draws, where the workspace has it

A picture is drawn on white, so that it reads the same in Slack's light and dark mode, at twice the
width at which it is shown; text in it is never read as markup. The same input gives the same bytes
on the same machine. Matplotlib is imported when something is drawn, and without pyplot, which keeps
state between pictures.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.render.blocks import Block
from bot.render.catalogues import (
    ENGLISH,
    dated,
    gettext,
    is_right_to_left,
    ngettext,
    place_in_words,
    speaking,
)
from bot.render.page import Chart
from bot.render.report_wording import event_date, period_of_days, unquoted
from bot.render.wording import excerpt, safe
from corpus.text.places import place_name
from retrieval.reports.quotes import Positions
from retrieval.reports.report import Coverage
from retrieval.reports.timeline import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

LONGEST_ALT_TEXT = 2_000
LONGEST_LABEL = 200
LONGEST_TITLE = 50
# Points of 1/100 inch on a screen; the PNG has twice as many pixels in each direction.
WIDTH = 640
SCALE = 2
FONT_SIZE = 9.0
INK, MUTED, RULE, BAR = "#1d1c1d", "#5f6368", "#d9dce0", "#4a6f94"
ACCENT = "#b3541e"
# DejaVu comes with matplotlib; the others are used for scripts that it lacks, where installed.
_FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Naskh Arabic",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "Noto Sans Devanagari",
    "Noto Sans Ethiopic",
    "Noto Sans Thai",
)
_DRAWING = Lock()
"""Matplotlib's caches of fonts are not made for several threads."""


def drawn(height: int, draw: Callable[[Axes], None], alt: str) -> Chart:
    """A chart `WIDTH` by `height`; `draw` is given axes in points from the upper left corner."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    png = io.BytesIO()
    with _DRAWING, warnings.catch_warnings():
        # A character that no installed font has is drawn as a box; that is no one's mistake.
        warnings.filterwarnings("ignore", message="Glyph", category=UserWarning)
        figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=100 * SCALE, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        draw(axes)
        figure.savefig(png, format="png", dpi=100 * SCALE, metadata={"Software": None})
    words = excerpt(safe(alt), LONGEST_ALT_TEXT)
    return Chart(png.getvalue(), words, WIDTH * SCALE, height * SCALE)


def label(axes: Axes, x: float, y: float, text: str, **style: Any) -> Text:
    """Text at a place, none of its characters read as a formula."""
    given = {"fontsize": FONT_SIZE, "color": INK, "va": "center", **style}
    shown = " ".join(safe(text).split())
    return axes.text(x, y, shown, parse_math=False, family=fonts(), **given)


def fitted(axes: Axes, x: float, y: float, text: str, width: float, **style: Any) -> None:
    """Text that is cut, between words where it can be, to at most `width` points."""
    text = excerpt(safe(text), LONGEST_LABEL)
    written = label(axes, x, y, text, **style)
    most = len(text)
    while most > 1 and (wide := written.get_window_extent().width) > width * SCALE:
        most = min(most - 1, int(most * width * SCALE / wide) + 1)
        shorter = excerpt(text, most)
        # A single long word leaves nothing when it is cut between words.
        written.set_text(shorter if len(shorter) > most // 2 else f"{text[: most - 1]}…")


def fonts() -> list[str]:
    """Families to look for a character in, those first that are everywhere."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in _FONTS if name in installed]


FEWEST_DAYS = 7
"""A shorter span is told in words."""
FEWEST_PLACES = 2
FEWEST_ARTICLES = 2
"""A picture of one article shows nothing."""
MOST_PLACES = 8
MOST_LABELLED_BARS = 14
MOST_DOTS = 16
"""More in a timeline would be too small to read; the last ones are drawn."""


def coverage_by_day_png(coverage: Coverage) -> Chart | None:
    """Bars of articles a day; None for less than a week, or for fewer than two articles."""
    days = [(date.fromisoformat(day), count) for day, count in coverage.by_day]
    if len(days) < FEWEST_DAYS or sum(count for _, count in days) < FEWEST_ARTICLES:
        return None
    span = period_of_days(days[0][0], days[-1][0])
    words = _days_in_words(days, span)
    with legible():
        title = _days_title(period_of_days(days[0][0], days[-1][0]))
        return drawn(170, lambda axes: _draw_days(axes, days, title), words)


def legible() -> AbstractContextManager[None]:
    """Words inside a picture in the reader's language; in English where that is written from right
    to left, which matplotlib cannot: its letters would stand apart and backwards."""
    return speaking(ENGLISH) if is_right_to_left() else nullcontext()


def _days_title(span: str) -> str:
    return gettext("Articles a day, {span}", span=span)


MOST_CATEGORIES, LONGEST_CATEGORY = 14, 20


def coverage_by_day_block(coverage: Coverage) -> Block | None:
    """The same bars as Slack draws them; None where it could not show them all."""
    days = [(date.fromisoformat(day), count) for day, count in coverage.by_day]
    articles = sum(count for _, count in days)
    if not FEWEST_DAYS <= len(days) <= MOST_CATEGORIES or articles < FEWEST_ARTICLES:
        return None
    span = period_of_days(days[0][0], days[-1][0])
    bars = [(dated(day, "%a %-d %b"), count) for day, count in days]
    return _bars(_days_title(span), bars)


def coverage_by_place_block(coverage: Coverage) -> Block | None:
    """The same bars as Slack draws them; None for fewer than two places or articles."""
    places = _places_of(coverage)
    if len(places) < FEWEST_PLACES:
        return None
    return _bars(gettext("Articles by place"), places[:MOST_PLACES])


def _places_of(coverage: Coverage) -> list[tuple[str, int]]:
    """Places in words with how many articles speak of them; none of one article only."""
    if coverage.articles < FEWEST_ARTICLES:
        return []
    return [(_place(place), count) for place, count in coverage.by_place if count > 0]


def _bars(title: str, bars: Sequence[tuple[str, int]]) -> Block | None:
    """https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block: a title of 50
    characters, categories of 20, a point for each of them."""
    points = [{"label": excerpt(safe(name), LONGEST_CATEGORY), "value": n} for name, n in bars]
    categories = [str(point["label"]) for point in points]
    if len(title) > LONGEST_TITLE or len(set(categories)) < len(categories):
        return None
    chart = {
        "type": "bar",
        "series": [{"name": gettext("Articles"), "data": points}],
        "axis_config": {"categories": categories},
    }
    return {"type": "data_visualization", "title": title, "chart": chart}


def coverage_by_place_png(coverage: Coverage) -> Chart | None:
    """Horizontal bars of the places that most articles speak of; None for fewer than two of them
    or of articles."""
    places = _places_of(coverage)
    if len(places) < FEWEST_PLACES:
        return None
    shown, more = places[:MOST_PLACES], len(places) - MOST_PLACES
    told = [f"{name} {count}" for name, count in shown]
    if more > 0:
        told.append(_more_places(more))
    words = gettext("Articles by place: {places}.", places=", ".join(told))
    height = 40 + 22 * len(shown) + (16 if more > 0 else 0)
    with legible():
        places = _places_of(coverage)
        return drawn(height, lambda axes: _draw_places(axes, places[:MOST_PLACES], more), words)


def _more_places(count: int) -> str:
    return ngettext("and {count} more place", "and {count} more places", count)


def _draw_days(axes: Axes, days: Sequence[tuple[date, int]], title: str) -> None:
    label(axes, 16, 16, title, color=MUTED)
    left, right, top, bottom = 16, WIDTH - 16, 44, 138
    highest = max(count for _, count in days)
    step = (right - left) / len(days)
    labelled = len(days) <= MOST_LABELLED_BARS
    every = 1 if labelled else 7 if len(days) <= 100 else 28
    for position, (day, count) in enumerate(days):
        x = left + step * position
        height = (bottom - top) * count / highest
        if count:
            axes.bar(x + step / 2, -height, width=step * 0.7, bottom=bottom, color=BAR)
        if count and (labelled or count == highest):
            label(axes, x + step / 2, bottom - height - 8, str(count), ha="center", fontsize=8)
        if position % every == 0:
            named = dated(day, "%a %-d" if labelled else "%-d %b")
            label(axes, x + step / 2, bottom + 14, named, ha="center", fontsize=8, color=MUTED)
    axes.plot([left, right], [bottom, bottom], color=RULE, linewidth=1)


def _days_in_words(days: Sequence[tuple[date, int]], span: str) -> str:
    total = sum(count for _, count in days)
    told = ", ".join(f"{dated(day, '%-d %b')} {count}" for day, count in days)
    words = gettext("{title}, {count} in all: {days}.")
    return words.format(title=_days_title(span), count=total, days=told)


def _draw_places(axes: Axes, places: Sequence[tuple[str, int]], more: int) -> None:
    label(axes, 16, 16, gettext("Articles by place"), color=MUTED)
    left, right = 190, WIDTH - 50
    highest = max(count for _, count in places)
    for row, (name, count) in enumerate(places):
        y = 42 + 22 * row
        fitted(axes, 16, y, name, left - 30)
        length = (right - left) * count / highest
        axes.barh(y, length, height=13, left=left, color=BAR)
        label(axes, left + length + 6, y, str(count), fontsize=8)
    if more > 0:
        y = 42 + 22 * len(places)
        label(axes, left, y, _more_places(more), fontsize=8, color=MUTED)


def _place(place: str) -> str:
    """A name for an ISO 3166 code; a name stays as it is."""
    if len(place) == 2 and place.isalpha() and place.isupper():
        return place_in_words(place, place_name(place))
    return excerpt(place, 60)


@dataclass(frozen=True, slots=True)
class _Dot:
    """Something on a time axis, from `first` to `last`; `marked` ones stand out."""

    first: date
    last: date
    when: str
    text: str
    marked: bool = False


def timeline_png(timeline: Timeline) -> Chart:
    """Events on a time axis, what lies ahead as open dots."""
    years = {day.year for event in timeline.events for day in (event.first, event.last)}
    dots = [
        _Dot(
            event.first,
            event.last,
            event_date(event, with_year=len(years) > 1),
            event.shown,
            event.announced,
        )
        for event in timeline.events
    ]
    title = gettext("Timeline: {topic}", topic=excerpt(timeline.topic, 60))
    with legible():
        return _dots_png(title, dots, gettext("announced"))


def positions_png(found: Positions) -> Chart:
    """Quotations on a time axis; those that change earlier words as open dots."""
    said = [one for one in found.said if one.article.published_at and one.within is None]
    days = [one.article.published_at.date() for one in said if one.article.published_at]
    with_year = len({day.year for day in days}) > 1
    dots = [
        _Dot(
            day,
            day,
            dated(day, "%-d %b %Y" if with_year else "%-d %b"),
            f"“{unquoted(one.quotation.quote)}”" if one.quotation.direct else one.quotation.quote,
            one.reworded is not None,
        )
        for one, day in zip(said, days, strict=True)
    ]
    name = found.speaker.name if found.speaker else found.asked
    title = excerpt(name, 60)
    if found.topic:
        title = gettext("{name} on {topic}", name=title, topic=excerpt(found.topic, 40))
    return _dots_png(title, dots, gettext("wording changed"))


def _dots_png(title: str, dots: Sequence[_Dot], marked: str) -> Chart:
    shown = dots[-MOST_DOTS:]
    if len(dots) > len(shown):
        title = gettext(
            "{title}, the last {shown} of {count}", title=title, shown=len(shown), count=len(dots)
        )
    told = [
        f"{dot.when}{f' ({marked})' if dot.marked else ''}: {excerpt(dot.text, 160)}"
        for dot in shown
    ]
    key = any(dot.marked for dot in shown)
    height = 48 + _ROW * len(shown) + (20 if key else 0)
    legend = marked if key else ""
    return drawn(
        height, lambda axes: _draw_dots(axes, title, shown, legend), f"{title}. {'; '.join(told)}"
    )


_ROW = 24
_AXIS, _WHEN, _WHAT = 26, 70, 158


def _draw_dots(axes: Axes, title: str, dots: Sequence[_Dot], legend: str) -> None:
    """A time axis from top to bottom; labels stand in rows of their own, so that none overlap."""
    fitted(axes, 16, 16, title, WIDTH - 32, color=MUTED)
    top, bottom = 48, 48 + _ROW * (len(dots) - 1)
    begins = min((dot.first for dot in dots), default=date.min)
    days = max((max((dot.last - begins).days for dot in dots), 1)) if dots else 1
    if len(dots) > 1:
        axes.plot([_AXIS, _AXIS], [top, bottom], color=RULE, linewidth=1.5, zorder=1)
    for row, dot in enumerate(dots):
        at, until = (
            top + (bottom - top) * (day - begins).days / days for day in (dot.first, dot.last)
        )
        y = top + _ROW * row
        colour = ACCENT if dot.marked else BAR
        axes.plot([_AXIS, _WHEN - 22, _WHEN - 8], [at, y, y], color=RULE, linewidth=0.8, zorder=1)
        if until > at:
            axes.plot([_AXIS, _AXIS], [at, until], color=colour, linewidth=3, zorder=2)
        _dot(axes, _AXIS, at, colour, filled=not dot.marked)
        fitted(axes, _WHEN, y, dot.when, _WHAT - _WHEN - 8, color=colour, fontsize=8)
        fitted(axes, _WHAT, y, dot.text, WIDTH - _WHAT - 14)
    if legend:
        _dot(axes, _AXIS, bottom + _ROW + 8, ACCENT, filled=False)
        label(axes, _WHEN, bottom + _ROW + 8, legend, color=MUTED, fontsize=8)


def _dot(axes: Axes, x: float, y: float, colour: str, *, filled: bool) -> None:
    axes.plot(
        [x],
        [y],
        marker="o",
        markersize=5,
        markeredgecolor=colour,
        markeredgewidth=1.4,
        markerfacecolor=colour if filled else "white",
        zorder=3,
    )
