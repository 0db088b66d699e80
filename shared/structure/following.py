"""Records that hold the path of their grid follow it when grids are moved."""

from collections.abc import Sequence
from uuid import UUID

from shared.db.scoped import ScopedTable, same_county
from shared.structure.tables import StructureTables


def follow_grids(
    records: ScopedTable,
    structure: StructureTables,
    grid_ids: Sequence[UUID],
    *,
    grid: str = "grid_id",
    path: str = "grid_path",
) -> None:
    """Set the column ``path`` of records in these grids to the present path of their grid.

    The column ``grid`` holds the id of a record's grid.
    """
    grids = structure.grids
    records.update(
        {path: grids.c.path},
        records.c[grid].in_(grid_ids),
        same_county(records.table, grids, **{grid: "grid_id"}),
        grids.c.path != records.c[path],
    )
