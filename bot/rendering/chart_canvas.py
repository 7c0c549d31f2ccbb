"""What pictures are drawn on: a figure, text that is never read as markup, fonts, PNG.

A picture is drawn on white, so that it reads the same in Slack's light and dark mode, at twice the
width at which it is shown. The same input gives the same bytes on the same machine. Matplotlib
is imported when something is drawn, and without pyplot, which keeps state between pictures.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from bot.rendering.wording import excerpt, safe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

LONGEST_ALT_TEXT = 2_000
LONGEST_LABEL = 200
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


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as PNG, what it shows in words, and its size in pixels."""

    png: bytes = field(repr=False)
    alt: str
    width: int
    height: int


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
