"""Claims of a text, and how far what was read carries each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.library import Library
from corpus.articles import Article
from retrieval.answers.model import ModelVerifier, make_model_answerer
from retrieval.grounding.check import Source
from retrieval.grounding.claims import CheckedClaim, check_claims, claims_of
from retrieval.grounding.contradiction import difference, missing_words
from retrieval.grounding.support import Finding, Support, Unverified
from retrieval.passages import Passage
from retrieval.questions.understand import Narrowing, Question
from tests.evaluation.claim_sample import WANTED, checked, confusion, labelled_claims
from tests.fakes.articles import stored_article
from tests.fakes.language_models import LocalModelServer

ASKED_AT = datetime(2019, 7, 1, tzinfo=UTC)
PROTOCOL = (
    "Ministers of the two coastal states met in the port of Ormsund on Thursday.",
    "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019. “Both coasts may "
    "fish again,” Solvang said.",
    "The protocol allows 120 vessels to fish in the strait of Ormsund. It does not cover whales.",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A search that finds every paragraph of some articles, best first."""

    articles: tuple[Article, ...]

    def find(self, question: Question, k: int) -> list[Passage]:
        return [
            Passage(article, paragraph, 1.0)
            for article in self.articles
            for paragraph in article.paragraphs
        ][:k]


def article(name: str, *paragraphs: str) -> Article:
    return stored_article(name, *paragraphs, title="Ormsund fisheries protocol signed")


PLAIN = article("ormsund", *PROTOCOL)


def one(text: str, *articles: Article) -> CheckedClaim:
    (claim,) = check_claims(text, Found(articles or (PLAIN,)), ASKED_AT)
    return claim


def texts(text: str) -> list[str]:
    return [claim.read_as for claim in claims_of(text).claims]


# What a claim is


def test_sentences_are_claims_and_questions_greetings_and_requests_are_none() -> None:
    found = claims_of(
        "Morning all,\nHaftar took Gharyan. Who holds it now?\nPlease check this.\nThanks, Amal"
    )
    assert [claim.text for claim in found.claims] == ["Haftar took Gharyan."]
    assert found.passed_over == (
        "Morning all,",
        "Who holds it now?",
        "Please check this.",
        "Thanks, Amal",
    )


def test_headings_list_marks_and_marks_of_style_are_no_part_of_a_claim() -> None:
    found = claims_of(
        "# Libya\n\nKey points\n\n- The **LNA** took the airport.\n2) Serraj spoke on Saturday.\n"
        "(a) The UN asked for a truce.\nBackground:\n> Salamé postponed the conference."
    )
    assert [claim.text for claim in found.claims] == [
        "The LNA took the airport.",
        "Serraj spoke on Saturday.",
        "The UN asked for a truce.",
        "Salamé postponed the conference.",
    ]
    assert found.passed_over == ("Libya", "Key points", "Background:")


def test_one_line_without_a_full_stop_is_a_claim() -> None:
    assert texts("Haftar took Gharyan on 26 June") == ["Haftar took Gharyan on 26 June"]


def test_wrapped_lines_are_one_claim() -> None:
    text = "The Libyan National Army announced that its forces had\nreached the airport on Friday."
    assert texts(text) == [text.replace("\n", " ")]


def test_a_quotation_stays_whole() -> None:
    text = "Serraj warned of “a war without winners. There will be none.” He spoke on Saturday."
    assert texts(text)[0] == "Serraj warned of “a war without winners. There will be none.”"


def test_footnote_marks_lists_of_sources_and_addresses_are_left_out() -> None:
    text = "The LNA took the airport. [1]\n[1] UN News · official · 4 Apr 2019\nhttps://a.example/b"
    assert texts(text) == ["The LNA took the airport."]


def test_he_is_read_as_the_only_person_before() -> None:
    assert texts("António Guterres left Libya on Friday. He called for calm.") == [
        "António Guterres left Libya on Friday.",
        "António Guterres called for calm.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "He called for calm in Tripoli.",
        "Trump met Kim in Hanoi. He called for calm.",
        "Theresa May met Donald Tusk. She called for calm.",
        "António Guterres left Libya on Friday. She called for calm.",
    ],
)
def test_a_pronoun_that_may_mean_another_is_left_open(text: str) -> None:
    claim = claims_of(text).claims[-1]
    assert claim.read_as == claim.text
    assert claim.open in ("He", "She")


@given(st.text(max_size=400))
def test_no_text_breaks_the_splitting(text: str) -> None:
    for claim in claims_of(text).claims:
        assert claim.text.strip()
        assert claim.read_as.strip()


# What becomes of a claim


def test_a_supported_claim_cites_its_paragraph_and_needs_no_reason() -> None:
    claim = one("Marit Solvang signed the Ormsund fisheries protocol on 4 April 2019.")
    assert claim.support is Support.SUPPORTED
    assert claim.reason == ""
    (citation,) = claim.citations
    assert (citation.mark, citation.paragraph.number) == (1, 2)
    assert citation.quote.startswith("The Ormsund fisheries protocol was signed")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The protocol allows 300 vessels to fish in the strait of Ormsund.", "120"),
        ("The Ormsund fisheries protocol was signed on 6 April 2019.", "4 April 2019"),
        ("The Ormsund fisheries protocol was signed by Erik Dahl.", "Marit"),
        ("The protocol covers whales in the strait of Ormsund.", "not cover"),
        ("Erik Dahl said: “Both coasts may fish again.”", "Erik Dahl"),
        ("Solvang said: “Both coasts may fish for ever.”", "fish for ever"),
    ],
)
def test_a_contradicted_claim_is_not_supported_and_says_what_stands_there(
    text: str, reason: str
) -> None:
    claim = one(text)
    assert claim.support is Support.NOT
    assert reason in claim.reason
    assert claim.citations == ()
    assert claim.nearest


def test_what_a_claim_adds_is_named_and_the_rest_is_cited() -> None:
    claim = one("Marit Solvang signed the Ormsund fisheries protocol and promised a new harbour.")
    assert claim.support is Support.PARTLY
    assert claim.reason == "“promised a new harbour” does not stand there"
    assert [citation.paragraph.number for citation in claim.citations] == [2]


def test_what_nothing_speaks_of_is_not_found_and_cites_nothing() -> None:
    claim = one("Wheat exports from Kazakhstan fell by a fifth.")
    assert claim.support is Support.NOT
    assert claim.reason == "nothing was found that speaks of it"
    assert claim.citations == claim.nearest == ()


def test_nothing_read_supports_nothing() -> None:
    (claim,) = check_claims("The LNA took the airport.", Found(()), ASKED_AT)
    assert (claim.support, claim.reason) == (Support.NOT, "nothing was found on it")


def test_two_paragraphs_of_one_article_may_carry_a_claim_together() -> None:
    claim = one(
        "The Ormsund fisheries protocol, signed by Marit Solvang on 4 April 2019, allows 120 "
        "vessels to fish in the strait."
    )
    assert claim.support is Support.SUPPORTED
    assert [citation.paragraph.number for citation in claim.citations] == [2, 3]


def test_paragraphs_of_two_articles_do_not() -> None:
    first, second = article("one", PROTOCOL[1]), article("two", PROTOCOL[2])
    claim = one(
        "The Ormsund fisheries protocol, signed by Marit Solvang on 4 April 2019, allows 120 "
        "vessels to fish in the strait.",
        first,
        second,
    )
    assert claim.support is not Support.SUPPORTED


def test_accounts_that_differ_stand_side_by_side() -> None:
    other = article("other", "The protocol allows 90 vessels to fish in the strait of Ormsund.")
    claim = one("The protocol allows 120 vessels to fish in the strait of Ormsund.", PLAIN, other)
    assert claim.support is Support.SUPPORTED
    assert claim.reason == "told otherwise elsewhere: 90 stands there, not 120"
    assert [citation.article.id for citation in claim.citations] == [PLAIN.id]
    assert [citation.article.id for citation in claim.nearest] == [other.id]


def test_a_pronoun_that_is_not_explained_keeps_a_claim_from_being_supported() -> None:
    claim = one("He signed the Ormsund fisheries protocol on 4 April 2019.")
    assert claim.support is Support.PARTLY
    assert "“He”" in claim.reason


def test_marks_count_through_all_claims_of_a_text() -> None:
    claims = check_claims(
        "The protocol allows 120 vessels to fish. Ministers met in the port of Ormsund on "
        "Thursday. The protocol allows 120 vessels to fish in the strait.",
        Found((PLAIN,)),
        ASKED_AT,
    )
    assert [[one.mark for one in claim.citations] for claim in claims] == [[1], [2], [1]]


def test_only_as_many_claims_are_checked_as_wanted() -> None:
    steps: list[int] = []
    text = "The protocol allows 120 vessels. Ministers met in Ormsund. Solvang signed it."
    claims = check_claims(text, Found((PLAIN,)), ASKED_AT, most=2, advance=steps.append)
    assert len(claims) == len(steps) == 2


def test_what_narrows_the_search_is_passed_on_and_a_claims_own_time_is_not() -> None:
    asked: list[Question] = []

    class Listening:
        def find(self, question: Question, k: int) -> list[Passage]:
            asked.append(question)
            return []

    until = datetime(2019, 4, 6, tzinfo=UTC)
    given_ = Narrowing(as_of=until, places=("Ormsund",), sources=("Gazette",))
    check_claims("Haftar took Gharyan last week.", Listening(), ASKED_AT, given_)
    (question,) = asked
    assert question.as_of == until
    assert question.narrow.until == until
    assert question.narrow.since is None
    assert (question.narrow.places, question.narrow.sources) == (("Ormsund",), ("Gazette",))


# Differences


def source(text: str) -> Source:
    return Source(text, published=datetime(2019, 6, 6, tzinfo=UTC).date())


@pytest.mark.parametrize(
    ("claim", "text", "reason"),
    [
        (
            "The committee of doctors gave the number of people killed as 61.",
            "The number of people killed is disputed. The ministry gave the figure as 61; the "
            "committee of doctors gave it as 108.",
            "108 stands there, not 61",
        ),
        (
            "The Front Altair is owned by a Japanese company.",
            "The Kokuka is owned by a Japanese company, the Front Altair by a Norwegian one.",
            "Kokuka stands there, not Front Altair",
        ),
        (
            "Petro Poroshenko won the run-off of the presidential election.",
            "Volodymyr Zelensky won the run-off of the presidential election. Petro Poroshenko "
            "conceded.",
            "Volodymyr Zelensky stands there, not Petro Poroshenko",
        ),
        (
            "The Commons approved the withdrawal agreement in January.",
            "The Commons rejected the withdrawal agreement in January.",
            "“rejected” stands there, not “approved”",
        ),
        (
            "Putin said that the United States would suspend the treaty.",
            "Putin said on Saturday that Russia would suspend the treaty as the United States did.",
            "Russia stands there, not United",
        ),
    ],
)
def test_another_particular_in_the_same_place_is_a_difference(
    claim: str, text: str, reason: str
) -> None:
    assert difference(claim, [source(text)]) == reason


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The ministry gave the figure as 61.", "The ministry gave the figure as 61; others 108."),
        ("Solvang signed the protocol in April.", "Solvang signed the protocol on 4 April 2019."),
        (
            "The LNA took the airport near Tripoli.",
            "The Libyan National Army (LNA) took the airport near Tripoli.",
        ),
        ("Italy did not join the recognition.", "Italy did not join the recognition of Guaidó."),
    ],
)
def test_the_same_particulars_in_other_words_are_none(claim: str, text: str) -> None:
    assert difference(claim, [source(text)]) == ""


def test_the_longest_run_of_missing_words_is_named() -> None:
    text = "Abiy Ahmed met members of the council in Khartoum."
    claim = "Abiy Ahmed met members of the council and offered them a loan."
    assert missing_words(claim, [source(text)]) == "offered them a loan"
    assert missing_words("Abiy Ahmed saw members of the council.", [source(text)]) == ""


# The labelled sample


@pytest.mark.slow
def test_of_the_labelled_claims_no_contradicted_or_absent_one_is_supported(
    sample_library: Library,
) -> None:
    found = checked(labelled_claims(), sample_library.search)
    counts = confusion(found)
    wrongly = [
        claim.text
        for claim, result in found
        if result.support is Support.SUPPORTED and claim.label != "supported"
    ]
    assert wrongly == []
    assert counts["absent", Support.NOT] == sum(one.label == "absent" for one, _ in found)
    right = sum(result.support is WANTED[claim.label] for claim, result in found)
    assert right >= 0.9 * len(found)


@pytest.mark.slow
def test_every_claim_that_is_not_supported_says_why(sample_library: Library) -> None:
    for _, result in checked(labelled_claims()[::4], sample_library.search):
        assert bool(result.reason) or result.support is Support.SUPPORTED
        assert bool(result.citations) == (result.support is not Support.NOT)


# With a verifier


@dataclass(frozen=True, slots=True)
class Says:
    """A verifier that finds the same of everything."""

    support: Support
    differs: str = ""
    name: str = "says"

    def verify(self, items: Sequence[Unverified]) -> list[Finding]:
        return [Finding(self.support, self.differs) for _ in items]


def verified(text: str, support: Support, differs: str = "") -> CheckedClaim:
    (claim,) = check_claims(text, Found((PLAIN,)), ASKED_AT, verifier=Says(support, differs))
    return claim


SIGNED = "Marit Solvang signed the Ormsund fisheries protocol on 4 April 2019."
REWORDED = "Marit Solvang put her name to the Ormsund fisheries protocol."


def test_what_a_verifier_doubts_is_not_supported_and_stands_as_nearest() -> None:
    claim = verified(SIGNED, Support.NOT, "who signed is not said")
    assert (claim.support, claim.reason) == (Support.NOT, "who signed is not said")
    assert claim.citations == ()
    assert len(claim.nearest) == 1


def test_what_only_the_words_do_not_carry_a_verifier_can_lift() -> None:
    assert one(REWORDED).support is Support.PARTLY
    assert verified(REWORDED, Support.SUPPORTED).support is Support.SUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "The Ormsund fisheries protocol was signed by Marit Solvang and Bergman.",
        "It was signed by Marit Solvang on 4 April 2019.",
    ],
)
def test_what_a_rule_misses_no_verifier_can_lift(text: str) -> None:
    before = one(text)
    assert before.support is Support.PARTLY
    assert verified(text, Support.SUPPORTED) == before


def test_what_stands_there_word_for_word_is_not_asked_about() -> None:
    whole = "The Ormsund fisheries protocol was signed by Marit Solvang on 4 April 2019."
    assert verified(whole, Support.NOT, "doubt").support is Support.SUPPORTED


def test_many_claims_are_verified_in_several_requests() -> None:
    long = "The protocol allows vessels to fish in the strait. " * 150
    items = [Unverified(f"Claim {n}.", (Source(long),)) for n in range(12)]
    with LocalModelServer() as server:
        server.say_by(
            lambda prompt: json.dumps(
                {
                    "checks": [
                        {"id": one, "verdict": "not", "differs": text}
                        for one, text in re.findall(
                            r'<check id="(\w+)">.*?sentence: (.*?)\n', prompt, re.DOTALL
                        )
                    ]
                }
            )
        )
        model = make_model_answerer(
            "openai:local", timeout_seconds=60, base_url=server.openai_url, api_key="k"
        )
        found = ModelVerifier(model).verify(items)
        assert [one.differs for one in found] == [item.sentence for item in items]
        assert len(server.requests) == 2
