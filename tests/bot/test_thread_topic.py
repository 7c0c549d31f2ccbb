"""What a thread is about."""

from __future__ import annotations

from bot.chat.thread import ThreadLine, topic_of


def lines(*texts: str) -> list[ThreadLine]:
    """What three people wrote in turn."""
    return [
        ThreadLine(f"U0{number % 3}", f"{number}.0", text, to_us=False)
        for number, text in enumerate(texts)
    ]


def test_is_the_place_and_the_names_that_recur() -> None:
    topic = topic_of(
        lines(
            "Did anyone see the piece on Gharyan? Haftar's people say they took it.",
            "the LNA spokesman confirmed Gharyan",
            "ok",
            "Tripoli declared an alert",
        )
    )
    assert topic is not None
    assert topic.candidates[0].startswith("Libya, Gharyan")
    assert topic.candidates[-1] == "Libya"
    assert (topic.lines, topic.people, topic.articles) == (3, 2, 0)


def test_takes_linked_articles_for_more_than_talk() -> None:
    said = lines("what do we make of Ormsund and Tornholm?", "the thing from Tornholm is odd")
    titles = ["Ormsund fisheries protocol signed"]
    topic = topic_of(said, titles)
    assert topic is not None
    assert topic.candidates[0].startswith("Ormsund")
    assert topic.articles == 1


def test_a_first_word_is_no_name_unless_others_use_it() -> None:
    topic = topic_of(lines("Nobody reads this. Guterres did.", "has Guterres answered?"))
    assert topic is not None
    assert topic.candidates[0].split(", ")[0] == "Guterres"


def test_is_a_word_that_several_lines_have_where_nothing_is_named() -> None:
    topic = topic_of(lines("any movement on the ceasefire?", "the ceasefire seems to hold"))
    assert topic is not None
    assert topic.candidates[0] == "ceasefire"


def test_is_missing_where_people_only_chat() -> None:
    assert topic_of(lines("ok", "thanks!", ":+1:", "lunch?")) is None
    assert topic_of([]) is None
