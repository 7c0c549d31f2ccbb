"""The extractive answerer: the sources' own sentences, few of them, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from corpus.text.sentences import split_sentences
from retrieval.answers.extractive import LONGEST_ANSWER, MOST_SENTENCES, ExtractiveAnswerer
from retrieval.evidence import Evidence, gather
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Question, understand
from tests.fakes.articles import read_article
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
