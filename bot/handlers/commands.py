"""`/chancery …`: answered to whoever asked alone, who may share it with the channel.

    Given ─ read_command ─┬─ words ─▶ `bot.chat.router`, through the queue as any question
                          ├─ help ──▶ said at once
                          ├─ check ─▶ the modal of *Check claims*
                          └─ sources add ─▶ the form for admins

Slack shows nothing of a command to anybody, and takes five answers to it: what was asked is shown
in the acknowledgement, which is no answer.

*Share in channel* posts for everybody, once, what one person was shown:

    click ─ theirs? not shared yet? ─▶ taken ─ posted ─┬─▶ a turn of the channel, as any other
                                         │             └─ we are not there ─▶ the response URL
                                         └─ Slack failed ─▶ given back, and told so

What is shared is what was shown. It becomes a turn of its own, whose thread goes on in the channel
while the talk of whoever asked stays theirs.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy import Engine, delete, insert, select, update

from bot.chat.router import LONGEST_ECHO
from bot.clock import Clock
from bot.commands.grammar import (
    AddSource,
    CheckText,
    Command,
    ShowHelp,
    Words,
    read_command,
    takes_a_moment,
)
from bot.commands.replies import Reply, reply_messages
from bot.db.schema import turn_citations, turns
from bot.db.turns import write_posted
from bot.failures import SlackRefused, own_up
from bot.render.answers import plain_message
from bot.render.blocks import SHARE, Block, Message, context, escape, in_messages, paragraph, words
from bot.render.catalogues import N_, framed, gettext
from bot.render.wording import excerpt, isolated
from bot.slack.client import SlackGateway
from bot.slack.destinations import destination_of
from bot.slack.events import Asked, Chosen, Place
from bot.slack.modals import Click, on_click
from bot.slack.people import People

log = logging.getLogger("chancery.listeners")

LONGEST_QUESTION = 500
LONGEST_NOTICE = 300
_PROFILE_SECONDS = 2.0
_NOT_THERE = frozenset(("not_in_channel", "channel_not_found"))
GONE = N_("This answer is no longer kept, so that it cannot be shared. Ask again.")
NOT_YOURS = N_("Only whoever asked can share this.")
ONCE = N_("This has been shared already.")
SHARED = N_("Shared in this channel.")
SHARED_OUTSIDE = N_(
    "Shared. I am not a member of this channel: I cannot answer in a thread there, and if a source "
    "changes what it wrote, nobody there is told. “/invite @Chancery” changes that for next time."
)
NO_MEMBER = N_(
    "Chancery is not a member of this channel: no follow-up questions here, and no note when a "
    "source is corrected."
)


class Sharing:
    """Posts for a channel what one person was shown. Any number of threads may call it."""

    def __init__(self, engine: Engine, slack: SlackGateway, people: People) -> None:
        self._engine = engine
        self._slack = slack
        self._people = people

    def share(self, click: Click) -> None:
        """Share the turn that the button names; raises nothing."""
        try:
            self._share(click)
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, lambda text: self._tell(click, text))

    def _share(self, click: Click) -> None:
        channel = click.channel or ""
        taken = self._take(click.value, click.user)
        if isinstance(taken, str):
            self._tell(click, taken)
            return
        question, shown = taken
        copied = self._copy(click.value, channel)
        name = self._people.person(click.user, within=_PROFILE_SECONDS).name
        messages = _renamed(shown, click.value, copied)
        try:
            told = self._post(click, channel, copied, headed(messages, name, question))
        except Exception:
            self._give_back(click.value, copied, shown)
            raise
        self._confirm(click, shown, told)

    def _post(self, click: Click, channel: str, turn: str, messages: Sequence[Message]) -> str:
        """Post them; what whoever clicked is told then."""
        try:
            first = self._slack.post(channel, None, messages[:1], f"share:{turn}")
        except SlackRefused as refused:
            if refused.reason not in _NOT_THERE or click.response_url is None:
                raise
            log.info("shared through the response URL: %s", refused.reason)
            for message in _as_outsider(messages):
                self._slack.respond(click.response_url, message, in_channel=True)
            return gettext(SHARED_OUTSIDE)
        place = f"{channel}:{first}"
        with self._engine.begin() as connection:
            write_posted(connection, turn, place, conversation=place)
        if messages[1:]:
            self._slack.post(channel, first, messages[1:], f"share:{turn}")
        return gettext(SHARED)

    def _confirm(self, click: Click, shown: Sequence[Message], told: str) -> None:
        """Take the button away from what was clicked, and say that it is shared."""
        last = shown[-1]
        done = Message(last.text, (*last.blocks, context(framed(told))))
        if click.response_url is not None and click.alone:
            self._slack.respond(click.response_url, done, replace_original=True)
        else:
            self._tell(click, told)

    def _tell(self, click: Click, text: str) -> None:
        if click.response_url is not None:
            self._slack.respond(click.response_url, plain_message(text))
        else:
            self._slack.tell(click.channel or "", click.user, click.thread_ts, text)

    # What is kept

    def _take(self, turn: str, person: str) -> tuple[str, list[Message]] | str:
        """What was asked and shown, taken so that nobody takes it again; a sentence if not."""
        with self._engine.begin() as connection:
            row = connection.execute(select(turns).where(turns.c.id == turn)).first()
            if row is None:
                return gettext(GONE)
            if row.asked_by != person:
                return gettext(NOT_YOURS)
            not_shared = update(turns).where(turns.c.id == turn, turns.c.shown.is_not(None))
            taken = connection.execute(not_shared.values(shown=None))
            if taken.rowcount != 1 or row.shown is None:
                return gettext(ONCE)
        held = [Message(one["text"], tuple(one["blocks"])) for one in json.loads(row.shown)]
        return row.question, held

    def _copy(self, turn: str, channel: str) -> str:
        """The same turn once more, for the channel; returns its id."""
        identity = uuid.uuid4().hex
        with self._engine.begin() as connection:
            row = connection.execute(select(turns).where(turns.c.id == turn)).one()
            query = select(turn_citations).where(turn_citations.c.turn_id == turn)
            cited = connection.execute(query).all()
            # Until it is posted it belongs to no thread.
            conversation = f"{channel}:shared:{identity}"
            values = {**row._mapping, "id": identity, "shown": None, "posted_as": None}
            connection.execute(insert(turns).values(**{**values, "conversation": conversation}))
            if cited:
                rows = [{**one._mapping, "turn_id": identity} for one in cited]
                connection.execute(insert(turn_citations), rows)
        return identity

    def _give_back(self, turn: str, copied: str, shown: Sequence[Message]) -> None:
        """Undo what was prepared for a post that Slack did not take."""
        held = [{"text": one.text, "blocks": list(one.blocks)} for one in shown]
        with self._engine.begin() as connection:
            posted = connection.scalar(select(turns.c.posted_as).where(turns.c.id == copied))
            if posted is not None:
                return
            shared = update(turns).where(turns.c.id == turn)
            connection.execute(shared.values(shown=json.dumps(held, ensure_ascii=False)))
            connection.execute(delete(turn_citations).where(turn_citations.c.turn_id == copied))
            connection.execute(delete(turns).where(turns.c.id == copied))


def headed(messages: Sequence[Message], name: str, question: str) -> list[Message]:
    """Messages under a line that says who asked what; what no longer fits goes on in one more."""
    asker = isolated(name or gettext("A colleague"))
    question = isolated(excerpt(question, LONGEST_QUESTION))
    said = gettext("{asker} asked: “{question}”", asker="{asker}", question=question)
    before, _, after = framed(said).partition("{asker}")
    line = paragraph([*([words(before)] if before else ()), words(asker, bold=True), words(after)])
    notice = escape(excerpt(said.replace("{asker}", asker, 1), LONGEST_NOTICE))
    first = [
        Message(f"{notice} {messages[0].text}", tuple(part))
        for part in in_messages([line, *messages[0].blocks])
    ]
    return [*first, *messages[1:]]


def _as_outsider(messages: Sequence[Message]) -> list[Message]:
    last = messages[-1]
    return [*messages[:-1], Message(last.text, (*last.blocks, context(framed(gettext(NO_MEMBER)))))]


def _renamed(messages: Sequence[Message], turn: str, copied: str) -> list[Message]:
    """Messages whose buttons are of the copied turn."""

    def renamed(held: Any) -> Any:
        if isinstance(held, dict):
            return {
                name: value.replace(turn, copied)
                if name == "value" and isinstance(value, str)
                else renamed(value)
                for name, value in held.items()
            }
        if isinstance(held, list):
            return [renamed(one) for one in held]
        return held

    blocks: list[tuple[Block, ...]] = [
        tuple(renamed(block) for block in message.blocks) for message in messages
    ]
    return [Message(one.text, held) for one, held in zip(messages, blocks, strict=True)]


HELP = (
    N_(
        "Only you see what /chancery answers; “Share in channel” under an answer posts it for "
        "everybody, with your name."
    ),
    "• /chancery ask What did Guterres say about a military solution in Libya?",
    "• /chancery summary Libya this week",
    "• /chancery quotes Guterres on Libya · /chancery timeline Brexit since January",
    "• /chancery digest · /chancery digest at 07:30 on Libya · /chancery digest off",
    "• /chancery follow Gharyan · /chancery unfollow Gharyan · /chancery mine",
    "• /chancery sources · /chancery sources failed · /chancery sources add ADDRESS (admins)",
    "• /chancery check Haftar’s forces entered Gharyan on 3 April.",
    N_(
        "Plain words do as well: “/chancery Libya this week”. What you follow with a command is "
        "yours alone and comes as a direct message."
    ),
    N_(
        "In the menu of any message: “Add to corpus” reads the articles it links to, “Check "
        "claims” says which of its sentences the sources support."
    ),
)
NO_TEXT = N_(
    "Write the text behind it: /chancery check Haftar’s forces entered Gharyan on 3 April."
)
NO_SOURCES_HERE = N_("Sources are added on my Home page.")


@dataclass(frozen=True, slots=True)
class Given:
    """A slash command as its payload tells of it."""

    user: str
    channel: str
    text: str
    trigger_id: str = field(repr=False)
    response_url: str = field(repr=False)
    team: str | None = None


def given_of(body: Mapping[str, Any]) -> Given:
    """What the payload of a command tells of."""
    return Given(
        user=str(body.get("user_id") or ""),
        channel=str(body.get("channel_id") or ""),
        text=str(body.get("text") or "").strip(),
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        team=str(body["team_id"]) if body.get("team_id") else None,
    )


def help_messages(unknown: str = "") -> list[Message]:
    """What can be said behind the slash; `unknown` is a word that was not understood."""
    lines = [gettext(line) for line in HELP]
    if unknown:
        said = gettext("“{word}” is no command that I know. If it is a subject: “{request}”.")
        lines.insert(0, said.format(word=isolated(unknown), request=f"/chancery summary {unknown}"))
    return reply_messages(Reply(tuple(lines)))


class Commands:
    """Deals with slash commands. Any number of threads may call it."""

    def __init__(
        self,
        slack: SlackGateway,
        answer: Callable[[Asked], None],
        check: Callable[[str, Chosen], None],
        clock: Clock,
        add_source: Callable[[Click], None] | None = None,
    ) -> None:
        """`answer` takes words in, `check` checks the claims of a text, `add_source` opens the form
        for a source whose address is the click's value, or says who may."""
        self._slack = slack
        self._answer = answer
        self._check = check
        self._clock = clock
        self._add_source = add_source

    def read(self, given: Given) -> tuple[Command, Message | None]:
        """What is asked for, and what is shown at once where it takes a moment: what was asked."""
        now = self._clock()
        command = read_command(given.text, now)
        if not isinstance(command, Words) or not command.text:
            return command, None
        if not (command.question or takes_a_moment(command.text, now)):
            return command, None
        # It stays above the answer, so that it says nothing that is over by then.
        asked = isolated(excerpt(command.text, LONGEST_ECHO))
        return command, plain_message(framed(gettext("You asked: “{question}”", question=asked)))

    def give(self, command: Command, given: Given) -> None:
        """Do what is asked; raises nothing."""
        try:
            self._give(command, given)
        except Exception as error:  # Whoever typed it must not be left in silence.
            own_up(error, destination_of(_asked(given, ""), self._slack).say_privately)

    def _give(self, command: Command, given: Given) -> None:
        destination = destination_of(_asked(given, ""), self._slack)
        match command:
            case Words(text, question):
                self._answer(_asked(given, text, question=question))
            case CheckText(text):
                if text:
                    self._check(text, _chosen(given))
                else:
                    destination.say_privately(gettext(NO_TEXT))
            case AddSource(address):
                if self._add_source is not None:
                    self._add_source(Click(given.trigger_id, given.user, address, given.channel))
                else:
                    destination.say_privately(gettext(NO_SOURCES_HERE))
            case ShowHelp(unknown):
                destination.say(help_messages(unknown))


def _asked(given: Given, text: str, *, question: bool = False) -> Asked:
    """A command as something that is asked directly; its trigger tells one from another."""
    return Asked(
        place=Place.DIRECT,
        channel=given.channel,
        user=given.user,
        text=" ".join(text.split()),
        ts="command",
        reply_to=None,
        clicked=given.trigger_id,
        response_url=given.response_url,
        team=given.team,
        question=question,
    )


def _chosen(given: Given) -> Chosen:
    return Chosen(given.user, given.channel, None, given.trigger_id, given.response_url)


COMMAND = "/chancery"


def register(app: App, commands: Commands, sharing: Sharing) -> None:
    def command(ack: Ack, body: dict[str, Any]) -> None:
        given = given_of(body)
        asked, echo = commands.read(given)
        if echo is None:
            ack()
        else:
            ack(text=echo.text, blocks=list(echo.blocks))
        commands.give(asked, given)

    app.command(COMMAND)(command)
    on_click(app, SHARE, sharing.share)
