"""One process owns an embedded index: two that write one directory destroy it.

The owner holds a file lock for as long as it lives; the operating system frees it when the
process ends, however it ends. A second process learns who the owner is.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from retrieval.errors import IndexOwned, IndexUnavailable


class IndexOwnership:
    """Holds `folder`/index.lock; raises IndexOwned where another process does.

    IndexUnavailable where the folder cannot be written.
    """

    def __init__(self, folder: Path, purpose: str) -> None:
        self._lock = FileLock(folder / "index.lock")
        self._note = folder / "index.owner"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._note.write_text(f"{os.getpid()} {purpose}", encoding="utf-8")
        except Timeout:
            raise IndexOwned(self._message()) from None
        except OSError as error:
            self._lock.release()
            raise IndexUnavailable(
                f"The index in {folder} cannot be written ({error.strerror}); "
                "set CHANCERY_HOME to a folder that can."
            ) from error

    def release(self) -> None:
        self._note.unlink(missing_ok=True)
        self._lock.release()

    def __enter__(self) -> IndexOwnership:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _message(self) -> str:
        try:
            process, _, purpose = self._note.read_text(encoding="utf-8").partition(" ")
        except OSError:
            process, purpose = "unknown", ""
        running = f" (chancery {purpose})" if purpose else ""
        return (
            f"The index is in use by process {process}{running}. "
            "Ask there, or stop it first; set CHROMA_URL to share one index between processes."
        )
