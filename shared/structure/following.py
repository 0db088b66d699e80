"""Records that say where they lie follow their grids when those are moved."""

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
    """Take over into the column ``path`` where the grids of the column ``grid`` lie now."""
    grids = structure.grids
    records.update(
        {path: grids.c.path},
        records.c[grid].in_(grid_ids),
        same_county(records.table, grids, **{grid: "grid_id"}),
        grids.c.path != records.c[path],
    )
