"""Opening store and indexes for one command, with what is pending indexed first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from bot.cli.console import IN_PART, progress, say

if TYPE_CHECKING:
    from bot.wiring import Library

NOTHING_READ = "Nothing has been read yet: chancery ingest PATH, or chancery ingest --sample."


@contextmanager
def opened_library(purpose: str) -> Iterator[Library]:
    """The library of the configured store, up to date; ends the command where it is empty."""
    from bot.settings import load_settings
    from bot.wiring import open_corpus, open_library

    settings = load_settings()
    corpus = open_corpus(settings)
    try:
        if corpus.last_change() == 0:
            say(NOTHING_READ)
            raise typer.Exit(IN_PART)
        with open_library(settings, corpus, purpose) as library:
            with progress("Loading the model"):
                library.embeddings.load()
            catch_up(library)
            yield library
    finally:
        corpus.close()


def catch_up(library: Library) -> int:
    """Index what is pending, with a progress bar; the number of paragraphs embedded."""
    _, paragraphs = library.indexer.pending()
    if not paragraphs:
        return library.indexer.catch_up()
    with progress("Indexing paragraphs", paragraphs) as advance:
        return library.indexer.catch_up(advance)
