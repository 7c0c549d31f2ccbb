"""Shortcuts on messages: *Add to corpus* and *Check claims*.

    add_to_corpus   links of a message ─ fetched, read, stored one by one ─▶ modal, audit trail
    check_claims    text of a message  ─ `retrieval.claims` ─▶ modal

Each opens its modal at once, since Slack lets one be opened for three seconds only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.apology import own_up
from bot.clock import Clock
from bot.rendering import added_view, claims_view
from bot.rendering.claims_wording import counts_line
from bot.slack.gateway import SlackGateway
from bot.slack.message_content import links_of, text_of
from bot.slack.progressing import ProgressModal, View
from bot.slack.shortcuts import Chosen
from bot.sources.adding import MOST_LINKS, Adding
from bot.wiring import Library

if TYPE_CHECKING:
    from corpus.fetch import Fetcher

log = logging.getLogger("chancery.listeners")

LONGEST_TEXT = 20_000
"""Characters of a message or command that are looked at for claims."""


class Shortcuts:
    """What the shortcuts on messages do. Any number of threads may call it."""

    def __init__(
        self, library: Library, slack: SlackGateway, fetcher: Fetcher, clock: Clock
    ) -> None:
        self._library = library
        self._slack = slack
        self._clock = clock
        self._adding = Adding(library.corpus, fetcher, clock)

    def add_to_corpus(self, chosen: Chosen) -> None:
        """Read the articles that a message links to, and tell of each what became of it."""
        links = links_of(chosen.message)
        if not links:
            self._open(chosen, added_view.no_link_view())
            return
        wanted, left_out = links[:MOST_LINKS], len(links) - len(links[:MOST_LINKS])
        waiting = [added_view.Added(address) for address in wanted]
        modal = self._open(chosen, added_view.reading_view(waiting, left_out))
        if modal is None:
            return

        def work() -> None:
            done: list[added_view.Added] = []
            for added in self._adding.add(wanted, chosen.user):
                done.append(added)
                if len(done) < len(wanted):
                    modal.show(added_view.reading_view([*done, *waiting[len(done) :]], left_out))
            modal.end(added_view.added_view(done, left_out), added_view.added_text(done))

        self._guarded(work, modal, added_view.failed_view)

    def check_claims(self, chosen: Chosen) -> None:
        """Check the claims of a message against what has been read."""
        self.check_text(text_of(chosen.message), chosen)

    def check_text(self, text: str, chosen: Chosen) -> None:
        """Check the claims of a text; `chosen` says for whom, and with which trigger."""
        # Loads what retrieval stands on; a process that serves has it already.
        from retrieval.claim_splitting import claims_of
        from retrieval.claims import check_claims

        text = text[:LONGEST_TEXT]
        found = claims_of(text)
        if not found.claims:
            self._open(chosen, claims_view.no_claim_view())
            return
        most = min(len(found.claims), claims_view.MOST_CLAIMS)
        left_out, passed_over = len(found.claims) - most, len(found.passed_over)
        modal = self._open(chosen, claims_view.checking_view(most))
        if modal is None:
            return

        def work() -> None:
            claims = check_claims(text, self._library.search, self._clock(), most=most)
            view = claims_view.claims_view(claims, left_out, passed_over)
            modal.end(view, f"{counts_line(claims)}. Check again to see the sources.")

        self._guarded(work, modal, claims_view.failed_view)

    def _open(self, chosen: Chosen, view: View) -> ProgressModal | None:
        """The modal, or None where Slack did not open one and the person was told so."""
        try:
            return ProgressModal(
                self._slack, chosen.trigger_id, view, chosen.user, chosen.response_url
            )
        except Exception as error:  # Whoever chose it must not be left in silence.
            own_up(error, lambda text: self._tell(chosen, text))
            return None

    def _guarded(
        self, work: Callable[[], None], modal: ProgressModal, failed: Callable[[str], View]
    ) -> None:
        try:
            work()
        except Exception as error:  # Nor before a modal that never changes.
            own_up(error, lambda text: modal.end(failed(text), text))

    def _tell(self, chosen: Chosen, text: str) -> None:
        if chosen.channel and not chosen.channel.startswith("D"):
            self._slack.tell(chosen.channel, chosen.user, chosen.thread, text)
        else:
            from bot.rendering.answer_blocks import plain_message

            direct = self._slack.direct_channel(chosen.user)
            self._slack.post(direct, None, [plain_message(text)])
