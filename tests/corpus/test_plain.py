"""Plain text and Markdown: where the title is, what a paragraph is, what a head may say."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import ReadError
from corpus.readers.markdown import read_plain
from corpus.text.dates import day_comes_first, parse_moment

SEED = Path(__file__).parents[3] / "shared" / "data" / "seed"
URL = "file:///tmp/a.txt"


def read(text: str) -> tuple[str, tuple[str, ...]]:
    article = read_plain(text.encode(), URL)
    return article.title, article.paragraphs


def markdown(text: str) -> tuple[str, tuple[str, ...]]:
    article = read_plain(text.encode(), URL, markdown=True)
    return article.title, article.paragraphs


def test_the_seed_article() -> None:
    if not SEED.exists():
        pytest.skip("shared data are absent")
    expected = json.loads((SEED / "articles.jsonl").read_text(encoding="utf-8"))
    article = read_plain((SEED / "haftar-tripoli.txt").read_bytes(), URL)
    assert article.title == expected["title"]
    assert list(article.paragraphs) == expected["paragraphs"]
    assert len(article.paragraphs) == 14


class TestTitle:
    def test_a_short_first_line_without_a_full_stop(self) -> None:
        assert read("Talks begin\n\nThey met.\n\nThey left.") == (
            "Talks begin",
            ("They met.", "They left."),
        )

    def test_a_question_may_be_a_title(self) -> None:
        assert read("Who holds Gharyan?\n\nNobody knows.")[0] == "Who holds Gharyan?"

    def test_a_sentence_is_a_paragraph_and_its_first_words_the_title(self) -> None:
        assert read("They met.\n\nThey left.") == ("They met.", ("They met.", "They left."))

    def test_a_single_line_is_a_paragraph(self) -> None:
        assert read("Talks begin")[1] == ("Talks begin",)

    def test_a_title_with_its_text_on_the_next_line(self) -> None:
        assert read("Talks begin\nThey met in Ghadamis.") == (
            "Talks begin",
            ("They met in Ghadamis.",),
        )


class TestParagraphs:
    def test_lines_where_there_is_no_blank_line(self) -> None:
        text = "Talks begin\nThey met.\nThey spoke for two hours.\nThey left."
        assert read(text)[1] == ("They met.", "They spoke for two hours.", "They left.")

    def test_lines_wrapped_at_a_column_are_joined(self) -> None:
        text = (
            "Talks begin\n\n"
            "The delegations met in the town of Ghadamis on Thursday and spoke for\n"
            "two hours about the withdrawal of forces from the south of the capital\n"
            "and its airport.\n\nThey left."
        )
        assert read(text)[1][0].endswith(
            "spoke for two hours about the withdrawal of forces "
            "from the south of the capital and its airport."
        )
        assert len(read(text)[1]) == 2

    def test_long_lines_are_paragraphs_although_a_blank_line_follows_the_title(self) -> None:
        first, second = "One word " * 15 + "ends.", "Two words " * 15 + "end."
        assert read(f"Talks begin\n\n{first}\n{second}\n\nThey left.")[1] == (
            first,
            second,
            "They left.",
        )

    def test_windows_line_ends_and_white_space(self) -> None:
        assert read("Talks begin\r\n \t\r\n  They   met.\r\n\r\n\r\nThey left.\r\n")[1] == (
            "They met.",
            "They left.",
        )


class TestHead:
    def test_lines_at_the_top(self) -> None:
        text = (
            "Title: Talks begin\nDate: 4 April 2019\nSource: Example News\nAuthor: A. Writer\n"
            "URL: https://example.org/talks\nLanguage: en\n\nThey met: all of them.\n\nThey left."
        )
        article = read_plain(text.encode(), URL)
        assert (article.title, article.source, article.author) == (
            "Talks begin",
            "Example News",
            "A. Writer",
        )
        assert article.published_at == datetime(2019, 4, 4, tzinfo=UTC)
        assert (article.url, article.language) == ("https://example.org/talks", "en")
        assert article.paragraphs == ("They met: all of them.", "They left.")

    def test_lines_below_the_title(self) -> None:
        article = read_plain(b"Talks begin\n\nDate: 2019-04-04\n\nThey met.", URL)
        assert (article.title, article.paragraphs) == ("Talks begin", ("They met.",))
        assert article.published_at == datetime(2019, 4, 4, tzinfo=UTC)

    @pytest.mark.parametrize("line", ["4 April 2019", "Sarn Bay, 4 April 2019"])
    def test_a_date_below_the_title(self, line: str) -> None:
        article = read_plain(f"Talks begin\n\n{line}\n\nThey met.".encode(), URL)
        assert article.published_at == datetime(2019, 4, 4, tzinfo=UTC)
        assert article.paragraphs == ("They met.",)

    def test_front_matter(self) -> None:
        text = '---\ntitle: "Talks: day one"\ndate: 2019-04-04T14:05:00+02:00\ntags: [a, b]\n---\n'
        article = read_plain(f"{text}\nThey met.\n\nThey left.".encode(), URL, markdown=True)
        assert article.title == "Talks: day one"
        assert article.published_at == datetime(2019, 4, 4, 12, 5, tzinfo=UTC)
        assert article.paragraphs == ("They met.", "They left.")

    @pytest.mark.parametrize("stated", ["26 novembre 2018", "26/11/2018", "12/11/2018"])
    def test_a_date_in_the_language_of_the_text(self, stated: str) -> None:
        text = "Les deux parties sont convenues d'ouvrir l'écluse au mois de mai."
        article = read_plain(f"---\ntitle: Avis\ndate: {stated}\n---\n\n{text}\n".encode(), URL)
        assert article.published_at is not None
        assert article.published_at.month == 11

    def test_an_address_that_is_none_is_refused(self) -> None:
        with pytest.raises(ReadError, match="not a web address"):
            read_plain(b"url: nonsense\n\nThey met.", URL)

    def test_a_sentence_with_a_colon_is_text(self) -> None:
        assert read("Source: nobody knew.\nThey met all the same.\n")[1][0].startswith("Source")


class TestMarkdown:
    def test_headings_lists_and_marks(self) -> None:
        text = (
            '# Talks *begin*\n\nThey **met** in [Ghadamis](https://example.org "x").\n\n'
            "## Results\n- a truce\n- an exchange\n  of prisoners\n\n> “We agreed.”\n\n***\n\nEnd."
        )
        assert markdown(text) == (
            "Talks begin",
            (
                "They met in Ghadamis.",
                "Results",
                "a truce",
                "an exchange of prisoners",
                "“We agreed.”",
                "End.",
            ),
        )

    def test_an_underlined_title(self) -> None:
        assert markdown("Talks begin\n===\nThey met.") == ("Talks begin", ("They met.",))

    def test_names_with_underscores_stay(self) -> None:
        assert markdown("# T\n\nSee the file_name_here and 2 * 3 * 4.")[1] == (
            "See the file_name_here and 2 * 3 * 4.",
        )


class TestEncoding:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "cp1251", "utf-16-le"]
    )
    def test_text_in_any_usual_encoding(self, encoding: str) -> None:
        text = (
            "Le gouvernement libyen a déclaré l’alerte à Tripoli"
            if encoding != "cp1251"
            else "Правительство Ливии объявило военную тревогу в Триполи после наступления"
        )
        body = (b"\xff\xfe" if encoding == "utf-16-le" else b"") + text.encode(encoding)
        assert read_plain(body, URL).paragraphs == (text,)

    @pytest.mark.parametrize(
        "body", [bytes(range(256)) * 4, b"\x00\x01\x02", b"GIF89a\x01\x00\xff"]
    )
    def test_what_is_not_text(self, body: bytes) -> None:
        with pytest.raises(ReadError, match="is not text"):
            read_plain(body, URL)

    def test_stray_null_bytes_are_removed(self) -> None:
        body = b"They met in the town of Ghad\x00amis." + b" They spoke." * 20
        assert read_plain(body, URL).paragraphs[0].startswith("They met in the town of Ghadamis.")

    @given(st.binary(max_size=300), st.booleans())
    def test_any_bytes_are_an_article_or_refused(self, body: bytes, is_markdown: bool) -> None:
        try:
            article = read_plain(body, URL, markdown=is_markdown)
        except ReadError:
            return
        assert article.title
        assert all(one.strip() and "\x00" not in one for one in article.paragraphs)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-04-04", datetime(2019, 4, 4, tzinfo=UTC)),
        ("2019-04-04T12:00:00Z", datetime(2019, 4, 4, 12, tzinfo=UTC)),
        ("2019-04-04 14:00:00 +0200", datetime(2019, 4, 4, 12, tzinfo=UTC)),
        ("Thu, 04 Apr 2019 14:00:00 +0200", datetime(2019, 4, 4, 12, tzinfo=UTC)),
        ("4 April 2019", datetime(2019, 4, 4, tzinfo=UTC)),
        ("Thursday, April 4th, 2019 at 14:05", datetime(2019, 4, 4, 14, 5, tzinfo=UTC)),
        ("2019/04/04", datetime(2019, 4, 4, tzinfo=UTC)),
        ("04/05/2019", None),
        ("Sat, 04/05/2019", datetime(2019, 5, 4, tzinfo=UTC)),
        ("Fri, 04/05/2019", datetime(2019, 4, 5, tzinfo=UTC)),
        ("24-05-2019 19:00 +0400", datetime(2019, 5, 24, 15, tzinfo=UTC)),
        ("2019.05.04 10:00", datetime(2019, 5, 4, 10, tzinfo=UTC)),
        ("2019年5月4日", datetime(2019, 5, 4, tzinfo=UTC)),
        ("May 4, 2019 5:30 PM EST", datetime(2019, 5, 4, 22, 30, tzinfo=UTC)),
        ("4 May 2019, 11.05 p.m. (GMT+3)", datetime(2019, 5, 4, 20, 5, tzinfo=UTC)),
        ("Sat, 04 May 2019 12:05:00 AM +0200", datetime(2019, 5, 3, 22, 5, tzinfo=UTC)),
        ("Sat May 4 08:28:28 PM 2019", datetime(2019, 5, 4, 20, 28, 28, tzinfo=UTC)),
        ("Updated 4 May 2019", None),
        ("2015–2026", None),
        ("© 2019", None),
        ("4 May 2019 and 5 May 2019", None),
        ("signed on 4 May 2019 in Tunis", None),
        ("2562-05-04", None),
        ("1398-02-14", None),
        ("in 2019", None),
        ("2019-13-40", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_moments(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("4 mai 2019", "fr"),
        ("Sam, 04 mai 2019 00:00:00 +0000", "fr-CA"),
        ("4 مايو 2019", "ar"),
        ("4 мая 2019 г.", "ru"),
        ("2019년 5월 4일", "ko"),
        ("4 พฤษภาคม 2562", "th"),
        ("2562-05-04", "th"),
        ("۱۳۹۸/۰۲/۱۴", "fa"),
        ("1398-02-14", "fa"),
    ],
)
def test_moments_in_other_languages_and_calendars(text: str, language: str) -> None:
    assert parse_moment(text, language=language) == datetime(2019, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "day"),
    [
        ("1399-12-30", date(2021, 3, 20)),
        ("1403-12-30", date(2025, 3, 20)),
        ("1404-12-29", date(2026, 3, 20)),
    ],
)
def test_a_persian_year_ends_on_the_eve_of_spring(last: str, day: date) -> None:
    moment = parse_moment(last, language="fa")
    assert moment is not None
    assert moment.date() == day


@pytest.mark.parametrize(
    ("texts", "language", "order"),
    [
        (["04/05/2019", "24/05/2019"], "en-us", True),
        (["04/05/2019", "05/24/2019"], "fr", False),
        (["24/05/2019", "05/24/2019"], "fr", None),
        (["Fri, 04/05/2019"], None, False),
        (["04/05/2019"], "fr", True),
        (["04/05/2019"], "en-GB", True),
        (["04/05/2019"], "en_US", False),
        (["04/05/2019"], "en", None),
        (["04/05/2019"], None, None),
        (["04/05/2019"], "no such language", None),
    ],
)
def test_the_order_of_numeric_dates(
    texts: list[str], language: str | None, order: bool | None
) -> None:
    assert day_comes_first(texts, language) is order
    day = {True: datetime(2019, 5, 4, tzinfo=UTC), False: datetime(2019, 4, 5, tzinfo=UTC)}
    assert parse_moment("04/05/2019", day_first=order) == (None if order is None else day[order])


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    moment = parse_moment(text)
    assert moment is None or moment.utcoffset() is not None


class TestTables:
    def test_a_row_of_a_table_is_told_with_the_heads_of_its_columns(self) -> None:
        text = (
            "# Catch\n\n| Date | 2019 |\n|---|--:|\n| May | **980** |\n| June | 4 \\| 5 |\n\nEnd."
        )
        article = read_plain(text.encode(), URL, markdown=True)
        assert article.paragraphs == ("Date: May; 2019: 980", "Date: June; 2019: 4 | 5", "End.")

    @pytest.mark.parametrize(
        "table",
        [
            "<table>\n<tr><th>Date</th><th>2019</th></tr>\n\n<tr><td>May</td><td>98</td></tr></table>",
            "+------+------+\n| Date | 2019 |\n+======+======+\n| May  | 98   |\n+------+------+",
        ],
    )
    def test_tables_of_html_and_tables_in_grids(self, table: str) -> None:
        article = read_plain(
            f"# Catch\n\nThey <b>met</b>.\n\n{table}\n".encode(), URL, markdown=True
        )
        assert article.paragraphs == ("They met.", "Date: May; 2019: 98")

    def test_lines_with_strokes_are_none(self) -> None:
        text = "# Catch\n\nOne | two of them met in the town and they agreed on a truce.\n\nEnd."
        assert read_plain(text.encode(), URL, markdown=True).paragraphs[0].startswith("One | two")

    def test_columns_that_tabs_part(self) -> None:
        text = "Catch\n\nPort\t2018\t2019\nZawiya\t\t98\nSirte\t7\t9\n\nThe end."
        assert read(text)[1] == (
            "Port: Zawiya; 2019: 98",
            "Port: Sirte; 2018: 7; 2019: 9",
            "The end.",
        )

    @pytest.mark.parametrize(
        ("table", "row"),
        [
            ("Envoy\tPost\tSince\nA. Berg\tOslo\tMay 2021\nB. Roux\tRome\tJune 2022",
             "Envoy: A. Berg; Post: Oslo; Since: May 2021"),
            ("ENVOY\tPOST\tSEAT\nA. Berg\tOslo\tNorth", "ENVOY: A. Berg; POST: Oslo; SEAT: North"),
            ("A. Berg\tOslo\tNorth\nB. Roux\tRome\tSouth", "A. Berg; Oslo; North"),
        ],
    )  # fmt: skip
    def test_heads_are_words_above_dates_or_alone_in_capitals(self, table: str, row: str) -> None:
        assert read(f"Posts\n\n{table}\n\nThe end.")[1][0] == row

    @pytest.mark.parametrize(
        "lines",
        [
            "\tThey met in the town.\n\tThey agreed on a truce.",
            "1.\tThey met in the town.\n2.\tThey agreed on a truce.",
            "Q\tDid they meet in the town?\nMR. BERG:\tThey did, and agreed.",
        ],
    )
    def test_tabs_that_set_off_lines_part_no_cells(self, lines: str) -> None:
        assert ";" not in " ".join(read(f"A talk\n\n{lines}\n\nEnd.")[1])

    def test_labels_before_a_tab_are_none(self) -> None:
        assert "From: the port" in read("Catch\n\nFrom:\tthe port\nTo:\tall posts\n\nEnd.")[1][0]
