"""Answers and search results as plain text, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bot.rendering.wording import (
    LONGEST_QUESTION,
    accounts,
    citation_line,
    differing_line,
    excerpt,
    footing,
    nearest_line,
    printed,
    publisher,
    refusal,
    short_date,
    unanswered_line,
)
from retrieval.answers import Answer, NoAnswer, Outcome
from retrieval.passages import Passage

WIDTH = 88


def answer_text(outcome: Outcome, seconds: float | None = None) -> str:
    """An answer with its citations, or a refusal with the nearest passages."""
    lines = _refusal_lines(outcome) if isinstance(outcome, NoAnswer) else _answer_lines(outcome)
    if outcome.notice:
        lines.insert(0, _wrapped(outcome.notice) + "\n")
    if outcome.question.looked_for:
        lines.append(f"Looked for: {excerpt(outcome.question.looked_for, LONGEST_QUESTION)}")
    closing = [footing(outcome), f"{seconds:.2f} s" if seconds is not None else ""]
    return printed("\n".join([*lines, " · ".join(part for part in closing if part)]).rstrip("\n"))


def _answer_lines(answer: Answer) -> list[str]:
    lines = [_wrapped(differing_line(answer)), ""] if answer.differing else []
    for account in accounts(answer):
        sentences = " ".join(
            f"{statement.text} {''.join(f'[{mark}]' for mark in statement.citations)}"
            for statement in account.statements
        )
        lines.append(_wrapped(f"According to {account.attribution}: {sentences}"))
        lines.append("")
    if answer.unanswered:
        lines += [_wrapped(unanswered_line(answer)), ""]
    for citation in answer.citations:
        lines.append(f"[{citation.mark}] {citation_line(citation)}")
        lines.append(f"    {citation.link}")
    return lines


def _refusal_lines(outcome: NoAnswer) -> list[str]:
    lines = [_wrapped(refusal(outcome))]
    if outcome.nearest:
        lines.append("Nearest, and not an answer:")
        lines += [
            textwrap.fill(
                nearest_line(passage), WIDTH, initial_indent="  - ", subsequent_indent="    "
            )
            for passage in outcome.nearest
        ]
    return lines


def search_text(passages: Sequence[Passage]) -> str:
    """Ranked passages: where each stands, then its text."""
    blocks = []
    for rank, passage in enumerate(passages, start=1):
        article = passage.article
        heading = (
            f"{rank}. {publisher(article)} · {article.kind.value} · "
            f"{short_date(article.published_at)} · ¶{passage.paragraph.number} · "
            f"{passage.score:.3f}"
        )
        body = textwrap.fill(passage.text, WIDTH, initial_indent="   ", subsequent_indent="   ")
        blocks.append(f"{heading}\n   {article.title}\n{body}\n   {article.url}")
    return printed("\n\n".join(blocks))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
