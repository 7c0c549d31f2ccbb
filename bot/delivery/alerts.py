"""Composing alerts: what an article says where it met a watch, as it stands when it is posted.

    posting ─▶ watches still on? story not muted? article still there? ─▶ Alert ─▶ turn ─▶ messages

The sentence is taken anew from the article's current version, so that an alert which waited
through quiet hours never quotes what its source has taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.delivery.composed import Composed
from bot.delivery.deliveries import Kind, Skip
from bot.delivery.outbox import Claimed, Posting
from bot.delivery.schedule import parse_zone
from bot.monitoring.alerts import ALERT, FURTHER
from bot.monitoring.watches import Watch, Watches
from bot.rendering.alert_blocks import Alert, alert_messages, further_messages
from bot.rendering.answer_blocks import plain_message
from bot.rendering.sections import content_of_statements
from bot.turns import Turns
from corpus.articles import Article, Paragraph
from corpus.sentences import split_sentences
from corpus.store.article_store import ArticleStore
from retrieval.answers import Citation, Statement
from retrieval.watching.phrases import words_of

# What is a day late is no alert any more; the digest has told it.
_PATIENCE = timedelta(hours=24)


class AlertDelivery:
    """Composes alerts, and pauses the watches of a reader who cannot be reached any more."""

    def __init__(self, store: ArticleStore, clock: Clock) -> None:
        self._store = store
        self._watches = Watches(store.engine)
        self._turns = Turns(store.engine)
        self._clock = clock

    def kinds(self) -> dict[str, Kind]:
        """The kinds of posting that are delivered here, by name."""
        kind = Kind(self.compose, _PATIENCE, self.place_gone)
        return {ALERT: kind, FURTHER: kind}

    def compose(self, claimed: Claimed) -> Composed | Skip:
        """The alert of a posting; skipped where nobody wants it any more."""
        posting = claimed.posting
        payload = posting.payload
        if "cap" in payload:
            return Composed((plain_message(cap_line(payload["cap"])),))
        watches = self._still_on(posting)
        if not watches:
            return Skip("its watches were paused or removed")
        if payload["story"] in self._watches.muted(posting.reader):
            return Skip("the story was muted")
        article = self._store.article(payload["article"])
        if article is None or article.withdrawn_at is not None or not article.paragraphs:
            return Skip("the article was withdrawn")
        return self._composed(posting, self._alert(posting, article, watches))

    def place_gone(self, claimed: Claimed, reason: str) -> None:
        """Pause the watches whose alerts Slack does not take."""
        for watch in self._watches.of_reader(claimed.posting.reader):
            if watch.channel == claimed.posting.channel and not watch.paused:
                self._watches.pause(watch.id)

    def _still_on(self, posting: Posting) -> list[Watch]:
        watches = (self._watches.get(identity) for identity in posting.payload["watches"])
        return [watch for watch in watches if watch is not None and not watch.paused]

    def _alert(self, posting: Posting, article: Article, watches: Sequence[Watch]) -> Alert:
        paragraph, sentence = where_now(article, posting.payload)
        copies = self._store.copies([article.id]).get(article.id, [])
        standing = tuple(copy for copy in copies if copy.withdrawn_at is None)
        return Alert(
            watch_name=" and ".join(dict.fromkeys(watch.name for watch in watches)),
            reader=posting.reader,
            story_id=posting.payload["story"],
            sentence=sentence,
            citation=Citation(1, article, paragraph, sentence, standing),
            zone=parse_zone(watches[0].zone),
            watches=tuple(watch.id for watch in watches),
        )

    def _composed(self, posting: Posting, alert: Alert) -> Composed:
        turn = self._turns.record_posting(
            ALERT,
            f"{posting.channel}:{posting.follows or posting.key}",
            posting.reader,
            self._clock(),
            alert.watch_name,
            [alert.sentence],
            [alert.citation],
            content_of_statements([Statement(alert.sentence, (alert.citation.mark,))]),
        )
        lay_out = further_messages if posting.kind == FURTHER else alert_messages
        return Composed(tuple(lay_out(alert, turn)), turn_id=turn)


def where_now(article: Article, payload: Mapping[str, Any]) -> tuple[Paragraph, str]:
    """The sentence that met the watch in the article as it reads now, or the one most like it."""
    sentence, number = payload["sentence"], payload["number"]
    numbered = article.paragraphs[number - 1 : number]
    for paragraph in (*numbered, *article.paragraphs):
        if sentence in paragraph.text:
            return paragraph, sentence
    wanted = set(words_of(sentence).stems)
    paragraph, found = max(
        (
            (paragraph, sentence)
            for paragraph in article.paragraphs
            for sentence in split_sentences(paragraph.text)
        ),
        key=lambda pair: len(wanted & set(words_of(pair[1].text).stems)),
    )
    return paragraph, found.text


def cap_line(cap: int) -> str:
    """What stands in place of alerts beyond the daily cap."""
    alerts = "1 alert" if cap == 1 else f"{cap} alerts"
    return f"That was {alerts} today, as many as you asked for; further ones are in this thread."
