"""Digests and summaries that a language model writes, over real sockets, from the sample's days."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from bot.library import Library
from bot.render.report_wording import closing_lines, spoken_line
from corpus.quotations.store import QuotationRegister
from retrieval.answers.model import ModelVerifier, make_model_answerer
from retrieval.evidence import Evidence
from retrieval.grounding.check import is_verbatim
from retrieval.outcomes import Citation, DraftSentence, Statement
from retrieval.reports.brief import BriefWriter
from retrieval.reports.digest import DigestMaker
from retrieval.reports.report import Brief, Digest, Interests, Spoken
from retrieval.similarity import RememberedVectors
from retrieval.stories.story import Status, Story
from tests.fakes.articles import stored_article
from tests.fakes.language_models import LocalModelServer
from tests.retrieval.test_digest_making import Stories, day_of

Prompt = str
PARAGRAPH = re.compile(r'<paragraph mark="\[(\d+)\]">.*?to be told: (.*?)\n</paragraph>', re.DOTALL)
CHECK = re.compile(r'<check id="(\w+)">.*?sentence: (.*?)\n</check>', re.DOTALL)


def told(prompt: Prompt) -> list[tuple[str, str]]:
    """Marks of a prompt with what of their paragraphs is to be told."""
    return PARAGRAPH.findall(prompt.partition("</paragraph>\nPort may reopen")[2])


def retold(prompt: Prompt) -> str:
    """A faithful writer: every sentence as it stands, with "It is told that" before it."""
    lines = [f"It is told that {text.rstrip('.')} [{mark}]." for mark, text in told(prompt)]
    return "\n".join(["Told anew today", *lines])


def verdicts(prompt: Prompt, doubted: str = "\0") -> str:
    entries = [
        {"id": one, "verdict": "not" if doubted in text else "supported", "differs": ""}
        for one, text in CHECK.findall(prompt)
    ]
    return json.dumps({"checks": entries})


def either(write: Callable[[Prompt], str] = retold, doubted: str = "\0") -> Callable[[Prompt], str]:
    return lambda prompt: verdicts(prompt, doubted) if "<check id=" in prompt else write(prompt)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalModelServer]:
    with LocalModelServer() as running:
        yield running


@pytest.fixture(scope="module")
def stories(sample_library: Library) -> Stories:
    return Stories([change.article for change in sample_library.corpus.changes_since(0, 1000)])


@pytest.fixture
def maker(
    sample_library: Library, stories: Stories, server: LocalModelServer
) -> Callable[[float], DigestMaker]:
    server.requests.clear()
    server.say_by(either())
    store = sample_library.corpus
    encode = RememberedVectors(sample_library.embeddings.encode)

    def made(seconds: float = 60) -> DigestMaker:
        model = make_model_answerer(
            "openai:local", timeout_seconds=seconds, base_url=server.openai_url, api_key="k"
        )
        writer = BriefWriter(model, ModelVerifier(model))
        quoted = QuotationRegister(store).of
        return DigestMaker(stories, encode, quoted, store.version, writer=writer)

    return made


def fourth(maker: DigestMaker) -> Digest:
    return maker.digest(Interests(), *day_of(4))


def test_a_model_writes_what_happened_under_exact_citations(
    maker: Callable[[], DigestMaker], server: LocalModelServer
) -> None:
    digest = fourth(maker())
    assert digest.answerer == "openai:local"
    assert digest.notice is None
    cited = {citation.mark: citation for citation in digest.citations}
    assert list(cited) == list(range(1, len(cited) + 1))
    for brief in digest.briefs:
        assert brief.headline == "Told anew today"
        for statement in brief.happened:
            assert statement.text.startswith("It is told that")
            for mark in statement.citations:
                assert cited[mark].quote in cited[mark].paragraph.text
                first = statement.text.removeprefix("It is told that ").split(". ")[0].rstrip(".")
                assert first in cited[mark].paragraph.text
    written = [one for one in digest.briefs if one.happened]
    assert len(server.requests) == 2 * len(written)


def test_the_same_digest_asked_twice_costs_no_request(
    maker: Callable[[], DigestMaker], server: LocalModelServer
) -> None:
    making = maker()
    first = fourth(making)
    server.requests.clear()
    assert fourth(making) == first
    assert server.requests == []


def test_what_does_not_pass_is_told_in_the_sources_own_words(
    maker: Callable[[], DigestMaker], server: LocalModelServer, stories: Stories
) -> None:
    server.say_by(either(doubted="Haftar"))
    digest = fourth(maker())
    lead = digest.briefs[0]
    cited = {citation.mark: citation for citation in digest.citations}
    for statement in lead.happened:
        if "Haftar" in statement.text:
            assert is_verbatim(statement.text, cited[statement.citations[0]].paragraph.text)
    assert any("Haftar" in one.text for one in lead.happened)
    assert any("Haftar" in one.text for one in digest.withheld)


def test_a_model_that_fails_leaves_the_extractive_digest_and_is_named(
    maker: Callable[[], DigestMaker], server: LocalModelServer
) -> None:
    server.fail(401, times=100)
    digest = fourth(maker())
    assert digest.answerer == "extractive"
    assert digest.briefs[0].headline == "Haftar orders his forces to march on Tripoli"
    assert digest.notice == (
        "The language model openai:local refused the API key: check OPENAI_API_KEY. "
        "The stories are told in their sources' own sentences."
    )
    assert digest.notice in closing_lines(digest)


def test_one_story_that_fails_is_told_extractively_beside_the_others(
    maker: Callable[[], DigestMaker], server: LocalModelServer
) -> None:
    server.fail(403)
    digest = maker().digest(Interests(), day_of(1)[0], day_of(10)[1])
    assert digest.answerer == "openai:local"
    told_anew = [brief.headline == "Told anew today" for brief in digest.briefs if brief.happened]
    assert told_anew.count(False) == 1
    assert f"1 of {len(told_anew)} stories is told in their sources' own" in str(digest.notice)


def test_a_model_of_which_nothing_passes_wrote_nothing(
    maker: Callable[[], DigestMaker], server: LocalModelServer
) -> None:
    server.say_by(either(doubted=""))
    digest = fourth(maker())
    assert digest.answerer == "extractive"
    assert digest.notice == "Nothing that the language model wrote passed its checks."
    assert digest.withheld


def test_a_verifier_that_fails_is_named_and_asked_again_the_next_time(
    maker: Callable[[], DigestMaker], server: LocalModelServer
) -> None:
    server.say_by(lambda prompt: "no" if "<check id=" in prompt else retold(prompt))
    making = maker()
    assert "Checked by rules only" in str(fourth(making).notice)
    server.say_by(either())
    assert fourth(making).notice is None


@dataclass
class Slow:
    """Writes nothing before it is let go."""

    let_go: threading.Event
    name: str = "slow"
    timeout_seconds: float = 0.1
    brief_version: str = "1"
    asked: int = 0

    def brief(
        self, evidence: Evidence, told: Sequence[str], seconds: float
    ) -> tuple[str, Sequence[DraftSentence]]:
        self.asked += 1
        self.let_go.wait()
        return "", []

    def translate(self, sentences: Sequence[str]) -> Sequence[str]:
        raise AssertionError("nothing is to be translated")


def test_a_model_that_is_slow_costs_no_more_than_the_time_of_a_document(
    sample_library: Library, stories: Stories
) -> None:
    store, let_go = sample_library.corpus, threading.Event()
    encode = RememberedVectors(sample_library.embeddings.encode)
    slow = Slow(let_go)
    quoted, writer = QuotationRegister(store).of, BriefWriter(slow, None)
    making = DigestMaker(stories, encode, quoted, store.version, writer=writer)
    digest, asked = fourth(making), slow.asked
    # Nobody else has to wait as long.
    assert "too slow a short while ago" in str(fourth(making).notice)
    assert slow.asked == asked
    let_go.set()
    assert digest.answerer == "extractive"
    assert digest.briefs[0].headline == "Haftar orders his forces to march on Tripoli"
    assert digest.notice == (
        "The language model slow was too slow (0.2 s at most). "
        "The stories are told in their sources' own sentences."
    )


QUOTE = "Nous rouvrirons notre ambassade à Tripoli en 2021."
FRENCH = (
    f"« {QUOTE} » a déclaré mercredi le ministre des affaires étrangères devant les députés, "
    "sans donner d’autre date pour le retour des diplomates."
)


class TestTranslations:
    def brief(self) -> tuple[Brief, Citation]:
        article = replace(stored_article("fr", FRENCH), language="fr")
        spoken = Spoken("Jean-Yves Le Drian", None, "déclaré", QUOTE, True, 1)
        story = Story("s", (article,))
        cited = Citation(1, article, article.paragraph(1), QUOTE)
        return Brief(story, Status.NEW, 1, "Paris", (Statement(FRENCH, (1,)),), (spoken,)), cited

    def translated(self, server: LocalModelServer, *, doubted: str = "\0") -> Brief:
        english = f"1. {ENGLISH} the minister told deputies\n2. {ENGLISH}"
        server.requests.clear()
        server.say_by(either(lambda prompt: english, doubted))
        model = make_model_answerer(
            "openai:local", timeout_seconds=60, base_url=server.openai_url, api_key="k"
        )
        writer = BriefWriter(model, ModelVerifier(model))
        brief, cited = self.brief()
        (first,) = writer.translated([brief], [cited])
        assert len(server.requests) == 2
        assert writer.translated([brief], [cited]) == (first,)
        return first

    def test_stand_beside_the_original(self, server: LocalModelServer) -> None:
        brief = self.translated(server)
        assert brief.happened[0].text == (
            f"{ENGLISH} the minister told deputies (translated; Original: "
            f"«{FRENCH.replace('«', '“').replace('»', '”')}»)"
        )
        assert brief.happened[0].citations == (1,)
        (spoken,) = brief.spoken
        assert (spoken.quote, spoken.translation) == (QUOTE, ENGLISH)
        line = "".join(span.text for span in spoken_line(spoken))
        assert line == f"Jean-Yves Le Drian, translated: {ENGLISH} Original: «{QUOTE}» [1]"

    def test_that_a_verifier_doubts_are_not_shown(self, server: LocalModelServer) -> None:
        brief = self.translated(server, doubted="We shall")
        assert brief.happened[0].text == FRENCH
        assert brief.spoken[0].translation == ""


ENGLISH = "We shall reopen our embassy in Tripoli in 2021."
