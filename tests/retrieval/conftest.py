"""An empty corpus with its indexes, for whoever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.indexed import IndexedCorpus


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[IndexedCorpus]:
    with IndexedCorpus(tmp_path) as corpus:
        yield corpus
