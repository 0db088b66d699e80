"""Open cases follow their grids; closed ones stay with the grid in which they were handled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.cases.clocks.domain import Segment
from services.cases.life.domain import history
from services.cases.life.domain.case import Case, facts_of
from services.cases.life.domain.history import Act
from services.cases.life.store import CaseStore
from services.cases.routing.domain import responsible_place
from services.cases.routing.store import RoutingStore
from shared.contracts.cases import CaseMoved
from shared.contracts.grid import GridRestructured
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


def follow_grids(tx: Transaction, grid_ids: Sequence[UUID], now: datetime) -> None:
    """Set the paths in cases to the grids' present paths, on which access depends.

    An open case whose grid no longer lies below the responsible grid goes to the grid that is
    responsible now. Raises StructureNotYetKnown while the copy lacks a grid above it.
    """
    tx.store(RoutingStore).follow_grids(grid_ids)
    astray = tx.store(RoutingStore).open_astray(grid_ids)
    tx.store(Structure).read_ahead({case.grid_id for case in astray})
    for case in astray:
        grid = tx.store(Structure).awaited_grid(case.grid_id)
        if grid.valid_to is None:
            _move(tx, case, trail(tx, grid), now, {})


def follow_restructuring(tx: Transaction, change: GridRestructured, now: datetime) -> None:
    """Move the open cases of grids that ended to the grids that take over.

    Raises StructureNotYetKnown while the grids' own events have not all arrived.
    """
    await_restructured(tx.store(Structure), change)
    heirs = {heir.from_id: heir.to_id for heir in change.heirs}
    facts = {"change_id": str(change.change_id)}
    moving = tx.store(RoutingStore).open_of_grids(list(heirs)) if heirs else []
    tx.store(Structure).forget()  # grids may have moved during the wait for locks
    tx.store(Structure).read_ahead({heirs.get(case.grid_id, case.grid_id) for case in moving})
    for case in moving:
        found = heirs.get(case.grid_id, case.grid_id)
        grid = tx.store(Structure).awaited_grid(found)
        if grid.valid_to is not None:  # it ended earlier: the heir of the responsible grid
            grid = tx.store(Structure).awaited_grid(heirs.get(case.responsible_grid_id, found))
        upward = trail(tx, grid)
        if any(above.grid_id in heirs for above in upward):
            raise StructureNotYetKnown(f"where grid {grid.grid_id} lies since {facts}")
        _move(tx, case, upward, now, facts)


def _move(
    tx: Transaction, case: Case, upward: Sequence[Grid], now: datetime, facts: Mapping[str, str]
) -> None:
    """Move the case to a grid and to the one that is responsible there by the case's own scheme.

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
    tx.outbox.add(CaseMoved(**facts_of(after)), subject=after.case_id, sequence=after.version)


def _with_clocks_of(case: Case, before: str, now: datetime) -> Case:
    """The case whose running clocks of the former responsible grid belong to the present one."""
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
