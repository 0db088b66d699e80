"""Where grids lie: boundaries with the time they hold, points, and who wins a place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.grid.tree.domain.grids import GridKind
from shared.errors import FailedPrecondition, InvalidArgument, NotFound, Text, Violation

BEFORE_THE_GRID = Text(
    "The boundary cannot hold before the grid does, on {moment}.",
    "边界生效时间不能早于网格的设立时间 {moment}。",
)

AFTER_THE_GRID = Text(
    "The grid is no longer in force from {moment} on.", "该网格自 {moment} 起已不再有效。"
)


class BoundaryNotFound(NotFound):
    """The grid has no boundary at the moment."""

    reason = "BOUNDARY_NOT_FOUND"
    title = Text("No boundary recorded", "尚无边界")
    detail = Text(
        "Grid {grid_id} has no boundary at that moment.", "编号为 {grid_id} 的网格当时没有边界。"
    )


class LaterBoundaryExists(FailedPrecondition):
    """Boundaries are recorded in the order in which they hold."""

    reason = "BOUNDARY_LATER_EXISTS"
    title = Text("A later boundary is recorded", "已有更晚生效的边界")
    detail = Text(
        "A boundary that holds from {since} is recorded already; choose a later moment.",
        "该网格已有自 {since} 起生效的边界,请填写更晚的生效时间。",
    )


@dataclass(frozen=True, slots=True)
class Box:
    """The smallest rectangle around a geometry, in degrees."""

    min_lon: float
    min_lat: float
    max_lon: float
    max_lat: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry as it is kept: WKB in WGS-84, with what questions need of it."""

    wkb: bytes
    box: Box
    area_km2: float
    vertices: int


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a grid lies, from a moment on. ``version`` counts the boundaries of the grid."""

    grid_id: UUID
    version: int
    shape: Shape
    datum: str
    source: str
    note: str
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime
    recorded_by: UUID | None


class Placed(Protocol):
    """A grid with the members that placing it needs."""

    @property
    def unit_type(self) -> str:
        """The county's word for its kind of unit."""

    @property
    def kind(self) -> str:
        """What kind of grid it is."""

    @property
    def path(self) -> str:
        """Its path, from the root down."""


@dataclass(frozen=True, slots=True)
class PlacedGrid:
    """A grid, with its boundary's geometry and area where it has one."""

    grid_id: UUID
    parent_id: UUID | None
    path: str
    level_id: str
    rank: str
    unit_type: str
    name: str
    admin_code: str | None
    kind: str = GridKind.TERRITORIAL.value
    wkb: bytes | None = None
    area_km2: float | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A grid that was found, and how it matches the question."""

    grid: PlacedGrid
    match: str
    special: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """A grid on a map: by its boundary, or by a point (longitude, latitude) where it has none."""

    grid: PlacedGrid
    point: tuple[float, float] | None
    valid_from: datetime


def special_unit_types(document: Mapping[str, Any]) -> frozenset[str]:
    """The unit types that a scheme carves out of their neighbours."""
    return frozenset((document.get("special_grids") or {}).get("carve_out_unit_types") or ())


def is_special(grid: Placed, unit_types: Collection[str]) -> bool:
    """Whether a grid lies outside of the ladder, carved out of its neighbours.

    This holds for special grids, and for grids of a unit type that the scheme carves out.
    """
    return grid.kind == GridKind.SPECIAL.value or grid.unit_type in unit_types


def depth(path: str) -> int:
    """The number of grids from the root down to this one."""
    return path.count(".")


def nodes_above(path: str) -> list[int]:
    """Node numbers from the root down to the grid itself."""
    return [int(node) for node in path.rstrip(".").split(".")]


def check_start(
    boundary: Boundary, since: datetime, until: datetime | None, newest: Boundary | None
) -> None:
    """Raise where a boundary would hold before or after its grid, or before one recorded already.

    ``since`` and ``until`` are the grid's own.
    """
    if boundary.valid_from < since:
        detail = BEFORE_THE_GRID.format(moment=since.isoformat(timespec="seconds"))
        raise InvalidArgument([Violation("/effective_at", detail)])
    if until is not None and boundary.valid_from >= until:
        detail = AFTER_THE_GRID.format(moment=until.isoformat(timespec="seconds"))
        raise InvalidArgument([Violation("/effective_at", detail)])
    if newest is not None and boundary.valid_from <= newest.valid_from:
        raise LaterBoundaryExists(since=newest.valid_from.isoformat(timespec="seconds"))


def ended(boundary: Boundary, at: datetime) -> Boundary:
    """Return the boundary with its end."""
    return replace(boundary, valid_to=at)


@dataclass(frozen=True, slots=True)
class Here:
    """A grid whose boundary holds or touches a point."""

    grid: PlacedGrid
    inside: bool
    special: bool


def belonging(candidates: Collection[Here]) -> tuple[list[Here], list[Here]]:
    """To which of the grids around it a point belongs, and which it was carved out of.

    A point on a border that several grids of a level share belongs to the first in path order.
    A special grid takes the point from every grid that is neither above nor below it. First come
    grids within a special grid, then special grids from the smallest, then all others from the
    deepest; those it was carved out of come from the deepest.
    """
    held = _without_touching(candidates)
    special = [here for here in held if here.special]
    belongs = [here for here in held if here.special or _keeps(here, special)]
    lost = [here for here in held if here not in belongs]
    return sorted(belongs, key=lambda here: _order(here, special)), sorted(lost, key=_deepest)


def _without_touching(candidates: Collection[Here]) -> list[Here]:
    levels = {(here.grid.level_id, here.special) for here in candidates}
    held: list[Here] = []
    for level in levels:
        on_level = [h for h in candidates if (h.grid.level_id, h.special) == level]
        inside = [here for here in on_level if here.inside]
        held += inside or [min(on_level, key=_deepest)]
    return held


def _keeps(here: Here, special: Collection[Here]) -> bool:
    return all(
        each.grid.path.startswith(here.grid.path) or here.grid.path.startswith(each.grid.path)
        for each in special
    )


def _order(here: Here, special: Collection[Here]) -> tuple[Any, ...]:
    below_special = any(
        here.grid.path != each.grid.path and here.grid.path.startswith(each.grid.path)
        for each in special
    )
    if here.special:
        return (1, here.grid.area_km2 or 0.0, _deepest(here))
    return (0 if below_special else 2, _deepest(here))


def _deepest(here: Here) -> tuple[int, list[int]]:
    return -depth(here.grid.path), nodes_above(here.grid.path)
