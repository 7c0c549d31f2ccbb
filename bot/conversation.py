"""Answering what people write in Slack: claimed once, dealt with, recorded, or owned up to.

Asked ─ claim ─▶ status ─▶ what is asked? ─┬─ question ─▶ chain ───▶ record turn ─▶ post ─▶ finish
                              │            ├─ report ───▶ reports ─▶ record turn ─▶ post ─▶ finish
                              │            └─ the rest ─▶ desk ──────────────────▶ post ─▶ finish
                              └── anything fails ─▶ the asker is told, with a reference id
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.alert_blocks import muted_of
from bot.audit import Audit
from bot.blocks import ParagraphInContext, answer_messages, paragraphs_view, plain_message
from bot.claims import Claims
from bot.clock import Clock
from bot.desk import Desk
from bot.desk_blocks import reply_messages
from bot.desk_nouns import Reader
from bot.desk_readers import Readers
from bot.desk_reports import Report, Reports
from bot.errors import SlackError, SlackRefused, trace_of
from bot.incoming import Asked, Place
from bot.outbox import Outbox
from bot.requests import (
    AskQuestion,
    AskQuotes,
    AskSummary,
    AskTimeline,
    DigestNow,
    Mute,
    Request,
    read_request,
)
from bot.rich_text import ImageSlot
from bot.slack import SlackGateway
from bot.standing import standing_of
from bot.subscriptions import Subscriptions
from bot.turns import Turns
from bot.watches import Watches
from bot.wiring import Library
from bot.wording import counted
from corpus.register import SourceRegister
from retrieval.questions import understand
from retrieval.story_register import StoryRegister

log = logging.getLogger("chancery.conversation")

STATUS = "is reading the sources…"
NO_QUESTION = (
    "Ask me about what has been read, for example: What did Guterres say about Libya? "
    "Every sentence of an answer is linked to its paragraph."
)
PICTURE = "chart.png"


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
        self._readers = Readers(slack, clock)

    def answer(self, asked: Asked) -> None:
        """Answer a message, or a click that stands for one, once; again it does nothing."""
        try:
            if not self._claims.claim(asked.key, self._clock()):
                log.info("delivered again, already dealt with")
                return
            self._answer(asked)
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            self._own_up(error, lambda text: self._say_privately(asked, text))
        self._claims.finish(asked.key, self._clock())

    def mute_story(self, value: str, asked: Asked) -> None:
        """Tell the reader of an alert no more of its story; `value` is the button's."""
        try:
            self._slack.tell(asked.channel, asked.user, asked.reply_to, self._muted(value, asked))
        except Exception as error:  # Nor must whoever clicked be left in silence.
            self._own_up(error, lambda text: self._say_privately(asked, text))

    def show_paragraphs(self, turn_id: str, trigger_id: str, channel: str, user: str) -> None:
        """Open the paragraphs that a turn cites, as they read when it cited them."""
        try:
            self._open_paragraphs(turn_id, trigger_id)
        except Exception as error:  # Nor must whoever clicked.
            self._own_up(error, lambda text: self._slack.tell(channel, user, None, text))

    def _open_paragraphs(self, turn_id: str, trigger_id: str) -> None:
        cited = []
        corpus = self._library.corpus
        for citation in self._turns.cited(turn_id):
            article = corpus.version(citation.article_id, citation.version)
            if article is not None:
                standing = standing_of(article, citation.number, corpus.article(article.id))
                mark, number, quote = citation.mark, citation.number, citation.quote
                cited.append(ParagraphInContext(mark, article, number, quote, standing))
        self._slack.open_view(trigger_id, paragraphs_view(cited))

    def _muted(self, value: str, asked: Asked) -> str:
        muted = muted_of(value)
        reader = self._readers.reader(asked)
        # The button of an alert mutes for whom the alert was, and for nobody else.
        if muted is None or muted[0] != reader.id:
            return "This alert can be muted only where it was posted."
        return self._desk.mute(muted[1], reader).text

    def _answer(self, asked: Asked) -> None:
        if not asked.text:
            self._say_privately(asked, NO_QUESTION)
            return
        thread = asked.reply_to or asked.ts
        self._slack.show_status(asked.channel, thread, STATUS)
        try:
            self._deal_with(asked)
        finally:
            self._slack.show_status(asked.channel, thread, "")

    def _deal_with(self, asked: Asked) -> None:
        """Whose zone it is matters only to what is no question."""
        if isinstance(read_request(asked.text, self._clock()), AskQuestion):
            self._answer_question(asked)
            return
        reader = self._readers.reader(asked)
        request = read_request(asked.text, self._clock(), ZoneInfo(reader.zone))
        if isinstance(request, AskSummary | AskQuotes | AskTimeline | DigestNow):
            self._give_report(request, asked, reader)
        else:
            self._carry_out(request, asked, reader)

    def _answer_question(self, asked: Asked) -> None:
        now = self._clock()
        earlier = self._turns.earlier(asked.conversation)
        question = understand(asked.text, now, earlier=earlier)
        if quoted := self._reports.quoted(question):
            self._give(quoted, asked)
            return
        outcome = self._library.chain.invoke(question).outcome
        turn = self._turns.record(asked.conversation, asked.user, now, outcome)
        posted = self._slack.post(asked.channel, asked.reply_to, answer_messages(outcome, turn))
        self._turns.posted(turn, f"{asked.channel}:{posted}")

    def _carry_out(self, request: Request, asked: Asked, reader: Reader) -> None:
        story = self._story_of_thread(asked, reader) if isinstance(request, Mute) else None
        reply = self._desk.carry_out(request, reader, story)
        self._slack.post(asked.channel, asked.reply_to, reply_messages(reply))

    def _give_report(
        self,
        request: AskSummary | AskQuotes | AskTimeline | DigestNow,
        asked: Asked,
        reader: Reader,
    ) -> None:
        now = self._clock()
        own = self._subscriptions.of_reader(reader.id)
        interests = own[0].interests if own else None
        report = self._reports.report(request, now, ZoneInfo(reader.zone), interests)
        self._give(report, asked)
        if isinstance(request, AskSummary | DigestNow) and not report.found:
            self._say_what_waits(asked)

    def _give(self, report: Report, asked: Asked) -> None:
        """Record a report, post it, and record where it stands."""
        now = self._clock()
        turn = self._turns.record_posting(
            report.kind,
            asked.conversation,
            asked.user,
            now,
            asked.text,
            report.said,
            report.citations,
        )
        posted = self._post_report(report, turn, asked)
        self._turns.posted(turn, f"{asked.channel}:{posted}")

    def _say_what_waits(self, asked: Asked) -> None:
        """Nothing found while articles wait to be grouped into stories is no finding."""
        corpus = self._library.corpus
        waiting, _ = corpus.pending(StoryRegister(corpus).stand().position)
        if waiting:
            articles = counted(waiting, "article")
            text = f"Read last and not yet grouped into stories: {articles}. Ask again in a minute."
            self._slack.post(asked.channel, asked.reply_to, [plain_message(text)])

    def _post_report(self, report: Report, turn: str, asked: Asked) -> str:
        """Post a report with its picture inside, else beside it, else without."""
        channel, thread = asked.channel, asked.reply_to
        chart = report.chart()
        if chart is None:
            return self._slack.post(channel, thread, report.messages(turn, None))
        try:
            picture = ImageSlot(self._slack.upload_image(chart.png, PICTURE, chart.alt), chart.alt)
        except SlackError as error:
            log.info("a report goes without its picture: %s", error)
            return self._slack.post(channel, thread, report.messages(turn, None))
        try:
            return self._slack.post(channel, thread, report.messages(turn, picture))
        except SlackRefused as error:
            # Slack may not have looked at the picture yet, and then takes no message with it.
            log.info("a report goes with its picture beside it: %s", error)
        posted = self._slack.post(channel, thread, report.messages(turn, None))
        try:
            self._slack.share_image(channel, thread or posted, chart.png, PICTURE, chart.alt)
        except SlackError as error:
            log.info("a report goes without its picture: %s", error)
        return posted

    def _story_of_thread(self, asked: Asked, reader: Reader) -> str | None:
        """The story of the alert in whose thread something is written."""
        place = (asked.channel, asked.reply_to)
        for told in self._outbox.of_reader(reader.id, "alert"):
            if told.place == place and "story" in told.posting.payload:
                return str(told.posting.payload["story"])
        return None

    def _own_up(self, error: Exception, tell: Callable[[str], None]) -> None:
        reference = uuid.uuid4().hex[:8]
        log.error("failed, reference %s: %s", reference, trace_of(error))
        text = (
            f"I could not answer this (reference {reference}). Ask again in a minute; if it "
            "stays, give the reference to whoever runs me."
        )
        try:
            tell(text)
        except SlackError as failure:
            log.error("the asker could not be told, reference %s: %s", reference, failure)

    def _say_privately(self, asked: Asked, text: str) -> None:
        if asked.place is Place.DIRECT:
            self._slack.post(asked.channel, asked.reply_to, [plain_message(text)])
        else:
            self._slack.tell(asked.channel, asked.user, asked.reply_to, text)
