"""Digests, summaries, quotations and timelines as plain text and as HTML that stands alone."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render.charts import coverage_by_place_png
from bot.render.formats import WIDTH
from bot.render.wording import safe
from corpus.quotations.speaker_names import Speaker
from retrieval.questions.understand import Narrowing
from retrieval.reports.quotes import Positions
from tests.bot import made_digests as made
from tests.bot.laid_out import (
    digest_html,
    digest_text,
    positions_text,
    speakers_text,
    summary_text,
    timeline_text,
)
from tests.conftest import examples
from tests.fakes import briefings

GOLDEN = Path(__file__).parent / "golden"
TRIPOLI = ZoneInfo("Africa/Tripoli")

thorough = settings(
    deadline=None,
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
VOID = frozenset(("meta", "img", "br"))


class Page(HTMLParser):
    """What a browser would read: tags in order, links, texts; and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.alts: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "a":
            self.links.append(held["href"] or "")
        if "src" in held:
            self.fetched.append(held["src"] or "")
            self.alts.append(held.get("alt") or "")
        assert not any(name.startswith("on") for name in held)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


class TestText:
    @thorough
    @given(
        st.one_of(
            made.digests().map(digest_text),
            made.summaries().map(summary_text),
            made.timelines().map(timeline_text),
            made.position_lists().map(positions_text),
        )
    )
    def test_holds_nothing_that_a_terminal_obeys(self, text: str) -> None:
        assert text == safe(text)
        assert "\x1b" not in text

    @thorough
    @given(made.digests())
    def test_shows_every_citation_with_its_address(self, digest: made.Digest) -> None:
        text = digest_text(digest)
        for citation in digest.citations:
            assert f"[{citation.mark}]" in text
            assert safe(citation.link) in text

    def test_is_folded_but_for_addresses(self) -> None:
        text = digest_text(briefings.with_outage(briefings.digest()), TRIPOLI)
        lines = [line for line in text.splitlines() if not line.startswith("    https://")]
        assert max(map(len, lines)) <= WIDTH

    def test_a_day_without_news_says_so(self) -> None:
        assert digest_text(briefings.quiet_digest()).startswith("Digest · ")
        assert "Nothing new · 12 of 12 sources read" in digest_text(briefings.quiet_digest())

    def test_removed_and_added_words_are_told_apart(self) -> None:
        text = " ".join(digest_text(briefings.digest(), TRIPOLI).split())
        assert "in Tripoli on [-Sunday 31 March-] {+Monday 1 April+} 2019." in text


class TestSpeakers:
    def test_nobody_of_that_name_offers_those_near_it(self) -> None:
        near = Speaker("Marit Solvang", (), (), ("Minister",), 7)
        found = Positions("Solfang", None, Narrowing(), None, near=(near,))
        assert positions_text(found) == (
            "Nobody called “Solfang” is quoted. Near that name:\n\n"
            "• Marit Solvang, Minister · 7 quotations"
        )

    def test_a_name_of_several_is_asked_back(self) -> None:
        several = tuple(Speaker(name, (), (), (), 2) for name in ("Ann Lee", "Bo Lee"))
        found = Positions("Lee", None, Narrowing(), None, several=several)
        assert positions_text(found).startswith("“Lee” may be one of several speakers:")

    def test_a_speaker_without_words_on_a_topic_is_named(self) -> None:
        speaker = Speaker("Marit Solvang", (), (), ("Minister",), 7)
        found = Positions("Solvang", "wheat", Narrowing(), speaker)
        assert positions_text(found) == ("I found no words of Marit Solvang, Minister on “wheat”.")

    def test_all_are_listed_with_how_often_they_are_quoted(self) -> None:
        held = [Speaker("Marit Solvang", (), (), ("Minister",), 1)]
        assert speakers_text(held) == "1 speaker\n\n• Marit Solvang, Minister · 1 quotation"
        assert speakers_text([]) == "Nobody is quoted yet."


class TestHtml:
    @thorough
    @given(made.digests(), st.none() | made.headings())
    def test_stands_alone_and_links_only_to_its_sources(
        self, digest: made.Digest, heading: made.DigestHeading | None
    ) -> None:
        page = Page(digest_html(digest, TRIPOLI, heading))
        assert page.open == []
        assert page.fetched == []
        assert "script" not in page.tags
        links = {safe(citation.link) for citation in digest.citations}
        assert set(page.links) <= {link for link in links if link.startswith("http")}

    @thorough
    @given(made.digests())
    def test_shows_what_it_is_given_as_text(self, digest: made.Digest) -> None:
        shown = "".join("".join(Page(digest_html(digest)).texts).split())
        for brief in digest.briefs:
            for statement in brief.happened:
                assert "".join(safe(statement.text).split()) in shown

    def test_has_headings_in_order_and_a_language(self) -> None:
        page = digest_html(briefings.digest(), heading=briefings.heading())
        tags = [tag for tag in Page(page).tags if tag in ("h1", "h2", "h3")]
        assert tags[0] == "h1"
        assert set(tags[1:]) == {"h2"}
        assert '<html lang="en">' in page

    def test_its_chart_is_inside_and_told_in_words(self) -> None:
        digest = briefings.digest()
        chart = coverage_by_place_png(digest.coverage)
        assert chart is not None
        page = Page(digest_html(digest, chart=chart))
        (source,) = page.fetched
        assert source.startswith("data:image/png;base64,")
        assert page.alts == [chart.alt]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("digest.txt", digest_text(briefings.with_outage(briefings.digest()), TRIPOLI)),
        ("summary.txt", summary_text(briefings.summary())),
        ("quotes.txt", positions_text(briefings.positions())),
        ("timeline.txt", timeline_text(briefings.timeline())),
        ("digest.html", digest_html(briefings.digest(), heading=briefings.heading())),
    ],
)
def test_reads_as_the_golden_file_shows(
    name: str, text: str, request: pytest.FixtureRequest
) -> None:
    path = GOLDEN / name
    if request.config.getoption("--update-golden"):
        path.write_text(text.rstrip("\n") + "\n", "utf-8")
    assert text.rstrip("\n") + "\n" == path.read_text("utf-8")
