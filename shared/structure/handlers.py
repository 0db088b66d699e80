"""The event handlers that feed the local copy; every service's handlers but grid's inherit them."""

from typing import Any

from shared.contracts.declare import values_of
from shared.contracts.grid import CountyCreated, GridsChanged, SchemePublished
from shared.eventing.entrypoint import on_event
from shared.eventing.envelope import Envelope
from shared.structure.store import Structure


class StructureEvents:
    """Keeps the local copy up to date; the service's transaction provides it."""

    @on_event(CountyCreated)
    def on_county_created(self, tx: Any, event: Envelope, data: CountyCreated) -> None:
        """Keep the county."""
        tx.store(Structure).apply_county(event.sequence, values_of(data))

    @on_event(SchemePublished)
    def on_scheme_published(self, tx: Any, event: Envelope, data: SchemePublished) -> None:
        """Keep the version of the scheme."""
        tx.store(Structure).apply_scheme(values_of(data))

    @on_event(GridsChanged)
    def on_grid_changed(self, tx: Any, event: Envelope, data: GridsChanged) -> None:
        """Keep the grids as they stand now."""
        tx.store(Structure).apply_grids(rows_of(data))


def rows_of(event: GridsChanged) -> list[dict[str, Any]]:
    """The states of grids as rows of the local copy."""
    return [values_of(grid) for grid in event.grids]
