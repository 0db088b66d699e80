"""Making grids of the rows of a file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.data import divisions_under
from services.grid.geometry.domain import geometry, row_grids
from services.grid.geometry.domain.boundaries import Boundary, LaterBoundaryExists, Shape
from services.grid.geometry.domain.row_grids import Plan
from services.grid.geometry.domain.row_reading import Entry, Ladder, read_row
from services.grid.geometry.store import BoundaryStore
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.domain.grids import Grid
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.announcing import announce
from services.grid.tree.usecases.permissions import require_configure
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation
from shared.rows import Outcome, Row, RowFault

ROWS_AT_ONCE = 20_000
FAULTS_AT_ONCE = 2000
HOW_MANY = Text(f"Give 1 to {ROWS_AT_ONCE} rows.", f"应有 1 至 {ROWS_AT_ONCE} 行。")
MORE_FAULTS = Text("And {count} more faults.", "另有 {count} 处错误。")
NUMBERS = Text("Every row needs a number of its own.", "每行的行号不能重复。")
SOURCE = "file"
AT_LAST = datetime(9999, 1, 1, tzinfo=UTC)
"""Sees what another import made while this one waited for it."""


@dataclass(frozen=True, slots=True)
class _Places:
    """The new boundaries and points of grids."""

    shapes: Mapping[UUID, Shape]
    points: Mapping[UUID, tuple[float, float]]

    @property
    def grids(self) -> set[UUID]:
        return {*self.shapes, *self.points}


def import_rows(
    tx: Transaction,
    rows: Sequence[Row],
    *,
    dry_run: bool,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Outcome:
    """Make a grid of every row that has none, with its boundary and point.

    A row is known by its code, or else by its parent, level and name. What is there as the row
    says stays as it is; a boundary or point that differs takes the place of the one before.
    Where any row has a fault, the outcome names the first faults and nothing is made; a dry run
    makes nothing either. Other imports of one county wait for each other. Raises PermissionDenied,
    InvalidArgument.
    """
    require_configure(tx.context)
    if not 1 <= len(rows) <= ROWS_AT_ONCE:
        raise InvalidArgument([Violation("/rows", HOW_MANY)])
    if len({row.number for row in rows}) < len(rows):
        raise InvalidArgument([Violation("/rows", NUMBERS)])
    ladder = Ladder.of(get_scheme(tx, None, now).document)
    entries, unread, faults = _read(tx, rows, ladder)
    if not dry_run:
        tx.store(CountyStore).lock()
    in_force = tx.store(GridStore).all_in_force(AT_LAST)
    plan = row_grids.plan(entries, in_force, ladder, unread)
    boundaries = tx.store(BoundaryStore).newest_of_all()
    late = _too_early(plan, boundaries, now)
    if faults or plan.faults or late:
        return Outcome(faults=_first(sorted([*faults, *plan.faults, *late], key=_by_row)))
    moved = _differing(plan, boundaries, tx.store(BoundaryStore).points())
    if not dry_run:
        made = _make(tx, plan, in_force, now=now, new_id=new_id)
        _place(tx, _joined(moved, _of_new(plan, made)), boundaries, now)
    return Outcome(
        created=len(plan.new),
        updated=len(moved.grids),
        unchanged=len(plan.there) - len(moved.grids),
    )


def _read(
    tx: Transaction, rows: Sequence[Row], ladder: Ladder
) -> tuple[list[Entry], Collection[str], list[RowFault]]:
    """The rows that can be read, codes and names of those that cannot, and what is wrong."""
    county_code = tx.store(CountyStore).get().admin_code
    known = {division.code for division in divisions_under(county_code)}
    entries: list[Entry] = []
    faults: list[RowFault] = []
    unread: set[str] = set()
    for row in rows:
        entry, found = read_row(row, ladder, county_code, known)
        faults += found
        if entry is None:
            unread |= {row.cells.get("code", "").strip(), row.cells.get("name", "").strip()}
        else:
            entries.append(entry)
    return entries, unread - {""}, faults


def _make(
    tx: Transaction,
    plan: Plan,
    in_force: Sequence[Grid],
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> dict[int, Grid]:
    if not plan.new:
        return {}
    made = row_grids.make_grids(
        plan,
        first_node=tx.store(CountyStore).take_nodes(len(plan.new)),
        new_id=new_id,
        now=now,
        by_id={grid.grid_id: grid for grid in in_force},
    )
    new = list(made.values())
    tx.store(GridStore).add(new)
    announce(tx, new)
    return made


def _differing(
    plan: Plan,
    boundaries: Mapping[UUID, Boundary],
    points: Mapping[UUID, tuple[float, float]],
) -> _Places:
    """Where the rows place grids that are there otherwise than is recorded."""
    return _Places(
        {
            grid.grid_id: entry.shape
            for entry, grid in plan.there
            if entry.shape and _is_new(entry.shape, boundaries.get(grid.grid_id))
        },
        {
            grid.grid_id: entry.point
            for entry, grid in plan.there
            if entry.point and entry.point != points.get(grid.grid_id)
        },
    )


def _of_new(plan: Plan, made: Mapping[int, Grid]) -> _Places:
    return _Places(
        {made[entry.row].grid_id: entry.shape for entry in plan.new if entry.shape},
        {made[entry.row].grid_id: entry.point for entry in plan.new if entry.point},
    )


def _joined(one: _Places, other: _Places) -> _Places:
    return _Places({**one.shapes, **other.shapes}, {**one.points, **other.points})


def _place(
    tx: Transaction, wanted: _Places, boundaries: Mapping[UUID, Boundary], now: datetime
) -> None:
    tx.store(BoundaryStore).add(
        [
            Boundary(
                grid_id=grid_id,
                version=boundaries[grid_id].version + 1 if grid_id in boundaries else 1,
                shape=shape,
                datum=geometry.WGS84,
                source=SOURCE,
                note="",
                valid_from=now,
                valid_to=None,
                recorded_at=now,
                recorded_by=tx.context.actor_id,
            )
            for grid_id, shape in wanted.shapes.items()
        ]
    )
    tx.store(BoundaryStore).mark(wanted.points, now)


def _too_early(plan: Plan, boundaries: Mapping[UUID, Boundary], now: datetime) -> list[RowFault]:
    """Faults of rows whose boundary would hold before one recorded already."""
    return [
        RowFault(
            entry.row,
            "geometry",
            LaterBoundaryExists.detail.format(
                since=newest.valid_from.isoformat(timespec="seconds")
            ),
        )
        for entry, grid in plan.there
        if entry.shape
        and (newest := boundaries.get(grid.grid_id))
        and newest.valid_from >= now
        and _is_new(entry.shape, newest)
    ]


def _first(faults: Sequence[RowFault]) -> list[RowFault]:
    """The faults, or as many as fit into an answer and a last one that counts the rest."""
    if len(faults) <= FAULTS_AT_ONCE:
        return list(faults)
    rest = MORE_FAULTS.format(count=len(faults) - FAULTS_AT_ONCE)
    return [*faults[:FAULTS_AT_ONCE], RowFault(faults[FAULTS_AT_ONCE].row, "", rest)]


def _is_new(shape: Shape, newest: Boundary | None) -> bool:
    return newest is None or newest.shape.wkb != shape.wkb


def _by_row(fault: RowFault) -> tuple[int, str]:
    return fault.row, fault.column
