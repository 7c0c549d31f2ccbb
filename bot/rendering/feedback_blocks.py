"""Feedback in Slack: the row under an answer, the modal that asks why, what admins see of it. Pure.

feedback_buttons(turn) ─ not helpful ─▶ reason_view ─ submitted ─▶ given_reason
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.people.feedback import FeedbackCounts, GivenReason
from bot.rendering.rich_text import Block, Message, context, paragraph, paragraphs, words
from bot.rendering.wording import excerpt, safe

FEEDBACK = "feedback"
"""Action id of the two buttons; their value is the verdict and the turn."""
REASON = "feedback_reason"
"""Callback id of the modal that asks for a reason."""
HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
REASONS = {
    "wrong": "It is wrong",
    "not asked": "It is not what I asked",
    "missing": "Something is missing",
    "source": "A source is bad",
    "too long": "It is too long",
}
"""What is most often the matter, by the value of its radio button."""
LONGEST_WORDS = 500
LONGEST_QUESTION = 120
_CHOICE, _WORDS = "choice", "words"


@dataclass(frozen=True, slots=True)
class Judged:
    """The turn that is judged, and where whoever judges it reads it.

    With a `response_url` it was shown to that person alone.
    """

    turn_id: str
    channel: str
    thread: str | None = None
    response_url: str | None = field(default=None, repr=False)


def feedback_buttons(turn_id: str) -> Block:
    """The row of the two buttons under what was posted."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": _half(HELPFUL, "Helpful", "This was helpful", turn_id),
                "negative_button": _half(
                    NOT_HELPFUL,
                    "Not helpful",
                    "This was not helpful; says why if you like",
                    turn_id,
                ),
            }
        ],
    }


def with_feedback(messages: Sequence[Message], turn_id: str) -> list[Message]:
    """Messages with the row under the last; it fits, since Slack takes more than we fill."""
    *before, last = messages
    return [*before, Message(last.text, (*last.blocks, feedback_buttons(turn_id)))]


def clicked_verdict(value: str) -> tuple[bool, str] | None:
    """Whether the button of that value says helpful, and of which turn; None for no such value."""
    verdict, _, turn_id = value.partition(":")
    if verdict not in (HELPFUL, NOT_HELPFUL) or not turn_id:
        return None
    return verdict == HELPFUL, turn_id


def reason_view(judged: Judged) -> dict[str, Any]:
    """The modal that asks why something was not helpful; nothing in it must be filled in."""
    options = [
        {"text": {"type": "plain_text", "text": label}, "value": value}
        for value, label in REASONS.items()
    ]
    return {
        "type": "modal",
        "callback_id": REASON,
        "title": _plain("Not helpful"),
        "submit": _plain("Send"),
        "close": _plain("Skip"),
        "notify_on_close": True,
        "private_metadata": json.dumps(asdict(judged)),
        "blocks": [
            paragraph([words("What was the matter? Whoever runs me reads it, without your name.")]),
            {
                "type": "input",
                "block_id": _CHOICE,
                "optional": True,
                "label": _plain("Reason"),
                "element": {"type": "radio_buttons", "action_id": _CHOICE, "options": options},
            },
            {
                "type": "input",
                "block_id": _WORDS,
                "optional": True,
                "label": _plain("In your own words"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": _WORDS,
                    "multiline": True,
                    "max_length": LONGEST_WORDS,
                    "placeholder": _plain("For example: the figure is of last year"),
                },
            },
        ],
    }


def judged_in(view: Mapping[str, Any]) -> Judged:
    """What a modal that was submitted or closed is about."""
    return Judged(**json.loads(str(view["private_metadata"])))


def given_reason(view: Mapping[str, Any]) -> str | None:
    """The reason in a submitted modal: "A source is bad: the link is dead", or one half of it."""
    held = view["state"]["values"]
    chosen = (held.get(_CHOICE, {}).get(_CHOICE) or {}).get("selected_option") or {}
    written = (held.get(_WORDS, {}).get(_WORDS) or {}).get("value") or ""
    label = REASONS.get(str(chosen.get("value") or ""), "")
    parts = [part for part in (label, " ".join(str(written).split())) if part]
    return ": ".join(parts) or None


def feedback_summary_blocks(
    counts: Mapping[str, FeedbackCounts], latest: Sequence[GivenReason]
) -> list[Block]:
    """What admins see of feedback: counts by the words for their time, then the newest reasons."""
    told = [f"{when[:1].upper()}{when[1:]}: {count_line(held)}" for when, held in counts.items()]
    blocks = [paragraph([words("Feedback", bold=True)]), context(" · ".join(told))]
    blocks += paragraphs([_reason_line(one) for one in latest], bullets=True)
    return blocks


def count_line(counts: FeedbackCounts) -> str:
    """ "12 helpful, 3 not helpful"."""
    return f"{counts.helpful:,} helpful, {counts.not_helpful:,} not helpful"


def reason_words(one: GivenReason) -> str:
    """A reason and the question it is about, in one line."""
    question = excerpt(safe(one.question), LONGEST_QUESTION)
    return f"{safe(one.reason)} — “{question}” ({one.at:%-d %b})"


def _reason_line(one: GivenReason) -> list[dict[str, Any]]:
    return [words(reason_words(one))]


def _half(verdict: str, label: str, spoken: str, turn_id: str) -> dict[str, Any]:
    return {
        "text": _plain(label),
        "accessibility_label": spoken,
        "value": f"{verdict}:{turn_id}",
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
