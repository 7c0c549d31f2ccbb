"""How names are spelled: what counts as one name, and what an article explains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.names import changed_letters, defined_acronyms, meant, sounds, spelled_names


@pytest.mark.parametrize(
    ("typed", "corpus", "found"),
    [
        ("hifter", {"haftar": 40, "hunter": 9}, "haftar"),
        ("serraj", {"sarraj": 12, "serra": 1}, "sarraj"),
        ("qadhafi", {"gaddafi": 30}, "gaddafi"),
        ("guteres", {"guterres": 80, "peters": 3}, "guterres"),
        ("garyan", {"gharyan": 5}, "gharyan"),
        ("blinekn", {"blinken": 5}, "blinken"),
        ("stoltneburg", {"stoltenberg": 7}, "stoltenberg"),
    ],
)
def test_a_misspelt_name_is_known(typed: str, corpus: dict[str, int], found: str) -> None:
    assert meant(typed, corpus) == found


@pytest.mark.parametrize(
    ("typed", "corpus"),
    [
        ("tripoli", {"triple": 3}),
        ("garyan", {"goran": 4}),
        ("blinken", {"clinton": 9}),
        ("mali", {"malta": 2}),
        ("sudan", {"judaean": 4}),
        ("haftar", {}),
    ],
)
def test_another_name_is_not_taken_for_it(typed: str, corpus: dict[str, int]) -> None:
    assert meant(typed, corpus) is None


def test_of_equally_near_spellings_the_commonest_is_meant() -> None:
    assert meant("salama", {"salame": 30, "salami": 2}) == "salame"


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [("a", "a", 0), ("ab", "ba", 1), ("haftar", "hifter", 2), ("", "abc", 3), ("abc", "ac", 1)],
)
def test_changed_letters(one: str, other: str, changes: int) -> None:
    assert changed_letters(one, other) == changes


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_changes_are_counted_alike_from_both_sides(one: str, other: str) -> None:
    assert changed_letters(one, other) == changed_letters(other, one)
    assert (changed_letters(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Khalifa Haftar's Libyan National Army (LNA) moved.", [("lna", "Libyan National Army")]),
        (
            "The Government of National Accord (GNA) declared an alert.",
            [("gna", "Government of National Accord")],
        ),
        ("Under the United Nations’ Security Council (Council) it met.", []),
        ("Fighting in the Fezzan (FFF) went on.", []),
        ("The U.S. Agency for International Development (USAID) paid.", []),
        (
            "the World Food Programme (W.F.P.) and the African Union (AU)",
            [("wfp", "World Food Programme"), ("au", "African Union")],
        ),
    ],
)
def test_acronyms_that_a_text_explains(text: str, found: list[tuple[str, str]]) -> None:
    assert list(defined_acronyms(text)) == found


def test_names_that_can_be_misspelt() -> None:
    text = "Fayez al-Sarraj met Xi and Jean-Yves Le Drian in Tripoli."
    assert set(spelled_names(text)) >= {"fayez", "sarraj", "jean", "yves", "drian", "tripoli"}
    assert "xi" not in set(spelled_names(text))


@pytest.mark.parametrize(
    "written",
    [
        "Haftar حفتر Хафтаром 哈夫塔尔",
        "Guterres غوتيريش Гутерриш 古特雷斯",
        "Lavrov لافروف Лавров 拉夫罗夫",
        "Netanyahu نتنياهو Нетаньяху 内塔尼亚胡",
        "Zelensky زيلينسكي Зеленский 泽连斯基",
        "Burhan والبرهان Бурхан 布尔汉",
        "Khamenei خامنئي Хаменеи 哈梅内伊",
        "Blinken بلينكن Блинкен 布林肯",
    ],
)
def test_a_name_sounds_the_same_in_every_script(written: str) -> None:
    first, *others = written.split()
    for other in others:
        assert sounds(first) & sounds(f"{other}."), other


def test_other_names_and_plain_words_sound_otherwise() -> None:
    assert not sounds("Haftar") & sounds("Hammer حماد Хабаров 哈马斯")
    assert not sounds("the talks were held on the border")


def test_numbers_are_the_same_in_every_script() -> None:
    assert sounds("in 2019, 1,500 of them") & sounds("عام ٢٠١٩") == {"2019"}
