"""Install a server with apt without letting the package start or enable the machine's own."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy.local.problems import LocalStackError

# dpkg asks this program before any package starts a service; 101 means "do not".
_POLICY: Final = Path("/usr/sbin/policy-rc.d")
_REFUSE: Final = "#!/bin/sh\nexit 101\n"
# Read by Debian's postgresql-common; keeps it from making a cluster on port 5432.
_CLUSTER: Final = Path("/etc/postgresql-common/createcluster.d/wangge.conf")
_NO_CLUSTER: Final = "create_main_cluster = false\n"


def is_possible() -> bool:
    """Tell whether packages may be installed here: a Debian kind of system, and root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> None:
    """Install one package; its service neither starts now nor at the next boot."""
    print(f"Installing {package} with apt-get ...", flush=True)
    with _held(_POLICY, _REFUSE, 0o755), _held(_CLUSTER, _NO_CLUSTER, 0o644):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)
    if shutil.which("systemctl"):
        subprocess.run(
            ["systemctl", "disable", package],
            capture_output=True,
            check=False,  # without systemd there is nothing to disable
        )


@contextlib.contextmanager
def _held(path: Path, text: str, mode: int) -> Iterator[None]:
    """Have a file in place for a while; one that is already there is the machine's and stays."""
    if path.exists():
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise LocalStackError(message)
