"""The words of the interface in the reader's language: gettext catalogues, read by babel.

    bot/data/locale/fr.po ─ read_po, once ─▶ translations
    with speaking("fr-CA"):  gettext("Show paragraphs")  ->  "Montrer les paragraphes"

English is the language of the code: its catalogue is empty. What sources say, and their names, stay
as they are; only what stands around them is translated. The language belongs to a thread or task,
and whoever renders for a reader says once which one.
"""

from __future__ import annotations

import gettext as standard
import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, TypeVar

LANGUAGES = ("en", "ar", "es", "fr", "ru")
"""ISO 639-1 codes of the languages that the interface has."""
ENGLISH = LANGUAGES[0]
Result = TypeVar("Result")
RIGHT_TO_LEFT = frozenset(("ar",))

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


def known(locale: str | None) -> str | None:
    """The language of the interface for a locale such as "fr-CA"; None where it has none."""
    base = (locale or "").replace("_", "-").partition("-")[0].casefold()
    return base if base in LANGUAGES else None


@contextmanager
def speaking(locale: str | None) -> Iterator[None]:
    """Render in the language of a locale while this is open; in English where it is unknown."""
    token = _current.set(known(locale) or ENGLISH)
    try:
        yield
    finally:
        _current.reset(token)


def speak(locale: str | None) -> None:
    """Render in the language of a locale from here on in this thread or task."""
    _current.set(known(locale) or ENGLISH)


def carried(work: Callable[..., Result]) -> Callable[..., Result]:
    """Work for another thread, done there in the language that is spoken here."""
    language = _current.get()

    def spoken(*given: Any, **named: Any) -> Result:
        with speaking(language):
            return work(*given, **named)

    return spoken


class Listeners(ThreadPoolExecutor):
    """Threads that go on in the language of whoever submits."""

    def submit(self, work: Any, /, *given: Any, **named: Any) -> Future[Any]:
        return super().submit(carried(work), *given, **named)


def N_(message: str) -> str:  # noqa: N802 - the name by which babel's extraction knows it
    """The message itself: one that is kept in English and translated where it is shown."""
    return message


def gettext(message: str, **fields: object) -> str:
    """A message in the reader's language, with its fields filled in where they are given."""
    form = _translations(_current.get()).gettext(message)
    return form.format(**fields) if fields else form


def ngettext(one: str, many: str, count: int, **fields: object) -> str:
    """A message in the form that its language has for a number, with `{count}` and the other
    fields filled in."""
    form = _translations(_current.get()).ngettext(one, many, count)
    return form.format(**{"count": count, **fields})


_SKELETONS = {
    "%-d %b": "MMMd",
    "%-d %b %Y": "yMMMd",
    "%-d %B": "MMMMd",
    "%-d %B %Y": "yMMMMd",
    "%B %Y": "yMMMM",
    "%a %-d %b": "MMMEd",
    "%a %-d": "Ed",
}
_NAMES = {"%A": "EEEE", "%B": "LLLL"}


def dated(moment: date, pattern: str) -> str:
    """A date with what a pattern of strftime names, as the reader's language orders it: a pattern
    of `_SKELETONS`, also behind "%A ", or of `_NAMES`."""
    language = _current.get()
    if language == ENGLISH:
        return moment.strftime(pattern)
    from babel.dates import format_date, format_skeleton

    if pattern in _NAMES:
        return str(format_date(moment, _NAMES[pattern], locale=language))
    if pattern.startswith("%A "):
        return f"{dated(moment, '%A')} {dated(moment, pattern[3:])}"
    return str(format_skeleton(_SKELETONS[pattern], moment, locale=language))


def interval(first: date, last: date, pattern: str) -> str | None:
    """Two dates as the reader's language writes from one to the other; None for English, whose
    words are the caller's."""
    language = _current.get()
    if language == ENGLISH:
        return None
    from babel.dates import format_interval

    return str(format_interval(first, last, _SKELETONS[pattern], locale=language))


def place_in_words(code: str, english: str) -> str:
    """What the reader's language calls a country by its ISO 3166 code."""
    if _current.get() == ENGLISH:
        return english
    from babel import Locale

    return str(Locale(_current.get()).territories.get(code, english))


def is_right_to_left() -> bool:
    """Whether the reader's language is written from right to left."""
    return _current.get() in RIGHT_TO_LEFT


def comma() -> str:
    """The comma between what is listed."""
    return "،" if is_right_to_left() else ","


def framed(line: str) -> str:
    """A line of our own, which runs in the direction of the reader's language though it may begin
    with a name from elsewhere."""
    return f"\u200f{line}" if is_right_to_left() else line


def reader_language() -> str:
    """The ISO 639-1 code of the reader's language."""
    return _current.get()


def language_name(language: str) -> str | None:
    """What the reader's language calls another one; None for its own, and for unknown codes."""
    from babel import Locale

    return None if language == _current.get() else Locale(_current.get()).languages.get(language)


@cache
def _translations(language: str) -> standard.NullTranslations:
    if language == ENGLISH:
        return standard.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = resources.files("bot").joinpath("data", "locale", f"{language}.po")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(file.read_bytes()), locale=language))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
