"""The form of a watch: what to look for, when to keep quiet, where alerts go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.home.form_problems import MOST_ALERTS
from bot.home.forms import WATCH_FORM, WatchDraft
from bot.rendering import form_inputs as inputs
from bot.rendering.digest_form import channel_field
from bot.rendering.rich_text import Block, Element
from bot.requests.subjects import subject_name
from bot.requests.zones import zone_label
from corpus.articles import SourceKind


def watch_form(
    draft: WatchDraft, metadata: str, *, new: bool, notice: Sequence[Sequence[Element]] = ()
) -> dict[str, Any]:
    """The form with what a draft holds in it."""
    fields = [*_looked_for(draft), *_told(draft)]
    title = "New watch" if new else "Edit watch"
    return inputs.form_view(WATCH_FORM, title, fields, metadata, notice)


def _looked_for(draft: WatchDraft) -> list[Block]:
    return [
        inputs.field(
            "name",
            "Name",
            inputs.written(draft.name, "Gharyan"),
            "Left empty, it is called after what it looks for.",
            optional=True,
        ),
        inputs.field(
            "words",
            "Words",
            inputs.written(inputs.as_list(draft.words), "Haftar, ceasefire talks"),
            "Separated by commas; one of them must fit, to the letter or in meaning.",
            optional=True,
        ),
        inputs.field(
            "aliases",
            "Also called",
            inputs.written(inputs.as_list(draft.aliases), "Hifter, Hafter"),
            "Other spellings, matched to the letter.",
            optional=True,
        ),
        inputs.field(
            "actors",
            "Who must be named",
            inputs.written(inputs.as_list(draft.actors), "António Guterres"),
            optional=True,
        ),
        inputs.field(
            "places",
            "Countries",
            inputs.suggested([(one, subject_name(one)) for one in draft.places], "Any country"),
            "The article must speak of one of them.",
            optional=True,
        ),
        inputs.field(
            "sources",
            "Only from these sources",
            inputs.suggested([(one, one) for one in draft.sources], "Any source"),
            optional=True,
        ),
        inputs.field(
            "kinds",
            "Only from these kinds of source",
            inputs.boxes([(one.value, one.value) for one in SourceKind], draft.kinds),
            "None ticked means all.",
            optional=True,
        ),
    ]


def _told(draft: WatchDraft) -> list[Block]:
    return [
        inputs.field(
            "quiet_from",
            "Quiet from",
            inputs.clock(draft.quiet_from, "No quiet hours"),
            optional=True,
        ),
        inputs.field(
            "quiet_to",
            "Quiet until",
            inputs.clock(draft.quiet_to, "No quiet hours"),
            "What comes in between waits until then. Twice the same time means no quiet hours.",
            optional=True,
        ),
        inputs.field(
            "zone",
            "Time zone",
            inputs.suggested_one((draft.zone, zone_label(draft.zone)), "Search a city or zone"),
        ),
        inputs.field(
            "daily_cap",
            "Alerts a day at most",
            inputs.number(draft.daily_cap, 1, MOST_ALERTS),
        ),
        channel_field(draft.channel),
        inputs.field(
            "paused",
            "Pause",
            inputs.boxes(
                [("paused", "Send no alerts for now")], ("paused",) if draft.paused else ()
            ),
            optional=True,
        ),
    ]
