"""Pictures: drawn or not, their words, their size, and no label that is read as markup."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from bot.render.charts import (
    LONGEST_ALT_TEXT,
    SCALE,
    WIDTH,
    coverage_by_day_block,
    coverage_by_day_png,
    coverage_by_place_block,
    coverage_by_place_png,
    positions_png,
    timeline_png,
)
from bot.render.page import Chart
from retrieval.reports.report import Coverage
from tests.bot import made_digests as made
from tests.conftest import examples
from tests.fakes import briefings

few = settings(
    deadline=None,
    max_examples=examples(6),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def days(count: int, articles: int = 3) -> Coverage:
    first = date(2019, 4, 1)
    by_day = ((first + timedelta(days=n)).isoformat() for n in range(count))
    return Coverage(sources=1, by_day=tuple((day, articles) for day in by_day))


def places(*counted: tuple[str, int]) -> Coverage:
    return Coverage(sources=1, articles=sum(count for _, count in counted), by_place=counted)


def picture(chart: Chart | None) -> Image.Image:
    assert chart is not None
    image = Image.open(BytesIO(chart.png))
    assert image.size == (chart.width, chart.height)
    assert chart.width == WIDTH * SCALE
    return image.convert("RGB")


OF_ONE = Coverage(
    sources=1,
    articles=1,
    by_day=tuple((f"2019-04-0{day}", int(day == 4)) for day in range(1, 9)),
    by_place=(("LY", 1), ("DZ", 1)),
)
"""Of one article, which speaks of two countries."""


class TestByDay:
    def test_tells_its_numbers_in_words(self) -> None:
        chart = coverage_by_day_png(briefings.summary().coverage)
        assert chart is not None
        assert chart.alt == (
            "Articles a day, 1 to 7 April 2019, 16 in all: 1 Apr 1, 2 Apr 0, 3 Apr 2, 4 Apr 4, "
            "5 Apr 5, 6 Apr 3, 7 Apr 1."
        )

    @pytest.mark.parametrize("coverage", [days(6), days(9, articles=0), days(0), OF_ONE])
    def test_is_not_drawn_where_it_shows_nothing(self, coverage: Coverage) -> None:
        assert coverage_by_day_png(coverage) is None
        assert coverage_by_day_block(coverage) is None

    def test_a_year_of_days_is_legible_and_its_words_fit(self) -> None:
        chart = coverage_by_day_png(days(365))
        picture(chart)
        assert chart is not None
        assert len(chart.alt) <= LONGEST_ALT_TEXT


class TestByPlace:
    def test_names_countries_and_counts_the_rest(self) -> None:
        many = [("LY", 7), *((f"Town {n}", 1) for n in range(9))]
        chart = coverage_by_place_png(places(*many))
        assert chart is not None
        assert chart.alt.startswith("Articles by place: Libya 7, Town 0 1,")
        assert chart.alt.endswith("and 2 more places.")

    def test_one_place_is_no_picture(self) -> None:
        assert coverage_by_place_png(places(("LY", 7), ("DZ", 0))) is None

    def test_one_article_is_no_picture(self) -> None:
        assert coverage_by_place_png(OF_ONE) is None
        assert coverage_by_place_block(OF_ONE) is None

    def test_the_same_numbers_give_the_same_bytes(self) -> None:
        first, second = (coverage_by_place_png(places(("LY", 7), ("DZ", 2))) for _ in range(2))
        assert first is not None
        assert second is not None
        assert first.png == second.png

    def test_a_label_is_never_a_formula(self) -> None:
        # As a formula, both would read as the same letter; a broken one would raise.
        plain = picture(coverage_by_place_png(places(("LY", 7), ("x", 2))))
        dollars = picture(coverage_by_place_png(places(("LY", 7), ("$x$", 2))))
        assert plain.tobytes() != dollars.tobytes()
        picture(coverage_by_place_png(places(("LY", 7), (r"$\frac{1$ & \textbf", 2))))

    def test_a_long_label_stays_off_the_bars(self) -> None:
        short = picture(coverage_by_place_png(places(("LY", 7), ("", 2))))
        long = picture(coverage_by_place_png(places(("LY", 7), ("W" * 300, 2))))
        bars = (180 * SCALE, 0, WIDTH * SCALE, short.height)
        assert short.crop(bars).tobytes() == long.crop(bars).tobytes()

    @few
    @given(made.coverages)
    def test_any_names_can_be_drawn(self, coverage: Coverage) -> None:
        chart = coverage_by_place_png(coverage)
        if chart is not None:
            picture(chart)


class TestTimeAxis:
    def test_a_timeline_tells_its_events_in_words(self) -> None:
        chart = timeline_png(briefings.timeline())
        picture(chart)
        assert chart.alt.startswith("Timeline: Libya. 1 Apr: Moussa Faki Mahamat")
        assert "14 to 16 Apr (announced): Ghassan Salamé" in chart.alt

    def test_changed_wording_stands_out(self) -> None:
        chart = positions_png(briefings.positions())
        picture(chart)
        assert "7 Apr (wording changed): “Norland expresses its deep concern" in chart.alt

    @few
    @given(made.timelines(), made.position_lists())
    def test_any_events_and_words_can_be_drawn(
        self, timeline: made.Timeline, positions: made.Positions
    ) -> None:
        picture(timeline_png(timeline))
        picture(positions_png(positions))
