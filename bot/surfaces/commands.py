"""`/chancery …`: what is asked behind the slash, answered to whoever asked alone.

    Given ─ read_command ─┬─ words ─▶ `bot.talk.conversation`, through the queue as any question
                          ├─ help ──▶ said at once
                          ├─ check ─▶ the modal of *Check claims*
                          └─ sources add ─▶ the form for admins

Slack shows nothing of a command to anybody, and takes five answers to it: what was asked is shown
in the acknowledgement, which is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.apology import own_up
from bot.clock import Clock
from bot.desk.blocks import reply_messages
from bot.desk.nouns import Reply
from bot.rendering.answer_blocks import plain_message
from bot.rendering.rich_text import Message
from bot.rendering.wording import excerpt
from bot.requests.commands import AddSource, CheckText, ShowHelp, Words, read_command
from bot.requests.nouns import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    DigestAt,
    DigestNow,
    Follow,
    Request,
)
from bot.requests.reading import read_request
from bot.slack.destinations import destination_of
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked, Place
from bot.slack.modals import Click
from bot.slack.shortcuts import Chosen

LONGEST_ECHO = 300
HELP = (
    "Only you see what /chancery answers; “Share in channel” under an answer posts it for "
    "everybody, with your name.",
    "• /chancery ask What did Guterres say about a military solution in Libya?",
    "• /chancery summary Libya this week",
    "• /chancery quotes Guterres on Libya · /chancery timeline Brexit since January",
    "• /chancery digest · /chancery digest at 07:30 on Libya · /chancery digest off",
    "• /chancery follow Gharyan · /chancery unfollow Gharyan · /chancery mine",
    "• /chancery sources · /chancery sources failed · /chancery sources add ADDRESS (admins)",
    "• /chancery check Haftar’s forces entered Gharyan on 3 April.",
    "Plain words do as well: “/chancery Libya this week”. What you follow with a command is yours "
    "alone and comes as a direct message.",
    "In the menu of any message: “Add to corpus” reads the articles it links to, “Check claims” "
    "says which of its sentences the sources support.",
)
NO_TEXT = "Write the text behind it: /chancery check Haftar’s forces entered Gharyan on 3 April."
NO_SOURCES_HERE = "Sources are added on my Home page."
_SLOW = (AskQuestion, AskQuotes, AskSummary, AskTimeline, DigestNow)


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


def also_for_channel(reply: Reply, request: Request, asked: Asked) -> Reply:
    """A reply that says how to do it for the channel, where a person did it alone in one."""
    if asked.response_url is None or asked.channel.startswith("D"):
        return reply
    if not isinstance(request, Follow | DigestAt):
        return reply
    words = excerpt(asked.text, LONGEST_ECHO)
    line = f"This is yours alone. For everybody here, write “@Chancery {words}” in the channel."
    return replace(reply, lines=(*reply.lines, line))


def help_messages(unknown: str = "") -> list[Message]:
    """What can be said behind the slash; `unknown` is a word that was not understood."""
    lines = list(HELP)
    if unknown:
        lines.insert(
            0,
            f"“{unknown}” is no command that I know. If it is a subject: "
            f"“/chancery summary {unknown}”.",
        )
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

    def echo(self, given: Given) -> Message | None:
        """What is shown at once where an answer takes a moment: what was asked."""
        now = self._clock()
        command = read_command(given.text, now)
        if not isinstance(command, Words) or not command.text:
            return None
        if not command.question and not isinstance(read_request(command.text, now), _SLOW):
            return None
        asked = excerpt(command.text, LONGEST_ECHO)
        return plain_message(f"You asked: “{asked}”. The answer comes here, for you alone.")

    def give(self, given: Given) -> None:
        """Do what is asked; raises nothing."""
        try:
            self._give(given)
        except Exception as error:  # Whoever typed it must not be left in silence.
            own_up(error, destination_of(_asked(given, ""), self._slack).say_privately)

    def _give(self, given: Given) -> None:
        destination = destination_of(_asked(given, ""), self._slack)
        match read_command(given.text, self._clock()):
            case Words(text, question):
                self._answer(_asked(given, text, question=question))
            case CheckText(text):
                if text:
                    self._check(text, _chosen(given))
                else:
                    destination.say_privately(NO_TEXT)
            case AddSource(address):
                if self._add_source is not None:
                    self._add_source(Click(given.trigger_id, given.user, address, given.channel))
                else:
                    destination.say_privately(NO_SOURCES_HERE)
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
