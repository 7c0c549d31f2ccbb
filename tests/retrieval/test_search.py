"""Hybrid search: every signal counts, and a filter gives what trying every paragraph would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from itertools import product

import pytest

from corpus.articles import Article, Paragraph, ReadArticle
from corpus.ingest import ingest
from corpus.text.sentences import rough_sentences
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.passages import Filter, ParagraphKey
from retrieval.questions.understand import Turn, understand
from retrieval.search.candidates import FEW_PARAGRAPHS, LARGE_SHARE
from retrieval.search.fusion import FULL, Signals
from retrieval.search.retriever import SearchRetriever
from tests.evaluation.systems import halves_of
from tests.fakes.articles import NOON, days, read_article
from tests.fakes.embedding import HashedWords
from tests.fakes.indexed import IndexedCorpus
from tests.retrieval.signals import fused

NOUNS = "envoy minister convoy embassy ceasefire border tribunal harbour election budget".split()
VERBS = "left reached closed condemned opened delayed blocked visited".split()
PLACES = "Tripoli Khartoum Algiers Caracas Skopje Kyiv".split()


# -- both halves -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path_factory.mktemp("small"), embeddings) as corpus:
        corpus.read(
            read_article("meaning", "Rebel forces marched on the Libyan capital at dawn."),
            read_article("word", "Committee document S/PRST/2019/4711 was circulated to members."),
            read_article("rain", "Heavy rain is expected in the Alps this weekend."),
            read_article("vote", "The parliament in Skopje approved the constitutional changes."),
        )
        yield corpus


def first(corpus: IndexedCorpus, text: str) -> str:
    return corpus.search.search(text, 3)[0].article.url.rpartition("/")[2]


def test_a_paragraph_is_found_by_its_meaning(small: IndexedCorpus) -> None:
    assert first(small, "Who attacked Tripoli?") == "meaning"
    (best, *_) = small.search.search("soldiers assault city")
    assert best.lexical == 0
    assert best.cosine is not None


def test_a_paragraph_is_found_by_a_rare_word(small: IndexedCorpus) -> None:
    assert first(small, "4711") == "word"
    assert small.search.search("4711")[0].lexical == 1


def test_the_score_is_the_weighted_sum_of_all_signals(small: IndexedCorpus) -> None:
    text = "parliament vote on the changes"
    for found in small.search.search(text, 10):
        assert found.cosine is not None
        halves = (found.cosine, found.lexical)
        signals = signals_of(small, text, found.article, found.paragraph, *halves)
        assert found.score == pytest.approx(fused(signals), abs=1e-5)
        assert 0 <= found.lexical <= 1


def test_every_candidate_gets_both_scores_whichever_half_found_it(small: IndexedCorpus) -> None:
    text = "parliament vote on the changes"
    vector = small.embeddings.encode([text])[0]
    for found in small.search.search(text, 10):
        assert found.cosine == pytest.approx(
            small.vectors.cosines(vector, [found.key])[found.key], abs=1e-5
        )


def test_what_each_half_would_have_found(small: IndexedCorpus) -> None:
    halves = halves_of(small.search, "parliament in Skopje", 2)
    assert len(halves.dense) == 2
    assert halves.dense[0] == halves.lexical[0]


def test_no_more_than_asked_for_and_best_first(small: IndexedCorpus) -> None:
    assert len(small.search.search("Libya", 2)) == 2
    scores = [found.score for found in small.search.search("Libya", 10)]
    assert scores == sorted(scores, reverse=True)


def test_a_passage_is_the_paragraph_as_the_store_has_it(small: IndexedCorpus) -> None:
    found = small.search.search("parliament in Skopje", 1)[0]
    assert found.text == "The parliament in Skopje approved the constitutional changes."
    assert found.article.source == "Example News"


def test_langchain_is_given_the_same_passages_as_documents(small: IndexedCorpus) -> None:
    text = "parliament in Skopje"
    found = small.search.search(text, 2)
    retriever = SearchRetriever(search=small.search, k=2)
    documents = retriever.invoke(text)
    assert [document.page_content for document in documents] == [one.text for one in found]
    assert documents[0].id == f"{found[0].article.id}:1"
    assert documents[0].metadata == {
        "url": found[0].article.url,
        "paragraph": 1,
        "title": found[0].article.title,
        "source": "Example News",
        "published_at": found[0].article.published_at.isoformat(),
        "score": found[0].score,
    }


def test_a_langchain_retriever_is_narrowed_and_piped_like_any_other(small: IndexedCorpus) -> None:
    narrow = Filter(sources=("Nobody",))
    assert SearchRetriever(search=small.search, narrow=narrow).invoke("Skopje") == []
    assert SearchRetriever(search=small.search, as_of=NOON - days(900)).invoke("Skopje") == []
    urls = SearchRetriever(search=small.search, k=1) | (lambda found: found[0].metadata["url"])
    assert urls.invoke("4711").endswith("/word")


@pytest.mark.parametrize("text", ["", "   ", "?", "\x00", "a" * 5000])
def test_any_text_can_be_searched_for(small: IndexedCorpus, text: str) -> None:
    assert len(small.search.search(text, 3)) == 3


def test_an_index_that_is_behind_gives_only_what_still_stands(indexed: IndexedCorpus) -> None:
    indexed.read(read_article("a", "The envoy left.", "The envoy returned."))
    indexed.read(read_article("b", "The envoy stayed."))
    ingest(indexed.store, [read_article("a", "The minister left.")], lambda: NOON)
    assert {found.text for found in indexed.search.search("envoy", 5)} == {
        "The minister left.",
        "The envoy stayed.",
    }
    indexed.store.withdraw(read_article("b").id, NOON)
    assert [found.text for found in indexed.search.search("envoy", 5)] == ["The minister left."]


# -- questions of several parts ----------------------------------------------------------------


TWO_PARTS = (
    "Did the parliament in Skopje approve the constitutional changes, while heavy rain was "
    "expected in the Alps at the weekend?"
)


def test_each_part_of_a_question_brings_its_own_passage(small: IndexedCorpus) -> None:
    found = [one.article.url.rpartition("/")[2] for one in small.search.search(TWO_PARTS, 2)]
    assert set(found) == {"vote", "rain"}


def test_nothing_comes_twice_and_scores_never_rise(small: IndexedCorpus) -> None:
    found = small.search.search(TWO_PARTS, 10)
    assert len({one.key for one in found}) == len(found) == 4
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)


# -- follow-ups --------------------------------------------------------------------------------


def test_the_turn_before_counts_beside_the_question(small: IndexedCorpus) -> None:
    before = Turn("What did the parliament in Skopje approve?", "It approved the changes.")
    text = "And what came of it then?"
    assert small.search.search(text, 1, earlier=[before])[0].article.url.endswith("/vote")
    asked = understand(text, NOON, earlier=(before,))
    assert small.search.find(asked, 1)[0].article.url.endswith("/vote")


def test_the_question_itself_counts_more_than_the_turn_before(small: IndexedCorpus) -> None:
    before = Turn("What did the parliament in Skopje approve?", "It approved the changes.")
    found = small.search.search("Is heavy rain expected in the Alps?", 1, earlier=[before])
    assert found[0].article.url.endswith("/rain")


# -- the time that is asked about --------------------------------------------------------------


@pytest.fixture(scope="module")
def dated(
    tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceEmbeddings
) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path_factory.mktemp("dated"), embeddings) as corpus:
        words = "The envoy spoke of the ceasefire with both delegations."
        corpus.read(
            read_article("before", words, published_at=NOON - days(40)),
            read_article("within", words, published_at=NOON),
            read_article("after", words, published_at=NOON + days(40)),
            read_article(
                "mentions",
                "On 4 April 2019 the envoy spoke of the ceasefire with both delegations.",
                published_at=NOON + days(400),
            ),
            read_article("rain", "Rain fell in the Alps.", published_at=NOON),
        )
        yield corpus


def test_what_was_told_then_or_tells_of_it_comes_first(dated: IndexedCorpus) -> None:
    text = "What did the envoy say of the ceasefire on 4 April 2019?"
    question = understand(text, NOON + days(500))
    assert question.around is not None
    order = [found.article.url.rpartition("/")[2] for found in dated.search.find(question, 5)]
    assert set(order[:2]) == {"within", "mentions"}
    assert order[-1] == "rain"


def test_a_time_only_orders_what_was_found(dated: IndexedCorpus) -> None:
    text = "What did the envoy say of the ceasefire?"
    around = understand("on 4 April 2019", NOON + days(500)).around
    assert around is not None
    with_time = dated.search.search(text, 10, None, around)
    without = dated.search.search(text, 10)
    assert {found.key for found in with_time} == {found.key for found in without}
    scores = [found.score for found in with_time]
    assert scores == sorted(scores, reverse=True)
    assert len(dated.search.search(text, 2, None, around)) == 2


# -- filters, in each of the plans -------------------------------------------------------------


def reports() -> list[ReadArticle]:
    """1,200 reports of ten paragraphs over 100 days, from three sources of very unequal size."""
    told = list(product(NOUNS, VERBS, PLACES, range(25)))
    made = []
    for number in range(len(told) // 10):
        source = "Daily Wire" if number % 2 else "Weekly Review"
        if number % 11 == 0:
            source = "Small Gazette"
        paragraphs = [
            f"The {noun} {verb} {place} with {VERBS[variant % 8]} {NOUNS[variant % 10]} in line "
            f"{line} of {number}."
            for line, (noun, verb, place, variant) in enumerate(told[number :: len(told) // 10])
        ]
        made.append(
            read_article(
                f"{number}",
                *paragraphs,
                source=source,
                published_at=NOON + timedelta(days=number % 100) if number % 50 else None,
            )
        )
    return made


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path_factory.mktemp("large"), HashedWords(dimension=16)) as corpus:
        corpus.read(*reports())
        yield corpus


@cache
def terms_of(corpus: IndexedCorpus, said: str) -> frozenset[str]:
    return frozenset(corpus.lexical.terms(said))


@cache
def rarity_of(corpus: IndexedCorpus, text: str) -> Mapping[str, float]:
    return corpus.lexical.rarity(text, known=True)


def signals_of(
    corpus: IndexedCorpus,
    text: str,
    article: Article,
    paragraph: Paragraph,
    cosine: float,
    lexical: float,
) -> Signals:
    """The signals of one paragraph for a text, counted from the texts themselves."""
    rarity = rarity_of(corpus, text)

    def covered(said: str, power: int = 1) -> float:
        there = terms_of(corpus, said)
        total = sum(weight**power for weight in rarity.values()) or 1.0
        return sum(rarity[term] ** power for term in rarity if term in there) / total

    whole = "\n".join((article.title, *(one.text for one in article.paragraphs)))
    return Signals(
        cosine=cosine,
        lexical=lexical,
        covered=covered(f"{article.title}\n{paragraph.text}", 2),
        covered_by_article=covered(whole),
        covered_by_sentence=max(covered(one) for one in rough_sentences(paragraph.text)),
        full=min(1.0, corpus.lexical.counts(paragraph.text).total() / FULL),
    )


def passes(article: Article, paragraph: Paragraph, narrow: Filter) -> bool:
    published = article.published_at
    if narrow.since and (published is None or published < narrow.since):
        return False
    if narrow.until and (published is None or published > narrow.until):
        return False
    if narrow.sources and article.source not in narrow.sources:
        return False
    text = f"{article.title} {paragraph.text}"
    return not narrow.places or any(place in text for place in narrow.places)


Paragraphs = list[tuple[Article, Paragraph]]


@pytest.fixture(scope="module")
def everything(large: IndexedCorpus) -> Paragraphs:
    return [
        (change.article, paragraph)
        for change in large.store.changes_since(0, 1_000_000)
        for paragraph in change.article.paragraphs
    ]


FEW = [
    Filter(since=NOON + days(40), until=NOON + days(42)),
    Filter(sources=("Small Gazette",), until=NOON + days(30)),
    Filter(places=("Kyiv",), since=NOON + days(10), until=NOON + days(25)),
    Filter(until=NOON - days(1)),
]
SELECTIVE = [Filter(sources=("Small Gazette",)), Filter(since=NOON + days(91))]
LARGE = [
    Filter(sources=("Daily Wire",)),
    Filter(since=NOON + days(20)),
    Filter(sources=("Daily Wire", "Weekly Review"), until=NOON + days(60)),
]
BY_PLACE = [Filter(places=("Tripoli",)), Filter(places=("Tripoli", "Kyiv"), since=NOON + days(5))]
EVERY = [*FEW, *SELECTIVE, *LARGE, *BY_PLACE]


@pytest.mark.slow
def test_the_filters_stand_for_their_plans(large: IndexedCorpus) -> None:
    total = large.lexical.size
    assert all(large.lexical.count(narrow) <= FEW_PARAGRAPHS for narrow in FEW)
    assert all(
        FEW_PARAGRAPHS < large.lexical.count(narrow) < LARGE_SHARE * total for narrow in SELECTIVE
    )
    assert all(large.lexical.count(narrow) >= LARGE_SHARE * total for narrow in LARGE)
    assert all(large.lexical.count(narrow) > FEW_PARAGRAPHS for narrow in BY_PLACE)


@pytest.mark.parametrize("narrow", EVERY, ids=str)
def test_nothing_that_the_filter_bars_is_found(
    large: IndexedCorpus, everything: Paragraphs, narrow: Filter
) -> None:
    found = large.search.search("Which convoy was blocked at the border?", 20, narrow)
    assert all(passes(one.article, one.paragraph, narrow) for one in found)
    allowed = sum(passes(*one, narrow) for one in everything)
    assert len(found) == min(20, allowed)


@pytest.mark.parametrize("text", ["convoy blocked border", "the tribunal visited the harbour"])
@pytest.mark.parametrize("narrow", EVERY, ids=str)
@pytest.mark.slow
def test_the_best_are_those_that_trying_every_paragraph_gives(
    large: IndexedCorpus, everything: Paragraphs, narrow: Filter, text: str
) -> None:
    wanted = 10
    exact = _exact(large, [one for one in everything if passes(*one, narrow)], text)
    found = large.search.search(text, wanted, narrow)
    if not exact:
        assert found == []
        return
    # Many paragraphs have the same score, so scores are compared. The nearest-neighbour graph
    # may miss one of them.
    best = sorted(exact.values(), reverse=True)[:wanted]
    assert found[0].score == pytest.approx(best[0], abs=1e-4)
    reached = sum(one.score >= best[-1] - 1e-4 for one in found)
    assert reached >= wanted - 1 or reached == len(exact)
    for one in found:
        assert one.score == pytest.approx(exact[one.key], abs=1e-4)


def _exact(corpus: IndexedCorpus, allowed: Paragraphs, text: str) -> dict[ParagraphKey, float]:
    """The fused score of every allowed paragraph."""
    if not allowed:
        return {}
    vector = corpus.embeddings.encode([text])[0]
    cosines = corpus.embeddings.encode([paragraph.text for _, paragraph in allowed]) @ vector
    keys = [(article.id, paragraph.number) for article, paragraph in allowed]
    matches = corpus.lexical.scores(text, keys)
    best = max(matches.values(), default=0.0) or 1.0
    scores = {}
    for key, one, cosine in zip(keys, allowed, map(float, cosines), strict=True):
        halves = (cosine, matches.get(key, 0.0) / best)
        scores[key] = fused(signals_of(corpus, text, *one, *halves))
    return scores


def test_without_a_filter_the_best_are_found_too(
    large: IndexedCorpus, everything: Paragraphs
) -> None:
    exact = _exact(large, everything, "the tribunal visited the harbour")
    found = large.search.search("the tribunal visited the harbour", 10)
    assert found[0].score == pytest.approx(max(exact.values()), abs=1e-4)


def test_the_dense_half_is_narrowed_too(large: IndexedCorpus) -> None:
    for narrow in (FEW[0], SELECTIVE[0], LARGE[0], BY_PLACE[0]):
        halves = halves_of(large.search, "Which convoy was blocked?", 20, narrow)
        for key in (*halves.dense, *halves.lexical):
            (article,) = large.store.articles([key[0]])
            assert passes(article, article.paragraph(key[1]), narrow)
