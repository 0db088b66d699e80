"""Grids: the places under supervision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

GRIDS_PER_EVENT = 500


@dataclass(frozen=True, slots=True)
class Grid:
    """A place under supervision."""

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


@dataclass(frozen=True, slots=True)
class GridFilters:
    """Which grids are wanted; what is empty does not matter. ``name`` is any part of the name."""

    parent_id: UUID | None = None
    level_id: str = ""
    name: str = ""
    admin_code: str = ""


@dataclass(frozen=True, slots=True)
class GridsChanged:
    """Grids that were made or changed together, as they stand now."""

    grids: tuple[Grid, ...]


def chunks(grids: Sequence[Grid]) -> list[GridsChanged]:
    """The events that tell of the grids, each of at most 500."""
    return [
        GridsChanged(tuple(grids[start : start + GRIDS_PER_EVENT]))
        for start in range(0, len(grids), GRIDS_PER_EVENT)
    ]
