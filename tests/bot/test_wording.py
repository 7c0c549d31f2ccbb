"""The words that every front end shares."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.wording import (
    LONGEST_NAME,
    accounts,
    attribution_of,
    citation_line,
    excerpt,
    footing,
    isolated,
    long_date,
    nearest_line,
    publisher,
    refusal,
    safe,
    short_date,
    withheld_line,
)
from corpus.articles import Article, SourceKind
from retrieval.outcomes import Answer, Statement, Withheld
from retrieval.passages import Passage
from retrieval.questions.understand import Narrowing, understand
from tests.bot import outcomes
from tests.conftest import NOW

OTHER = outcomes.article("https://www.other.example/a", source=None, published_at=None)


class TestPublisher:
    @pytest.mark.parametrize(
        ("article", "named"),
        [
            (outcomes.article(), "News Desk"),
            (OTHER, "other.example"),
            (outcomes.article("file:///srv/a.txt", source=None, title="A note"), "“A note”"),
            (outcomes.article("file:///srv/a.txt", source=None, title=""), "a.txt"),
            (outcomes.article(source="  "), "news.example"),
        ],
    )
    def test_is_the_source_else_the_site_else_the_title(self, article: Article, named: str) -> None:
        assert publisher(article) == named

    @given(outcomes.articles())
    def test_is_never_longer_than_a_line_bears(self, article: Article) -> None:
        assert len(publisher(article)) <= LONGEST_NAME + 2


class TestAccounts:
    def test_statements_of_one_article_stand_under_one_attribution(self) -> None:
        (account,) = accounts(outcomes.answer())
        assert account.attribution == "News Desk, 4 April 2019"
        assert len(account.statements) == 2

    def test_a_change_of_article_is_a_change_of_account_and_order_is_kept(self) -> None:
        answer = outcomes.answer()
        statements = tuple(
            Statement(text, marks) for text, marks in (("A.", (1,)), ("B.", (3,)), ("C.", (2,)))
        )
        citations = (*answer.citations, outcomes.citation(3, OTHER))
        told = accounts(Answer(answer.question, statements, citations, "extractive"))
        assert [(account.attribution, account.statements[0].text) for account in told] == [
            ("News Desk, 4 April 2019", "A."),
            ("other.example, undated", "B."),
            ("News Desk, 4 April 2019", "C."),
        ]

    def test_a_statement_of_two_articles_names_both(self) -> None:
        named = attribution_of([outcomes.article(), OTHER, outcomes.article()])
        assert named == "News Desk, 4 April 2019 · other.example, undated"


class TestCitationLine:
    def test_says_source_kind_date_and_paragraph(self) -> None:
        line = citation_line(outcomes.citation())
        assert line == "News Desk · wire · 4 Apr 2019 · ¶2 of 3"

    def test_an_unknown_kind_and_date_stay_unknown(self) -> None:
        of = replace(OTHER, kind=SourceKind.UNKNOWN)
        line = citation_line(outcomes.citation(1, of))
        assert line == "other.example · unknown · undated · ¶2 of 3"

    def test_names_who_else_carried_it_once(self) -> None:
        cited = replace(outcomes.citation(), carried_by=(OTHER, OTHER))
        assert citation_line(cited).endswith(" · also carried by other.example")

    def test_counts_carriers_beyond_ten(self) -> None:
        copies = tuple(outcomes.article(source=f"Desk {number}") for number in range(13))
        line = citation_line(replace(outcomes.citation(), carried_by=copies))
        assert line.endswith("Desk 8, Desk 9 and 3 more")


class TestFooting:
    def test_counts_articles_and_origins(self) -> None:
        assert footing(outcomes.answer()) == "1 article, 1 origin · extractive"

    def test_what_a_model_wrote_could_have_been_withheld(self) -> None:
        written = replace(outcomes.answer(), answerer="openai:gpt")
        assert footing(written) == "1 article, 1 origin · openai:gpt · nothing withheld"

    def test_a_copy_is_no_further_origin(self) -> None:
        copy = replace(OTHER, duplicate_of=outcomes.article().id)
        answer = outcomes.answer()
        citations = (*answer.citations, outcomes.citation(3, copy))
        assert footing(replace(answer, citations=citations)).startswith("2 articles, 1 origin · ")

    def test_a_refusal_counts_neither(self) -> None:
        assert footing(outcomes.no_answer()) == ""
        withheld = replace(outcomes.no_answer(), withheld=(Withheld("It rained.", "x"),))
        assert footing(withheld).startswith("extractive · 1 statement withheld")

    @pytest.mark.parametrize(
        ("count", "begins"),
        [(0, "nothing withheld"), (1, "1 statement withheld: "), (2, "2 statements withheld: ")],
    )
    def test_what_is_withheld_is_counted(self, count: int, begins: str) -> None:
        outcome = outcomes.withholding(outcomes.answer(), *["It rained."] * count)
        assert withheld_line(outcome).startswith(begins)


class TestRefusal:
    def test_says_that_what_is_near_does_not_answer(self) -> None:
        assert refusal(outcomes.no_answer("Who?!")) == "I found nothing that answers “Who”."

    def test_says_that_there_is_nothing(self) -> None:
        assert refusal(outcomes.no_answer("Who?", nearest=False)) == "I found nothing on “Who”."

    def test_says_where_the_search_was_narrowed(self) -> None:
        asked = understand("Who?", NOW, Narrowing(places=("Libya",)))
        outcome = replace(outcomes.no_answer(nearest=False), question=asked)
        assert refusal(outcome) == "I found nothing on “Who” in the time and places asked for."

    def test_says_where_a_draft_was_withheld(self) -> None:
        outcome = replace(outcomes.no_answer("Who?"), withheld=(Withheld("It rained.", "x"),))
        assert refusal(outcome) == "I found no answer to “Who” that the sources carry."

    def test_repeats_no_more_than_the_beginning_of_a_long_question(self) -> None:
        assert len(refusal(outcomes.no_answer("word " * 9_000))) < 400


def test_a_near_passage_is_an_excerpt_with_its_place() -> None:
    found = outcomes.article()
    line = nearest_line(Passage(found, found.paragraphs[0], 0.1), most=30)
    assert line == "“Haftar ordered his forces to…” (News Desk, 4 Apr 2019, ¶1)"


def test_dates_read_as_written_by_hand() -> None:
    assert (long_date(NOW), short_date(NOW)) == ("5 April 2019", "5 Apr 2019")
    assert (long_date(None), short_date(None)) == ("undated", "undated")


class TestExcerpt:
    @given(outcomes.texts, st.integers(2, 400))
    def test_is_a_beginning_no_longer_than_asked(self, text: str, most: int) -> None:
        cut = excerpt(text, most)
        whole = " ".join(text.split())
        assert len(cut) <= most
        assert whole.startswith(cut.removesuffix("…"))
        assert cut == whole or cut.endswith("…")

    def test_is_cut_between_words(self) -> None:
        assert excerpt("deeply concerned, he said", 20) == "deeply concerned…"


@given(st.text())
def test_safe_text_keeps_everything_that_is_printed(text: str) -> None:
    # Isolates stay where they come in pairs.
    text = re.sub("[\u2068\u2069]", "", text)
    assert [c for c in safe(text) if c.isprintable()] == [
        c for c in text if c.isprintable() and c == safe(c)
    ]
    assert not set(safe(text)) & {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\r"}


class TestDirectionOfWriting:
    QUDS, HAARETZ = "القدس العربي", "הארץ"

    def test_of_a_name_is_kept_apart_from_the_line_that_it_stands_in(self) -> None:
        for name in (self.QUDS, self.HAARETZ):
            of = outcomes.article(source=name)
            line = citation_line(outcomes.citation(1, of))
            assert line == f"\u2068{name}\u2069 · wire · 4 Apr 2019 · ¶2 of 3"
            assert safe(line) == line

    def test_of_a_latin_name_needs_no_mark(self) -> None:
        assert isolated("News Desk") == "News Desk"
        assert isolated("") == ""

    def test_leaves_separators_where_they_stand(self) -> None:
        assert isolated(f" · {self.QUDS}, ") == f" · \u2068{self.QUDS}\u2069, "

    def test_is_marked_once(self) -> None:
        once = isolated(self.QUDS)
        assert isolated(once) == once

    @pytest.mark.parametrize(
        "spelled",
        [
            "می\u200cخواهد",
            "क्\u200dष",
            "\U0001f469\u200d\U0001f692",
            "(עברית)\u200f",
            "abc\u200e",
            "e\u0301",
            "مجلة\u061c 24",
        ],
    )
    def test_keeps_what_a_name_is_spelled_with(self, spelled: str) -> None:
        assert safe(spelled) == spelled

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("\u202eabc\u202c", "abc"),
            ("\u202babc\u202c", "abc"),
            ("\u2066abc\u2069", "abc"),
            ("\u2067abc\u2069", "abc"),
            ("\u2068abc", "abc"),
            ("abc\u2069", "abc"),
            ("\u2069abc\u2068", "abc"),
            ("\u2068a\u2068b\u2069", "a\u2068b\u2069"),
            ("\u2068abc\u2069", "\u2068abc\u2069"),
        ],
    )
    def test_cannot_be_turned_round_by_a_text(self, written: str, kept: str) -> None:
        assert safe(written) == kept

    @given(st.text(alphabet="a \u0627\u05d0·\u202e\u2066\u2067\u2068\u2069\u200f", max_size=12))
    def test_ends_in_every_text_that_is_shown(self, text: str) -> None:
        for shown in (safe(text), safe(isolated(text))):
            assert safe(shown) == shown
            assert shown.count("\u2068") == shown.count("\u2069")
            assert not set(shown) & set("\u202e\u2066\u2067")
