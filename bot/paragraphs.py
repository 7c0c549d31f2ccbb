"""Showing the paragraphs that a turn cites, as they read when it cited them."""

from __future__ import annotations

from bot.apology import own_up
from bot.monitoring.standing import standing_of
from bot.rendering.answer_blocks import ParagraphInContext, paragraphs_view
from bot.slack.gateway import SlackGateway
from bot.turns import Turns
from corpus.store.article_store import ArticleStore


class Paragraphs:
    """Opens the modal behind *Show paragraphs*."""

    def __init__(self, corpus: ArticleStore, slack: SlackGateway, turns: Turns) -> None:
        self._corpus = corpus
        self._slack = slack
        self._turns = turns

    def show(self, turn_id: str, trigger_id: str, channel: str, user: str) -> None:
        """Open the paragraphs of a turn for whoever clicked."""
        try:
            self._slack.open_view(trigger_id, paragraphs_view(self._cited(turn_id)))
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, lambda text: self._slack.tell(channel, user, None, text))

    def _cited(self, turn_id: str) -> list[ParagraphInContext]:
        cited = []
        for citation in self._turns.cited(turn_id):
            article = self._corpus.version(citation.article_id, citation.version)
            if article is not None:
                standing = standing_of(article, citation.number, self._corpus.article(article.id))
                mark, number, quote = citation.mark, citation.number, citation.quote
                cited.append(ParagraphInContext(mark, article, number, quote, standing))
        return cited
