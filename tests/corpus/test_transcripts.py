"""Who speaks in a transcript, in which role, and what is asked from the floor."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from corpus.articles import ReadArticle, read_paragraphs
from corpus.text.transcripts import turns

ASKED = "asked"


def spoken(*paragraphs: str, title: str = "") -> list[str | None]:
    """Who speaks in each paragraph; `ASKED` for the floor, None where nobody does."""
    found = turns(paragraphs, title)
    every = (found.get(index) for index in range(len(paragraphs)))
    return [None if one is None else ASKED if one.asked else one.speaker for one in every]


def test_a_paragraph_without_a_label_goes_on_with_the_speaker_before() -> None:
    assert spoken(
        "Anna Weber, spokesperson of the ministry, met the press.",
        "MS WEBER: We have seen the reports.",
        "The convoy has left.",
        "QUESTION: Has the minister been told?",
        "And will he travel?",
        "MS WEBER: He has.",
    ) == [None, "Anna Weber", "Anna Weber", ASKED, ASKED, "Anna Weber"]


def test_a_letter_without_a_colon_is_the_floor() -> None:
    assert spoken(
        "MS. WEBER: We have seen the reports.",
        "Q And could I ask about the convoy?",
        "MS. WEBER: You could.",
        "Q Thank you.",
    ) == ["Weber", ASKED, "Weber", ASKED]


def test_an_office_is_whom_the_title_calls_so() -> None:
    text = ("THE PRESIDENT: We will respond.", "Q Sir, when?", "THE PRESIDENT: Soon.")
    assert spoken(*text, title="Remarks by President Lund on the convoy")[0] == "Lund"
    assert spoken(*text, title="Remarks on the convoy")[0] == "The President"


FORMS: list[tuple[str, Sequence[str], list[str | None]]] = [
    (
        "a spokesperson without a name",
        ("The Spokesperson: Good day.", "Question: What of Libya?", "The Spokesperson: Nothing."),
        ["The Spokesperson", ASKED, "The Spokesperson"],
    ),
    (
        "a council's verbatim record",
        (
            "The President: I give the floor to the representative of France.",
            "Mr. Rivet (France) (spoke in French): France condemns the attack.",
            "It happened at night.",
            "The President: I thank him.",
        ),
        ["The President", "Rivet", "Rivet", "The President"],
    ),
    (
        "a house's report, names on lines of their own",
        (
            "The Prime Minister (Tomas Lund)",
            "I will make a statement.",
            "Anna Weber (Northtown) (Lab)",
            "Will he go further?",
            "The Prime Minister",
            "I will not.",
        ),
        [None, "Tomas Lund", None, "Anna Weber", None, "Tomas Lund"],
    ),
    (
        "papers that ask, each once",
        (
            "The Herald: What is said of the talks?",
            "Lin Tao: We support them.",
            "Evening Post: Will the minister go?",
            "Lin Tao: I have nothing to announce.",
        ),
        [ASKED, "Lin Tao", ASKED, "Lin Tao"],
    ),
    (
        "a script without capitals",
        ("路透社记者：有何评论？", "林涛：我们支持。", "法新社记者：会去吗？", "林涛：没有消息。"),
        [ASKED, "林涛", ASKED, "林涛"],
    ),
]


@pytest.mark.parametrize(("paragraphs", "expected"), [form[1:] for form in FORMS])
def test_labels_are_seen_from_the_whole_text(
    paragraphs: Sequence[str], expected: list[str | None]
) -> None:
    assert spoken(*paragraphs) == expected


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("KABUL: The town fell.", "TRIPOLI: Forces advanced.", "KABUL: They left."),
        ("VESSEL TYPE: Crude Oil Tanker", "VESSEL FLAG: Malta", "VESSEL TYPE: Tug"),
        ("My question is: will it hold?", "Second: We will act.", "Note: This is new."),
        ("Kickoff: 8 p.m.", "It is on. Who will win?", "Goal: They lead.", "Kickoff: Again."),
        ("Q And nothing else in this text asks.",),
    ],
)
def test_datelines_headings_and_lists_are_no_labels(paragraphs: Sequence[str]) -> None:
    assert spoken(*paragraphs) == [None] * len(paragraphs)


def test_of_lines_that_ran_together_the_first_is_its_speakers() -> None:
    text = (
        "MS. WEBER: We have seen the reports.",
        "MR. LUND: Pardon me? Q Good to see you. MR. LUND: You too.",
        "Q Has he left?",
    )
    turn = turns(text)[1]
    assert (text[1][turn.start : turn.end], turn.others) == ("Pardon me?", True)
    read = ReadArticle("https://ministry.example/c", "Press briefing", text)
    assert [one.speaker for one in read_paragraphs(read)] == ["Weber", None, None]


def test_remarks_of_the_page_are_nobodys_words() -> None:
    found = spoken(
        "MINISTER LUND: (Via interpreter) We agree.",
        "(Laughter.)",
        "MINISTER LUND: Thank you.",
        "# # #",
        "Office of the press",
    )
    assert found == ["Lund", None, "Lund", None, None]


def test_paragraphs_keep_speaker_role_and_the_words_without_the_label() -> None:
    read = ReadArticle(
        "https://ministry.example/a",
        "Minister Anna Weber Before the Press",
        ("FOREIGN MINISTER WEBER: (Via interpreter) We agree.", "QUESTION: On what?"),
    )
    first, second = read_paragraphs(read)
    assert (first.speaker, first.role, first.words) == ("Weber", "Foreign Minister", "We agree.")
    assert (second.speaker, second.asked) == (None, True)
    assert (first.answers, second.answers) == (True, False)


def test_a_speech_without_labels_is_its_bylines() -> None:
    read = ReadArticle(
        "https://ministry.example/b",
        "Remarks at the Opening",
        (
            "Anna Weber, Minister of Trade",
            "I am glad to be here today, among so many friends of this country.",
            "I will say a word about the ceasefire, which my government supports.",
        ),
    )
    assert [one.speaker for one in read_paragraphs(read)] == [None, "Anna Weber", "Anna Weber"]
