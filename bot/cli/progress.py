"""A progress bar on stderr that only appears for work of more than two seconds."""

from __future__ import annotations

import threading

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE_SECONDS = 2.0


class DelayedBar:
    """Starts itself when the work has taken `PATIENCE_SECONDS`; thread-safe."""

    def __init__(self, label: str, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task(label, total=total)
        self._timer = threading.Timer(PATIENCE_SECONDS, self._progress.start)
        self._timer.daemon = True
        self._timer.start()

    def advance(self, steps: int) -> None:
        self._progress.advance(self._task, steps)

    def close(self) -> None:
        self._timer.cancel()
        self._progress.stop()
