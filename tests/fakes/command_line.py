"""The command `chancery` run inside the test's own process, up to its exit status."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main


@dataclass(frozen=True)
class Ended:
    """How a run of the command ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document that stdout holds."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def chancery(home: Path, *arguments: object, **environment: str) -> Ended:
    """Run the command on a home, without a terminal and with nothing on stdin.

    A process of its own would take seconds to start; the console script does no more than this.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as started, redirect_stdout(out), redirect_stderr(err):
        started.setattr(sys, "argv", ["chancery", *map(str, arguments)])
        started.setattr(sys, "stdin", io.StringIO())
        for name, value in {"CHANCERY_HOME": str(home), **environment}.items():
            started.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    status = ended.value.code
    assert isinstance(status, int)
    return Ended(status, written(out), written(err))


def written(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
