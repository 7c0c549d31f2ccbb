"""Clicks, and the modals they open: in time for Slack, and never left without a word.

    click ─▶ is the view made in time? ─┬─ yes ─▶ open it
                                        └─ no ──▶ open a waiting one ─▶ made ─▶ put it in its place

Slack opens a modal within three seconds of a click. What makes a view can be slow, a database
under load for one, so that a waiting view takes its place after one of them. What is known to be
slow opens its modal at once and fills it in (`ProgressModal`); whoever closes that meanwhile is
told what it came to in a message that they alone see.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App

from bot.failures import SlackError, SlackRefused, own_up
from bot.render.answers import plain_message
from bot.render.catalogues import carried
from bot.slack.client import SlackGateway

log = logging.getLogger("chancery.slack")

PATIENCE_SECONDS = 1.0
"""How long a click waits for its view before it is shown that it comes."""
_MAKERS = 8

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a button of a message or of a modal: who, where, and what it may open.

    `channel` is None in a modal or a Home tab. `view_id`, `view_hash` and `metadata` are those of
    the modal in which it was clicked. A message that is shown to one person `alone` is answered
    through the `response_url`.
    """

    trigger_id: str
    user: str
    value: str
    channel: str | None = None
    thread_ts: str | None = None
    view_id: str | None = None
    view_hash: str | None = None
    metadata: str = ""
    alone: bool = False
    response_url: str | None = field(default=None, repr=False)


def click_of(body: Mapping[str, Any], action: Mapping[str, Any]) -> Click:
    """The click of a block_actions payload; a menu's value is that of its chosen option."""
    container, view = body.get("container") or {}, body.get("view") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    chosen = (action.get("selected_option") or {}).get("value")
    return Click(
        trigger_id=str(body["trigger_id"]),
        user=str(body["user"]["id"]),
        value=str(action.get("value") or chosen or ""),
        channel=str(channel) if channel else None,
        thread_ts=(body.get("message") or {}).get("thread_ts") or container.get("thread_ts"),
        # Over a Home tab, which is a view too, a modal is opened and nothing is laid over.
        view_id=view.get("id") if view.get("type") == "modal" else None,
        view_hash=view.get("hash"),
        metadata=str(view.get("private_metadata") or ""),
        alone=bool(container.get("is_ephemeral")),
        response_url=body.get("response_url"),
    )


def on_click(app: App, action: str | re.Pattern[str], act: Callable[[Click], None]) -> None:
    """Have `act` called with each click on an action, once Slack has heard that it arrived."""

    def clicked(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        act(click_of(body, action))

    app.action(action)(clicked)


class Modals:
    """Opens modals and turns their pages. Any number of threads may call it."""

    def __init__(self, slack: SlackGateway, patience: float = PATIENCE_SECONDS) -> None:
        self._slack = slack
        self._patience = patience
        self._makers = ThreadPoolExecutor(_MAKERS, thread_name_prefix="modal")

    def open(self, click: Click, make: Callable[[], View], waiting: View) -> None:
        """Open what `make` gives; `waiting` stands there until then where that takes long."""
        try:
            making = self._makers.submit(carried(make))
            if click.view_id is None:
                self._open(click, making, waiting)
            else:
                self._slack.push_view(click.trigger_id, making.result())
        except Exception as error:  # Whoever clicked must not be left in silence.
            self.own_up(click, error)

    def turn(self, click: Click, make: Callable[[], View]) -> None:
        """Show another view in the place of the one in which something was clicked."""
        try:
            assert click.view_id is not None
            self._slack.update_view(click.view_id, make(), click.view_hash)
        except SlackRefused as refused:
            if refused.reason not in ("hash_conflict", "not_found"):
                self.own_up(click, refused)
                return
            # A later click was quicker, or the modal was closed: nobody waits for this one.
            log.info("a page is not turned: %s", refused.reason)
        except Exception as error:  # Whoever clicked must not be left in silence.
            self.own_up(click, error)

    def own_up(self, click: Click, error: Exception) -> None:
        """Tell whoever clicked that it failed, where they clicked or in their direct messages."""
        own_up(error, lambda text: self.tell(click, text))

    def tell(self, click: Click, text: str) -> None:
        """Tell only whoever clicked."""
        if click.channel is not None and not click.channel.startswith("D"):
            self._slack.tell(click.channel, click.user, click.thread_ts, text)
        else:
            direct = click.channel or self._slack.direct_channel(click.user)
            self._slack.post(direct, click.thread_ts, [plain_message(text)])

    def _open(self, click: Click, making: Future[View], waiting: View) -> None:
        try:
            view = making.result(self._patience)
        except TookTooLong:
            view_id = self._slack.open_view(click.trigger_id, waiting)
            self._slack.update_view(view_id, making.result())
            return
        self._slack.open_view(click.trigger_id, view)


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
