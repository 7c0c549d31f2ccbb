"""Answering what people ask in Slack: claimed once, answered, recorded, or owned up to.

Asked ─ claim ─▶ status ─▶ chain ─▶ record turn ─▶ post ─▶ finish
                              └── anything fails ─▶ the asker is told, with a reference id
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from bot.blocks import ParagraphInContext, answer_messages, paragraphs_view, plain_message
from bot.claims import Claims
from bot.clock import Clock
from bot.errors import SlackError, trace_of
from bot.incoming import Asked, Place
from bot.slack import SlackGateway
from bot.turns import Turns
from bot.wiring import Library
from retrieval.questions import understand

log = logging.getLogger("chancery.conversation")

STATUS = "is reading the sources…"
NO_QUESTION = (
    "Ask me about what has been read, for example: What did Guterres say about Libya? "
    "Every sentence of an answer is linked to its paragraph."
)


class Conversation:
    """Answers questions from Slack. Any number of threads may call it."""

    def __init__(
        self, library: Library, slack: SlackGateway, claims: Claims, turns: Turns, clock: Clock
    ) -> None:
        self._library = library
        self._slack = slack
        self._claims = claims
        self._turns = turns
        self._clock = clock

    def answer(self, asked: Asked) -> None:
        """Answer a message once; later deliveries of it do nothing."""
        try:
            if not self._claims.claim(asked.key, self._clock()):
                log.info("delivered again, already dealt with")
                return
            self._answer(asked)
        except Exception as error:  # Whatever it is, the asker must not be left in silence.
            self._own_up(error, lambda text: self._say_privately(asked, text))
        self._claims.finish(asked.key, self._clock())

    def show_paragraphs(self, turn_id: str, trigger_id: str, channel: str, user: str) -> None:
        """Open the paragraphs that a turn cites, as they read when it cited them."""
        try:
            self._open_paragraphs(turn_id, trigger_id)
        except Exception as error:  # Nor must whoever clicked.
            self._own_up(error, lambda text: self._slack.tell(channel, user, None, text))

    def _open_paragraphs(self, turn_id: str, trigger_id: str) -> None:
        cited = []
        for citation in self._turns.cited(turn_id):
            article = self._library.corpus.version(citation.article_id, citation.version)
            if article is not None:
                cited.append(
                    ParagraphInContext(citation.mark, article, citation.number, citation.quote)
                )
        self._slack.open_view(trigger_id, paragraphs_view(cited))

    def _answer(self, asked: Asked) -> None:
        if not asked.text:
            self._say_privately(asked, NO_QUESTION)
            return
        thread = asked.reply_to or asked.ts
        self._slack.show_status(asked.channel, thread, STATUS)
        try:
            self._answer_question(asked)
        finally:
            self._slack.show_status(asked.channel, thread, "")

    def _answer_question(self, asked: Asked) -> None:
        now = self._clock()
        earlier = self._turns.earlier(asked.conversation)
        outcome = self._library.chain.invoke(understand(asked.text, now, earlier=earlier)).outcome
        turn = self._turns.record(asked.conversation, asked.user, now, outcome)
        posted = self._slack.post(asked.channel, asked.reply_to, answer_messages(outcome, turn))
        self._turns.posted(turn, f"{asked.channel}:{posted}")

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
