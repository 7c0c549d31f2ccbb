"""Digests and summaries that a language model writes, over real sockets, from the sample's days."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from bot.library import Library
from corpus.quotations.store import QuotationRegister
from retrieval.answers.model import ModelVerifier, make_model_answerer
from retrieval.grounding.check import is_verbatim
from retrieval.reports.brief import BriefWriter
from retrieval.reports.digest import DigestMaker
from retrieval.reports.report import Digest, Interests
from retrieval.similarity import RememberedVectors
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
