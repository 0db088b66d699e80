"""A private PostgreSQL: its own data, port and password, and the durability of the real one.

Where the data goes with the command it was made for, nothing waits for a disk.
"""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.accounts import data_directory, unprivileged_account
from deploy.local.answers import comes_to_answer, database_answers
from deploy.local.children import Account, Child, spawn, tail
from deploy.local.ports import LOOPBACK, remembered_block
from deploy.local.problems import LocalStackError
from deploy.local.state import State
from deploy.private_files import write_private

_USER: Final = "wangge_admin"
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 60
_SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "max_connections": "300",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}
_TEMPORARY: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def binaries() -> Path | None:
    """Return the folder that holds `postgres` and `initdb`, the newest version first."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    for folder in (*packaged, *on_path):
        if all((folder / program).exists() for program in ("postgres", "initdb")):
            return folder
    return None


def start(state: State, folder: Path) -> str:
    """Start the state folder's PostgreSQL unless it runs, and return its administrator's URL."""
    remembered = state.read("postgres")
    if remembered and Child.from_record(remembered).is_alive():
        return str(remembered["url"])
    account = unprivileged_account()
    home = data_directory(state, "postgres", account)
    password = _initialise(home, folder, account, sync=not state.is_temporary)
    port = remembered_block(state, "postgres", 1)
    child = _launch(state, home, folder, port, account)
    url = f"postgresql+psycopg://{_USER}:{password}@{LOOPBACK}:{port}/postgres"
    state.write("postgres", {**child.record(), "url": url})
    if not comes_to_answer(database_answers, url, seconds=_START_SECONDS, alive=child.is_alive):
        stop(state)
        log = state.logs / "postgres.log"
        message = f"PostgreSQL did not start. The end of {log}:\n{tail(log)}"
        raise LocalStackError(message)
    return url


def stop(state: State) -> None:
    """Stop the state folder's PostgreSQL: a fast shutdown, which loses nothing committed."""
    remembered = state.read("postgres")
    if remembered:
        child = Child.from_record(remembered)
        child.stop(signal.SIGINT, _STOP_SECONDS, signal.SIGQUIT)
    state.forget("postgres")


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _initialise(home: Path, folder: Path, account: Account | None, *, sync: bool) -> str:
    """Make the data folder on first use; return the administrator's password."""
    password_file = home / "password"
    if (home / "data" / "PG_VERSION").exists():
        return password_file.read_text("utf-8").strip()
    shutil.rmtree(home / "data", ignore_errors=True)
    password = secrets.token_urlsafe(24)
    write_private(password_file, password)
    if account is not None:
        os.chown(password_file, account.uid, account.gid)
    command = [str(folder / "initdb"), "--pgdata", str(home / "data"), "--username", _USER]
    command += ["--pwfile", str(password_file), "--auth", "scram-sha-256"]
    command += ["--encoding", "UTF8", "--locale", "C", "--data-checksums"]
    command += [] if sync else ["--no-sync"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        message = f"initdb failed for {home / 'data'}:\n{done.stdout}{done.stderr}"
        raise LocalStackError(message)
    return password


def _launch(state: State, home: Path, folder: Path, port: int, account: Account | None) -> Child:
    sockets = home / "run"
    if len(str(sockets)) > 80:  # noqa: PLR2004 -- a socket's whole path fits in 107 bytes
        sockets = state.create_short_directory() / "postgres"
    sockets.mkdir(mode=0o711, parents=True, exist_ok=True)
    if account is not None:
        os.chown(sockets, account.uid, account.gid)
    settings = {**_SETTINGS, "port": str(port), "unix_socket_directories": str(sockets)}
    settings |= _TEMPORARY if state.is_temporary else {}
    command = [str(folder / "postgres"), "-D", str(home / "data")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return spawn(
        command,
        log=state.logs / "postgres.log",
        environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        directory=home,
        account=account,
    )
