"""Forgetting in Slack: what is kept about somebody, and what became of it. Pure."""

from __future__ import annotations

from bot.people.forgetting import SOMEBODY, PersonalData
from bot.rendering.rich_text import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    escape,
    paragraph,
    paragraphs,
    words,
)
from bot.rendering.wording import counted

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
        "title": _plain("Delete all of it?"),
        "text": _plain("This cannot be undone."),
        "confirm": _plain("Delete all of it"),
        "deny": _plain("Keep it"),
        "style": "danger",
    }
    delete = button("Delete all of it", FORGET_ME, FORGET_ME)
    return {**delete, "style": "danger", "confirm": confirm}


def _list(lines: list[str]) -> list[Block]:
    return paragraphs([[words(line)] for line in lines], bullets=True)


def _line(text: str) -> Message:
    return Message(escape(text), (paragraph([words(text)]),))


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
