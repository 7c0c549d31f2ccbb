"""What people who have to wait for their answer are told."""

from __future__ import annotations

from bot.rendering.wording import counted

INTERRUPTED = (
    "I was interrupted before I could answer what you wrote here, and that is a while ago. "
    "Write it again if you still want to know."
)


def position(before: int, seconds: float) -> tuple[str, tuple[str, ...]]:
    """The status of a question that waits: beside our name, and as lines in the reply's place.

    `before` is how many come first, `seconds` how long that probably takes.
    """
    if before <= 0:
        return "is busy: yours is the next question…", ("Yours is the next question…",)
    are = "is" if before == 1 else "are"
    lines = (
        f"{counted(before, 'question')} {are} before yours…",
        f"About {_roughly(seconds)} to go…",
    )
    return f"is busy: {counted(before, 'question')} before yours…", lines


def limited(asked: int, seconds: float) -> str:
    """What somebody is told who asked too many questions within a minute."""
    return (
        f"You asked {counted(asked, 'question')} within a minute; this one is answered in "
        f"{_roughly(seconds)}."
    )


def _roughly(seconds: float) -> str:
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return counted(round(seconds / 60), "minute")
