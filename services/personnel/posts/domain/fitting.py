"""Whether a role type of the scheme fits the place a post is asked for."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.personnel.posts.domain.posts import Place, RoleType
from shared.errors import InvalidArgument, Text, Violation
from shared.structure.errors import NOT_IN_FORCE, UNKNOWN_GRID
from shared.structure.scheme import Scheme

UNKNOWN_PERSON = Text("There is no such person in this county.", "本县没有该人员。")
UNKNOWN_ROLE = Text(
    "The scheme in force has no role type '{role}'; it has: {known}.",
    "现行方案没有岗位类型“{role}”;可选:{known}。",
)
UNKNOWN_DEPARTMENT = Text(
    "The scheme in force has no department '{department}'; it has: {known}.",
    "现行方案没有部门“{department}”;可选:{known}。",
)
GRID_WANTED = Text(
    "The role '{role}' is held on a grid: give the grid.", "岗位“{role}”设在网格上:请填写网格。"
)
DEPARTMENT_WANTED = Text(
    "The role '{role}' is held in a department: give the department.",
    "岗位“{role}”设在部门:请填写部门。",
)
NOT_WANTED = Text(
    "The role '{role}' is not held here: leave this field out.",
    "岗位“{role}”不设在此处:请去掉该字段。",
)
WRONG_LEVEL = Text(
    "The role '{role}' belongs to level '{wanted}', but the grid is of level '{level}'.",
    "岗位“{role}”属于层级“{wanted}”,而该网格的层级为“{level}”。",
)
FIELD_OF = {"grid": "grid_id", "department": "department_id"}


class Grid(Protocol):
    """What matters of a grid here."""

    @property
    def grid_id(self) -> UUID:
        """Its id."""

    @property
    def path(self) -> str:
        """Its path as it is now."""

    @property
    def level_id(self) -> str:
        """Its level in the scheme."""

    @property
    def valid_to(self) -> datetime | None:
        """Its end, if it has one."""


def role_of(scheme: Scheme, role_type_id: str) -> RoleType:
    """The role type. Raises InvalidArgument at /role_type naming what there is."""
    role = RoleType.of(scheme, role_type_id)
    if role is None:
        known = _ids(scheme.document.get("role_types"))
        raise _fault("role_type", UNKNOWN_ROLE.format(role=role_type_id, known=known))
    return role


def place_of(
    scheme: Scheme, role: RoleType, grid: Grid | None, department_id: str | None, now: datetime
) -> Place:
    """The place, when the role type fits it. Raises InvalidArgument naming the field at fault."""
    _check_fields(role, {"grid": grid is not None, "department": department_id is not None})
    if grid is not None:
        _check_grid(role, grid, now)
        return Place(grid_id=grid.grid_id, grid_path=grid.path)
    if department_id is not None and scheme.department(department_id) is None:
        known = _ids(scheme.document.get("departments"))
        detail = UNKNOWN_DEPARTMENT.format(department=department_id, known=known)
        raise _fault("department_id", detail)
    return Place(department_id=department_id)


def unknown_person() -> InvalidArgument:
    """The body names a person that the county does not have."""
    return _fault("person_id", UNKNOWN_PERSON)


def unknown_grid() -> InvalidArgument:
    """The body names a grid that the county does not have."""
    return _fault("grid_id", UNKNOWN_GRID)


def _check_fields(role: RoleType, given: dict[str, bool]) -> None:
    """Exactly the field of the role's own kind of place must be given."""
    wanted = {"grid": GRID_WANTED, "department": DEPARTMENT_WANTED}
    for kind, is_given in given.items():
        if kind == role.at and not is_given:
            raise _fault(FIELD_OF[kind], wanted[kind].format(role=role.title))
        if kind != role.at and is_given:
            raise _fault(FIELD_OF[kind], NOT_WANTED.format(role=role.title))


def _check_grid(role: RoleType, grid: Grid, now: datetime) -> None:
    if role.level is not None and role.level != grid.level_id:
        detail = WRONG_LEVEL.format(role=role.title, wanted=role.level, level=grid.level_id)
        raise _fault("grid_id", detail)
    if grid.valid_to is not None and grid.valid_to <= now:
        raise _fault("grid_id", NOT_IN_FORCE)


def _fault(field: str, detail: Text) -> InvalidArgument:
    return InvalidArgument([Violation(f"/{field}", detail)])


def _ids(entries: object) -> str:
    rows = entries if isinstance(entries, list) else []
    return ", ".join(row["id"] for row in rows) or "-"
