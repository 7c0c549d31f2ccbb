"""Sentences are slices of their paragraph, cover it, and never cut a quotation in two."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.text.sentences import LONGEST_WHOLE_QUOTATION, quoted_spans, split_sentences


def sentences(paragraph: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(paragraph)]


WORDS = st.sampled_from(
    (
        'Haftar Tripoli the talks ended. Gen. No. U.S. 3.5 “We will return. Soon.” said "Yes! No?" '
        "1,500 4 April 2019. ... … — (see annex) «Non. Jamais.» l’accord e.g. Mr. ; , وقال 大阪。"
    ).split()
)
PARAGRAPHS = st.one_of(
    st.lists(WORDS, max_size=40).map(" ".join),
    st.text(max_size=200),
    st.text(alphabet=".!?\"“”«»' \n\tAa1(", max_size=60),
)


@given(PARAGRAPHS)
@example("\u200b Hello there. It ended.")
@example("\x00\x01 Control. \x02 Characters.")
@example("“Unclosed. He left.")
@example("• Bullet. • Another.")
def test_sentences_are_slices_that_cover_the_paragraph(paragraph: str) -> None:
    found = split_sentences(paragraph)
    for sentence in found:
        assert sentence.text == paragraph[sentence.start : sentence.end]
        assert sentence.text.strip()
    for one, following in pairwise(found):
        assert one.end <= following.start
    ends = [0, *(sentence.end for sentence in found)]
    starts = [*(sentence.start for sentence in found), len(paragraph)]
    assert not any(paragraph[end:start].strip() for end, start in zip(ends, starts, strict=True))


@given(PARAGRAPHS)
def test_no_boundary_falls_inside_a_quotation(paragraph: str) -> None:
    boundaries = {sentence.start for sentence in split_sentences(paragraph)}
    for start, end in quoted_spans(paragraph):
        if end - start <= LONGEST_WHOLE_QUOTATION:
            assert not any(start < boundary < end for boundary in boundaries)


def test_two_sentences() -> None:
    assert sentences("The talks ended. They resume on Monday.") == [
        "The talks ended.",
        "They resume on Monday.",
    ]


@pytest.mark.parametrize("paragraph", ["", " ", "\n\t "])
def test_nothing_has_no_sentence(paragraph: str) -> None:
    assert sentences(paragraph) == []


def test_white_space_around_a_paragraph_belongs_to_no_sentence() -> None:
    assert sentences("  The talks ended.  \n") == ["The talks ended."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Gen. Khalifa Haftar ordered his forces to advance.",
        "Mr. Serraj met Dr. Salamé and Prof. Ghassan in Tunis.",
        "The U.S. Department of State called for calm.",
        "The vote was set for Nov. 4 in Geneva.",
        "Resolution No. 1970 imposed an arms embargo.",
        "The committee met at St. Petersburg on Friday.",
        "J. R. Smith of the mission left Tripoli.",
        "Art. 5 of the treaty was not invoked.",
        "Prices rose by 3.5 per cent in Khartoum.",
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(sentence: str) -> None:
    assert sentences(sentence) == [sentence]
    assert sentences(f"{sentence} The talks go on.") == [sentence, "The talks go on."]


@pytest.mark.parametrize(
    "sentence",
    [
        "“There is no military solution. Only talks can end this,” he told reporters.",
        '"We will return. Nobody will stop us," she said.',
        "« Nous reviendrons. Personne ne nous arrêtera », a dit le ministre.",
        "He asked: “Who pays? Who decides? Who answers for it?”",
    ],
)
def test_a_quotation_stays_whole_with_the_words_that_introduce_it(sentence: str) -> None:
    assert sentences(f"{sentence} The talks go on.") == [sentence, "The talks go on."]


def test_a_speech_is_split_although_it_is_quoted() -> None:
    speech = "“" + " ".join(["We stand with the people of Libya today."] * 20) + "”"
    assert len(speech) > LONGEST_WHOLE_QUOTATION
    assert len(sentences(speech)) > 1


def test_a_quotation_mark_that_is_never_closed_joins_nothing() -> None:
    assert len(sentences("“We will return. The talks go on. He left.")) > 1


def test_quoted_spans_have_their_marks() -> None:
    text = 'He said “yes”, «non» and "no".'
    assert [text[start:end] for start, end in quoted_spans(text)] == ["“yes”", "«non»", '"no"']


@pytest.mark.parametrize(
    "whole",
    [
        "وصل المبعوث إلى طرابلس. | هل سيلتقي حفتر؟ | قال إنه سيعود غداً!",
        "特使抵达的黎波里。|他会见了哈夫塔尔吗？|他说：“没有解决方案。绝对没有。”|然后他离开了！",
        "特使说：「没有解决方案。」|他离开了。",
        "¿Se reunirá con el Sr. Haftar? | ¡No! | EE. UU. pidió calma.",
        "L’envoyé est arrivé ! | « Il n’y a pas de solution. Aucune. » Il est parti.",
        "Der Gesandte traf am 4. April 2019 ein. | Am 5. Mai sprach er mit Dr. Haftar.",
        "Посланник прибыл в г. Триполи. | «Решения нет», — сказал он. | Да?",
    ],
)
def test_sentences_of_other_languages(whole: str) -> None:
    assert sentences(whole.replace("|", "")) == [one.strip() for one in whole.split("|")]
