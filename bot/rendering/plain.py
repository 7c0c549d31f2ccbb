"""Text as it is pasted elsewhere: one line, and no character in it that is not seen."""

from __future__ import annotations

import re
import unicodedata

# Spaces of no width, joiners, marks of direction, soft hyphens, byte order marks: they are lost or
# become boxes in other programs, and hide what is pasted. Joiners are looked at apart.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_JOINERS = re.compile("[\u200c\u200d]+")


def plain(text: str) -> str:
    """Text in one line, without characters that are not seen.

    A joiner stays where letters need it to be spelled (Persian, the scripts of India) or an emoji
    to be one; beside anything else it is left out.
    """
    shown = " ".join(_UNSEEN.sub("", text).split())
    return _JOINERS.sub(lambda match: _needed(match, shown), shown)


def _needed(match: re.Match[str], text: str) -> str:
    before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
    return match[0][:1] if _joins(before) and _joins(after) else ""


def _joins(character: str) -> bool:
    if not character or character.isascii():
        return False
    # Letters, the vowel signs after them, and the pictures that emoji are made of.
    return (
        unicodedata.category(character)[0] in "LM"
        or unicodedata.category(character) == "So"
        or ("\U0001f3fb" <= character <= "\U0001f3ff" or character == "\ufe0f")
    )
