"""Who said what: forms of direct and reported speech, and what is none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.quotations.extraction import Quotation, quotations

NAMED = "Ahmed Mismari met Anna Weber, the EU envoy, and Tomas Lund in Geneva."


def said(*paragraphs: str, direct: bool = True) -> list[tuple[str, str]]:
    """Speaker and words of each quotation; the persons of `NAMED` are known."""
    found = quotations((NAMED, *paragraphs))
    return [(one.speaker, one.quote) for one in found if one.direct is direct]


DIRECT = [
    ("“We will wait,” Mismari said.", [("Ahmed Mismari", "We will wait")]),
    ("“We will wait,” said Mismari.", [("Ahmed Mismari", "We will wait")]),
    ('"We will wait," said Mismari.', [("Ahmed Mismari", "We will wait")]),
    ("«We will wait», said Mismari.", [("Ahmed Mismari", "We will wait")]),
    ("„We will wait“, said Mismari.", [("Ahmed Mismari", "We will wait")]),
    ("‘We will wait,’ said Mismari.", [("Ahmed Mismari", "We will wait")]),
    ("Mismari said: “We will wait.”", [("Ahmed Mismari", "We will wait.")]),
    ("Mismari said, “We will wait.”", [("Ahmed Mismari", "We will wait.")]),
    ("Mismari left Geneva, tweeting: “We will wait.”", [("Ahmed Mismari", "We will wait.")]),
    (
        "“We will,” Mismari said, “wait.”",
        [("Ahmed Mismari", "We will"), ("Ahmed Mismari", "wait.")],
    ),
    ("“We wait.” Mismari said on Monday.", [("Ahmed Mismari", "We wait.")]),
    (
        "“We will wait,” Mismari said. “Nobody is in a hurry.”",
        [("Ahmed Mismari", "We will wait"), ("Ahmed Mismari", "Nobody is in a hurry.")],
    ),
    (
        "“He told me ‘no’ and “never” twice,” Mismari said.",
        [("Ahmed Mismari", "He told me ‘no’ and “never” twice")],
    ),
    ("“No,” said Ahmed Mismari, a general.", [("Ahmed Mismari", "No")]),
    ("“We wait,” according to Mismari.", [("Ahmed Mismari", "We wait")]),
    ("Mismari called the raid “a grave error”.", [("Ahmed Mismari", "a grave error")]),
    ("What Mismari called “a long road” was short.", [("Ahmed Mismari", "a long road")]),
    ("“We wait,” Brigadier General Mismari told reporters.", [("Ahmed Mismari", "We wait")]),
    ("“We wait,” Mismari, who commands it, said.", [("Ahmed Mismari", "We wait")]),
]


@pytest.mark.parametrize(("text", "expected"), DIRECT)
def test_direct_speech(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(text) == expected


REPORTED = [
    ("Mismari said that the road was open.", "the road was open"),
    ("Mismari said the road was open.", "the road was open"),
    ("Mismari told reporters that the road was open.", "the road was open"),
    ("Mismari told reporters on Monday that the road was open.", "the road was open"),
    ("Mismari said in a statement that the road was open.", "the road was open"),
    ("According to Mismari, the road was open.", "the road was open"),
    ("The road was open, according to Mismari.", "The road was open"),
    ("The road was open, Mismari said.", "The road was open"),
    ("Mismari said the road was “open for all”.", "the road was “open for all”"),
]


@pytest.mark.parametrize(("text", "clause"), REPORTED)
def test_reported_speech(text: str, clause: str) -> None:
    assert said(text, direct=False) == [("Ahmed Mismari", clause)]


def test_a_reported_clause_gives_its_quoted_words_too() -> None:
    assert said("Mismari said the road was “open for all”.") == [("Ahmed Mismari", "open for all")]


def test_one_subject_of_two_verbs() -> None:
    text = "Mismari said the road was open but warned that it would close, adding that it was late."
    assert [quote for _, quote in said(text, direct=False)] == [
        "the road was open",
        "it would close",
        "it was late",
    ]


OTHER_CLAUSES = [
    (
        "Mismari says that the road is open; Lund says that it was never closed.",
        [("Ahmed Mismari", "the road is open"), ("Lund", "it was never closed")],
    ),
    (
        "Mismari said that the road was open; people near it said that it was closed.",
        [("Ahmed Mismari", "the road was open")],
    ),
    (
        "Mismari said that the road was open, while guards said that it was closed.",
        [("Ahmed Mismari", "the road was open")],
    ),
    (
        "Mismari promised help and said that the road was open.",
        [("Ahmed Mismari", "the road was open")],
    ),
    (
        "Mismari said that the road was open, citing pictures from the air.",
        [("Ahmed Mismari", "the road was open")],
    ),
    (
        "The road was open, Mismari said on Monday 22 April 2019.",
        [("Ahmed Mismari", "The road was open")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), OTHER_CLAUSES)
def test_a_reported_clause_ends_where_somebody_else_speaks(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert said(text, direct=False) == expected


def test_who_asks_is_not_who_spoke_before() -> None:
    paragraphs = ("“We wait,” Weber said.", "“Who waits?” Lund asked.")
    assert ("Anna Weber", "Who waits?") not in said(*paragraphs)


INSTITUTIONS = [
    ("“We wait,” the foreign ministry said.", "foreign ministry"),
    ("“We wait,” the Tripoli government said.", "Tripoli government"),
    ("“We wait,” the White House said.", "White House"),
    ("“We wait,” Russia’s Ministry of Defence said.", "Russia’s Ministry of Defence"),
    ("“We wait,” the European Commission said.", "European Commission"),
]


@pytest.mark.parametrize(("text", "speaker"), INSTITUTIONS)
def test_institutions_speak(text: str, speaker: str) -> None:
    assert said(text) == [(speaker, "We wait")]


NOBODY = [
    "The so-called “liberation army” moved west.",
    "She read “The Old Man and the Sea” on the train.",
    "The “Summit for Peace” opened on Monday.",
    "“We wait,” an official said.",
    "“We wait,” a spokesman in Tripoli said.",
    "“We wait,” said a man who met Mismari.",
    "“We wait,” critics of Mismari said.",
    "“We wait,” the statement said.",
    "Critics said that the road was open.",
    "Monday said nothing of “the long road”.",
    "Mismari did not say that the road was open.",
    "Mismari was told that the road was open.",
    "Mismari and Lund said the road was open.",
    "If Mismari said the road was open, it was.",
    "“We wait.” Mismari crossed the road.",
    "The envoy, an old hand, told Mismari that it was late.",
    "The old road, according to Mismari, was open.",
    "In Geneva, “We wait” is painted on walls.",
]


@pytest.mark.parametrize("text", NOBODY)
def test_nobody_is_said_to_have_spoken(text: str) -> None:
    assert said(text) == []
    assert said(text, direct=False) == []


def test_a_pronoun_is_the_last_speaker() -> None:
    paragraphs = ("“We wait,” Weber said.", "“It is late,” she added.")
    assert said(*paragraphs)[1] == ("Anna Weber", "It is late")


def test_a_pronoun_of_another_gender_is_nobody() -> None:
    assert said("“We wait,” Anna Weber said. “It is late,” he said.") == [("Anna Weber", "We wait")]


def test_a_pronoun_that_may_mean_two_is_nobody() -> None:
    paragraphs = (
        "Gen. Ahmed Mismari met Gen. Omar Salem.",
        "“We wait,” Mismari said of Gen. Salem. Then he said that it was late.",
    )
    assert [one.quote for one in quotations(paragraphs)] == ["We wait"]


def test_a_person_named_by_a_possessive_may_be_meant_too() -> None:
    text = "“We wait,” Mismari said. In Lund’s view, he said that it was late."
    assert said("Gen. Tomas Lund came.", text, direct=False) == []


def test_an_unnamed_speaker_keeps_a_pronoun_from_the_one_before() -> None:
    assert said("“We wait,” Mismari said. “No,” a guard said. “Go home,” he said.") == [
        ("Ahmed Mismari", "We wait")
    ]


def test_a_quotation_runs_over_paragraphs() -> None:
    paragraphs = ("Mismari said: “We will wait.", "“Nobody is in a hurry.", "“It is late.”")
    assert [quote for _, quote in said(*paragraphs)] == [
        "We will wait.",
        "Nobody is in a hurry.",
        "It is late.",
    ]


def test_the_speaker_of_a_long_quotation_may_come_at_its_end() -> None:
    paragraphs = ("“We will wait.", "“It is late,” Mismari said.")
    assert said(*paragraphs) == [
        ("Ahmed Mismari", "We will wait."),
        ("Ahmed Mismari", "It is late"),
    ]


def test_a_surname_of_two_persons_stays_as_it_is() -> None:
    paragraphs = ("Anna Weber met Peter Weber, a painter.", "“We wait,” Weber said.")
    assert [one.speaker for one in quotations(paragraphs)] == ["Weber"]


def test_roles() -> None:
    (one,) = quotations(("“We wait,” said LNA spokesman Ahmed Mismari.",))
    assert (one.speaker, one.role, one.verb) == ("Ahmed Mismari", "LNA spokesman", "said")
    (one,) = quotations(("“We wait,” said Ahmed Mismari, a spokesman for the army.",))
    assert one.role == "spokesman for the army"
    (one,) = quotations(("Secretary of State Anna Weber said that it was late.",))
    assert (one.speaker, one.role) == ("Anna Weber", "Secretary of State")


def test_a_signed_post() -> None:
    text = "It is late. https://t.co/abc — Anna Weber (@weber) May 3, 2022"
    (one,) = quotations((text,))
    assert (one.speaker, one.verb, one.quote) == ("Anna Weber", "posted", "It is late.")


TRANSCRIPT = (
    "Ned Price, Department Spokesperson",
    "MR PRICE: Good afternoon.",
    "It is late. The envoy said that he would wait.",
    "QUESTION: Will you wait?",
    "And until when?",
    "MR PRICE: Yes.",
    "MODERATOR: Thank you.",
    "DEPUTY SECRETARY SHERMAN: I agree.",
)


def test_a_transcript_gives_each_named_speaker_the_turn() -> None:
    found = [(one.speaker, one.paragraph, one.quote) for one in quotations(TRANSCRIPT)]
    assert found == [
        ("Ned Price", 2, "Good afternoon."),
        ("Ned Price", 3, "It is late. The envoy said that he would wait."),
        ("Ned Price", 6, "Yes."),
        ("Sherman", 8, "I agree."),
    ]


def test_a_dateline_and_a_heading_are_no_labels() -> None:
    assert quotations(("KABUL: The road was open.", "MORE: Five roads", "MORE: Six roads")) == ()


SEED = (
    "Libya’s internationally recognised government in Tripoli has declared a military alert.",
    "“Right now [there] are clashes south of Tripoli … in Gharyan,” LNA spokesman Ahmed Mismari "
    "told the UAE-based al-Arabiya channel.",
    "“We expect the women of Tripoli to welcome the army,” said Mismari, referring to two cities.",
    "Thursday Guterres condemned the move by Haftar forces, tweeting: “I am deeply concerned. "
    "There is no military solution.”",
    "Some of Haftar’s supporters have called the U.N. efforts a waste of time.",
)


def test_the_forms_of_the_first_article() -> None:
    assert [(one.speaker, one.role, one.verb, one.paragraph) for one in quotations(SEED)] == [
        ("Ahmed Mismari", "LNA spokesman", "told", 2),
        ("Ahmed Mismari", "LNA spokesman", "said", 3),
        ("Guterres", None, "tweeting", 4),
    ]


PIECES = st.lists(
    st.sampled_from(
        '“ ” " « » „ ‘ ’ said told , . : ; — ( ) that he she Mismari Ahmed the ministry PRICE: '
        "MR QUESTION: According to Lt. U.S. — (@a) May 1, 2020 adding called but \n a É İ ﬁ".split(
            " "
        )
    )
    | st.text(max_size=8),
    max_size=40,
)


@given(st.lists(PIECES.map(" ".join) | PIECES.map("".join), max_size=6), st.text(max_size=20))
def test_quotes_are_verbatim_whatever_the_text(paragraphs: list[str], title: str) -> None:
    for one in quotations(paragraphs, title):
        assert isinstance(one, Quotation)
        assert paragraphs[one.paragraph - 1][one.start : one.end] == one.quote
        assert one.quote.strip()
        assert one.speaker.strip()


HOSTILE = ['"', "“", "“”", '" "', "‘", "said ", "“a,” said X. ", ", said", "A ", "according to "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_of_hostile_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        began = time.process_time()
        quotations((text,))
        return time.process_time() - began

    assert seconds(40_000) < 8 * max(seconds(10_000), 0.02)
