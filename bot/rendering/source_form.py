"""Modals about polled sources: an address, what was found there, changing one. Pure.

Names and titles of feeds come from the web: they stand in rich text and in fields, never in mrkdwn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.rendering import form_inputs as inputs
from bot.rendering.rich_text import Block, Element, actions, button, context, paragraph, words
from bot.rendering.wording import excerpt
from bot.requests.subjects import subject_name
from bot.sources.changes import interval_in_words, interval_words
from bot.sources.drafts import (
    ADD_FORM,
    EDIT_FORM,
    FOUND_FORM,
    FULL_TEXT,
    INTERVALS,
    SourceDraft,
    SourceOrigin,
)
from corpus.articles import SourceKind
from corpus.feeds.polling import parse_interval

ADD_TITLE, EDIT_TITLE, SOURCES_TITLE = "Add source", "Edit source", "Sources"
REMOVE = "source:remove"
_LONGEST_SHOWN = 300


def add_form(metadata: str, address: str = "") -> dict[str, Any]:
    """The form that asks for an address."""
    asked = inputs.field(
        "address",
        "Address",
        inputs.written(address, "https://www.un.org/press/en"),
        "A feed, or a site that has one. It is looked at now; nothing is added yet.",
    )
    form = inputs.form_view(ADD_FORM, ADD_TITLE, [asked], metadata)
    return {**form, "submit": _plain("Look")}


def with_problem(form: dict[str, Any], problem: str) -> dict[str, Any]:
    """A form of one field, and what is wrong with it; Slack marks fields only at once."""
    return {**form, "blocks": [*form["blocks"], paragraph([words(f"⚠️ {problem}", bold=True)])]}


def looking_view(address: str) -> dict[str, Any]:
    """What stands there while an address is looked at."""
    return inputs.note_view(
        ADD_TITLE,
        [
            [words("Looking for a feed at "), words(excerpt(address, _LONGEST_SHOWN), bold=True)],
            [words("This can take a minute or two. What was found is shown here.", italic=True)],
        ],
    )


def found_form(
    draft: SourceDraft, origin: SourceOrigin, newest: Sequence[str] = ()
) -> dict[str, Any]:
    """The form of a feed that was found; `newest` are titles in it, to recognise it by."""
    entries = "1 entry" if origin.entries == 1 else f"{origin.entries:,} entries"
    lines: list[list[Element]] = [
        [words("Found a feed with "), words(entries, bold=True), words(" at")],
        [words(excerpt(origin.feed_url, _LONGEST_SHOWN))],
    ]
    lines += [[words(f"• {excerpt(title, 120)}", italic=True)] for title in newest]
    form = inputs.form_view(FOUND_FORM, ADD_TITLE, _fields(draft), origin.text, lines)
    return {**form, "submit": _plain("Add")}


def edit_form(draft: SourceDraft, origin: SourceOrigin, feed_url: str) -> dict[str, Any]:
    """The form of a source that is polled; removing it is asked for once more."""
    effect = (
        "It is asked no more. Its articles stay; the command line can withdraw them too: "
        "chancery sources remove NAME --with-articles."
    )
    remove = {
        **button("Remove source", REMOVE, origin.name),
        "style": "danger",
        "confirm": {
            "title": _plain("Remove it?"),
            "text": _plain(effect),
            "confirm": _plain("Remove"),
            "deny": _plain("Cancel"),
        },
    }
    polled = [[words("Polled at "), words(excerpt(feed_url, _LONGEST_SHOWN))]]
    form = inputs.form_view(EDIT_FORM, EDIT_TITLE, _fields(draft), origin.text, polled)
    return {**form, "blocks": [*form["blocks"], {"type": "divider"}, actions([remove])]}


def note(title: str, *lines: str) -> dict[str, Any]:
    """A modal that only says something, a line each."""
    return inputs.note_view(title, [[words(line)] for line in lines])


def checking_view(names: Sequence[str]) -> dict[str, Any]:
    """What stands there while sources are polled."""
    asked = names[0] if len(names) == 1 else f"{len(names)} sources"
    view = inputs.note_view(
        SOURCES_TITLE, [[words("Asking "), words(f"{excerpt(asked, _LONGEST_SHOWN)} …", bold=True)]]
    )
    later = "What became of it is shown here, and written to you if you close this."
    return {**view, "blocks": [*view["blocks"], context(later)]}


def _fields(draft: SourceDraft) -> list[Block]:
    offered = sorted({parse_interval(one) for one in (*INTERVALS, draft.every)})
    every = [(interval_words(one), interval_in_words(one)) for one in offered]
    country = (draft.country, subject_name(draft.country)) if draft.country else None
    return [
        inputs.field(
            "name",
            "Name",
            inputs.written(draft.name, "UN News"),
            "Stands in every citation of it.",
        ),
        inputs.field(
            "kind",
            "Kind",
            inputs.one_of([(kind.value, kind.value) for kind in SourceKind], draft.kind),
            "Stands in every citation too; unknown stays unknown.",
        ),
        inputs.field(
            "places",
            "Country",
            inputs.suggested_one(country, "None"),
            "Whose source it is.",
            optional=True,
        ),
        inputs.field(
            "language",
            "Language",
            inputs.written(draft.language, "fr"),
            "Two letters; left empty, each article's own is looked for.",
            optional=True,
        ),
        inputs.field("every", "Asked every", inputs.one_of(every, draft.every)),
        inputs.field(
            FULL_TEXT,
            "Full text",
            inputs.boxes(
                [(FULL_TEXT, "Fetch the pages behind teasers")],
                (FULL_TEXT,) if draft.full_text else (),
            ),
            optional=True,
        ),
    ]


def _plain(shown: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": shown, "emoji": False}
