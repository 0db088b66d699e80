"""Who a server runs as, and where its data may lie so that this user reaches it."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.children import Account
from deploy.local.problems import LocalStackError
from deploy.local.state import State

_UNPRIVILEGED: Final = ("postgres", "nobody")


def unprivileged_account() -> Account | None:
    """Return the user for a server that refuses root, or None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    message = f"PostgreSQL does not run as root and no user of {_UNPRIVILEGED} exists: add one."
    raise LocalStackError(message)


def data_directory(state: State, name: str, account: Account | None) -> Path:
    """Return the folder for a server's data, made and owned by `account`.

    It lies in the state folder, or, where `account` may not pass through to that (a home of mode
    700, say), under /var/tmp with a pointer in the state folder.
    """
    pointer = state.root / f"{name}.path"
    if pointer.exists():
        return Path(pointer.read_text("utf-8").strip())
    directory = state.root / name
    if account is not None and not _can_pass(account, state.root):
        directory = Path("/var/tmp") / f"wangge-{state.fingerprint}" / name  # noqa: S108
        pointer.write_text(f"{directory}\n", "utf-8")
        print(f"User {account.name} cannot enter {state.root}: {name} data is in {directory}.")
    directory.mkdir(mode=0o711, parents=True, exist_ok=True)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory


def remove_data_directories(state: State) -> None:
    """Remove what `data_directory` placed outside the state folder."""
    for pointer in state.root.glob("*.path"):
        directory = Path(pointer.read_text("utf-8").strip())
        if directory.parent.name == f"wangge-{state.fingerprint}":
            shutil.rmtree(directory.parent, ignore_errors=True)


def _can_pass(account: Account, directory: Path) -> bool:
    probe = subprocess.run(
        ["test", "-x", str(directory)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return probe.returncode == 0
