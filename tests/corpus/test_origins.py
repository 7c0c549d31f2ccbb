"""Independent origins: what one source tells is one, and copies of it add none."""

from __future__ import annotations

from dataclasses import replace

from corpus.articles import origins_of
from tests.fakes.articles import stored_article

WIRE = stored_article("a", "One.", source="Wire")
REGIONAL = replace(stored_article("b", "Two.", source="Regional"))


def test_each_source_is_one_origin_however_much_it_tells() -> None:
    again = stored_article("c", "Three.", source="wire")
    assert len(origins_of([WIRE, again, REGIONAL])) == 2


def test_a_copy_belongs_to_the_source_of_the_first() -> None:
    copy = replace(stored_article("d", "One.", source="Gazette"), duplicate_of=WIRE.id)
    assert origins_of([WIRE, copy]) == origins_of([WIRE])


def test_copies_of_a_text_that_is_not_at_hand_are_one_origin() -> None:
    first = replace(stored_article("e", "One.", source="Gazette"), duplicate_of="elsewhere")
    second = replace(stored_article("f", "One.", source="Courier"), duplicate_of="elsewhere")
    assert len(origins_of([first, second])) == 1


def test_articles_without_a_source_stand_for_themselves() -> None:
    nameless = [stored_article(name, "Text.", source=None) for name in ("g", "h")]
    assert len(origins_of(nameless)) == 2


def test_nothing_has_no_origin() -> None:
    assert origins_of([]) == set()
