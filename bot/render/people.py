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
from bot.render.answers import plain_message
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
    plain,
    words,
)
from bot.render.catalogues import N_, comma, dated, framed, gettext, ngettext
from bot.render.wording import excerpt, isolated, listed_words, safe

REASON = "feedback_reason"
"""Callback id of the modal that asks for a reason."""
REASONS = {
    "wrong": N_("It is wrong"),
    "not asked": N_("It is not what I asked"),
    "missing": N_("Something is missing"),
    "source": N_("A source is bad"),
    "too long": N_("It is too long"),
}
"""What is most often the matter, by the value of its radio button."""
WHAT_WAS_WRONG = N_("What was the matter? Whoever runs me reads it, without your name.")
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
    options = [{"text": plain(gettext(label)), "value": value} for value, label in REASONS.items()]
    return {
        "type": "modal",
        "callback_id": REASON,
        "title": plain(gettext("Not helpful")),
        "submit": plain(gettext("Send")),
        "close": plain(gettext("Skip")),
        "notify_on_close": True,
        "private_metadata": json.dumps(asdict(judged)),
        "blocks": [
            paragraph([words(framed(gettext(WHAT_WAS_WRONG)))]),
            {
                "type": "input",
                "block_id": _CHOICE,
                "optional": True,
                "label": plain(gettext("Reason")),
                "element": {"type": "radio_buttons", "action_id": _CHOICE, "options": options},
            },
            {
                "type": "input",
                "block_id": _WORDS,
                "optional": True,
                "label": plain(gettext("In your own words")),
                "element": {
                    "type": "plain_text_input",
                    "action_id": _WORDS,
                    "multiline": True,
                    "max_length": LONGEST_WORDS,
                    "placeholder": plain(gettext("For example: the figure is of last year")),
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
    blocks = [paragraph([words(framed(gettext("Feedback")), bold=True)]), context(" · ".join(told))]
    blocks += paragraphs([[words(reason_words(one))] for one in latest], bullets=True)
    return blocks


def count_line(counts: FeedbackCounts) -> str:
    """ "12 helpful, 3 not helpful"."""
    helpful, unhelpful = f"{counts.helpful:,}", f"{counts.not_helpful:,}"
    said = gettext("{helpful} helpful, {unhelpful} not helpful")
    return said.format(helpful=helpful, unhelpful=unhelpful)


def reason_words(one: GivenReason) -> str:
    """A reason and the question it is about, in one line."""
    question = excerpt(safe(one.question), LONGEST_QUESTION)
    when = isolated(dated(one.at, "%-d %b"))
    return f"{isolated(safe(one.reason))} — {isolated(f'“{question}”')} ({when})"


FORGET_ME = "forget_me"
"""Action id of the button that deletes what is kept about whoever clicks it."""
NOTHING = N_("I keep nothing about you.")
ALREADY = N_("Nothing was kept about you any more.")


def forget_question(kept: PersonalData) -> Message:
    """What is kept, with the button that deletes it; in one line where nothing is."""
    if not kept.any:
        return plain_message(gettext(NOTHING))
    title, ask = gettext("What I keep about you"), gettext("Delete it? It cannot be undone.")
    blocks = [_bold(title), *_list(_private(kept))]
    asked = [ask]
    if kept.digests or kept.watches:
        asked.append(gettext("Your digests and alerts end."))
    if shared := _shared(kept):
        blocks += [paragraph([words(framed(gettext("And your name on:")))]), *_list(shared)]
        asked.append(gettext("What your name is on stays, without the name."))
    blocks.append(paragraph([words(framed(" ".join(asked)))]))
    blocks.append(actions([_danger()]))
    return Message(f"{title}. {ask}", tuple(blocks))


def forgotten(found: PersonalData) -> Message:
    """What was deleted, and what stays and why."""
    if not found.any:
        return plain_message(gettext(ALREADY))
    blocks: list[Block] = []
    if private := _private(found):
        blocks += [_bold(gettext("Deleted")), *_list(private)]
    if shared := _shared(found, why=True):
        blocks += [_bold(gettext("Kept, without your name")), *_list(shared)]
    stays = gettext("What we wrote to each other stands in Slack until it is deleted there.")
    blocks.append(context(framed(stays)))
    return Message(gettext("Deleted what I kept about you."), tuple(blocks))


def conversation_forgotten(turns: int, *, shared: bool) -> Message:
    """That a conversation is forgotten, or that there was nothing to forget."""
    if not turns:
        nothing = gettext("I keep nothing of this conversation.")
        if shared:
            nothing = gettext("I keep nothing that you asked in this thread.")
        more = gettext(
            "Write “{thread}” in the thread that you mean; “{all}” deletes all that I keep about "
            "you."
        ).format(thread="forget this conversation", all="forget me")
        return plain_message(framed(f"{nothing} {more}"))
    if shared:
        done = ngettext(
            "Forgotten: {count} answer that you asked for here; what others asked stays.",
            "Forgotten: {count} answers that you asked for here; what others asked stays.",
            turns,
        )
    else:
        done = ngettext(
            "Forgotten: {count} answer of this conversation.",
            "Forgotten: {count} answers of this conversation.",
            turns,
        )
    stands = gettext(
        "The messages stand in Slack until they are deleted there, but can no longer be asked "
        "about."
    )
    return plain_message(framed(f"{done} {stands}"))


def kept_lines(kept: PersonalData) -> list[str]:
    """What is kept of somebody, for a terminal."""
    named = (gettext("the name on {what}", what=line) for line in _shared(kept))
    return [*_private(kept), *named]


def _private(held: PersonalData) -> list[str]:
    """What is the person's alone."""
    found = []
    if held.turns:
        found.append(
            ngettext(
                "{count} answer or report that nobody else could read, with what was asked",
                "{count} answers and reports that nobody else could read, with what was asked",
                held.turns,
            )
        )
    digests = ngettext("{count} digest", "{count} digests", held.digests) if held.digests else ""
    watches = ngettext("{count} watch", "{count} watches", held.watches) if held.watches else ""
    if setups := listed_words(filter(None, (digests, watches))):
        found.append(gettext("{setups}, with their time zone", setups=setups))
    if held.mutes:
        found.append(ngettext("{count} muted story", "{count} muted stories", held.mutes))
    if held.feedback:
        found.append(
            ngettext("feedback on {count} answer", "feedback on {count} answers", held.feedback)
        )
    if held.postings:
        found.append(
            ngettext(
                "{count} record of digests and alerts that were sent",
                "{count} records of digests and alerts that were sent",
                held.postings,
            )
        )
    if held.messages:
        found.append(
            ngettext(
                "who sent me {count} message in the last two days",
                "who sent me {count} messages in the last two days",
                held.messages,
            )
        )
    return found


def _shared(held: PersonalData, *, why: bool = False) -> list[str]:
    """What others go on using, or must be able to look up; with the reason, if wanted."""
    told = (
        (
            held.channel_turns,
            ngettext(
                "{count} answer in channels", "{count} answers in channels", held.channel_turns
            ),
            gettext("others read on from there"),
        ),
        (
            held.setups,
            ngettext(
                "{count} digest, watch or source set up for a channel or for all",
                "{count} digests, watches or sources set up for a channel or for all",
                held.setups,
            ),
            gettext("others get them"),
        ),
        (
            held.entries,
            ngettext(
                "{count} entry of the audit trail",
                "{count} entries of the audit trail",
                held.entries,
            ),
            gettext("it must stay complete, and now says “{somebody}”", somebody=SOMEBODY),
        ),
    )
    return [f"{line}: {reason}" if why else line for count, line, reason in told if count]


def _danger() -> Element:
    confirm = {
        "title": plain(gettext("Delete all of it?")),
        "text": plain(gettext("This cannot be undone.")),
        "confirm": plain(gettext("Delete all of it")),
        "deny": plain(gettext("Keep it")),
        "style": "danger",
    }
    delete = button(gettext("Delete all of it"), FORGET_ME, FORGET_ME)
    return {**delete, "style": "danger", "confirm": confirm}


def _list(lines: list[str]) -> list[Block]:
    return paragraphs([[words(framed(line))] for line in lines], bullets=True)


def _bold(text: str) -> Block:
    return paragraph([words(framed(text), bold=True)])


TITLE = N_("Not for this account")


def refusal_modal(text: str) -> dict[str, Any]:
    """A modal that says in one sentence why nothing is done."""
    return note_view(gettext(TITLE), [[words(framed(text))]])


READ_LINKS, KNOWN_OF, ADD_FILES = "link:read", "link:known", "file:add"
"""Actions of the buttons; their value is addresses, one address, or ids of files, a line each."""
_READABLE = (".pdf", ".txt", ".md", ".html", ".htm")
_LONGEST_NAME = 80


def attached_message(files: Sequence[tuple[str, str]], links: Sequence[str]) -> Message:
    """What can be done with files, each an id and a name; where there are none, with addresses."""
    if files:
        readable = [one for one in files if one[1].lower().endswith(_READABLE)]
        lines, buttons = _of_files(files, readable)
    else:
        alone = len(links) == 1
        line = gettext("What should I do with this address?")
        lines = [line if alone else gettext("What should I do with these addresses?")]
        value = "\n".join(links)
        fits = len(value) <= LONGEST_VALUE
        read = gettext("Read it") if alone else gettext("Read them")
        buttons = [button(read, READ_LINKS, value)] if fits else []
        if fits and alone:
            buttons.append(button(gettext("What do we know about it?"), KNOWN_OF, value))
    shown = [paragraph([words(framed(line))]) for line in lines]
    return Message(escape(lines[0]), (*shown, *([actions(buttons)] if buttons else ())))


def _of_files(
    files: Sequence[tuple[str, str]], readable: Sequence[tuple[str, str]]
) -> tuple[list[str], list[Element]]:
    unnamed = gettext("unnamed")
    every = (f"“{excerpt(safe(name), _LONGEST_NAME) or unnamed}”" for _, name in files)
    names = f"{comma()} ".join(map(isolated, every))
    if not readable:
        text = ngettext(
            "I read PDF, text, Markdown and HTML: {names} is left unread.",
            "I read PDF, text, Markdown and HTML: {names} are left unread.",
            len(files),
            names=names,
        )
        return [text], []
    wanted = readable if len(readable) < len(files) else files
    text = ngettext(
        "{names} is not read unless you add it; then everybody who may ask me finds what it says.",
        "{names} are not read unless you add them; then everybody who may ask me finds what it "
        "says.",
        len(files),
        names=names,
    )
    if len(wanted) != len(files):
        text += f" {gettext('Of them I can read {count}.', count=len(wanted))}"
    ids = "\n".join(identity for identity, _ in wanted)
    return [text], [button(gettext("Add to corpus"), ADD_FILES, ids)]
