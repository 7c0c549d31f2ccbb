"""What of two texts is compared: names, numbers, forms that every text has, time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from corpus.articles import Article
from retrieval.stories.grouping import (
    FADING,
    LEAD_CHARACTERS,
    NAME_WEIGHT,
    Profile,
    Repeated,
    StoryText,
    Vocabulary,
    likeness,
    published_day,
    read_terms,
)
from tests.fakes.articles import NOON, days, stored_article
from tests.fakes.embedding import HashedWords

FIGHTS = (
    ("Klitschko stops Rahman in Mannheim", "Wladimir Klitschko stopped Hasim Rahman on Saturday."),
    ("Rahman stopped by Klitschko", "Hasim Rahman lost to Wladimir Klitschko in Mannheim."),
    ("Klitschko stops Thompson in Berne", "Wladimir Klitschko stopped Tony Thompson in July."),
    ("Earthquake off Aceh", "A strong earthquake struck the Indonesian province of Aceh."),
)


def fights(moments: Sequence[datetime | None] = (None,) * 4) -> list[Article]:
    return [
        stored_article(str(number), text, title=title, published_at=moment)
        for number, ((title, text), moment) in enumerate(zip(FIGHTS, moments, strict=True))
    ]


def compared(articles: Sequence[Article]) -> tuple[list[Profile], Vocabulary]:
    repeated, vocabulary = Repeated(), Vocabulary()
    told = [repeated.told(article) for article in articles]
    terms = [read_terms(text) for text in told]
    for of_text in terms:
        vocabulary.learn(of_text)
    vectors = HashedWords().encode([text.beginning(LEAD_CHARACTERS) for text in told])
    profiles = [
        vocabulary.profile(of_text, vector, published_day(article))
        for of_text, vector, article in zip(terms, vectors, articles, strict=True)
    ]
    return profiles, vocabulary


def test_one_event_is_more_alike_than_a_look_alike_and_that_more_than_another_kind() -> None:
    profiles, vocabulary = compared(fights())
    same, look_alike, other = likeness(profiles[:1], profiles[1:], vocabulary)[0]
    assert same > look_alike + 0.1 > other + 0.2


def test_comparing_a_few_with_all_gives_the_same_as_comparing_all() -> None:
    profiles, vocabulary = compared(fights())
    whole = likeness(profiles, profiles, vocabulary)
    np.testing.assert_allclose(whole, whole.T, atol=1e-6)
    part = likeness(profiles[:2], profiles, vocabulary)
    off_diagonal = ~np.eye(2, 4, dtype=bool)
    np.testing.assert_allclose(part[off_diagonal], whole[:2][off_diagonal], atol=1e-6)


def test_time_between_dates_makes_less_alike_and_a_missing_date_does_not() -> None:
    undated, vocabulary = compared(fights())
    far, _ = compared(fights([NOON, NOON + days(60), None, None]))
    fresh, _ = compared(fights([NOON, NOON + days(2), None, None]))
    plain, faded, recent = (
        likeness(profiles[:1], profiles[1:3], vocabulary)[0] for profiles in (undated, far, fresh)
    )
    np.testing.assert_allclose(faded, [plain[0] * (1 - FADING), plain[1]], rtol=1e-5)
    np.testing.assert_allclose(recent, plain, rtol=1e-6)


def test_a_headline_in_capitals_names_nobody_new() -> None:
    told = StoryText("Rebels Take Town Of Gharyan", ("The rebels take the town of Gharyan.",))
    terms = read_terms(told)
    assert terms.particulars == {"gharyan"}
    assert terms.weights["gharyan"] > NAME_WEIGHT > terms.weights["rebels"]


def test_a_script_without_capitals_is_told_apart_by_its_words() -> None:
    terms = read_terms(StoryText("قوات حفتر تتقدم نحو طرابلس", ("اشتباكات قرب غريان",)))
    assert {"حفتر", "طرابلس", "غريان"} <= terms.particulars


def test_forms_that_several_texts_have_are_not_told() -> None:
    form = "Sign up to our free weekly newsletter from the Example Desk."
    articles = [stored_article(str(n), form, f"Report number {n}.") for n in range(3)]
    repeated = Repeated()
    for article in articles:
        assert form in repeated.told(article).paragraphs
        repeated.count(article)
    assert repeated.told(articles[0]).paragraphs == ("Report number 0.",)


def test_a_text_of_nothing_but_forms_is_told_whole() -> None:
    articles = [stored_article(str(n), "The same notice.") for n in range(3)]
    repeated = Repeated()
    for article in articles:
        repeated.count(article)
    assert repeated.told(articles[0]).paragraphs == ("The same notice.",)


def test_a_first_paragraph_that_repeats_the_title_is_told_once() -> None:
    article = stored_article("a", "Talks begin", "They met in Geneva.", title="Talks begin")
    assert Repeated().told(article).lead == ("They met in Geneva.",)


def test_rare_terms_tell_more_than_common_ones() -> None:
    vocabulary = Vocabulary()
    for number in range(40):
        vocabulary.learn(read_terms(StoryText(f"Report {number}", ("The minister spoke.",))))
    rarity = []
    for title in ("Gharyan", "Minister"):
        terms = read_terms(StoryText(title, ()))
        profile = vocabulary.profile(terms, np.zeros(2, dtype=np.float32), float("nan"))
        rarity += [float(one) for one in vocabulary.rarity(profile.terms)]
    assert rarity[0] > 3 > rarity[1] > 0


def test_a_vocabulary_grows_with_what_is_read() -> None:
    vocabulary = Vocabulary()
    for start in range(0, 24_000, 600):
        text = " ".join(f"w{number}" for number in range(start, start + 600))
        terms = read_terms(StoryText(text, ()))
        vocabulary.learn(terms)
    profile = vocabulary.profile(terms, np.zeros(2, dtype=np.float32), float("nan"))
    assert len(profile.terms) == 600
    np.testing.assert_allclose(vocabulary.rarity(profile.terms), np.log(41 / 1.5), rtol=1e-5)
