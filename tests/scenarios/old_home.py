"""The home that release 0.1.0 left (`tests/data/home-0.1.0`), and what its people had."""

from __future__ import annotations

import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).parents[1] / "data" / "home-0.1.0" / "home.tar.xz"
ANSWERED = "What did Guterres say about a military solution in Libya?"
SAID = "There is no military solution. Only intra-Libyan dialogue can solve Libyan problems."


def unpacked(folder: Path) -> Path:
    """A copy of it below a folder."""
    home = folder / "home"
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(home, filter="data")
    return home
