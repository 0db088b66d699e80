"""Grids: the places under supervision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.errors import (
    NotFound,
    Text,
)


class GridKind(StrEnum):
    """What a grid is made of."""

    TERRITORIAL = "territorial"
    SPECIAL = "special"
    UNIT = "unit"
    PATCH = "patch"
    DEPARTMENT = "department"
    ENTERPRISE = "enterprise"
    VOLUNTEER = "volunteer"


WITHIN_A_GRID = (GridKind.UNIT, GridKind.PATCH)
"""Kinds that a grid counts within itself, which are no grids of their level."""


class GridNotThere(NotFound):
    """The grid was not in force at the moment."""

    reason = "GRID_NOT_IN_FORCE"
    title = Text("Grid not in force then", "该时刻网格未生效")
    detail = Text(
        "The grid {grid_id} was not in force at {moment}.", "网格 {grid_id} 在 {moment} 未生效。"
    )


@dataclass(frozen=True, slots=True)
class Grid:
    """A place under supervision in one of its states, which holds from ``since`` on."""

    grid_id: UUID
    node: int
    parent_id: UUID | None
    path: str
    level_id: str
    rank: str
    unit_type: str
    name: str
    admin_code: str | None
    valid_from: datetime
    valid_to: datetime | None
    version: int
    since: datetime
    kind: GridKind = GridKind.TERRITORIAL
    is_base: bool = False
    local_code: str | None = None
    zones: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def holds_at(self, moment: datetime) -> bool:
        """Whether the grid is in force at a moment, going by this state."""
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)


@dataclass(frozen=True, slots=True)
class GridState:
    """A state of a grid, and until when it held; None for the newest."""

    grid: Grid
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GridFilters:
    """The filters of a list of grids. An empty member does not filter. ``name`` is any part of the name.

    ``under`` is the path of a subtree.
    """

    parent_id: UUID | None = None
    level_id: str = ""
    name: str = ""
    admin_code: str = ""
    under: str = ""
    kind: GridKind | None = None
    zone: str = ""
    local_code: str = ""


def nodes_of(path: str) -> list[int]:
    """The node numbers of a path, from the root down."""
    return [int(node) for node in path.rstrip(".").split(".")]


def paths_above(path: str) -> list[str]:
    """The paths above one, from the root down."""
    nodes = path.rstrip(".").split(".")
    return [".".join(nodes[:depth]) + "." for depth in range(1, len(nodes))]


def upper_first(grids: Iterable[Grid]) -> list[Grid]:
    """The grids in an order in which none comes before the one above it."""
    return sorted(grids, key=lambda grid: (grid.path.count("."), grid.node))


@dataclass(frozen=True, slots=True)
class LevelGrids:
    """How many grids in force a level has of one type of units."""

    level_id: str
    unit_type: str
    count: int


def count_by_level(grids: Sequence[LevelGrids]) -> dict[str, int]:
    """How many grids each level has."""
    counts: dict[str, int] = {}
    for each in grids:
        counts[each.level_id] = counts.get(each.level_id, 0) + each.count
    return counts
