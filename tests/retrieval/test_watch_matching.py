"""Matching articles against watches: what is met, what only looks like it, and where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.articles import Article, SourceKind, article_id
from retrieval.encoders.encoder import Vectors
from retrieval.watches.matching import Criteria, Watched, WatchMatcher
from retrieval.watches.texts import How, WatchMatch
from tests.fakes.articles import address, read_article, stored_article
from tests.fakes.embedding import HashedWords
from tests.fakes.indexed import IndexedCorpus

NO_VECTORS = np.zeros((0, 0), dtype=np.float32)
SAID = "“There are clashes in Gharyan,” LNA spokesman Ahmed Mismari said on Thursday."
CLASHES = f"Fighting went on. {SAID}"


def matched(article: Article, *watches: Criteria) -> list[WatchMatch]:
    """What matches without any vectors; a watch's id is its position."""
    watched = [Watched(str(number), criteria) for number, criteria in enumerate(watches)]
    return WatchMatcher(watched, HashedWords().encode).matches(article, NO_VECTORS, ())


def meets(text: str, criteria: Criteria, title: str = "Dispatch") -> bool:
    return bool(matched(stored_article("a", text, title=title), criteria))


def test_a_match_shows_the_sentence_that_holds_the_word_to_the_letter() -> None:
    article = stored_article("a", "Talks went on in Rome.", CLASHES, "Gharyan lies in the west.")

    found = matched(article, Criteria(words=("Gharyan",)))

    assert found == [
        WatchMatch(
            watch="0",
            number=2,
            sentence=SAID,
            how=How.WORDS,
            what="Gharyan",
            score=1.0,
        )
    ]


def test_the_paragraph_with_most_of_what_is_watched_is_shown() -> None:
    article = stored_article("a", "Gharyan was quiet.", "Haftar’s forces entered Gharyan.")

    [match] = matched(article, Criteria(words=("Gharyan", "Haftar")))

    assert match.number == 2


def test_a_word_that_stands_only_in_the_title_shows_the_first_sentence() -> None:
    article = stored_article("a", "Forces moved on. More came.", title="Clashes in Gharyan")

    [match] = matched(article, Criteria(words=("Gharyan",)))

    assert (match.number, match.sentence) == (1, "Forces moved on.")


@pytest.mark.parametrize(
    ("watched", "text"),
    [
        ("Gharyan", "Clashes in GHARYAN’s suburbs"),
        ("ceasefire", "Both sides broke several ceasefires."),
        ("Security Council", "The Security Council’s members met."),
        ("Sisi", "Abdel Fattah el-Sisi spoke."),
        ("al-Sisi", "Abdel Fattah el-Sisi spoke."),
        ("Sanaa", "An air raid on Sana’a"),
        ("Sao Tome", "Elections in São Tomé"),
        ("ceasefire in Libya", "Libya’s rivals agreed to a ceasefire."),
        ("“no military solution”", "There is no military solution, he said."),
        ("ليبيا", "محادثات في ليبيا"),
    ],
)
def test_words_are_met_whatever_their_case_accents_number_and_article(
    watched: str, text: str
) -> None:
    assert meets(text, Criteria(words=(watched,)))


@pytest.mark.parametrize(
    ("watched", "text"),
    [
        ("Mali", "A malicious rumour in Somalia"),
        ("Security Council", "The council spoke of security."),
        ("“military solution”", "A solution that the military wants"),
        (
            "ceasefire in Libya",
            "A ceasefire held " + "for one more day " * 3 + "in Libya.",
        ),
        ("Gharyan", ""),
    ],
)
def test_parts_of_words_and_scattered_words_are_not_met(watched: str, text: str) -> None:
    assert not meets(text, Criteria(words=(watched,)))


def test_aliases_are_met_to_the_letter() -> None:
    criteria = Criteria(words=("Haftar",), aliases=("Hifter", "LNA"))

    assert meets("General Hifter’s column moved.", criteria)
    assert meets("The LNA advanced.", criteria)
    assert not meets("Hifters are unknown.", criteria)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sergey Lavrov spoke.", True),
        ("Sergei Lavrov spoke.", True),
        ("Russia’s Foreign Minister Lavrov spoke.", True),
        ("They met in Lavrov Street.", False),
        ("The painter Anna Lavrov spoke.", False),
    ],
)
def test_an_actor_is_named_in_full_with_a_title_or_a_like_given_name(
    text: str, expected: bool
) -> None:
    assert meets(text, Criteria(actors=("Sergey Lavrov",))) is expected


def test_a_place_must_be_what_the_article_is_about_or_stand_beside_the_word() -> None:
    criteria = Criteria(words=("ceasefire",), places=("LY",))
    waited = ["They waited."] * 4
    about = ("Libyans waited.", *waited, "Then a ceasefire began.")
    beside = (*waited, "A ceasefire, as in Libya, was sought.")
    aside = ("A ceasefire began in Gaza.", *waited, "Libya was glad.")

    assert matched(stored_article("a", *about, title="Dispatch"), criteria)
    assert matched(stored_article("b", *beside, title="Dispatch"), criteria)
    assert not matched(stored_article("c", *aside, title="Dispatch"), criteria)


def test_a_watch_of_a_place_alone_is_met_by_what_is_about_it() -> None:
    criteria = Criteria(places=("Libya",))

    assert meets("Talks went on in Benghazi.", criteria)
    assert meets("They went on.", criteria, title="Libyan talks")
    passing = (*["Talks in Rome went on."] * 5, "An envoy to Libya came.")
    assert not matched(stored_article("a", *passing, title="Rome"), criteria)


def test_a_place_that_no_table_knows_is_looked_for_by_name() -> None:
    assert meets("Clashes in Gharyan.", Criteria(words=("clashes",), places=("Gharyan",)))
    assert not meets("Clashes in Rome.", Criteria(words=("clashes",), places=("Gharyan",)))


def test_words_with_actors_need_both() -> None:
    criteria = Criteria(words=("ceasefire",), actors=("António Guterres",))

    assert meets("Antonio Guterres called for a ceasefire.", criteria)
    assert not meets("A ceasefire began.", criteria)
    assert not meets("Antonio Guterres spoke.", criteria)


def test_actors_with_places_need_both() -> None:
    criteria = Criteria(actors=("Khalifa Haftar",), places=("RU",))

    assert meets("Khalifa Haftar arrived in Moscow.", criteria)
    assert not meets("Khalifa Haftar arrived in Rome.", criteria)


def test_sources_and_kinds_narrow_who_says_it() -> None:
    article = stored_article("a", CLASHES, source="Example News")

    assert matched(article, Criteria(words=("Gharyan",), sources=("example news",)))
    assert not matched(article, Criteria(words=("Gharyan",), sources=("Other",)))
    assert matched(article, Criteria(words=("Gharyan",), kinds=(SourceKind.UNKNOWN,)))
    assert not matched(article, Criteria(words=("Gharyan",), kinds=(SourceKind.OFFICIAL,)))


# -- in meaning --------------------------------------------------------------------------------

EAST = np.array([1.0, 0.0], dtype=np.float32)
NEAR_EAST = np.array([0.8, 0.6], dtype=np.float32)
FAR = np.array([0.5, 0.866], dtype=np.float32)


def by_meaning(words: str, text: str, vector: Vectors) -> list[WatchMatch]:
    """What matches where the watch's words lie in the east and the text's paragraph at `vector`."""

    def encode(texts: Sequence[str]) -> Vectors:
        return np.stack([EAST for _ in texts])

    article = stored_article("a", "Rain fell.", text, title="Dispatch")
    matcher = WatchMatcher([Watched("w", Criteria(words=(words,)))], encode)
    return matcher.matches(article, np.stack([FAR, vector]), (1, 2))


def test_a_paragraph_near_in_meaning_is_met() -> None:
    [match] = by_meaning("halt to the fighting", "Guns fell silent.", NEAR_EAST)

    assert (match.number, match.how, match.what) == (2, How.MEANING, "halt to the fighting")
    assert match.score == pytest.approx(0.8)


def test_a_paragraph_that_is_not_near_enough_is_not() -> None:
    assert not by_meaning("halt to the fighting", "Guns fell silent.", FAR)


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("halt to fighting in Libya", "In Sudan guns fell silent.", False),
        ("halt to fighting in Libya", "Around Tripoli guns fell silent.", True),
        ("talks with Haftar on guns", "Guns fell silent.", False),
        ("talks with Haftar on guns", "Haftar saw them fall silent.", True),
        ("Gharyan", "Guns fell silent.", False),
    ],
)
def test_meaning_alone_does_not_replace_places_and_names(
    words: str, text: str, expected: bool
) -> None:
    assert bool(by_meaning(words, text, NEAR_EAST)) is expected


def test_the_index_gives_the_vectors_of_every_window_with_its_paragraph(tmp_path: Path) -> None:
    long = " ".join(f"word{number}" for number in range(150))
    with IndexedCorpus(tmp_path) as library:
        library.read(read_article("a", "Short and plain.", long), read_article("b", "Other."))
        article = library.store.article(article_id(address("a")))
        assert article is not None
        vectors, numbers = library.vectors.of_article(article)

        pieces = library.embeddings.windows(["Short and plain.", long])
        assert sorted(numbers) == [1] + [2] * len(pieces[1])
        assert len(pieces[1]) > 1
        expected = library.embeddings.encode([text for texts in pieces for text in texts])
        cosines = vectors @ expected.T
        assert np.allclose(np.sort(cosines.max(axis=1)), 1.0, atol=1e-3)
        unread = library.vectors.of_article(stored_article("never", "read"))
        assert unread[1] == []


# -- many --------------------------------------------------------------------------------------


def test_many_watches_are_matched_as_each_of_them_alone() -> None:
    watches = [
        Criteria(words=("Gharyan",)),
        Criteria(words=("clashes",), places=("LY",)),
        Criteria(words=("clashes", "Gharyan")),
        Criteria(actors=("Ahmed Mismari",)),
        Criteria(words=("LNA spokesman",)),
        Criteria(words=("Tobruk",)),
    ]
    article = stored_article("a", CLASHES, title="Libya")

    together = {match.watch for match in matched(article, *watches)}

    assert together == {str(n) for n, one in enumerate(watches) if matched(article, one)}
    assert together == {"0", "1", "2", "3", "4"}


def test_no_watches_and_no_paragraphs_match_nothing() -> None:
    assert matched(stored_article("a", CLASHES)) == []
    assert matched(stored_article("a"), Criteria(words=("talks",))) == []


@pytest.mark.parametrize(
    ("watched", "text"),
    [
        ("Haftar", "وصل حفتر إلى القاهرة أمس."),
        ("Khalifa Haftar", "Халифа Хафтар прибыл в Каир."),
        ("حفتر", "Haftar arrived in Cairo yesterday."),
        ("Haftar", "哈夫塔尔昨天抵达开罗。"),
    ],
)
def test_a_name_is_met_in_other_scripts(watched: str, text: str) -> None:
    article = stored_article("a", text, title="", language=None)
    (match,) = matched(article, Criteria(words=(watched,)))
    assert (match.what, match.sentence, match.how) == (watched, text, How.WORDS)


def test_a_name_that_sounds_like_many_words_is_met_only_as_it_is_written() -> None:
    article = stored_article("a", "ضرب السراج والسروج.", title="", language="ar")
    assert not matched(article, Criteria(words=("Sarraj",)))
