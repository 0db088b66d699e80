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
    func,
    literal,
    or_,
    text,
    true,
    update,
)

from services.grid.sources.domain.ledger import (
    Grading,
    Inspection,
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
from services.grid.sources.models.files import ObjectLinkRow, SourceEventRow
from services.grid.sources.models.ledger import GradingRow, InspectionRow, OriginRow, SourceRow
from services.grid.sources.store.lists import follow_sources
from services.grid.sources.store.parts import has_part
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import trail_of, within
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest, page_of

BEFORE_ALL = UUID(int=0)
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
PROFILE = tuple(Profile.__slots__)
PLAIN = ("source_id", "grade", "key_object", "verified_at", "off_list", "created_at", "version")
CASE_OPENED = "case.opened.v1"
CASE_ENDED = ("case.closed.v1", "case.rejected.v1")
PER_STATEMENT = 1000


class SourceStore:
    """One county's sources."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._sources = ScopedTable(tx, SourceRow, missing=SourceNotFound)
        self._grids = ScopedTable(tx, GridRow)
        self._origins = ScopedTable(tx, OriginRow)
        self._links = ScopedTable(tx, ObjectLinkRow)
        self._events = ScopedTable(tx, SourceEventRow)
        self._inspections = ScopedTable(tx, InspectionRow)
        self._gradings = ScopedTable(tx, GradingRow)

    def lock(self) -> None:
        """Keep others from entering sources in the county until this transaction ends."""
        self._tx.connection.execute(LOCK, {"name": f"sources {self._tx.county_id}"})

    def add(self, sources: Sequence[Source]) -> None:
        """Write new sources."""
        self._sources.insert_many(_values(source) for source in sources)

    def save(self, source: Source) -> None:
        """Write a source's next version. Raises Aborted where somebody else wrote it before."""
        self._sources.save(_values(source), source.version - 1)
        follow_sources(self._origins, SourceRow.source_id == source.source_id)

    def save_all(self, sources: Sequence[Source]) -> None:
        """Write the next versions of sources that ``lock`` and ``known`` keep from others."""
        if sources:
            rows = [{"b_id": source.source_id, **_values(source)} for source in sources]
            own = (self._sources.own, self._sources.c.source_id == bindparam("b_id"))
            self._tx.connection.execute(update(self._sources.table).where(*own), rows)

    def get(self, source_id: UUID) -> SourceView:
        """One source. Raises SourceNotFound."""
        row = self._sources.first(self._shown().where(SourceRow.source_id == source_id))
        if row is None:
            raise SourceNotFound(source_id=source_id)
        return self._views([row])[0]

    def duplicate(self, profile: Profile, but: UUID | None = None) -> UUID | None:
        """Another source with the same credit code, or the same name in the grid and no other code."""
        same: ColumnElement[bool] = (SourceRow.grid_id == profile.grid_id) & (
            SourceRow.name_key == name_key(profile.name)
        )
        if profile.credit_code:  # two of one name are two where each has a code of its own
            same = or_(
                same & (SourceRow.credit_code == ""), SourceRow.credit_code == profile.credit_code
            )
        row = self._sources.first(
            self._sources.select(SourceRow.source_id)
            .where(SourceRow.source_id != (but or BEFORE_ALL), same)
            .limit(1)
        )
        return None if row is None else row.source_id

    def known(
        self, credit_codes: Collection[str], names: Collection[tuple[UUID, str]]
    ) -> list[tuple[Source, str]]:
        """Return, with paths, sources that have any of the codes, or any of the names in the grids.

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
            query = self._shown().where(condition).with_for_update(of=SourceRow)
            for row in self._sources.all(query):
                found[row.source_id] = (_source(row), row.path)
        return [found[source_id] for source_id in sorted(found)]

    def page(
        self, scopes: Sequence[str], filters: SourceFilters, asked: PageRequest
    ) -> Page[SourceView]:
        """Sources in any of the subtrees: grids in path order, each one's sources oldest first."""
        after = asked.after(path_of, UUID)
        trail = ""
        start: ColumnElement[UUID] = literal(BEFORE_ALL)
        if after is not None:
            trail = trail_of(after[0])
            start = case((GridRow.trail == trail, literal(after[1])), else_=literal(BEFORE_ALL))
        of_grid = (
            self._sources.select()
            .where(
                SourceRow.grid_id == GridRow.grid_id,
                SourceRow.source_id > start,
                *self._matching(filters),
            )
            .order_by(SourceRow.source_id)
            .limit(asked.size + 1)
            .correlate(GridRow)
            .lateral("of_grid")
        )
        query = (
            self._grids.select(
                of_grid, GridRow.path, GridRow.name.label("grid_name"), GridRow.admin_code
            )
            .join(of_grid, true())
            .where(
                GridRow.trail >= trail,
                or_(*(within(scope) for scope in scopes)) if scopes else ~true(),
            )
            .order_by(GridRow.trail, of_grid.c.source_id)
            .limit(asked.size + 1)
        )
        rows = page_of(self._sources.all(query), asked, lambda row: (row.path, row.source_id))
        return rows.map_all(self._views)

    def rehome(self, from_grid: UUID, to_grid: UUID) -> list[SourceView]:
        """Move all sources of one grid to another, and return them as they are then."""
        ids = [
            row.source_id
            for row in self._sources.all(
                self._sources.select(SourceRow.source_id)
                .where(SourceRow.grid_id == from_grid)
                .with_for_update()
            )
        ]
        changed = {"grid_id": to_grid, "version": SourceRow.version + 1}
        self._sources.update(changed, grid_id=from_grid)
        follow_sources(self._origins, OriginRow.grid_id == from_grid)
        return [
            _view(row)
            for part in _parts(ids)
            for row in self._sources.all(self._shown().where(SourceRow.source_id.in_(part)))
        ]

    def add_inspection(self, source_id: UUID, inspection: Mapping[str, Any]) -> None:
        """Add to the history of verifications."""
        _append(self._inspections, source_id, inspection)

    def add_grading(self, source_id: UUID, grading: Mapping[str, Any]) -> None:
        """Add to the history of grades."""
        _append(self._gradings, source_id, grading)

    def add_first_gradings(self, gradings: Sequence[Grading]) -> None:
        """Write the first grades of new sources."""
        self._gradings.insert_many(asdict(each) for each in gradings)

    def inspections(self, source_id: UUID) -> list[Inspection]:
        """The history of verifications, oldest first."""
        return [
            Inspection(**{**values, "result": Verification(values["result"])})
            for values in _history(self._inspections, Inspection, source_id)
        ]

    def gradings(self, source_id: UUID) -> list[Grading]:
        """The history of grades, oldest first."""
        return [Grading(**values) for values in _history(self._gradings, Grading, source_id)]

    def origins(self, source_id: UUID) -> list[Origin]:
        """What lists say of the source, oldest first."""
        rows = self._origins.all(
            self._origins.select()
            .where(OriginRow.source_id == source_id)
            .order_by(OriginRow.added_at, OriginRow.list_id)
        )
        return [Origin(**{name: getattr(row, name) for name in Origin.__slots__}) for row in rows]

    def _shown(self) -> Select[Any]:
        """Sources with their grids."""
        return self._sources.select(
            self._sources.table, GridRow.path, GridRow.name.label("grid_name"), GridRow.admin_code
        ).join(GridRow, same_county(GridRow, SourceRow, "grid_id"))

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
            linked = self._links.select(ObjectLinkRow.source_id).where(
                ObjectLinkRow.object_id == filters.object_id
            )
            conditions.append(SourceRow.source_id.in_(linked))
        if filters.lacking:
            conditions.append(or_(*(~has_part(part) for part in filters.lacking)))
        return conditions

    def _named(self, by: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a list names the source. The condition works grid by grid, as the page does."""
        named = self._origins.select(OriginRow.source_id).where(
            OriginRow.grid_id == GridRow.grid_id, by
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
        rows = self._origins.all(
            self._origins.select(OriginRow.source_id, OriginRow.department_id)
            .where(OriginRow.source_id.in_(ids))
            .distinct()
            .order_by(OriginRow.source_id, OriginRow.department_id)
        )
        found: dict[UUID, tuple[str, ...]] = {}
        for row in rows:
            found[row.source_id] = (*found.get(row.source_id, ()), row.department_id)
        return found

    def _cases(self, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
        rows = self._events.all(
            self._events.select(
                SourceEventRow.source_id,
                func.count().filter(SourceEventRow.key == CASE_OPENED).label("opened"),
                func.count().filter(SourceEventRow.key.in_(CASE_ENDED)).label("ended"),
            )
            .where(SourceEventRow.source_id.in_(ids))
            .group_by(SourceEventRow.source_id)
        )
        return {row.source_id: (row.opened, row.ended) for row in rows}


def path_of(value: Any) -> str:
    """The path that a page token holds. Raises ValueError or AttributeError for anything else."""
    [int(node) for node in value.removesuffix(".").split(".")]
    return str(value)


def _append(table: ScopedTable, source_id: UUID, entry: Mapping[str, Any]) -> None:
    """Add the next entry to a history.

    Saving the new version has locked the source's row, so no two entries take the same number.
    """
    last = table.select(func.coalesce(func.max(table.c.number), 0) + 1)
    number = last.where(table.c.source_id == source_id).scalar_subquery()
    table.insert({"source_id": source_id, "number": number, **entry})


def _history(table: ScopedTable, kind: Any, source_id: UUID) -> list[dict[str, Any]]:
    query = table.select().where(table.c.source_id == source_id).order_by(table.c.number)
    return [{name: getattr(row, name) for name in kind.__slots__} for row in table.all(query)]


def _parts(values: Collection[Any]) -> list[list[Any]]:
    """Split the values into parts of one statement each."""
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
