"""Reporting how a county's grids cover it. Changes nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.data import Division, divisions_under
from services.grid.geometry.domain import boundaries as places
from services.grid.geometry.domain import readiness
from services.grid.geometry.domain.boundaries import PlacedGrid
from services.grid.geometry.domain.covering import Coverage, Misfit
from services.grid.geometry.domain.readiness import Checklist, Lack
from services.grid.geometry.store import BoundaryStore
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.domain.grids import Grid
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import readable_scopes
from shared.db.transaction import Transaction

LISTED = 100
"""How many of each kind are named; totals count all."""
TOLERANCE_M2 = 100.0

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Findings(Generic[Item]):
    """The first of what was found, and how many there are."""

    total: int
    first: Sequence[Item]

    @classmethod
    def of(cls, found: Sequence[Item]) -> "Findings[Item]":
        """The findings, cut to what is listed."""
        return cls(len(found), found[:LISTED])


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Grids of a level, and how many the scheme expects."""

    level_id: str
    name: str
    count: int
    expected: int | None

    @property
    def matches(self) -> bool:
        """Whether the count is as expected; it is where nothing is stated."""
        return self.expected in {None, self.count}


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. ``names``: of every grid, those from the root down to it."""

    at: datetime
    tolerance_m2: float
    grids: int
    boundaries: int
    uncovered: Findings[tuple[Division, tuple[str, ...]]]
    overlaps: Findings[Misfit]
    gaps: Findings[Misfit]
    outside: Findings[Misfit]
    levels: Sequence[LevelCount]
    incomplete: Findings[Lack]
    not_known: Sequence[str]
    without_base_data: Findings[Grid]
    names: Mapping[UUID, tuple[str, ...]]


def check_grids(tx: Transaction, tolerance_m2: float | None, now: datetime) -> Check:
    """How the grids that the caller may read cover the county now.

    ``tolerance_m2``: the smallest area that counts, 100 unless given.
    """
    document = get_scheme(tx, None, now).document
    grids = tx.store(GridStore).all_in_force(now)
    scopes = readable_scopes(tx.context)
    seen = [grid for grid in grids if grid.path.startswith(scopes)]
    drawn, points = tx.store(BoundaryStore).everywhere(now), tx.store(BoundaryStore).points()
    smallest = TOLERANCE_M2 if tolerance_m2 is None else tolerance_m2
    overlaps, gaps, outside = _misfits(document, seen, drawn, smallest)
    checklist = Checklist(document)
    lacks = [checklist.lack(grid, has_boundary=grid.grid_id in drawn) for grid in seen]
    return Check(
        at=now,
        tolerance_m2=smallest,
        grids=len(seen),
        boundaries=sum(grid.grid_id in drawn for grid in seen),
        uncovered=_uncovered(tx, document, grids, scopes),
        overlaps=overlaps,
        gaps=gaps,
        outside=outside,
        levels=_levels(document, grids),
        incomplete=Findings.of([lack for lack in lacks if lack]),
        not_known=checklist.not_known(),
        without_base_data=Findings.of([
            grid
            for grid in seen
            if not readiness.has_base_data(
                has_boundary=grid.grid_id in drawn, has_point=grid.grid_id in points
            )
        ]),
        names=_names(grids),
    )  # fmt: skip


def _misfits(
    document: Mapping[str, Any],
    seen: Sequence[Grid],
    drawn: Mapping[UUID, PlacedGrid],
    tolerance_m2: float,
) -> tuple[Findings[Misfit], Findings[Misfit], Findings[Misfit]]:
    """Overlaps, gaps and what lies outside, of the grids seen.

    Special grids take part wherever they are: their neighbours have no gap where one lies.
    """
    carved = places.special_unit_types(document)
    ids = {grid.grid_id for grid in seen}
    coverage = Coverage(
        [g for g in drawn.values() if g.grid_id in ids or places.is_special(g, carved)],
        lambda grid: places.is_special(grid, carved),
        tolerance_m2,
    )
    undrawn = Counter(g.parent_id for g in seen if g.parent_id and g.grid_id not in drawn)

    def of_seen(found: Iterable[Misfit]) -> Findings[Misfit]:
        return Findings.of([each for each in found if ids & {each.grid_id, each.other_id}])

    return (
        of_seen(coverage.overlaps()),
        of_seen(coverage.gaps(undrawn)),
        of_seen(coverage.outside()),
    )


def _uncovered(
    tx: Transaction,
    document: Mapping[str, Any],
    grids: Sequence[Grid],
    scopes: Collection[str],
) -> Findings[tuple[Division, tuple[str, ...]]]:
    divisions = list(divisions_under(tx.store(CountyStore).get().admin_code))
    codes = {grid.admin_code for grid in grids if grid.admin_code}
    found = readiness.uncovered(divisions, codes, document)
    if "" not in scopes:
        reach = tuple(
            grid.admin_code
            for grid in grids
            if grid.admin_code and grid.path.startswith(tuple(scopes))
        )
        found = [division for division in found if division.code.startswith(reach)]
    by_code = {division.code: division for division in divisions}
    cut = Findings.of(found)
    return Findings(cut.total, [(each, _upward(each, by_code)) for each in cut.first])


def _upward(division: Division, by_code: Mapping[str, Division]) -> tuple[str, ...]:
    names = [division.name]
    above = by_code.get(division.parent or "")
    while above is not None:
        names.append(above.name)
        above = by_code.get(above.parent or "")
    return tuple(reversed(names))


def _levels(document: Mapping[str, Any], grids: Sequence[Grid]) -> list[LevelCount]:
    counts = Counter(grid.level_id for grid in grids)
    return [
        LevelCount(level["id"], level["name"], counts[level["id"]], level["expected_count"])
        for level in document["levels"]
        if level["scope"] == "own"
    ]


def _names(grids: Sequence[Grid]) -> dict[UUID, tuple[str, ...]]:
    """In path order a grid comes after the one above it."""
    names: dict[UUID, tuple[str, ...]] = {}
    for grid in grids:
        above = names.get(grid.parent_id, ()) if grid.parent_id else ()
        names[grid.grid_id] = (*above, grid.name)
    return names
