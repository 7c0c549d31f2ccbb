"""The form of a digest: when it comes, what it is on, where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.home.forms import DIGEST_FORM, DigestDraft
from bot.rendering import form_inputs as inputs
from bot.rendering.rich_text import Block, Element
from bot.requests.clock import DAY_NAMES
from bot.requests.digests import MOST_LENGTH
from bot.requests.subjects import subject_name
from bot.requests.zones import zone_label

LENGTHS = (*range(1, 11), 12, 15, MOST_LENGTH)
TO_ME = "To me, as a direct message"


def digest_form(
    draft: DigestDraft, metadata: str, *, new: bool, notice: Sequence[Sequence[Element]] = ()
) -> dict[str, Any]:
    """The form with what a draft holds in it."""
    return inputs.form_view(
        DIGEST_FORM, "New digest" if new else "Edit digest", _fields(draft), metadata, notice
    )


def _fields(draft: DigestDraft) -> list[Block]:
    lengths = sorted({*LENGTHS, draft.length})
    return [
        inputs.field("at", "Time", inputs.clock(draft.at)),
        inputs.field(
            "zone",
            "Time zone",
            inputs.suggested_one((draft.zone, zone_label(draft.zone)), "Search a city or zone"),
            "A change of the clocks there moves the digest with it.",
        ),
        inputs.field("days", "Days", inputs.boxes(DAY_NAMES.items(), draft.days or ())),
        inputs.field(
            "topics",
            "Topics",
            inputs.written(inputs.as_list(draft.topics), "Security Council, fisheries"),
            "Separated by commas. Leave topics and countries empty for everything.",
            optional=True,
        ),
        inputs.field(
            "places",
            "Countries",
            inputs.suggested([(one, subject_name(one)) for one in draft.places], "Any country"),
            optional=True,
        ),
        inputs.field(
            "sources",
            "Only from these sources",
            inputs.suggested([(one, one) for one in draft.sources], "Any source"),
            optional=True,
        ),
        inputs.field(
            "length",
            "Stories at most",
            inputs.one_of(
                [(str(n), f"{n} {'story' if n == 1 else 'stories'}") for n in lengths],
                str(draft.length),
            ),
        ),
        channel_field(draft.channel),
        inputs.field(
            "paused",
            "Pause",
            inputs.boxes([("paused", "Send nothing for now")], ("paused",) if draft.paused else ()),
            optional=True,
        ),
    ]


def channel_field(channel: str | None) -> Block:
    """Where a digest or a watch's alerts go."""
    return inputs.field(
        "channel",
        "Channel",
        inputs.conversation(channel, TO_ME),
        "Leave it empty to get it yourself, as a direct message. In a channel I must be a member.",
        optional=True,
    )
