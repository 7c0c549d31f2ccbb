"""The interface speaks the reader's language: each message, in each catalogue, with its fields."""

from __future__ import annotations

import ast
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.render.catalogues import (
    ENGLISH,
    LANGUAGES,
    gettext,
    known,
    language_name,
    ngettext,
    speaking,
)
from bot.render.wording import long_date

PACKAGE = Path(__file__).parents[2] / "bot"
FIELD = re.compile(r"\{\w+\}")
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def written() -> set[str | tuple[str, ...]]:
    """The messages that the code asks for, also inside of f-strings."""
    trees = (ast.parse(file.read_text("utf-8")) for file in PACKAGE.rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    found: set[str | tuple[str, ...]] = set()
    for call in calls:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
        said = tuple(text for text in texts if isinstance(text, str))
        if name in ("gettext", "N_") and said:
            found.add(said[0])
        elif name == "ngettext":
            found.add(said)
    return found


def catalogue(language: str) -> Catalog:
    file = PACKAGE / "data" / "locale" / f"{language}.po"
    return read_po(io.BytesIO(file.read_bytes()), locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_what_the_code_says_and_nothing_else(language: str) -> None:
    assert {message.id for message in messages(language)} == written()


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_with_its_fields(language: str) -> None:
    for message in messages(language):
        given = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said), message.id
        assert not message.fuzzy, message.id
        if len(given) > 1:
            assert len(said) == catalogue(language).num_plurals, message.id
            assert FIELD.findall(said[-1]) == FIELD.findall(given[0])
        else:
            assert sorted(FIELD.findall(said[0])) == sorted(FIELD.findall(given[0])), message.id


def test_the_reader_s_language_holds_as_long_as_it_is_said() -> None:
    with speaking("fr-CA"):
        assert gettext("Show paragraphs") == "Montrer les paragraphes"
        assert long_date(datetime(2019, 4, 4, tzinfo=UTC)) == "4 avril 2019"
        assert language_name("ar") == "arabe"
        assert language_name("fr") is None
    assert gettext("Show paragraphs") == "Show paragraphs"


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("ru", 2, "2 статьи"), ("ru", 5, "5 статей"), ("ar", 2, "مقالتان"), ("en", 1, "1 article")],
)
def test_numbers_take_the_form_of_their_language(language: str, count: int, said: str) -> None:
    with speaking(language):
        assert ngettext("{count} article", "{count} articles", count) == said


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    assert known("tlh") is None
    with speaking("tlh"):
        assert gettext("undated") == "undated"
