"""Whose name it is: one person under all spellings, never two persons under one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.quotations.speaker_names import SpeakerNames, bare_name
from corpus.text.names import same_name, speaker_key


def corpus(*names: str | tuple[str, str]) -> SpeakerNames:
    """A corpus in which each name, with its role where given, is quoted once."""
    pairs = [(name, None) if isinstance(name, str) else name for name in names]
    return SpeakerNames((name, role, 1) for name, role in pairs)


def meant(names: SpeakerNames, asked: str) -> str | None:
    found = names.named(asked).speaker
    return found.name if found else None


LIBYA = (
    ("António Guterres", "UN Secretary-General"),
    ("Fayez al-Sarraj", "Prime Minister"),
    ("Khalifa Haftar", "field marshal"),
    "Ahmed al-Mismari",
    "Ghassan Salamé",
    "Libyan National Army",
    "US Africa Command",
)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("António Guterres", "António Guterres"),
        ("antonio guterres", "António Guterres"),
        ("Guterres", "António Guterres"),
        ("Guterres, UN chief", "António Guterres"),
        ("UN Secretary-General Guterres", "António Guterres"),
        ("Mr Guterres", "António Guterres"),
        ("Guterres’s", "António Guterres"),
        ("al-Sarraj", "Fayez al-Sarraj"),
        ("Sarraj", "Fayez al-Sarraj"),
        ("Serraj", "Fayez al-Sarraj"),
        ("Fayez Serraj", "Fayez al-Sarraj"),
        ("Hifter", "Khalifa Haftar"),
        ("Field Marshal Khalifa Hifter", "Khalifa Haftar"),
        ("Mesmari", "Ahmed al-Mismari"),
        ("Salame", "Ghassan Salamé"),
        ("the Libyan National Army", "Libyan National Army"),
        ("LNA", "Libyan National Army"),
    ],
)
def test_a_person_is_found_by_part_and_spelling_of_the_name(asked: str, name: str) -> None:
    assert meant(corpus(*LIBYA), asked) == name


@pytest.mark.parametrize("asked", ["US", "Africa", "Merkel", "UN", "", "the", "—"])
def test_who_is_not_quoted_is_nobody(asked: str) -> None:
    assert meant(corpus(*LIBYA), asked) is None


def test_a_misspelt_name_gets_the_nearest() -> None:
    near = corpus(*LIBYA).named("Gutteres").near
    assert [one.name for one in near] == ["António Guterres"]


def test_a_name_that_several_bear_gets_all_of_them() -> None:
    found = corpus("Boris Johnson", "Ron Johnson", "Theresa May").named("Johnson")
    assert found.speaker is None
    assert {one.name for one in found.several} == {"Boris Johnson", "Ron Johnson"}


# -- forms that are one speaker's --------------------------------------------------------------


@pytest.mark.parametrize(
    "forms",
    [
        ("Fayez al-Sarraj", "Sarraj", "Serraj"),
        ("Antony J. Blinken", "Antony Blinken", "Blinken"),
        ("Volodymyr Zelensky", "Volodymyr Zelenskyy", "Zelenskiy"),
        ("Libyan National Army", "LNA"),
        ("Mohammed bin Salman", "Mohamed bin Salman"),
        ("Muammar Gaddafi", "Moammar Qaddafi"),
    ],
)
def test_forms_of_one_name_are_one_speaker(forms: tuple[str, ...]) -> None:
    speakers = corpus(*forms).speakers()
    assert [set(one.forms) for one in speakers] == [set(forms)]
    assert set(speakers[0].keys) == {speaker_key(form) for form in forms}


@pytest.mark.parametrize(
    "names",
    [
        ("Boris Johnson", "Ron Johnson", "Johnson"),
        ("Robert Miller", "Robert Mueller"),
        ("Mitchell Baker", ("Baker", "Secretary")),
        (("Cherry Park", "director"), ("Park", "Foreign Minister")),
        ("Muammar al-Eryani", "Iran"),
        ("Central Michigan", "Michigan"),
        ("Kim Jong Un", "Kim Yong Chol", "Kim"),
        ("European Union", "Economic Union", "EU"),
        ("Ali Hassan", "Ola Hassan"),
        ("Ghassan Salamé", "Hossein Salami", "Salami"),
    ],
)
def test_names_that_may_be_different_persons_stay_apart(
    names: tuple[str | tuple[str, str], ...],
) -> None:
    assert len(corpus(*names).speakers()) == len(names)


def test_the_spelling_as_typed_comes_before_one_that_sounds_alike() -> None:
    names = corpus("Ahmed Hasan", "Salim Hassan")
    assert (meant(names, "Hasan"), meant(names, "Hassan")) == ("Ahmed Hasan", "Salim Hassan")


def test_a_family_name_that_stands_first_is_known() -> None:
    assert len(corpus(("Ri Yong Ho", "Foreign Minister"), "Ri").speakers()) == 1


def test_asking_for_a_surname_also_gives_who_is_only_called_so() -> None:
    names = corpus("Nasser Hussain", ("Hussain", "Foreign Minister"))
    found = names.named("Hussain").speaker
    assert found is not None
    assert set(found.forms) == {"Nasser Hussain", "Hussain"}
    by_full_name = names.named("Nasser Hussain").speaker
    assert by_full_name is not None
    assert by_full_name.forms == ("Nasser Hussain",)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Haftar", "Hifter", False),
        ("Khalifa Haftar", "Khalifa Hifter", True),
        ("al-Mismari", "Mesmari", True),
        ("Karim", "Kerim", True),
        ("Angela Merkel", "Angela Markel", False),
        ("Abdel Fattah al-Burhan", "Abdel-Fattah Burhan", True),
    ],
)
def test_spelling_is_passed_over_only_in_arabic_names(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_a_name_is_bared_of_what_describes_it() -> None:
    assert bare_name("President Donald Trump (R)") == "Donald Trump"
    assert bare_name("the White House") == "White House"


@given(st.lists(st.text(max_size=40), max_size=8), st.text(max_size=40))
def test_any_text_can_be_a_name(names: list[str], asked: str) -> None:
    found = corpus(*names)
    assert sum(one.quotations for one in found.speakers()) <= len(names)
    found.named(asked)
