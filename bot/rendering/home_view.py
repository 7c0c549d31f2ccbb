"""The Home page: what the bot has read, what a person set up, sources' health, newest stories.

    HomePage (what is known at one moment, for one person) ─▶ view

Pure. Lists come in pages, so that a view never has more blocks than Slack takes and nothing is
left out unsaid. Texts of articles and people stand in rich text and labels, never in mrkdwn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from bot.delivery.subscriptions import Subscription
from bot.monitoring.watches import Watch
from bot.rendering.home_lines import digest_lines, read_line, source_line, story_lines, watch_lines
from bot.rendering.home_lines import sources_lines as health_lines
from bot.rendering.rich_text import (
    Block,
    Element,
    actions,
    button,
    context,
    paragraph,
    paragraphs,
    words,
)
from bot.rendering.wording import excerpt
from corpus.feeds.polling import PolledSource
from retrieval.stories.nouns import Story

T = TypeVar("T")

DIGESTS_A_PAGE, WATCHES_A_PAGE, SOURCES_A_PAGE = 5, 8, 6
MOST_BLOCKS = 100
LONGEST_NAME = 80

WHAT = (
    "I read the sources and answer from them. Mention me in a channel or write to me directly: "
    "every sentence of an answer is linked to the paragraph it rests on, and what could not be "
    "checked is left out and counted."
)
NO_DIGEST = (
    "No digest yet. New digest sets one up; so does “digest at 07:30 on Libya”, written to me."
)
NO_WATCH = (
    "Nothing is followed yet. New watch sets one up; so does “follow Gharyan”, written to me."
)
NO_STORY = "No stories yet. They stand here as soon as something has been read."
WAITING = "Reading what there is for you …"
FAILED = "This page could not be put together (reference {reference}). Open it again in a minute."


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """How much was read; `newest` is when the newest article was published."""

    articles: int = 0
    sources: int = 0
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Headlined:
    """A story and the words that stand for it, which are the title of its article at `url`."""

    story: Story
    headline: str
    url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """How far each list was turned, from 0."""

    digests: int = 0
    watches: int = 0
    sources: int = 0

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class HomePage:
    """What a person's Home page shows at `now`, which is in that person's zone.

    `last_alerts` are by watch id, `feedback` the blocks that tell admins how answers were judged.
    """

    user: str
    now: datetime
    read: ReadSoFar = field(default_factory=ReadSoFar)
    digests: tuple[Subscription, ...] = ()
    watches: tuple[Watch, ...] = ()
    last_alerts: dict[str, datetime] = field(default_factory=dict)
    sources: tuple[PolledSource, ...] = ()
    stories: tuple[Headlined, ...] = ()
    admin: bool = False
    feedback: tuple[Block, ...] = ()
    pages: Pages = field(default_factory=Pages)


def home_view(page: HomePage) -> dict[str, Any]:
    """The view of a Home page."""
    blocks = [
        *_head(page),
        *_digests(page),
        *_watches(page),
        *_health(page),
        *_stories(page),
        *(_for_admins(page) if page.admin else ()),
    ]
    return _home(blocks[:MOST_BLOCKS], page.pages.text)


def waiting_view() -> dict[str, Any]:
    """What stands there until the page is put together."""
    return _home([_title("Chancery"), paragraph([words(WHAT)]), context(WAITING)])


def sentence_view(sentence: str) -> dict[str, Any]:
    """A Home page that says one thing only."""
    return _home([_title("Chancery"), paragraph([words(sentence)])])


def pages_of(text: str) -> Pages:
    """How far the lists of a published view were turned; all from the beginning where unknown."""
    try:
        return Pages(**{name: max(0, int(at)) for name, at in json.loads(text).items()})
    except (ValueError, TypeError, AttributeError):
        return Pages()


def _head(page: HomePage) -> list[Block]:
    return [
        _title("Chancery"),
        paragraph([words(WHAT)]),
        context(read_line(page.read.articles, page.read.sources, page.read.newest, page.now)),
        actions(
            [
                button("New digest", "digest:new", "new"),
                button("New watch", "watch:new", "new"),
                button("Refresh", "home:refresh", "refresh"),
            ]
        ),
    ]


def _digests(page: HomePage) -> list[Block]:
    shown, pager = _page(page, page.digests, "digests", DIGESTS_A_PAGE)
    blocks = _section("My digests", NO_DIGEST if not page.digests else "")
    for one in shown:
        blocks += paragraphs(digest_lines(one, page.user, page.now))
        blocks.append(actions(_digest_buttons(one, page.user)))
    return blocks + pager


def _digest_buttons(one: Subscription, user: str) -> list[Element]:
    name = _named(one.name or f"at {one.at}")
    send = button("Send now", "digest:send", one.id)
    if one.reader != user:
        send = _confirmed(
            send, "Send it now?", "The digest is posted in its channel at once.", "Send"
        )
    return [
        button("Edit", "digest:edit", one.id),
        _pause_button("digest", one.id, paused=one.paused),
        send,
        _remove_button("digest", one.id, f"The digest {name} comes no more."),
    ]


def _watches(page: HomePage) -> list[Block]:
    shown, pager = _page(page, page.watches, "watches", WATCHES_A_PAGE)
    blocks = _section("My watches", NO_WATCH if not page.watches else "")
    for one in shown:
        last = page.last_alerts.get(one.id)
        blocks += paragraphs(watch_lines(one, page.user, last, page.now))
        blocks.append(
            actions(
                [
                    button("Edit", "watch:edit", one.id),
                    _pause_button("watch", one.id, paused=one.paused),
                    button("Summary now", "watch:send", one.id),
                    _remove_button("watch", one.id, f"Alerts of the watch {_named(one.name)} end."),
                ]
            )
        )
    return blocks + pager


def _stories(page: HomePage) -> list[Block]:
    blocks = _section("Newest stories", NO_STORY if not page.stories else "")
    for one in page.stories:
        blocks += paragraphs(story_lines(one.story, one.headline, one.url, page.now))
        blocks.append(actions([button("Summary", "story:summary", one.story.id)]))
    return blocks


def _health(page: HomePage) -> list[Block]:
    return [*_section("Sources"), *paragraphs(health_lines(page.sources, page.now, page.admin))]


def _for_admins(page: HomePage) -> list[Block]:
    """The sources one by one, then what people think of answers."""
    blocks = _section("For admins")
    buttons = [button("Add source", "source:add", "add")]
    if page.sources:
        buttons.append(button("Check all", "source:check-all", "all"))
    blocks.append(actions(buttons))
    shown, pager = _page(page, page.sources, "sources", SOURCES_A_PAGE)
    for one in shown:
        blocks += paragraphs([source_line(one, page.now)])
        on = button("Resume", "source:resume", one.name)
        off = button("Pause", "source:pause", one.name)
        check = button("Check now", "source:check", one.name)
        edit = button("Edit", "source:edit", one.name)
        blocks.append(actions([edit, on if one.paused else off, check]))
    return [*blocks, *pager, *page.feedback]


# Pieces


def _section(title: str, empty: str = "") -> list[Block]:
    said = [paragraph([words(empty, italic=True)])] if empty else []
    return [{"type": "divider"}, _title(title), *said]


def _page(
    page: HomePage, items: Sequence[T], name: str, most: int
) -> tuple[Sequence[T], list[Block]]:
    """The items of the page that a list was turned to, and what turns it."""
    last = max(0, (len(items) - 1) // most)
    at = min(getattr(page.pages, name), last)
    buttons = []
    for label, to in (("Back", at - 1), ("More", at + 1)):
        if 0 <= to <= last:
            first = to * most + 1
            shown = f"{label}: {first} to {min(first + most - 1, len(items))} of {len(items)}"
            turned = replace(page.pages, **{name: to}).text
            buttons.append(button(shown, f"home:page:{label.lower()}", turned))
    return items[at * most : (at + 1) * most], [actions(buttons)] if buttons else []


def _pause_button(kind: str, identity: str, *, paused: bool) -> Element:
    if paused:
        return button("Resume", f"{kind}:resume", identity)
    return button("Pause", f"{kind}:pause", identity)


def _remove_button(kind: str, identity: str, effect: str) -> Element:
    removing = button("Remove", f"{kind}:remove", identity)
    return _confirmed(removing, "Remove it?", effect, "Remove", style="danger")


def _confirmed(
    element: Element, title: str, effect: str, label: str, style: str = "primary"
) -> Element:
    """A button that asks before it does something."""
    asked = {
        "style": style,
        "title": _plain(title),
        "text": _plain(excerpt(effect, 300)),
        "confirm": _plain(label),
        "deny": _plain("Cancel"),
    }
    return {**element, "confirm": asked}


def _title(shown: str) -> Block:
    return {"type": "header", "text": _plain(shown)}


def _named(name: str) -> str:
    return f"“{excerpt(name, LONGEST_NAME)}”"


def _plain(shown: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": shown, "emoji": False}


def _home(blocks: Iterable[Block], metadata: str = "") -> dict[str, Any]:
    return {"type": "home", "private_metadata": metadata, "blocks": list(blocks)}
