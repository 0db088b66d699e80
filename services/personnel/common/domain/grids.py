"""What records about people and bodies need to know of a grid."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.errors import Text

UNKNOWN_GRID = Text("There is no such grid in this county.", "本县没有该网格。")
NOT_IN_FORCE = Text(
    "The grid is not in force; name one that is.", "该网格未启用或已停用;请选择现行网格。"
)


class Grid(Protocol):
    """A grid as it stands now."""

    @property
    def grid_id(self) -> UUID:
        """Its id."""

    @property
    def path(self) -> str:
        """Its path."""

    @property
    def level_id(self) -> str:
        """Its level in the scheme."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def valid_from(self) -> datetime:
        """Its beginning."""

    @property
    def valid_to(self) -> datetime | None:
        """Its end, if it has one."""


def is_in_force(grid: Grid, moment: datetime) -> bool:
    """Whether the grid is in force at the moment."""
    return grid.valid_from <= moment and (grid.valid_to is None or moment < grid.valid_to)
