"""Drafts by language models: through the real provider packages, over real sockets.

A provider that stalls, breaks off or refuses must cost the reader no more than the time
that was set, and must leave no half sentence behind.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from corpus.articles import Article, Paragraph, SourceKind
from retrieval.answers.model import ModelAnswerer, make_model_answerer
from retrieval.answers.prompts import ANSWER_PROMPT, DraftParser, prompt_inputs
from retrieval.answers.trace import Meter, usage_line
from retrieval.errors import AnswererError
from retrieval.evidence import Evidence
from retrieval.outcomes import DraftSentence
from retrieval.passages import Passage
from retrieval.questions.understand import Asked, Question
from tests.fakes.language_models import LocalModelServer, ScriptedModel

PROVIDERS = ("openai", "anthropic", "ollama")
KEY = "sk-secret-0123456789"
# Cores are shared with whatever else runs: only failures wait that long.
PATIENCE = 60.0
NEVER = 600.0
"""Seconds of a stall that nobody sits through."""
NOW = datetime(2019, 4, 5, 9, tzinfo=UTC)
REPLY = (
    "Guterres said “there is no military solution” in Tripoli. [1]\n"
    "Haftar ordered his forces to advance [2]."
)
DRAFT = [
    DraftSentence("Guterres said “there is no military solution” in Tripoli.", (1,)),
    DraftSentence("Haftar ordered his forces to advance.", (2,)),
]


def question(text: str = "What did Guterres say about Tripoli?") -> Question:
    return Question(text, NOW, text, Asked.SAYING)


def evidence() -> Evidence:
    texts = (
        "“There is no military solution,” Mr. Guterres said in Tripoli.",
        "Khalifa Haftar ordered his forces to advance on Tripoli on Thursday.",
    )
    paragraphs = tuple(Paragraph("a" * 16, n, text) for n, text in enumerate(texts, 1))
    article = Article(
        id="a" * 16,
        url="https://news.example/libya",
        title="UN chief in Libya",
        source="UN News",
        kind=SourceKind.OFFICIAL,
        author=None,
        published_at=datetime(2019, 4, 4, tzinfo=UTC),
        language="en",
        version=1,
        read_at=NOW,
        first_read_at=NOW,
        paragraphs=paragraphs,
    )
    return Evidence(tuple(Passage(article, paragraph, 1.0) for paragraph in paragraphs))


@pytest.fixture(scope="module")
def running_server() -> Iterator[LocalModelServer]:
    with LocalModelServer() as running:
        yield running


@pytest.fixture
def server(running_server: LocalModelServer) -> LocalModelServer:
    running_server.requests.clear()
    running_server.say(REPLY)
    return running_server


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answerer_at(
    server: LocalModelServer, provider: str, *, timeout_seconds: float = PATIENCE
) -> ModelAnswerer:
    key = {} if provider == "ollama" else {"api_key": KEY}
    return make_model_answerer(
        f"{provider}:local",
        timeout_seconds=timeout_seconds,
        base_url=server.openai_url if provider == "openai" else server.url,
        **key,
    )


def draft(answerer: ModelAnswerer) -> list[DraftSentence]:
    return list(answerer.draft(question(), evidence()))


def drafted_until_failure(answerer: ModelAnswerer) -> tuple[list[DraftSentence], AnswererError]:
    sentences = []
    try:
        for sentence in answerer.draft(question(), evidence()):
            sentences.append(sentence)  # noqa: PERF402 - what came before the error counts
    except AnswererError as error:
        return sentences, error
    pytest.fail(f"nothing failed; drafted {sentences}")


class TestDrafting:
    @pytest.mark.slow
    def test_a_stream_becomes_sentences_with_marks(
        self, server: LocalModelServer, provider: str
    ) -> None:
        answerer = answerer_at(server, provider)
        assert answerer.name == f"{provider}:local"
        assert draft(answerer) == DRAFT

    def test_one_answerer_drafts_many_times_from_many_threads(
        self, server: LocalModelServer, provider: str
    ) -> None:
        answerer = answerer_at(server, provider)
        drafts: list[list[DraftSentence]] = []
        threads = [
            threading.Thread(target=lambda: drafts.append(draft(answerer))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert drafts == [DRAFT] * 4

    def test_the_provider_is_sent_the_rules_and_the_paragraphs_at_temperature_zero(
        self, server: LocalModelServer, provider: str
    ) -> None:
        draft(answerer_at(server, provider))
        sent = server.requests[-1]
        settings = sent.body.get("options", sent.body)
        assert settings["temperature"] == 0
        assert "reply exactly: NO ANSWER" in sent.prompt
        assert "[2]" in sent.prompt
        assert "Khalifa Haftar ordered his forces" in sent.prompt

    def test_a_sentence_comes_out_while_the_rest_is_still_being_written(
        self, server: LocalModelServer, provider: str
    ) -> None:
        server.stall(after_chunks=11, seconds=NEVER)
        sentences = answerer_at(server, provider).draft(question(), evidence())
        assert next(iter(sentences)) == DRAFT[0]

    @pytest.mark.parametrize("reply", ["NO ANSWER", "**NO ANSWER.**", ""])
    def test_no_answer_yields_nothing(
        self, server: LocalModelServer, provider: str, reply: str
    ) -> None:
        server.say(reply)
        assert draft(answerer_at(server, provider)) == []

    def test_without_evidence_nobody_is_asked(self, server: LocalModelServer) -> None:
        answerer = answerer_at(server, "openai")
        assert list(answerer.draft(question(), Evidence(()))) == []
        assert server.requests == []

    @pytest.mark.parametrize("model", ["openai", "anthropic"])
    def test_a_model_that_refuses_a_temperature_is_asked_without_one(
        self, server: LocalModelServer, model: str
    ) -> None:
        server.refuse_temperature()
        answerer = answerer_at(server, model)
        assert draft(answerer) == DRAFT
        assert draft(answerer) == DRAFT
        assert len(server.requests) == 3

    def test_a_package_that_refuses_a_temperature_by_itself_is_asked_without_one(
        self, server: LocalModelServer
    ) -> None:
        answerer = make_model_answerer(
            "anthropic:claude-sonnet-5-5", timeout_seconds=10, base_url=server.url, api_key=KEY
        )
        assert draft(answerer) == DRAFT

    def test_ollama_is_given_a_window_that_holds_the_rules(self, server: LocalModelServer) -> None:
        draft(answerer_at(server, "ollama"))
        assert server.requests[-1].body["options"]["num_ctx"] == 16_384


class TestChain:
    """The answerer is a LangChain chain, `prompt | model | parser`, that others can take apart."""

    def test_the_parser_streams_sentences_and_gives_them_all_at_once(self) -> None:
        chain = ANSWER_PROMPT | ScriptedModel(replies=[REPLY, REPLY]) | DraftParser()
        inputs = prompt_inputs(question(), evidence())
        streamed = [part for part in chain.stream(inputs) if part]
        assert streamed == [[DRAFT[0]], [DRAFT[1]]]
        assert chain.invoke(inputs) == DRAFT

    def test_the_parser_reads_a_whole_reply(self) -> None:
        assert DraftParser().parse(REPLY) == DRAFT
        assert DraftParser().parse("NO ANSWER") == []


class TestUsage:
    """What was asked is counted as the provider counts it, else estimated and said to be."""

    def test_a_whole_reply_is_counted_as_its_provider_states(
        self, server: LocalModelServer
    ) -> None:
        server.script.usage = (1_200, 30)
        answerer = make_model_answerer(
            "openai:local",
            timeout_seconds=PATIENCE,
            base_url=server.openai_url,
            api_key=KEY,
            prices=(0.25, 2.0),
        )
        answerer.ask_for_a_word()
        used = answerer.meter.usage
        assert (used.requests, used.tokens_in, used.tokens_out, used.tokens_estimated) == (
            1,
            1_200,
            30,
            0,
        )
        assert used.cost == pytest.approx(0.00036)
        assert usage_line(used) == (
            "Language model: 1 request, 1,200 tokens in, 30 out, cost 0.0004"
        )

    def test_a_stream_that_states_nothing_is_estimated(self, server: LocalModelServer) -> None:
        answerer = answerer_at(server, "openai")
        draft(answerer)
        used = answerer.meter.usage
        assert used.requests == 1
        assert 500 < used.tokens_in < 3_000
        assert 10 < used.tokens_out < 100
        assert used.tokens_estimated == used.tokens_in + used.tokens_out
        assert used.cost is None
        assert usage_line(used).endswith("out (estimated)")

    def test_each_meter_counts_what_was_asked_under_it(self, server: LocalModelServer) -> None:
        answerer, mine = answerer_at(server, "openai"), Meter()
        draft(answerer.metered(mine))
        draft(answerer)
        assert mine.usage.requests == 1
        assert answerer.meter.usage.requests == 2

    def test_what_was_refused_costs_nothing_and_what_broke_off_is_estimated(
        self, server: LocalModelServer
    ) -> None:
        answerer = answerer_at(server, "openai")
        server.fail(401)
        drafted_until_failure(answerer)
        assert answerer.meter.usage.requests == 0
        server.say(REPLY)
        server.break_after(5)
        drafted_until_failure(answerer)
        assert answerer.meter.usage.tokens_estimated > 500


class TestStalls:
    """The time that was set is the time it takes, by the wall clock.

    What is missing or there afterwards tells how long it took: a busy machine may take longer.
    """

    def test_silence_before_the_first_word_costs_half_the_time(
        self, server: LocalModelServer, provider: str
    ) -> None:
        server.stall(after_chunks=0, seconds=1.5)
        sentences, error = drafted_until_failure(answerer_at(server, provider, timeout_seconds=2))
        assert sentences == []
        assert error.retry
        assert str(error) == (
            f"The language model {provider}:local did not answer in time (2 s at most)."
        )

    @pytest.mark.slow
    @pytest.mark.parametrize("pings", [False, True], ids=["silent", "kept alive"])
    def test_a_stall_in_the_middle_ends_at_the_deadline_and_the_connection_is_closed(
        self, server: LocalModelServer, provider: str, pings: bool
    ) -> None:
        server.stall(after_chunks=11, seconds=NEVER, pings=pings)
        begun = time.monotonic()
        sentences, error = drafted_until_failure(answerer_at(server, provider, timeout_seconds=5))
        assert time.monotonic() - begun >= 5
        assert sentences == DRAFT[:1]
        assert error.retry
        if pings:
            assert hung_up(server)

    def test_a_reader_who_leaves_early_leaves_nothing_running(
        self, server: LocalModelServer
    ) -> None:
        server.stall(after_chunks=11, seconds=NEVER, pings=True)
        sentences = answerer_at(server, "openai").draft(question(), evidence())
        next(sentences)
        sentences.close()  # type: ignore[attr-defined]
        assert hung_up(server)

    @pytest.mark.slow
    def test_a_model_without_asynchronous_reading_keeps_to_the_deadline_too(self) -> None:
        model = ScriptedModel(replies=[REPLY], stall_after=11, stall_seconds=15)
        sentences, error = drafted_until_failure(ModelAnswerer(model, "scripted", 5))
        assert sentences == DRAFT[:1]
        assert error.retry

    def test_a_model_that_babbles_is_stopped(self) -> None:
        model = ScriptedModel(replies=["word " * 10_000])
        _, error = drafted_until_failure(ModelAnswerer(model, "scripted", PATIENCE))
        assert str(error) == "The language model scripted did not come to an end."

    def test_stalls_leave_no_threads_behind(self, server: LocalModelServer, provider: str) -> None:
        draft(answerer_at(server, provider))
        server.stall(after_chunks=0, seconds=NEVER)
        answerer = answerer_at(server, provider, timeout_seconds=0.2)
        before = reading_threads()
        for _ in range(3):
            drafted_until_failure(answerer)
        assert reading_threads() == before


class TestBrokenStreams:
    """What is complete is given; half a sentence never is."""

    def test_a_dropped_connection(self, server: LocalModelServer, provider: str) -> None:
        server.break_after(14)
        sentences, error = drafted_until_failure(answerer_at(server, provider))
        assert sentences == DRAFT[:1]
        assert error.retry

    def test_a_stream_that_ends_without_an_end(
        self, server: LocalModelServer, provider: str
    ) -> None:
        server.end_after(14)
        sentences, error = drafted_until_failure(answerer_at(server, provider))
        assert sentences == DRAFT[:1]
        assert error.retry

    def test_a_reply_cut_off_at_its_length_limit(
        self, server: LocalModelServer, provider: str
    ) -> None:
        server.cut_off_after(14)
        sentences, error = drafted_until_failure(answerer_at(server, provider))
        assert sentences == DRAFT[:1]
        assert "length limit" in str(error)
        assert not error.retry

    def test_a_model_that_raises_in_mid_sentence(self) -> None:
        model = ScriptedModel(replies=[REPLY], break_after=14, error=ValueError(f"body with {KEY}"))
        sentences, error = drafted_until_failure(ModelAnswerer(model, "scripted", 5))
        assert sentences == DRAFT[:1]
        assert str(error) == "The language model scripted failed (ValueError)."

    def test_a_model_that_declines(self) -> None:
        model = ScriptedModel(replies=["I cannot"], finish_reason="content_filter")
        sentences, error = drafted_until_failure(ModelAnswerer(model, "scripted", 5))
        assert sentences == []
        assert str(error) == "The language model scripted declined to answer."

    def test_a_model_that_never_says_why_it_ends_is_believed_when_its_text_is_whole(self) -> None:
        model = ScriptedModel(replies=[REPLY], finish_reason=None)
        assert draft(ModelAnswerer(model, "scripted", 5)) == DRAFT


class TestRefusals:
    """One plain sentence; nothing of the request or the provider's words in it."""

    @pytest.mark.parametrize(
        ("status", "retry", "words"),
        [
            (400, False, "refused the request (HTTP 400)."),
            (401, False, "refused the API key: check"),
            (403, False, "is not allowed for this API key."),
            (404, False, "does not exist there: check LLM_MODEL."),
            (429, True, "is over its rate limit or quota."),
            (500, True, "failed at its provider (HTTP 500)."),
            (503, True, "failed at its provider (HTTP 503)."),
            (529, True, "failed at its provider (HTTP 529)."),
        ],
    )
    @pytest.mark.slow
    def test_statuses(
        self, server: LocalModelServer, provider: str, status: int, retry: bool, words: str
    ) -> None:
        server.fail(status, times=5)
        sentences, error = drafted_until_failure(answerer_at(server, provider))
        assert sentences == []
        assert error.retry is retry
        assert f"The language model {provider}:local {words}" in str(error)
        assert_discreet(error)

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_what_may_pass_is_tried_once_more(
        self, server: LocalModelServer, provider: str, status: int
    ) -> None:
        server.fail(status, times=1, retry_after="0")
        assert draft(answerer_at(server, provider)) == DRAFT
        assert len(server.requests) == 2
        server.fail(status, times=2, retry_after="0")
        drafted_until_failure(answerer_at(server, provider))
        assert len(server.requests) == 4

    def test_a_wait_that_does_not_fit_is_not_waited_for(self, server: LocalModelServer) -> None:
        server.fail(503, times=1, retry_after="3600")
        sentences, error = drafted_until_failure(answerer_at(server, "openai", timeout_seconds=2))
        assert (sentences, len(server.requests)) == ([], 1)
        assert "failed at its provider (HTTP 503)" in str(error)

    @pytest.mark.parametrize(
        ("model", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")]
    )
    def test_a_wrong_key(self, server: LocalModelServer, model: str, variable: str) -> None:
        server.require_key("another")
        _, error = drafted_until_failure(answerer_at(server, model))
        assert str(error) == (
            f"The language model {model}:local refused the API key: check {variable}."
        )
        assert_discreet(error)

    def test_nobody_there(self, provider: str) -> None:
        with LocalModelServer() as closed:
            pass
        _, error = drafted_until_failure(answerer_at(closed, provider))
        assert error.retry
        assert str(error) == (f"The language model {provider}:local cannot be reached, or hung up.")


class TestNaming:
    """LLM_MODEL is checked before anything is sent."""

    @pytest.mark.parametrize("spec", ["", "gpt-4.1", "openai:", ":gpt", "openai gpt", "a:b c"])
    def test_a_malformed_name(self, spec: str) -> None:
        with pytest.raises(AnswererError, match="must be provider:model"):
            make_model_answerer(spec, timeout_seconds=5)

    def test_an_unknown_provider(self) -> None:
        with pytest.raises(AnswererError) as raised:
            make_model_answerer("delphi:oracle", timeout_seconds=5)
        assert str(raised.value) == (
            "LLM_MODEL names delphi, which is no provider that LangChain knows."
        )

    @pytest.mark.parametrize("extra", PROVIDERS)
    def test_a_provider_that_is_not_installed(
        self, monkeypatch: pytest.MonkeyPatch, extra: str
    ) -> None:
        monkeypatch.setitem(sys.modules, f"langchain_{extra}", None)
        with pytest.raises(AnswererError) as raised:
            make_model_answerer(f"{extra}:any", timeout_seconds=5)
        assert str(raised.value) == (
            f"LLM_MODEL names {extra}, which is not installed: pip install 'chancery[{extra}]'"
        )

    def test_a_provider_beyond_the_extras_that_is_not_installed(self) -> None:
        with pytest.raises(AnswererError) as raised:
            make_model_answerer("groq:any", timeout_seconds=5)
        assert str(raised.value) == (
            "LLM_MODEL names groq, which is not installed: pip install langchain-groq"
        )

    @pytest.mark.parametrize(
        ("model", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")]
    )
    def test_a_missing_key(
        self, monkeypatch: pytest.MonkeyPatch, model: str, variable: str
    ) -> None:
        monkeypatch.delenv(variable, raising=False)
        with pytest.raises(AnswererError) as raised:
            make_model_answerer(f"{model}:any", timeout_seconds=5)
        assert str(raised.value) == (f"LLM_MODEL names {model}, which needs a key: set {variable}.")

    @pytest.mark.slow
    def test_importing_loads_no_provider_and_nothing_is_traced_by_default(self) -> None:
        program = (
            "import os, sys; os.environ.pop('LANGSMITH_TRACING', None);"
            "import retrieval.answers.model as models;"
            "heavy = {'langchain', 'langchain_openai', 'openai', 'anthropic', 'ollama'};"
            "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
            "models.make_model_answerer('ollama:any', timeout_seconds=1);"
            "assert os.environ['LANGSMITH_TRACING'] == 'false'"
        )
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def assert_discreet(error: AnswererError) -> None:
    """Neither the error nor what a log of it shows repeats the key or the prompt."""
    shown: BaseException | None = error
    while shown is not None:
        assert KEY not in str(shown)
        assert "Haftar" not in str(shown)
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)


def hung_up(server: LocalModelServer) -> bool:
    """Whether the reader hung up before long."""
    until = time.monotonic() + PATIENCE
    while server.hung_up == 0 and time.monotonic() < until:
        time.sleep(0.02)
    return server.hung_up > 0


def reading_threads() -> set[str]:
    """Threads of this process except the local server's own."""
    return {thread.name for thread in threading.enumerate() if "process_request" not in thread.name}
