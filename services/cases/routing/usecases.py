"""Open cases follow their grids; what is over stays with the grid in which it was dealt with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.clocks.domain import Segment
from services.cases.life.domain import history
from services.cases.life.domain.case import Case
from services.cases.life.domain.events import CaseMoved
from services.cases.life.domain.history import Act
from services.cases.life.store import CaseStore
from services.cases.routing.domain import responsible_place
from services.cases.routing.store import RoutingStore
from shared.db.transaction import Transaction
from shared.structure.restructuring import await_restructured
from shared.structure.store import Grid, Structure, StructureNotYetKnown

MOVED = "moved"


def trail(tx: Transaction, grid: Grid) -> list[Grid]:
    """The grid and all above it, nearest first.

    Raises StructureNotYetKnown for a gap: with one, a case would go to the wrong grid.
    """
    upward = tx.store(Structure).upward(grid.path)
    if len(upward) != grid.path.count("."):
        raise StructureNotYetKnown(f"grids above {grid.grid_id} at {grid.path}")
    return upward


class Trails:
    """Grids and all above them, each read once however many cases lie there."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._grids: dict[UUID, Grid] = {}
        self._trails: dict[UUID, list[Grid]] = {}

    def grid(self, grid_id: UUID) -> Grid:
        """The grid. Raises StructureNotYetKnown."""
        if grid_id not in self._grids:
            self._grids[grid_id] = self._tx.store(Structure).awaited_grid(grid_id)
        return self._grids[grid_id]

    def of(self, grid: Grid) -> list[Grid]:
        """The grid and all above it, nearest first. Raises StructureNotYetKnown for a gap."""
        if grid.grid_id not in self._trails:
            self._trails[grid.grid_id] = trail(self._tx, grid)
        return self._trails[grid.grid_id]


def follow_grids(tx: Transaction, grid_ids: Sequence[UUID], now: datetime) -> None:
    """Take over where the grids lie now: who reaches a case follows the county's own tree.

    An open case that came away from under the grid that answers for it goes to the one that does
    now. Raises StructureNotYetKnown while a grid above is not known where it lies.
    """
    tx.store(RoutingStore).follow_grids(grid_ids)
    trails = Trails(tx)
    for case in tx.store(RoutingStore).open_astray(grid_ids):
        grid = trails.grid(case.grid_id)
        if grid.valid_to is None:
            _move(tx, case, trails.of(grid), now, {})


def follow_restructuring(tx: Transaction, data: Mapping[str, Any], now: datetime) -> None:
    """Bring the open cases of grids that ended to who takes over.

    Raises StructureNotYetKnown while the grids' own events have not all arrived.
    """
    await_restructured(tx.store(Structure), data)
    heirs = {heir["from_id"]: heir["to_id"] for heir in data["heirs"]}
    facts = {"change_id": str(data["change_id"])}
    trails = Trails(tx)
    for case in tx.store(RoutingStore).open_of_grids(list(heirs)) if heirs else ():
        found = heirs.get(case.grid_id, case.grid_id)
        grid = trails.grid(found)
        if grid.valid_to is not None:  # ended by an earlier change: what it was part of goes on
            grid = trails.grid(heirs.get(case.responsible_grid_id, found))
        upward = trails.of(grid)
        if any(above.grid_id in heirs for above in upward):
            raise StructureNotYetKnown(f"where grid {grid.grid_id} lies since {facts}")
        _move(tx, case, upward, now, facts)


def _move(
    tx: Transaction, case: Case, upward: Sequence[Grid], now: datetime, facts: Mapping[str, str]
) -> None:
    """Give the case to a grid, and to the one that answers there by the case's own scheme.

    ``upward`` holds the grid and all above it, nearest first.
    """
    grid = upward[0]
    scheme = tx.store(Structure).scheme(case.scheme_version)
    responsible = responsible_place(upward, scheme)
    after = replace(
        case,
        version=case.version + 1,
        grid_id=grid.grid_id,
        grid_path=grid.path,
        grid_level_id=grid.level_id,
        responsible_grid_id=responsible.grid_id,
        responsible_grid_path=responsible.path,
    )
    after = _with_clocks_of(after, f"grid:{case.responsible_grid_id}", now)
    act = Act(
        action=MOVED,
        actor_id=None,
        at=now,
        from_state=case.state,
        to_state=case.state,
        facts={
            **facts,
            "from_grid_id": str(case.grid_id),
            "to_grid_id": str(after.grid_id),
            "from_responsible_grid_id": str(case.responsible_grid_id),
            "to_responsible_grid_id": str(after.responsible_grid_id),
        },
    )
    entry = history.following(after.county_id, after.case_id, after.head, act)
    after = replace(after, head=entry.head)
    tx.store(CaseStore).save(case, after)
    tx.store(CaseStore).append(entry)
    tx.outbox.add(CaseMoved.of(after), subject=after.case_id, sequence=after.version)


def _with_clocks_of(case: Case, before: str, now: datetime) -> Case:
    """The case with the running clocks of its former grid answered for by its present one."""
    owner = f"grid:{case.responsible_grid_id}"
    return replace(
        case,
        clocks=tuple(
            replace(clock, segments=(*clock.segments, Segment(owner, now)))
            if clock.running and clock.owner == before != owner
            else clock
            for clock in case.clocks
        ),
    )
