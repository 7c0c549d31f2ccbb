"""A modal that opens at once and is filled in while something slow goes on.

    trigger ─ open ─▶ what stands there until then ─ update, update … ─▶ what it came to

Whoever closes it meanwhile is told what it came to in a message that they alone see.
"""

from __future__ import annotations

import logging
from typing import Any

from bot.errors import SlackError, SlackRefused
from bot.rendering.answer_blocks import plain_message
from bot.slack.gateway import SlackGateway

log = logging.getLogger("chancery.slack")

View = dict[str, Any]


class ProgressModal:
    """One modal of one person, open from the moment it is made; SlackError where Slack refuses."""

    def __init__(
        self, slack: SlackGateway, trigger_id: str, view: View, user: str, response_url: str | None
    ) -> None:
        self._slack = slack
        self._user = user
        self._response_url = response_url
        self._id: str | None = slack.open_view(trigger_id, view)

    def show(self, view: View) -> None:
        """Put another view in its place; one that cannot be put there is left out."""
        if self._id is None:
            return
        try:
            self._slack.update_view(self._id, view)
        except SlackRefused as refused:
            if refused.reason == "not_found":
                self._id = None
            log.info("a modal is not filled in: %s", refused.reason)
        except SlackError as error:
            log.info("a modal is not filled in: %s", error)

    def end(self, view: View, text: str) -> None:
        """Show what it came to; `text` says it to whoever closed the modal.

        SlackError where neither can be done.
        """
        if self._id is not None:
            try:
                self._slack.update_view(self._id, view)
                return
            except SlackRefused as refused:
                log.info("what a modal came to is told beside it: %s", refused.reason)
        self.tell(text)

    def tell(self, text: str) -> None:
        """Tell the person beside the modal: where the shortcut was chosen, else directly."""
        if self._response_url is not None:
            try:
                self._slack.respond(self._response_url, plain_message(text))
                return
            except SlackError as error:
                log.info("what a modal came to goes into a direct message: %s", error)
        self._slack.post(self._slack.direct_channel(self._user), None, [plain_message(text)])
