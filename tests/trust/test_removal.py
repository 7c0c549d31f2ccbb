"""Each rule of trust is held by a test: with the rule taken out of the code, that test fails.

The packages are copied, one place is changed in the copy, and the test of that rule is run there
in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("corpus", "retrieval", "bot", "tests/trust", "tests/fakes")
FAILED = 1
"""pytest's exit status where tests ran and one did not pass."""


@dataclass(frozen=True)
class Removal:
    """A place in the code that holds a rule, what it becomes without it, and the rule's test."""

    file: str
    rule: str
    without: str
    test: str


CITATIONS, CHECKING = "retrieval/grounding/check.py", "retrieval/grounding/check.py"
PARTICULARS = "for rule in (_numbers, _names, _negation):"
REMOVALS = (
    Removal(
        CITATIONS,
        "mark for mark in marks if 1 <= mark <= evidence",
        "min(mark, evidence) for mark in marks",
        "test_a_mark_that_names_no_paragraph_is_stripped",
    ),
    Removal(
        CHECKING,
        "marks = valid_marks(sentence.marks, len(evidence.passages))",
        "marks = valid_marks(sentence.marks, len(evidence.passages)) or (1,)",
        "test_a_sentence_left_without_a_mark_is_withheld",
    ),
    Removal(
        CITATIONS,
        "for rule in (_quotations, _speakers):",
        "for rule in (_speakers,):",
        "test_a_quotation_with_another_word_is_withheld",
    ),
    Removal(
        CITATIONS,
        "for rule in (_quotations, _speakers):",
        "for rule in (_quotations,):",
        "test_a_quotation_given_to_another_speaker_is_withheld",
    ),
    Removal(
        CITATIONS,
        PARTICULARS,
        "for rule in (_names, _negation):",
        "test_a_changed_date_is_withheld",
    ),
    Removal(
        CITATIONS,
        PARTICULARS,
        "for rule in (_numbers, _negation):",
        "test_a_name_that_does_not_stand_there_is_withheld",
    ),
    Removal(
        CITATIONS,
        PARTICULARS,
        "for rule in (_numbers, _names):",
        "test_a_denial_turned_round_is_withheld",
    ),
    Removal(
        CITATIONS,
        "    return _words(sentence, sources, particulars | numbers(sentence))",
        "    return Verdict(Support.SUPPORTED)",
        "test_a_sentence_of_other_words_is_withheld",
    ),
    Removal(
        CHECKING,
        "if verdict.support is not Support.SUPPORTED:",
        "if verdict.support is Support.NOT and not verdict.reason:",
        "test_a_changed_number_is_withheld",
    ),
    Removal(
        "bot/render/wording.py",
        "    if not outcome.withheld:\n",
        "    if outcome:\n",
        "test_the_reply_counts_what_was_withheld",
    ),
    Removal(
        "retrieval/answers/chain.py",
        "[part for part in found.parts if part.evidence.suffices]",
        "[part for part in found.parts if part.evidence.passages]",
        "test_too_little_evidence_is_no_answer",
    ),
    Removal(
        "bot/render/wording.py",
        "{publisher(article)} · {article.kind.value} · ",
        "{publisher(article)} · ",
        "test_a_citation_tells_source_kind_date_and_paragraph",
    ),
    Removal(
        "retrieval/evidence.py",
        "chosen = _spread(collapse_copies(passages))",
        "chosen = _spread(passages)",
        "test_a_copy_is_no_second_origin",
    ),
    Removal(
        "bot/render/wording.py",
        "if runs and runs[-1][0] == attribution:",
        "if runs:",
        "test_accounts_that_differ_stand_side_by_side",
    ),
    Removal(
        "bot/render/blocks.py",
        '.replace("<", "&lt;")',
        "",
        "test_a_notification_mentions_nobody",
    ),
    Removal(
        "retrieval/answers/prompts.py",
        "for character in text.translate(_ANGLE_BRACKETS)",
        "for character in text",
        "test_an_article_cannot_close_the_tag_that_quotes_it",
    ),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and these tests, to be changed at will."""
    folder = tmp_path_factory.mktemp("rules")
    for name in COPIED:
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "golden")
        )
    (folder / "tests" / "__init__.py").touch()
    return folder


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda removal: removal.test)
def test_without_its_rule_a_test_fails(copy: Path, removal: Removal) -> None:
    with without(copy / removal.file, removal):
        assert status(copy, removal.test) == FAILED


def test_with_all_rules_they_pass(copy: Path) -> None:
    assert status(copy, "test_") == 0


@contextmanager
def without(path: Path, removal: Removal) -> Iterator[None]:
    """The file without the rule, put back afterwards."""
    written = path.read_text("utf-8")
    assert written.count(removal.rule) == 1, f"{removal.file} holds this rule elsewhere now"
    write(path, written.replace(removal.rule, removal.without))
    try:
        yield
    finally:
        write(path, written)


def write(path: Path, text: str) -> None:
    """Write a module that is compiled anew, also when it was changed within the same second."""
    changed = path.stat().st_mtime_ns + 2_000_000_000
    path.write_text(text, "utf-8")
    os.utime(path, ns=(changed, changed))


def status(folder: Path, test: str) -> int:
    """pytest's exit status for the rules' tests whose name holds `test`."""
    command = [sys.executable, "-m", "pytest", "-q", "-k", test, "-p", "no:cacheprovider"]
    chosen = [*command, "tests/trust/test_rules.py"]
    bare = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(chosen, cwd=folder, env=bare, capture_output=True).returncode
