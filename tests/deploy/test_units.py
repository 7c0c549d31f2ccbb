"""Container image, compose file and systemd unit name what exists, and give the bot no more
than it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
SETTINGS = {name.upper() for name in Settings.model_fields}


@pytest.fixture
def compose() -> dict[str, Any]:
    document = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def test_compose_sets_what_can_be_set(compose: dict[str, Any]) -> None:
    assert set(compose["services"]["bot"]["environment"]) <= SETTINGS


def test_compose_publishes_nothing_and_keeps_what_is_written(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "ports" not in service, name
        kept = {volume.partition(":")[0] for volume in service["volumes"]}
        assert kept <= set(compose["volumes"]), name


def test_the_bot_of_compose_has_no_privileges(compose: dict[str, Any]) -> None:
    bot = compose["services"]["bot"]
    assert bot["cap_drop"] == ["ALL"]
    assert bot["read_only"] is True


def test_the_chroma_server_is_of_the_version_that_was_tested(compose: dict[str, Any]) -> None:
    lock = (DEPLOY.parent / "requirements.lock").read_text(encoding="utf-8")
    found = re.search(r"^chromadb==(\S+)", lock, re.MULTILINE)
    assert found is not None
    assert compose["services"]["vectors"]["image"] == f"chromadb/chroma:{found[1]}"


def test_the_image_copies_what_exists_and_runs_as_nobody_of_importance() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    assert copied
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []
    last = text.rpartition("FROM ")[2]
    assert re.search(r"^USER \d{5}", last, re.MULTILINE)
    assert "TOKEN" not in text


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program and a user that every machine has."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    text = (DEPLOY / "chancery.service").read_text(encoding="utf-8")
    text = re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.MULTILINE)
    text = re.sub(r"^(User|Group)=.*$", r"\1=root", text, flags=re.MULTILINE)
    file = tmp_path / "chancery.service"
    file.write_text(text, encoding="utf-8")
    return file


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60
    )


def test_systemd_understands_the_unit(unit: Path) -> None:
    done = analyzed("verify", "--man=no", str(unit))
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_systemd_finds_the_unit_little_exposed(unit: Path) -> None:
    # 10 is a service without any hardening; what is left is that it may use the network.
    done = analyzed("security", "--offline=true", "--threshold=35", str(unit))
    assert done.returncode == 0, done.stdout[-200:]
