"""Sources and their histories in PostgreSQL. Rows never leave this file.

Where a source lies is read from its grid, so it follows when that is moved. Lists walk the grids in
their order and read of each no more than a page: what a page costs does not grow with the ledger.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)

from services.grid.sources.domain.ledger import (
    Grading,
    Look,
    PagePlace,
    Profile,
    Source,
    SourceFilters,
    SourceNotFound,
    SourceState,
    SourceView,
    Verification,
    name_key,
)
from services.grid.sources.domain.lists import Origin
from services.grid.sources.domain.totals import Tally
from services.grid.sources.models.files import ObjectLinkRow, SourceEventRow
from services.grid.sources.models.ledger import GradingRow, LookRow, OriginRow, SourceRow
from services.grid.sources.store.lists import follow_sources
from services.grid.sources.store.parts import has_part
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import trail_of, within
from shared.db.transaction import Transaction
from shared.errors import Aborted

BEFORE_ALL = UUID(int=0)
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
PROFILE = tuple(Profile.__slots__)
PLAIN = ("source_id", "grade", "key_object", "verified_at", "off_list", "created_at", "version")
CASE_OPENED = "case.opened.v1"
CASE_ENDED = ("case.closed.v1", "case.rejected.v1")
PER_STATEMENT = 1000
ON_GRID = (GridRow.county_id == SourceRow.county_id) & (GridRow.grid_id == SourceRow.grid_id)


class SourceStore:
    """One county's sources."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def lock(self) -> None:
        """Keep others from entering sources in the county until this transaction ends."""
        self._connection.execute(LOCK, {"name": f"sources {self._county_id}"})

    def add(self, sources: Sequence[Source]) -> None:
        """Write new sources."""
        if sources:
            rows = [{**_values(source), "county_id": self._county_id} for source in sources]
            self._connection.execute(insert(SourceRow), rows)

    def save(self, source: Source) -> None:
        """Write a source's next version. Raises Aborted where somebody else wrote it before."""
        saved = self._connection.execute(
            update(SourceRow)
            .where(
                SourceRow.county_id == self._county_id,
                SourceRow.source_id == source.source_id,
                SourceRow.version == source.version - 1,
            )
            .values(**_values(source))
        )
        if saved.rowcount == 0:
            actual = self.get(source.source_id).source.version
            raise Aborted(expected=source.version - 1, actual=actual)

        self._connection.execute(
            follow_sources(self._county_id).where(SourceRow.source_id == source.source_id)
        )

    def save_all(self, sources: Sequence[Source]) -> None:
        """Write the next versions of sources that ``lock`` and ``known`` keep from others."""
        if sources:
            table: Any = SourceRow.__table__
            rows = [{"b_id": source.source_id, **_values(source)} for source in sources]
            own = (table.c.county_id == self._county_id, table.c.source_id == bindparam("b_id"))
            self._connection.execute(update(table).where(*own), rows)

    def get(self, source_id: UUID) -> SourceView:
        """One source. Raises SourceNotFound."""
        row = self._connection.execute(
            self._sources().where(SourceRow.source_id == source_id)
        ).first()
        if row is None:
            raise SourceNotFound(source_id=source_id)
        return self._views([row])[0]

    def twin(self, profile: Profile, but: UUID | None = None) -> UUID | None:
        """Another source with the same credit code, or the same name in the grid and no other code."""
        same: ColumnElement[bool] = (SourceRow.grid_id == profile.grid_id) & (
            SourceRow.name_key == name_key(profile.name)
        )
        if profile.credit_code:  # two of one name are two where each has a code of its own
            same = or_(
                same & (SourceRow.credit_code == ""), SourceRow.credit_code == profile.credit_code
            )
        found: UUID | None = self._connection.execute(
            select(SourceRow.source_id)
            .where(
                SourceRow.county_id == self._county_id, SourceRow.source_id != (but or BEFORE_ALL)
            )
            .where(same)
            .limit(1)
        ).scalar()
        return found

    def known(
        self, credit_codes: Collection[str], names: Collection[tuple[UUID, str]]
    ) -> list[tuple[Source, str]]:
        """Sources with any of the codes, or any of the names' keys in the grid beside it; with paths.

        Others cannot change them until this transaction ends.
        """
        keys = {key for _, key in names}
        grids = {grid_id for grid_id, _ in names}
        found: dict[UUID, tuple[Source, str]] = {}
        conditions: list[ColumnElement[bool]] = [
            SourceRow.credit_code.in_(part) for part in _parts(credit_codes)
        ]
        conditions += [
            and_(SourceRow.grid_id.in_(grids), SourceRow.name_key.in_(part))
            for part in _parts(keys)
        ]
        for condition in conditions:
            query = self._sources().where(condition).with_for_update(of=SourceRow)
            for row in self._connection.execute(query):
                found[row.source_id] = (_source(row), row.path)
        return [found[source_id] for source_id in sorted(found)]

    def page(
        self, scopes: Sequence[str], filters: SourceFilters, after: PagePlace | None, limit: int
    ) -> list[SourceView]:
        """Sources in any of the subtrees: grids in path order, each one's sources oldest first."""
        trail = trail_of(after.grid_path) if after else ""
        start = (
            case((GridRow.trail == trail, literal(after.source_id)), else_=literal(BEFORE_ALL))
            if after
            else literal(BEFORE_ALL)
        )
        of_grid = (
            select(SourceRow.__table__)
            .where(
                SourceRow.county_id == self._county_id,
                SourceRow.grid_id == GridRow.grid_id,
                SourceRow.source_id > start,
                *self._matching(filters),
            )
            .order_by(SourceRow.source_id)
            .limit(limit)
            .correlate(GridRow)
            .lateral("of_grid")
        )
        query = (
            select(
                of_grid,
                GridRow.path,
                GridRow.name.label("grid_name"),
                GridRow.admin_code,
            )
            .join(of_grid, true())
            .where(
                GridRow.county_id == self._county_id,
                GridRow.trail >= trail,
                or_(*(within(scope) for scope in scopes)) if scopes else ~true(),
            )
            .order_by(GridRow.trail, of_grid.c.source_id)
            .limit(limit)
        )
        return self._views(self._connection.execute(query).all())

    def tallies(self, path: str, by: str) -> list[Tally]:
        """How many sources of each key every grid of the subtree has."""
        if by == "department":
            return self._by_department(path)
        key = literal("") if by == "grid" else getattr(SourceRow, by)
        rows = self._connection.execute(
            select(GridRow.path, key.label("key"), func.count().label("number"))
            .join(SourceRow, ON_GRID)
            .where(GridRow.county_id == self._county_id, SourceRow.county_id == self._county_id)
            .where(within(path))
            .group_by(GridRow.path, text("key"))
        )
        return [Tally(row.path, row.key, row.number) for row in rows]

    def _by_department(self, path: str) -> list[Tally]:
        """Whom no list names has the empty key; one that two departments name stands in both."""
        named = (
            select(
                OriginRow.grid_id,
                OriginRow.department_id.label("key"),
                func.count(OriginRow.source_id.distinct()).label("number"),
            )
            .where(OriginRow.county_id == self._county_id)
            .group_by(OriginRow.department_id, OriginRow.grid_id)
        )
        unnamed = (
            select(SourceRow.grid_id, literal("").label("key"), func.count().label("number"))
            .where(
                SourceRow.county_id == self._county_id,
                ~exists().where(
                    OriginRow.county_id == self._county_id,
                    OriginRow.source_id == SourceRow.source_id,
                ),
            )
            .group_by(SourceRow.grid_id)
        )
        counted = union_all(named, unnamed).subquery()
        rows = self._connection.execute(
            select(GridRow.path, counted.c.key, counted.c.number)
            .join(counted, counted.c.grid_id == GridRow.grid_id)
            .where(GridRow.county_id == self._county_id, within(path))
        )
        return [Tally(row.path, row.key, row.number) for row in rows]

    def rehome(self, from_grid: UUID, to_grid: UUID) -> list[SourceView]:
        """Give all sources of one grid to another; answers with them as they are then."""
        moved = self._connection.execute(
            update(SourceRow)
            .where(SourceRow.county_id == self._county_id, SourceRow.grid_id == from_grid)
            .values(grid_id=to_grid, version=SourceRow.version + 1)
            .returning(SourceRow.source_id)
        )
        ids = [row.source_id for row in moved]
        self._connection.execute(
            follow_sources(self._county_id).where(OriginRow.grid_id == from_grid)
        )
        rows = [
            row
            for part in _parts(ids)
            for row in self._connection.execute(
                self._sources().where(SourceRow.source_id.in_(part))
            )
        ]
        return [_view(row) for row in rows]

    def grids_at(self, paths: Collection[str]) -> dict[str, tuple[UUID, str]]:
        """Ids and names of the grids at paths, those no longer in force too."""
        rows = self._connection.execute(
            select(GridRow.path, GridRow.grid_id, GridRow.name).where(
                GridRow.county_id == self._county_id,
                GridRow.trail.in_([trail_of(path) for path in paths]),
            )
        )
        return {row.path: (row.grid_id, row.name) for row in rows}

    def children(self, path: str) -> list[str]:
        """Paths of the grids in force directly below one; of the county's roots for ``""``."""
        rows = self._connection.execute(
            select(GridRow.path).where(
                GridRow.county_id == self._county_id,
                GridRow.valid_to.is_(None),
                GridRow.path != path,
                within(path),
                func.length(GridRow.trail)
                == (len(trail_of(path)) if path else 0) + len(trail_of("1.")),
            )
        )
        return [row.path for row in rows]

    def grids_named(self, names: Collection[str]) -> dict[str, list[tuple[UUID, str]]]:
        """Ids and paths of the grids in force that have one of the names."""
        found: dict[str, list[tuple[UUID, str]]] = {}
        for part in _parts(names):
            rows = self._connection.execute(
                select(GridRow.name, GridRow.grid_id, GridRow.path).where(
                    GridRow.county_id == self._county_id,
                    GridRow.valid_to.is_(None),
                    GridRow.name.in_(part),
                )
            )
            for row in rows:
                found.setdefault(row.name, []).append((row.grid_id, row.path))
        return found

    def add_look(self, source_id: UUID, look: Mapping[str, Any]) -> None:
        """Add to the history of verifications."""
        self._append(LookRow, source_id, look)

    def add_grading(self, source_id: UUID, grading: Mapping[str, Any]) -> None:
        """Add to the history of grades."""
        self._append(GradingRow, source_id, grading)

    def add_first_gradings(self, gradings: Sequence[Grading]) -> None:
        """Write the first grades of new sources."""
        if gradings:
            rows = [{**asdict(each), "county_id": self._county_id} for each in gradings]
            self._connection.execute(insert(GradingRow), rows)

    def looks(self, source_id: UUID) -> list[Look]:
        """The history of verifications, oldest first."""
        return [
            Look(**{**values, "result": Verification(values["result"])})
            for values in self._history(LookRow, Look, source_id)
        ]

    def gradings(self, source_id: UUID) -> list[Grading]:
        """The history of grades, oldest first."""
        return [Grading(**values) for values in self._history(GradingRow, Grading, source_id)]

    def origins(self, source_id: UUID) -> list[Origin]:
        """What lists say of the source, oldest first."""
        rows = self._connection.execute(
            select(OriginRow.__table__)
            .where(OriginRow.county_id == self._county_id, OriginRow.source_id == source_id)
            .order_by(OriginRow.added_at, OriginRow.list_id)
        )
        return [Origin(**{name: getattr(row, name) for name in Origin.__slots__}) for row in rows]

    def _append(self, table: Any, source_id: UUID, entry: Mapping[str, Any]) -> None:
        """The source's row is locked by its new version, so no two take the same number."""
        own = (table.county_id == self._county_id, table.source_id == source_id)
        number = select(func.coalesce(func.max(table.number), 0) + 1).where(*own).scalar_subquery()
        self._connection.execute(
            insert(table).values(
                county_id=self._county_id, source_id=source_id, number=number, **entry
            )
        )

    def _history(self, table: Any, kind: Any, source_id: UUID) -> list[dict[str, Any]]:
        rows = self._connection.execute(
            select(table.__table__)
            .where(table.county_id == self._county_id, table.source_id == source_id)
            .order_by(table.number)
        )
        return [{name: getattr(row, name) for name in kind.__slots__} for row in rows]

    def _sources(self) -> Select[Any]:
        return (
            select(
                SourceRow.__table__,
                GridRow.path,
                GridRow.name.label("grid_name"),
                GridRow.admin_code,
            )
            .join(GridRow, ON_GRID)
            .where(SourceRow.county_id == self._county_id)
        )

    def _matching(self, filters: SourceFilters) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [
            getattr(SourceRow, name) == value
            for name in ("type", "grade", "zone", "industry")
            if (value := getattr(filters, name))
        ]
        conditions += [  # said once more, so that the index of those that state one serves
            getattr(SourceRow, name) != ""
            for name in ("zone", "industry")
            if getattr(filters, name)
        ]
        conditions += [
            getattr(SourceRow, name) == word.value
            for name in ("verification", "state")
            if (word := getattr(filters, name)) is not None
        ]
        for name in ("key_object", "off_list"):
            if (flag := getattr(filters, name)) is not None:
                column = getattr(SourceRow, name)
                conditions.append(column if flag else ~column)
        if filters.name:
            conditions.append(SourceRow.name.contains(filters.name, autoescape=True))
        if filters.department_id:
            conditions.append(self._named(OriginRow.department_id == filters.department_id))
        if filters.list_id:
            conditions.append(self._named(OriginRow.list_id == filters.list_id))
        if filters.object_id:
            linked = select(ObjectLinkRow.source_id).where(
                ObjectLinkRow.county_id == self._county_id,
                ObjectLinkRow.object_id == filters.object_id,
            )
            conditions.append(SourceRow.source_id.in_(linked))
        if filters.lacking:
            conditions.append(or_(*(~has_part(part) for part in filters.lacking)))
        return conditions

    def _named(self, by: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a list names the source; asked grid by grid, as the page walks them."""
        named = select(OriginRow.source_id).where(
            OriginRow.county_id == self._county_id, OriginRow.grid_id == GridRow.grid_id, by
        )
        return SourceRow.source_id.in_(named.correlate(GridRow))

    def _views(self, rows: Sequence[Row[Any]]) -> list[SourceView]:
        ids = [row.source_id for row in rows]
        departments = self._departments(ids)
        cases = self._cases(ids)
        return [
            _view(row, departments.get(row.source_id, ()), cases.get(row.source_id, (0, 0)))
            for row in rows
        ]

    def _departments(self, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
        rows = self._connection.execute(
            select(OriginRow.source_id, OriginRow.department_id)
            .where(OriginRow.county_id == self._county_id, OriginRow.source_id.in_(ids))
            .distinct()
            .order_by(OriginRow.source_id, OriginRow.department_id)
        )
        found: dict[UUID, tuple[str, ...]] = {}
        for row in rows:
            found[row.source_id] = (*found.get(row.source_id, ()), row.department_id)
        return found

    def _cases(self, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
        rows = self._connection.execute(
            select(
                SourceEventRow.source_id,
                func.count().filter(SourceEventRow.key == CASE_OPENED).label("opened"),
                func.count().filter(SourceEventRow.key.in_(CASE_ENDED)).label("ended"),
            )
            .where(SourceEventRow.county_id == self._county_id, SourceEventRow.source_id.in_(ids))
            .group_by(SourceEventRow.source_id)
        )
        return {row.source_id: (row.opened, row.ended) for row in rows}


def _parts(values: Collection[Any]) -> list[list[Any]]:
    """The values in statements' worths."""
    ordered = list(values)
    return [ordered[at : at + PER_STATEMENT] for at in range(0, len(ordered), PER_STATEMENT)]


def _values(source: Source) -> dict[str, Any]:
    values = {name: getattr(source.profile, name) for name in PROFILE}
    values |= {name: getattr(source, name) for name in PLAIN}
    values["state"] = source.profile.state.value
    values["verification"] = source.verification.value
    values["name_key"] = name_key(source.profile.name)
    return values


def _source(row: Row[Any]) -> Source:
    profile = {name: getattr(row, name) for name in PROFILE}
    return Source(
        **{name: getattr(row, name) for name in PLAIN},
        profile=Profile(**{**profile, "state": SourceState(row.state)}),
        verification=Verification(row.verification),
    )


def _view(
    row: Row[Any], departments: tuple[str, ...] = (), cases: tuple[int, int] = (0, 0)
) -> SourceView:
    return SourceView(
        source=_source(row),
        grid_path=row.path,
        grid_name=row.grid_name,
        grid_code=row.admin_code or "",
        departments=departments,
        cases_opened=cases[0],
        cases_closed=cases[1],
    )
