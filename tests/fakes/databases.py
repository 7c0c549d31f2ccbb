"""SQLite databases whose tables are made already, which takes ten times as long as all else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.store.articles import open_store


def new_database(folder: Path) -> str:
    """URL of the database of a folder, with the current tables; one that is there stays."""
    path = folder / "chancery.db"
    if not path.exists():
        path.write_bytes(_empty())
    return f"sqlite:///{path}"


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chancery.db"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()
