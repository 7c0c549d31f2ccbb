"""Answers as Block Kit: pure functions from outcomes to blocks inside Slack's limits.

Text from articles goes into rich text, where Slack reads every character as itself: no
mention, link or formatting can be smuggled in. What does not fit into one message is carried
on in a second, each with the citations of its own marks; none is ever dropped.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.rendering import rich_text
from bot.rendering.feedback_blocks import with_feedback
from bot.rendering.rich_text import (
    SHOW_PARAGRAPHS,
    Block,
    Element,
    Message,
    escape,
    link,
    paragraph,
    paragraphs,
    words,
)
from bot.rendering.splitting import Run, Unit, messages_of, parts_of, units_of
from bot.rendering.wording import (
    accounts,
    citation_line,
    differing_line,
    excerpt,
    footing,
    isolated,
    nearest_place,
    refusal,
    unanswered_line,
)
from corpus.urls import text_fragment
from retrieval.answers import Answer, Citation, NoAnswer, Outcome, Statement
from retrieval.passages import Passage

__all__ = [
    "SHOW_PARAGRAPHS",
    "Block",
    "Message",
    "answer_messages",
    "escape",
    "notification",
    "plain_message",
]

LONGEST_QUOTE = 110
LONGEST_NOTIFICATION = 300
LONGEST_LOOKED_FOR = 300
LONGEST_NEAREST = 140


def answer_messages(
    outcome: Outcome, turn_id: str, looked_for: str | None = None, streamed: int = 0
) -> list[Message]:
    """An outcome as one message, or as several where it is long.

    `turn_id` is what *Show paragraphs* is asked for; `looked_for` is the question as a thread
    completed it. Of an answer whose statements stand above already, in so many `streamed`
    characters, it is what belongs under them.
    """
    units = _notice_units(outcome.notice)
    citations: dict[int, list[Element]] = {}
    if isinstance(outcome, Answer):
        units += _differing_units(outcome)
        units += [] if streamed else _answer_units(outcome)
        citations = {citation.mark: _citation(citation) for citation in outcome.citations}
        shown = bool(outcome.citations)
    else:
        units += _refusal_units(outcome)
        shown = bool(outcome.nearest)
    closing = []
    if isinstance(outcome, Answer) and outcome.unanswered:
        closing.append(paragraph([words(unanswered_line(outcome))]))
    if looked_for:
        closing.append(rich_text.context(f"Looked for: {excerpt(looked_for, LONGEST_LOOKED_FOR)}"))
    if line := footing(outcome):
        closing.append(rich_text.context(line))
    if shown:
        buttons = [rich_text.show_paragraphs(turn_id)]
        buttons += [rich_text.copy_cable(turn_id)] if isinstance(outcome, Answer) else []
        closing.append(rich_text.actions(buttons))

    def sources(marks: Collection[int]) -> list[Block]:
        return paragraphs([line for mark, line in citations.items() if mark in marks])

    parts = parts_of(units, citations, sources, closing, streamed)
    return with_feedback(messages_of(parts, notification(outcome)), turn_id)


def plain_message(text: str) -> Message:
    """A message of one line that we wrote ourselves."""
    return Message(escape(text), (paragraph([words(text)]),))


def notification(outcome: Outcome) -> str:
    """The answer's first sentence and who says so, or the refusal, escaped for Slack."""
    if not isinstance(outcome, Answer):
        return escape(excerpt(refusal(outcome), LONGEST_NOTIFICATION))
    first = accounts(outcome)[0]
    said = excerpt(first.statements[0].text, LONGEST_NOTIFICATION)
    return escape(f"{isolated(said)} — {first.attribution}")


def _notice_units(notice: str | None) -> list[Unit]:
    return units_of([[Run((words(notice, italic=True),))]]) if notice else []


def _differing_units(answer: Answer) -> list[Unit]:
    line = differing_line(answer)
    return units_of([[Run((words(line, bold=True),))]]) if line else []


def _answer_units(answer: Answer) -> list[Unit]:
    links = {citation.mark: citation.link for citation in answer.citations}
    units = []
    for account in accounts(answer):
        said_by = (words("According to "), words(account.attribution, bold=True), words(": "))
        first, *others = account.statements
        opening = _statement(first, links)
        runs = [Run((*said_by, *opening.elements), opening.marks)]
        runs += [_statement(statement, links) for statement in others]
        units += units_of([runs])
    return units


def _statement(statement: Statement, links: dict[int, str]) -> Run:
    marks = [link(links[mark], f"[{mark}]") for mark in statement.citations]
    said = words(f"{isolated(statement.text)} ")
    return Run((said, *marks, words(" ")), frozenset(statement.citations))


def _citation(citation: Citation) -> list[Element]:
    quote = isolated(excerpt(citation.quote, LONGEST_QUOTE).strip('“”"'))
    return [
        link(citation.link, f"[{citation.mark}]"),
        words(f" {citation_line(citation)} — “{quote}”"),
    ]


def _refusal_units(outcome: NoAnswer) -> list[Unit]:
    lines = [[Run((words(refusal(outcome)),))]]
    units = units_of(lines)
    if outcome.nearest:
        near = [[Run((words("Nearest, and not an answer:", italic=True),))]]
        near += [[_nearest(passage)] for passage in outcome.nearest]
        units += units_of(near, headed=True)
    return units


def _nearest(passage: Passage) -> Run:
    address = text_fragment(passage.article.url, passage.text)
    said = isolated(f"“{excerpt(passage.text, LONGEST_NEAREST)}”")
    return Run((words(f"• {said} ("), link(address, nearest_place(passage)), words(")")))
