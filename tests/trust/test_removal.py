"""Each rule of trust is held by a test: with the rule taken out of the code, that test fails.

The packages and the rules' tests are imported once more, as if for the first time, with one place
of one module changed; nothing on disk is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest

ROOT = Path(__file__).parents[2]
IMPORTED_ANEW = ("corpus", "retrieval", "bot", "tests")


@dataclass(frozen=True)
class Removal:
    """A place in the code that holds a rule, what it becomes without it, and the rule's test."""

    file: str
    rule: str
    without: str
    test: str


CITATIONS, CHECKING = "retrieval/grounding/check.py", "retrieval/grounding/check.py"
PARTICULARS = "for rule in (_numbers, _names, _differences):"
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
        "if reason := _quotations(sentence, sources) or misattributed(sentence, contexts):",
        "if reason := misattributed(sentence, contexts):",
        "test_a_quotation_with_another_word_is_withheld",
    ),
    Removal(
        CITATIONS,
        "if reason := _quotations(sentence, sources) or misattributed(sentence, contexts):",
        "if reason := _quotations(sentence, sources):",
        "test_a_quotation_given_to_another_speaker_is_withheld",
    ),
    Removal(
        CITATIONS,
        PARTICULARS,
        "for rule in (_names, _differences):",
        "test_a_changed_number_is_withheld",
    ),
    Removal(
        CITATIONS,
        PARTICULARS,
        "for rule in (_numbers, _differences):",
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
        "    return _words(sentence, sources, excused | numbers(sentence), wholly=wholly)",
        "    return Verdict(Support.SUPPORTED)",
        "test_a_sentence_of_other_words_is_withheld",
    ),
    Removal(
        CHECKING,
        'Verdict(Support.NOT, Said("a translation that no verifier has read"))',
        "Verdict(Support.SUPPORTED)",
        "test_a_translation_that_nothing_has_checked_is_withheld",
    ),
    Removal(
        CHECKING,
        "if not any(is_verbatim(words_there, source.text) for source in sources):",
        "if not sources:",
        "test_a_translation_of_other_words_than_stand_there_is_withheld",
    ),
    Removal(
        CHECKING,
        "return self.verdict.support is Support.SUPPORTED",
        "return self.verdict.support is Support.SUPPORTED or bool(self.verdict.reason)",
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
        "        return evidence.suffices\n",
        "        return bool(evidence.passages)\n",
        "test_too_little_evidence_is_no_answer",
    ),
    Removal(
        "bot/render/wording.py",
        "publisher(article), kind_name(article.kind), ",
        "publisher(article), ",
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


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda removal: removal.test)
@pytest.mark.slow
def test_without_its_rule_a_test_fails(removal: Removal) -> None:
    with imported_anew(Without(removal)) as rules:
        assert not passes(rules, removal.test)


def test_with_all_rules_they_pass() -> None:
    with imported_anew() as rules:
        tests = [name for name in vars(rules) if name.startswith("test_")]
        assert {removal.test for removal in REMOVALS} <= set(tests)
        assert [name for name in tests if not passes(rules, name)] == []


def passes(rules: ModuleType, test: str) -> bool:
    """Whether a test of the rules ends without an error."""
    try:
        getattr(rules, test)()
    except Exception:
        return False
    return True


class Without(MetaPathFinder, SourceFileLoader):
    """Imports one module without its rule."""

    def __init__(self, removal: Removal) -> None:
        name = removal.file.removesuffix(".py").replace("/", ".")
        super().__init__(name, str(ROOT / removal.file))
        written = Path(self.path).read_text("utf-8")
        assert written.count(removal.rule) == 1, f"{removal.file} holds this rule elsewhere now"
        changed = written.replace(removal.rule, removal.without)
        self._code = compile(changed, self.path, "exec", dont_inherit=True)

    def find_spec(
        self, name: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self.name:
            return None
        return spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        """The changed module, whatever was compiled from its file before."""
        return self._code


@contextmanager
def imported_anew(*finders: MetaPathFinder) -> Iterator[ModuleType]:
    """The rules' tests over packages of their own; afterwards all modules are what they were."""
    ours = {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in IMPORTED_ANEW
    }
    for name in ours:
        del sys.modules[name]
    sys.meta_path[:0] = finders
    try:
        yield import_module("tests.trust.test_rules")
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in IMPORTED_ANEW]:
            del sys.modules[name]
        sys.modules.update(ours)
