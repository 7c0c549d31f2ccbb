"""*Show paragraphs*: a modal with one cited paragraph at a time, in its place in the article. Pure.

    Shown (the paragraph, what became of it, its place among the citations) -> view

The cited paragraph stands behind a bar with the cited words in bold; what stands around it is in
small grey letters. Buttons and a menu lead to the other citations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.render import blocks as rich_text
from bot.render.blocks import Block, Element, link, paragraph, words
from bot.render.catalogues import framed, gettext
from bot.render.formats import line_elements
from bot.render.notes import Standing
from bot.render.wording import (
    carried_words,
    excerpt,
    isolated,
    kind_name,
    long_date,
    place_in,
    publisher,
    safe,
)
from corpus.articles import Article
from retrieval.outcomes import text_fragment

CALLBACK = "paragraphs"
TURN_TO = "paragraphs:turn:"
"""Buttons and a menu whose action begins so lead to the citation whose position is their value."""
MORE = "paragraphs:more"
AROUND, FAR_AROUND = 1, 5
"""Paragraphs that are shown before and after the cited one, and after *Show more*."""
FEWEST_FOR_MENU = 4
_MOST_OPTIONS = 100
_MOST_GROUPS = 100
_LONGEST_OPTION = 75
LONGEST_AROUND = 1_200
LONGEST_CITED = 60_000
"""Characters that are shown of a neighbour and of the cited paragraph; a view takes 250,000."""

LONGEST_TRACE = 60_000
View = dict[str, Any]


def why_view(lines: Sequence[str], then: Sequence[str] = ()) -> View:
    """How an answer came about, a line a step, to be read and copied; `then` is what was found
    when it was given."""
    told = safe("\n".join(lines))
    left = len(told) - LONGEST_TRACE
    parts = rich_text.stretches(told[:LONGEST_TRACE], 2_500)
    note = gettext("Worked out anew just now: what was read since then counts.")
    if left > 0:
        more = gettext("{count} characters more are shown by {command}.")
        more = more.format(count=left, command=isolated("chancery ask --explain"))
        note += f" {more}"
    above = [rich_text.context(framed(_then(then)))] if then else []
    blocks = [*above, rich_text.context(framed(note)), *map(rich_text.preformatted, parts)]
    return rich_text.modal(gettext("Why?"), blocks)


def _then(verdicts: Sequence[str]) -> str:
    told = isolated("; ".join(verdicts))
    return gettext("When it was answered: {verdicts}", verdicts=told)


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """A cited paragraph as it read when it was cited, and what became of it.

    `changed_at` is when a later version, or that it was withdrawn, was read here.
    """

    mark: int
    article: Article
    number: int
    quote: str
    standing: Standing | None = None
    changed_at: datetime | None = None
    carried_by: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a modal shows: the citation at `position` (from 0) of a turn, of all in `labels`.

    `paragraph` is None where its article is no longer kept. Those of a refusal are `nearest`, and
    no answer rests on them.
    """

    turn_id: str
    position: int
    labels: tuple[str, ...]
    paragraph: ShownParagraph | None = field(repr=False)
    nearest: bool = False
    wide: bool = False


def paragraph_view(shown: Shown) -> View:
    """The modal of one citation."""
    blocks: list[Block] = []
    if len(shown.labels) >= FEWEST_FOR_MENU:
        blocks.append(rich_text.actions([_menu(shown)]))
    if shown.paragraph is None:
        label = isolated(shown.labels[shown.position])
        gone = gettext("{label}: the article is no longer kept here.", label=label)
        blocks.append(paragraph([words(framed(gone))]))
    else:
        blocks += _paragraph_blocks(shown.paragraph, shown.nearest, shown.wide)
    blocks += _turning(shown)
    metadata = {"turn": shown.turn_id, "at": shown.position, "wide": shown.wide}
    title = gettext("Nearest paragraphs") if shown.nearest else gettext("Cited paragraphs")
    return _modal(title, blocks, json.dumps(metadata))


def waiting_view() -> View:
    """What stands there while paragraphs are looked up."""
    waiting = framed(gettext("Looking up the paragraphs…"))
    return _modal(gettext("Cited paragraphs"), [paragraph([words(waiting)])])


def gone_view() -> View:
    """What is shown of a turn that is not kept any more."""
    told = gettext(
        "This is no longer kept. What was said, and what it rested on, is let go when it is old "
        "enough or when whoever asked has me forget it."
    )
    return _modal(gettext("Cited paragraphs"), [paragraph([words(framed(told))])])


def shown_in(metadata: str) -> tuple[str, int, bool] | None:
    """Turn, position and width of an open modal; None for one that is not ours."""
    try:
        held = json.loads(metadata)
        return str(held["turn"]), int(held["at"]), bool(held["wide"])
    except (ValueError, KeyError, TypeError):
        return None


def label_of(mark: int, article: Article | None, number: int, *, nearest: bool) -> str:
    """ "[3] UN News ¶4", as a menu names a citation."""
    name = f"{mark}." if nearest else f"[{mark}]"
    if article is None:
        return f"{name} {gettext('no longer kept')}"
    source = excerpt(publisher(article), _LONGEST_OPTION - len(name) - 8)
    return f"{name} {source} ¶{number}"


def _modal(title: str, blocks: Sequence[Block], metadata: str = "") -> View:
    return rich_text.modal(title, list(blocks), callback_id=CALLBACK, private_metadata=metadata)


def _paragraph_blocks(item: ShownParagraph, nearest: bool, wide: bool) -> Iterator[Block]:
    article, around = item.article, FAR_AROUND if wide else AROUND
    cited = _text(article, item.number)
    mark = [] if nearest else [words(f"[{item.mark}] ", bold=True)]
    title = excerpt(article.title, 300) or publisher(article)
    address = text_fragment(article.url, cited or "", item.quote or None)
    yield paragraph([*mark, link(address, isolated(title))])
    yield rich_text.context(framed(_origin_line(item)))
    yield rich_text.context(framed(_dates_line(item)))
    if copies := carried_words(item.carried_by).removeprefix(" · "):
        copies = f"{copies[:1].upper()}{copies[1:]} ({gettext('one origin')})"
        yield rich_text.context(framed(copies))
    if nearest:
        near = gettext("Nearest to what was asked, and not an answer.")
        yield rich_text.context(framed(near))
    for number in range(item.number - around, item.number):
        yield from _beside(article, number)
    shown = _highlighted((cited or gettext("(no text)"))[:LONGEST_CITED], item.quote)
    for portion in rich_text.portions(shown):
        yield rich_text.quoted(portion)
    if item.standing is not None:
        told = [words(framed(f"⚠️ {item.standing.words} "), bold=True)]
        change = line_elements(item.standing.change, {})
        for portion in rich_text.portions([*told, *change]):
            yield paragraph(portion)
    for number in range(item.number + 1, item.number + around + 1):
        yield from _beside(article, number)


def _origin_line(item: ShownParagraph) -> str:
    """ "UN News · official · ¶4 of 14 · version 1"."""
    article = item.article
    place = place_in(article, [item.number])
    version = gettext("version {number}", number=article.version)
    return " · ".join((publisher(article), kind_name(article.kind), place, version))


def _dates_line(item: ShownParagraph) -> str:
    """ "published 4 April 2019 · read 5 April 2019 · changed 6 April 2019"."""
    article = item.article
    published = gettext("undated")
    if article.published_at:
        published = gettext("published {day}", day=long_date(article.published_at))
    told = [published, gettext("read {date}", date=long_date(article.read_at))]
    if item.changed_at is not None:
        told.append(gettext("changed {date}", date=long_date(item.changed_at)))
    line = " · ".join(told)
    return f"{line[:1].upper()}{line[1:]}"


def _beside(article: Article, number: int) -> Iterator[Block]:
    text = _text(article, number)
    if text:
        yield rich_text.context(f"¶{number}  {isolated(excerpt(text, LONGEST_AROUND))}")


def _text(article: Article, number: int) -> str | None:
    if 1 <= number <= len(article.paragraphs):
        return article.paragraph(number).text
    return None


def _highlighted(cited: str, quote: str) -> list[Element]:
    """The paragraph with the cited words in bold, however they are broken into lines."""
    parts = r"\s+".join(re.escape(part) for part in quote.split())
    found = re.search(parts, cited) if parts else None
    if found is None:
        return [words(cited)]
    stretches = ((cited[: found.start()], False), (found[0], True), (cited[found.end() :], False))
    return [words(text, bold=bold) for text, bold in stretches if text]


def _turning(shown: Shown) -> list[Block]:
    count = len(shown.labels)
    place = gettext("Citation {number} of {count}")
    if shown.nearest:
        place = gettext("Paragraph {number} of {count}")
    place = place.format(number=shown.position + 1, count=count)
    blocks = [rich_text.context(framed(place))] if count > 1 else []
    buttons = []
    if shown.position > 0:
        buttons.append(_page("previous", gettext("‹ Previous"), shown.position - 1))
    if shown.position < count - 1:
        buttons.append(_page("next", gettext("Next ›"), shown.position + 1))
    if shown.paragraph is not None and _has_more(shown.paragraph):
        label = gettext("Show more of the article")
        if shown.wide:
            label = gettext("Show less of the article")
        buttons.append(rich_text.button(label, MORE, "less" if shown.wide else "more"))
    return [*blocks, rich_text.actions(buttons)] if buttons else blocks


def _has_more(item: ShownParagraph) -> bool:
    before, after = item.number - 1, len(item.article.paragraphs) - item.number
    return max(before, after) > AROUND


def _page(name: str, label: str, position: int) -> Element:
    return rich_text.button(label, f"{TURN_TO}{name}", str(position))


def _menu(shown: Shown) -> Element:
    """A menu of all citations; what is beyond Slack's 10,000 is reached by the buttons."""
    options = [_option(label, place) for place, label in enumerate(shown.labels)]
    groups = [options[at : at + _MOST_OPTIONS] for at in range(0, len(options), _MOST_OPTIONS)]
    menu: Element = {"type": "static_select", "action_id": f"{TURN_TO}menu"}
    if shown.position < _MOST_OPTIONS * _MOST_GROUPS:
        menu["initial_option"] = options[shown.position]
    if len(groups) == 1:
        return {**menu, "options": options}
    return {
        **menu,
        "option_groups": [
            {
                "label": rich_text.plain(
                    gettext("{number} and on", number=place * _MOST_OPTIONS + 1)
                ),
                "options": group,
            }
            for place, group in enumerate(groups[:_MOST_GROUPS])
        ],
    }


def _option(label: str, position: int) -> Element:
    return {"text": rich_text.plain(safe(excerpt(label, _LONGEST_OPTION))), "value": str(position)}
