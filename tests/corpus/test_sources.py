"""Who speaks at an address, and in which language a text is."""

from __future__ import annotations

import pytest

from corpus.articles import SourceKind, kind_of
from corpus.text.words import detect

OFFICIAL, WIRE, STATE = SourceKind.OFFICIAL, SourceKind.WIRE, SourceKind.STATE_MEDIA
UNKNOWN = SourceKind.UNKNOWN


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.state.gov/briefings/a", OFFICIAL),
        ("https://www.gov.uk/government/news/a", OFFICIAL),
        ("https://foreignminister.gov.au/a", OFFICIAL),
        ("https://www.mofa.go.jp/a", OFFICIAL),
        ("https://www.gob.mx/sre/a", OFFICIAL),
        ("https://news.un.org/en/a", OFFICIAL),
        ("https://ec.europa.eu/a", OFFICIAL),
        ("https://www.nato.int/a", OFFICIAL),
        ("https://www.defense.mil/a", OFFICIAL),
        ("https://www.reuters.com/a", WIRE),
        ("https://hosted.ap.org/a", WIRE),
        ("https://english.news.cn/a", STATE),
        ("https://www.spa.gov.sa/a", STATE),
        ("https://tass.com/a", STATE),
        ("https://www.rt.com/a", STATE),
        ("https://www.bbc.co.uk/a", UNKNOWN),
        ("https://www.dw.com/a", UNKNOWN),
        ("https://example.org/a", UNKNOWN),
        ("https://gov.example.org/a", UNKNOWN),
        ("https://notreuters.com/a", UNKNOWN),
        ("https://reuters.com.example.org/a", UNKNOWN),
    ],
)
def test_by_the_host(url: str, kind: SourceKind) -> None:
    assert kind_of(None, url) is kind


def test_a_name_counts_only_where_there_is_no_web_host() -> None:
    assert kind_of("Reuters", "file:///tmp/a.txt") is WIRE
    assert kind_of("Reuters", "https://example.org/a") is UNKNOWN
    assert kind_of(None, "file:///tmp/a.txt") is UNKNOWN


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The government in Tripoli has declared a military alert.", "en"),
        ("Le gouvernement libyen a déclaré l’alerte militaire.", "fr"),
        ("Правительство Ливии объявило военную тревогу.", "ru"),
        ("أعلنت الحكومة الليبية حالة التأهب القصوى في طرابلس", "ar"),
        ("Tripoli", None),
        ("12 345 678 901 234 567 890", None),
        ("", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert detect(text) == language
