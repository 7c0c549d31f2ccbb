"""What a language model wrote is checked by rules, by a verifier, and mended once."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from retrieval.answers.model import ModelAnswerer, ModelVerifier, make_model_answerer
from retrieval.answers.prompts import (
    LONGEST_REPLY,
    DraftParser,
    Reply,
    read_checks,
    read_repairs,
)
from retrieval.errors import AnswererError, CheckerModelError, RetrievalError
from retrieval.evidence import Evidence
from retrieval.grounding.check import Checking, Context, Judged, Source, check
from retrieval.grounding.particulars import amounts
from retrieval.grounding.support import CrossEncoderVerifier, Finding, Support, Unverified
from retrieval.outcomes import DraftSentence
from retrieval.questions.understand import Asked, Question
from tests.evaluation.model_sentences import own_sentences, shares
from tests.fakes.articles import passage, stored_article
from tests.fakes.language_models import LocalModelServer

NOW = datetime(2019, 4, 5, tzinfo=UTC)
QUESTION = Question("What happened at the port?", NOW, "port", Asked.THING)
PORT = (
    "The port authority of Lisbon said on Tuesday that it may reopen the pier in June. The union "
    "called for talks and denied that any date had been agreed."
)
COSTS = "Portugal will pay $5,000,000; at least 24 of the 61 workers were not paid in March."
TEXTS = (PORT, COSTS)


def sources(*texts: str) -> list[Source]:
    return [
        Source(text, "Harbour Post", date(2019, 4, 3), Context((text,), 1, "Lisbon pier"))
        for text in texts or TEXTS
    ]


def reason(sentence: str, *texts: str) -> str:
    return check(sentence, sources(*texts)).reason


class TestEqualForms:
    @pytest.mark.parametrize(
        "sentence",
        [
            "Portugal will pay $5 million.",
            "Portugal will pay five million dollars.",
            "At least two dozen of the 61 workers were not paid in March.",
            "Lisbon will pay $5 million.",
            "The Portuguese will pay $5 million.",
            "The port authority said on 2 April 2019 that it may reopen the pier in June.",
        ],
    )
    def test_stand_for_each_other(self, sentence: str) -> None:
        assert reason(sentence) == ""

    @pytest.mark.parametrize(
        ("sentence", "words"),
        [
            ("Portugal will pay $50 million.", "the number"),
            ("Spain will pay $5 million.", "the name Spain"),
            ("Porto will pay $5 million.", "the name Porto"),
            (
                "The port authority said on 4 April 2019 that it may reopen.",
                "the date 4 April 2019",
            ),
        ],
    )
    def test_of_something_else_do_not(self, sentence: str, words: str) -> None:
        assert words in reason(sentence)

    @pytest.mark.parametrize(
        ("text", "value"),
        [("$1.2 billion", 1.2e9), ("twenty-one", 21), ("two dozen", 24), ("1,500", 1500),
         ("a quarter of it", 0.25), ("two centuries", 200), ("11 million", 11e6)],
    )  # fmt: skip
    def test_of_amounts(self, text: str, value: float) -> None:
        assert [one.value for one in amounts(text)] == [value]


class TestDifferences:
    @pytest.mark.parametrize(
        ("sentence", "words"),
        [
            ("The port authority of Lisbon reopened the pier in June.", "only possible"),
            ("The union ordered talks.", "ordered"),
            ("The union called for talks and any date had been agreed.", "opposite sense"),
            ("At most 24 of the 61 workers were not paid in March.", "bounded otherwise"),
            ("The workers were not paid because the union called for talks.", "cause"),
            ("The union said on Tuesday that it may reopen the pier in June.", "union"),
        ],
    )
    def test_are_told_in_words(self, sentence: str, words: str) -> None:
        assert words in reason(sentence)

    @pytest.mark.parametrize(
        "sentence",
        [
            "The port authority may reopen the pier in June.",
            "The union wants negotiations and says no date was agreed.",
            "Of the 61 workers at least 24 got no pay in March.",
        ],
    )
    def test_are_not_seen_in_a_true_paraphrase(self, sentence: str) -> None:
        assert reason(sentence) == ""

    def test_by_rules_alone_within_what_is_promised(self) -> None:
        withheld, shown = shares(own_sentences())
        assert withheld <= 0.12
        assert shown <= 0.35


def evidence() -> Evidence:
    article = stored_article("port", *TEXTS)
    return Evidence(tuple(passage(article, number) for number in (1, 2)))


@dataclass
class Saying:
    """A verifier that finds what a test says of sentences; supported where it says nothing."""

    findings: dict[str, Finding] = field(default_factory=dict)
    fails: RetrievalError | None = None
    asked: list[list[str]] = field(default_factory=list)
    name: str = "saying"

    def verify(self, items: Sequence[Unverified]) -> list[Finding]:
        self.asked.append([item.sentence for item in items])
        if self.fails is not None:
            raise self.fails
        supported = Finding(Support.SUPPORTED)
        return [self.findings.get(item.sentence, supported) for item in items]


TRUE = DraftSentence("The port authority may open the pier again in June.", (1,))
FALSE = DraftSentence("The union asked for talks about the pier.", (1,))
NUMBER = DraftSentence("Portugal will pay $6 million.", (2,))
WHOLE = DraftSentence(COSTS, (2,))


FRENCH = (
    "Le ministre des affaires étrangères a annoncé mercredi que la France rouvrirait son ambassade "
    "à Tripoli en 2021. Il n’a pas donné de date, et personne d’autre ne s’est exprimé."
)
OPENING = "la France rouvrirait son ambassade à Tripoli en 2021"


class TestTranslations:
    def evidence(self) -> Evidence:
        return Evidence((passage(stored_article("fr", FRENCH), 1),))

    def passing(self, verifier: Saying | None, text: str) -> Checking:
        checking = Checking(verifier)
        draft = [DraftSentence(text, (1,))]
        list(checking.pass_through(draft, QUESTION, self.evidence()))
        return checking

    def test_pass_with_a_verifier_and_are_told_as_such(self) -> None:
        text = f"France is to reopen its embassy in Tripoli in 2021 (Original: «{OPENING}»)."
        checking = self.passing(Saying(), text)
        assert [one.text for one in checking.statements] == [
            "France is to reopen its embassy in Tripoli in 2021 "
            f"(translated; Original: «{OPENING}»)"
        ]
        assert OPENING in checking.citations()[0].quote

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("France is to reopen its embassy (Original: «la France fermera»).", "do not stand"),
            (f"France is to reopen it in 2022 (Original: «{OPENING}»).", "the number 2022"),
            ("France is to reopen its embassy in Tripoli in 2021.", "no original beside it"),
        ],
    )
    def test_without_their_original_words_do_not_pass(self, text: str, words: str) -> None:
        checking = self.passing(Saying(), text)
        assert checking.statements == []
        assert words in checking.withheld[0].reason

    def test_are_asked_for_whatever_the_two_languages_are(self) -> None:
        french = "Le ministre a promis mercredi que l’ambassade serait rouverte en juin."
        assert "no original beside it" in reason(french)
        beside = "Le port rouvrira peut-être en juin (Original: «it may reopen the pier in June»)."
        assert reason(beside) == "a translation that no verifier has read"

    def test_that_nothing_but_rules_could_check_do_not_pass(self) -> None:
        text = f"France is to reopen its embassy in Tripoli (Original: «{OPENING}»)."
        assert "no verifier" in self.passing(None, text).withheld[0].reason

    def test_are_read_as_one_sentence(self) -> None:
        text = "He left (Original: «Il est parti. Il ne reviendra pas.») [1]. She stayed [2]."
        assert [one.marks for one in DraftParser().parse(text)] == [(1,), (2,)]


def stated(checking: Checking, *draft: DraftSentence, mended: object = None) -> list[str]:
    def mend(failed: Sequence[Judged]) -> list[DraftSentence | None]:
        assert isinstance(mended, dict)
        return [mended.get(one.sentence.text) for one in failed]

    passing = checking.pass_through(draft, QUESTION, evidence(), mend if mended else None)
    return [statement.text for statement in passing]


class TestAVerifier:
    def test_tells_what_rules_cannot(self) -> None:
        checking = Checking(Saying({FALSE.text: Finding(Support.NOT, "talks about pay, not it")}))
        assert stated(checking, TRUE, FALSE) == [TRUE.text]
        assert [one.reason for one in checking.withheld] == ["talks about pay, not it"]

    def test_lifts_no_hard_rule_and_is_not_asked_of_what_is_settled(self) -> None:
        verifier = Saying()
        checking = Checking(verifier)
        assert stated(checking, WHOLE, NUMBER, TRUE) == [WHOLE.text, TRUE.text]
        assert verifier.asked == [[TRUE.text]]

    def test_that_fails_leaves_it_to_the_rules_and_is_named(self) -> None:
        checking = Checking(Saying(fails=AnswererError("The language model x failed.")))
        assert stated(checking, TRUE, NUMBER) == [TRUE.text]
        assert checking.unverified == "The language model x failed."

    def test_keeps_the_order_of_the_draft(self) -> None:
        assert stated(Checking(Saying()), TRUE, WHOLE, FALSE) == [
            TRUE.text,
            WHOLE.text,
            FALSE.text,
        ]


class TestMending:
    def test_puts_what_passes_now_into_its_place(self) -> None:
        better = DraftSentence("Portugal will pay $5 million.", (2,))
        checking = Checking(Saying())
        assert stated(checking, NUMBER, TRUE, mended={NUMBER.text: better}) == [
            better.text,
            TRUE.text,
        ]
        assert (checking.withheld, checking.repaired) == ([], 1)

    def test_withholds_what_still_fails_with_its_first_reason(self) -> None:
        worse = DraftSentence("Portugal will pay $7 million.", (2,))
        checking = Checking()
        assert stated(checking, NUMBER, TRUE, mended={NUMBER.text: worse}) == [TRUE.text]
        assert [one.text for one in checking.withheld] == [NUMBER.text]

    def test_of_a_reply_is_read_by_its_numbers(self) -> None:
        found = read_repairs("1. He left. [2]\n2. NONE\n4. Too many. [1]", 3)
        assert found == [DraftSentence("He left.", (2,)), None, None]


def test_a_draft_that_breaks_off_gives_what_it_had() -> None:
    def draft() -> Iterator[DraftSentence]:
        yield TRUE
        raise AnswererError("It broke off.")

    passing = Checking(Saying()).pass_through(draft(), QUESTION, evidence())
    assert next(passing).text == TRUE.text
    with pytest.raises(AnswererError):
        next(passing)


def test_what_the_sources_do_not_say_is_no_statement_and_is_not_withheld() -> None:
    checking = Checking()
    unsaid = DraftSentence("The sources do not say who pays.", ())
    assert stated(checking, TRUE, unsaid) == [TRUE.text]
    assert (checking.unsaid, checking.withheld) == ([unsaid.text], [])


# -- the language model as verifier, over a socket ---------------------------------------------


@pytest.fixture
def server() -> Iterator[LocalModelServer]:
    with LocalModelServer() as running:
        yield running


def model_at(server: LocalModelServer, seconds: float = 60) -> ModelAnswerer:
    return make_model_answerer(
        "openai:local", timeout_seconds=seconds, base_url=server.openai_url, api_key="k"
    )


def checks(*verdicts: tuple[str, str]) -> str:
    entries = [
        {"id": f"s{place}", "verdict": verdict, "differs": differs}
        for place, (verdict, differs) in enumerate(verdicts, 1)
    ]
    return json.dumps({"checks": entries})


class TestTheModelAsVerifier:
    def items(self) -> list[Unverified]:
        return [Unverified(one, tuple(sources())) for one in (TRUE.text, FALSE.text)]

    def test_is_asked_once_without_the_question(self, server: LocalModelServer) -> None:
        server.say(checks(("supported", ""), ("supported", "")))
        found = ModelVerifier(model_at(server)).verify(self.items())
        assert found == [Finding(Support.SUPPORTED)] * 2
        (request,) = server.requests
        assert TRUE.text in request.prompt
        assert PORT in request.prompt
        assert QUESTION.text not in request.prompt

    def test_finds_each_sentence_again_whatever_the_order(self, server: LocalModelServer) -> None:
        server.say(checks(("not", "first"), ("not", "second")))
        found = ModelVerifier(model_at(server)).verify(self.items())
        prompt = server.requests[0].prompt
        shown = re.findall(r'<check id="s(\d)">.*?sentence: (.*?)\n', prompt, re.DOTALL)
        told = {text: ("first", "second")[int(number) - 1] for number, text in shown}
        assert [one.differs for one in found] == [told[TRUE.text], told[FALSE.text]]

    @pytest.mark.parametrize(
        "reply",
        [
            "yes",
            "{}",
            '{"checks": []}',
            checks(("supported", "")),
            checks(("maybe", ""), ("not", "")),
        ],
    )
    def test_that_says_something_else_has_failed(
        self, server: LocalModelServer, reply: str
    ) -> None:
        server.say(reply)
        with pytest.raises(AnswererError, match="did not say in the form asked for"):
            ModelVerifier(model_at(server)).verify(self.items())

    def test_a_reply_in_a_fence_is_read(self) -> None:
        fenced = f"```json\n{checks(('partly', 'the date'))}\n```"
        assert read_checks(fenced, ["s1"])["s1"].differs == "the date"

    def test_mends_with_the_reasons(self, server: LocalModelServer) -> None:
        server.say("1. Portugal will pay $5 million [2]")
        found = model_at(server).repair(QUESTION, evidence(), [(NUMBER, "the number 6 is wrong")])
        assert [one and one.text for one in found] == ["Portugal will pay $5 million"]
        assert "the number 6 is wrong" in server.requests[0].prompt

    def test_that_cannot_mend_mends_nothing(self, server: LocalModelServer) -> None:
        server.fail(400, times=3)
        assert model_at(server).repair(QUESTION, evidence(), [(NUMBER, "wrong")]) == [None]

    @pytest.mark.parametrize(
        ("status", "words"), [(401, "refused the API key"), (404, "does not exist there")]
    )
    def test_says_in_one_word_what_is_wrong_with_it(
        self, server: LocalModelServer, status: int, words: str
    ) -> None:
        server.say("ready")
        model_at(server).ask_for_a_word()
        server.fail(status)
        with pytest.raises(AnswererError, match=words):
            model_at(server).ask_for_a_word()


# -- an entailment model of sentence-transformers ----------------------------------------------


def tiny_model(folder: Path, labels: dict[int, str]) -> str:
    """A cross-encoder with weights of chance, saved as sentence-transformers saves one."""
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    words = sorted(set(re.findall(r"\w+", f"{PORT} {COSTS}".lower())))
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    config = BertConfig(
        vocab_size=len(words) + 5, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, id2label=labels, label2id={name: at for at, name in labels.items()},
        num_labels=len(labels),
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder / "plain")
    BertTokenizerFast(vocab_file=str(vocabulary)).save_pretrained(folder / "plain")
    CrossEncoder(str(folder / "plain")).save_pretrained(str(folder / "model"))
    return str(folder / "model")


FORMS = (
    {0: "contradiction", 1: "entailment", 2: "neutral"},
    {0: "LABEL_0", 1: "LABEL_1"},
    {0: "LABEL_0"},
)


@pytest.mark.parametrize("labels", FORMS, ids=["inference", "minicheck", "hhem"])
def test_an_entailment_model_of_each_form_is_run(tmp_path: Path, labels: dict[int, str]) -> None:
    verifier = CrossEncoderVerifier(tiny_model(tmp_path, labels))
    items = [Unverified(one.text, tuple(sources())) for one in (TRUE, FALSE)]
    found = verifier.verify(items)
    assert [one.support in set(Support) for one in found] == [True, True]
    assert all(bool(one.differs) is (one.support is not Support.SUPPORTED) for one in found)


def test_a_model_without_a_label_for_entailment_is_refused(tmp_path: Path) -> None:
    labels = {0: "joy", 1: "anger", 2: "fear"}
    with pytest.raises(CheckerModelError, match="none is named entailment"):
        CrossEncoderVerifier(tiny_model(tmp_path, labels)).load()


def test_a_model_that_is_nowhere_is_named() -> None:
    with pytest.raises(CheckerModelError, match="could not be loaded"):
        CrossEncoderVerifier("/nowhere/at/all").load()


# -- reading a reply ---------------------------------------------------------------------------


def test_reading_a_reply_costs_what_it_holds() -> None:
    """Twice as long a reply takes about twice the steps: counted, not timed."""

    def steps(length: int) -> int:
        count = 0

        def counting(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += 1

        text = ("He left the port [1] " * (length // 21 + 1))[:length]
        reply = Reply()
        sys.setprofile(counting)
        try:
            for letter in text:
                reply.add(letter)
        finally:
            sys.setprofile(None)
        return count

    assert steps(LONGEST_REPLY // 2) < 2.5 * steps(LONGEST_REPLY // 4)
