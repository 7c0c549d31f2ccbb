"""What people write to us in Slack: claimed once, dealt with, or owned up to.

Asked ─ claim ─▶ status ─▶ what is asked? ─┬─ question ─▶ `bot.answering` ─▶ finish
                              │            ├─ report ───▶ `bot.reporting` ─▶ finish
                              │            └─ the rest ─▶ desk ─▶ post ────▶ finish
                              └── anything fails ─▶ the asker is told, with a reference id
"""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from bot.answering import Answering
from bot.apology import own_up
from bot.audit import Audit
from bot.claims import Claims
from bot.clock import Clock
from bot.delivery.outbox import Outbox
from bot.delivery.subscriptions import Subscriptions
from bot.desk.blocks import reply_messages
from bot.desk.desk import Desk
from bot.desk.nouns import Reader
from bot.desk.readers import Readers
from bot.desk.reports import Reports
from bot.monitoring.watches import Watches
from bot.rendering.alert_blocks import muted_of
from bot.rendering.answer_blocks import plain_message
from bot.rendering.wording import counted
from bot.reporting import Reporting
from bot.requests.nouns import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    DigestNow,
    Mute,
    Request,
)
from bot.requests.reading import read_request
from bot.slack.destinations import Destination, destination_of
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked
from bot.turns import Turns
from bot.wiring import Library
from corpus.feeds.register import SourceRegister
from retrieval.stories.register import StoryRegister

log = logging.getLogger("chancery.conversation")

STATUS = "is reading the sources…"
NO_QUESTION = (
    "Ask me about what has been read, for example: What did Guterres say about Libya? "
    "Every sentence of an answer is linked to its paragraph."
)


class Conversation:
    """Answers what is written to us in Slack. Any number of threads may call it."""

    def __init__(
        self, library: Library, slack: SlackGateway, claims: Claims, turns: Turns, clock: Clock
    ) -> None:
        self._library = library
        self._slack = slack
        self._claims = claims
        self._turns = turns
        self._clock = clock
        engine = library.corpus.engine
        self._subscriptions = Subscriptions(engine, clock)
        self._outbox = Outbox(engine)
        register = SourceRegister(library.corpus)
        self._desk = Desk(self._subscriptions, Watches(engine), register, Audit(engine), clock)
        self._reports = Reports(library)
        self._reporting = Reporting(slack, turns, clock)
        self._answering = Answering(library, turns, self._reports, self._reporting, clock)
        self._readers = Readers(slack, clock)

    def answer(self, asked: Asked) -> None:
        """Answer a message, or a click that stands for one, once; again it does nothing."""
        destination = destination_of(asked, self._slack)
        try:
            if not self._claims.claim(asked.key, self._clock()):
                log.info("delivered again, already dealt with")
                return
            self._answer(asked, destination)
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            own_up(error, destination.say_privately)
        self._claims.finish(asked.key, self._clock())

    def mute_story(self, value: str, asked: Asked) -> None:
        """Tell the reader of an alert no more of its story; `value` is the button's."""
        destination = destination_of(asked, self._slack)
        try:
            self._slack.tell(asked.channel, asked.user, asked.reply_to, self._muted(value, asked))
        except Exception as error:  # Nor must whoever clicked be left in silence.
            own_up(error, destination.say_privately)

    def _muted(self, value: str, asked: Asked) -> str:
        muted = muted_of(value)
        reader = self._readers.reader(asked)
        # The button of an alert mutes for whom the alert was, and for nobody else.
        if muted is None or muted[0] != reader.id:
            return "This alert can be muted only where it was posted."
        return self._desk.mute(muted[1], reader).text

    def _answer(self, asked: Asked, destination: Destination) -> None:
        if not asked.text:
            destination.say_privately(NO_QUESTION)
            return
        destination.status(STATUS)
        try:
            self._deal_with(asked, destination)
        finally:
            destination.status("")

    def _deal_with(self, asked: Asked, destination: Destination) -> None:
        """Whose zone it is matters only to what is no question."""
        if isinstance(read_request(asked.text, self._clock()), AskQuestion):
            self._answering.answer(asked, destination)
            return
        reader = self._readers.reader(asked)
        request = read_request(asked.text, self._clock(), ZoneInfo(reader.zone))
        if isinstance(request, AskSummary | AskQuotes | AskTimeline | DigestNow):
            self._give_report(request, asked, reader, destination)
        else:
            self._carry_out(request, asked, reader, destination)

    def _carry_out(
        self, request: Request, asked: Asked, reader: Reader, destination: Destination
    ) -> None:
        story = self._story_of_thread(asked, reader) if isinstance(request, Mute) else None
        reply = self._desk.carry_out(request, reader, story)
        destination.say(reply_messages(reply))

    def _give_report(
        self,
        request: AskSummary | AskQuotes | AskTimeline | DigestNow,
        asked: Asked,
        reader: Reader,
        destination: Destination,
    ) -> None:
        now = self._clock()
        own = self._subscriptions.of_reader(reader.id)
        interests = own[0].interests if own else None
        report = self._reports.report(request, now, ZoneInfo(reader.zone), interests)
        self._reporting.give(report, asked, destination)
        if isinstance(request, AskSummary | DigestNow) and not report.found:
            self._say_what_waits(destination)

    def _say_what_waits(self, destination: Destination) -> None:
        """Nothing found while articles wait to be grouped into stories is no finding."""
        corpus = self._library.corpus
        waiting, _ = corpus.pending(StoryRegister(corpus).stand().position)
        if waiting:
            articles = counted(waiting, "article")
            text = f"Read last and not yet grouped into stories: {articles}. Ask again in a minute."
            destination.say([plain_message(text)])

    def _story_of_thread(self, asked: Asked, reader: Reader) -> str | None:
        """The story of the alert in whose thread something is written."""
        place = (asked.channel, asked.reply_to)
        for told in self._outbox.of_reader(reader.id, "alert"):
            if told.place == place and "story" in told.posting.payload:
                return str(told.posting.payload["story"])
        return None
