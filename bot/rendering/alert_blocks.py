"""Alerts as Slack messages: which watch, who reports it when, and the sentence that matched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bot.rendering.digest_wording import published_words
from bot.rendering.rich_text import (
    Element,
    Message,
    actions,
    button,
    escape,
    in_messages,
    link,
    paragraphs,
    say,
    show_paragraphs,
    words,
)
from bot.rendering.wording import carried_words, excerpt, publisher
from corpus.articles import Article
from retrieval.answers import Citation

MUTE_STORY = "mute_story"
EDIT_WATCH = "watch:edit"
LONGEST_NAME = 80
LONGEST_SENTENCE = 600
LONGEST_NOTICE = 200


@dataclass(frozen=True, slots=True)
class Alert:
    """An article that a watch matched, with the sentence that did; times are shown in `zone`.

    `watches` are the ids of those that it matched.
    """

    watch_name: str
    reader: str
    story_id: str
    sentence: str
    citation: Citation = field(repr=False)
    zone: tzinfo = UTC
    watches: tuple[str, ...] = ()

    @property
    def article(self) -> Article:
        return self.citation.article


def alert_messages(alert: Alert, turn_id: str) -> list[Message]:
    """The first alert on a story."""
    name = excerpt(alert.watch_name, LONGEST_NAME)
    lines = [
        [
            words("🔔 "),
            words(f"Watch “{name}”", bold=True),
            words(f" · {_source(alert)}"),
        ],
        _headline(alert),
        _said(alert),
    ]
    notice = f"{name}: {excerpt(alert.article.title or alert.sentence, LONGEST_NOTICE)}"
    buttons = [
        show_paragraphs(turn_id),
        mute_button(alert.reader, alert.story_id),
        _edit_button(alert),
    ]
    return _messages(notice, lines, buttons)


def further_messages(alert: Alert, turn_id: str) -> list[Message]:
    """A further article on the story, for the thread of its first alert."""
    lines = [
        [
            words("Also on this story", bold=True),
            words(f" · {_source(alert)}"),
        ],
        _headline(alert),
        _said(alert),
    ]
    notice = f"Also: {excerpt(alert.article.title or alert.sentence, LONGEST_NOTICE)}"
    return _messages(notice, lines, [show_paragraphs(turn_id)])


def mute_button(reader: str, story_id: str) -> Element:
    """The button that ends a reader's alerts on a story; `muted_of` reads its value."""
    value = json.dumps({"reader": reader, "story": story_id})
    return button("Mute this story", MUTE_STORY, value)


def _edit_button(alert: Alert) -> Element:
    """What opens the watch; of several, the list of all names which."""
    if len(alert.watches) == 1:
        return button("Edit watch", EDIT_WATCH, alert.watches[0])
    return say("My watches", "my watches")


def muted_of(value: str) -> tuple[str, str] | None:
    """Reader and story id of a pressed button, or None for a value that we did not write."""
    try:
        held = json.loads(value)
        return str(held["reader"]), str(held["story"])
    except (ValueError, KeyError, TypeError):
        return None


def _headline(alert: Alert) -> list[Element]:
    title = excerpt(alert.article.title, LONGEST_NOTICE)
    return [words(title, bold=True)] if title else []


def _said(alert: Alert) -> list[Element]:
    citation = alert.citation
    sentence = excerpt(alert.sentence, LONGEST_SENTENCE)
    return [words(f"{sentence} "), link(citation.link, f"[{citation.mark}]")]


def _source(alert: Alert) -> str:
    """ "Regional Desk · independent · 4 Apr 2019, 09:12 · ¶2 of 5"."""
    article = alert.article
    return (
        f"{publisher(article)} · {article.kind.value} · {published_words(article, alert.zone)} · "
        f"¶{alert.citation.paragraph.number} of {len(article.paragraphs)}"
        f"{carried_words(alert.citation.carried_by)}"
    )


def _messages(
    notice: str, lines: Sequence[Sequence[Element]], buttons: Sequence[Element]
) -> list[Message]:
    blocks = [*paragraphs(lines), actions(buttons)]
    return [Message(escape(notice), tuple(held)) for held in in_messages(blocks)]
