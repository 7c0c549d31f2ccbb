"""Buttons and forms of polled sources, on the Home page of admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.home.source_admin import SourceDesk
from bot.home.source_forms import ADD_FORM, EDIT_FORM, FOUND_FORM, REMOVE
from bot.slack.modals import Click, click_of

Body = dict[str, Any]


def register(app: App, desk: SourceDesk) -> None:
    """Attach the buttons and forms of polled sources."""

    def on(action: str, act: Callable[[Click], None]) -> None:
        def clicked(ack: Ack, body: Body, action: Body) -> None:
            ack()
            act(click_of(body, action))

        app.action(action)(clicked)

    on("source:add", desk.add)
    on("source:edit", desk.edit)
    on("source:pause", lambda click: desk.set_paused(click, paused=True))
    on("source:resume", lambda click: desk.set_paused(click, paused=False))
    on("source:check", desk.check)
    on("source:check-all", desk.check_all)
    on(REMOVE, desk.remove)

    def submitted(form: str, enter: Callable[[Body, Ack], None]) -> None:
        # What is answered tells what is wrong, so that it comes after a look, and in time.
        app.view(form)(lambda ack, body: enter(body, ack))

    submitted(ADD_FORM, desk.address_entered)
    submitted(FOUND_FORM, desk.found_entered)
    submitted(EDIT_FORM, desk.change_entered)
