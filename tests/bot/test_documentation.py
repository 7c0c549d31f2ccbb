"""What the documentation names is there: modules by their dotted names, files by their paths."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT),
)
MODULE = re.compile(r"(?<![\w./])(?:corpus|retrieval|bot|tests)(?:\.[a-z_]+)+")
# NAME stands for a file that is still to be written.
FILE = re.compile(r"`((?:corpus|retrieval|bot|tests|deploy|docs|\.ci)/[\w./-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    modules = {name for name in MODULE.findall(text) if not _is_module(name)}
    files = {
        name for name in FILE.findall(text) if "NAME" not in name and not (ROOT / name).exists()
    }
    linked = {
        target
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", text)
        if not (page.parent / target).exists()
    }
    assert (modules, files, linked) == (set(), set(), set())


@pytest.mark.parametrize("walk", ["An article", "A question", "A digest", "A correction"])
def test_a_walk_is_a_line_of_modules(walk: str) -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    section = re.search(rf"^### {walk}\n(.*?)^(?:##|\Z)", text, re.S | re.M)
    assert section is not None
    block = re.search(r"^```\n(.*?)^```", section[1], re.S | re.M)
    assert block is not None
    for line in block[1].splitlines():
        assert MODULE.match(line.strip()), line


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()
