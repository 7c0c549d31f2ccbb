"""Write requirements.lock: every direct and indirect requirement with the version tested.

pip-compile chooses the versions, the development tools among them. It keeps those of the present
lock where pyproject.toml still allows them; with `--upgrade` it takes the newest allowed.

pip reads the lock as constraints, so the lock may name what a machine does not need, and what only
another machine needs may be missing. What belongs to one machine is therefore left out: the build
of torch and its GPU packages, addresses, paths, and hashes, which differ from build to build.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from deploy.install_torch import GPU_PACKAGES, PROJECT

LOCK = PROJECT.parent / "requirements.lock"
HEADING = """\
# Every requirement with the version that was tested, for pip to read as constraints.
# `make lock` writes this file from pyproject.toml.
"""
OPTIONS = (
    "--quiet",
    "--all-extras",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--annotation-style=line",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
)
PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s+]+)(?:\+\S+)?(?:\s+# via (?P<via>.+))?")


def main(options: list[str]) -> int:
    """Exit status 0 once the lock is written; it stays as it was if anything fails."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    lowest = str(project["requires-python"]).removeprefix(">=")
    running = ".".join(map(str, sys.version_info[:2]))
    if running != lowest:
        # A newer Python would choose versions that the lowest one cannot install.
        print(f"The lock is made with Python {lowest}, not {running}.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / LOCK.name
        shutil.copy(LOCK, compiled)
        if status := compile_requirements(compiled, options):
            return status
        lock = portable(compiled.read_text(encoding="utf-8"), project["name"])
    LOCK.write_text(lock, encoding="utf-8")
    return 0


def compile_requirements(output: Path, options: list[str]) -> int:
    """Let pip-compile bring a lock up to date with pyproject.toml; returns its exit status."""
    files = ["--output-file", str(output), str(PROJECT)]
    command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *options, *files]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode


def portable(compiled: str, project: str) -> str:
    """The lock for any machine, from what pip-compile wrote on this one.

    Every line but comments must pin a package or be the project's own; ValueError otherwise.
    """
    lines = (line for line in compiled.splitlines() if line and not line.startswith("#"))
    pins = (pin(line, project) for line in lines if not line.startswith(f"{project} @ "))
    return HEADING + "".join(f"{kept}\n" for kept in pins if not kept.startswith(GPU_PACKAGES))


def pin(line: str, project: str) -> str:
    """One package without the local part of its version, and by whom it is required."""
    if not (found := PIN.fullmatch(line.rstrip())):
        raise ValueError(f"not a package with its version: {line}")
    kept = f"{found['name']}=={found['version']}"
    if not found["via"]:
        return kept
    requiring = {name.split(" ")[0] for name in found["via"].split(", ")}
    named = sorted(name for name in requiring if not name.startswith(GPU_PACKAGES))
    return f"{kept}  # via {', '.join(named)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
