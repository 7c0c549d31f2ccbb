"""Whether a sentence can be read aloud on its own."""

from __future__ import annotations

import pytest

from retrieval.reports.lines import (
    bare_definite,
    is_tellable,
    leans,
    opens_with_pronoun,
    points_back,
    recalls,
    unnamed_office,
)


@pytest.mark.parametrize(
    "sentence",
    [
        "He said that the talks would go on until Friday.",
        "The vote took place on the day on which the United Kingdom had been due to leave.",
        "The two leaders said that they would turn to the Security Council.",
        "The Secretary-General called for calm and restraint.",
        "The Council also called on all forces to de-escalate.",
        "But the fighting near the town went on through the night.",
        "This was the third vote within ten weeks in London.",
        "The United States also blamed Iran for that attack, and Iran denied it.",
        "Talks will resume in Geneva next week, the spokesman said.",
        "The organisers asked people to remain there until the morning.",
        "The United States will work to advance these goals in the immediate term.",
        "Washington looks forward to partnering with Jordan in this regard.",
        "As outlined in the Resolution, free elections should be convened under UN supervision.",
        "Leaders of the European Union discussed the request on Wednesday.",
        "Furthermore, the assistance helps the most vulnerable Afghans.",
        "First, the ministers of the G7 agreed on a fund.",
    ],
)
def test_a_sentence_that_points_back_leans_on_the_one_before(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Khalifa Haftar ordered his forces on Thursday to march on Tripoli.",
        "The government in Tripoli declared a state of maximum alert.",
        "The United Nations plans to hold the conference in Ghadames.",
        "The foreign ministers of the G7 urged all parties in Libya to stop.",
        "Both sides in the battle for Tripoli claimed control of the airport.",
        "Algerian President Abdelaziz Bouteflika resigned on Tuesday after 20 years in office.",
        "The general command of the Libyan National Army presented its operation.",
        "First Lady Jill Biden met the King of Jordan in Amman.",
        "The Security Council adopted Resolution 2254, and the Resolution calls for elections.",
        "Guterres condemned those responsible for the attack in Kabul this week.",
    ],
)
def test_a_sentence_that_names_whom_it_speaks_of_stands(sentence: str) -> None:
    assert not leans(sentence)


def test_what_was_heard_before_lets_a_common_noun_stand() -> None:
    sentence = "The vote was held late in the evening after six hours of debate."
    assert bare_definite(sentence) == "vote"
    assert leans(sentence)
    assert not leans(sentence, heard="Parliament rejects the treaty by 344 votes to 286")


def test_words_in_quotation_marks_do_not_make_a_sentence_lean() -> None:
    assert not leans("Guterres wrote on Twitter: “He knows that they will come.”")


def test_pronouns_at_the_head_and_references_further_in_are_told_apart() -> None:
    assert opens_with_pronoun("They left Libya on Friday.")
    assert points_back("The European Council will consider the request on Wednesday.")
    assert not points_back("Leaders discussed the request of the United Kingdom.")
    assert recalls("Iran was also blamed for that attack.")


@pytest.mark.parametrize(
    "scrap",
    [
        "Subscribe to our newsletter for more news from the region every day.",
        "What happens next in the talks between the two sides in Geneva?",
        "We welcome the agreement and thank our partners for their work.",
        "Photo by a staff photographer shows the airport after the fighting.",
        "too short.",
        "First, to demonstrate the commitment of the United States to Israel’s security.",
        "The text of the following statement was released by the Governments of Japan and Italy.",
        "and then the convoy turned back towards the border with Tunisia.",
        "The minister said that “the talks would go on until Friday.",
    ],
)
def test_what_is_no_prose_of_the_matter_is_not_told(scrap: str) -> None:
    assert not is_tellable(scrap)


@pytest.mark.parametrize(
    "told",
    [
        "أعلنت السعودية والإمارات يوم الأحد حزمة مساعدات للسودان بقيمة 3 مليارات دولار.",
        "Законопроект внёс президент Владимир Путин.",
        "Le président congolais a nommé lundi un économiste au poste de Premier ministre.",
        "国家主席周三在首都会见了来访的外交部长，双方就停火问题交换了意见，并同意在下个月继续举行会谈。",
        "«Войска вошли в город утром», — сообщило министерство.",
    ],
)
def test_sentences_of_other_languages_are_told(told: str) -> None:
    assert is_tellable(told)


@pytest.mark.parametrize(
    "scrap",
    ["ما الذي سيحدث بعد ذلك في محادثات جنيف؟", "Подробнее о поездке министра", "اقرأ أيضا"],
)
def test_questions_and_headings_of_other_languages_are_not(scrap: str) -> None:
    assert not is_tellable(scrap)


def test_what_was_named_before_lets_a_pointer_stand() -> None:
    sentence = "The United States will work to advance these goals in the immediate term."
    assert not leans(sentence, heard="The ministers named goals for the talks in Amman")


def test_an_infinitive_with_a_main_clause_after_it_is_a_sentence() -> None:
    assert is_tellable(
        "To alleviate delays, the State Department and the embassies are working together."
    )


def test_an_office_without_a_name_is_seen_and_one_that_was_named_is_not() -> None:
    assert unnamed_office("The Secretary and Foreign Minister welcomed the truce in Gaza.")
    assert unnamed_office("Blinken thanked the Foreign Minister for the envoys’ efforts.")
    assert not unnamed_office("Blinken met the Foreign Minister of Jordan in Amman.")
    assert not unnamed_office("Foreign Minister Maas said that the Foreign Minister would stay.")
