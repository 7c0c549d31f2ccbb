"""Names as people write them find what the corpus writes otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retrieval.answers.chain import make_chain
from retrieval.answers.extractive import ExtractiveAnswerer
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.outcomes import Answer
from retrieval.questions.understand import understand
from retrieval.search.candidates import named
from tests.fakes.articles import NOON, read_article
from tests.fakes.indexed import IndexedCorpus


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path_factory.mktemp("names"), embeddings) as opened:
        opened.read(
            read_article(
                "haftar",
                "Khalifa Haftar told the Libyan National Army (LNA) to move on the capital.",
                "The LNA took Gharyan on Wednesday.",
            ),
            read_article("sarraj", "Fayez al-Sarraj declared an alert of the Tripoli forces."),
            read_article("guterres", "António Guterres asked both sides for restraint."),
            read_article("moscow", "Russia voted against the statement.", title="At the Council"),
            read_article("rain", "Heavy rain fell in the Alps.", title="Weather"),
        )
        yield opened


@pytest.mark.parametrize(
    ("text", "as_spelled"),
    [
        ("What did Hifter tell his army?", "What did Haftar tell his army?"),
        ("what did hifter tell his army?", "what did haftar tell his army?"),
        ("Did Serraj declare an alert?", "Did Sarraj declare an alert?"),
        ("Did Fayez al-Serraj declare it?", "Did Fayez al-Sarraj declare it?"),
        ("What did Guteres ask for?", "What did Guterres ask for?"),
        ("Who holds Garyan?", "Who holds Gharyan?"),
        ("What is Hifter’s plan?", "What is Haftar’s plan?"),
    ],
)
def test_a_name_that_no_article_has_is_spelled_as_they_do(
    corpus: IndexedCorpus, text: str, as_spelled: str
) -> None:
    assert named(text, corpus.lexical).text == as_spelled


@pytest.mark.parametrize(
    "text",
    [
        "What did Haftar say?",
        "Who governs Khartoum?",
        "What did Zuckerberg say?",
        "What about the tasks there?",
        "",
        "?",
    ],
)
def test_what_is_known_or_far_from_anything_known_stays(corpus: IndexedCorpus, text: str) -> None:
    assert named(text, corpus.lexical).text == text


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("Where does the LNA stand?", "Libyan National Army"),
        ("Where does the Libyan National Army stand?", "LNA"),
        ("What does UNSMIL want?", "United Nations Support Mission in Libya"),
        ("What did the Kremlin say?", "Russia"),
        ("What do Libyans want?", "Libya"),
        ("What did Tripoli say?", "Libya"),
    ],
)
def test_other_names_of_the_same_are_looked_for_too(
    corpus: IndexedCorpus, text: str, also: str
) -> None:
    assert also in named(text, corpus.lexical).also


def test_a_name_is_not_added_to_itself(corpus: IndexedCorpus) -> None:
    assert named("What did Russia do?", corpus.lexical).also == ()


def test_an_article_that_goes_takes_its_spellings_along(indexed: IndexedCorpus) -> None:
    indexed.read(read_article("a", "General Haftar spoke."), read_article("b", "It rained."))
    assert named("Hifter", indexed.lexical).text == "Haftar"
    indexed.store.withdraw(read_article("a").id, NOON)
    indexed.indexer.catch_up()
    assert named("Hifter", indexed.lexical).text == "Hifter"


def test_the_search_finds_what_is_spelled_otherwise(corpus: IndexedCorpus) -> None:
    assert corpus.search.search("hifter army", 1)[0].article.url.endswith("/haftar")
    assert corpus.search.search("Kremlin", 1)[0].article.url.endswith("/moscow")


def test_a_question_says_what_was_looked_for_where_a_name_was_respelled(
    corpus: IndexedCorpus,
) -> None:
    asked = understand("What did Hifter say to the army?", NOON)
    spelled = corpus.search.spelled(asked)
    assert spelled.looked_for == "What did Haftar say to the army?"
    assert spelled.speaker == "Haftar"
    assert spelled.text == asked.text
    plain = understand("What did Haftar say to the army?", NOON)
    assert corpus.search.spelled(plain) is plain


def test_an_answer_is_found_under_the_corpus_spelling_and_says_so(corpus: IndexedCorpus) -> None:
    chain = make_chain(corpus.search, corpus.scorer, ExtractiveAnswerer())
    outcome = chain.invoke(understand("What did Hifter tell the army?", NOON)).outcome
    assert isinstance(outcome, Answer)
    assert outcome.question.looked_for == "What did Haftar tell the army?"
    assert outcome.statements[0].text.startswith("Khalifa Haftar told")


def test_a_plain_word_is_not_respelled_as_a_name_of_another_language(
    indexed: IndexedCorpus,
) -> None:
    indexed.read(
        read_article(
            "de",
            "Der Motor und die Rotoren der Anlage wurden in der Fabrik geprüft.",
            language="de",
        )
    )
    assert named("what is a fabrig?", indexed.lexical).text == "what is a fabrig?"
    german = "wer hat denn die fabrig der anlage geprüft?"
    assert named(german, indexed.lexical).text == german.replace("fabrig", "fabrik")
