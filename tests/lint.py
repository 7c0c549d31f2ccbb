"""How the code hangs together, checked by `make lint`: who imports whom, and how much there is.

    python -m tests.lint

Broken rules are named by file. Sizes are printed and fail when they pass the limits below; a limit
is lowered whenever the code has become smaller, and raised only by what nothing else could do.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

MODULES = 200
LINES = 62_350
PAIRS = 0
"""How many pairs of a package's parts may import each other."""
BASENAME = 2
"""How many modules may share a basename."""

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "corpus": {"corpus"},
    "retrieval": {"corpus", "retrieval"},
    "bot": {"corpus", "retrieval", "bot"},
}
OURS = {*MAY_IMPORT, "tests", "deploy"}
AT_HOME = {
    "bot": ("slack_bolt", "slack_sdk", "typer", "rich", "pydantic_settings"),
    "retrieval": ("chromadb", "langchain", "tantivy", "sentence_transformers", "torch"),
    "corpus": ("trafilatura", "feedparser", "pdfminer", "httpcore", "httpx", "lxml", "alembic"),
}
"""Where third-party libraries are adapted; elsewhere nobody knows their types."""
ONE_MODULE = {("bot", "langchain_core.runnables")}
"""What one module of a package may name: the wiring, the type of the chain that it makes."""
SLOW = ("torch", "chromadb", "langchain_core", "sentence_transformers", "slack_bolt", "numpy")
"""What the command line loads only once a command needs it."""


@dataclass(frozen=True)
class Module:
    """One file of the packages."""

    path: Path
    name: str
    text: str

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """The part of its package that it belongs to: a folder, or itself."""
        return ".".join(self.name.split(".")[:2])

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> dict[str, tuple[str, ...]]:
        """The modules that it imports anywhere in it, with the names it takes out of each."""
        found: dict[str, tuple[str, ...]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name: found.get(alias.name, ()) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                taken = (alias.name for alias in node.names)
                found[node.module] = (*found.get(node.module, ()), *taken)
        return found

    @property
    def imports_relatively(self) -> bool:
        return any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(self.tree))

    @property
    def rooms_it_reaches(self) -> set[str]:
        """The parts of packages that it imports from, also as in `from bot import turns`."""
        taken = {f"{module}.{name}" for module, names in self.imports.items() for name in names}
        return {".".join(name.split(".")[:2]) for name in taken | self.imports.keys()}


def modules_of(root: Path) -> list[Module]:
    """The modules of the packages below a folder, by name."""
    paths = (path for package in MAY_IMPORT for path in (root / package).rglob("*.py"))
    return sorted((_module(root, path) for path in paths), key=lambda module: module.name)


def _module(root: Path, path: Path) -> Module:
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path.relative_to(root), name, path.read_text("utf-8"))


def broken_rules(modules: list[Module]) -> Iterator[str]:
    """What is wrong in single modules, a sentence each."""
    named_by: dict[tuple[str, str], list[Module]] = defaultdict(list)
    for module in modules:
        if not ast.get_docstring(module.tree):
            yield f"{module.path} has no docstring"
        if module.imports_relatively:
            yield f"{module.path} imports relatively"
        ours = {name.partition(".")[0] for name in module.imports} & OURS
        for package in sorted(ours - MAY_IMPORT[module.package]):
            yield f"{module.path} imports {package}, which is above it or no part of it"
        for name in sorted(foreign(module)):
            if (module.package, name) in ONE_MODULE:
                named_by[module.package, name].append(module)
            else:
                yield f"{module.path} imports {name}, which {home_of(name)} adapts"
    for (_, name), holders in named_by.items():
        for module in holders[1:]:
            yield f"{module.path} imports {name}, as {holders[0].path} does; one module may"


def foreign(module: Module) -> set[str]:
    """The modules of third parties that it imports and another package adapts."""
    # A migration names the types of the database's library wherever it is kept.
    if "migrations" in module.path.parts:
        return set()
    return {name for name in module.imports if home_of(name) not in (None, module.package)}


def home_of(name: str) -> str | None:
    """The package that adapts a third party's module, if one does."""
    top = name.partition(".")[0]
    for home, libraries in AT_HOME.items():
        if any(top == library or top.startswith(f"{library}_") for library in libraries):
            return home
    return None


def pairs(modules: list[Module]) -> list[tuple[str, str]]:
    """Parts of one package that import each other, also for type checkers alone."""
    rooms = {module.room for module in modules}
    reaches: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        reaches[module.room] |= module.rooms_it_reaches
    return [
        (one, other)
        for one, other in combinations(sorted(rooms), 2)
        if one.partition(".")[0] == other.partition(".")[0]
        and {one, other}.isdisjoint(MAY_IMPORT)
        and other in reaches[one]
        and one in reaches[other]
    ]


def basenames(modules: list[Module]) -> Counter[str]:
    """How many modules have a name without its folders; `__init__` aside."""
    return Counter(module.path.name for module in modules if module.path.name != "__init__.py")


def loaded_by_the_command() -> list[str]:
    """What of SLOW is loaded when the command starts."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    start = scripts["chancery"].partition(":")[0]
    program = f"import sys, {start}; print(*(name for name in {SLOW!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def main() -> int:
    """Print the counts, then what is wrong; the exit status."""
    modules = modules_of(ROOT)
    wrong = list(broken_rules(modules))
    if loaded := loaded_by_the_command():
        wrong.append(f"the command line loads {', '.join(loaded)} before a command needs it")

    both_ways, shared = pairs(modules), basenames(modules)
    often = {name: count for name, count in shared.most_common() if count > 2}
    print(", ".join(f"{one} ⇄ {other}" for one, other in both_ways))
    print(", ".join(f"{name} × {count}" for name, count in often.items()))
    for counted, limit, what in (
        (len(modules), MODULES, "modules"),
        (sum(module.lines for module in modules), LINES, "lines"),
        (len(both_ways), PAIRS, "pairs of parts that import each other"),
        (max(shared.values(), default=0), BASENAME, "modules of one basename at most"),
    ):
        print(f"{counted:>7,} {what} (limit {limit:,})")
        if counted > limit:
            wrong.append(f"{counted:,} {what} are more than {limit:,}")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
