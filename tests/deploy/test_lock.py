"""The lock holds for any machine and for what pyproject.toml asks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.install_torch import GPU_PACKAGES, PROJECT
from deploy.lock import HEADING, LOCK, portable

COMPILED = """\
aiohttp==3.14.5           # via aiohttp-retry, chancery (pyproject.toml)
chancery @ file:///home/somebody/chancery  # via chancery (pyproject.toml)
filelock==4.3.1           # via chancery, chancery (pyproject.toml), torch
nvidia-cublas==13.0       # via torch
setuptools==84.2.1        # via torch, triton
torch==2.13.0+cpu         # via chancery (pyproject.toml)
triton==3.5               # via torch

# The following packages are considered to be unsafe in a requirements file:
pip==26.3
"""


def test_what_belongs_to_one_machine_is_left_out_of_the_lock() -> None:
    assert portable(COMPILED, "chancery") == (
        HEADING
        + """\
aiohttp==3.14.5  # via aiohttp-retry, chancery
filelock==4.3.1  # via chancery, torch
setuptools==84.2.1  # via torch
torch==2.13.0  # via chancery
pip==26.3
"""
    )


@pytest.mark.parametrize(
    "line", ["--index-url https://index.example/simple", "other @ file:///tmp/other", "torch>=2"]
)
def test_a_line_that_pins_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a package with its version"):
        portable(line + "\n", "chancery")


def test_the_lock_names_packages_and_versions_and_nothing_else() -> None:
    lines = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    pin = re.compile(r"[\w-]+==[\w.]+(  # via [\w, .-]+)?")
    assert [line for line in lines if not pin.fullmatch(line)] == []
    assert [line for line in lines if line.startswith(GPU_PACKAGES)] == []


def test_the_lock_has_a_version_of_every_requirement_that_the_project_allows() -> None:
    locked = dict(_locked())
    wrong = [
        str(needed)
        for needed in _requirements()
        if locked.get(canonicalize_name(needed.name), "none") not in needed.specifier
    ]
    assert wrong == [], "run `make lock`"


def _locked() -> Iterator[tuple[str, str]]:
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if line[0] != "#":
            name, _, version = line.partition(" ")[0].partition("==")
            yield name, version


def _requirements() -> Iterator[Requirement]:
    """Everything pyproject.toml asks for, but the project itself by its extras."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    for needed in map(Requirement, (line for lines in lists for line in lines)):
        if needed.name != project["name"]:
            yield needed
