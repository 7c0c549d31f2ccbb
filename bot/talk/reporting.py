"""Giving a report: recorded as a turn, posted with its picture, and where it stands recorded."""

from __future__ import annotations

import logging

from bot.clock import Clock
from bot.desk.reports import Report
from bot.errors import SlackError, SlackRefused
from bot.rendering.rich_text import ImageSlot
from bot.slack.destinations import Destination
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Asked
from bot.turns import Turns

log = logging.getLogger("chancery.conversation")

PICTURE = "chart.png"


class Reporting:
    """Gives reports to whoever asked for them."""

    def __init__(self, slack: SlackGateway, turns: Turns, clock: Clock) -> None:
        self._slack = slack
        self._turns = turns
        self._clock = clock

    def give(self, report: Report, asked: Asked, destination: Destination) -> None:
        """Record a report, post it, and record where it stands."""
        turn = self._turns.record_posting(
            report.kind,
            asked.conversation,
            asked.user,
            self._clock(),
            asked.text,
            report.said,
            report.citations,
            report.content,
        )
        posted = self._post(report, turn, asked, destination)
        if posted is not None:
            self._turns.posted(turn, posted)

    def _post(
        self, report: Report, turn: str, asked: Asked, destination: Destination
    ) -> str | None:
        """Post a report with its picture inside, else beside it, else without."""
        chart = report.chart() if destination.shows_pictures else None
        if chart is None:
            messages = report.messages(turn, None)
            if destination.alone:
                # Kept before a click can ask to share it.
                self._turns.show(turn, messages)
            return destination.say(messages, turn)
        try:
            picture = ImageSlot(self._slack.upload_image(chart.png, PICTURE, chart.alt), chart.alt)
        except SlackError as error:
            log.info("a report goes without its picture: %s", error)
            return destination.say(report.messages(turn, None))
        try:
            return destination.say(report.messages(turn, picture))
        except SlackRefused as error:
            # Slack may not have looked at the picture yet, and then takes no message with it.
            log.info("a report goes with its picture beside it: %s", error)
        posted = destination.say(report.messages(turn, None))
        thread = asked.reply_to or (posted.partition(":")[2] if posted else None)
        try:
            self._slack.share_image(asked.channel, thread, chart.png, PICTURE, chart.alt)
        except SlackError as error:
            log.info("a report goes without its picture: %s", error)
        return posted
