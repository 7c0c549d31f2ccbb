"""A quotation keeps its speaker: what is given to another person than the source gives it to."""

from __future__ import annotations

import pytest

from retrieval.grounding.check import Context, Source, check, is_same_speaker, misattributed
from retrieval.grounding.support import Support

TWO_SPEAKERS = (
    "“There is no military solution,” António Guterres told reporters on Thursday. "
    "“We will enter Tripoli,” said Khalifa Haftar."
)
PRONOUN = (
    "António Guterres met Fayez al-Sarraj in Tripoli.",
    "Guterres said the talks had been useful. “I leave with a heavy heart,” he said.",
)


def in_paragraph(text: str) -> list[Context]:
    return [Context((text,), 1)]


@pytest.mark.parametrize(
    "sentence",
    [
        "António Guterres said: “There is no military solution.”",
        "“There is no military solution,” Guterres said.",
        "Guterres said that there is “no military solution”.",
        "“We will enter Tripoli,” Haftar said.",
    ],
)
def test_a_speaker_of_the_paragraph_may_be_given_his_own_words(sentence: str) -> None:
    assert misattributed(sentence, in_paragraph(TWO_SPEAKERS)) == ""


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("Khalifa Haftar said: “There is no military solution.”", "Khalifa Haftar"),
        ("“We will enter Tripoli,” Guterres said.", "Guterres"),
        ("Haftar said that there is “no military solution”.", "Haftar"),
    ],
)
def test_the_words_of_one_speaker_are_not_given_to_another(sentence: str, speaker: str) -> None:
    reason = misattributed(sentence, in_paragraph(TWO_SPEAKERS))
    assert reason.endswith(f"are not given to {speaker} there")


def test_a_pronouns_person_may_stand_in_an_earlier_paragraph() -> None:
    context = [Context(PRONOUN, 2)]
    assert misattributed("“I leave with a heavy heart,” Guterres said.", context) == ""
    assert misattributed("“I leave with a heavy heart,” al-Sarraj said.", context) != ""


def test_where_nobody_is_plainly_said_to_speak_the_speaker_must_be_named_beside_the_words() -> None:
    beside = "Marit Solvang was pleased. It was “a good day for both coasts”."
    far = "Marit Solvang came. The sun shone. Boats left. It was “a good day for both coasts”."
    sentence = "Marit Solvang said it was “a good day for both coasts”."
    assert misattributed(sentence, in_paragraph(beside)) == ""
    assert misattributed(sentence, in_paragraph(far)) != ""


def test_one_cited_paragraph_that_gives_the_words_to_the_speaker_is_enough() -> None:
    contexts = [
        *in_paragraph(TWO_SPEAKERS),
        *in_paragraph("“We will enter Tripoli,” Mismari said."),
    ]
    assert misattributed("“We will enter Tripoli,” Mismari said.", contexts) == ""


def test_words_that_do_not_stand_there_are_another_rules_matter() -> None:
    assert misattributed("Haftar said: “We will leave.”", in_paragraph(TWO_SPEAKERS)) == ""


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Guterres", "António Guterres", True),
        ("Antonio Guterres", "António Guterres", True),
        ("Haftar", "Khalifa Haftar", True),
        ("Saif Haftar", "Khalifa Haftar", False),
        ("Guterres", "Haftar", False),
        ("", "Haftar", False),
    ],
)
def test_forms_of_one_name(first: str, second: str, same: bool) -> None:
    assert is_same_speaker(first, second) is same


def test_the_checks_withhold_a_quotation_with_another_speaker() -> None:
    verdict = check("“We will enter Tripoli,” Guterres told reporters.", [Source(TWO_SPEAKERS)])
    assert verdict.support is Support.NOT
    assert "not given to Guterres" in verdict.reason
