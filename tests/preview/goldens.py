"""Golden files as HTML: a message or several, a modal, a Home tab, the errors of a form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.preview.page import errors_html, message_html, said_html, view_html

GOLDEN = Path(__file__).parents[1] / "scenarios" / "golden"

# Who wrote what the message answers, for those files of which a picture is shown somewhere.
SAID = {
    "answer": ("Amal", "@Chancery Who signed the Ormsund fisheries protocol on 4 April 2019?"),
    "follow_up": ("Amal", "And how many vessels does it allow?"),
}
# Messages whose text stands above their blocks, since it came sentence by sentence.
STREAMED = frozenset(("answer_streamed", "answer_streamed_hostile"))


def golden_names() -> list[str]:
    """The names of all golden files, without their suffix."""
    return sorted(path.stem for path in GOLDEN.glob("*.json"))


def golden_content(name: str) -> list[Mapping[str, Any]]:
    """What the golden file of this name holds: one thing or several that came together.

    Raises FileNotFoundError for a name that no file has.
    """
    held = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    return held if isinstance(held, list) else [held]


def golden_parts(name: str) -> list[str]:
    """The golden file of this name as parts of a page, after what a person said before it."""
    said = [said_html(SAID[name][0], "10:00", SAID[name][1])] if name in SAID else []
    shown = (_part_html(held, name in STREAMED) for held in golden_content(name))
    return [*said, *shown]


def _part_html(held: Mapping[str, Any], streamed: bool) -> str:
    if held.get("type") in ("modal", "home"):
        return view_html(held)
    if "blocks" in held:
        above = [{"type": "markdown", "text": held["text"]}] if streamed else []
        return message_html("Chancery", "10:00", [*above, *held["blocks"]])
    return errors_html(held)
