"""What Slack's payloads mean. Pure.

    event payload + who we are ─▶ meaning_of ─▶ Asked | Overheard | Ignored(reason)
    click on a button that stands for a sentence ─▶ meaning_of_click ─▶ Asked | Ignored
    shortcut on a message ─▶ chosen_of ─▶ Chosen: who, where, on which message
    any request ─▶ actor_of ─▶ Actor: who did what and how they can be told something, or None
                               where no person did anything
    message ─┬─ text_of ──▶ text, list items and quotations on lines of their own
             └─ links_of ─▶ web addresses in their order, Slack's own left out

Slack's clients send rich text; apps send sections, attachments or bare mrkdwn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Any

from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url, host_of

_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?P<target>(?:https?|mailto):[^>|]+)(?:\|(?P<label>[^>]*))?>")
_CHANNEL = re.compile(r"<#[CG][A-Z0-9]+(?:\|(?P<name>[^>]*))?>")
_SPECIAL = re.compile(r"<![^>]*>")
_IN_A_CHANNEL = ("slack#/types/channel_id", "slack#/types/message_context")
_MOST_SENT = 10
"""Addresses and files of one message that are looked at."""


class Place(StrEnum):
    CHANNEL = "channel"
    DIRECT = "direct message"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace."""

    user: str
    bot: str | None
    team: str | None
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that somebody put to us.

    `reply_to` is the thread to answer in, `ts` the message itself; `key` is the same for every
    delivery of the message, whichever event brought it. `clicked` is the moment of the click
    where it was a button of that message that stood for the words. With a `response_url` the
    reply is for whoever asked alone. A `question` is one, whatever its text reads like. `links` are
    the addresses of a message, `files` the id and name of each that came with it, `beside` the
    channel that its author had before their eyes.
    """

    place: Place
    channel: str
    user: str
    text: str
    ts: str
    reply_to: str | None
    clicked: str | None = None
    response_url: str | None = field(default=None, repr=False)
    team: str | None = None
    question: bool = False
    links: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    beside: str | None = None

    @property
    def key(self) -> str:
        if self.clicked is not None:
            return f"click:{self.channel}:{self.ts}:{self.clicked}"
        return f"message:{self.channel}:{self.ts}"

    @property
    def conversation(self) -> str:
        """Where earlier turns of the same talk are kept: the thread, or the direct message.

        What is said to one person in a channel is a talk of its own.
        """
        if self.response_url is not None:
            return f"{self.channel}:alone:{self.user}"
        return f"{self.channel}:{self.reply_to or 'direct'}"


@dataclass(frozen=True, slots=True)
class Overheard:
    """What somebody wrote in a channel's thread without mentioning us: it may be for us.

    `asked` is what it asks if it is; `calls_others` tells whether it mentions anybody else.
    """

    asked: Asked
    calls_others: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is not for us, and why."""

    reason: str


def meaning_of(event: Mapping[str, Any], me: Identity) -> Asked | Overheard | Ignored:
    """What a `message` or `app_mention` event asks of us.

    A mention comes as both; they have one key, so that either of them may get lost.
    """
    event = as_it_reads(event, me)
    if reason := _not_from_a_person(event, me):
        return Ignored(reason)
    direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    written = str(event.get("text") or "")
    mentioned = {match["id"] for match in _MENTION.finditer(written)}
    for_us = direct or event.get("type") == "app_mention" or me.user in mentioned
    ts = str(event["ts"])
    thread = event.get("thread_ts")
    if not for_us and not (thread and str(thread) != ts):
        return Ignored("a channel message without a mention")
    asked = Asked(
        place=Place.DIRECT if direct else Place.CHANNEL,
        channel=str(event["channel"]),
        user=str(event["user"]),
        text=plain_question(written, me),
        ts=ts,
        # In an agent's direct messages each message that stands in no thread begins one.
        reply_to=str(thread or ts),
        team=event.get("user_team") or event.get("team") or me.team,
        links=tuple(links_of(event)[:_MOST_SENT]),
        files=_files(event),
        beside=channel_in_view(event.get("app_context")),
    )
    if for_us:
        return asked
    return Overheard(asked, bool(mentioned - {me.user}) or bool(_SPECIAL.search(written)))


def as_it_reads(event: Mapping[str, Any], me: Identity) -> Mapping[str, Any]:
    """The message itself where an edit in a channel first mentions us; any other event as it is.

    https://docs.slack.dev/reference/events/message/message_changed has the message as it reads now
    and as it read before: who adds the mention that they forgot means us now.
    """
    now, before = _part(event, "message"), _part(event, "previous_message")
    us, channel = f"<@{me.user}", str(event.get("channel") or "")
    if event.get("subtype") != "message_changed" or channel.startswith("D"):
        return event
    if us not in str(now.get("text") or "") or not before or us in str(before.get("text") or us):
        return event
    kept = {name: held for name, held in now.items() if name != "edited"}
    return {**kept, "channel": channel, "channel_type": event.get("channel_type")}


def meaning_of_click(
    body: Mapping[str, Any], action: Mapping[str, Any], me: Identity
) -> Asked | Ignored:
    """What a click on a button asks that stands for a sentence: the button's value.

    It is answered where the button stands: in its thread, or in one under it.
    """
    user = body.get("user") or {}
    container, message = body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ts = str(message.get("ts") or container.get("message_ts") or "")
    if not (user.get("id") and channel and ts):
        return Ignored("a click outside of a message")
    thread = message.get("thread_ts") or container.get("thread_ts")
    # What was shown to one person alone goes on alone.
    alone = bool(container.get("is_ephemeral")) and bool(body.get("response_url"))
    direct = channel.startswith("D") or alone
    return Asked(
        place=Place.DIRECT if direct else Place.CHANNEL,
        channel=channel,
        user=str(user["id"]),
        text=" ".join(str(action.get("value") or "").split()),
        ts=ts,
        reply_to=str(thread or ts),
        clicked=str(action.get("action_ts") or ""),
        response_url=str(body["response_url"]) if alone else None,
        team=user.get("team_id") or me.team,
    )


def plain_question(text: str, me: Identity) -> str:
    """Message text as its author sees it, without the mention of us."""
    text = _MENTION.sub(lambda match: "" if match["id"] == me.user else match.group(), text)
    text = _LINK.sub(lambda match: match["label"] or match["target"], text)
    text = _CHANNEL.sub(lambda match: f"#{match['name'] or ''}", text)
    text = _SPECIAL.sub("", text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(text.split())


def channel_in_view(context: Any) -> str | None:
    """The channel that somebody has before their eyes, or that of the message; None for none.

    https://docs.slack.dev/reference/events/app_context_changed: the most relevant first. What is
    written to an agent directly carries the same as `app_context`.
    """
    for entity in _listed(context, "entities") if isinstance(context, Mapping) else ():
        value = entity.get("value")
        value = value.get("channel_id") if isinstance(value, Mapping) else value
        if entity.get("type") in _IN_A_CHANNEL and isinstance(value, str):
            return value
    return None


def _files(event: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Id and name of each file: https://docs.slack.dev/reference/objects/file-object."""
    held = list(_listed(event, "files"))[:_MOST_SENT]
    return tuple((str(one["id"]), str(one.get("name") or "")) for one in held if one.get("id"))


def _not_from_a_person(event: Mapping[str, Any], me: Identity) -> str | None:
    subtype = event.get("subtype")
    if subtype in ("message_changed", "message_deleted"):
        return "an edit or a deletion"
    if event.get("edited"):
        return "an edited message"
    if event.get("bot_id") or subtype == "bot_message":
        return "a bot's message"
    if subtype not in (None, "file_share", "thread_broadcast"):
        return f"a message of subtype {subtype}"
    if not event.get("user"):
        return "a message without an author"
    if event["user"] == me.user:
        return "our own message"
    if event.get("hidden"):
        return "a hidden message"
    return None


Payload = Mapping[str, Any]

_SLACKS_OWN = ("slack.com", "slack-gov.com", "slack-edge.com", "slack-files.com", "slack-imgs.com")
_MARKED_UP = re.compile(r"<(?P<target>[^>|\s]+)(?:\|(?P<label>[^>]*))?>")
_BARE = re.compile(r"(?<![<\w|/])https?://[^\s<>|“”\"]+", re.I)
_NO_ADDRESS = ("@", "#", "!")
"""What a person, a channel and a broadcast begin with between angle brackets."""
_AFTER_ADDRESS = ".,;:!?'’)]}…"
_MRKDWN_STYLE = re.compile(r"(?<!\w)([*_~`]{1,3})(?=\S)(.{1,2000}?)(?<=\S)\1(?!\w)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
# Fields of an attachment that name the page that it shows, not its pictures or its author.
_ADDRESS_FIELDS = ("original_url", "from_url", "title_link", "app_unfurl_url")
_DEEPEST = 6
"""Messages that are shared within messages that are shared …"""


def text_of(message: Payload) -> str:
    """The text of a message, or of what it shares where it has none of its own."""
    own = _text_of_blocks(message.get("blocks")) or _plain(str(message.get("text") or ""))
    if own.strip():
        return own.strip()
    parts = [_text_of_attachment(one, 0) for one in _listed(message, "attachments")]
    return "\n\n".join(part for part in parts if part).strip()


def links_of(message: Payload) -> list[str]:
    """The addresses of a message, each once, in the order in which a reader meets them."""
    found: dict[str, str] = {}
    for address in _addresses(message, 0):
        if address.startswith(_NO_ADDRESS):
            continue
        try:
            canonical = canonical_url(address)
        except ReadError:
            continue
        if canonical.startswith(("http://", "https://")) and not is_slacks(canonical):
            found.setdefault(canonical, address)
    return list(found)


def is_slacks(address: str) -> bool:
    """Whether an address is one of Slack's own hosts."""
    host = host_of(address)
    return any(host == one or host.endswith(f".{one}") for one in _SLACKS_OWN)


def _addresses(message: Payload, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    blocks = list(_listed(message, "blocks"))
    yield from _linked(blocks, 0)
    for match in _MARKED_UP.finditer(str(message.get("text") or "")):
        yield match["target"].replace("&amp;", "&")
    if not blocks:
        yield from _bare(_MARKED_UP.sub(" ", str(message.get("text") or "")))
    for attachment in _listed(message, "attachments"):
        for name in _ADDRESS_FIELDS:
            if attachment.get(name):
                yield str(attachment[name])
        yield from _addresses({**attachment, "attachments": ()}, depth + 1)
        for shared in _listed(attachment, "message_blocks"):
            inner = shared.get("message")
            if isinstance(inner, Mapping):
                yield from _addresses(inner, depth + 1)


def _linked(part: Any, depth: int) -> Iterator[str]:
    """Addresses of links in rich text and of mrkdwn texts, however deep they stand."""
    if depth > 12:
        return
    if isinstance(part, Mapping):
        if part.get("type") == "link" and part.get("url"):
            yield str(part["url"])
        elif part.get("type") == "mrkdwn":
            for match in _MARKED_UP.finditer(str(part.get("text") or "")):
                yield match["target"].replace("&amp;", "&")
        elif part.get("type") in ("text", "plain_text"):
            yield from _bare(str(part.get("text") or ""))
        for name in ("elements", "fields", "text", "accessory", "child_blocks", "rows"):
            if isinstance(part.get(name), Mapping | list):
                yield from _linked(part[name], depth + 1)
    elif isinstance(part, list):
        for one in part:
            yield from _linked(one, depth + 1)


def _bare(text: str) -> Iterator[str]:
    for match in _BARE.finditer(text):
        yield match.group().rstrip(_AFTER_ADDRESS)


def _text_of_attachment(attachment: Payload, depth: int) -> str:
    """What a shared message says, or the words of an unfurled page."""
    if depth > _DEEPEST:
        return ""
    for shared in _listed(attachment, "message_blocks"):
        inner = shared.get("message")
        if isinstance(inner, Mapping) and (said := _text_of_blocks(inner.get("blocks"))):
            return said
    said = _text_of_blocks(attachment.get("blocks"))
    return said or _plain(str(attachment.get("text") or attachment.get("fallback") or ""))


def _text_of_blocks(blocks: Any) -> str:
    lines: list[str] = []
    for block in blocks if isinstance(blocks, Sequence) and not isinstance(blocks, str) else ():
        if not isinstance(block, Mapping):
            continue
        if block.get("type") == "rich_text":
            for part in _listed(block, "elements"):
                lines += _rich_lines(part)
        elif block.get("type") in ("section", "header") and isinstance(block.get("text"), Mapping):
            shown = str(block["text"].get("text") or "")
            lines += [_plain(shown) if block["text"].get("type") == "mrkdwn" else shown, ""]
        elif block.get("type") == "markdown":
            lines += [str(block.get("text") or ""), ""]
        elif block.get("type") == "container":
            lines += [_text_of_blocks(block.get("child_blocks")), ""]
        elif block.get("type") == "data_table":
            rows = block.get("rows") if isinstance(block.get("rows"), list) else []
            lines += [_text_of_blocks(row) for row in rows or ()]
    return "\n".join(lines).strip()


def _rich_lines(part: Payload) -> list[str]:
    kind = part.get("type")
    if kind == "rich_text_list":
        return [f"- {_inline(item)}" for item in _listed(part, "elements")]
    if kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        # A line break ends a section in what people write as well as the section's own end.
        return _inline(part).split("\n")
    return []


def _inline(part: Payload) -> str:
    shown = []
    for element in _listed(part, "elements"):
        if element.get("type") == "link":
            shown.append(str(element.get("text") or element.get("url") or ""))
        elif element.get("type") == "text":
            shown.append(str(element.get("text") or ""))
    return "".join(shown)


def _plain(mrkdwn: str) -> str:
    """Slack's mrkdwn as a reader sees it."""

    def shown(match: re.Match[str]) -> str:
        target = match["target"]
        if target[:1] in "@!":
            return ""
        return match["label"] or ("" if target.startswith("#") else target)

    text = _MRKDWN_STYLE.sub(r"\2", _MARKED_UP.sub(shown, mrkdwn))
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _listed(holder: Payload, name: str) -> Iterator[Payload]:
    held = holder.get(name)
    if isinstance(held, Sequence) and not isinstance(held, str):
        yield from (one for one in held if isinstance(one, Mapping))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A message shortcut as its payload tells of it; `message` is the message as Slack holds it."""

    user: str
    channel: str
    thread: str | None
    trigger_id: str = field(repr=False)
    response_url: str | None = field(default=None, repr=False)
    message: Mapping[str, Any] = field(default_factory=dict, repr=False)


def chosen_of(body: Mapping[str, Any]) -> Chosen:
    """What a `message_action` payload tells of."""
    message = body.get("message") or {}
    thread = message.get("thread_ts")
    url = body.get("response_url")
    return Chosen(
        user=str((body.get("user") or {}).get("id") or ""),
        channel=str((body.get("channel") or {}).get("id") or ""),
        thread=str(thread) if thread else None,
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(url) if url else None,
        message=message,
    )


Body = Mapping[str, Any]


class Deed(Enum):
    """What somebody did, as far as it matters for how they are answered."""

    MENTIONED = auto()
    WROTE_DIRECTLY = auto()
    WROTE_IN_THREAD = auto()
    WROTE_AT_TOP = auto()
    """In a channel, outside of threads, to nobody of us."""
    COMMANDED = auto()
    CLICKED_MESSAGE = auto()
    CLICKED_MODAL = auto()
    OPENED_HOME = auto()
    """Opened the Home tab, or clicked in it."""
    SUBMITTED = auto()
    CHOSE_SHORTCUT = auto()
    ASKED_FOR_OPTIONS = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person and what they did; `team` is the workspace that the payload names as theirs.

    What there is of `thread_ts`, `response_url`, `trigger_id` and `view_id` says how to answer.
    """

    user: str
    deed: Deed
    team: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    response_url: str | None = None
    trigger_id: str | None = None
    view_id: str | None = None


_INTERACTIONS = {
    "view_submission": Deed.SUBMITTED,
    "shortcut": Deed.CHOSE_SHORTCUT,
    "message_action": Deed.CHOSE_SHORTCUT,
    "block_suggestion": Deed.ASKED_FOR_OPTIONS,
}


def actor_of(body: Body, me: Identity) -> Actor | None:
    """The person behind an event, a command or an interaction; None where there is none.

    A bot is no person; nor is one behind the news that a message was changed or deleted.
    """
    if isinstance(body.get("event"), Mapping):
        return _of_event(body["event"], me)
    if body.get("command"):
        user = _text(body.get("user_id"))
        if user is None:
            return None
        return Actor(
            user=user,
            deed=Deed.COMMANDED,
            team=_text(body.get("team_id")),
            channel=_text(body.get("channel_id")),
            response_url=_text(body.get("response_url")),
            trigger_id=_text(body.get("trigger_id")),
        )
    return _of_interaction(body)


def _of_event(event: Body, me: Identity) -> Actor | None:
    event = as_it_reads(event, me)
    thread = _part(event, "assistant_thread")
    # Some events describe the person where others give the id.
    user = _text(event.get("user")) or _text(_part(event, "user").get("id"))
    user = user or _text(thread.get("user_id"))
    if not user or user == me.user or event.get("bot_id"):
        return None
    channel = _text(event.get("channel")) or _text(thread.get("channel_id"))
    teams = map(_text, (event.get("user_team"), event.get("source_team"), event.get("team")))
    return Actor(
        user=user,
        deed=_event_deed(event, channel or "", me),
        team=next((team for team in teams if team), None),
        channel=channel,
        thread_ts=_text(event.get("thread_ts")),
    )


def _event_deed(event: Body, channel: str, me: Identity) -> Deed:
    kind = event.get("type")
    if kind == "app_home_opened":
        return Deed.OPENED_HOME if event.get("tab", "home") == "home" else Deed.OTHER
    if kind == "app_mention":
        return Deed.MENTIONED
    if kind != "message":
        return Deed.OTHER
    if event.get("channel_type") == "im" or channel.startswith("D"):
        return Deed.WROTE_DIRECTLY
    if f"<@{me.user}" in (_text(event.get("text")) or ""):
        return Deed.MENTIONED
    return Deed.WROTE_IN_THREAD if event.get("thread_ts") else Deed.WROTE_AT_TOP


def _of_interaction(body: Body) -> Actor | None:
    person, container, view = _part(body, "user"), _part(body, "container"), _part(body, "view")
    user, message = _text(person.get("id")), _part(body, "message")
    if not user:
        return None
    return Actor(
        user=user,
        deed=_interaction_deed(body, view),
        team=_text(person.get("team_id")),
        channel=_text(_part(body, "channel").get("id")) or _text(container.get("channel_id")),
        thread_ts=_text(message.get("thread_ts")) or _text(container.get("thread_ts")),
        response_url=_text(body.get("response_url")),
        trigger_id=_text(body.get("trigger_id")),
        view_id=_text(view.get("id")),
    )


def _interaction_deed(body: Body, view: Body) -> Deed:
    kind = body.get("type")
    if kind == "block_actions":
        if view.get("type") == "home":
            return Deed.OPENED_HOME
        return Deed.CLICKED_MODAL if view else Deed.CLICKED_MESSAGE
    return _INTERACTIONS.get(_text(kind) or "", Deed.OTHER)


def _part(body: Body, name: str) -> Body:
    """A part of a payload, empty where it is not there or is something else."""
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
