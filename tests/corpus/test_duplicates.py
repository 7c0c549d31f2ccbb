"""Wire copies are found; texts that only share a template are told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.differences import (
    LONGEST_GAP,
    SKETCH_SIZE,
    are_copies,
    near_enough_in_time,
    sketch,
)
from tests.fakes.articles import NOON

WIRE = (
    "TRIPOLI (Example Wire) — Forces loyal to Khalifa Haftar advanced on the Libyan capital on "
    "Thursday, hours after he ordered his troops to move west.",
    "The United Nations Secretary-General, who was in Tripoli to prepare a national conference, "
    "said that there was no military solution to the conflict.",
    "“I am leaving Libya with a heavy heart and deeply concerned,” António Guterres wrote before "
    "his departure from Benghazi on Friday.",
    "The conference was planned for the middle of April in the town of Ghadames.",
)

DECLARATION = (
    "The President today declared that a major disaster exists in the State of {state} and "
    "ordered federal aid to supplement state, tribal and local recovery efforts in the areas "
    "affected by {event}.",
    "Federal funding is available to affected individuals in the counties of {counties}.",
    "Assistance can include grants for temporary housing and home repairs, low-cost loans to "
    "cover uninsured property losses, and other programs to help individuals and business owners "
    "recover from the effects of the disaster.",
    "{officer} has been named Federal Coordinating Officer for federal recovery operations in the "
    "affected area. Additional designations may be made at a later date if requested by the state "
    "and warranted by the results of further damage assessments.",
)

GREETING = (
    "On behalf of the Government of the United States of America, I send best wishes to the "
    "people of {people} as you celebrate your independence on {day}.",
    "Our two nations share a long history of friendship, built on common values and on the ties "
    "between our peoples. We look forward to deepening our cooperation in trade, security and "
    "education in the years ahead.",
    "{years} years after {event}, the United States remains your steadfast partner.",
    "We wish all {citizens} a joyous national day.",
)


def filled(template: tuple[str, ...], **particulars: str) -> tuple[str, ...]:
    return tuple(paragraph.format(**particulars) for paragraph in template)


IOWA = filled(
    DECLARATION,
    state="Iowa",
    event="severe storms and flooding beginning on 12 March 2019",
    counties="Fremont, Harrison and Mills",
    officer="DuWayne Tewes",
)
NEBRASKA = filled(
    DECLARATION,
    state="Nebraska",
    event="a severe winter storm, straight-line winds and flooding beginning on 9 March 2019",
    counties="Butler, Cass and Colfax",
    officer="Constance Johnson-Cage",
)
TUNISIA = filled(
    GREETING,
    people="Tunisia",
    day="20 March",
    years="Sixty-three",
    event="the end of the protectorate",
    citizens="Tunisians",
)
NAMIBIA = filled(
    GREETING,
    people="Namibia",
    day="21 March",
    years="Twenty-nine",
    event="the first free elections",
    citizens="Namibians",
)


def both_ways(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    assert are_copies(first, second) == are_copies(second, first)
    return are_copies(first, second)


@pytest.mark.parametrize(
    "copy",
    [
        WIRE,
        WIRE[:3],
        (WIRE[0].split(" — ")[1], *WIRE[1:]),
        ("BENGHAZI, Libya — " + WIRE[0].split(" — ")[1], *WIRE[1:]),
        (*WIRE, "Reporting by our correspondent in Tunis."),
        (" ".join(WIRE),),
        tuple(text.replace("“", '"').replace("”", '"') for text in WIRE),
        tuple(text.upper() for text in WIRE),
        (WIRE[0], "Read also: what is at stake in Libya.", *WIRE[1:]),
    ],
    ids=[
        "to the letter",
        "cut at the end",
        "without its dateline",
        "another dateline",
        "a line added",
        "as one paragraph",
        "other quotation marks",
        "capitals",
        "a link between",
    ],
)
def test_copies(copy: tuple[str, ...]) -> None:
    assert both_ways(WIRE, copy)


def test_declarations_for_two_states_are_two_events() -> None:
    assert not both_ways(IOWA, NEBRASKA)


def test_declarations_that_differ_in_one_name_only_are_two_events() -> None:
    other = filled(
        DECLARATION,
        state="Iowa",
        event="severe storms and flooding beginning on 12 March 2019",
        counties="Monona, Pottawattamie and Woodbury",
        officer="DuWayne Tewes",
    )
    assert not both_ways(IOWA, other)


def test_greetings_to_two_peoples_are_two_events() -> None:
    assert not both_ways(TUNISIA, NAMIBIA)


def test_a_number_that_differs_keeps_two_counts_apart() -> None:
    first = (*WIRE, "At least 47 people were killed, the health agency said on Monday.")
    second = (*WIRE, "At least 56 people were killed, the health agency said on Monday.")
    assert not both_ways(first, second)


def test_half_of_a_text_is_no_copy() -> None:
    other = (
        "The Security Council met behind closed doors on Friday evening in New York.",
        "Germany, which presides over it this month, called for an immediate halt of movements.",
    )
    assert not both_ways(WIRE, (*WIRE[:2], *other))


def test_texts_without_a_sentence_are_copies_of_nothing() -> None:
    assert not both_ways((), ())
    assert not both_ways(("Photo.",), ("Photo.",))
    assert not both_ways(WIRE, ("",))


@given(st.lists(st.text(max_size=80), max_size=6).map(tuple))
def test_any_text_can_be_compared(paragraphs: tuple[str, ...]) -> None:
    both_ways(paragraphs, WIRE)
    marks = sketch(paragraphs)
    assert list(marks) == sorted(set(marks))
    assert len(marks) <= SKETCH_SIZE
    assert all(0 <= mark < 2**63 for mark in marks)


def test_copies_share_marks_of_their_sketches() -> None:
    assert set(sketch(WIRE)) & set(sketch(WIRE[:3]))
    assert not set(sketch(WIRE)) & set(sketch(IOWA))


def test_ten_days_are_the_longest_gap() -> None:
    assert near_enough_in_time(NOON, NOON + LONGEST_GAP)
    assert near_enough_in_time(NOON + LONGEST_GAP, NOON)
    assert not near_enough_in_time(NOON, NOON + LONGEST_GAP + timedelta(seconds=1))
    assert near_enough_in_time(None, NOON)
    assert near_enough_in_time(NOON, None)
