"""What the forms of sources mean: what was found or entered, and the source that it becomes. Pure.

    address ─▶ found feed ─▶ SourceDraft, shown for correction ─▶ entered ─▶ problems | Source

Fields are named by their block id, as in `bot.home.forms`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.home.forms import ACTION
from bot.sources.changes import interval_words, name_taken, polled_already
from corpus.articles import Source, SourceKind
from corpus.feeds.opml import LONGEST_NAME
from corpus.feeds.polling import INTERVAL, PolledSource, parse_interval

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
