"""The README names only what there is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def test_names_only_commands_that_there_are() -> None:
    from bot.cli import app

    there = {command.name for command in (*app.registered_commands, *app.registered_groups)}
    used = set(re.findall(r"^\s*(?:\$ )?chancery (?!-)([a-z]\w*)", code_of(README), re.M))
    assert used
    assert used <= there


def test_names_only_targets_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    there = set(re.findall(r"^([a-z][\w-]*):", makefile, re.M))
    assert set(re.findall(r"^\s*(?:\$ )?make ([a-z][\w-]*)", code_of(README), re.M)) <= there


def test_names_only_settings_that_there_are() -> None:
    from bot.settings import Settings

    names = {name.upper() for name in Settings.model_fields}
    prefixes = ("CHANCERY_", "SLACK_", "LLM_", "FETCH_", "CHROMA_", "EMBEDDING_", "DATABASE_")
    used = {
        word
        for word in re.findall(r"`([A-Z][A-Z_]+)(?:=[^`]*)?`", README.read_text("utf-8"))
        if word.startswith(prefixes)
    }
    assert used <= names


def code_of(page: Path) -> str:
    """The fenced code of a Markdown page."""
    return "\n".join(re.findall(r"^```\w*\n(.*?)^```", page.read_text("utf-8"), re.M | re.S))
