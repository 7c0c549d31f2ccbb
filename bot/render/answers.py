"""Answers and search results as Slack messages, as streams of Markdown, and as text. Pure.

Text from articles goes into rich text, where Slack reads every character as itself: no mention,
link or formatting can be smuggled in. What does not fit into one message is carried on in a second,
each with the citations of its own marks; none is ever dropped. Slack's streams take Markdown only:
there every character that Markdown or Slack could read as a mention, a link, an emoji or a form is
escaped, and what no escape stops Slack from reading so is broken by a character that is not seen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Mapping, Sequence

from bot.render import blocks as rich_text
from bot.render.blocks import (
    LARGEST_RUN,
    LONGEST_LINK,
    Block,
    Element,
    Message,
    Run,
    Unit,
    data_table,
    escape,
    link,
    messages_of,
    paragraph,
    paragraphs,
    parts_of,
    size,
    units_of,
    with_feedback,
    words,
)
from bot.render.catalogues import framed, gettext
from bot.render.wording import (
    LONGEST_QUESTION,
    according_to,
    accounts,
    attribution_of,
    citation_line,
    differing_line,
    excerpt,
    footing,
    isolated,
    nearest_line,
    nearest_place,
    printed,
    publisher,
    refusal,
    runs_otherwise,
    safe,
    short_date,
    unanswered_line,
    worded,
)
from retrieval.outcomes import Answer, Citation, NoAnswer, Outcome, Statement, text_fragment
from retrieval.passages import Passage
from retrieval.questions.understand import Intent

LONGEST_QUOTE = 110
LONGEST_NOTIFICATION = 300
LONGEST_LOOKED_FOR = 300
LONGEST_NEAREST = 140


def compares(outcome: Outcome) -> bool:
    """Whether an answer sets accounts side by side, which a table shows at a glance."""
    if not isinstance(outcome, Answer) or len(accounts(outcome)) < 2:
        return False
    return bool(outcome.differing) or outcome.question.intent is Intent.COMPARISON


def answer_messages(
    outcome: Outcome,
    turn_id: str,
    looked_for: str | None = None,
    streamed: int = 0,
    *,
    tabled: bool = False,
) -> list[Message]:
    """An outcome as one message, or as several where it is long.

    `turn_id` is what *Show paragraphs* is asked for; `looked_for` is the question as a thread
    completed it. Of an answer whose statements stand above already, in so many `streamed`
    characters, it is what belongs under them. `tabled` accounts stand in a table where they fit.
    """
    units = _notice_units(outcome.notice)
    citations: dict[int, list[Element]] = {}
    if isinstance(outcome, Answer):
        units += _differing_units(outcome)
        if not streamed:
            units += (tabled and _table_units(outcome)) or _answer_units(outcome)
        said = {statement.text for statement in outcome.statements}
        citations = {
            citation.mark: _citation(citation, repeats=citation.quote in said)
            for citation in outcome.citations
        }
        shown = bool(outcome.citations)
    else:
        units += _refusal_units(outcome)
        shown = bool(outcome.nearest)
    closing = []
    if isinstance(outcome, Answer) and outcome.unanswered:
        closing.append(paragraph([words(unanswered_line(outcome))]))
    if looked_for:
        closing.append(rich_text.context(_looked_for(looked_for, LONGEST_LOOKED_FOR)))
    if line := footing(outcome):
        closing.append(rich_text.context(line))
    if shown:
        buttons = [rich_text.show_paragraphs(turn_id)]
        buttons += [rich_text.copy_cable(turn_id)] if isinstance(outcome, Answer) else []
        buttons.append(rich_text.answer_menu(turn_id))
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


def _looked_for(question: str, most: int) -> str:
    return gettext("Looked for: {question}").replace("{question}", excerpt(question, most))


def _notice_units(notice: str | None) -> list[Unit]:
    told = words(framed(worded(notice)), italic=True)
    return units_of([[Run((told,))]]) if notice else []


def _differing_units(answer: Answer) -> list[Unit]:
    line = differing_line(answer)
    return units_of([[Run((words(line, bold=True),))]]) if line else []


def _answer_units(answer: Answer) -> list[Unit]:
    links = {citation.mark: citation.link for citation in answer.citations}
    units = []
    for account in accounts(answer):
        before, after = according_to()
        said_by = (words(before), words(account.attribution, bold=True), words(after))
        runs = [_statement(statement, links) for statement in account.statements]
        if any(runs_otherwise(statement.text) for statement in account.statements):
            units += units_of([[Run(said_by)], *[[run] for run in runs]], headed=True)
            continue
        runs[0] = Run((*said_by, *runs[0].elements), runs[0].marks)
        units += units_of([runs])
    return units


def _table_units(answer: Answer) -> list[Unit]:
    """A row for each account; nothing where they do not fit into one table."""
    links = {citation.mark: citation.link for citation in answer.citations}
    rows, marks = [], frozenset[int]()
    for account in accounts(answer):
        runs = [_statement(statement, links) for statement in account.statements]
        rows.append(
            [[words(account.attribution, bold=True)], [e for r in runs for e in r.elements]]
        )
        marks = marks.union(*(run.marks for run in runs))
    caption = excerpt(answer.question.text, LONGEST_QUESTION)
    table = data_table(caption, (gettext("Source"), gettext("What is said")), rows)
    return [Unit(table, marks)] if table and size(table) <= LARGEST_RUN else []


def _statement(statement: Statement, links: dict[int, str]) -> Run:
    marks = [link(links[mark], f"[{mark}]") for mark in statement.citations]
    apart = isolated if not runs_otherwise(statement.text) else str
    said = words(f"{apart(statement.text)} ")
    return Run((said, *marks, words(" ")), frozenset(statement.citations))


def _citation(citation: Citation, *, repeats: bool) -> list[Element]:
    """Where it stands, and its words unless they only repeat a statement."""
    place = f" {citation_line(citation)}"
    quote = isolated(excerpt(citation.quote, LONGEST_QUOTE).strip('“”"'))
    return [
        words(framed("")),
        link(citation.link, f"[{citation.mark}]"),
        words(place if repeats else f"{place} — “{quote}”"),
    ]


def _refusal_units(outcome: NoAnswer) -> list[Unit]:
    lines = [[Run((words(refusal(outcome)),))]]
    units = units_of(lines)
    if outcome.nearest:
        near = [[Run((words(gettext("Nearest, and not an answer:"), italic=True),))]]
        near += [[_nearest(passage)] for passage in outcome.nearest]
        units += units_of(near, headed=True)
    return units


def _nearest(passage: Passage) -> Run:
    address = text_fragment(passage.article.url, passage.text)
    said = isolated(f"“{excerpt(passage.text, LONGEST_NEAREST)}”")
    return Run((words(f"• {said} ("), link(address, nearest_place(passage)), words(")")))


WIDTH = 88


def answer_text(outcome: Outcome, seconds: float | None = None) -> str:
    """An answer with its citations, or a refusal with the nearest passages."""
    lines = _refusal_lines(outcome) if isinstance(outcome, NoAnswer) else _answer_lines(outcome)
    if outcome.notice:
        lines.insert(0, _wrapped(worded(outcome.notice)) + "\n")
    if outcome.question.looked_for:
        lines.append(_looked_for(outcome.question.looked_for, LONGEST_QUESTION))
    closing = [footing(outcome), f"{seconds:.2f} s" if seconds is not None else ""]
    return printed("\n".join([*lines, " · ".join(part for part in closing if part)]).rstrip("\n"))


def _answer_lines(answer: Answer) -> list[str]:
    lines = [_wrapped(differing_line(answer)), ""] if answer.differing else []
    for account in accounts(answer):
        sentences = " ".join(
            f"{statement.text} {''.join(f'[{mark}]' for mark in statement.citations)}"
            for statement in account.statements
        )
        lines.append(_wrapped(account.attribution.join(according_to()) + sentences))
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
        lines.append(gettext("Nearest, and not an answer:"))
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


_UNSEEN = "\u2060"
# No line begins with a statement, so that what only means something there stays as it is.
_MARKUP = re.compile(r"([\\`*_\[\]~])")
_EMOJI = re.compile(r":(?=[+-]?[0-9]*[a-z+_'-][a-z0-9_+'-]*:|[+-]1:)", re.I)
# "://", "www.", a dot inside of a site's name, an at sign before a name.
_LINKED = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=\w)(?=\.[a-z]{2,}\b)|(?<=@)(?=\w)", re.I)
_IN_LINK = {character: f"%{ord(character):02X}" for character in ' <>()[]\\"`|'}


def escaped(text: str) -> str:
    """One line of text that Markdown shows as it is written."""
    text = _LINKED.sub(_UNSEEN, " ".join(safe(text).split()))
    text = _EMOJI.sub(r"\\:", _MARKUP.sub(r"\\\1", text))
    # Markdown and Slack agree on these three, whichever of them comes to read it.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown_link(url: str, label: str) -> str:
    """A link, or its bare label where Slack could not open the address."""
    shown = escaped(label)
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_LINK:
        return shown
    address = "".join(_IN_LINK.get(character, character) for character in safe(url))
    return f"[{shown}]({address})"


class StatementWriter:
    """Writes statements one after the other, a new paragraph whenever somebody else says so.

    It says what `bot.render.answers` says of the same statements.
    """

    def __init__(self) -> None:
        self._attribution: str | None = None

    def write(self, statement: Statement, citations: Mapping[int, Citation]) -> str:
        """A statement with its marks as links, under its attribution where that is new."""
        cited = [citations[mark] for mark in statement.citations]
        attribution = attribution_of([citation.article for citation in cited])
        marks = "".join(markdown_link(one.link, f"[{one.mark}]") for one in cited)
        said = f"{isolated(escaped(statement.text))} {marks} "
        if attribution == self._attribution:
            return said
        parting = "" if self._attribution is None else "\n\n"
        self._attribution = attribution
        before, after = according_to()
        return f"{parting}{before}**{escaped(attribution)}**{after}{said}"
