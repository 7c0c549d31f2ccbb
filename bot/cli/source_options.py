"""Options of the commands about sources; what cannot be used ends the command in a sentence."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.console import WrongUse

if TYPE_CHECKING:
    from corpus.articles import SourceKind


def kind_option(text: str | None) -> SourceKind | None:
    """The kind that `--kind` names."""
    from corpus.articles import SourceKind

    if text is None:
        return None
    try:
        return SourceKind(text.strip().lower().replace("-", " ").replace("_", " "))
    except ValueError:
        raise WrongUse(f"{text!r} is no kind; one of {', '.join(SourceKind)}.") from None


def interval_option(text: str) -> timedelta:
    """The interval that `--every` names."""
    from corpus.feeds.polling import parse_interval

    try:
        return parse_interval(text)
    except ValueError as error:
        raise WrongUse(str(error)) from None


def code_option(text: str | None, option: str, example: str) -> str | None:
    """A code of two letters, as given."""
    if text is not None and not re.fullmatch("[A-Za-z]{2}", text):
        raise WrongUse(f"{option} takes a code of two letters, such as {example}.")
    return text


def bytes_of(path: Path) -> bytes:
    """What a file holds."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from None
