"""What a source changed is shown in its words, with a little of what stands around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.render.page import FURTHEST, Line, Style, change_line

BEFORE = (
    "Witnesses in the southern suburbs of the capital said on Wednesday evening that five "
    "armoured vehicles had been seen on the road to the closed international airport."
)


def shown(line: Line) -> str:
    marks = {Style.REMOVED: "[-{}-]", Style.ADDED: "{{+{}+}}"}
    return "".join(marks.get(span.style, "{}").format(span.text) for span in line)


def test_only_what_changed_and_its_neighbours_are_shown() -> None:
    assert shown(change_line(BEFORE, BEFORE.replace("five", "two"))) == (
        "… capital said on Wednesday evening that [-five-] {+two+} armoured vehicles had been "
        "seen on …"
    )


def test_changes_near_each_other_keep_the_words_between_them() -> None:
    after = BEFORE.replace("five", "two").replace("seen on", "left on")
    assert "[-five-] {+two+} armoured vehicles had been [-seen-] {+left+} on" in shown(
        change_line(BEFORE, after)
    )


def test_words_that_were_only_added_replace_nothing() -> None:
    line = change_line("The talks ended.", "The talks in Geneva ended.")
    assert [span.text for span in line if span.style is Style.REMOVED] == []
    assert "".join(span.text for span in line) == "The talks in Geneva ended."


def test_a_script_without_spaces_is_shortened_too() -> None:
    long = "联合国秘书长古特雷斯说" * 200
    line = change_line(f"{long} 5", f"{long} 2")
    assert len("".join(span.text for span in line)) < 3 * FURTHEST


@given(st.text(max_size=200), st.text(max_size=200))
def test_every_changed_word_is_shown(before: str, after: str) -> None:
    line = change_line(before, after)
    folded = "".join(after.split())
    for span in line:
        if span.style is Style.ADDED:
            assert "".join(span.text.split()) in folded
    if before.split() != after.split():
        assert any(span.style is not Style.PLAIN for span in line)
