"""What consumers of ``grid.restructured.v1`` need before they move their open work."""

from shared.contracts.grid import ENDING, GridRestructured
from shared.structure.store import Structure, StructureNotYetKnown


def await_restructured(structure: Structure, change: GridRestructured) -> None:
    """Raise StructureNotYetKnown until the copy knows the grids as the change left them.

    The events of grids and of their change come by different queues, so either may be first.
    """
    heirs = [heir.to_id for heir in change.heirs]
    structure.read_ahead([*change.successors, *heirs, *change.predecessors])
    for grid_id in (*change.successors, *heirs):
        structure.awaited_grid(grid_id)
    for grid_id in change.predecessors:
        grid = structure.awaited_grid(grid_id)
        if change.kind in ENDING and grid.valid_to is None:
            raise StructureNotYetKnown(f"the end of grid {grid_id}")
