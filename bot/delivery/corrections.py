"""What a posting of kind "correction" says, made when it is posted.

So the note tells the final wording against the cited one. Where the article changed once more
meanwhile, the later change has a posting of its own, or nothing needs telling any longer.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from bot.delivery.composed import Composed
from bot.delivery.deliveries import Later, Skip
from bot.delivery.outbox import Claimed, Posting
from bot.delivery.subscriptions import Subscriptions
from bot.monitoring.corrections import Corrections
from bot.rendering.correction_blocks import correction_messages
from corpus.store.article_store import ArticleStore


class CorrectionComposer:
    """Makes notes from postings; the note goes into the thread of what it corrects."""

    def __init__(self, store: ArticleStore, corrections: Corrections) -> None:
        self._store = store
        self._corrections = corrections
        self._subscriptions = Subscriptions(store.engine)

    def __call__(self, claimed: Claimed) -> Composed | Skip | Later:
        payload = claimed.posting.payload
        turn, article = str(payload["turn"]), str(payload["article"])
        current = self._store.article(article)
        if current is None:
            return Skip("the article is no longer kept")
        noticed = (int(payload["version"]), bool(payload["withdrawn"]))
        if (current.version, current.withdrawn_at is not None) != noticed:
            return Skip("the article has changed again since")
        note = self._corrections.note(turn, article)
        if note is None:
            return Skip("the article reads as its readers were told")
        return Composed(
            messages=tuple(correction_messages(note, self._zone(claimed.posting))),
            channel=note.turn.channel,
            thread_ts=note.turn.thread,
        )

    def _zone(self, posting: Posting) -> tzinfo:
        """The zone in which digests come where it is posted; UTC where that is not one."""
        of_reader = self._subscriptions.of_reader
        # Who asked in a channel is not alone in reading there.
        zones = {one.zone for one in of_reader(posting.channel) or of_reader(posting.reader)}
        return ZoneInfo(zones.pop()) if len(zones) == 1 else UTC
