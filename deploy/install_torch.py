"""Install torch without the gigabytes of GPU packages that nothing here uses.

What torch from the usual package index needs is looked up first, in its metadata. If it needs GPU
packages, the CPU build is taken from PyTorch's own index of CPU builds; where that gives none, what
the usual index has is taken after all. `TORCH_INDEX` names another index to take torch from;
`TORCH_INDEX=default` means the usual one, whatever it brings.

Only torch itself is installed. What it needs comes with the rest, as requirements.lock says.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
USUAL_INDEX = "default"
GPU_PACKAGES = ("nvidia-", "cuda-", "triton")
NAME = re.compile(r"[\w.-]+")

Say = Callable[[str], None]


class Pip(Protocol):
    """Runs pip with the given arguments; returns its exit status and what it printed."""

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]: ...


def main() -> int:
    """Exit status 0 once torch is there; otherwise pip's own, after pip's own message."""
    requirement = torch_requirement(PROJECT.read_text(encoding="utf-8"))
    if is_installed(requirement):
        return 0
    return install(requirement, os.environ.get("TORCH_INDEX", "").strip(), run_pip, tell)


def install(
    requirement: str, chosen_index: str, pip: Pip, say: Say, cpu_index: str = CPU_INDEX
) -> int:
    """Install torch from the index that was chosen, or else from one that has a CPU build.

    One line says that the CPU build is taken, one more that it could not be had. An index that
    the user chose is the only one that is asked.
    """
    if chosen_index and chosen_index != USUAL_INDEX:
        return outcome(take(requirement, pip, chosen_index), say)
    if not chosen_index and (unwanted := gpu_packages(requirement, pip)):
        say(
            f"The usual package index has {requirement} with GPU packages ({unwanted[0]}, …); "
            f"taking the CPU build from {cpu_index}."
        )
        if take(requirement, pip, cpu_index).returncode == 0:
            return 0
        say(
            f"{cpu_index} cannot be reached or has no build for this machine; "
            "taking what the usual index has, several gigabytes."
        )
    return outcome(take(requirement, pip), say)


def torch_requirement(project: str) -> str:
    """The requirement on torch, as the text of pyproject.toml states it."""
    dependencies = tomllib.loads(project)["project"]["dependencies"]
    return next(str(line) for line in dependencies if line.startswith("torch=="))


def is_installed(requirement: str) -> bool:
    """Whether that version of torch is there, in whichever build."""
    try:
        return version("torch").split("+")[0] == requirement.partition("==")[2]
    except PackageNotFoundError:
        return False


def gpu_packages(requirement: str, pip: Pip) -> list[str]:
    """Names of the GPU packages that torch from the usual index needs here.

    None if that index cannot be asked: installing from it will say why.
    """
    # Without --no-deps, an index that shows no metadata would send gigabytes only for this look.
    look = ("install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", "-")
    found = pip(*look, requirement)
    if found.returncode:
        return []
    report = json.loads(found.stdout)
    needed = report["install"][0]["metadata"].get("requires_dist", [])
    system = report["environment"]["platform_system"]
    names = [NAME.match(line) for line in needed if not is_for_another(line, system)]
    return [name[0] for name in names if name and name[0].startswith(GPU_PACKAGES)]


def is_for_another(requirement: str, system: str) -> bool:
    """Whether a requirement names operating systems ("Linux") and this one is not among them."""
    marker = requirement.partition(";")[2]
    return "platform_system" in marker and system not in marker


def take(requirement: str, pip: Pip, index: str = "") -> subprocess.CompletedProcess[str]:
    """Install torch alone, from one index or from the usual one."""
    options = ("--index-url", index) if index else ()
    return pip("install", "--quiet", "--no-deps", *options, requirement)


def outcome(done: subprocess.CompletedProcess[str], say: Say) -> int:
    """pip's exit status; what it complained of is said if it failed."""
    if done.returncode:
        say(done.stderr.strip())
    return done.returncode


def run_pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def tell(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
