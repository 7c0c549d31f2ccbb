"""Everything that people meet in Slack, put together once for a process."""

from __future__ import annotations

from dataclasses import dataclass

from bot.claims import Claims
from bot.clock import Clock
from bot.conversation import Conversation
from bot.paragraphs import Paragraphs
from bot.settings import Settings
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Identity
from bot.turns import Turns
from bot.wiring import Library


@dataclass(frozen=True, slots=True)
class Surfaces:
    """What listeners call; `me` is who the bot is in its workspace."""

    me: Identity
    conversation: Conversation
    paragraphs: Paragraphs


def make_surfaces(
    settings: Settings, library: Library, slack: SlackGateway, me: Identity, clock: Clock
) -> Surfaces:
    """The surfaces of a process that serves."""
    engine = library.corpus.engine
    claims, turns = Claims(engine), Turns(engine)
    claims.forget_old(clock())
    return Surfaces(
        me=me,
        conversation=Conversation(library, slack, claims, turns, clock),
        paragraphs=Paragraphs(library.corpus, slack, turns),
    )
