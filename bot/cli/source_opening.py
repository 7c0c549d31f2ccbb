"""Opening the register of sources for one command, and the trail of what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from bot.cli.console import IN_PART, say

if TYPE_CHECKING:
    from bot.settings import Settings
    from corpus.feeds.polling import PolledSource
    from corpus.feeds.register import SourceRegister
    from corpus.store.article_store import ArticleStore


@dataclass(frozen=True, slots=True)
class OpenedSources:
    """The configured store and its register of sources."""

    settings: Settings
    corpus: ArticleStore
    register: SourceRegister

    def named(self, name: str) -> PolledSource:
        """The polled source of that name; ends the command where there is none."""
        found = self.register.source(name)
        if found is None:
            say(f"No polled source is named {name!r}; chancery sources list names them.")
            raise typer.Exit(IN_PART)
        return found

    def record(self, action: str, subject: str, detail: str | None = None) -> None:
        """Add what was done from this terminal to the audit trail."""
        from bot.audit import Audit, terminal_user
        from bot.clock import utc_now

        Audit(self.corpus.engine).record(terminal_user(), action, subject, detail, utc_now())


@contextmanager
def opened_sources() -> Iterator[OpenedSources]:
    """The sources of the configured store, closed at the end."""
    from bot.settings import load_settings
    from bot.wiring import open_corpus
    from corpus.feeds.register import SourceRegister

    settings = load_settings()
    corpus = open_corpus(settings)
    try:
        yield OpenedSources(settings, corpus, SourceRegister(corpus))
    finally:
        corpus.close()
