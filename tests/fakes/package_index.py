"""A package index on 127.0.0.1, for pip itself to ask.

    with PackageIndex() as index:
        index.add("torch", "2.13.0", "nvidia-cublas")
        …PIP_INDEX_URL=index.address
        index.downloaded             # the packages whose files were fetched

Its packages are empty wheels. Their metadata can be asked for alone, as at the public index.
"""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Self
from urllib.parse import quote
from zipfile import ZipFile

from tests.fakes.web import LocalWeb


class PackageIndex:
    """Packages that `pip` finds by name under `address`."""

    def __init__(self) -> None:
        self._web = LocalWeb()

    @property
    def address(self) -> str:
        return self._web.url("/simple/")

    @property
    def downloaded(self) -> list[str]:
        files = (asked.path.rpartition("/")[2] for asked in self._web.requests)
        return [name.partition("-")[0] for name in files if name.endswith(".whl")]

    def add(self, name: str, version: str, *requires: str) -> None:
        """Offer one version of a package, requiring others by name."""
        file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        metadata = _metadata(name, version, requires)
        path = f"/files/{quote(file)}"
        self._web.page(path, _wheel(file, metadata))
        self._web.page(f"{path}.metadata", metadata)
        known = f"sha256={sha256(metadata.encode()).hexdigest()}"
        link = f'<a href="{path}" data-core-metadata="{known}">{file}</a>'
        self._web.page(f"/simple/{name}/", f"<!DOCTYPE html><html><body>{link}</body></html>")

    def __enter__(self) -> Self:
        self._web.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._web.__exit__(*raised)


def _metadata(name: str, version: str, requires: tuple[str, ...]) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    return "\n".join([*lines, *(f"Requires-Dist: {other}" for other in requires), ""])


def _wheel(file: str, metadata: str) -> bytes:
    folder = "-".join(file.split("-")[:2]) + ".dist-info"
    contents = {
        "METADATA": metadata,
        "WHEEL": "Wheel-Version: 1.0\nGenerator: fake\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "".join(f"{folder}/{name},,\n" for name in ("METADATA", "WHEEL", "RECORD")),
    }
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, text in contents.items():
            archive.writestr(f"{folder}/{name}", text)
    return packed.getvalue()
