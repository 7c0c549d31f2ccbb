"""PDF documents: paragraphs told from the layout, titles, dates, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from textwrap import wrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles import ReadArticle
from corpus.errors import Overstepped, ReadError
from corpus.readers.pdf import LARGEST_INFLATED, read_pdf
from tests.conftest import examples
from tests.fakes.pdf import Rule, Text, paragraph, pdf

URL = "file:///tmp/a.pdf"
ONE = [
    "The Secretary-General met the leaders of the country on Thursday and he said that",
    "there was no military solution and that only a dialogue between the parties could",
    "solve the problems of the country.",
]
TWO = [
    "He asked the Security Council to consider how the conference in Ghadamis could be",
    "held as it had been planned.",
]


def read(pages: Sequence[Sequence[Text | Rule]], info: dict[str, str] | None = None) -> ReadArticle:
    return read_pdf(pdf(pages, info), URL)


class TestParagraphs:
    def test_lines_are_joined_and_spacing_parts_paragraphs(self) -> None:
        article = read([paragraph(ONE, 700) + paragraph(TWO, 640)])
        assert article.paragraphs == (" ".join(ONE), " ".join(TWO))

    def test_a_short_last_line_parts_them_without_spacing(self) -> None:
        article = read([paragraph(ONE + TWO, 700)])
        assert article.paragraphs == (" ".join(ONE), " ".join(TWO))

    def test_an_indented_first_line_parts_them(self) -> None:
        full = [
            *ONE[:2],
            "solve them, which nobody had said before in the course of this long year.",
        ]
        lines = [*paragraph(full, 700), Text(TWO[0][:70], 90, 658), Text(TWO[1], 72, 644)]
        assert len(read([lines]).paragraphs) == 2

    def test_divided_words(self) -> None:
        lines = [
            "The Secretary-General condemned the advance of the forces and said that the coun-",
            "try needed a dialogue under the auspices of the United Nations and of its well-",
            "known envoy, who is known as a well-known diplomat, and of the African-",
            "American community.",
        ]
        (text,) = read([paragraph(lines, 700)]).paragraphs
        assert "the country needed" in text
        assert "its well-known envoy" in text
        assert "African-American community" in text

    def test_a_hyphen_that_is_shown_only_at_a_lines_end_is_none(self) -> None:
        lines = [f"{ONE[0]} the diplo\xadmatic coun\xad", "try needed them and a dialogue."]
        (text,) = read([paragraph(lines, 700)]).paragraphs
        assert text == f"{ONE[0]} the diplomatic country needed them and a dialogue."

    def test_a_paragraph_goes_on_across_a_page_break(self) -> None:
        article = read([paragraph(ONE[:2], 100), paragraph(ONE[2:], 700)])
        assert article.paragraphs == (" ".join(ONE),)

    def test_a_sentence_that_ended_does_not(self) -> None:
        assert len(read([paragraph(ONE, 128), paragraph(TWO, 700)]).paragraphs) == 2

    def test_running_heads_and_page_numbers_are_dropped(self) -> None:
        pages = [
            [
                Text("SG/SM/19530 Press release", 72, 770, 9),
                Text(f"Page {number} of 2", 280, 30, 9),
                *paragraph(lines, 700),
            ]
            for number, lines in ((1, ONE), (2, TWO))
        ]
        assert read(pages).paragraphs == (" ".join(ONE), " ".join(TWO))

    def test_list_items_count_each(self) -> None:
        lines = ["The parties agreed on:", "• a truce for thirty days;", "• an exchange."]
        assert read([paragraph(lines, 700)]).paragraphs == tuple(lines)

    def test_columns_are_read_one_after_the_other(self) -> None:
        left = [line[:38] for line in (*ONE[:2], *ONE[:2], *ONE[:2])]
        right = [line[:38].upper() for line in (*ONE[:2], *ONE[:2])]
        article = read([paragraph(left, 700) + paragraph(right, 700, x=330)])
        text = " ".join(article.paragraphs)
        assert text.index(left[-1]) < text.index(right[0])

    def test_columns_under_a_title_and_beside_each_other_at_other_heights(self) -> None:
        short = [line[:36] for line in (*ONE[:2], *TWO, *ONE[:2])]
        other = [line.upper() for line in short]
        columns = [*paragraph(short, 700), *paragraph(other, 705, 300)]
        lines = [Text("Statement on Libya, made in Geneva in the spring", 72, 740, 16), *columns]
        text = " ".join(read([lines]).paragraphs)
        assert text.index(short[-1]) < text.index(other[0])

    def test_a_ligature_is_its_letters(self) -> None:
        (text,) = read([paragraph([ONE[0].replace("met", "met \x01ve of\x01ces")], 700)]).paragraphs
        assert "met five offices" in text

    def test_a_hyphen_that_belongs_to_its_word_stays(self) -> None:
        ends = ["two-", "UN-", "non-", "anti-", "dele-", "NATO-", "24-", "mid-"]
        begins = ["hour talk", "led office", "aligned states", "dumping rules", "gation", "led"]
        begins += ["hour truce", "and long-term plans"]
        words = ["They met for the ", *(f"{a} of the " for a in begins)]
        lines = [f"{start}{end}" for start, end in zip(words, [*ends, "state."], strict=True)]
        (text,) = read([paragraph(lines, 700)]).paragraphs
        for word in ("two-hour", "UN-led", "non-aligned", "anti-dumping", "delegation", "24-hour"):
            assert word in text
        assert "mid- and long-term" in text

    @pytest.mark.parametrize(
        ("line", "following", "joined"),
        [
            ("They agreed on a long-", "term plan for the port.", "long-term plan"),
            ("It was a UN-", "backed truce in the south.", "UN-backed truce"),
            ("They spoke to Ban Ki-", "moon in the afternoon.", "Ban Ki-moon"),
            ("The follow-", "up talks are in May.", "follow-up talks"),
            ("They lost an e-", "mail of the minister.", "e-mail of"),
            ("They want to re-", "engage with the council.", "re-engage"),
            ("It is a BRICS-", "11 meeting of ministers.", "BRICS-11"),
            ("A LONG-", "TERM plan for the port.", "LONG-TERM plan"),
            ("The joint state-", "ment was read out with-", "statement was"),
            ("They went with-", "out the Minister to the talks.", "without the"),
            ("The repatri-", "ation of the families began.", "repatriation of"),
            ("The coun-", "terterrorism office met.", "counterterrorism"),
            ("It was ex-", "tended by the council.", "extended by"),
            ("THE DELE-", "GATION LEFT THE TOWN.", "DELEGATION LEFT"),
        ],
    )
    def test_without_another_sign_words_of_the_language_tell(
        self, line: str, following: str, joined: str
    ) -> None:
        before = "The two sides met on Thursday in the afternoon in the town hall of Ndolo."
        assert joined in " ".join(read([paragraph([before, line, following], 700)]).paragraphs)

    def test_a_large_first_letter_is_that_of_its_word(self) -> None:
        beside = [Text(ONE[0][1:], 98, 700), Text(ONE[1], 98, 686), *paragraph(ONE[2:], 672)]
        for lines in (
            [Text(ONE[0][0], 72, 676, 36), *beside],
            [*beside, Text(ONE[0][0], 72, 676, 36)],
        ):
            assert " ".join(ONE) in " ".join(read([lines]).paragraphs)

    def test_words_of_english_tell_nothing_of_another_language(self) -> None:
        lines = ["Die Vertreter sprachen lange in der Haupt-", "stadt mit dem Minister."]
        assert "Hauptstadt" in read([paragraph(lines, 700)]).paragraphs[0]

    @pytest.mark.parametrize("aside", [0.3, 0.8])
    def test_bold_that_is_drawn_twice_is_read_once(self, aside: float) -> None:
        lines = [*paragraph(ONE, 700), *paragraph(ONE, 700, x=72 + aside)]
        assert read([lines]).paragraphs == (" ".join(ONE),)

    def test_narrow_letters_beside_each_other_are_both_read(self) -> None:
        (text,) = read(
            [paragraph(["All will fill the hall until illness, Illinois said."], 700)]
        ).paragraphs
        assert text == "All will fill the hall until illness, Illinois said."

    @pytest.mark.parametrize("turns", [1, 2, 3])
    def test_a_page_on_its_side(self, turns: int) -> None:
        down = {1: (14, 0), 2: (0, 14), 3: (-14, 0)}[turns]
        lines = [
            Text(words, 300 + number * down[0], 300 + number * down[1], turns=turns)
            for number, words in enumerate(ONE)
        ]
        assert read([lines]).paragraphs == (" ".join(ONE),)

    def test_a_mark_of_a_footnote_is_no_digit_of_a_number(self) -> None:
        lines = [Text("They met in 2019", 72, 700), Text("1", 153, 705, 6), *paragraph(ONE, 680)]
        found = " ".join(read([lines]).paragraphs)
        assert "2019" in found
        assert "20191" not in found

    @pytest.mark.parametrize("size", [8, 11])
    def test_numbers_that_count_lines_are_no_part_of_them(self, size: float) -> None:
        lines = wrap(" ".join(ONE + TWO + ONE), 80)
        numbers = [Text(str(n + 1), 40, 700 - 14 * n, size) for n in range(len(lines))]
        assert read([paragraph(lines, 700) + numbers]).paragraphs == (" ".join(ONE + TWO + ONE),)

    def test_footnotes_stand_after_the_text_that_goes_on(self) -> None:
        first = [*paragraph(ONE[:2], 120), Text("1 Resolution 2259 of 2015.", 72, 60, 8)]
        article = read([first, paragraph(ONE[2:], 700)])
        assert article.paragraphs == (" ".join(ONE), "1 Resolution 2259 of 2015.")


class TestTables:
    ROWS = (("Port", "2018 (tonnes)", "2019 (tonnes)"), ("Misrata", "1,240", "980"))
    ROWS += (("Zawiya", "310", "455"), ("Tripoli", "2,005", "2,100"))

    def table(self, y: float = 700, columns: tuple[float, ...] = (72, 230, 380)) -> list[Text]:
        return [
            Text(cell, x, y - 16 * number)
            for number, row in enumerate(self.ROWS)
            for cell, x in zip(row, columns, strict=True)
        ]

    def test_rows_are_told_with_the_heads_of_their_columns(self) -> None:
        article = read([self.table() + paragraph(ONE, 600)])
        assert article.paragraphs == (
            "Port: Misrata; 2018 (tonnes): 1,240; 2019 (tonnes): 980",
            "Port: Zawiya; 2018 (tonnes): 310; 2019 (tonnes): 455",
            "Port: Tripoli; 2018 (tonnes): 2,005; 2019 (tonnes): 2,100",
            " ".join(ONE),
        )

    def test_columns_near_to_each_other(self) -> None:
        found = read([self.table(columns=(72, 130, 220)) + paragraph(ONE, 600)]).paragraphs
        assert "Port: Zawiya; 2018 (tonnes): 310; 2019 (tonnes): 455" in found

    def test_heads_of_two_lines_beside_one_of_one(self) -> None:
        heads = [Text(one, x, y) for x, y, one in (
            (72, 716, "Port"), (230, 722, "Landed in"), (230, 710, "2018 (t)"),
            (380, 722, "Landed in"), (380, 710, "2019 (t)"),
        )]  # fmt: skip
        found = read([heads + self.table()[3:] + paragraph(ONE, 600)]).paragraphs
        assert "Port: Zawiya; Landed in 2018 (t): 310; Landed in 2019 (t): 455" in found

    def test_words_above_dates_are_heads(self) -> None:
        rows = ["Envoy Post Since", "Berg Oslo May2021", "Roux Rome June2022", "Omar Riga July2023"]
        cells = [
            Text(cell, 72 + 150 * column, 700 - 16 * row)
            for row, told in enumerate(rows)
            for column, cell in enumerate(told.split())
        ]
        assert read([cells]).paragraphs[0] == "Envoy: Berg; Post: Oslo; Since: May2021"

    def test_bold_words_above_words_are_heads(self) -> None:
        rows = [("Port", "Harbour master"), ("Zawiya", "Amal Writer"), ("Misrata", "Nour Porter")]
        lines = [
            Text(cell, x, 700 - 16 * n, bold=not n)
            for n, row in enumerate(rows)
            for cell, x in zip(row, (72, 230), strict=True)
        ]
        found = read([lines + paragraph(ONE, 600)]).paragraphs
        assert found[:2] == (
            "Port: Zawiya; Harbour master: Amal Writer",
            "Port: Misrata; Harbour master: Nour Porter",
        )

    def test_three_columns_of_running_text_are_none(self) -> None:
        texts = [" ".join(lines) for lines in (ONE, TWO + ONE, ONE + TWO)]
        columns = [paragraph(wrap(text, 25), 690, 60 + 175 * n) for n, text in enumerate(texts)]
        lines = [line for column in columns for line in column]
        assert " ".join(read([lines]).paragraphs) == " ".join(texts)

    def test_a_cell_of_two_lines_is_one(self) -> None:
        more = [Text("(port)", 230, 700 - 16 * 4), *paragraph(ONE, 560)]
        assert any("2,005 (port)" in one for one in read([self.table() + more]).paragraphs)

    def test_rules_part_columns_however_near_they_are(self) -> None:
        rows = (
            ("Who", "What", "Until"),
            ("The prefect", "A siren that is heard", "March"),
            ("", "on both banks at night", ""),
            ("The mayors", "A boat for all families", "June"),
            ("", "who live on the east bank", ""),
        )
        lines: list[Text | Rule] = [
            Text(cell, x, 700 - 14 * number)
            for number, row in enumerate(rows)
            for cell, x in zip(row, (72, 136, 266), strict=True)
            if cell
        ]
        lines += [Rule(x, 640, height=74) for x in (70, 134, 264, 320)]
        lines += [Rule(70, y, width=250) for y in (712, 697, 669, 641)]
        found = read([[*lines, *paragraph(ONE, 600)]]).paragraphs
        assert "The prefect; A siren that is heard on both banks at night; March" in found

    def test_rows_at_the_edges_of_pages_are_no_running_heads(self) -> None:
        rows = [(f"Port {number}", str(number + 100)) for number in range(80)]
        pages = [
            [
                Text(cell, x, 740 - 17 * n)
                for n, row in enumerate([("Port", "Tonnes"), *rows[start : start + 40]])
                for cell, x in zip(row, (72, 230), strict=True)
            ]
            for start in (0, 40)
        ]
        found = read(pages).paragraphs
        assert [f"Port: {port}; Tonnes: {tonnes}" for port, tonnes in rows] == list(found)


class TestTitle:
    def test_letters_set_apart_are_words(self) -> None:
        lines = [Text("NOTE VERBALE", 150, 740, 18, spacing=8)]
        assert read([lines + paragraph(ONE, 700)]).title == "NOTE VERBALE"

    def test_the_largest_line_of_the_first_page(self) -> None:
        lines = [Text("Statement on Libya", 72, 740, 20)]
        article = read([lines + paragraph(ONE, 700)])
        assert (article.title, article.paragraphs) == ("Statement on Libya", (" ".join(ONE),))

    def test_a_title_of_two_lines(self) -> None:
        lines = [Text("Statement on Libya", 72, 760, 20), Text("by the envoy", 72, 736, 20)]
        assert read([lines + paragraph(ONE, 700)]).title == "Statement on Libya by the envoy"

    def test_the_metadata_before_it(self) -> None:
        lines = [Text("STATEMENT ON LIBYA", 72, 740, 20)]
        article = read([lines + paragraph(ONE, 700)], {"Title": "Statement on Libya"})
        assert (article.title, article.paragraphs) == ("Statement on Libya", (" ".join(ONE),))

    @pytest.mark.parametrize(
        "name", ["untitled", "Microsoft Word - a.docx", "final_v2.docx", "(anonymous)"]
    )
    def test_unless_they_name_a_file(self, name: str) -> None:
        lines = [Text("Statement on Libya", 72, 740, 20)]
        assert read([lines + paragraph(ONE, 700)], {"Title": name}).title == "Statement on Libya"

    def test_without_either_the_first_words(self) -> None:
        article = read([paragraph(ONE, 700)])
        assert article.title.startswith("The Secretary-General met")
        assert "…" in article.title


class TestDateAndAuthor:
    def test_from_the_metadata(self) -> None:
        article = read(
            [paragraph([*ONE, "They met in Tripoli on 3 April 2019."], 700)],
            {"Author": "A. Writer", "CreationDate": "D:20190404140500+02'00'"},
        )
        assert article.author == "A. Writer"
        assert article.published_at == datetime(2019, 4, 4, 12, 5, tzinfo=UTC)

    @pytest.mark.parametrize("told", ["", "They had met in Geneva on 7 May 1995."])
    def test_when_a_scan_was_made_is_no_date_of_what_was_scanned(self, told: str) -> None:
        pages = [paragraph([*ONE, *([told] if told else [])], 700)]
        assert read(pages, {"CreationDate": "D:20190404140500"}).published_at is None

    def test_a_date_line_comes_before_the_metadata(self) -> None:
        lines = [Text("Statement", 72, 740, 20), Text("4 April 2019", 72, 718)]
        article = read([lines + paragraph(ONE, 690)], {"CreationDate": "D:20240101"})
        assert article.published_at == datetime(2019, 4, 4, tzinfo=UTC)
        assert article.paragraphs == (" ".join(ONE),)

    @pytest.mark.parametrize(
        "line", ["Geneva, 4 April 2019", "Sarn Bay, 4 April 2019", "4 avril 2019"]
    )
    def test_in_the_words_of_letters_and_of_other_languages(self, line: str) -> None:
        words = ["Les deux parties sont convenues de se revoir au mois de juin à Genève."]
        text = words if "avril" in line else ONE
        article = read([[Text(line, 72, 740), *paragraph(text, 700)]])
        assert article.published_at == datetime(2019, 4, 4, tzinfo=UTC)

    def test_a_date_below_running_text_is_told_of_something(self) -> None:
        lines = [*paragraph(ONE, 700), Text("31 March 2027", 72, 640)]
        assert read([lines]).published_at is None

    @pytest.mark.parametrize("date", ["", "yesterday", "D:20191399", "D:2019"])
    def test_a_date_that_is_none(self, date: str) -> None:
        assert read([paragraph(ONE, 700)], {"CreationDate": date}).published_at is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (pdf([paragraph(ONE, 700)], locked=True), "is encrypted"),
            (pdf([[]]), "holds no text; a scan needs text recognition first"),
            (pdf([[Text("1 2 3")]]), "holds no text"),
            (b"%PDF-1.4 and nothing else", "is damaged"),
            (pdf([paragraph(ONE, 700)])[:300], "is damaged|holds no text"),
            (b"<html>", "is not a PDF"),
        ],
    )
    def test_each_with_its_reason(self, body: bytes, reason: str) -> None:
        with pytest.raises(ReadError, match=reason):
            read_pdf(body, URL)

    @pytest.mark.parametrize("times", [1, 2])
    def test_what_unpacks_to_more_than_is_read(self, times: int) -> None:
        body = pdf([paragraph(ONE, 700)], packed=b" " * (LARGEST_INFLATED + 1), times=times)
        with pytest.raises(Overstepped, match="unpacks to more than 100 MB"):
            read_pdf(body, URL)

    @settings(deadline=None, max_examples=examples(80))
    @given(st.binary(min_size=1, max_size=20), st.integers(0, 1500))
    def test_any_damage_gives_an_article_or_a_refusal(self, noise: bytes, place: int) -> None:
        body = pdf([paragraph(ONE, 700)], {"Title": "Statement"})
        try:
            article = read_pdf(body[:place] + noise + body[place + len(noise) :], URL)
        except ReadError:
            return
        assert article.title
        assert all(article.paragraphs)
