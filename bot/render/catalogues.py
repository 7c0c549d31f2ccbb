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
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from importlib import resources

LANGUAGES = ("en", "ar", "es", "fr", "ru")
"""ISO 639-1 codes of the languages that the interface has."""
ENGLISH = LANGUAGES[0]

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


def gettext(message: str) -> str:
    """A message in the reader's language."""
    return _translations(_current.get()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """A message in the form that its language has for a number, with `{count}` filled in."""
    return _translations(_current.get()).ngettext(one, many, count).format(count=count)


def date_in_words(moment: datetime, *, short: bool) -> str:
    """ "4 April 2019" or "4 Apr 2019", as the reader's language writes it."""
    language = _current.get()
    if language == ENGLISH:
        return f"{moment:%-d %b %Y}" if short else f"{moment:%-d %B %Y}"
    from babel.dates import format_date

    return str(format_date(moment, "d MMM y" if short else "long", locale=language))


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
