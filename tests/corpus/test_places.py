"""Places of a text: which countries it speaks of, and what only looks like one."""

from __future__ import annotations

import pytest

from corpus.text.places import listed_places, place_code, place_name, places_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fighting went on in Libya.", {"LY": 1}),
        ("Libyan forces left Benghazi for Tripoli.", {"LY": 3}),
        ("British and Emirati envoys met.", {"GB": 1, "AE": 1}),
        ("The Kremlin answered Downing Street and the White House.", {"RU": 1, "GB": 1, "US": 1}),
        ("The DRC, the UK, the U.S. and the UAE agreed.", {"CD": 1, "GB": 1, "US": 1, "AE": 1}),
        ("Burma, Ivory Coast and North Macedonia voted.", {"MM": 1, "CI": 1, "MK": 1}),
        ("Brussels and the EU waited.", {"EU": 2}),
        ("Türkiye’s envoy, Côte d’Ivoire’s envoy, N’Djamena’s.", {"TR": 1, "CI": 1, "TD": 1}),
        ("The anti-Russian US-China talks", {"RU": 1, "US": 1, "CN": 1}),
        ("The Korean Peninsula", {"KP": 1, "KR": 1}),
        ("LIBYA: TRIPOLI ON ALERT", {"LY": 2}),
        ("Kosovo and Taiwan", {"XK": 1, "TW": 1}),
    ],
)
def test_names_demonyms_towns_seats_and_abbreviations_stand_for_their_country(
    text: str, expected: dict[str, int]
) -> None:
    assert places_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("South Sudan is not Sudan.", {"SS": 1, "SD": 1}),
        ("Guinea, Guinea-Bissau, Equatorial Guinea, Papua New Guinea", ["GN", "GW", "GQ", "PG"]),
        ("Nigeria and the Nigerian army", {"NG": 2}),
        ("Niger and the Nigerien army", {"NE": 2}),
        ("North Korea and South Korean officials", {"KP": 1, "KR": 1}),
        ("Northern Ireland and Ireland", {"GB": 1, "IE": 1}),
        ("the Republic of Ireland", {"IE": 1}),
        ("the Democratic Republic of the Congo", {"CD": 1}),
        ("the Republic of the Congo", {"CG": 1}),
        ("the Dominican Republic and Dominica", {"DO": 1, "DM": 1}),
        ("the People’s Republic of China", {"CN": 1}),
        ("the Republic of China", {"TW": 1}),
        ("New Mexico and Mexico", {"US": 1, "MX": 1}),
    ],
)
def test_the_longest_name_counts_and_not_the_one_inside_it(
    text: str, expected: dict[str, int] | list[str]
) -> None:
    wanted = expected if isinstance(expected, dict) else dict.fromkeys(expected, 1)

    assert places_of(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "They ate turkey from china, he told us.",
        "TELL US ABOUT IT",
        "The Washington Post, The New York Times and The Times of Israel reported it.",
        "The Sudan Tribune and the Kyiv Independent reported it.",
        "Jordan Peterson and Chad Wolf spoke; so did Michael B. Jordan, Rep. Jordan.",
        "Paris Hilton praised the Paris Agreement, the Geneva Conventions and the Rome Statute.",
        "Rep. Jim Jordan spoke first. Jordan then left the room.",
        "Ships crossed the South China Sea and the Indian Ocean.",
        "Latin American and African American voters",
        "The guinea pig, the Guinea pig",
        "The Prince of Wales and the Organization of American States",
        "",
    ],
)
def test_what_only_looks_like_a_place_is_none(text: str) -> None:
    assert places_of(text) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Jordan hosted the talks.", "JO"),
        ("Will Jordan attend?", "JO"),
        ("Jordan Armed Forces said so.", "JO"),
        ("Jordan Says Border Is Closed", "JO"),
        ("Chad recalled its envoy.", "TD"),
        ("Turkey recalled its envoy.", "TR"),
        ("Protests went on in Georgia after the vote.", "GE"),
        ("US Secretary of State arrives in Georgia", "GE"),
        ("Voters in Georgia and Florida chose.", "US"),
        ("Georgia Gov. Brian Kemp signed it.", "US"),
        ("Georgian police in Florida, Georgia", "GE"),
        ("Clashes in the northern Lebanese city of Tripoli", "LB"),
    ],
)
def test_what_stands_around_a_name_of_two_meanings_decides(text: str, code: str) -> None:
    assert code in places_of(text)


def test_a_person_is_told_from_a_place_of_the_same_name_in_one_sentence() -> None:
    assert places_of("Israel Katz, of Israel, met George Washington.") == {"IL": 1}


def test_most_spoken_of_comes_first() -> None:
    found = places_of("Malta and Libya: the Libyan coast, Tripoli, Valletta.")

    assert list(found.items()) == [("LY", 3), ("MT", 2)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("La Libye et l’Allemagne", "fr", {"LY": 1, "DE": 1}),
        ("La Libye et l’Allemagne", None, {}),
        ("في ليبيا والعراق", None, {"LY": 1, "IQ": 1}),
        ("Бои в Ливии; Нигерия и Нигер", None, {"LY": 1, "NG": 1, "NE": 1}),
        ("利比亚和中国", None, {"LY": 1, "CN": 1}),
        ("La Libye", "xx-unheard-of", {}),
    ],
)
def test_other_languages_are_read_by_their_script_or_where_the_language_is_named(
    text: str, language: str | None, expected: dict[str, int]
) -> None:
    assert places_of(text, language) == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Libya", "LY"),
        ("libya", "LY"),
        ("ly", "LY"),
        ("the UK", "GB"),
        ("Emirati", "AE"),
        ("Kiev", "UA"),
        ("Libye", "LY"),
        ("ليبيا", "LY"),
        ("turkey", "TR"),
        ("eu", "EU"),
        ("Jordan", "JO"),
        ("Paris Agreement", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_place_is_known_by_any_of_its_names_whatever_their_case(
    name: str, code: str | None
) -> None:
    assert place_code(name) == code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("LY", "Libya"),
        ("CD", "DR Congo"),
        ("MM", "Myanmar"),
        ("EU", "European Union"),
        ("Q9", "Q9"),
    ],
)
def test_a_place_is_shown_as_the_news_names_it(code: str, name: str) -> None:
    assert place_name(code) == name


def test_every_name_that_is_shown_leads_back_to_its_code() -> None:
    codes = {code for code in map(place_code, _EVERY_LETTER_PAIR) if code}

    assert len(codes) > 240
    assert {place_code(place_name(code)) for code in codes} == codes


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_EVERY_LETTER_PAIR = [first + second for first in _LETTERS for second in _LETTERS]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Libya, Algeria and Sudan", ("Libya", "Algeria", "Sudan")),
        ("Iran & Iraq", ("Iran", "Iraq")),
        ("Libya, and Sudan", ("Libya", "Sudan")),
        ("Trinidad and Tobago", ()),
        ("Bosnia and Herzegovina", ()),
        ("Libya", ()),
        ("Libya and wheat", ()),
        ("talks between Libya and Sudan", ()),
        ("", ()),
    ],
)
def test_places_are_listed_where_a_text_does_nothing_else(
    text: str, listed: tuple[str, ...]
) -> None:
    assert listed_places(text) == listed
