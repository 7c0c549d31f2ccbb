"""The extractive answerer: the sources' own sentences, few of them, in reading order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from corpus.articles import Article
from corpus.text.sentences import split_sentences
from corpus.text.words import content_words
from retrieval.answers.extractive import (
    LONGEST_ANSWER,
    MOST_SENTENCES,
    ExtractiveAnswerer,
    SentenceScorer,
)
from retrieval.answers.trace import kept, lines, trace
from retrieval.encoders.cross_encoder import Titled
from retrieval.encoders.encoder import Vectors
from retrieval.evidence import Evidence, gather
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.index.lexical import LexicalIndex
from retrieval.outcomes import Answer, DraftSentence, Statement
from retrieval.questions.understand import Question, understand
from tests.fakes.articles import passage, read_article, stored_article
from tests.fakes.indexed import IndexedCorpus

NOW = datetime(2019, 4, 20, tzinfo=UTC)
QUESTIONS = [
    "What did Guterres say about Libya?",
    "Who ordered the advance on Tripoli?",
    "When did the parliament in Skopje vote?",
    "How many members voted in favour?",
    "Why was the conference postponed?",
]


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path_factory.mktemp("extractive"), embeddings) as opened:
        opened.read(
            read_article(
                "guterres",
                "António Guterres arrived in Tripoli on Wednesday. He met the head of the "
                "government there.",
                "“There is no military solution to the conflict in Libya,” António Guterres said. "
                "He said that he was leaving Libya with a heavy heart. Rain fell in Tripoli.",
            ),
            read_article(
                "advance",
                "Khalifa Haftar ordered his forces to advance on Tripoli on 4 April 2019.",
                "The national conference was postponed because of the fighting around Tripoli.",
            ),
            read_article(
                "copy",
                "Khalifa Haftar ordered his forces to advance on Tripoli on 4 April 2019.",
                source="Another Paper",
            ),
            read_article(
                "vote",
                "The parliament in Skopje voted on 11 January 2019. Eighty-one of 120 members "
                "voted in favour of the new name.",
            ),
        )
        yield opened


def evidence_for(corpus: IndexedCorpus, text: str) -> tuple[Question, Evidence]:
    question = understand(text, NOW)
    return question, gather(question, corpus.search.search(text, 30), corpus.scorer.score)


def drafted(corpus: IndexedCorpus, text: str) -> list[DraftSentence]:
    return list(ExtractiveAnswerer().draft(*evidence_for(corpus, text)))


@pytest.mark.parametrize("text", QUESTIONS)
def test_every_sentence_is_one_of_the_passage_it_cites(corpus: IndexedCorpus, text: str) -> None:
    _, evidence = evidence_for(corpus, text)
    draft = drafted(corpus, text)
    assert draft
    for sentence in draft:
        (mark,) = sentence.marks
        cited = evidence.passages[mark - 1]
        assert sentence.text in [found.text for found in split_sentences(cited.text)]


@pytest.mark.parametrize("text", QUESTIONS)
def test_an_answer_is_short_and_says_nothing_twice(corpus: IndexedCorpus, text: str) -> None:
    draft = drafted(corpus, text)
    assert len(set(draft)) == len(draft)
    # A sentence that is brought along for a pronoun comes on top of those chosen.
    assert len(draft) <= 2 * MOST_SENTENCES
    assert sum(len(sentence.text) for sentence in draft) <= 2 * LONGEST_ANSWER


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What did Guterres say about Libya?", "no military solution"),
        ("Who ordered the advance on Tripoli?", "Khalifa Haftar ordered"),
        ("When did the parliament in Skopje vote?", "11 January 2019"),
        ("How many members voted in favour?", "Eighty-one of 120"),
        ("Why was the conference postponed?", "because of the fighting"),
    ],
)
def test_the_answer_is_among_the_sentences(corpus: IndexedCorpus, text: str, words: str) -> None:
    assert any(words in sentence.text for sentence in drafted(corpus, text))


def test_sentences_of_one_paragraph_stand_in_its_order(corpus: IndexedCorpus) -> None:
    for text in QUESTIONS:
        _, evidence = evidence_for(corpus, text)
        places: dict[str, list[tuple[int, int]]] = {}
        for sentence in drafted(corpus, text):
            cited = evidence.passages[sentence.marks[0] - 1]
            place = (cited.paragraph.number, cited.text.index(sentence.text))
            places.setdefault(cited.article.id, []).append(place)
        assert all(found == sorted(found) for found in places.values())


def test_the_sentences_of_an_article_stand_together(corpus: IndexedCorpus) -> None:
    _, evidence = evidence_for(corpus, QUESTIONS[0])
    order = [
        evidence.passages[sentence.marks[0] - 1].article.id
        for sentence in drafted(corpus, QUESTIONS[0])
    ]
    assert order == sorted(order, key=order.index)


def test_a_copy_is_not_told_twice(corpus: IndexedCorpus) -> None:
    texts = [sentence.text for sentence in drafted(corpus, "Who ordered the advance on Tripoli?")]
    assert sum("Khalifa Haftar ordered" in text for text in texts) == 1


def test_no_evidence_gives_no_draft() -> None:
    question = understand("Who ordered the advance?", NOW)
    assert list(ExtractiveAnswerer().draft(question, Evidence(()))) == []


def test_the_same_question_is_answered_the_same(corpus: IndexedCorpus) -> None:
    for text in QUESTIONS:
        assert drafted(corpus, text) == drafted(corpus, text)


# -- read together -----------------------------------------------------------------------------


@dataclass
class ScriptedReader:
    """A reader that likes the sentences with given words, and no others."""

    liked: str
    asked: list[str] = field(default_factory=list)
    name: str = "scripted"

    def load(self) -> None:
        """Nothing to load."""

    def reads(self, text: str, language: str | None) -> bool:
        return True

    def score(self, question: str, texts: Sequence[str], *, seconds: float = 1.0) -> Vectors:
        self.asked += texts
        return np.array([6.0 if self.liked in text else -4.5 for text in texts], dtype=np.float32)

    def score_sentences(
        self, question: str, texts: Sequence[Titled], *, seconds: float = 1.0
    ) -> list[Vectors]:
        sentences = [[one.text for one in split_sentences(text.text)] for text in texts]
        return [self.score(question, own) for own in sentences]


COUP = stored_article(
    "coup",
    "The general stepped down on Friday. He fell because the army split. Rain fell on Friday.",
)
MARKET = stored_article("market", "Why did the general step down on Friday? The market was shut.")


def read_answer(text: str, liked: str, *articles: Article) -> tuple[list[str], Evidence]:
    terms = WordsOnly()
    question = understand(text, NOW)
    scorer = SentenceScorer(cast(LexicalIndex, terms), ScriptedReader(liked))
    evidence = gather(question, [passage(one) for one in articles], scorer.score)
    return [one.text for one in ExtractiveAnswerer().draft(question, evidence)], evidence


class WordsOnly:
    """Words by which nothing is rarer than anything else."""

    def terms(self, text: str) -> tuple[str, ...]:
        return tuple(content_words(text))

    def rarity(self, text: str) -> dict[str, float]:
        return dict.fromkeys(content_words(text), 1.0)

    def lacks_script(self, text: str) -> bool:
        return False


def test_what_the_reader_likes_wins_over_what_repeats_the_question() -> None:
    said, _ = read_answer("Who took over when the general stepped down?", "army split", COUP)
    assert said[0] == "He fell because the army split." or said[1].endswith("army split.")
    assert not any(one.startswith("Rain") for one in said)


def test_what_follows_the_best_sentence_stands_with_it() -> None:
    said, _ = read_answer("Why did the general step down?", "stepped down", COUP)
    assert said == ["The general stepped down on Friday.", "He fell because the army split."]


def test_a_short_row_of_a_table_is_no_heading(
    tmp_path: Path, embeddings: SentenceEmbeddings
) -> None:
    rows = ("Port: Ndolo; 2018 (tonnes): 87; 2019 (tonnes): 143", "Port: Kibo; 2018 (tonnes): 9")
    with IndexedCorpus(tmp_path, embeddings) as opened:
        opened.read(read_article("catch", *rows, "The office counted what was landed at the quay."))
        told = drafted(opened, "How many tonnes did Ndolo land in 2019?")
    assert told[0].text == rows[0]


def test_a_question_answers_nothing() -> None:
    said, _ = read_answer("Why did the general step down on Friday?", "Why did", MARKET)
    assert not any(one.endswith("?") for one in said)


def test_no_sign_refuses_by_itself() -> None:
    """A number is asked for and none stands there; what the reader says counts as well."""
    _, liked = read_answer("How many generals stepped down on Friday?", "stepped", COUP)
    _, disliked = read_answer("How many generals stepped down on Friday?", "nothing", COUP)
    assert liked.sentences[0].features.wrong_kind == 1
    assert liked.confidence > disliked.confidence > 0


def test_a_trace_tells_what_was_weighed_and_keeps_no_words() -> None:
    question = understand("Why did the general step down?", NOW)
    _, evidence = read_answer(question.text, "stepped down", COUP)
    statement = Statement("The general stepped down on Friday.", (1,))
    answer = Answer(question, (statement,), (), "extractive", parts=((question, evidence),))
    told = trace(answer)
    (part,) = told["parts"]
    assert part["understood"]["question"] == question.text
    assert [one["told"] for one in part["sentences"]].count(True) == 1
    assert max(one["features"]["read"] for one in part["sentences"]) == 0.6
    assert any("stepped down" in line for line in lines(told))
    without = json.dumps(kept(told))
    assert "general" not in without
    assert "Friday" not in without
    assert json.loads(without)["parts"][0]["confidence"] == part["confidence"]


def test_words_under_a_speakers_label_are_his() -> None:
    """Nothing says "Blinken said" where the label of a transcript says who speaks."""
    article = stored_article("briefing", "We will stand by the truce for as long as it holds.")
    labelled = replace(article.paragraphs[0], speaker="Antony Blinken")
    spoken = replace(article, paragraphs=(labelled,))
    question = "What did Blinken say about the truce?"
    _, unknown = read_answer(question, "truce", article)
    _, known = read_answer(question, "truce", spoken)
    assert unknown.sentences[0].features.wrong_kind == 1
    assert known.sentences[0].features.wrong_kind == 0
    assert known.confidence > unknown.confidence


@pytest.mark.parametrize(
    ("asked", "sentence", "tells"),
    [
        ("What did the US say about Maduro?", "The United States said that Maduro must go.", 1.0),
        ("What did the US say about Maduro?", "US President Trump froze what Maduro owns.", 0.5),
        ("What did the US say about Maduro?", "Guaidó declared that Maduro must go.", 0.0),
        ("what did washington say about maduro", "The US said that Maduro must go.", 1.0),
        ("us position on maduro", "US President Trump froze what Maduro owns.", 0.5),
        ("What is the AU position on Libya?", "Faki renewed the African Union’s appeal.", 0.5),
        ("What is the AU position on Libya?", "Salamé renewed the United Nations’ appeal.", 0.0),
    ],
)
def test_somebodys_words_name_or_quote_that_one(asked: str, sentence: str, tells: float) -> None:
    _, evidence = read_answer(asked, "nothing", stored_article("talks", sentence))
    assert evidence.sentences[0].features.tells == tells


def test_who_is_asked_for_is_told_before_what_is_read_a_little_better() -> None:
    told = stored_article("told", "Cuba and Russia continue to support Maduro in Caracas.")
    near = stored_article("near", "Mexico called for a dialogue with Maduro in Caracas.")
    said, _ = read_answer("What did Russia say about Maduro?", "Maduro in Caracas", near, told)
    assert said[0].startswith("Cuba and Russia")


def test_the_newest_tells_whether_something_is_so() -> None:
    plan = stored_article(
        "plan", "The Libyan Conference will be held in April.", title="Libyan Conference"
    )
    later = replace(
        stored_article(
            "later", "The Libyan Conference will not open as planned.", title="Libyan Conference"
        ),
        published_at=datetime(2019, 4, 9, tzinfo=UTC),
    )
    asked = "Was the Libyan Conference held?"
    said, _ = read_answer(asked, "Libyan Conference will", plan, later)
    assert said[0].endswith("not open as planned.")
    undecided, _ = read_answer(asked, "will be held", plan, later)
    assert undecided[0].endswith("in April.")


def test_a_summary_takes_of_each_paragraph_what_says_most() -> None:
    first = " ".join(
        f"In Skopje {who} {did} at length that morning."
        for who, did in (
            ("ministers", "argued"),
            ("deputies", "shouted"),
            ("clerks", "counted"),
            ("guards", "waited"),
            ("reporters", "wrote"),
        )
    )
    last = "Parliament then went home from Skopje with a treaty."
    article = stored_article("story", first, last)
    passages = [replace(passage(article), paragraph=one) for one in article.paragraphs]
    scorer = SentenceScorer(cast(LexicalIndex, WordsOnly()), ScriptedReader("Skopje"))
    evidence = gather(understand("Summarise Skopje", NOW), passages, scorer.score)
    drafts = ExtractiveAnswerer().draft(understand("Summarise Skopje", NOW), evidence)
    assert last in [sentence.text for sentence in drafts]


# -- what a sentence leans on --------------------------------------------------------------------


def told_of(text: str, liked: str, article: Article, found: int) -> list[str]:
    """What is told where only one paragraph of an article was found."""
    question = understand(text, NOW)
    scorer = SentenceScorer(cast(LexicalIndex, WordsOnly()), ScriptedReader(liked))
    one = replace(passage(article), paragraph=article.paragraph(found))
    evidence = gather(question, [one], scorer.score)
    draft = list(ExtractiveAnswerer().draft(question, evidence))
    assert all(each.text in evidence.passages[each.marks[0] - 1].text for each in draft)
    return [each.text for each in draft]


SUMMIT = stored_article(
    "summit",
    "Ministers met in Skopje. In Skopje the two sides agreed:",
    "• to open a railway to the border by June;",
    "• to launch a joint patrol on the lake.",
    "Rain fell all day in the town.",
)


def test_an_item_of_a_list_stands_with_what_introduces_it() -> None:
    said = told_of("What was agreed on the lake?", "joint patrol", SUMMIT, 3)
    assert said[:2] == [
        "In Skopje the two sides agreed:",
        "• to launch a joint patrol on the lake.",
    ]


def test_what_leads_to_a_list_stands_with_its_items() -> None:
    said = told_of("What did the two sides agree in Skopje?", "two sides agreed", SUMMIT, 1)
    at = said.index("In Skopje the two sides agreed:")
    assert said[at + 1] == "• to open a railway to the border by June;"


@pytest.mark.parametrize("text", ["The minister for the lakes said:", "to open a railway by June."])
def test_what_is_no_sentence_is_not_told_alone(text: str) -> None:
    article = stored_article("piece", text)
    assert told_of("What did the minister say of June?", "minister", article, 1) == []


TOLD = stored_article(
    "told",
    "Rain fell. General Burhan spoke in Khartoum. He said that the talks would go on. However "
    "Abiy Ahmed left Khartoum for Addis Ababa.",
)


def test_a_pronoun_brings_whom_it_stands_for_and_a_name_needs_none() -> None:
    he = told_of("Who said that the talks would go on?", "talks would go on", TOLD, 1)
    assert he[:2] == ["General Burhan spoke in Khartoum.", "He said that the talks would go on."]
    named = told_of("Who left for Addis Ababa?", "Addis Ababa", TOLD, 1)
    assert named == ["However Abiy Ahmed left Khartoum for Addis Ababa."]


def test_a_joint_statement_is_the_word_of_all_whom_its_title_names() -> None:
    words = "We welcome the truce in Taiz."
    joint = stored_article("joint", words, title="Joint statement of France and Italy on Taiz")
    other = stored_article("other", words, title="Taiz")
    asked = "What is Italy’s position on the truce in Taiz?"
    (_, theirs), (_, unknown) = (read_answer(asked, "truce", one) for one in (joint, other))
    assert (theirs.sentences[0].features.tells, unknown.sentences[0].features.tells) == (1.0, 0.0)
    assert theirs.confidence > unknown.confidence


def test_a_position_that_only_others_speak_of_is_less_likely_an_answer() -> None:
    asked = "What is Germany’s position on the Golan?"
    _, others = read_answer(asked, "Golan", stored_article("a", "Syria said it held the Golan."))
    _, own = read_answer(asked, "Golan", stored_article("b", "Germany said it saw the Golan so."))
    assert own.confidence > 0.5 > others.confidence
