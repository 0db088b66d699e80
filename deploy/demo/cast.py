"""Who plays in the demonstration: three real counties on three schemes, and synthetic people."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.private_files import write_private

SETTINGS = Path(__file__).parent / "counties"


@dataclass(frozen=True, slots=True)
class Role:
    """A person of the demonstration: an account, and the post it holds.

    ``grid`` is the division code of the post's grid, ``department`` the department's id; with
    neither the post is at the county.
    """

    username: str
    name: str
    role_type: str
    grid: str | None = None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class County:
    """A county of the demonstration."""

    county_id: str
    name: str
    template: str
    divisions: tuple[str, ...]
    grids: int
    """How many grids its divisions make."""
    people: tuple[Role, ...]

    @property
    def settings(self) -> Any:
        """What its administrator adds to the template."""
        return json.loads((SETTINGS / f"{self.county_id}.json").read_text("utf-8"))


NINGJIAPING, DUKOU, WANGAN = "430223126", "430223126201", "130630104"

YOUXIAN = County(
    "430223",
    "攸县",
    "S01",
    ("430223",),
    19 + 299,
    (
        Role("admin", "演示管理员甲", "county.admin"),
        Role("reviewer", "演示审核员甲", "county.reviewer"),
        Role("direct", "演示责任人甲", "township.direct", grid=NINGJIAPING),
        Role("patroller", "演示网格员甲", "grid.patroller", grid=DUKOU),
        Role("officer", "演示经办人甲", "department.officer", department="agriculture"),
    ),
)
LAIYUAN = County(
    "130630",
    "涞源县",
    "S04",
    (WANGAN,),
    1 + 21,
    (
        Role("admin", "演示管理员乙", "county.admin"),
        Role("patroller", "演示网格员乙", "grid.patroller", grid="130630104200"),
    ),
)
CHALING = County(
    "430224",
    "茶陵县",
    "S12",
    ("430224",),
    18 + 247,
    (
        Role("admin", "演示管理员丙", "county.admin"),
        Role("patroller", "演示网格员丙", "grid.patroller", grid="430224101"),
    ),
)
COUNTIES = (YOUXIAN, LAIYUAN, CHALING)


class Accounts:
    """The demonstration's accounts, with passwords made at random once and kept in a file."""

    def __init__(self, path: Path) -> None:
        """Read the file, or start with none."""
        self._path = path
        self._entries: list[dict[str, str]] = (
            json.loads(path.read_text("utf-8")) if path.exists() else []
        )

    def password(self, county: str, username: str, role: str) -> str:
        """The account's password, made and written down when first asked for."""
        for entry in self._entries:
            if (entry["county"], entry["username"]) == (county, username):
                return entry["password"]
        password = secrets.token_urlsafe(12)
        self._entries.append(
            {"county": county, "role": role, "username": username, "password": password}
        )
        self._write()
        return password

    def first_password(self, county: str, username: str, role: str) -> str:
        """What the account of somebody new is made with, until its holder chooses the password."""
        self.password(county, username, role)
        for entry in self._entries:
            if (entry["county"], entry["username"]) == (county, username):
                if "first_password" not in entry:
                    entry["first_password"] = secrets.token_urlsafe(12)
                    self._write()
                return entry["first_password"]
        raise KeyError(username)

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._path, json.dumps(self._entries, ensure_ascii=False, indent=1))

    def of(self, county: County) -> Iterable[tuple[Role, str]]:
        """A county's people with their passwords."""
        return [
            (role, self.password(county.county_id, role.username, role.role_type))
            for role in county.people
        ]
