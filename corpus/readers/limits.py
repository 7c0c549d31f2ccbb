"""Limits on what comes from outside: how large an article may be, and what reading one may cost.

    bytes -> apart(read_page, …) -> a process of its own, with limits on time and memory
          -> ReadArticle | Overstepped          -> overstep(article) at the door of the store

What oversteps is set aside with its reason, and the rest goes on. Parsers of foreign bytes run in
one long-lived child (`ReadingProcess`), which is replaced once it had to be ended: a page that
makes a parser work for hours, take all memory or crash costs that page alone. It is an interpreter
started anew, so that it works alike on Linux and macOS; what it sends back is unpickled into
nothing but the nouns named here. Memory is limited where the system limits it; macOS does not.
"""

from __future__ import annotations

import atexit
import importlib
import io
import math
import os
import pickle
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from corpus.articles import ReadArticle
from corpus.errors import CorpusError, Overstepped, ReadError

LONGEST_WORD = 2_000
LONGEST_TITLE = 2_000
LONGEST_PARAGRAPH = 50_000
MOST_PARAGRAPHS = 10_000
"""Characters, and paragraphs of one article. The longest that were met in news and documents of
the United Nations have a third of it; a word without a space is an address, or a language that
writes none: those get a paragraph's limit."""

CPU_SECONDS = 20
WALL_SECONDS = 90.0
"""For one document. The second is for a child that waits or is kept waiting."""
MEMORY_BYTES = 2_000_000_000

_NOUNS = {
    "corpus.articles": {"ReadArticle", "SourceKind"},
    "corpus.feeds.parse": {"Entry", "Feed"},
    "datetime": {"datetime", "timedelta", "timezone"},
}
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_LENGTH = struct.Struct(">Q")
_PIECE = 1 << 20

P = ParamSpec("P")
R = TypeVar("R")


class ReadingEnded(CorpusError):
    """This process is being stopped; nothing is said about the document."""

    retry = True


def overstep(article: ReadArticle) -> str | None:
    """What of an article is larger than is taken, in words; None where nothing is."""
    if len(article.title) > LONGEST_TITLE:
        return f"its title is longer than {LONGEST_TITLE:,} characters"
    if len(article.paragraphs) > MOST_PARAGRAPHS:
        return f"it has more than {MOST_PARAGRAPHS:,} paragraphs"
    if any(len(paragraph) > LONGEST_PARAGRAPH for paragraph in article.paragraphs):
        return f"a paragraph is longer than {LONGEST_PARAGRAPH:,} characters"
    if any(_has_endless_word(text) for text in (article.title, *article.paragraphs)):
        return f"a word is longer than {LONGEST_WORD:,} characters"
    return None


def _has_endless_word(text: str) -> bool:
    # Scripts without spaces have no words of this kind; their sentences have ends.
    return len(text) > LONGEST_WORD and any(
        len(word) > (1 if word.isascii() else 5) * LONGEST_WORD for word in text.split()
    )


def apart(function: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
    """What a function of a module gives, called in the process for reading.

    Raises what it raises of ReadError; Overstepped where it takes more than is allowed, or breaks
    the process down; ReadingEnded while this process stops.
    """
    return _reading.call(function, *args, **options)


def end_reading() -> None:
    """Give up what is being read, for a process that stops; what is asked later is read again."""
    _reading.interrupt()


class ReadingProcess:
    """A child that reads for this process, one document after the other. Threads may share it.

    `cpu_seconds` and `wall_seconds` a document; `memory_bytes` of address space in all.
    """

    def __init__(
        self,
        *,
        cpu_seconds: int = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._limits = (cpu_seconds, memory_bytes)
        self._wall_seconds = wall_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._interruptions = 0

    def call(self, function: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
        """As `apart`."""
        request = pickle.dumps((function.__module__, function.__qualname__, args, options))
        name = next((one for one in args if isinstance(one, str)), "a document")
        before = self._interruptions
        with self._turn:
            if before != self._interruptions:
                raise ReadingEnded(name, "was not read, since reading was ended")
            child = self._running()
            deadline = time.monotonic() + self._wall_seconds
            try:
                answer = self._asked(child, request, deadline)
            except (OSError, EOFError, TimeoutError) as error:
                is_ended = before != self._interruptions
                raise self._lost(child, name, error, is_ended=is_ended) from None
            if answer[0] == "overstepped":
                self._end(child)
        match answer:
            case ("read", result):
                return result  # type: ignore[no-any-return]
            case ("refused", resource, reason, retry):
                refused = ReadError(resource, reason)
                refused.retry = retry
                raise refused
            case (_, reason):
                raise Overstepped(name, reason)
        raise AssertionError(answer)

    @property
    def is_busy(self) -> bool:
        """Whether a document is being read."""
        return self._turn.locked() and self._child is not None

    def interrupt(self) -> None:
        """End the child, also in the midst of a document: whoever waits gets ReadingEnded."""
        self._interruptions += 1
        if (child := self._child) is not None and child.poll() is None:
            child.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            code = f"from {__name__} import serve; serve{self._limits}"
            self._child = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={
                    # Neither tokens nor keys: it handles what strangers wrote.
                    **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                    # A pool of threads takes address space by the gigabyte.
                    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
                },
            )
        return self._child

    def _asked(self, child: subprocess.Popen[bytes], request: bytes, deadline: float) -> Any:
        assert child.stdin is not None
        assert child.stdout is not None
        waiting = memoryview(_LENGTH.pack(len(request)) + request)
        os.set_blocking(child.stdin.fileno(), False)
        while waiting:
            _wait(child.stdin, selectors.EVENT_WRITE, deadline)
            waiting = waiting[os.write(child.stdin.fileno(), waiting[:_PIECE]) :]
        (length,) = _LENGTH.unpack(_taken(child.stdout, _LENGTH.size, deadline))
        return _Nouns(io.BytesIO(_taken(child.stdout, length, deadline))).load()

    def _lost(
        self, child: subprocess.Popen[bytes], name: str, error: Exception, *, is_ended: bool
    ) -> ReadingEnded | Overstepped:
        self._end(child)
        if is_ended:
            return ReadingEnded(name, "was not read to its end, since reading was ended")
        if isinstance(error, TimeoutError) or child.returncode == -signal.SIGXCPU:
            return Overstepped(name, f"takes longer than {self._limits[0]} s to read")
        return Overstepped(name, "broke its reader down")

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        if child.poll() is None and child.stdin is not None:
            child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        self._child = None


class _Nouns(pickle.Unpickler):
    """Reads what the child sends: a child that was taken over must not take its parent over."""

    def find_class(self, module: str, name: str) -> Any:
        if name not in _NOUNS.get(module, ()):
            raise EOFError(f"the reader sent {module}.{name}")
        return getattr(importlib.import_module(module), name)


def _wait(pipe: Any, event: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise TimeoutError


def _taken(pipe: Any, length: int, deadline: float) -> bytes:
    pieces: list[bytes] = []
    while length:
        _wait(pipe, selectors.EVENT_READ, deadline)
        piece = os.read(pipe.fileno(), min(length, _PIECE))
        if not piece:
            raise EOFError
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def serve(cpu_seconds: int, memory_bytes: int) -> None:
    """Read for the parent until it closes the pipe: the child's whole life."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = os.fdopen(0, "rb", closefd=False)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand between answers
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limited = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (limited, most))
    while len(length := requests.read(_LENGTH.size)) == _LENGTH.size:
        request = requests.read(_LENGTH.unpack(length)[0])
        used = math.ceil(time.process_time())
        _, most_seconds = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_seconds, most_seconds))
        answer = pickle.dumps(_answered(request, memory_bytes))
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _answered(request: bytes, memory_bytes: int) -> tuple[Any, ...]:
    module, name, args, options = pickle.loads(request)
    try:
        function = getattr(importlib.import_module(module), name)
        return ("read", function(*args, **options))
    except Overstepped as error:
        return ("overstepped", error.reason)
    except ReadError as error:
        if isinstance(error.__cause__, MemoryError):
            return ("overstepped", _too_much(memory_bytes))
        return ("refused", error.resource, error.reason, error.retry)
    except MemoryError:
        return ("overstepped", _too_much(memory_bytes))
    except RecursionError:
        return ("overstepped", "is nested too deeply to be read")


def _too_much(memory_bytes: int) -> str:
    return f"takes more than {memory_bytes / 1e9:g} GB of memory to read"


_reading = ReadingProcess()
atexit.register(end_reading)
