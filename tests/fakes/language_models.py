"""Language models on this machine: a server that speaks three providers' protocols, and a
model object without a network, both misbehaving on script.

    with LocalModelServer() as server:
        server.say("He left. [1]")
        make_model_answerer("openai:any", base_url=server.openai_url, …)
        server.requests              # what was sent: path, headers, body, prompt
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

Protocol = str
"""The path of a provider's endpoint, which tells its protocol."""

OPENAI: Protocol = "/v1/chat/completions"
ANTHROPIC: Protocol = "/v1/messages"
OLLAMA: Protocol = "/api/chat"

BEAT_SECONDS = 0.1
"""How often a server that stalls pings, and looks whether it is to end."""

# (stopped, cut off) in each protocol's own words.
_REASONS = {
    OPENAI: ("stop", "length"),
    ANTHROPIC: ("end_turn", "max_tokens"),
    OLLAMA: ("stop", "length"),
}


@dataclass(frozen=True)
class ModelRequest:
    """One request as it came; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """Every word that was sent, system text first."""
        messages = [message["content"] for message in self.body["messages"]]
        parts = [self.body.get("system", ""), *messages]
        return "\n".join(part if isinstance(part, str) else json.dumps(part) for part in parts)


@dataclass
class Script:
    """How the next requests are answered; chunk counts are of words."""

    text: str = "NO ANSWER"
    by: Callable[[str], str] | None = None
    later: list[str] = field(default_factory=list)
    retry_after: str | None = None
    stall_after: int | None = None
    stall_seconds: float = 0.0
    pings: bool = False
    break_after: int | None = None
    end_after: int | None = None
    cut_off_after: int | None = None
    failures: list[int] = field(default_factory=list)
    key: str | None = None
    takes_temperature: bool = True
    hung_up: int = 0
    usage: tuple[int, int] = (1, 1)

    def said(self, request: ModelRequest) -> str:
        return self.text if self.by is None else self.by(request.prompt)


class LocalModelServer:
    """OpenAI chat completions, Anthropic messages and Ollama chat on 127.0.0.1."""

    def __init__(self) -> None:
        self.requests: list[ModelRequest] = []
        self.script = Script()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def openai_url(self) -> str:
        """OpenAI's clients want the version in the address; the others add it themselves."""
        return f"{self.url}/v1"

    @property
    def hung_up(self) -> int:
        """How many readers left before the end, since something was last said."""
        return self.script.hung_up

    def say(self, text: str) -> None:
        """Every reply from now on, streamed word by word, with nothing going wrong."""
        self.script = Script(text=text)

    def say_in_turn(self, *texts: str) -> None:
        """A reply for each request that comes, the last one for all further ones."""
        self.script = Script(text=texts[0], later=list(texts[1:]))

    def say_by(self, reply: Callable[[str], str]) -> None:
        """What a function makes of each prompt, whichever comes first."""
        self.script = Script(by=reply)

    def stall(self, after_chunks: int, seconds: float, *, pings: bool = False) -> None:
        """Pause after so many words; `pings` keep the connection alive meanwhile."""
        self.script.stall_after, self.script.stall_seconds = after_chunks, seconds
        self.script.pings = pings

    def break_after(self, chunks: int) -> None:
        """Drop the connection after so many words."""
        self.script.break_after = chunks

    def end_after(self, chunks: int) -> None:
        """End the stream properly after so many words, but say nothing about an end."""
        self.script.end_after = chunks

    def cut_off_after(self, chunks: int) -> None:
        """Stop after so many words and say that the length limit was reached."""
        self.script.cut_off_after = chunks

    def fail(self, status: int, times: int = 1, *, retry_after: str | None = None) -> None:
        """Answer the next requests with an error that repeats their key and prompt."""
        self.script.failures = [status] * times
        self.script.retry_after = retry_after

    def require_key(self, key: str) -> None:
        """Refuse every request that does not carry this key."""
        self.script.key = key

    def refuse_temperature(self) -> None:
        """Behave like a reasoning model: a request with a temperature is invalid."""
        self.script.takes_temperature = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(server: LocalModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = ModelRequest(self.path, headers, body)
            server.requests.append(request)
            script = server.script
            refused = _refusal(request, script)
            if refused is not None:
                self._reply(refused, _error(refused, request))
            elif not body.get("stream", self.path == OLLAMA):
                self._reply(200, _whole(request, script))
                self._turn(script)
            else:
                self._stream(request, script)
                self._turn(script)

        def _turn(self, script: Script) -> None:
            if script.later:
                script.text = script.later.pop(0)

        def _reply(self, status: int, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status != 200 and server.script.retry_after is not None:
                self.send_header("Retry-After", server.script.retry_after)
            self.end_headers()
            self.wfile.write(content)

        def _stream(self, request: ModelRequest, script: Script) -> None:
            kind = "application/x-ndjson" if self.path == OLLAMA else "text/event-stream"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                whole = all(map(self._chunk, self._events(request, script)))
                if whole:
                    self.wfile.write(b"0\r\n\r\n")
            except OSError:
                script.hung_up += 1
                whole = False
            self.close_connection = not whole

        def _chunk(self, event: bytes | None) -> bool:
            """Send one event; None is where the connection drops."""
            if event is not None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            return event is not None

        def _events(self, request: ModelRequest, script: Script) -> Iterator[bytes | None]:
            yield from _opening(self.path)
            for number, word in enumerate(re.findall(r"\s*\S+", script.said(request))):
                if number == script.stall_after:
                    yield from self._pause(script)
                if number == script.break_after:
                    yield None
                    return
                if number == script.end_after:
                    return
                if number == script.cut_off_after:
                    break
                yield _delta(self.path, word)
            yield from _closing(self.path, cut_off=script.cut_off_after is not None)

        def _pause(self, script: Script) -> Iterator[bytes]:
            for _ in range(ceil(script.stall_seconds / BEAT_SECONDS)):
                if script.pings:
                    yield _ping(self.path)
                if server.closing.wait(BEAT_SECONDS):
                    return

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def _refusal(request: ModelRequest, script: Script) -> int | None:
    keys = (request.headers.get("authorization"), request.headers.get("x-api-key"))
    if script.failures:
        return script.failures.pop()
    if script.key is not None and not {script.key, f"Bearer {script.key}"} & set(keys):
        return 401
    takes = script.takes_temperature or request.body.get("temperature") is None
    return None if takes else 400


def _error(status: int, request: ModelRequest) -> dict[str, Any]:
    """An indiscreet body, as providers have them."""
    said = f"{request.headers.get('authorization')} {request.headers.get('x-api-key')}"
    unsupported = "Unsupported parameter: temperature. " if status == 400 else ""
    message = f"{unsupported}{said} {request.prompt}"
    return {"type": "error", "error": {"type": "api_error", "message": message}}


def _sse(data: dict[str, Any] | str, event: str | None = None) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {event}\n" if event else "").encode() + f"data: {text}\n\n".encode()


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


def _opening(protocol: Protocol) -> Iterator[bytes]:
    if protocol == OPENAI:
        yield _completion({"role": "assistant", "content": ""}, None)
    elif protocol == ANTHROPIC:
        message = _whole_anthropic("", None)
        yield _sse({"type": "message_start", "message": message}, "message_start")
        block = {"type": "text", "text": ""}
        start = {"type": "content_block_start", "index": 0, "content_block": block}
        yield _sse(start, "content_block_start")


def _delta(protocol: Protocol, text: str) -> bytes:
    if protocol == OPENAI:
        return _completion({"content": text}, None)
    if protocol == ANTHROPIC:
        delta = {"type": "text_delta", "text": text}
        return _sse(
            {"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta"
        )
    return _line(_whole_ollama(text) | {"done": False})


def _closing(protocol: Protocol, *, cut_off: bool) -> Iterator[bytes]:
    reason = _REASONS[protocol][cut_off]
    if protocol == OPENAI:
        yield _completion({}, reason)
        yield _sse("[DONE]")
    elif protocol == ANTHROPIC:
        yield _sse({"type": "content_block_stop", "index": 0}, "content_block_stop")
        delta = {"stop_reason": reason, "stop_sequence": None}
        end = {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 1}}
        yield _sse(end, "message_delta")
        yield _sse({"type": "message_stop"}, "message_stop")
    else:
        yield _line(_whole_ollama("") | {"done_reason": reason})


def _ping(protocol: Protocol) -> bytes:
    """Signs of life as each protocol has them: a comment, an event, an empty line of text."""
    if protocol == OPENAI:
        return b": still here\n\n"
    if protocol == ANTHROPIC:
        return _sse({"type": "ping"}, "ping")
    return _line(_whole_ollama("") | {"done": False})


def _completion(delta: dict[str, Any], reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "local"}
    return _sse(head | {"choices": [choice]})


def _whole(request: ModelRequest, script: Script) -> dict[str, Any]:
    text, (sent, written) = script.said(request), script.usage
    if request.path == ANTHROPIC:
        return _whole_anthropic(text, "end_turn")
    if request.path == OLLAMA:
        return _whole_ollama(text)
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "c1", "object": "chat.completion", "created": 0, "model": "local"}
    usage = {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written}
    return head | {"choices": [choice], "usage": usage}


def _whole_anthropic(text: str, reason: str | None) -> dict[str, Any]:
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "local",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def _whole_ollama(text: str) -> dict[str, Any]:
    return {
        "model": "local",
        "created_at": "2019-04-04T00:00:00Z",
        "message": {"role": "assistant", "content": text},
        "done": True,
        "done_reason": "stop",
    }


class ScriptedModel(BaseChatModel):
    """Says `replies` in turn, the last one for ever, without a network.

    Words come one by one; after `break_after` of them `error` is raised, after `stall_after`
    the stream waits `stall_seconds`. `prompts` keeps what it was asked.
    """

    replies: list[str]
    break_after: int | None = None
    error: Exception | None = None
    stall_after: int | None = None
    stall_seconds: float = 0.0
    finish_reason: str | None = "stop"
    prompts: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _next(self, messages: list[BaseMessage]) -> str:
        self.prompts.append("\n".join(str(message.text) for message in messages))
        return self.replies[min(len(self.prompts), len(self.replies)) - 1]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = AIMessage(content=self._next(messages))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        words = re.findall(r"\s*\S+", self._next(messages))
        for number, word in enumerate([*words, ""]):
            if number == self.stall_after:
                threading.Event().wait(self.stall_seconds)
            if number == self.break_after:
                raise self.error or ConnectionError("the connection dropped")
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        if self.finish_reason:
            message = AIMessageChunk(
                content="", response_metadata={"finish_reason": self.finish_reason}
            )
            yield ChatGenerationChunk(message=message)
