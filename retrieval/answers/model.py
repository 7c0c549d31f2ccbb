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
import os
import queue
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from retrieval.answers.prompts import ANSWER_PROMPT, DraftParser, prompt_inputs
from retrieval.errors import AnswererError
from retrieval.outcomes import DraftSentence

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

    from retrieval.evidence import Evidence
    from retrieval.questions.understand import Question

# A model that is silent for this share of its time will not finish in the rest of it.
FIRST_TOKEN_SHARE = 0.5
# The rules and twelve paragraphs; Ollama's own default silently drops the beginning, where
# the rules stand.
OLLAMA_WINDOW_TOKENS = 16_384
# Seconds after the deadline until a loop that does not react is no longer waited for.
GRACE_SECONDS = 1.0
CANCELLED_AGAIN_SECONDS = 0.05

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

    def __init__(self, model: BaseChatModel, name: str, timeout_seconds: float) -> None:
        self.name = name
        self.timeout_seconds = timeout_seconds
        self._model = model
        self._parser = DraftParser(answerer=name)

    def draft(self, question: Question, evidence: Evidence) -> Iterator[DraftSentence]:
        """Sentences as they are complete, never half a one; none for NO ANSWER.

        AnswererError where the provider fails, stalls, declines or breaks off.
        """
        if not evidence.passages:
            return
        parts: queue.Queue[_Part] = queue.Queue()
        reading: Future[None] = asyncio.run_coroutine_threadsafe(
            self._read(prompt_inputs(question, evidence), parts), _loop()
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
        begun = False
        try:
            async for sentences in self._chain.astream(inputs):
                begun = True
                yield sentences
        except Exception as error:
            # Reasoning models refuse any temperature, some packages before they send.
            fixed = getattr(self._model, "temperature", None) is not None
            if begun or not fixed or "temperature" not in str(error).lower():
                raise
            self._model = self._model.model_copy(update={"temperature": None})
            async for sentences in self._chain.astream(inputs):
                yield sentences

    @property
    def _chain(self) -> Runnable[dict[str, str], list[DraftSentence]]:
        return ANSWER_PROMPT | self._model | self._parser


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
    model = f"The language model {name}"
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = _status(error)
    if status == 408 or any("timeout" in kind.lower() for kind in kinds):
        return AnswererError(
            f"{model} did not answer in time ({timeout_seconds:g} s at most).", retry=True
        )
    if status == 401:
        return AnswererError(f"{model} refused the API key: check {_key_name(name)}.")
    if status == 403:
        return AnswererError(f"{model} is not allowed for this API key.")
    if status == 404:
        return AnswererError(f"{model} does not exist there: check LLM_MODEL.")
    if status == 429:
        return AnswererError(f"{model} is over its rate limit or quota.", retry=True)
    if status is not None and status >= 500:
        return AnswererError(f"{model} failed at its provider (HTTP {status}).", retry=True)
    if "ContextOverflowError" in kinds or status == 413:
        return AnswererError(f"{model} cannot take so long a request.")
    if status is not None and status >= 400:
        return AnswererError(f"{model} refused the request (HTTP {status}).")
    if kinds & {"APIConnectionError", "TransportError", "OSError", "ConnectError"}:
        return AnswererError(f"{model} cannot be reached, or hung up.", retry=True)
    if kinds & {"APIError", "ResponseError"}:
        return AnswererError(f"{model} broke off with an error.", retry=True)
    return AnswererError(f"{model} failed ({type(error).__name__}).")


def _status(error: BaseException) -> int | None:
    """The HTTP status, also where the package hides it in the response; None where none."""
    response = getattr(error, "response", None)
    for holder in (error, response):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status > 0:
            return status
    return None


def _key_name(name: str) -> str:
    return _KEYS.get(name.partition(":")[0], "the provider's API key")


def make_model_answerer(
    spec: str, *, timeout_seconds: float, base_url: str | None = None, **kwargs: Any
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
    return ModelAnswerer(model, f"{provider}:{model_name}", timeout_seconds)


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
