"""A PostgreSQL server of the tests' own, from the binaries that Debian installs."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PASSWORD = "correct-horse-battery"
_BINARIES = Path("/usr/lib/postgresql")
# Seconds: cores are shared with whatever else runs.
_PATIENCE = 300


class PostgresqlMissing(Exception):
    """Why no server can be started here."""


@contextmanager
def running_postgresql() -> Iterator[str]:
    """The URL of an empty server on the loopback, without a database name at its end.

    PostgreSQL refuses to run as root: then the account that Debian's package makes runs it.
    """
    if find_spec("psycopg") is None:
        raise PostgresqlMissing("psycopg is not installed (pip install 'chancery[postgres]')")
    found = sorted(_BINARIES.glob("*/bin/initdb"))
    if not found:
        raise PostgresqlMissing("PostgreSQL is not installed (apt-get install postgresql)")
    programs = found[-1].parent
    as_account = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="chancery-postgresql-"))
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        data = folder / "data"
        if as_account:
            account = pwd.getpwnam("postgres")
            for path in (folder, secret):
                os.chown(path, account.pw_uid, account.pw_gid)
        creating = [*as_account, programs / "initdb", "-D", data, "-U", "chancery"]
        options = ["-E", "UTF8", "--no-locale", "--no-sync", "-A", "scram-sha-256"]
        _run([*creating, *options, f"--pwfile={secret}"])
        control = [*as_account, programs / "pg_ctl", "-D", data, "-w", "-t", str(_PATIENCE)]
        port = _started(control, folder)
        try:
            yield f"postgresql+psycopg://chancery:{PASSWORD}@127.0.0.1:{port}"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(control: list[str | Path], folder: Path) -> int:
    """The port on which the server was started."""
    for attempt in range(5):
        port = _free_port()
        listening = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        try:
            _run([*control, "-l", folder / "log", "-o", listening, "start"])
        except PostgresqlMissing:
            # Somebody else may have taken the port that was free a moment ago.
            if attempt == 4:
                raise
        else:
            break
    return port


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        reason = "root cannot run PostgreSQL, and its package has made no account"
        raise PostgresqlMissing(reason) from None
    if shutil.which("setpriv") is None:
        raise PostgresqlMissing("root cannot run PostgreSQL, and setpriv is not installed")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _run(command: list[str | Path]) -> None:
    try:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            timeout=_PATIENCE,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except subprocess.CalledProcessError as error:
        raise PostgresqlMissing(f"PostgreSQL did not start: {error.stderr.decode()}") from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
