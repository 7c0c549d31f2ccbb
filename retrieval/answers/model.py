"""Answerers that are language models, named by LLM_MODEL as `provider:model`.

    ANSWER_PROMPT | chat model | DraftParser      a LangChain chain, streamed in one event loop
        -> queue of sentences -> ModelAnswerer.draft -> DraftSentence, …    beside the caller

Reading is asynchronous so that it can be given up: cancelling closes the connection at
once, also where a provider keeps it alive without saying anything, and no thread is left
waiting. A model whose package can only be read synchronously holds a thread of the loop's
pool until its provider returns.
"""

from __future__ import annotations

import asyncio
import copy
import os
import queue
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler

from retrieval.answers import prompts
from retrieval.answers.trace import Meter
from retrieval.errors import AnswererError
from retrieval.grounding.support import Finding, Support, Unverified
from retrieval.outcomes import DraftSentence, Said, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import Runnable, RunnableConfig

    from retrieval.evidence import Evidence
    from retrieval.questions.understand import Question, Turn

# A model that is silent for this share of its time will not finish in the rest of it.
FIRST_TOKEN_SHARE = 0.5
# The rules and twelve paragraphs; Ollama's own default silently drops the beginning, where
# the rules stand.
OLLAMA_WINDOW_TOKENS = 16_384
# Seconds after the deadline until a loop that does not react is no longer waited for.
GRACE_SECONDS = 1.0
CANCELLED_AGAIN_SECONDS = 0.05
SECOND_CALL_SHARE = 0.5
"""What checking a draft, and what mending it, may take of the time that the draft may."""
REWRITE_SHARE = 0.25
"""What rewriting a follow-up may take of it: nothing is searched before that."""
PASSING = (429, 500, 503)
"""Answers of a provider after which it is asked once more, while there is time."""
RETRY_SECONDS = 1.0
A_MILLION = 1_000_000

_EXTRAS = ("openai", "anthropic", "ollama")
_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_SPEC = re.compile(r"([a-z][a-z0-9_-]*):(\S+)", re.IGNORECASE)

_Part = list[DraftSentence] | Exception | None
"""What a chunk of the reply completed, the error that ended it, or None at its own end."""


class ModelAnswerer:
    """Drafts with a LangChain chat model.

    `timeout_seconds` bounds a draft from its first request to its last word, by the wall
    clock; half of it bounds the wait for the first word.
    """

    over_time = True

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        timeout_seconds: float,
        prices: tuple[float, float] | None = None,
    ) -> None:
        """`prices` are those of a million tokens sent and received."""
        self.name = name
        self.timeout_seconds = timeout_seconds
        self.brief_version = f"{name} {sha256(prompts.BRIEFING.encode()).hexdigest()}"
        self.meter = Meter()
        # All who count beside each other share what one learns of it.
        self._asked = [model]
        self._prices = prices
        self._meters: tuple[Meter, ...] = (self.meter,)
        self._parser = prompts.DraftParser(answerer=name)

    def metered(self, meter: Meter) -> ModelAnswerer:
        """The same answerer; what it is asked is counted by `meter` too."""
        other = copy.copy(self)
        other._meters = (*self._meters, meter)
        return other

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        """Sentences as they are complete, never half a one; none for NO ANSWER.

        AnswererError where the provider fails, stalls, declines or breaks off.
        """
        if not evidence.passages:
            return
        parts: queue.Queue[_Part] = queue.Queue()
        reading: Future[None] = asyncio.run_coroutine_threadsafe(
            self._read(prompts.prompt_inputs(question, evidence), parts), _loop()
        )
        given_up = time.monotonic() + self.timeout_seconds + GRACE_SECONDS
        try:
            while (part := _next(parts, given_up)) is not None:
                # Without the cause: providers put prompts and pieces of keys into their messages.
                if isinstance(part, AnswererError):
                    raise part from None
                if isinstance(part, Exception):
                    raise failure(self.name, part, self.timeout_seconds) from None
                yield from part
        finally:
            reading.cancel()

    async def _read(self, inputs: dict[str, str], parts: queue.Queue[_Part]) -> None:
        """Fill the queue until the chain ends, or until this is cancelled."""
        filling = asyncio.ensure_future(self._fill(inputs, parts))
        try:
            await asyncio.wait({filling})
        finally:
            # Once may not do: a provider's `asyncio.wait_for` swallows a cancellation that comes
            # together with a chunk (Python 3.11), and would go on waiting for the next one.
            while not filling.done():
                filling.cancel()
                await asyncio.wait({filling}, timeout=CANCELLED_AGAIN_SECONDS)

    async def _fill(self, inputs: dict[str, str], parts: queue.Queue[_Part]) -> None:
        """Put what the chain gives into a queue, at the end None or the error it died of."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(self.timeout_seconds * FIRST_TOKEN_SHARE) as limit:
                async for sentences in self._drafted(inputs):
                    if not limit.expired():
                        limit.reschedule(begun + self.timeout_seconds)
                    parts.put(sentences)
        except Exception as error:
            parts.put(error)
        else:
            parts.put(None)

    async def _drafted(self, inputs: dict[str, str]) -> AsyncIterator[list[DraftSentence]]:
        tries = _Tries(time.monotonic() + self.timeout_seconds * FIRST_TOKEN_SHARE)
        while True:
            begun = False
            try:
                async for sentences in self._chain.astream(inputs, self._counted()):
                    begun = True
                    yield sentences
                return
            except Exception as error:
                if begun:
                    raise
                await self._once_more(error, tries)

    async def _once_more(self, error: Exception, tries: _Tries) -> None:
        """Make ready for another attempt after an error, or raise it.

        A provider that wants to be left alone for longer than there is time is not asked again.
        """
        # Reasoning models refuse any temperature, some packages before they send.
        model = self._asked[0]
        fixed = getattr(model, "temperature", None) is not None
        if fixed and "temperature" in str(error).lower():
            self._asked[0] = model.model_copy(update={"temperature": None})
            return
        wait = retry_after(error)
        left = tries.until - time.monotonic()
        if tries.repeated or _status(error) not in PASSING or wait >= left:
            raise error
        tries.repeated = True
        await asyncio.sleep(wait)

    def complete(self, prompt: ChatPromptTemplate, inputs: dict[str, str], seconds: float) -> str:
        """The whole reply to a prompt within so many seconds; AnswererError where none comes."""
        running = asyncio.run_coroutine_threadsafe(
            self._completed(prompt, inputs, seconds), _loop()
        )
        try:
            return running.result(seconds + GRACE_SECONDS)
        except AnswererError as error:
            raise error from None
        except Exception as error:
            raise failure(self.name, error, seconds) from None
        finally:
            running.cancel()

    async def _completed(
        self, prompt: ChatPromptTemplate, inputs: dict[str, str], seconds: float
    ) -> str:
        tries = _Tries(time.monotonic() + seconds)
        async with asyncio.timeout(seconds):
            while True:
                try:
                    chain = prompt | self._asked[0]
                    reply = await chain.ainvoke(inputs, self._counted())
                    return str(reply.text)
                except Exception as error:
                    await self._once_more(error, tries)

    def ask_for_a_word(self) -> None:
        """Ask for one word, to see that there is an answer; AnswererError says what is wrong."""
        if not self.complete(prompts.WORD_PROMPT, {}, self.timeout_seconds).strip():
            empty = Said("The language model {name} gave an empty answer.", name=self.name)
            raise AnswererError(empty)

    def repair(
        self,
        question: Question,
        evidence: Evidence,
        failed: Sequence[tuple[DraftSentence, str]],
    ) -> list[DraftSentence | None]:
        """Sentences that did not pass, written anew; None for one that cannot be, for all where
        the provider fails: what did not pass is then withheld."""
        inputs = prompts.repair_inputs(question, evidence, failed)
        try:
            seconds = self.timeout_seconds * SECOND_CALL_SHARE
            reply = self.complete(prompts.REPAIR_PROMPT, inputs, seconds)
        except AnswererError:
            return [None] * len(failed)
        return prompts.read_repairs(reply, len(failed))

    def rewrite(self, text: str, earlier: Sequence[Turn], context: Sequence[str]) -> str | None:
        """A message of a talk as a question that stands alone, not checked; None where the
        provider fails."""
        inputs = prompts.rewrite_inputs(text, earlier, context)
        try:
            seconds = self.timeout_seconds * REWRITE_SHARE
            reply = self.complete(prompts.REWRITE_PROMPT, inputs, seconds)
        except AnswererError:
            return None
        return reply.rpartition("</think>")[2].strip()

    def translate(self, sentences: Sequence[str]) -> list[str]:
        """The sentences in English, "" where one was left out; AnswererError where the provider
        fails."""
        seconds = self.timeout_seconds * SECOND_CALL_SHARE
        inputs = prompts.translate_inputs(sentences)
        reply = self.complete(prompts.TRANSLATE_PROMPT, inputs, seconds)
        return prompts.read_translations(reply, len(sentences))

    def brief(
        self, evidence: Evidence, told: Sequence[str], seconds: float
    ) -> tuple[str, Sequence[DraftSentence]]:
        """A headline and sentences that tell of a story what stands in `told`, one text for each
        passage; the headline may be empty. AnswererError where the provider fails."""
        inputs = prompts.brief_inputs(evidence, told)
        return prompts.read_brief(self.complete(prompts.BRIEF_PROMPT, inputs, seconds))

    @property
    def _chain(self) -> Runnable[dict[str, str], list[DraftSentence]]:
        return prompts.ANSWER_PROMPT | self._asked[0] | self._parser

    def _counted(self) -> RunnableConfig:
        return {"callbacks": [_Counting(self._meters, self._prices)]}


class _Counting(BaseCallbackHandler):
    """Counts the tokens of one request as its provider states them; else they are estimated.

    A request that was refused by its status costs nothing; one that broke off is estimated.
    """

    run_inline = True

    def __init__(self, meters: Sequence[Meter], prices: tuple[float, float] | None) -> None:
        self._meters = meters
        self._prices = prices
        self._sent = 0
        self._received = ""

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], **kwargs: Any
    ) -> None:
        self._sent = sum(prompts.tokens_of(str(one.text)) for batch in messages for one in batch)
        self._received = ""

    def on_llm_new_token(self, token: str | list[Any], **kwargs: Any) -> None:
        self._received += token if isinstance(token, str) else ""

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        message = getattr(response.generations[0][0], "message", None)
        stated = getattr(message, "usage_metadata", None)
        if stated and stated["input_tokens"]:
            self._add(stated["input_tokens"], stated["output_tokens"], estimated=False)
        else:
            received = str(getattr(message, "text", self._received))
            self._add(self._sent, prompts.tokens_of(received), estimated=True)

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
        if _status(error) is None:
            self._add(self._sent, prompts.tokens_of(self._received), estimated=True)

    def _add(self, tokens_in: int, tokens_out: int, *, estimated: bool) -> None:
        cost = None
        if self._prices is not None:
            cost = (tokens_in * self._prices[0] + tokens_out * self._prices[1]) / A_MILLION
        counted = tokens_in + tokens_out if estimated else 0
        for meter in self._meters:
            meter.add(Usage(1, tokens_in, tokens_out, counted, cost))


class ModelVerifier:
    """The language model as verifier: one call for the sentences of a draft, in another order than
    that of the draft and without the question, which would tell what is hoped for."""

    def __init__(self, model: ModelAnswerer) -> None:
        self.name = model.name
        self._model = model

    def metered(self, meter: Meter) -> ModelVerifier:
        """The same verifier; what it is asked is counted by `meter` too."""
        return ModelVerifier(self._model.metered(meter))

    def verify(self, items: Sequence[Unverified]) -> list[Finding]:
        """A finding for each item; AnswererError where the provider fails or says something else
        than asked. Beyond `PROMPT_TOKENS` it is asked several times."""
        left = sorted(range(len(items)), key=lambda at: _shuffling(items[at].sentence))
        found: dict[int, Finding] = {}
        while left:
            tokens = accumulate(_tokens_of(items[at]) for at in left)
            fitting = max(1, sum(one <= prompts.PROMPT_TOKENS for one in tokens))
            portion, left = left[:fitting], left[fitting:]
            verified = self._verify([items[at] for at in portion])
            found |= dict(zip(portion, verified, strict=True))
        return [found[at] for at in range(len(items))]

    def _verify(self, items: Sequence[Unverified]) -> list[Finding]:
        ids = [f"s{place}" for place in range(1, len(items) + 1)]
        inputs = prompts.verify_inputs(
            [(one, item.sentence, item.sources) for one, item in zip(ids, items, strict=True)]
        )
        seconds = self._model.timeout_seconds * SECOND_CALL_SHARE
        reply = self._model.complete(prompts.VERIFY_PROMPT, inputs, seconds)
        try:
            checks = prompts.read_checks(reply, ids)
        except ValueError:
            said = Said(
                "The language model {name} did not say in the form asked for what it checked."
            )
            raise AnswererError(Said(said, name=self.name)) from None
        return [
            Finding(
                Support(checks[one].verdict),
                " ".join(checks[one].differs.split())[: prompts.LONGEST_DIFFERENCE],
            )
            for one in ids
        ]


def _tokens_of(item: Unverified) -> int:
    texts = (source.text[: prompts.PARAGRAPH_CHARACTERS] for source in item.sources)
    return sum(map(prompts.tokens_of, (item.sentence, *texts)))


def _shuffling(sentence: str) -> str:
    # The same order in every run, unlike that of the draft.
    return sha256(sentence.encode()).hexdigest()


@dataclass(slots=True)
class _Tries:
    """Until when attempts may begin, by the monotonic clock, and whether there was a second."""

    until: float
    repeated: bool = False


def retry_after(error: BaseException) -> float:
    """Seconds that a provider asks to be left alone, in its `Retry-After`; else one."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    stated = str(headers.get("retry-after") or "").strip()
    if stated.replace(".", "", 1).isdigit():
        return float(stated)
    try:
        moment = parsedate_to_datetime(stated)
    except ValueError:
        return RETRY_SECONDS
    return max(0.0, moment.timestamp() - time.time())


def _next(parts: queue.Queue[_Part], given_up: float) -> _Part:
    try:
        return parts.get(timeout=max(given_up - time.monotonic(), 0))
    except queue.Empty:
        return TimeoutError()


_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        return _running_loop()


@lru_cache(maxsize=1)
def _running_loop() -> asyncio.AbstractEventLoop:
    # One for the process: provider packages share HTTP connections between their models,
    # and a connection belongs to the loop that opened it.
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="language-models", daemon=True).start()
    return loop


def failure(name: str, error: BaseException, timeout_seconds: float) -> AnswererError:
    """What a provider's exception means, in one sentence without anything it said."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = _status(error)
    if status == 408 or any("timeout" in kind.lower() for kind in kinds):
        said = _TOO_LATE
    elif status is not None and status >= 500:
        said = _FAILED_THERE
    elif "ContextOverflowError" in kinds:
        said = _BY_STATUS[413]
    elif status is not None and status >= 400:
        said = _BY_STATUS.get(status, Said("{model} refused the request (HTTP {status})."))
    elif kinds & {"APIConnectionError", "TransportError", "OSError", "ConnectError"}:
        said = _HUNG_UP
    elif kinds & {"APIError", "ResponseError"}:
        said = _BROKE_OFF
    else:
        said = Said("{model} failed ({kind}).")
    model, seconds = Said("The language model {name}", name=name), f"{timeout_seconds:g}"
    known = {"status": status, "kind": type(error).__name__, "key": _key_name(name)}
    told = Said(said, model=model, seconds=seconds, **known)
    return AnswererError(told, retry=said in _MAY_PASS)


_BY_STATUS = {
    401: Said("{model} refused the API key: check {key}."),
    403: Said("{model} is not allowed for this API key."),
    404: Said("{model} does not exist there: check LLM_MODEL."),
    413: Said("{model} cannot take so long a request."),
    429: Said("{model} is over its rate limit or quota."),
}
_TOO_LATE = Said("{model} did not answer in time ({seconds} s at most).")
_FAILED_THERE = Said("{model} failed at its provider (HTTP {status}).")
_HUNG_UP = Said("{model} cannot be reached, or hung up.")
_BROKE_OFF = Said("{model} broke off with an error.")
_MAY_PASS = (_TOO_LATE, _BY_STATUS[429], _FAILED_THERE, _HUNG_UP, _BROKE_OFF)


def _status(error: BaseException) -> int | None:
    """The HTTP status, also where the package hides it in the response; None where none."""
    response = getattr(error, "response", None)
    for holder in (error, response):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status > 0:
            return status
    return None


def _key_name(name: str) -> str:
    return _KEYS.get(name.partition(":")[0], Said("the provider's API key"))


def make_model_answerer(
    spec: str,
    *,
    timeout_seconds: float,
    base_url: str | None = None,
    prices: tuple[float, float] | None = None,
    **kwargs: Any,
) -> ModelAnswerer:
    """The answerer for `provider:model`; other arguments go to LangChain's model class.

    Nothing is sent yet. AnswererError where the name is malformed, the provider unknown or
    not installed, or its key missing. Sets LANGSMITH_TRACING=false where it is not set.
    """
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise AnswererError(
            f"LLM_MODEL is {spec!r}, but must be provider:model, for example openai:gpt-4.1-mini."
        )
    provider, model_name = match[1].lower().replace("-", "_"), match[2]
    if provider in _EXTRAS and find_spec(f"langchain_{provider}") is None:
        raise _not_installed(provider, f"'chancery[{provider}]'")
    options = _options(provider, timeout_seconds) | kwargs
    if base_url is not None:
        options["base_url"] = base_url
    key = _KEYS.get(provider)
    if key and not (options.get("api_key") or options.get(key.lower()) or os.environ.get(key)):
        raise AnswererError(f"LLM_MODEL names {provider}, which needs a key: set {key}.")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    model = _make_model(provider, model_name, options)
    return ModelAnswerer(model, f"{provider}:{model_name}", timeout_seconds, prices)


def _options(provider: str, timeout_seconds: float) -> dict[str, Any]:
    """Attempts are not repeated below: the caller knows whether there is time for another."""
    if provider == "ollama":
        return {
            "temperature": 0,
            "num_ctx": OLLAMA_WINDOW_TOKENS,
            "client_kwargs": {"timeout": timeout_seconds},
        }
    if provider in _EXTRAS:
        return {"temperature": 0, "timeout": timeout_seconds, "max_retries": 0}
    return {"temperature": 0}


def _make_model(provider: str, model_name: str, options: dict[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(model_name, model_provider=provider, **options)
    except ImportError as error:
        package = re.search(r"langchain-[a-z0-9-]+", str(error))
        raise _not_installed(provider, package[0] if package else f"langchain-{provider}") from None
    except Exception as error:
        if "Unsupported provider" in str(error):
            raise AnswererError(
                f"LLM_MODEL names {provider}, which is no provider that LangChain knows."
            ) from None
        raise AnswererError(
            f"LLM_MODEL names {provider}, which could not be set up: is its key set?"
        ) from None
    return model


def _not_installed(provider: str, package: str) -> AnswererError:
    return AnswererError(
        f"LLM_MODEL names {provider}, which is not installed: pip install {package}"
    )
