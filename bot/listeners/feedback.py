"""The two buttons under an answer, and the modal that asks why it was not helpful."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.rendering.feedback_blocks import FEEDBACK, REASON
from bot.slack.modals import click_of
from bot.surfaces.together import Surfaces


def register(app: App, surfaces: Surfaces) -> None:
    def judged(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        surfaces.feedback.clicked(click_of(body, action))

    def reason_sent(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        ack()
        surfaces.feedback.reason_sent(view, str(body["user"]["id"]))

    def reason_skipped(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        ack()
        surfaces.feedback.reason_skipped(view, str(body["user"]["id"]))

    app.action(FEEDBACK)(judged)
    app.view(REASON)(reason_sent)
    app.view_closed(REASON)(reason_skipped)
