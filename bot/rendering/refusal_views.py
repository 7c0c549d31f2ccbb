"""The modal that somebody sees who is not answered. Pure."""

from __future__ import annotations

from typing import Any

from bot.rendering.form_inputs import note_view
from bot.rendering.rich_text import words

TITLE = "Not for this account"


def refusal_modal(text: str) -> dict[str, Any]:
    """A modal that says in one sentence why nothing is done."""
    return note_view(TITLE, [[words(text)]])
