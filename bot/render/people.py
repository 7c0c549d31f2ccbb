"""What concerns people as Slack shows it: forgetting, feedback, refusals. Pure.

what is kept about somebody ─▶ the question that is confirmed ─▶ what was deleted
*Not helpful* under an answer ─▶ `reason_view` ─ submitted ─▶ the reason given; admins see counts
somebody who is not answered ─▶ the modal that says so
files and bare addresses that somebody sent ─▶ what can be done with them, as buttons
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.records import SOMEBODY, FeedbackCounts, GivenReason, PersonalData
from bot.render.blocks import (
    HELPFUL,
    LONGEST_VALUE,
    NOT_HELPFUL,
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    escape,
    note_view,
    paragraph,
    paragraphs,
    words,
)
from bot.render.wording import counted, excerpt, safe

REASON = "feedback_reason"
"""Callback id of the modal that asks for a reason."""
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


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


FORGET_ME = "forget_me"
"""Action id of the button that deletes what is kept about whoever clicks it."""
NOTHING = "I keep nothing about you."
ALREADY = "Nothing was kept about you any more."


def forget_question(kept: PersonalData) -> Message:
    """What is kept, with the button that deletes it; in one line where nothing is."""
    if not kept.any:
        return _line(NOTHING)
    blocks = [paragraph([words("What I keep about you", bold=True)]), *_list(_private(kept))]
    if shared := _shared(kept):
        blocks += [paragraph([words("And your name on:")]), *_list(shared)]
    ends = " Your digests and alerts end." if kept.digests or kept.watches else ""
    parted = " What your name is on stays, without the name." if shared else ""
    blocks.append(paragraph([words(f"Delete it? It cannot be undone.{ends}{parted}")]))
    blocks.append(actions([_danger()]))
    return Message("What I keep about you. Delete it? It cannot be undone.", tuple(blocks))


def forgotten(found: PersonalData) -> Message:
    """What was deleted, and what stays and why."""
    if not found.any:
        return _line(ALREADY)
    blocks: list[Block] = []
    if private := _private(found):
        blocks += [paragraph([words("Deleted", bold=True)]), *_list(private)]
    if shared := _shared(found, why=True):
        blocks += [paragraph([words("Kept, without your name", bold=True)]), *_list(shared)]
    blocks.append(context("What we wrote to each other stands in Slack until it is deleted there."))
    return Message("Deleted what I kept about you.", tuple(blocks))


def conversation_forgotten(turns: int, *, shared: bool) -> Message:
    """That a conversation is forgotten, or that there was nothing to forget."""
    if not turns:
        where = "that you asked in this thread" if shared else "of this conversation"
        return _line(
            f"I keep nothing {where}. Write “forget this conversation” in the thread that you "
            "mean; “forget me” deletes all that I keep about you."
        )
    which = "that you asked for here; what others asked stays" if shared else "of this conversation"
    return _line(
        f"Forgotten: {counted(turns, 'answer')} {which}. The messages stand in Slack until they "
        "are deleted there, but can no longer be asked about."
    )


def kept_lines(kept: PersonalData) -> list[str]:
    """What is kept of somebody, for a terminal."""
    return [*_private(kept), *(f"the name on {line}" for line in _shared(kept))]


def _private(held: PersonalData) -> list[str]:
    """What is the person's alone."""
    found = []
    if held.turns:
        said = counted(held.turns, "answer or report", "answers and reports")
        found.append(f"{said} that nobody else could read, with what was asked")
    digests = [counted(held.digests, "digest")] if held.digests else []
    watches = [counted(held.watches, "watch", "watches")] if held.watches else []
    if setups := " and ".join(digests + watches):
        found.append(f"{setups}, with their time zone")
    if held.mutes:
        found.append(counted(held.mutes, "muted story", "muted stories"))
    if held.feedback:
        found.append(f"feedback on {counted(held.feedback, 'answer')}")
    if held.postings:
        found.append(f"{counted(held.postings, 'record')} of digests and alerts that were sent")
    if held.messages:
        found.append(f"who sent me {counted(held.messages, 'message')} in the last two days")
    return found


def _shared(held: PersonalData, *, why: bool = False) -> list[str]:
    """What others go on using, or must be able to look up; with the reason, if wanted."""
    asked = counted(held.channel_turns, "answer")
    made = counted(held.setups, "digest, watch or source", "digests, watches or sources")
    entries = counted(held.entries, "entry", "entries")
    told = (
        (held.channel_turns, f"{asked} in channels", "others read on from there"),
        (held.setups, f"{made} set up for a channel or for all", "others get them"),
        (
            held.entries,
            f"{entries} of the audit trail",
            f"it must stay complete, and now says “{SOMEBODY}”",
        ),
    )
    return [f"{line}: {reason}" if why else line for count, line, reason in told if count]


def _danger() -> Element:
    confirm = {
        "title": _plain_words("Delete all of it?"),
        "text": _plain_words("This cannot be undone."),
        "confirm": _plain_words("Delete all of it"),
        "deny": _plain_words("Keep it"),
        "style": "danger",
    }
    delete = button("Delete all of it", FORGET_ME, FORGET_ME)
    return {**delete, "style": "danger", "confirm": confirm}


def _list(lines: list[str]) -> list[Block]:
    return paragraphs([[words(line)] for line in lines], bullets=True)


def _line(text: str) -> Message:
    return Message(escape(text), (paragraph([words(text)]),))


def _plain_words(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


TITLE = "Not for this account"


def refusal_modal(text: str) -> dict[str, Any]:
    """A modal that says in one sentence why nothing is done."""
    return note_view(TITLE, [[words(text)]])


READ_LINKS, KNOWN_OF, ADD_FILES = "link:read", "link:known", "file:add"
"""Actions of the buttons; their value is addresses, one address, or ids of files, a line each."""
_READABLE = (".pdf", ".txt", ".md", ".html", ".htm")
_LONGEST_NAME = 80


def attached_message(files: Sequence[tuple[str, str]], links: Sequence[str]) -> Message | None:
    """What can be done with files, each an id and a name, or with a message of mere addresses."""
    if files:
        readable = [one for one in files if one[1].lower().endswith(_READABLE)]
        lines, buttons = _of_files(files, readable)
    elif links:
        lines = ["An address alone asks nothing yet." if len(links) == 1 else "Only addresses."]
        value = "\n".join(links)
        fits = len(value) <= LONGEST_VALUE
        buttons = [button("Read it" if len(links) == 1 else "Read them", READ_LINKS, value)]
        buttons = buttons if fits else []
        if fits and len(links) == 1:
            buttons.append(button("What do we know about it?", KNOWN_OF, value))
    else:
        return None
    shown = [paragraph([words(line)]) for line in lines]
    return Message(escape(lines[0]), (*shown, *([actions(buttons)] if buttons else ())))


def _of_files(
    files: Sequence[tuple[str, str]], readable: Sequence[tuple[str, str]]
) -> tuple[list[str], list[Element]]:
    named = [f"“{excerpt(safe(name), _LONGEST_NAME) or 'unnamed'}”" for _, name in files]
    are = "is" if len(files) == 1 else "are"
    if not readable:
        text = f"I do not read pictures, sheets or sound: {', '.join(named)} {are} left unread."
        return [text], []
    wanted = readable if len(readable) < len(files) else files
    which = "" if len(wanted) == len(files) else f" Of them I can read {len(wanted)}."
    text = (
        f"{', '.join(named)} {are} not read unless you add {'it' if len(files) == 1 else 'them'}; "
        f"then everybody who may ask me finds what it says.{which}"
    )
    ids = "\n".join(identity for identity, _ in wanted)
    return [text], [button("Add to corpus", ADD_FILES, ids)]
