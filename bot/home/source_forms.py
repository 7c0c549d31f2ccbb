"""Modals about polled sources, what is entered in them, and what became of sources asked. Pure.

    address ─▶ found feed ─▶ SourceDraft, shown for correction ─▶ entered ─▶ problems | Source

Names and titles of feeds come from the web: they stand in rich text and in fields, never in mrkdwn.
Fields are named by their block id, as in `bot.home.forms`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.commands.intents import subject_name
from bot.commands.service import health_name
from bot.db.audit import interval_in_words, interval_words, name_taken, polled_already
from bot.home.forms import Values, chosen, given, written
from bot.render import blocks as inputs
from bot.render.blocks import (
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
from bot.render.catalogues import (
    ENGLISH,
    N_,
    comma,
    framed,
    gettext,
    ngettext,
    place_in_words,
    reader_language,
)
from bot.render.report_wording import duration_words, moment_words, sources_read
from bot.render.wording import excerpt, isolated, kind_name
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
    return str(given(values, "address").get("value") or "").strip().strip("<>").strip()


def address_problem(address: str) -> str | None:
    """Why what was entered cannot be an address, where that is plain to see."""
    if not address:
        return gettext("Write the address of a feed or of a site.")
    if re.search(r"\s", address) or not re.search(r"[.:]", address):
        return gettext("That is no web address; one looks like https://www.un.org/press/en.")
    return None


def entered_draft(values: Values) -> SourceDraft:
    """What was entered into the form of a source."""
    ticked = given(values, FULL_TEXT).get("selected_options") or ()
    return SourceDraft(
        name=written(values, "name"),
        kind=chosen(values, "kind"),
        country=chosen(values, "places"),
        language=written(values, "language").lower(),
        every=chosen(values, "every"),
        full_text=bool(ticked),
    )


def draft_problems(draft: SourceDraft, others: Sequence[PolledSource]) -> Problems:
    """What must be put right, one sentence a field; `others` are the sources that it is not."""
    problems: Problems = {}
    if not draft.name:
        problems["name"] = gettext("Give it a name.")
    elif len(draft.name) > LONGEST_NAME:
        problems["name"] = gettext("A name has at most {count} characters.", count=LONGEST_NAME)
    elif taken := name_taken(draft.name, others):
        problems["name"] = gettext(
            "Another source is called {name} already; choose another name.", name=isolated(taken)
        )
    if draft.kind not in {kind.value for kind in SourceKind}:
        problems["kind"] = gettext(
            "Choose one of {kinds}.", kinds=f"{comma()} ".join(map(kind_name, SourceKind))
        )
    if draft.country and not re.fullmatch("[A-Z]{2}", draft.country):
        problems["places"] = gettext("Choose a country from the list.")
    if draft.language and not re.fullmatch("[a-z]{2}", draft.language):
        problems["language"] = gettext("A language is a code of two letters, such as fr.")
    try:
        parse_interval(draft.every)
    except ValueError as error:
        problems["every"] = str(error)
    return problems


def feed_problem(origin: SourceOrigin, sources: Sequence[PolledSource]) -> str | None:
    """Why a feed that was found cannot be added."""
    if not origin.fits:
        return gettext("The feed's address is too long to be kept.")
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
    about = _source(draft, stored.source.url)
    return replace(stored, source=about, interval=draft.interval, full_text=draft.full_text)


def _source(draft: SourceDraft, url: str | None) -> Source:
    kind, country, language = SourceKind(draft.kind), draft.country or None, draft.language or None
    return Source(name=draft.name, url=url, kind=kind, country=country, language=language)


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
        read = sources_read(len(reports) - len(failed), len(reports))
        new = ngettext(
            "{count} new article", "{count} new articles", sum(one.receipt.new for one in reports)
        )
        lines.append([words(framed(f"{read}. {new}."), bold=True)])
    ordered = [*failed, *(one for one in reports if one not in failed)]
    lines += [
        [words(framed(isolated(excerpt(one.name, 120))), bold=True), words(f" · {state(one, now)}")]
        for one in ordered[:MOST_SHOWN]
    ]
    left = len(ordered) - MOST_SHOWN
    if left > 0:
        lines.append([words(framed(gettext("… and {count} more.", count=left)), italic=True)])
    return lines


def state(report: SourceReport, now: datetime) -> str:
    """What became of one source."""
    outcome = report.outcome
    match outcome:
        case Failing():
            again = moment_words(outcome.retry_at.astimezone(now.tzinfo), now)
            said = gettext("could not be read: {reason}. Asked again {moment}.")
            return said.format(reason=isolated(excerpt(outcome.reason, 300)), moment=again)
        case Gone():
            return gettext(
                "gone for good: {reason}. Remove it, or resume it to ask again.",
                reason=isolated(excerpt(outcome.reason, 300)),
            )
        case Moved():
            moved = gettext("moved to {address}", address=isolated(excerpt(outcome.to, 300)))
            said = f"{moved}{comma()} {health_name(outcome.found.health)}"
        case _:
            said = health_name(outcome.health)
    counts = (
        (report.receipt.new, gettext("{count} new")),
        (report.receipt.updated, gettext("{count} updated")),
        (report.teasers, gettext("{count} only as teasers")),
        (report.waiting, gettext("{count} left for the next poll")),
    )
    # An answer that nothing changed brings no entries that could be counted.
    entries = [_entries(report.entries)] if report.entries else []
    told = [said_of.format(count=count) for count, said_of in counts if count]
    return f"{f'{comma()} '.join([said, *entries, *told])}."


def _entries(count: int) -> str:
    return ngettext("{shown} entry", "{shown} entries", count, shown=f"{count:,}")


ADD_TITLE, EDIT_TITLE, SOURCES_TITLE = N_("Add source"), N_("Edit source"), N_("Sources")
REMOVE = "source:remove"
WAITING = N_("This can take a minute or two. What was found is shown here.")
_LONGEST_SHOWN = 300


def add_form(metadata: str, address: str = "") -> dict[str, Any]:
    """The form that asks for an address."""
    asked = inputs.field(
        "address",
        gettext("Address"),
        inputs.written(address, "https://www.un.org/press/en"),
        gettext("A feed, or a site that has one. It is looked at now; nothing is added yet."),
    )
    form = inputs.form_view(ADD_FORM, gettext(ADD_TITLE), [asked], metadata)
    return {**form, "submit": inputs.plain(gettext("Look"))}


def with_problem(form: dict[str, Any], problem: str) -> dict[str, Any]:
    """A form of one field, and what is wrong with it; Slack marks fields only at once."""
    return {
        **form,
        "blocks": [*form["blocks"], paragraph([words(framed(f"⚠️ {problem}"), bold=True)])],
    }


def looking_view(address: str) -> dict[str, Any]:
    """What stands there while an address is looked at."""
    looking = _around(gettext("Looking for a feed at {address}"), address)
    waiting = [words(framed(gettext(WAITING)), italic=True)]
    return inputs.note_view(gettext(ADD_TITLE), [looking, waiting])


def found_form(
    draft: SourceDraft, origin: SourceOrigin, newest: Sequence[str] = ()
) -> dict[str, Any]:
    """The form of a feed that was found; `newest` are titles in it, to recognise it by."""
    entries = _entries(origin.entries)
    lines: list[list[Element]] = [
        _around(gettext("Found a feed with {entries} at"), entries, "{entries}"),
        [words(excerpt(origin.feed_url, _LONGEST_SHOWN))],
    ]
    lines += [[words(f"• {excerpt(title, 120)}", italic=True)] for title in newest]
    form = inputs.form_view(FOUND_FORM, gettext(ADD_TITLE), _fields(draft), origin.text, lines)
    return {**form, "submit": inputs.plain(gettext("Add"))}


def edit_form(draft: SourceDraft, origin: SourceOrigin, feed_url: str) -> dict[str, Any]:
    """The form of a source that is polled; removing it is asked for once more."""
    effect = gettext(
        "It is asked no more. Its articles stay; the command line can withdraw them too: "
        "{command}.",
        command=isolated("chancery sources remove NAME --with-articles"),
    )
    remove = {
        **button(gettext("Remove source"), REMOVE, origin.name),
        "style": "danger",
        "confirm": {
            "title": inputs.plain(gettext("Remove it?")),
            "text": inputs.plain(effect),
            "confirm": inputs.plain(gettext("Remove")),
            "deny": inputs.plain(gettext("Cancel")),
        },
    }
    address = isolated(excerpt(feed_url, _LONGEST_SHOWN))
    polled = [[words(framed(gettext("Polled at {address}", address=address)))]]
    form = inputs.form_view(EDIT_FORM, gettext(EDIT_TITLE), _fields(draft), origin.text, polled)
    return {**form, "blocks": [*form["blocks"], {"type": "divider"}, actions([remove])]}


def note(title: str, *lines: str) -> dict[str, Any]:
    """A modal that only says something, a line each."""
    return inputs.note_view(gettext(title), [[words(framed(line))] for line in lines])


def checking_view(names: Sequence[str]) -> dict[str, Any]:
    """What stands there while sources are polled."""
    asked = names[0]
    if len(names) > 1:
        asked = ngettext("{count} source", "{count} sources", len(names))
    asking = _around(gettext("Asking {sources} …"), asked, "{sources}")
    view = inputs.note_view(gettext(SOURCES_TITLE), [asking])
    later = gettext("What became of it is shown here, and written to you if you close this.")
    return {**view, "blocks": [*view["blocks"], context(framed(later))]}


def _around(said: str, shown: str, field: str = "{address}") -> list[Element]:
    """A line with what is shown in it in bold letters."""
    before, _, after = framed(said).partition(field)
    bold = words(isolated(excerpt(shown, _LONGEST_SHOWN)), bold=True)
    return [*([words(before)] if before else ()), bold, *([words(after)] if after else ())]


def _fields(draft: SourceDraft) -> list[Block]:
    offered = sorted({parse_interval(one) for one in (*INTERVALS, draft.every)})
    every = [(interval_words(one), often(one)) for one in offered]
    country = None
    if draft.country:
        country = (draft.country, place_in_words(draft.country, subject_name(draft.country)))
    return [
        inputs.field(
            "name",
            gettext("Name"),
            inputs.written(draft.name, "UN News"),
            gettext("Stands in every citation of it."),
        ),
        inputs.field(
            "kind",
            gettext("Kind"),
            inputs.one_of([(kind.value, kind_name(kind)) for kind in SourceKind], draft.kind),
            gettext("Stands in every citation too; unknown stays unknown."),
        ),
        inputs.field(
            "places",
            gettext("Country"),
            inputs.suggested_one(country, gettext("None")),
            gettext("Whose source it is."),
            optional=True,
        ),
        inputs.field(
            "language",
            gettext("Language"),
            inputs.written(draft.language, "fr"),
            gettext("Two letters; left empty, each article's own is looked for."),
            optional=True,
        ),
        inputs.field("every", gettext("Asked every"), inputs.one_of(every, draft.every)),
        inputs.field(
            FULL_TEXT,
            gettext("Full text"),
            inputs.boxes(
                [(FULL_TEXT, gettext("Fetch the pages behind teasers"))],
                (FULL_TEXT,) if draft.full_text else (),
            ),
            optional=True,
        ),
    ]


def often(interval: timedelta) -> str:
    """An interval as one says it after "every": "15 minutes", "hour", "2 days"."""
    if reader_language() == ENGLISH:
        return interval_in_words(interval)
    return duration_words(interval)
