"""Where the accounts in some evidence differ on what is asked, so that they are laid side by side.

    Question + Evidence ─ disputes among its passages ─ those that touch the question ─▶ Differing

What counts as a difference is that of stories (`retrieval.briefs.disputes`): accounts that are said
to differ, two claims to one place, two counts of the same harm by different origins within hours.
"""

from __future__ import annotations

from retrieval.briefs.disputes import Disputed, Run, disputes
from retrieval.evidence import Account, Differing, Evidence
from retrieval.passages import ParagraphKey
from retrieval.questions import Question
from retrieval.sameness import Sameness
from retrieval.support import stem
from retrieval.terms import content_words

READ = 5
"""Best sentences whose part in a difference makes it one of the question's."""
NAMED = 0.5
"""Share of the words of what is differed about that the question has, where no sentence tells."""


def differing(question: Question, evidence: Evidence, sameness: Sameness) -> list[Differing]:
    """The differences that matter to a question, each with its accounts and their marks.

    Accounts that lean on paragraphs outside of the evidence are left out: they could not be cited.
    """
    marks = {passage.key: mark for mark, passage in enumerate(evidence.passages, start=1)}
    best = {
        (one.passage.article.id, one.passage.paragraph.number, one.position)
        for one in evidence.sentences[:READ]
    }
    found = []
    for one in disputes(evidence.passages, sameness):
        if not (one.places & best or _asked_about(question, one)):
            continue
        accounts = [account for run in one.lines if (account := _account(run, marks))]
        if len(accounts) == len(one.lines):
            found.append(Differing(one.about, tuple(accounts)))
    return found


def _asked_about(question: Question, one: Disputed) -> bool:
    about = {stem(word) for word in content_words(one.about)}
    asked = {stem(word) for word in content_words(question.text)}
    return bool(about) and len(about & asked) >= NAMED * len(about)


def _account(run: Run, marks: dict[ParagraphKey, int]) -> Account | None:
    if any(line.passage.key not in marks for line in run):
        return None
    return Account(tuple((marks[line.passage.key], line.text) for line in run))
