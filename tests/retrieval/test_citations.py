"""The rules of trust, one by one: what passes and what is withheld."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.text.sentences import split_sentences
from retrieval.grounding.check import Context, Source, check, is_verbatim, normalise, valid_marks
from retrieval.grounding.support import Support
from tests.fakes.articles import passage, stored_article

PARAGRAPH = (
    "Ghassan Salamé, the head of the United Nations Support Mission in Libya, said on Thursday "
    "that 47 people had been killed in the fighting around Tripoli. “There is no military "
    "solution to the conflict,” he told reporters. The Libyan National Army did not comment. "
    "Fayez al-Serraj denied that Khalifa Haftar controls the airport. Five states abstained."
)
OTHER = (
    "“Only dialogue between the parties can end it,” António Guterres said before he left "
    "Benghazi on 5 April."
)
SOURCE = Source(PARAGRAPH, "Example News", date(2019, 4, 4))
SECOND = Source(OTHER, "Example News", date(2019, 4, 5))


def supported(sentence: str, *sources: Source, question: str = "") -> bool:
    return check(sentence, sources or (SOURCE,), question).support is Support.SUPPORTED


def reason(sentence: str, *sources: Source, question: str = "") -> str:
    verdict = check(sentence, sources or (SOURCE,), question)
    assert verdict.support is not Support.SUPPORTED
    assert verdict.reason
    return verdict.reason


# -- 1. marks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "valid"),
    [((1, 2), (1, 2)), ((2, 1, 2), (2, 1)), ((0, 4, -1, 99), ()), ((3, 4), (3,)), ((), ())],
)
def test_marks_that_name_no_passage_are_dropped(
    marks: tuple[int, ...], valid: tuple[int, ...]
) -> None:
    assert valid_marks(marks, 3) == valid


def test_a_sentence_without_a_paragraph_is_not_supported() -> None:
    verdict = check("Five states abstained.", [])
    assert (verdict.support, verdict.reason) == (Support.NOT, "no paragraph is cited")


def test_whole_sentences_to_the_letter_are_supported() -> None:
    assert check("Five states abstained.", [SOURCE]).support is Support.SUPPORTED
    assert supported("The Libyan National Army did not comment.")
    assert supported(PARAGRAPH)


def test_a_part_of_a_sentence_is_not_what_the_sentence_says() -> None:
    assert is_verbatim("Khalifa Haftar controls the airport.", PARAGRAPH)
    assert "opposite sense" in reason("Khalifa Haftar controls the airport.")


# -- 2. quotations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "Salamé said: “There is no military solution to the conflict.”",
        'Salamé said: "There is no military solution to the conflict."',
        "Salamé said: «There is no military solution to the conflict».",
        "Salamé said: ‘There is no military solution to the conflict’.",
        "Salamé said there was “no  military\u00a0solution to the conflict”.",
        "Salamé told reporters of “no military solution”.",
    ],
)
def test_a_quotation_that_stands_there(sentence: str) -> None:
    assert supported(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Salamé said: “There is a military solution to the conflict.”",
        "Salamé said: “There is no military solution to this conflict.”",
        "Salamé said: ‘There is no military answer to the conflict’.",
        "Salamé said: 'There is no military answer to the conflict'.",
        'Salamé said: "no military solution the conflict".',
        "Salamé spoke of “no military sol”.",
    ],
)
def test_a_quotation_with_another_word(sentence: str) -> None:
    assert "do not stand there" in reason(sentence)


def test_a_quotation_is_found_wherever_it_stands_as_a_word() -> None:
    source = Source("Diplomats warned of war.")
    assert supported("Diplomats warned of “war”.", source)
    assert "do not stand there" in reason("Diplomats warned of “wa”.", source)


def test_a_quotation_merged_from_two_paragraphs() -> None:
    merged = (
        "“There is no military solution to the conflict. Only dialogue between the parties can "
        "end it,” he told reporters."
    )
    assert "do not stand there" in reason(merged, SOURCE, SECOND)
    apart = (
        "“There is no military solution to the conflict,” he told reporters; “only dialogue "
        "between the parties can end it”."
    )
    assert "do not stand there" in reason(apart, SOURCE)


def test_words_that_meet_only_across_two_paragraphs_are_no_quotation() -> None:
    first, second = Source("All forces withdraw"), Source("without delay from the capital.")
    assert "do not stand there" in reason("“All forces withdraw without delay.”", first, second)


def test_a_quotation_of_either_cited_paragraph_is_enough() -> None:
    assert supported("Guterres said “dialogue between the parties”.", SOURCE, SECOND)
    assert supported("He told reporters of “no military solution”.", SECOND, SOURCE)


def test_a_quotation_may_begin_inside_a_sentence() -> None:
    text = "“There is no military solution,” Guterres said."
    said = check("Guterres said “there is no military solution”.", [Source(text)])
    assert said.support is Support.SUPPORTED
    shouted = check("Guterres said “there is NO military solution”.", [Source(text)])
    assert shouted.support is not Support.SUPPORTED


def test_a_quotation_that_is_not_closed() -> None:
    assert "not closed" in reason("Salamé said: “There is no military solution.")
    assert "not closed" in reason('Salamé said: "There is no military solution.')


def test_apostrophes_are_no_quotation_marks() -> None:
    source = Source("The parties' envoys met in the states' capitals, and Haftar's men withdrew.")
    assert supported("The parties' envoys met in the states' capitals.", source)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“no”", '"no"'),
        ("l’accord", "l'accord"),
        ("Tripoli – Benghazi", "Tripoli — Benghazi"),
        ("Tripoli—Benghazi", "Tripoli – Benghazi"),
        ("and so on…", "and so on..."),
        ("two\n words", "two words"),
    ],
)
def test_typographic_variants_are_alike(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


# -- 3. numbers, dates, names ------------------------------------------------------------------


def test_a_number_that_stands_there() -> None:
    assert supported("In the fighting around Tripoli 47 people had been killed.")


def test_a_number_that_was_changed() -> None:
    assert "the number 48" in reason("In the fighting around Tripoli 48 people had been killed.")


def test_a_number_in_words_and_in_digits_are_one() -> None:
    assert supported("5 states abstained from it.", question="Who abstained from it?")
    assert "the number 6" in reason("Six states abstained.")


def test_a_number_of_the_question_is_accepted() -> None:
    sentence = "Of 193 members, five states abstained."
    assert "193" in reason(sentence)
    assert supported(sentence, question="How many of the 193 members abstained?")


def test_the_day_of_publication_is_no_count() -> None:
    assert "the number 4" in reason("In the fighting 4 people had been killed around Tripoli.")
    assert "the number 4" in reason("On 4 April, 4 people had been killed around Tripoli.")


@pytest.mark.parametrize(
    "when", ["on Thursday", "on 4 April", "on 4 April 2019", "on April 4, 2019", "in April 2019"]
)
def test_the_date_of_publication_in_other_words(when: str) -> None:
    assert supported(f"Salamé said {when} that 47 people had been killed around Tripoli.")


@pytest.mark.parametrize("when", ["on 6 April", "on 4 May 2018", "in 2018", "on 11 April"])
def test_another_date(when: str) -> None:
    assert "the date" in reason(f"Salamé said {when} that 47 people had been killed in Tripoli.")


def test_a_month_does_not_state_its_days() -> None:
    source = Source("The conference was held in Palermo in November 2018.", "", date(2019, 4, 4))
    assert supported("In November 2018 the conference was held in Palermo.", source)
    assert "the number" in reason("On 1 November 2018 the conference was held in Palermo.", source)


def test_a_span_needs_both_its_ends() -> None:
    source = Source("The conference runs from 14 to 16 April in Ghadames.", "", date(2019, 4, 4))
    assert supported("In Ghadames the conference runs from 14 April to 16 April.", source)
    assert "the number" in reason("In Ghadames the conference runs from 13 to 16 April.", source)


def test_a_name_that_does_not_stand_there() -> None:
    sentence = "The head of the mission, {}, said on Thursday that 47 people had been killed."
    assert supported(sentence.format("Salamé"))
    assert "the name Kobler" in reason(sentence.format("Kobler"))


@pytest.mark.parametrize("name", ["Macron", "McGurk", "Al-Bashir", "UNHCR"])
def test_a_name_that_opens_the_sentence_does_not_stand_there(name: str) -> None:
    assert f"the name {name}" in reason(
        f"{name} told reporters that there is no military solution to the conflict."
    )


def test_a_common_word_that_opens_the_sentence_is_no_name() -> None:
    assert supported("Officials told reporters there is no military solution to the conflict.")
    assert supported("Fighting around Tripoli had killed 47 people, Salamé said.")


def test_a_common_beginning_does_not_make_two_names_one() -> None:
    sentence = "That Haftar controls the airport was denied by {}."
    assert supported(sentence.format("al-Serraj"))
    assert supported(sentence.format("Serraj"))
    assert "the name al-Bashir" in reason(sentence.format("al-Bashir"))


def test_a_name_that_only_the_question_has_is_accepted() -> None:
    sentence = "Around Tripoli, where Maitiga lies, 47 people had been killed in the fighting."
    assert "the name Maitiga" in reason(sentence)
    assert supported(sentence, question="How many were killed near Maitiga?")


def test_accents_and_possessives_do_not_change_a_name() -> None:
    assert supported("The United Nations’ Salame said 47 people had been killed around Tripoli.")


def test_an_acronym_stands_for_the_name_that_is_spelled_out() -> None:
    assert supported("The LNA did not comment, he told reporters.")
    assert "the name RSF" in reason("The RSF did not comment, he told reporters.")


def test_a_name_that_is_spelled_out_stands_for_its_acronym() -> None:
    source = Source("The LNA left the hospitals, harbours and airports of southern Tripoli.")
    sentence = "The {} left the hospitals, harbours and airports of southern Tripoli."
    assert supported(sentence.format("Libyan National Army"), source)
    assert "the name" in reason(sentence.format("Syrian Arab Army"), source)


def test_the_publisher_is_known() -> None:
    assert supported("Salamé said that 47 people had been killed, Example News reported.")
    assert "the name" in reason("Salamé said that 47 people had been killed, Reuters reported.")


# -- 4. negation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "There is a military solution to the conflict, he told reporters.",
        "The Libyan National Army did comment.",
    ],
)
def test_a_negation_that_was_dropped(sentence: str) -> None:
    assert "opposite sense" in reason(sentence)


def test_a_negation_that_was_added() -> None:
    assert "opposite sense" in reason("In the fighting around Tripoli 47 people were not killed.")


@pytest.mark.parametrize("verb", ["refused", "declined"])
def test_a_refusal_turns_round_what_was_offered(verb: str) -> None:
    source = Source("Salamé said that the council had offered to dismantle the camp at Gharyan.")
    sentence = f"Salamé said that the council had {verb} to dismantle the camp at Gharyan."
    assert "opposite sense" in reason(sentence, source)
    verdict = check(sentence, [source], wholly=True)
    assert verdict.support is not Support.SUPPORTED


def test_a_negation_in_other_words() -> None:
    assert supported("No comment came of the Libyan National Army.")


# -- 5. words ----------------------------------------------------------------------------------


def test_a_paraphrase_in_the_paragraphs_words() -> None:
    assert supported("Fighting around Tripoli has killed 47 people, said the head of the mission.")


def test_a_paraphrase_with_few_of_the_paragraphs_words() -> None:
    sentence = "Salamé announced sanctions against commanders who attack hospitals or harbours."
    assert check(sentence, [SOURCE]).support is Support.NOT
    assert "much of it" in reason(sentence)


def test_a_paraphrase_that_is_half_there_is_not_supported_wholly() -> None:
    verdict = check(
        "Salamé said the fighting displaced thousands of families around Tripoli.",
        [SOURCE],
        wholly=True,
    )
    assert verdict.support is Support.PARTLY


def test_a_sentence_that_says_nothing() -> None:
    assert "nothing that could be checked" in reason("This was what it was.")


# -- what is known of a passage ----------------------------------------------------------------


def test_a_source_knows_publisher_and_date_of_its_article() -> None:
    article = stored_article("a", PARAGRAPH, source="Example News")
    source = Source.of(passage(article))
    context = Context((PARAGRAPH,), 1, article.title)
    assert source == Source(PARAGRAPH, "Example News", date(2019, 4, 4), context)
    assert source.known == "Example News 4 April 2019 Thursday"


# -- properties --------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    "Haftar said, 47 people “no military solution” — did not comment. Tripoli. Gen. Five “ ” ' ’ "
    "«oui» 4 April 2019. denied … nothing? Macron U.S. l’accord".split(" ")
)


@given(st.lists(_PIECES, min_size=1, max_size=30).map(" ".join))
def test_a_sentence_of_a_paragraph_is_always_supported_by_it(paragraph: str) -> None:
    for sentence in split_sentences(paragraph):
        assume(normalise(sentence.text))
        assert supported(sentence.text, Source(paragraph))


@given(st.text(max_size=120), st.text(max_size=120), st.text(max_size=40))
def test_a_verdict_always_comes_with_its_reason(sentence: str, text: str, question: str) -> None:
    verdict = check(sentence, [Source(text, "", date(2019, 4, 4))], question)
    assert bool(verdict.reason) == (verdict.support is not Support.SUPPORTED)
