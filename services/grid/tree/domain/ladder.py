"""Where in the tree a grid may lie, going by the levels of the county's scheme."""

from collections.abc import Sequence

from services.grid.tree.domain.grids import WITHIN_A_GRID, Grid, GridKind
from services.grid.tree.domain.levels import Level
from shared.errors import Text

DEPARTMENTS = "county_department"
UNKNOWN_LEVEL = Text(
    "The scheme in force has no level '{level}' of its own; it has: {known}.",
    "现行方案没有本级层级“{level}”;现有:{known}。",
)
PARENT_WANTED = Text(
    "A grid of level '{level}' lies below a grid of level '{above}': give the parent.",
    "“{level}”层级的网格应位于“{above}”层级之下:请填写上级网格。",
)
PARENT_NOT_ABOVE = Text(
    "The parent is of level '{parent}', which does not lie above level '{level}'.",
    "上级网格的层级为“{parent}”,不在“{level}”层级之上。",
)
LEVEL_SKIPPED = Text(
    "Level '{skipped}' lies between and may not be left out.",
    "中间的“{skipped}”层级不可跳过。",
)
WITHIN_WANTED = Text(
    "A grid of this kind lies within another: give the parent.",
    "该类网格应位于另一网格之内:请填写上级网格。",
)


def find_level(levels: Sequence[Level], level_id: str) -> Level | None:
    """Return the level with the id, or None."""
    return next((level for level in levels if level.level_id == level_id), None)


def unknown_level(levels: Sequence[Level], level_id: str) -> Text:
    """Return the fault of an unknown level, naming those that the scheme has."""
    known = ", ".join(level.level_id for level in levels)
    return UNKNOWN_LEVEL.format(level=level_id, known=known)


def position_fault(
    levels: Sequence[Level], kind: GridKind, level_id: str, parent: Grid | None
) -> Text | None:
    """Why a grid of the kind and level may not lie below the parent, or at the root without one.

    ``levels`` are the scheme's own, from the top down. Special grids lie outside of the ladder, so
    they may leave levels out; units and patches may lie on the level of the grid they are part of.
    """
    order = [level.level_id for level in levels]
    for each in [level_id, *([parent.level_id] if parent else [])]:
        if each not in order:
            return unknown_level(levels, each)
    place = order.index(level_id)
    return (
        _root_fault(levels[:place], kind, level_id)
        if parent is None
        else _below_fault(levels, kind, order.index(parent.level_id), place)
    )


def _root_fault(above: Sequence[Level], kind: GridKind, level_id: str) -> Text | None:
    if kind in WITHIN_A_GRID:
        return WITHIN_WANTED
    needed = None if kind is GridKind.SPECIAL else _needed(above, kind)
    return None if needed is None else PARENT_WANTED.format(level=level_id, above=needed.level_id)


def _below_fault(levels: Sequence[Level], kind: GridKind, upper: int, place: int) -> Text | None:
    if upper > place or (upper == place and kind not in WITHIN_A_GRID):
        return PARENT_NOT_ABOVE.format(parent=levels[upper].level_id, level=levels[place].level_id)
    if kind in (*WITHIN_A_GRID, GridKind.SPECIAL):
        return None
    needed = _needed(levels[upper + 1 : place], kind)
    return None if needed is None else LEVEL_SKIPPED.format(skipped=needed.level_id)


def _needed(between: Sequence[Level], kind: GridKind) -> Level | None:
    """Return the lowest level that may not be left out."""
    return next((level for level in reversed(between) if not is_passable(level, kind)), None)


def is_passable(level: Level, kind: GridKind) -> bool:
    """Whether a grid may lie below without one of this level above it.

    Departments stand beside the territories, whose grids lie past them.
    """
    beside = level.rank == DEPARTMENTS and kind is GridKind.TERRITORIAL
    return level.optional or level.skippable or beside
