"""Long answers in parts: nothing is cut in two that belongs together, and no source is dropped.

The inputs are generated, so that lengths meet every limit from both sides.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.render.answers import answer_messages
from bot.render.blocks import LARGEST_BLOCK, Run, parts_of, stretches, units_of, words
from retrieval.outcomes import Answer, Statement
from retrieval.questions.understand import understand
from tests.bot import outcomes
from tests.bot.shown import bare, is_mark, source_marks, told_marks, told_text
from tests.conftest import NOW
from tests.fakes import block_kit
from tests.scenarios.people import elements, text_of

TURN = "f" * 32
SCRIPTS = {
    "latin": "Delegates met again in Tripoli and said so. ",
    "quotation": "“There is no military solution,” he said, “and none will come.” ",
    "arabic": "قال الأمين العام أنطونيو غوتيريش إن لا حل عسكريا في ليبيا. ",
    "hebrew with latin": "שר החוץ said in Tripoli ש־UN תחזור, 4 April 2019. ",
    "persian": "می\u200cخواهد و نمی\u200cخواهد. ",
    "devanagari": "क्\u200dषेत्रीय वार्ता फिर शुरू हुई। ",
    "chinese": "联合国秘书长古特雷斯说利比亚没有军事解决办法",
    "emoji": "\U0001f469\u200d\U0001f692\U0001f1f1\U0001f1fe\U0001f44d\U0001f3fd",
    "combining": "Zalgo̵̡̢̨e\u0301\u0323\u0302 ",
    "overrides": "\u202eno\u202c \u2066left\u2069 \u2067right\u2069 \u2068first\u2069\u2069 ",
    "hostile": "<!channel> <@U0DESK> &lt;!here&gt; *bold* <https://evil.example|here> \x1b[31m ",
    "json": '"\\" \\ " \t ',
}


def answer(lengths: list[int], script: str, marks: int, seed: int = 0) -> Answer:
    """Statements of these lengths; every citation is used by one of them at least."""
    chance = random.Random(seed)
    articles = [outcomes.article(f"https://n{n}.example/a", (f"¶ {n}",)) for n in range(marks)]
    citations = tuple(outcomes.citation(n + 1, of, 1) for n, of in enumerate(articles))
    statements = []
    for place, length in enumerate(lengths):
        text = (script * (length // len(script) + 1))[:length] if length > len(script) else script
        used = {place % marks + 1, chance.randint(1, marks)}
        used |= set(range(place + 1, marks + 1, len(lengths)))
        statements.append(Statement(f"s{place} {text}", tuple(sorted(used))))
    return Answer(understand("What?", NOW), tuple(statements), citations, "extractive")


def cases() -> Iterator[Any]:
    for name, script in SCRIPTS.items():
        for lengths, marks in (
            ([80] * 3, 2),
            ([400] * 40, 60),
            ([5_000] * 4, 3),
            ([2_900, 5_900, 6_100, 8_900, 9_100], 5),
            ([13_000], 1),
            ([30_000, 50], 16),
        ):
            label = f"{name} {len(lengths)}x{max(lengths)} {marks}"
            yield pytest.param(answer(lengths, script, marks), id=label)


@pytest.fixture(params=cases())
def given(request: pytest.FixtureRequest) -> Answer:
    found: Answer = request.param
    return found


class TestAnyAnswer:
    def test_is_taken_by_slack_whole_with_every_source(self, given: Answer) -> None:
        messages = answer_messages(given, TURN)
        for message in messages:
            assert block_kit.problems(list(message.blocks), message.text) == []
        told, position = told_text(messages), 0
        for statement in given.statements:
            position = told.find(bare(statement.text), position)
            assert position >= 0
        listed = set().union(*map(source_marks, messages))
        assert listed == {f"[{one.mark}]" for one in given.citations}

    def test_has_the_sources_of_each_part_under_it(self, given: Answer) -> None:
        messages = answer_messages(given, TURN)
        if any(len(statement.text) > 9_000 for statement in given.statements):
            # What alone fills a message can have its sources only in the next.
            return
        for message in messages:
            assert told_marks(message) <= source_marks(message)

    def test_parts_no_mark_from_the_words_before_it(self, given: Answer) -> None:
        for message in answer_messages(given, TURN):
            for section in elements(message.blocks, "rich_text_section"):
                spans = section["elements"]
                source = is_mark(spans[0])
                assert not source or "¶" in text_of(section)
                for span in spans:
                    if "[" in span["text"] and span["type"] == "link":
                        assert re.fullmatch(r"\[\d+\]", span["text"])

    def test_has_its_buttons_once_under_the_last_part(self, given: Answer) -> None:
        messages = answer_messages(given, TURN)
        counts = [len(list(elements(message.blocks, "button"))) for message in messages]
        assert counts == [0] * (len(messages) - 1) + [2]

    def test_says_in_each_notification_which_part_it_is(self, given: Answer) -> None:
        texts = [message.text for message in answer_messages(given, TURN)]
        assert len(set(texts)) == len(texts)
        assert all(f"(part {n} of {len(texts)})" in t for n, t in enumerate(texts[1:], start=2))


@pytest.mark.parametrize("length", [500, 3_000, 5_000, 8_500])
@pytest.mark.parametrize("before", [0, 700, 2_500, 5_500])
def test_a_quotation_that_fits_a_block_is_never_cut(length: int, before: int) -> None:
    quotation = f"“{'We will not go. ' * (length // 16)}”"
    found = outcomes.answer()
    statements = (
        Statement(f"{'Before it. ' * (before // 11)}First.", (1,)),
        Statement(quotation, (1, 2)),
        Statement("After it.", (2,)),
    )
    long = Answer(found.question, statements, found.citations, "extractive")
    sections = [
        bare(text_of(section))
        for message in answer_messages(long, TURN)
        for section in elements(message.blocks, "rich_text_section")
    ]
    assert any(f"{bare(quotation)}[1][2]" in section for section in sections)


def test_a_headline_stays_with_the_first_of_its_lines() -> None:
    headline = [Run(({"type": "text", "text": "Headline"},))]
    line = [Run(({"type": "text", "text": "x" * (LARGEST_BLOCK - 40)},))]
    units = units_of([headline, line, line], headed=True)
    assert [len(unit.block["elements"]) for unit in units] == [2, 1]


def test_a_label_stays_with_the_first_of_what_it_is_the_label_of() -> None:
    line = [Run((words("x" * 3_400),))]
    units = units_of([line, [Run((words("Next", italic=True),))], line])
    assert [len(unit.block["elements"]) for unit in units] == [1, 2]


def test_a_message_ends_between_stories_where_it_can() -> None:
    def story(name: str, lines: int) -> list[Any]:
        text = f"{name} {'x' * 1_700}"
        return units_of(
            [
                [Run(({"type": "text", "text": name},))],
                *[[Run(({"type": "text", "text": text},))]] * lines,
            ],
            headed=True,
        )

    units = [*story("One", 4), *story("Two", 4), *story("Three", 1)]
    parts = parts_of(units, (), lambda marks: [])
    begun = [re.findall(r"One|Two|Three", text_of(part))[0] for part in parts]
    assert begun == ["One", "Two"]
    assert "One" not in text_of(parts[1])


def test_lines_with_bullets_are_a_list() -> None:
    lines = [[Run((words(text),))] for text in ("Near:", "• one", "• two", "after")]
    (unit,) = units_of(lines)
    kinds = [part["type"] for part in unit.block["elements"]]
    assert kinds == ["rich_text_section", "rich_text_list", "rich_text_section"]
    assert [text_of(one) for one in unit.block["elements"][1]["elements"]] == ["one", "two"]


def test_a_source_that_nothing_uses_is_shown_all_the_same() -> None:
    units = units_of([[Run(({"type": "text", "text": "Said."},), frozenset({1}))]])
    shown: list[set[int]] = []

    def sources(marks: Any) -> list[dict[str, Any]]:
        shown.append(set(marks))
        return []

    parts_of(units, (1, 2), sources)
    assert shown[-1] == {1, 2}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_text_is_cut_between_what_a_reader_takes_for_characters(script: str) -> None:
    text = (script.replace(" ", "") * 200)[:2_000]
    for longest in range(57, 97):
        cut = list(stretches(text, longest))
        assert "".join(cut) == text
        assert all(0 < len(one) <= longest for one in cut)
        for one in cut[1:]:
            assert one[0] not in "\u200d\ufe0f\U0001f3fd\u0301\u0302\u0323\u0335\u0321\u0328"
