"""Where torch is taken from, decided by what the indexes have.

First with a pip that only says what it was asked, then with pip itself and two indexes on
127.0.0.1.
"""

from __future__ import annotations

import json
import os
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from deploy.install_torch import CPU_INDEX, PROJECT, Pip, install, run_pip, torch_requirement
from tests.fakes.package_index import PackageIndex

TORCH = "torch==2.13.0"
PLAIN = ("sympy>=1.13.3", 'opt-einsum>=3.3; extra == "opt-einsum"')
GPU = (
    "sympy>=1.13.3",
    'cuda-toolkit[cublas,cudart]==13.0.3; platform_system == "Linux"',
    'triton==3.7.1; platform_system == "Linux"',
)
USUAL = "usual"


@dataclass
class FakePip:
    """Says what torch needs when asked, on one system, and fails at every index in `failing`."""

    needed: tuple[str, ...] = PLAIN
    failing: tuple[str, ...] = ()
    system: str = "Linux"
    taken_from: list[str] = field(default_factory=list)
    looked: int = 0

    def __call__(self, *arguments: str) -> CompletedProcess[str]:
        assert arguments[-1] == TORCH
        assert "--no-deps" in arguments
        if "--dry-run" in arguments:
            self.looked += 1
            return self._report()
        named = "--index-url" in arguments
        index = arguments[arguments.index("--index-url") + 1] if named else USUAL
        self.taken_from.append(index)
        if index in self.failing:
            return CompletedProcess(arguments, 1, "", f"no torch at {index}")
        return CompletedProcess(arguments, 0, "", "")

    def _report(self) -> CompletedProcess[str]:
        if USUAL in self.failing:
            return CompletedProcess((), 1, "", "nothing found")
        torch = {"metadata": {"name": "torch", "requires_dist": self.needed}}
        report = {"install": [torch], "environment": {"platform_system": self.system}}
        return CompletedProcess((), 0, json.dumps(report), "")


def test_the_usual_index_is_taken_without_a_word_where_it_has_no_gpu_packages() -> None:
    pip, said = FakePip(), list[str]()
    assert install(TORCH, "", pip, said.append) == 0
    assert (pip.taken_from, said) == ([USUAL], [])


def test_the_cpu_build_is_taken_and_said_in_a_line_where_the_usual_index_has_gpu_packages() -> None:
    pip, said = FakePip(GPU), list[str]()
    assert install(TORCH, "", pip, said.append) == 0
    assert pip.taken_from == [CPU_INDEX]
    (line,) = said
    assert f"{TORCH} with GPU packages (cuda-toolkit, …); taking the CPU build from" in line
    assert line.endswith(f"{CPU_INDEX}.")
    assert "\n" not in line


def test_gpu_packages_for_another_system_do_not_matter() -> None:
    pip, said = FakePip(GPU, system="Darwin"), list[str]()
    assert install(TORCH, "", pip, said.append) == 0
    assert (pip.taken_from, said) == ([USUAL], [])


def test_the_usual_index_is_taken_after_all_where_the_cpu_builds_cannot_be_had() -> None:
    pip, said = FakePip(GPU, failing=(CPU_INDEX,)), list[str]()
    assert install(TORCH, "", pip, said.append) == 0
    assert pip.taken_from == [CPU_INDEX, USUAL]
    assert len(said) == 2
    assert said[1].startswith(f"{CPU_INDEX} cannot be reached")
    assert "\n" not in said[1]


def test_an_index_that_was_chosen_is_taken_without_a_look_at_the_usual_one() -> None:
    pip, said = FakePip(GPU), list[str]()
    assert install(TORCH, "https://torch.example/cpu", pip, said.append) == 0
    assert (pip.taken_from, pip.looked, said) == (["https://torch.example/cpu"], 0, [])


def test_an_index_that_was_chosen_and_fails_is_not_replaced_by_another() -> None:
    chosen = "https://torch.example/cpu"
    pip, said = FakePip(GPU, failing=(chosen,)), list[str]()
    assert install(TORCH, chosen, pip, said.append) == 1
    assert (pip.taken_from, said) == ([chosen], [f"no torch at {chosen}"])


def test_default_takes_what_the_usual_index_has_without_looking() -> None:
    pip, said = FakePip(GPU), list[str]()
    assert install(TORCH, "default", pip, said.append) == 0
    assert (pip.taken_from, pip.looked, said) == ([USUAL], 0, [])


def test_without_any_index_pip_says_why() -> None:
    pip, said = FakePip(failing=(USUAL, CPU_INDEX)), list[str]()
    assert install(TORCH, "", pip, said.append) == 1
    assert said == [f"no torch at {USUAL}"]


def test_the_project_states_one_version_of_torch() -> None:
    requirement = torch_requirement(PROJECT.read_text(encoding="utf-8"))
    assert requirement.startswith("torch==")


# With pip itself.


@pytest.fixture
def usual_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """The index pip asks unless told otherwise; its torch brings GPU packages."""
    with PackageIndex() as index:
        index.add("torch", "2.13.0", "nvidia-cublas", "triton")
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
        monkeypatch.setenv("PIP_RETRIES", "0")
        monkeypatch.setenv("PIP_INDEX_URL", index.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield index


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    venv.create(tmp_path / "environment", with_pip=False)
    return tmp_path / "environment"


def pip_into(environment: Path) -> Pip:
    return lambda *arguments: run_pip("--python", str(environment / "bin" / "python"), *arguments)


def installed(environment: Path) -> dict[str, str]:
    (packages,) = environment.glob("lib/python*/site-packages")
    found = distributions(path=[str(packages)])
    return {package.metadata["Name"]: package.version for package in found}


def test_pip_takes_the_cpu_build_and_downloads_no_other(
    usual_index: PackageIndex, environment: Path
) -> None:
    said: list[str] = []
    with PackageIndex() as cpu_builds:
        cpu_builds.add("torch", "2.13.0+cpu")
        status = install(TORCH, "", pip_into(environment), said.append, cpu_builds.address)
    assert (status, installed(environment)) == (0, {"torch": "2.13.0+cpu"})
    assert usual_index.downloaded == []
    assert len(said) == 1


@pytest.mark.slow
def test_pip_takes_the_usual_build_where_nobody_answers_for_cpu_builds(
    usual_index: PackageIndex, environment: Path
) -> None:
    said: list[str] = []
    with PackageIndex() as closed:
        nobody = closed.address
    status = install(TORCH, "", pip_into(environment), said.append, nobody)
    assert (status, installed(environment)) == (0, {"torch": "2.13.0"})
    assert usual_index.downloaded == ["torch"]
    assert len(said) == 2


@pytest.mark.usefixtures("usual_index")
def test_pip_takes_torch_from_the_index_that_was_chosen(environment: Path) -> None:
    said: list[str] = []
    with PackageIndex() as chosen:
        chosen.add("torch", "2.13.0+own")
        status = install(TORCH, chosen.address, pip_into(environment), said.append)
    assert (status, installed(environment), said) == (0, {"torch": "2.13.0+own"}, [])
