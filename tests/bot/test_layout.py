"""How the code hangs together: who may import whom, what loads slowly, how long modules are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("corpus", "retrieval", "bot")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
README = ROOT / "README.md"

MAY_IMPORT = {
    "corpus": {"corpus"},
    "retrieval": {"corpus", "retrieval"},
    "bot": {"corpus", "retrieval", "bot"},
}
AT_HOME = {
    "bot": ("slack_bolt", "slack_sdk", "typer", "rich", "pydantic_settings"),
    "retrieval": ("chromadb", "langchain", "tantivy", "sentence_transformers", "torch"),
    "corpus": ("trafilatura", "feedparser", "pdfminer", "httpcore", "httpx", "lxml", "alembic"),
}
"""Where third-party libraries are adapted; elsewhere nobody knows their types."""
ADAPTED_ELSEWHERE = {"bot/library.py": {"langchain_core.runnables"}}
"""Wiring names the type of the chain that it puts together."""
SLOW = ("torch", "chromadb", "langchain_core", "sentence_transformers", "slack_bolt", "numpy")
LONGEST = 400
LONGER = {"corpus/store/articles.py": 500}
"""Modules that are longer, and what they must not outgrow."""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """Names of imported modules; `at_import` leaves out what functions and type checkers import."""
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if at_import and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports relatively"
            yield node.module or ""
        waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", MODULES, ids=named)
class TestModule:
    def test_imports_point_from_bot_to_retrieval_to_corpus(self, path: Path) -> None:
        package = path.relative_to(ROOT).parts[0]
        ours = {name.partition(".")[0] for name in imports(path)} & set(PACKAGES)
        assert ours <= MAY_IMPORT[package]

    def test_third_party_types_stay_in_the_package_that_adapts_them(self, path: Path) -> None:
        package = path.relative_to(ROOT).parts[0]
        if "migrations" in path.parts:
            return
        foreign = {name for home, names in AT_HOME.items() if home != package for name in names}
        found = {
            name
            for name in imports(path)
            for one in foreign
            if name.partition(".")[0] == one or name.startswith(f"{one}_")
        }
        assert found <= ADAPTED_ELSEWHERE.get(named(path), set())

    def test_has_a_docstring(self, path: Path) -> None:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8")))

    def test_is_not_too_long_to_be_read(self, path: Path) -> None:
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= LONGER.get(named(path), LONGEST)


def test_no_package_imports_the_tests() -> None:
    for path in MODULES:
        assert not any(name.partition(".")[0] == "tests" for name in imports(path))


def test_the_command_line_loads_nothing_slow_before_a_command_needs_it() -> None:
    wanted = ", ".join(map(repr, SLOW))
    program = f"import sys, bot.cli; print([name for name in ({wanted}) if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not README.is_file(), reason="README.md is not written yet")
class TestReadme:
    def test_names_only_commands_that_there_are(self) -> None:
        from bot.cli import app

        there = {command.name for command in (*app.registered_commands, *app.registered_groups)}
        used = set(re.findall(r"^\s*(?:\$ )?chancery (?!-)([a-z]\w*)", code_of(README), re.M))
        assert used
        assert used <= there

    def test_names_only_targets_that_there_are(self) -> None:
        makefile = (ROOT / "Makefile").read_text("utf-8")
        there = set(re.findall(r"^([a-z][\w-]*):", makefile, re.M))
        assert set(re.findall(r"^\s*(?:\$ )?make ([a-z][\w-]*)", code_of(README), re.M)) <= there

    def test_names_only_settings_that_there_are(self) -> None:
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
