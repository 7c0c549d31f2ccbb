"""The lexical index: words, filters, and keeping to the store's sequence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.articles import Article
from retrieval.errors import IndexUnavailable
from retrieval.index.lexical import LexicalIndex
from retrieval.passages import Filter
from tests.fakes.articles import NOON, days, stored_article

FIRST = stored_article(
    "first",
    "Khalifa Haftar ordered his forces to advance on Tripoli.",
    "The conference was planned in Ghadames.",
    title="Offensive begins",
    source="Example News",
)
SECOND = stored_article(
    "second",
    "Protesters in Khartoum demanded that Omar al-Bashir resign.",
    title="Sit-in goes on",
    source="Horn Review",
    published_at=NOON + days(7),
)
UNDATED = stored_article(
    "undated", "Notes on Libya and New Zealand.", published_at=None, source=None
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalIndex]:
    opened = LexicalIndex(tmp_path)
    opened.apply([FIRST, SECOND, UNDATED], 3)
    yield opened
    opened.close()


def found(index: LexicalIndex, text: str, narrow: Filter | None = None) -> list[tuple[str, int]]:
    return [key for key, _ in index.search(text, 10, narrow)]


def key(article: Article, number: int = 1) -> tuple[str, int]:
    return (article.id, number)


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Haftar", "HAFTAR", "ordering an advance", "Who is Khalifa Haftar?", "Häftar", "tripoli?!"],
)
def test_a_paragraph_is_found_by_its_words_in_any_form(index: LexicalIndex, text: str) -> None:
    assert found(index, text)[0] == key(FIRST)


def test_a_paragraph_is_found_by_the_title_of_its_article(index: LexicalIndex) -> None:
    assert set(found(index, "offensive")) == {key(FIRST, 1), key(FIRST, 2)}


@pytest.mark.parametrize(
    "text", ["", "   ", "???", "xyzzy", "OR NOT", '"unclosed', "key:#position"]
)
def test_a_text_that_matches_nothing_finds_nothing(index: LexicalIndex, text: str) -> None:
    assert found(index, text) == []


def test_the_better_match_is_first(index: LexicalIndex) -> None:
    hits = index.search("Haftar forces advance Ghadames", 10)
    assert [hit for hit, _ in hits] == [key(FIRST, 1), key(FIRST, 2)]
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)


def test_no_more_than_asked_for(index: LexicalIndex) -> None:
    assert len(index.search("offensive", 1)) == 1
    assert index.search("offensive", 0) == []


def test_scores_of_given_paragraphs_are_those_of_a_search(index: LexicalIndex) -> None:
    text = "Haftar in Ghadames, Khartoum and Tripoli"
    scores = index.scores(text, [key(FIRST, 1), key(FIRST, 2), key(SECOND), key(UNDATED)])
    assert scores == dict(index.search(text, 10))
    assert index.scores(text, []) == {}


def test_in_how_many_paragraphs_a_term_stands(index: LexicalIndex) -> None:
    (term,) = index.terms("Haftar")
    assert index.document_frequency([term, "xyzzy"]) == {term: 1, "xyzzy": 0}


# -- filters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("narrow", "passing"),
    [
        (Filter(since=NOON), {key(FIRST, 1), key(FIRST, 2), key(SECOND)}),
        (Filter(until=NOON), {key(FIRST, 1), key(FIRST, 2)}),
        (Filter(since=NOON + days(1)), {key(SECOND)}),
        (Filter(since=NOON, until=NOON + days(7)), {key(FIRST, 1), key(FIRST, 2), key(SECOND)}),
        (Filter(since=NOON + days(8)), set()),
        (Filter(sources=("Example News",)), {key(FIRST, 1), key(FIRST, 2)}),
        (
            Filter(sources=("example news", "HORN REVIEW")),
            {key(FIRST, 1), key(FIRST, 2), key(SECOND)},
        ),
        (Filter(sources=("Example",)), set()),
        (Filter(places=("Khartoum",)), {key(SECOND)}),
        (Filter(places=("new zealand",)), {key(UNDATED)}),
        (Filter(places=("zealand new",)), set()),
        (Filter(places=("Khartoum", "Ghadames")), {key(SECOND), key(FIRST, 2)}),
        (Filter(places=("",)), set()),
        (Filter(until=NOON, places=("Khartoum",)), set()),
    ],
)
def test_what_a_filter_lets_pass(
    index: LexicalIndex, narrow: Filter, passing: set[tuple[str, int]]
) -> None:
    everything = [key(FIRST, 1), key(FIRST, 2), key(SECOND), key(UNDATED)]
    assert set(index.matching(narrow, 10)) == passing
    assert index.count(narrow) == len(passing)
    assert index.passing(everything, narrow) == passing
    words = "Haftar conference protesters notes"
    assert set(found(index, words, narrow)) == passing


def test_a_filter_does_not_change_scores(index: LexicalIndex) -> None:
    free = dict(index.search("Haftar Tripoli", 10))
    narrowed = dict(index.search("Haftar Tripoli", 10, Filter(since=NOON, places=("Tripoli",))))
    assert narrowed.items() <= free.items()


# -- following the store -----------------------------------------------------------------------


def test_the_position_is_that_of_the_last_change(index: LexicalIndex) -> None:
    assert index.position == 3
    index.apply([], 7)
    assert index.position == 7
    assert index.size == 4


def test_a_new_version_replaces_every_paragraph(index: LexicalIndex) -> None:
    changed = stored_article("first", "The advance was halted.", title="Correction", version=2)
    index.apply([changed], 4)
    assert found(index, "Haftar Ghadames offensive") == []
    assert found(index, "halted") == [key(FIRST)]
    assert index.size == 3


def test_applying_the_same_again_changes_nothing(index: LexicalIndex) -> None:
    index.apply([FIRST, SECOND], 3)
    assert index.size == 4
    assert sorted(found(index, "offensive")) == [key(FIRST, 1), key(FIRST, 2)]


def test_a_withdrawn_article_is_gone(index: LexicalIndex) -> None:
    index.apply([stored_article("second", SECOND.paragraphs[0].text, withdrawn_at=NOON)], 4)
    assert found(index, "Khartoum") == []


def test_an_empty_paragraph_is_not_indexed_and_keeps_the_numbers(index: LexicalIndex) -> None:
    index.apply([stored_article("gap", "One xylophone.", " ", "Three xylophones.")], 4)
    assert {number for _, number in found(index, "xylophone")} == {1, 3}


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    first = LexicalIndex(tmp_path)
    first.apply([FIRST], 9)
    first.close()
    again = LexicalIndex(tmp_path)
    assert (again.position, again.size) == (9, 2)
    again.clear()
    assert (again.position, again.size) == (0, 0)
    again.apply([SECOND], 1)
    assert found(again, "Khartoum") == [key(SECOND)]
    again.close()


def test_an_empty_index_can_be_asked(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path)
    assert (index.position, index.size, index.search("Libya", 3)) == (0, 0, [])
    assert index.count(Filter(since=NOON)) == 0


@pytest.mark.parametrize("part", ["paragraphs", "articles"])
def test_a_damaged_index_is_refused_with_what_to_do(tmp_path: Path, part: str) -> None:
    index = LexicalIndex(tmp_path)
    index.apply([FIRST], 1)
    index.close()
    (meta,) = tmp_path.glob(f"lexical-*/{part}/meta.json")
    meta.write_text("{")
    with pytest.raises(IndexUnavailable, match="chancery reindex"):
        LexicalIndex(tmp_path)


def test_a_second_writer_is_refused(index: LexicalIndex, tmp_path: Path) -> None:
    second = LexicalIndex(tmp_path)
    assert second.position == 3
    with pytest.raises(IndexUnavailable, match="another process"):
        second.apply([FIRST], 4)


# -- languages ---------------------------------------------------------------------------------

FRENCH = stored_article(
    "french",
    "Les négociations sur la présidence de l’Algérie reprennent lundi dans la capitale.",
    title="Négociations à Alger",
    language="fr",
)
RUSSIAN = stored_article(
    "russian", "Правительства двух стран договорились о границе.", title="Граница", language="ru"
)
CHINESE = stored_article("chinese", "安理会通过决议", title="决议", language="zh")
ARABIC = stored_article(
    "arabic", "أعلنت الحكومة في الخرطوم حالة الطوارئ", title="السودان", language="ar"
)
BILINGUAL = stored_article(
    "bilingual",
    "The ministers welcomed the agreement and called on all parties to keep to what it says.",
    "Les ministres se félicitent des accords et appellent toutes les parties à les respecter.",
    title="Communiqué",
    language="en",
)


@pytest.fixture
def polyglot(index: LexicalIndex) -> LexicalIndex:
    index.apply([FRENCH, RUSSIAN, CHINESE, ARABIC, BILINGUAL], 8)
    return index


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("négociation", FRENCH),
        ("правительство", RUSSIAN),
        ("理会", CHINESE),
        ("حكومة", ARABIC),
        ("ordering an advance", FIRST),
    ],
)
def test_a_paragraph_is_found_by_the_forms_of_its_language(
    polyglot: LexicalIndex, text: str, article: Article
) -> None:
    assert found(polyglot, text)[0] == key(article)


def test_each_paragraph_of_a_bilingual_article_is_analysed_in_its_own_language(
    polyglot: LexicalIndex,
) -> None:
    """ "parties" has the stem "part" in French, "parti" in English."""
    assert found(polyglot, "part") == [key(BILINGUAL, 2)]
    assert found(polyglot, "party") == [key(BILINGUAL, 1)]


def test_other_languages_leave_the_order_of_english_paragraphs(polyglot: LexicalIndex) -> None:
    english = {key(FIRST, 1), key(FIRST, 2), key(SECOND), key(UNDATED)}
    text = "Who ordered the forces of Haftar to advance on Tripoli?"
    assert [one for one in found(polyglot, text) if one in english][:1] == [key(FIRST, 1)]


def test_a_word_is_as_rare_as_all_its_forms_together(polyglot: LexicalIndex) -> None:
    """Only one paragraph has the French stem of "negotiations", but the word is the same."""
    english = [
        stored_article(f"talks{number}", "Negotiations went on.", title="Talks")
        for number in range(5)
    ]
    polyglot.apply(english, 9)
    rarity = polyglot.rarity("negotiations in Algeria")
    assert rarity.keys() == {"negoti", "algeria"}
    assert rarity["negoti"] == pytest.approx(polyglot.idf(["negoti"])["negoti"], abs=0.3)


def test_a_name_is_known_in_the_language_that_has_it(polyglot: LexicalIndex) -> None:
    assert all(map(polyglot.holds, ("Haftar", "Algérie", "Границы", "الخرطوم")))
    assert not any(map(polyglot.holds, ("Guterres", "Москва", "طرابلس")))


def test_a_place_narrows_in_every_language(polyglot: LexicalIndex) -> None:
    assert set(polyglot.matching(Filter(places=("الخرطوم",)), 10)) == {key(ARABIC)}
    assert set(polyglot.matching(Filter(places=("двух стран",)), 10)) == {key(RUSSIAN)}


def test_languages_are_still_known_after_reopening(tmp_path: Path) -> None:
    first = LexicalIndex(tmp_path)
    first.apply([FRENCH], 1)
    first.apply([RUSSIAN], 2)
    first.close()
    again = LexicalIndex(tmp_path)
    assert found(again, "négociation") == [key(FRENCH)]
    assert found(again, "правительство") == [key(RUSSIAN)]
    assert not again.lacks_script("Где граница?")


def test_a_script_that_no_paragraph_has_is_known(index: LexicalIndex) -> None:
    assert index.lacks_script("ماذا قال حفتر؟")
    assert not index.lacks_script("Где Khalifa Haftar?"), "most letters are Latin"
    assert not index.lacks_script("Où est Haftar?")
    assert not index.lacks_script("2019?")
    index.apply([ARABIC], 4)
    assert not index.lacks_script("ماذا قال حفتر؟")
