"""A cable: subject, summary, sources, a comment left empty, in text that survives being pasted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.render.briefings import summary_page
from bot.render.cable import (
    LONGEST_BLOCK,
    Cabled,
    cable_blocks,
    cable_text,
    cable_view,
    fits,
    letter,
)
from bot.render.notes import Standing
from bot.render.page import (
    Content,
    Section,
    Span,
    Style,
    content_as_json,
    content_from_json,
    content_of_page,
    content_of_statements,
)
from bot.render.wording import plain
from retrieval.outcomes import Citation, Statement
from tests.bot import outcomes
from tests.fakes import block_kit, briefings
from tests.preview.modals import cables
from tests.scenarios.people import text_of

NOW = datetime(2019, 4, 5, 10, 0, tzinfo=UTC)
TWEETED = outcomes.article()
ALERT = outcomes.article(
    "https://wire.example/alert",
    ("The Tripoli government declared a military alert after eastern forces moved west.",),
    source="Wire Desk",
)
QUOTED = Statement("The UN Secretary-General said: “There is no military solution.”", (2,))
STATED = Statement("The Tripoli government declared a military alert.", (1,))
CITED = (outcomes.citation(1, ALERT, 1), outcomes.citation(2, TWEETED, 2))


def cabled(
    *statements: Statement, citations: tuple[Citation, ...] = CITED, question: str = "What is new?"
) -> Cabled:
    content = content_of_statements(statements or (STATED, QUOTED))
    return Cabled("answer", question, NOW, content, citations)


def paragraphs(text: str) -> list[str]:
    return text.rstrip("\n").split("\n\n")


class TestAnAnswer:
    def test_is_a_subject_a_summary_its_sources_and_an_empty_comment(self) -> None:
        assert cable_text(cabled()) == (
            "SUBJECT: LIBYA: THE TRIPOLI GOVERNMENT DECLARED A MILITARY ALERT (4 APRIL 2019)\n"
            "\n"
            "1. SUMMARY. The Tripoli government declared a military alert (a). "
            "The UN Secretary-General said: “There is no military solution.” (b)\n"
            "\n"
            "2. SOURCES, as read by 5 April 2019.\n"
            "(a) Wire Desk (wire), 4 April 2019, paragraph 1 of 1: https://wire.example/alert\n"
            "(b) News Desk (wire), 4 April 2019, paragraph 2 of 3: "
            "https://news.example/2019/04/04/tripoli\n"
            "\n"
            "3. COMMENT.\n"
        )

    def test_names_a_source_once_and_then_its_paragraphs(self) -> None:
        citations = (
            outcomes.citation(1, TWEETED, 1),
            outcomes.citation(2, TWEETED, 2),
            outcomes.citation(3, ALERT, 1),
            outcomes.citation(4, TWEETED, 3),
        )
        said = [Statement(f"Sentence {mark}.", (mark,)) for mark in range(1, 5)]
        sources = paragraphs(cable_text(cabled(*said, citations=citations)))[2].split("\n")
        assert sources[2] == "(b) Same, paragraph 2"
        assert sources[4] == "(d) As (a), paragraph 3"

    def test_gives_two_quotes_of_one_paragraph_one_letter(self) -> None:
        citations = (outcomes.citation(1, number=2, quote="said"), outcomes.citation(2, number=2))
        text = cable_text(cabled(Statement("He said so.", (1, 2)), citations=citations))
        assert "He said so (a)." in text
        assert "(b)" not in text

    def test_goes_on_after_twenty_six_sources(self) -> None:
        citations = tuple(
            outcomes.citation(mark, outcomes.article(f"https://n.example/{mark}"), 1)
            for mark in range(1, 61)
        )
        said = [Statement(f"Sentence {mark}.", (mark,)) for mark in range(1, 61)]
        text = cable_text(cabled(*said, citations=citations))
        assert "Sentence 26 (z). Sentence 27 (aa)." in text
        assert "(bh) News Desk" in text
        assert [letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == (
            ["a", "z", "aa", "az", "ba", "zz", "aaa"]
        )

    def test_says_what_became_of_a_source(self) -> None:
        change = (Span("five", Style.REMOVED), Span(" "), Span("two", Style.ADDED), Span(" cars"))
        standing = {1: Standing("Changed since: version 2 has this paragraph:", change)}
        text = cable_text(replace(cabled(), standing=standing))
        assert (
            "    Note: Changed since: version 2 has this paragraph: [formerly: five] two cars"
        ) in text

    def test_says_how_much_was_withheld(self) -> None:
        content = content_of_statements((STATED,), withheld=2)
        text = cable_text(replace(cabled(), content=content))
        assert "Withheld: 2 statements, not supported by the cited paragraphs." in text

    def test_counts_copies_elsewhere_with_their_source(self) -> None:
        copied = replace(CITED[0], carried_by=(TWEETED,))
        text = cable_text(cabled(STATED, citations=(copied,)))
        assert "paragraph 1 of 1, also carried by News Desk: https://" in text

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ("They met in the U.S.", "They met in the U.S. (a)"),
            ("They met…", "They met… (a)"),
            ("“No.”", "“No.” (a)"),
            ("Did they meet?", "Did they meet? (a)"),
            ("They met.", "They met (a)."),
        ],
    )
    def test_sets_letters_before_a_full_stop_that_ends_a_sentence(
        self, said: str, expected: str
    ) -> None:
        assert f"SUMMARY. {expected}\n" in cable_text(cabled(Statement(said, (1,))))


class TestSubject:
    @pytest.mark.parametrize(
        ("question", "first", "subject"),
        [
            ("What did Guterres say about Libya?", "He spoke.", "GUTERRES ON LIBYA"),
            ("What has Guterres said?", "“No,” he said.", "STATEMENTS OF GUTERRES"),
            ("Who opened it?", "Sigrun Aas opened it.", "SIGRUN AAS OPENED IT"),
            # A sentence that is cut, quotes, or points to another one claims what no source says.
            ("Who came?", f"Aas denied that {'she came and ' * 9}left.", "WHO CAME?"),
            ("Who came?", "“I came,” said Aas.", "WHO CAME?"),
            ("Who came?", "She came on Friday.", "WHO CAME?"),
        ],
    )
    def test_is_asked_or_said_whole(self, question: str, first: str, subject: str) -> None:
        text = cable_text(cabled(Statement(first, (1,)), question=question))
        assert text.partition("\n")[0] == f"SUBJECT: {subject} (4 APRIL 2019)"

    def test_has_no_date_where_no_source_has_one(self) -> None:
        undated = outcomes.citation(1, outcomes.article(published_at=None), 1)
        text = cable_text(cabled(STATED, citations=(undated,)))
        assert text.startswith("SUBJECT: LIBYA: THE TRIPOLI GOVERNMENT DECLARED A MILITARY ALERT\n")


class TestAReport:
    @pytest.mark.parametrize("kind", ["digest", "summary", "quotes", "timeline"])
    def test_has_numbered_paragraphs_and_ends_with_an_empty_comment(self, kind: str) -> None:
        found = paragraphs(cables()[kind])
        numbers = [int(text.partition(".")[0]) for text in found[1:]]
        assert numbers == list(range(1, len(found)))
        assert found[1].startswith("1. SUMMARY. ")
        assert "SOURCES, as read by" in found[-2]
        assert found[-1] == f"{numbers[-1]}. COMMENT."

    @pytest.mark.parametrize("kind", ["digest", "summary", "quotes", "timeline"])
    def test_lists_every_letter_that_it_uses_and_no_other(self, kind: str) -> None:
        told, _, sources = cables()[kind].partition("SOURCES, as read by")
        used = set(re.findall(r"\(([a-z]{1,2})\)", told))
        listed = re.findall(r"^\(([a-z]{1,2})\)", sources, re.M)
        assert used == set(listed)
        assert listed == [letter(place) for place in range(len(listed))]

    def test_tells_each_story_under_its_headline_and_first_of_all_in_short(self) -> None:
        made = briefings.summary()
        found = paragraphs(cables()["summary"])
        for number, brief in enumerate(made.briefs, start=2):
            assert found[number].startswith(f"{number}. {brief.headline.upper()}. ")
            assert brief.happened[0].text.rstrip(".") in found[1]
            assert brief.happened[0].text.rstrip(".") in found[number]

    def test_gives_a_quotation_a_paragraph_and_keeps_its_change_with_it(self) -> None:
        found = paragraphs(cables()["quotes"])
        assert found[4].split("\n")[1].startswith("Changed since (a): Norland expresses its ")

    def test_keeps_what_a_page_says_through_the_store(self) -> None:
        content = content_of_page(replace(summary_page(briefings.summary()), withheld=3))
        assert content_from_json(content_as_json(content)) == content


class TestPlainText:
    HIDDEN = "\u200b\u200e\u200f\u202a\u202e\u2066\u2068\u2069\u2060\ufeff\u00ad\u061c\x00\x1b\x9b"

    def test_holds_no_character_that_is_not_seen(self) -> None:
        nasty = f"T{self.HIDDEN}he\u2028 talks\u00a0 <!channel> *began*.\u202c"
        source = outcomes.article(source=f"News{self.HIDDEN}", title="x", paragraphs=(nasty,))
        text = cable_text(
            cabled(Statement(nasty, (1,)), citations=(outcomes.citation(1, source, 1),))
        )
        assert not set(self.HIDDEN) & set(text)
        assert "1. SUMMARY. The talks <!channel> *began* (a).\n" in text

    @pytest.mark.parametrize(
        ("written", "kept"),
        [
            ("می\u200cخواهد", "می\u200cخواهد"),
            ("क्\u200dष", "क्\u200dष"),
            ("\U0001f469\u200d\U0001f692", "\U0001f469\u200d\U0001f692"),
            ("pass\u200dword", "password"),
            ("a\u200c\u200d b", "a b"),
            ("e\u0301", "e\u0301"),
            ("القدس\u200f (عربي)", "القدس (عربي)"),
        ],
    )
    def test_keeps_joiners_only_where_a_name_needs_them(self, written: str, kept: str) -> None:
        assert plain(written) == kept

    def test_keeps_quotation_marks_as_the_source_has_them(self) -> None:
        said = 'Er sagte: „Nein“, dann «non» und "no" — ‘never’.'
        assert said[:-1] in cable_text(cabled(Statement(said, (1,))))


class TestModal:
    def test_shows_a_cable_whole_in_stretches_that_slack_takes(self) -> None:
        for text in (cable_text(cabled()), *cables().values()):
            assert "\n".join(cable_blocks(text)) == text.rstrip("\n")
            view = cable_view(text, "f" * 32)
            assert block_kit.view_problems(view) == []
            assert "COMMENT." in text_of(view["blocks"])

    def test_of_a_long_one_shows_the_beginning_and_says_where_all_of_it_is(self) -> None:
        lines = tuple((Statement(f"Sentence {n} is long. " * 40, (1,)),) for n in range(60))
        content = Content((Section("", lines),), "Long", "60 sentences")
        text = cable_text(replace(cabled(), kind="timeline", content=content))
        assert not fits(text)
        view = cable_view(text, "f" * 32)
        assert block_kit.view_problems(view) == []
        assert "in your direct messages" in text_of(view["blocks"])

    def test_cuts_a_paragraph_that_no_block_takes(self) -> None:
        blocks = cable_blocks("word " * 5_000)
        assert all(len(block) <= LONGEST_BLOCK for block in blocks)
        assert "".join(blocks).split() == ["word"] * 5_000
