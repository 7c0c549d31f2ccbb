"""Install the CPU build of torch, or stop before gigabytes of GPU packages are downloaded.

On Linux the usual package index serves torch with CUDA packages of several gigabytes, which
nothing here uses. `TORCH_INDEX` names an index with CPU builds (pytorch.org, "Get started",
compute platform CPU, shows its address); `TORCH_INDEX=default` takes whatever the usual index
serves. Without it, what would be installed is looked up first, without downloading it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
GPU_PACKAGES = ("nvidia-", "cuda-", "triton")


def main() -> int:
    requirement = torch_requirement()
    if is_installed(requirement):
        return 0
    chosen = os.environ.get("TORCH_INDEX", "").strip()
    if chosen and chosen != "default":
        return install(requirement, "--index-url", chosen)
    if not chosen and (unwanted := gpu_packages(requirement)):
        print(
            f"The package index serves {requirement} with {len(unwanted)} GPU packages "
            f"({unwanted[0]}, …), several gigabytes that Chancery does not use.\n"
            "Nothing was installed. Run make again with TORCH_INDEX set to an index of CPU "
            "builds\n(pytorch.org, Get started, compute platform CPU, shows its address), or with "
            "TORCH_INDEX=default to take them.",
            file=sys.stderr,
        )
        return 1
    return install(requirement)


def torch_requirement() -> str:
    """The requirement on torch, as the project states it."""
    dependencies = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return next(line for line in dependencies if line.startswith("torch=="))


def is_installed(requirement: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("torch").split("+")[0] == requirement.partition("==")[2]
    except PackageNotFoundError:
        return False


def gpu_packages(requirement: str) -> list[str]:
    """Names of the GPU packages that installing the requirement would bring."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
    found = subprocess.run(
        [*command, "--quiet", "--report", "-", requirement], stdout=subprocess.PIPE, check=False
    )
    if found.returncode:
        return []
    planned = [item["metadata"]["name"].lower() for item in json.loads(found.stdout)["install"]]
    return [name for name in planned if name.startswith(GPU_PACKAGES)]


def install(requirement: str, *options: str) -> int:
    command = [sys.executable, "-m", "pip", "install", "--quiet", requirement, *options]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
