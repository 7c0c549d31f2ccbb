"""`python -m tests.lint` sees what it is there to see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint import Module, basenames, broken_rules, modules_of, pairs

Tree = Callable[..., list[Module]]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Modules of given texts, by path; each gets a docstring."""

    def write(texts: dict[str, str]) -> list[Module]:
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'"""What it does."""\n{text}\n', "utf-8")
        return modules_of(tmp_path)

    return write


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("corpus/a.py", "import bot.turns", "imports bot"),
        ("corpus/a.py", "def late():\n    from retrieval import chain", "imports retrieval"),
        ("retrieval/a.py", "if TYPE_CHECKING:\n    import bot", "imports bot"),
        ("bot/a.py", "from tests.fakes import web", "imports tests"),
        ("bot/a.py", "import httpx", "which corpus adapts"),
        ("corpus/a.py", "from langchain_core.documents import Document", "which retrieval adapts"),
        ("corpus/a.py", "from . import b", "imports relatively"),
    ],
)
def test_what_breaks_a_rule_is_named(tree: Tree, path: str, text: str, said: str) -> None:
    (sentence,) = broken_rules(tree({path: text}))
    assert sentence.startswith(path)
    assert said in sentence


def test_a_module_without_docstring_is_named(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.py").write_text("a = 1")
    assert list(broken_rules(modules_of(tmp_path))) == ["corpus/a.py has no docstring"]


def test_only_one_module_names_the_type_of_the_chain(tree: Tree) -> None:
    text = "from langchain_core.runnables import Runnable"
    assert not list(broken_rules(tree({"bot/library.py": text})))
    assert list(broken_rules(tree({"bot/another.py": text, "bot/library.py": text})))


def test_parts_that_import_each_other_are_pairs_whatever_they_are(tree: Tree) -> None:
    modules = tree(
        {
            "bot/__init__.py": "from bot import turns",
            "bot/turns.py": "import bot\nfrom bot.home.view import shown",
            "bot/home/__init__.py": "",
            "bot/home/view.py": "if TYPE_CHECKING:\n    from bot import turns, slack",
            "bot/home/form.py": "import bot.home.view",
            "bot/slack/__init__.py": "",
            "corpus/slack.py": "import corpus.slack",
        }
    )
    assert pairs(modules) == [("bot.home", "bot.turns")]


def test_basenames_are_counted_over_all_packages(tree: Tree) -> None:
    modules = tree({"bot/a.py": "", "corpus/a.py": "", "corpus/b/__init__.py": ""})
    assert basenames(modules) == {"a.py": 2}
