"""What counts as told, as leading and as dated in the measure of the main news."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.evaluation.main_news import Asked, Entry, Item, Shown, Timed, Told

EMBARGO = Item("The embargo", ("oil", "embargo|ban"), frozenset({("a", 2)}), lead=True)
TALKS = Item("The talks", ("talks", "Geneva"), frozenset({("b", 1)}), lead=False)
GREETING = "greeting"


def asked(*items: Item) -> Asked:
    since, until = datetime(2022, 3, 8, tzinfo=UTC), datetime(2022, 3, 9, tzinfo=UTC)
    return Asked("d", "sample", "", since, until, items, frozenset({GREETING}))


def shown(headline: str, *sentences: tuple[str, str, int]) -> Shown:
    said = tuple((text, (article, number)) for text, article, number in sentences)
    return Shown(headline, said, frozenset(article for _, article, _ in sentences))


def test_an_item_is_told_by_one_sentence_with_all_its_words_wherever_it_stands() -> None:
    assert shown("Markets", ("A ban on oil was announced.", "c", 9)).tells(EMBARGO)
    assert not shown("Markets", ("Oil is dear.", "c", 9), ("A ban is discussed.", "c", 9)).tells(
        EMBARGO
    )


def test_or_by_a_story_that_cites_its_paragraph_and_has_its_words() -> None:
    story = shown("The embargo", ("Imports of oil end today.", "a", 2))
    assert story.tells(EMBARGO)
    assert not story.tells(TALKS)


def test_a_day_is_led_by_what_may_stand_first_and_not_by_a_greeting() -> None:
    embargo = shown("The embargo", ("Imports of oil end today.", "a", 2))
    greeting = shown("Happy national day", ("We congratulate our friends.", GREETING, 1))
    assert Told(asked(EMBARGO), (embargo, greeting)).leads
    late = Told(asked(EMBARGO), (greeting, embargo))
    assert late.found == [True]
    assert not late.leads
    assert late.led_by_ceremony


def test_an_event_is_told_by_an_entry_of_its_day_that_cites_its_paragraph() -> None:
    begun, ended = date(2022, 2, 24), date(2022, 2, 26)
    event = Item("Invasion", (), frozenset({("a", 1)}), lead=False, dates=(begun,))
    right = Entry(begun, begun, ("a", 1), "Troops invaded.")
    assert Timed(asked(event), (right,)).found == [True]
    assert Timed(asked(event), (right,)).date_f1 == 1
    other = Entry(ended, ended, ("a", 1), "Troops invaded.")
    assert Timed(asked(event), (other,)).found == [False]
    assert Timed(asked(event), (right, other)).date_f1 == pytest.approx(2 / 3)
