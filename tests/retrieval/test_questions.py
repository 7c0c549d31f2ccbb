"""What is asked: kind, time, speaker, and what was given beside the text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retrieval.passages import Filter
from retrieval.questions.understand import (
    Asked,
    Intent,
    Narrowing,
    Turn,
    Wanted,
    kind_of_question,
    understand,
)

NOW = datetime(2019, 4, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Who leads the Libyan National Army?", Asked.PERSON),
        ("Which minister resigned in Rome?", Asked.PERSON),
        ("When did Haftar order the advance?", Asked.TIME),
        ("In what year was Gaddafi killed?", Asked.TIME),
        ("Where did the talks take place?", Asked.PLACE),
        ("In which city is the conference held?", Asked.PLACE),
        ("How many people were killed in Tripoli?", Asked.NUMBER),
        ("Why was the conference postponed?", Asked.REASON),
        ("What did Guterres say about Libya?", Asked.SAYING),
        ("Did Haftar agree to a ceasefire?", Asked.YES_NO),
        ("What is the Prespa agreement?", Asked.THING),
        ("Libya ceasefire", Asked.THING),
    ],
)
def test_the_kind_of_thing_that_would_answer(text: str, asked: Asked) -> None:
    assert kind_of_question(text) is asked


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("latest on Brexit", Wanted(Intent.LATEST, (), "Brexit")),
        (
            "hey can you tell me the latest on Sudan please?",
            Wanted(Intent.LATEST, (), "Sudan"),
        ),
        ("What is happening in Sudan?", Wanted(Intent.SITUATION, (), "Sudan")),
        ("Libya: state of play", Wanted(Intent.SITUATION, (), "Libya")),
        ("fishing talks, where do things stand?", Wanted(Intent.SITUATION, (), "fishing talks")),
        ("Where do things stand with the census?", Wanted(Intent.SITUATION, (), "the census")),
        ("Grain talks - where are we?", Wanted(Intent.SITUATION, (), "Grain talks")),
        ("What's the latest state of play on cod?", Wanted(Intent.SITUATION, (), "cod")),
        ("Quelle est la situation au Soudan ?", Wanted(Intent.SITUATION, (), "Soudan")),
        ("¿Cuál es la situación en Venezuela?", Wanted(Intent.SITUATION, (), "Venezuela")),
        ("Wie ist die Lage in Libyen?", Wanted(Intent.SITUATION, (), "Libyen")),
        ("Какова сейчас ситуация в Ливии?", Wanted(Intent.SITUATION, (), "Ливии")),
        ("ما هو الوضع في ليبيا؟", Wanted(Intent.SITUATION, (), "ليبيا")),
        ("利比亚的局势如何？", Wanted(Intent.SITUATION, (), "利比亚")),
        ("What is France's position on Libya?", Wanted(Intent.POSITION, ("France",), "Libya")),
        ("is Rome for or against the levy?", Wanted(Intent.POSITION, ("Rome",), "the levy")),
        ("Arab League on the Golan", Wanted(Intent.POSITION, ("Arab League",), "the Golan")),
        ("Who opposes the deal?", Wanted(Intent.SUPPORT, (), "the deal", against=True)),
        ("Which countries recognised Guaidó?", Wanted(Intent.SUPPORT, (), "Guaidó")),
        (
            "compare what US and Russia say about Venezuela",
            Wanted(Intent.COMPARISON, ("US", "Russia"), "Venezuela"),
        ),
        ("Nauseda vs Blinken on NATO", Wanted(Intent.COMPARISON, ("Nauseda", "Blinken"), "NATO")),
        ("What happened to Bouteflika?", Wanted(Intent.HAPPENED, (), "Bouteflika")),
        ("Summarise the Prespa story for me", Wanted(Intent.SUMMARY, (), "the Prespa story")),
        ("Which ports did the Houthis leave?", Wanted(Intent.LIST, (), "the Houthis leave")),
        ("What did May say about Brexit?", Wanted(Intent.SAYING, ("May",), "Brexit")),
        ("Did Iran leave the nuclear deal?", Wanted(Intent.YES_NO)),
        ("UNMHA mandate", Wanted(Intent.KEY_WORDS)),
        ("Why did Bashir fall?", Wanted(Intent.FACT)),
    ],
)
def test_the_form_of_answer_that_is_asked_for(text: str, wanted: Wanted) -> None:
    assert understand(text, NOW).wanted == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Where does Islamabad stand on Pulwama?",
        "What is Islamabad's position on Pulwama?",
        "Islamabad on Pulwama",
    ],
)
def test_a_position_is_looked_for_as_what_its_holder_says(text: str) -> None:
    question = understand(text, NOW)
    assert question.search_text == "What did Islamabad say about Pulwama?"
    assert question.asked is Asked.THING


def test_courtesies_are_no_search_words() -> None:
    assert understand(
        "hi, could you please tell me who leads the LNA? thanks", NOW
    ).search_text == ("tell me who leads the LNA?")


@pytest.mark.parametrize(
    "text",
    [
        "What happened in Gharyan on Thursday?",
        "What did the lawmakers decide in last weekend's vote?",
        "When is next month's debate?",
    ],
)
def test_a_time_that_tells_which_event_is_meant_filters_nothing(text: str) -> None:
    question = understand(text, NOW)
    assert not question.narrow
    assert question.around is not None


def test_news_of_a_time_was_published_then() -> None:
    narrow = understand("Is there this week's news on Libya?", NOW).narrow
    assert narrow.since is not None


def test_a_time_of_asking_narrows_the_search_and_leaves_its_words() -> None:
    question = understand("What happened in Libya since March?", NOW)
    assert question.narrow.since == datetime(2019, 3, 1, tzinfo=UTC)
    assert question.around is None
    assert "March" not in question.search_text
    assert "Libya" in question.search_text
    assert question.text == "What happened in Libya since March?"


def test_a_date_of_the_matter_only_prefers() -> None:
    question = understand("What happened in Tripoli on 4 April 2019?", NOW)
    assert not question.narrow
    assert question.around is not None
    assert question.around.since is not None
    assert question.around.since.date() == datetime(2019, 4, 4, tzinfo=UTC).date()
    assert "4 April 2019" in question.search_text


def test_a_question_without_a_time_has_none() -> None:
    question = understand("Who leads the Libyan National Army?", NOW)
    assert (question.narrow, question.around, question.latest) == (Filter(), None, False)


def test_yesterday_in_a_long_story_does_not_narrow() -> None:
    story = (
        "Yesterday I spoke with a colleague who told me about the meeting in Abu Dhabi between "
        "the two leaders of Libya, and we wondered what exactly they had agreed upon there?"
    )
    assert not understand(story, NOW).narrow


def test_what_was_given_wins_over_the_text() -> None:
    since, until = datetime(2019, 1, 1, tzinfo=UTC), datetime(2019, 2, 1, tzinfo=UTC)
    question = understand("What happened since March?", NOW, Narrowing(since=since, until=until))
    assert (question.narrow.since, question.narrow.until) == (since, until)


def test_nothing_later_than_the_as_of_date_is_seen() -> None:
    as_of = datetime(2019, 1, 20, tzinfo=UTC)
    question = understand("What is new since last week?", NOW, Narrowing(as_of=as_of))
    assert question.as_of == as_of
    assert question.narrow.until is not None
    assert question.narrow.until <= as_of
    assert question.narrow.since is not None
    assert question.narrow.since < as_of


def test_the_earlier_of_until_and_as_of_closes_the_window() -> None:
    as_of, until = datetime(2019, 1, 20, tzinfo=UTC), datetime(2019, 1, 10, tzinfo=UTC)
    for given in (Narrowing(as_of=as_of, until=until), Narrowing(as_of=until, until=as_of)):
        assert understand("Libya", NOW, given).narrow.until == until


def test_sources_and_places_are_passed_on() -> None:
    given = Narrowing(sources=("UN News",), places=("Libya", "Tunisia"))
    narrow = understand("What happened?", NOW, given).narrow
    assert (narrow.sources, narrow.places) == (("UN News",), ("Libya", "Tunisia"))


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("What did António Guterres say about Libya?", "António Guterres"),
        ("What has the EU said on the ceasefire?", "the EU"),
        ("Who spoke in Tripoli?", None),
    ],
)
def test_whose_words_are_asked_for(text: str, speaker: str | None) -> None:
    assert understand(text, NOW).speaker == speaker


def test_the_latest_is_asked_for_in_words() -> None:
    assert understand("What is the latest on Sudan?", NOW).latest
    assert not understand("What was said on Sudan?", NOW).latest


@pytest.mark.parametrize("text", ["", "   ", "?", "since March", "\n\t"])
def test_any_text_is_a_question(text: str) -> None:
    question = understand(text, NOW)
    assert question.text == " ".join(text.split())
    assert bool(question.search_text) == bool(question.text)


def test_white_space_is_folded_and_earlier_turns_are_kept() -> None:
    turns = (Turn("Who is Haftar?", "He leads the LNA."),)
    question = understand(" What\n did he  say? ", NOW, earlier=turns)
    assert (question.text, question.earlier) == ("What did he say?", turns)


@pytest.mark.parametrize(
    "text",
    [
        "By what name is that church known today?",
        "What language do these families speak today?",
        "Which country today is a remnant of the Ottoman Empire, and who governs it today?",
    ],
)
def test_today_in_a_question_of_what_is_so_means_these_times(text: str) -> None:
    asked = understand(text, NOW)
    assert not asked.narrow
    assert asked.around is not None


@pytest.mark.parametrize(
    "text",
    [
        "What is new on Sudan today?",
        "What is going on in Tripoli today?",
        "Any news on Sudan today?",
    ],
)
def test_today_in_a_question_for_news_narrows_to_the_day(text: str) -> None:
    assert understand(text, NOW).narrow


@pytest.mark.parametrize(
    "text",
    [
        "What happened in Libya today?",
        "Who met Haftar today?",
        "How many were killed today?",
        "What does Guterres say today?",
        "Which towns were taken today?",
    ],
)
def test_today_in_a_question_of_what_happened_is_preferred(text: str) -> None:
    question = understand(text, NOW)
    assert (bool(question.narrow), question.around is not None) == (False, True)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("¿Quién es el enviado especial para Libia?", Asked.PERSON),
        ("Combien de personnes ont été tuées à Tripoli ?", Asked.NUMBER),
        ("Wann begann die Offensive auf Tripolis?", Asked.TIME),
        ("Где прошли переговоры?", Asked.PLACE),
        ("لماذا هاجم حفتر طرابلس؟", Asked.REASON),
        ("من هو قائد الجيش الوطني الليبي؟", Asked.PERSON),
        ("هل التقى غوتيريش حفتر؟", Asked.YES_NO),
        ("多少人丧生？", Asked.NUMBER),
        ("哈夫塔尔说了什么？", Asked.SAYING),
        ("Was sagte Merkel gestern zu Libyen?", Asked.SAYING),
    ],
)
def test_the_kind_of_thing_that_is_asked_for_in_other_languages(text: str, asked: Asked) -> None:
    assert understand(text, NOW).asked is asked


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("¿Qué dijo Guterres sobre Libia?", "Guterres"),
        ("Qu'a dit le ministre hier ?", "le ministre"),
        ("ماذا قال غوتيريش عن ليبيا؟", "غوتيريش"),
        ("Что сказал Лавров о Ливии?", "Лавров"),
        ("古特雷斯对利比亚说了什么？", "古特雷斯"),
    ],
)
def test_whose_words_are_asked_for_in_other_languages(text: str, speaker: str) -> None:
    assert understand(text, NOW).speaker == speaker


@pytest.mark.parametrize(
    "text",
    [
        "Последние новости о Ливии",
        "آخر التطورات في ليبيا",
        "利比亚最新消息",
        "últimas noticias de Libia",
    ],
)
def test_the_latest_in_other_languages(text: str) -> None:
    assert understand(text, NOW).latest
