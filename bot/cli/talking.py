"""Commands that keep talking: chat in the terminal, serve in Slack, run for whichever fits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bot.cli.console import WrongUse, opened_library, say

if TYPE_CHECKING:
    from bot.settings import Settings


def chat() -> None:
    """Talk in the terminal."""
    from bot.chat.terminal import converse
    from bot.clock import utc_now

    with opened_library("chat") as library:
        converse(library, utc_now, sys.stdin, sys.stdout)


def serve() -> None:
    """Run the Slack bot."""
    from bot.settings import load_settings

    settings = load_settings()
    if not settings.has_slack:
        raise WrongUse(_what_slack_needs(settings))
    from bot.service import run_service

    run_service(settings)


def run() -> None:
    """Read the sample if nothing was read; then Slack, or the terminal without its tokens."""
    from bot.settings import load_settings

    settings = load_settings()
    _read_sample_once(settings)
    if settings.has_slack:
        serve()
        return
    if sys.stdin.isatty():
        say("No Slack tokens in .env, so this is the terminal chat (README: Connect Slack).")
        chat()
        return
    from bot.chat.terminal import demonstrate
    from bot.clock import utc_now

    say("No Slack tokens in .env and no terminal: here are five questions to the sample.")
    with opened_library("run") as library:
        demonstrate(library, utc_now, sys.stdout)


def _read_sample_once(settings: Settings) -> None:
    from bot.cli.reading import index_pending, read_into
    from bot.library import open_corpus

    corpus = open_corpus(settings)
    try:
        if corpus.last_change() == 0:
            receipt = read_into(corpus, settings, [], sample=True)
            say(f"Read the bundled sample: {receipt.new} dispatches of January to June 2019.")
            if waiting := index_pending(settings, corpus, "run"):
                say(waiting)
    finally:
        corpus.close()


def _what_slack_needs(settings: Settings) -> str:
    needed = (
        "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"
        if settings.slack_mode == "socket"
        else "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET"
    )
    return f"Slack needs {needed} in .env (README: Connect Slack); chancery chat works without."
