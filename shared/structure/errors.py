"""The errors and faults that all services report about a grid that they cannot work with."""

from shared.errors import FailedPrecondition, NotFound, Text

UNKNOWN_GRID = Text("There is no such grid in this county.", "本县没有该网格。")
"""The fault of a field that names a grid which the county does not have."""
NOT_IN_FORCE = Text(
    "The grid is not in force; name one that is.", "该网格未启用或已停用;请选择现行网格。"
)
"""The fault of a field that names a grid which is not in force."""


class GridNotFound(NotFound):
    """The county has no such grid."""

    reason = "GRID_NOT_FOUND"
    title = Text("Grid not found", "未找到网格")
    detail = Text("There is no grid {grid_id} in this county.", "本县没有编号为 {grid_id} 的网格。")


class GridRetired(FailedPrecondition):
    """The grid is no longer in force, so nothing new may be recorded for it."""

    reason = "GRID_RETIRED"
    title = Text("The grid is no longer in force", "网格已停用")
    detail = Text(
        "Grid {grid_id} ended on {valid_to}; use the grid that took its place.",
        "网格 {grid_id} 已于 {valid_to} 停用,请使用承接它的网格。",
    )
