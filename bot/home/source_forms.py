"""Modals about polled sources, what is entered in them, and what became of sources asked. Pure.

    address ─▶ found feed ─▶ SourceDraft, shown for correction ─▶ entered ─▶ problems | Source

Names and titles of feeds come from the web: they stand in rich text and in fields, never in mrkdwn.
Fields are named by their block id, as in `bot.home.forms`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.commands.intents import subject_name
from bot.db.audit import interval_in_words, interval_words, name_taken, polled_already
from bot.render import blocks as inputs
from bot.render.blocks import (
    ACTION,
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    escape,
    in_messages,
    note_view,
    paragraph,
    paragraphs,
    words,
)
from bot.render.report_wording import moment_words
from bot.render.wording import counted, excerpt
from corpus.articles import Source, SourceKind
from corpus.feeds.discovery import LONGEST_NAME
from corpus.feeds.poll import SourceReport
from corpus.feeds.schedule import INTERVAL, Failing, Gone, Moved, PolledSource, parse_interval

ADD_FORM, FOUND_FORM, EDIT_FORM = "source_add", "source_found", "source_edit"
INTERVALS = ("5m", "15m", "30m", "1h", "2h", "6h", "12h", "1d")
FULL_TEXT = "full_text"
LONGEST_METADATA = 3_000
"""Characters that Slack keeps with a view."""

Problems = dict[str, str]
Values = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source as a form shows it; `country` is a code of two letters or empty."""

    name: str
    kind: str = SourceKind.UNKNOWN.value
    country: str = ""
    language: str = ""
    every: str = interval_words(INTERVAL)
    full_text: bool = True

    @property
    def interval(self) -> timedelta:
        return parse_interval(self.every)


@dataclass(frozen=True, slots=True)
class SourceOrigin:
    """What a form is about, kept with its view: a feed that was found, or a source by `name`.

    `pages` are how far the Home page was turned from which it was opened.
    """

    name: str = ""
    feed_url: str = ""
    site: str = ""
    entries: int = 0
    pages: str = ""

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def fits(self) -> bool:
        """Whether Slack can keep it."""
        return len(self.text) <= LONGEST_METADATA


def origin_of(metadata: str) -> SourceOrigin:
    """What a submitted form is about."""
    return SourceOrigin(**json.loads(metadata or "{}"))


def draft_of(source: PolledSource) -> SourceDraft:
    """A source as its form shows it."""
    about = source.source
    return SourceDraft(
        name=about.name,
        kind=about.kind.value,
        country=about.country or "",
        language=about.language or "",
        every=interval_words(source.interval),
        full_text=source.full_text,
    )


def entered_address(values: Values) -> str:
    """The address that was entered, without what stands around it in a message."""
    return str(_state(values, "address").get("value") or "").strip().strip("<>").strip()


def address_problem(address: str) -> str | None:
    """Why what was entered cannot be an address, where that is plain to see."""
    if not address:
        return "Write the address of a feed or of a site."
    if re.search(r"\s", address) or not re.search(r"[.:]", address):
        return "That is no web address; one looks like https://www.un.org/press/en."
    return None


def entered_draft(values: Values) -> SourceDraft:
    """What was entered into the form of a source."""
    ticked = _state(values, FULL_TEXT).get("selected_options") or ()
    return SourceDraft(
        name=_written(values, "name"),
        kind=_chosen(values, "kind"),
        country=_chosen(values, "places"),
        language=_written(values, "language").lower(),
        every=_chosen(values, "every"),
        full_text=bool(ticked),
    )


def draft_problems(draft: SourceDraft, others: Sequence[PolledSource]) -> Problems:
    """What must be put right, one sentence a field; `others` are the sources that it is not."""
    problems: Problems = {}
    if not draft.name:
        problems["name"] = "Give it a name."
    elif len(draft.name) > LONGEST_NAME:
        problems["name"] = f"A name has at most {LONGEST_NAME} characters."
    elif taken := name_taken(draft.name, others):
        problems["name"] = f"Another source is called {taken} already; choose another name."
    if draft.kind not in {kind.value for kind in SourceKind}:
        problems["kind"] = f"Choose one of {', '.join(SourceKind)}."
    if draft.country and not re.fullmatch("[A-Z]{2}", draft.country):
        problems["places"] = "Choose a country from the list."
    if draft.language and not re.fullmatch("[a-z]{2}", draft.language):
        problems["language"] = "A language is a code of two letters, such as fr."
    try:
        parse_interval(draft.every)
    except ValueError as error:
        problems["every"] = str(error)
    return problems


def feed_problem(origin: SourceOrigin, sources: Sequence[PolledSource]) -> str | None:
    """Why a feed that was found cannot be added."""
    if not origin.fits:
        return "The feed's address is too long to be kept."
    return polled_already(origin.feed_url, sources)


def added_source(
    draft: SourceDraft, origin: SourceOrigin, added_by: str, now: datetime
) -> PolledSource:
    """The polled source that a draft without problems becomes."""
    return PolledSource(
        _source(draft, origin.site or origin.feed_url),
        origin.feed_url,
        draft.interval,
        draft.full_text,
        added_by=added_by,
        added_at=now,
    )


def changed_source(draft: SourceDraft, stored: PolledSource) -> PolledSource:
    """A stored source with what a draft without problems says of it."""
    return replace(
        stored,
        source=_source(draft, stored.source.url),
        interval=draft.interval,
        full_text=draft.full_text,
    )


def _source(draft: SourceDraft, url: str | None) -> Source:
    return Source(
        name=draft.name,
        url=url,
        kind=SourceKind(draft.kind),
        country=draft.country or None,
        language=draft.language or None,
    )


def _state(values: Values, name: str) -> Mapping[str, Any]:
    return values.get(name, {}).get(f"{ACTION}{name}", {})


def _written(values: Values, name: str) -> str:
    return " ".join(str(_state(values, name).get("value") or "").split())


def _chosen(values: Values, name: str) -> str:
    option = _state(values, name).get("selected_option") or {}
    return str(option.get("value") or "")


MOST_SHOWN = 60
_TROUBLE = (Failing, Gone)


def check_view(title: str, reports: Sequence[SourceReport], now: datetime) -> dict[str, Any]:
    """A modal that says of each source what became of it; `now` is in the reader's zone."""
    return note_view(title, check_lines(reports, now))


def check_messages(reports: Sequence[SourceReport], now: datetime) -> list[Message]:
    """The same as messages."""
    lines = check_lines(reports, now)
    notice = escape("".join(str(element["text"]) for element in lines[0]))
    return [Message(notice, tuple(held)) for held in in_messages(paragraphs(lines))]


def check_lines(reports: Sequence[SourceReport], now: datetime) -> list[list[Element]]:
    """First a count where there are several, then those that failed, then the others."""
    failed = [one for one in reports if isinstance(one.outcome, _TROUBLE)]
    lines: list[list[Element]] = []
    if len(reports) != 1:
        read = f"{len(reports) - len(failed)} of {counted(len(reports), 'source')} read."
        new = sum(one.receipt.new for one in reports)
        lines.append([words(f"{read} {counted(new, 'new article')}.", bold=True)])
    ordered = [*failed, *(one for one in reports if one not in failed)]
    lines += [
        [words(excerpt(one.name, 120), bold=True), words(f" · {state(one, now)}")]
        for one in ordered[:MOST_SHOWN]
    ]
    left = len(ordered) - MOST_SHOWN
    if left > 0:
        lines.append([words(f"… and {left} more.", italic=True)])
    return lines


def state(report: SourceReport, now: datetime) -> str:
    """What became of one source."""
    outcome = report.outcome
    match outcome:
        case Failing():
            again = moment_words(outcome.retry_at.astimezone(now.tzinfo), now)
            return f"could not be read: {excerpt(outcome.reason, 300)}. Asked again {again}."
        case Gone():
            reason = excerpt(outcome.reason, 300)
            return f"gone for good: {reason}. Remove it, or resume it to ask again."
        case Moved():
            said = f"moved to {excerpt(outcome.to, 300)}, {outcome.found.health}"
        case _:
            said = outcome.health.value
    counts = (
        (report.receipt.new, "new"),
        (report.receipt.updated, "updated"),
        (report.teasers, "only as teasers"),
        (report.waiting, "left for the next poll"),
    )
    # An answer that nothing changed brings no entries that could be counted.
    entries = [counted(report.entries, "entry", "entries")] if report.entries else []
    told = [f"{count} {word}" for count, word in counts if count]
    return f"{', '.join([said, *entries, *told])}."


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
