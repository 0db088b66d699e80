"""The event handlers that feed the local copy; every service's handlers but grid's inherit them."""

from collections.abc import Mapping
from typing import Any

from shared.eventing.entrypoint import on_event
from shared.eventing.envelope import Envelope
from shared.structure.events import COUNTY_CREATED, GRID_CHANGED, SCHEME_PUBLISHED
from shared.structure.store import Structure


class StructureEvents:
    """Keeps the local copy up to date; the service's transaction provides it."""

    @on_event(COUNTY_CREATED)
    def on_county_created(self, tx: Any, event: Envelope, data: Mapping[str, Any]) -> None:
        """Keep the county."""
        tx.store(Structure).apply_county(event.sequence, data)

    @on_event(SCHEME_PUBLISHED)
    def on_scheme_published(self, tx: Any, event: Envelope, data: Mapping[str, Any]) -> None:
        """Keep the version of the scheme."""
        tx.store(Structure).apply_scheme(data)

    @on_event(GRID_CHANGED)
    def on_grid_changed(self, tx: Any, event: Envelope, data: Mapping[str, Any]) -> None:
        """Keep the grids as they stand now."""
        tx.store(Structure).apply_grids(data["grids"])
