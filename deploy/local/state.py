"""The state folder (`.wangge/`): everything the local stack remembers or writes."""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.problems import LocalStackError
from deploy.private_files import write_private

REPOSITORY = Path(__file__).resolve().parents[2]
BORROWER = "borrower"
"""The record that a folder of servers for the length of one command holds: whose they are."""


@dataclass(frozen=True, slots=True)
class State:
    """A state folder; two folders never share a server, a port or a process."""

    root: Path

    @property
    def logs(self) -> Path:
        """Where each process and server writes its log."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        """The `SECRETS_DIR` of this stack."""
        return self.root / "secrets"

    @property
    def gateway_url(self) -> Path:
        """The file that tells other commands where the gateway answers."""
        return self.root / "gateway-url"

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tell this folder from any other on the machine."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    @property
    def short_directory(self) -> Path:
        """A folder with a path short enough for Unix sockets (about 100 bytes on every system)."""
        return Path(tempfile.gettempdir()) / f"wangge-{self.fingerprint}"

    @property
    def is_temporary(self) -> bool:
        """Whether the data goes with the command it was made for, so that no crash can lose any."""
        return bool(self.read(BORROWER))

    def create(self) -> None:
        """Make the folder, readable by its owner and passable for the server's own user."""
        self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)

    def create_short_directory(self) -> Path:
        """Make `short_directory` and return it; refuse one that another user made before us."""
        self.short_directory.mkdir(mode=0o711, exist_ok=True)
        if self.short_directory.stat().st_uid != os.geteuid():
            message = (
                f"{self.short_directory} belongs to another user: set TMPDIR to a folder of yours."
            )
            raise LocalStackError(message)
        return self.short_directory

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second command on the same folder waiting until this one is done."""
        self.create()
        with (self.root / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read(self, name: str) -> dict[str, Any]:
        """Return what was remembered under a name, or an empty dict."""
        path = self.root / f"{name}.json"
        if not path.exists():
            return {}
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return content

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Remember `content` under a name, whole or not at all, for the owner's eyes only."""
        write_private(self.root / f"{name}.json", json.dumps(content, indent=1))

    def forget(self, name: str) -> None:
        """Forget what was remembered under a name."""
        (self.root / f"{name}.json").unlink(missing_ok=True)
