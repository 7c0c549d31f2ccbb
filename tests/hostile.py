"""Texts made to cost more than they should, and every function of the packages that takes a text.

A function counts where its first parameter is a text and no other is needed, so that what is
written tomorrow is tried as well. Whatever it raises is its own matter here: time alone counts.
"""

from __future__ import annotations

import importlib
import inspect
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "retrieval", "bot")
TEXTS = ("str", "Sequence[str]", "Iterable[str]", "list[str]", "tuple[str, ...]")
# Not of foreign texts: they take names of settings, ids, files, or start something.
PARAMETERS = frozenset(
    str.split(
        "text paragraph paragraphs sentence sentences question request words title markup line "
        "lines quote statement claim topic given message body block string value query named told"
    )
)
SEEDS = {
    "letters": "a",
    "capitals": "A",
    "spaces": " ",
    "line feeds": "\n",
    "words": "a ",
    "names": "Aa Bb ",
    "initials": "A. ",
    "abbreviation": "A.B.",
    "digits": "1",
    "numbers": "1 ",
    "commas in numbers": "1,",
    "open quotes": "“",
    "quotes": '"',
    "quoted": "“a” ",
    "single quotes": "‘",
    "possessives": "A’s ",
    "brackets": "(",
    "acronyms": "(ABC) ",
    "defined": "Ab Bc Cd (ABC) ",
    "hyphens": "A-",
    "divided": "a-\n",
    "ends": ". ",
    "stops": ".",
    "commas": ", ",
    "semicolons": "; ",
    "dashes": "— ",
    "colons": "a: ",
    "and": "and ",
    "and names": "Aa and ",
    "of names": "Aa of the ",
    "said": "he said that ",
    "speech": "“a,” Aa said. ",
    "asking": "what did ",
    "who": "who said what about ",
    "dates": "4 May 2019 ",
    "days": "on Monday ",
    "ranges": "from May to ",
    "times": "at 10:30 ",
    "tags": "<a ",
    "open tags": "<",
    "closed": "<b></b>",
    "entities": "&#",
    "amps": "&amp;",
    "stars": "*a",
    "underscores": "_",
    "links": "[x](",
    "images": "![",
    "pipes": "|",
    "addresses": "http://a.",
    "mentions": "<@U1> ",
    "accents": "é",
    "cyrillic": "Я",
    "arabic": "ا",
    "chinese": "中",
    "marks": "!?",
    "not": "not ",
    "percent": "1% of ",
    "titles": "Mr. Aa ",
    "floor": "Q: ",
    "ticks": "`",
    "slashes": "/",
    "backslashes": "\\",
    "tabs": "\t",
    "zero": "\u200b",
    "combining": "á́",
    "brackets closed": "[1] ",
    "bullets": "- a\n",
    "paragraphs": "a.\n\n",
}


@dataclass(frozen=True)
class TextFunction:
    """A function of one text."""

    name: str
    function: Callable[..., Any]
    takes_several: bool

    def call(self, text: str) -> None:
        """Call it with the text, or with its paragraphs; what it gives is used up."""
        given = self.function([text] if self.takes_several else text)
        if isinstance(given, Iterator):
            for _ in given:
                pass


def text_functions() -> Iterator[TextFunction]:
    """Every function, public or not, that can be called with a text alone."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    for path in paths:
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "migrations" in parts or "cli" in parts:
            continue
        module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
        for name, value in sorted(vars(module).items()):
            plain = inspect.unwrap(value) if callable(value) else None
            if inspect.isfunction(plain) and plain.__module__ == module.__name__:
                kind = _kind(plain)
                if kind is not None:
                    # Without a cache in front: the second call is to cost what the first does.
                    yield TextFunction(f"{module.__name__}.{name}", plain, kind != "str")


def _kind(function: Callable[..., Any]) -> str | None:
    parameters = list(inspect.signature(function).parameters.values())
    needed = [one for one in parameters if one.default is one.empty and one.kind < one.KEYWORD_ONLY]
    needed += [
        one for one in parameters if one.default is one.empty and one.kind == one.KEYWORD_ONLY
    ]
    if len(needed) != 1 or needed[0] is not parameters[0]:
        return None
    kind = str(parameters[0].annotation)
    return kind if kind in TEXTS and parameters[0].name in PARAMETERS else None


def hostile_text(seed: str, length: int) -> str:
    return (SEEDS[seed] * (length // len(SEEDS[seed]) + 1))[:length]


class TooLong(BaseException):
    """A call that was given up."""


def seconds(one: TextFunction, text: str, most: float) -> float:
    """Processor seconds of a call, at most `most`."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TooLong

    former = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, most)
    started = time.thread_time()
    try:
        one.call(text)
    except TooLong:
        return most
    except Exception as error:
        del error  # a text that is refused was read, too
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)
    return time.thread_time() - started
