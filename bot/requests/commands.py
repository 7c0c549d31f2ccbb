"""What `/chancery …` asks for: a sub-command, or plain words. Pure.

    text ─▶ read_command ─┬─ Words       to be answered as if they had been written directly
                          ├─ CheckText   claims to be checked
                          ├─ AddSource   an address for the polled sources
                          └─ ShowHelp    nothing, "help", or a word that is none of these

Sub-commands are plain words too: "follow Gharyan" reads the same with and without the slash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.requests.nouns import AskQuestion, Help, Thanks
from bot.requests.reading import read_request
from bot.requests.words import mended

SUB_COMMANDS = (
    "ask",
    "summary",
    "digest",
    "quotes",
    "timeline",
    "follow",
    "unfollow",
    "mine",
    "sources",
    "check",
    "help",
)
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words; a `question` is one, whatever it reads like."""

    text: str
    question: bool = False


@dataclass(frozen=True, slots=True)
class CheckText:
    """A text whose claims are to be checked; "" where none was given."""

    text: str


@dataclass(frozen=True, slots=True)
class AddSource:
    """A source to be polled; its address, "" where none was given."""

    address: str


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """What can be said; `unknown` is a word that was not understood."""

    unknown: str = ""


Command = Words | CheckText | AddSource | ShowHelp


def read_command(text: str, now: datetime) -> Command:
    """What the text behind `/chancery` asks for; never raises."""
    first, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if not first:
        return ShowHelp()
    word = mended(first.casefold().strip(":"), SUB_COMMANDS)
    match word:
        case "help":
            return ShowHelp()
        case "ask":
            return Words(rest, question=True)
        case "check":
            return CheckText(rest)
        case "mine":
            return Words("list")
        case "sources" if rest.split(" ")[0].casefold() == "add":
            return AddSource(rest.partition(" ")[2].strip())
        case "sources" if rest:
            return Words(f"{word} {rest}")
        case _ if word in SUB_COMMANDS:
            return Words(f"{word} {rest}".strip())
    return _plain(text, now)


def _plain(text: str, now: datetime) -> Command:
    """Plain words, unless it is one word in which nothing is to be seen."""
    request = read_request(text, now)
    if isinstance(request, Help | Thanks):
        return ShowHelp()
    if isinstance(request, AskQuestion) and len(text.split()) == 1 and not text.endswith("?"):
        return ShowHelp(text.strip()[:LONGEST_WORD])
    return Words(text.strip())
