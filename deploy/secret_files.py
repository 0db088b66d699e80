"""The secrets folder: one file a secret, the same names on every kind of deployment."""

import base64
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from joserfc.jwk import KeySet, OKPKey
from sqlalchemy.engine import URL, make_url

from deploy.private_files import write_private
from deploy.processes import SERVICES
from shared.tokens import ALGORITHM

SIGNING_KEY: Final = "token.signing.jwk.json"
VERIFYING_KEYS: Final = "token.jwks.json"
PERSONAL_DATA_KEYS: Final = "personal_data.keys.json"
OPERATOR_PASSWORD: Final = "operator.password"  # noqa: S105 -- a file's name


class SecretsError(Exception):
    """A secret is missing or does not fit; the text names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Login:
    """One role's way into its service's database."""

    service: str
    role: str
    file: str


LOGINS: Final[tuple[Login, ...]] = tuple(
    login
    for service in SERVICES
    for login in (
        Login(service, f"wangge_{service}", f"{service}.database_url"),
        Login(service, f"wangge_{service}_worker", f"{service}.worker_database_url"),
    )
)


def database_name(service: str) -> str:
    """Return the name of a service's database."""
    return f"wangge_{service}"


def owner_role(service: str) -> str:
    """Return the role that owns a service's tables and cannot log in."""
    return f"wangge_{service}_owner"


def required_files() -> tuple[str, ...]:
    """Return the name of every file the folder must hold."""
    logins = tuple(login.file for login in LOGINS)
    keys = (VERIFYING_KEYS, SIGNING_KEY, PERSONAL_DATA_KEYS)
    return ("amqp_url", *logins, *keys, OPERATOR_PASSWORD)


def generate(folder: Path, admin: URL, amqp_url: str) -> None:
    """Fill in what is missing; passwords and keys that exist stay, addresses follow the servers."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / "amqp_url", amqp_url)
    for login in LOGINS:
        path = folder / login.file
        known = make_url(path.read_text("utf-8").strip()).password if path.exists() else None
        write_private(path, _login_url(admin, login, known or secrets.token_urlsafe(24)))
    _generate_keys(folder)
    _fill(folder / PERSONAL_DATA_KEYS, _new_personal_data_keys)
    _fill(folder / OPERATOR_PASSWORD, lambda: secrets.token_urlsafe(18))


def check(folder: Path) -> None:
    """Raise SecretsError naming every missing file, or the first login that is not its role's."""
    missing = [name for name in required_files() if not (folder / name).is_file()]
    if missing:
        message = f"Missing in {folder}: {', '.join(missing)}. Add them, or run with --generate."
        raise SecretsError(message)
    for login in LOGINS:
        url = make_url(read(folder, login.file))
        if (url.username, url.database) != (login.role, database_name(login.service)):
            message = (
                f"{folder / login.file} must log in as {login.role} to database "
                f"{database_name(login.service)}."
            )
            raise SecretsError(message)
        if not url.password:
            message = f"{folder / login.file} has no password."
            raise SecretsError(message)


def read(folder: Path, name: str) -> str:
    """Return a secret without the line end an editor may have left."""
    return (folder / name).read_text("utf-8").strip()


def passwords(folder: Path, logins: Iterable[Login] = LOGINS) -> dict[str, str]:
    """Return the password of each role that logs in."""
    return {login.role: str(make_url(read(folder, login.file)).password) for login in logins}


def _login_url(admin: URL, login: Login, password: str) -> str:
    url = admin.set(
        drivername="postgresql+psycopg",
        username=login.role,
        password=password,
        database=database_name(login.service),
    )
    return url.render_as_string(hide_password=False)


def _generate_keys(folder: Path) -> None:
    """Make the signing key where it is missing, and the public set that belongs to it."""
    _fill(folder / SIGNING_KEY, _new_signing_key)
    if not (folder / VERIFYING_KEYS).exists():
        key = OKPKey.import_key(json.loads(read(folder, SIGNING_KEY)))
        public = KeySet([key]).as_dict(private=False)
        write_private(folder / VERIFYING_KEYS, json.dumps(public))


def _new_signing_key() -> str:
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _new_personal_data_keys() -> str:
    """One key that seals, and one of the blind index; personnel's README says how they are changed."""
    key, index = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    return json.dumps({"current": "1", "keys": {"1": key}, "index": index})


def _fill(path: Path, make: Callable[[], str]) -> None:
    if not path.exists():
        write_private(path, make())
