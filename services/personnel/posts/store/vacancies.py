"""Vacancies in PostgreSQL, and the moments at which to look again. Rows never leave this file."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from services.personnel.base import STRUCTURE
from services.personnel.posts.domain.posts import Place, Viewer
from services.personnel.posts.domain.vacancies import Due, Key, Vacancy
from services.personnel.posts.models.posts import PostRow
from services.personnel.posts.models.vacancies import StaffingDueRow, VacancyRow
from services.personnel.posts.store.posts import in_force
from shared.db.scoped import ScopedTable, same_county
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.ids import new_id
from shared.structure.store import Grid

GRIDS = STRUCTURE.grids
ON_ITS_GRID = same_county(GRIDS, VacancyRow, "grid_id")


class VacancyStore:
    """One county's vacancies."""

    def __init__(self, tx: Transaction) -> None:
        self._county_id = tx.county_id
        self._connection = tx.connection
        self._grid_table = ScopedTable(tx, GRIDS)
        self._post_table = ScopedTable(tx, PostRow)
        self._staffing_due_table = ScopedTable(tx, StaffingDueRow)
        self._vacancy_table = ScopedTable(tx, VacancyRow)

    def units(self, moment: datetime, grids: Collection[UUID] | None = None) -> list[Grid]:
        """Grids in force at the moment; only the named ones where any are named."""
        query = select(*(GRIDS.c[name] for name in Grid.__slots__)).where(
            self._grid_table.own,
            GRIDS.c.valid_from <= moment,
            or_(GRIDS.c.valid_to.is_(None), GRIDS.c.valid_to > moment),
        )
        if grids is not None:
            query = query.where(GRIDS.c.grid_id.in_(grids))
        return [Grid(*tuple(row)) for row in self._connection.execute(query)]

    def codes(self, units: Sequence[Grid]) -> dict[UUID, str | None]:
        """Division codes of the units; where one has none, of the nearest above it that has."""
        above = {unit.grid_id: _upward(unit.path) for unit in units if unit.admin_code is None}
        paths = {path for paths in above.values() for path in paths}
        query = select(GRIDS.c.path, GRIDS.c.admin_code).where(
            self._grid_table.own,
            GRIDS.c.path.in_(paths),
            GRIDS.c.admin_code.is_not(None),
        )
        known = (
            {row.path: row.admin_code for row in self._connection.execute(query)} if paths else {}
        )
        return {
            unit.grid_id: unit.admin_code
            or next((known[path] for path in above[unit.grid_id] if path in known), None)
            for unit in units
        }

    def holders(
        self,
        moment: datetime,
        *,
        role_types: Collection[str] | None = None,
        grids: Collection[UUID] | None = None,
    ) -> dict[Key, int]:
        """How many people hold each role at each place at the moment; on the grids alone if named."""
        place = (PostRow.role_type, PostRow.grid_id, PostRow.department_id)
        query = select(*place, func.count(PostRow.person_id.distinct())).where(
            self._post_table.own, in_force(moment)
        )
        if role_types is not None:
            query = query.where(PostRow.role_type.in_(role_types))
        if grids is not None:
            query = query.where(PostRow.grid_id.in_(grids))
        rows = self._connection.execute(query.group_by(*place))
        return {(role_type, grid, department): n for role_type, grid, department, n in rows}

    def people_by_role(self, moment: datetime) -> dict[str, set[UUID]]:
        """Who holds each role type at the moment, anywhere in the county."""
        query = (
            select(PostRow.role_type, PostRow.person_id)
            .distinct()
            .where(self._post_table.own, in_force(moment))
        )
        found: dict[str, set[UUID]] = {}
        for role_type, person_id in self._connection.execute(query):
            found.setdefault(role_type, set()).add(person_id)
        return found

    def lasting(
        self,
        *,
        role_types: Collection[str] | None = None,
        grids: Collection[UUID] | None = None,
    ) -> dict[Key, Vacancy]:
        """The vacancies that last, restricted like the holders."""
        query = self._select().where(VacancyRow.until.is_(None))
        if role_types is not None:
            query = query.where(VacancyRow.role_type.in_(role_types))
        if grids is not None:
            query = query.where(VacancyRow.grid_id.in_(grids))
        found = (_vacancy(row) for row in self._connection.execute(query))
        return {vacancy.key: vacancy for vacancy in found}

    def add(self, vacancies: Sequence[Vacancy]) -> None:
        """Record vacancies that began."""
        if vacancies:
            rows = [_values(each) for each in vacancies]
            self._vacancy_table.insert_many(rows)

    def save(self, vacancies: Sequence[Vacancy]) -> None:
        """Keep vacancies that ended, or have other numbers."""
        if not vacancies:
            return
        statement = (
            update(VacancyRow.__table__)  # type: ignore[arg-type]
            .where(
                self._vacancy_table.own,
                VacancyRow.vacancy_id == bindparam("its_id"),
            )
            .values({name: bindparam(f"its_{name}") for name in CHANGING})
        )
        rows = [
            {"its_id": each.vacancy_id} | {f"its_{name}": getattr(each, name) for name in CHANGING}
            for each in vacancies
        ]
        self._connection.execute(statement, rows)

    def page(
        self,
        viewer: Viewer,
        moment: datetime,
        grid_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> list[tuple[Vacancy, str]]:
        """Vacancies at a moment that the viewer may see, each with its grid's name."""
        query = (
            self._select()
            .add_columns(GRIDS.c.name)
            .where(
                _lasts_at(moment),
                _within_reach(viewer),
            )
        )
        if grid_id is not None:
            query = query.where(VacancyRow.grid_id == grid_id)
        if after is not None:
            query = query.where(VacancyRow.vacancy_id > after)
        rows = self._connection.execute(query.order_by(VacancyRow.vacancy_id).limit(limit))
        return [(_vacancy(row), row.name or "") for row in rows]

    def began(self, grids: Collection[UUID], moment: datetime) -> dict[Key, datetime]:
        """Since when roles on the grids are vacant at a moment."""
        query = select(
            VacancyRow.role_type, VacancyRow.grid_id, VacancyRow.department_id, VacancyRow.since
        ).where(
            self._vacancy_table.own,
            VacancyRow.grid_id.in_(grids),
            _lasts_at(moment),
        )
        rows = self._connection.execute(query)
        return {(role, grid, department): since for role, grid, department, since in rows}

    def of_grid(self, grid_id: UUID) -> list[Vacancy]:
        """Every vacancy that the grid ever had, oldest first."""
        query = self._select().where(VacancyRow.grid_id == grid_id)
        rows = self._connection.execute(query.order_by(VacancyRow.since, VacancyRow.vacancy_id))
        return [_vacancy(row) for row in rows]

    def schedule(self, moments: Sequence[Due]) -> None:
        """Have the places looked at when their moments come."""
        if not moments:
            return
        rows = [
            {
                "due_id": new_id(),
                "due_at": due.due_at,
                "role_type": due.role_type,
                "grid_id": due.grid_id,
                "department_id": due.department_id,
                "again": due.again,
            }
            for due in moments
        ]
        self._staffing_due_table.insert_many(rows)

    def take_due(self, now: datetime, limit: int) -> list[Due]:
        """Moments that have come, oldest first; nobody else gets them unless we roll back."""
        chosen = (
            select(StaffingDueRow.due_id)
            .where(self._staffing_due_table.own, StaffingDueRow.due_at <= now)
            .order_by(StaffingDueRow.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        rows = self._connection.execute(
            delete(StaffingDueRow)
            .where(
                self._staffing_due_table.own,
                StaffingDueRow.due_id.in_(select(chosen.c.due_id)),
            )
            .returning(
                StaffingDueRow.due_at,
                StaffingDueRow.role_type,
                StaffingDueRow.grid_id,
                StaffingDueRow.department_id,
                StaffingDueRow.again,
            )
        )
        found = [Due(at, role, grid, place, again) for at, role, grid, place, again in rows]
        return sorted(found, key=lambda due: due.due_at)

    def _select(self) -> Any:
        return (
            select(VacancyRow.__table__, GRIDS.c.path)
            .outerjoin(GRIDS, ON_ITS_GRID)
            .where(self._vacancy_table.own)
        )


CHANGING = ("required", "holders", "until", "version")


def _upward(path: str) -> list[str]:
    """The paths above a path, nearest first."""
    nodes = path.rstrip(".").split(".")
    return [".".join(nodes[:depth]) + "." for depth in range(len(nodes) - 1, 0, -1)]


def _lasts_at(moment: datetime) -> ColumnElement[bool]:
    return (VacancyRow.since <= moment) & (VacancyRow.until.is_(None) | (VacancyRow.until > moment))


def _within_reach(viewer: Viewer) -> ColumnElement[bool]:
    if "" in viewer.paths:
        return true()
    subtrees = (below(GRIDS.c.path, path) for path in viewer.paths)
    return or_(
        VacancyRow.department_id.in_(viewer.departments),
        *(exists().where(ON_ITS_GRID, tree).correlate(VacancyRow) for tree in subtrees),
    )


def _values(vacancy: Vacancy) -> Mapping[str, Any]:
    return {
        "vacancy_id": vacancy.vacancy_id,
        "role_type": vacancy.role_type,
        "role_kind": vacancy.role_kind,
        "title": vacancy.title,
        "grid_id": vacancy.place.grid_id,
        "department_id": vacancy.place.department_id,
        "required": vacancy.required,
        "holders": vacancy.holders,
        "since": vacancy.since,
        "until": vacancy.until,
        "version": vacancy.version,
    }


def _vacancy(row: Row[Any]) -> Vacancy:
    return Vacancy(
        vacancy_id=row.vacancy_id,
        role_type=row.role_type,
        role_kind=row.role_kind,
        title=row.title,
        place=Place(row.grid_id, row.path, row.department_id),
        required=row.required,
        holders=row.holders,
        since=row.since,
        until=row.until,
        version=row.version,
    )
