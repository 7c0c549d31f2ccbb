"""Words by language: what should meet in the lexical index meets, script by script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from retrieval.index.analysis import forms, main_script, readings, script_of, scripts, terms, tokens


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "The envoys' negotiations", "the envoy negotiation"),
        ("fr", "les élections présidentielles", "LES ÉLECTION PRÉSIDENTIELLE"),
        ("fr", "cafe\u0301", "café"),
        ("es", "las negociaciones", "las negociación"),
        ("de", "die Verhandlungen, Straße", "die Verhandlung strasse"),
        ("tr", "İSTANBUL", "istanbul"),
        ("tr", "IĞDIR", "ığdır"),
        ("ru", "Ещё её правительства", "еще ее правительство"),
        ("ru", "Ки́ев", "киев"),
        ("uk", "Київ", "київ"),
        ("el", "ΚΥΒΕΡΝΗΣΗΣ", "κυβέρνησης"),
        ("ar", "مُحَمَّد", "محمد"),
        ("ar", "الأمـــم", "الأمم"),
        ("ar", "الحكومة", "حكومة"),
        ("ar", "الإتفاق", "الاتفاق"),
        ("fa", "ایران کشور", "ايران كشور"),
        ("he", "שָׁלוֹם", "שלום"),
        ("ja", "ｶﾀｶﾅ", "カタカナ"),
        ("zh", "２０１９年", "2019年"),
        ("ar", "٢٠١٩", "2019"),
        ("hi", "२०१९", "2019"),
    ],
)
def test_forms_of_a_word_meet(language: str, one: str, other: str) -> None:
    assert tokens(one, language) == tokens(other, language) != []


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("ru", "Йемен", "Иемен"), ("uk", "їжак", "іжак"), ("en", "Haftar", "Hafez")],
)
def test_different_words_stay_apart(language: str, one: str, other: str) -> None:
    assert tokens(one, language) != tokens(other, language)


def test_english_has_accents_taken_off_and_porter_stems() -> None:
    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for one in (Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(one)
    text = "The envoy’s “final” offer — 1,500 troops, Häftar & Côte d’Ivoire: don't re-negotiate."
    assert tokens(text, "en") == list(builder.build().analyze(text))
    assert tokens(text) == tokens(text, "en")


def test_languages_without_words_are_cut_into_pairs() -> None:
    assert tokens("安理会决议", "zh") == ["安理", "理会", "会决", "决议"]
    assert tokens("東京の大使館", "ja") == ["東京", "京の", "の大", "大使", "使館"]
    assert tokens("中", "zh") == ["中"]
    assert tokens("ไทย", "th") == ["ไท", "ทย"]
    assert tokens("한국어 대사관", "ko") == ["한국", "국어", "대사", "사관"]


def test_vowel_signs_do_not_cut_words() -> None:
    assert tokens("हिन्दी में कार्य।", "hi") == ["हिन्दी", "में", "कार्य"]


def test_each_stretch_is_analysed_by_its_script() -> None:
    found = tokens("قالت وكالة Reuters إن COVID-19 انتشر", "ar")
    assert {"reuter", "covid", "19"} <= set(found)
    assert tokens("ТАСС: Reuters reported", "ru")[1:] == tokens("Reuters reported")
    assert tokens("安理会 Security Council", "zh")[-2:] == tokens("Security Council", "en")


def test_words_keep_their_order() -> None:
    assert tokens("Москва и Washington договорились", "ru") == [
        "москв", "и", "washington", "договор",
    ]  # fmt: skip


def test_a_language_of_another_script_changes_nothing() -> None:
    assert tokens("Haftar advanced", "ar") == tokens("Haftar advanced")
    assert tokens("правительства", "fr") == tokens("правительства", "ru")


def test_a_question_is_read_in_every_language_of_the_index() -> None:
    found = readings("élections à Tripoli", {"fr", "ar", "en"})
    assert found[0] == tuple(tokens("élections à Tripoli"))
    assert tuple(tokens("élections à Tripoli", "fr")) in found
    assert len(found) == 2
    assert readings("Tripoli 2019", set()) == [("tripoli", "2019")]


def test_a_word_with_several_forms_is_one_term() -> None:
    found = terms("Who leads the negotiations?", {"de", "fr"})
    assert found == tuple(tokens("Who leads the negotiations?"))
    assert forms(found[-1])[0] == "negoti"
    assert set(forms(found[-1])) == {
        "negoti",
        *tokens("negotiations", "de"),
        *tokens("negotiations", "fr"),
    }
    assert forms("negoti") == ("negoti",)


def test_the_main_script_is_that_of_most_letters() -> None:
    assert main_script("قالت وكالة الأنباء Reuters عام 2019") == "arabic"
    assert main_script("Reuters reported from الخرطوم") == "latin"
    assert main_script("2019?") is None


def test_scripts_are_those_of_letters() -> None:
    assert scripts("Haftar, 2019 — “…”") == {"latin"}
    assert scripts("2019 — !") == set()
    assert scripts("安理会 and ТАСС") == {"han", "latin", "cyrillic"}


@pytest.mark.parametrize(
    ("language", "script"),
    [("en", "latin"), ("sw", "latin"), ("ru", "cyrillic"), ("uk", "cyrillic"), ("ar", "arabic"),
     ("fa", "arabic"), ("zh", "han"), ("ja", "han"), ("el", "greek"), ("th", "thai")],
)  # fmt: skip
def test_languages_have_a_script(language: str, script: str) -> None:
    assert script_of(language) == script


@given(st.text(max_size=60), st.sampled_from([None, "en", "ar", "tr", "zh", "el", "hi", "xx"]))
def test_any_text_has_terms_without_white_space(text: str, language: str | None) -> None:
    found = tokens(text, language)
    assert all(term and not any(character.isspace() for character in term) for term in found)


@given(st.text(max_size=60), st.sets(st.sampled_from(["en", "fr", "de", "tr", "ru", "uk", "fa"])))
def test_every_language_parts_a_text_in_the_same_places(text: str, languages: set[str]) -> None:
    assert {len(one) for one in readings(text, languages)} == {len(tokens(text))}
