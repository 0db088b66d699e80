"""Vacancies: places at which a role has fewer holders than the scheme asks for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.personnel.posts.domain.posts import Place, RoleType
from shared.structure.scheme import Scheme, township_of

Key = tuple[str, UUID | None, str | None]
"""A role type at a place: its grid or department, neither for the county."""


class Unit(Protocol):
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
    def unit_type(self) -> str:
        """The type of unit it is."""

    @property
    def name(self) -> str:
        """Its name."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many holders of a role the scheme asks for at a place."""

    role: RoleType
    place: Place
    minimum: int | None
    maximum: int | None

    @property
    def key(self) -> Key:
        """The role at the place."""
        return key_of(self.role.id, self.place)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Too few held a role at a place, from ``since`` on; ``until`` is None while it lasts."""

    vacancy_id: UUID
    role_type: str
    role_kind: str
    title: str
    place: Place
    required: int
    holders: int
    since: datetime
    until: datetime | None
    version: int

    @property
    def key(self) -> Key:
        """The role at the place."""
        return key_of(self.role_type, self.place)


def facts_of(vacancy: Vacancy) -> dict[str, Any]:
    """What events say of a vacancy."""
    return {
        "vacancy_id": vacancy.vacancy_id,
        "role_type": vacancy.role_type,
        "role_kind": vacancy.role_kind,
        "grid_id": vacancy.place.grid_id,
        "grid_path": vacancy.place.grid_path,
        "department_id": vacancy.place.department_id,
        "required": vacancy.required,
        "holders": vacancy.holders,
        "since": vacancy.since,
        "until": vacancy.until,
    }


@dataclass(frozen=True, slots=True)
class Due:
    """A moment at which places are to be looked at.

    Without a role type all roles are meant, and without a place as well the whole county.
    ``again`` is true where they were already looked at when it happened.
    """

    due_at: datetime
    role_type: str | None
    grid_id: UUID | None
    department_id: str | None
    again: bool = False

    @property
    def is_county(self) -> bool:
        """Whether the whole county is meant."""
        return self.role_type is None and self.grid_id is None


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of vacancies: those that began, that ended, and that have other numbers than before."""

    begun: tuple[Vacancy, ...] = ()
    ended: tuple[Vacancy, ...] = ()
    renumbered: tuple[Vacancy, ...] = ()


def key_of(role_type: str, place: Place) -> Key:
    """The role at the place."""
    return (role_type, place.grid_id, place.department_id)


def roles_of(scheme: Scheme) -> list[RoleType]:
    """All role types of the scheme, in its own order."""
    entries = scheme.document.get("role_types") or ()
    found = (RoleType.of(scheme, entry["id"]) for entry in entries)
    return [role for role in found if role is not None]


def requirements(scheme: Scheme, units: Iterable[Unit]) -> list[Requirement]:
    """What the scheme says of numbers: on the units, in every department and at the county."""
    units = list(units)
    departments = [str(entry["id"]) for entry in scheme.document.get("departments") or ()]
    names = {str(d["id"]): d.get("name") for d in scheme.document.get("departments") or ()}
    found = []
    for role in roles_of(scheme):
        if role.at == "grid":
            found += [_on_unit(role, unit) for unit in units if role.level in (None, unit.level_id)]
        elif role.at == "department":
            found += [
                Requirement(
                    role,
                    Place(department_id=department),
                    role.minimum_for(None, names[department]),
                    role.maximum_for(None, names[department]),
                )
                for department in departments
            ]
        else:
            found.append(Requirement(role, Place(), role.minimum, role.maximum))
    return [each for each in found if each.minimum is not None or each.maximum is not None]


def requirements_in_townships(
    scheme: Scheme, units: Iterable[Unit], codes: Mapping[UUID, str | None]
) -> list[Requirement]:
    """What the scheme says of numbers, on each unit as it holds in its township.

    ``codes`` are division codes by unit: of the unit, or of the nearest above it that has one.
    """
    groups: dict[str | None, list[Unit]] = {}
    for unit in units:
        groups.setdefault(township_of(codes.get(unit.grid_id)), []).append(unit)
    elsewhere = requirements(scheme, groups.pop(None, []))
    within = [
        each
        for township, members in groups.items()
        for each in requirements(scheme.in_township(township), members)
        if each.place.grid_id is not None
    ]
    return [*elsewhere, *within]


def reconcile(
    wanted: Iterable[Requirement],
    holders: Mapping[Key, int],
    known: Mapping[Key, Vacancy],
    moment: datetime,
    new_id: Callable[[], UUID],
) -> Changes:
    """What changed at the moment, where ``known`` are the vacancies that last.

    A vacancy ends no earlier than it began, however late its end is recorded.
    """
    begun, ended, renumbered = [], [], []
    short = {each.key: each for each in wanted if holders.get(each.key, 0) < (each.minimum or 0)}
    for key, requirement in short.items():
        count, minimum = holders.get(key, 0), requirement.minimum or 0
        vacancy = known.get(key)
        if vacancy is None:
            begun.append(_vacancy(requirement, count, moment, new_id()))
        elif (vacancy.required, vacancy.holders) != (minimum, count):
            renumbered.append(
                replace(vacancy, required=minimum, holders=count, version=vacancy.version + 1)
            )
    for key, vacancy in known.items():
        if key not in short:
            until = max(moment, vacancy.since)
            ended.append(replace(vacancy, until=until, version=vacancy.version + 1))
    return Changes(tuple(begun), tuple(ended), tuple(renumbered))


def _on_unit(role: RoleType, unit: Unit) -> Requirement:
    return Requirement(
        role,
        Place(grid_id=unit.grid_id, grid_path=unit.path),
        role.minimum_for(unit.unit_type, unit.name),
        role.maximum_for(unit.unit_type, unit.name),
    )


def _vacancy(requirement: Requirement, count: int, since: datetime, vacancy_id: UUID) -> Vacancy:
    role = requirement.role
    return Vacancy(
        vacancy_id=vacancy_id,
        role_type=role.id,
        role_kind=role.kind,
        title=role.title,
        place=requirement.place,
        required=requirement.minimum or 0,
        holders=count,
        since=since,
        until=None,
        version=1,
    )
