"""Recording where grids lie, and finding the grids of a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.geometry.domain import boundaries as places
from services.grid.geometry.domain import geometry
from services.grid.geometry.domain.boundaries import Boundary, Feature
from services.grid.geometry.store import BoundaryStore
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases.permissions import readable_scopes, require_configure_at
from services.grid.tree.usecases.reading import get_grid
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class NewBoundary:
    """A boundary that somebody records; ``document`` is GeoJSON."""

    grid_id: UUID
    document: Any
    datum: str
    source: str
    note: str
    effective_at: datetime | None


def set_boundary(
    tx: Transaction, asked: NewBoundary, expected_version: int, now: datetime
) -> Boundary:
    """Record where a grid lies from a moment on, now unless said.

    Raises GridNotFound, PermissionDenied, InvalidArgument, LaterBoundaryExists, Aborted.
    """
    grid = tx.store(GridStore).get(asked.grid_id)
    require_configure_at(tx.context, grid)
    shape = geometry.read_boundary(asked.document, asked.datum)
    tx.store(CountyStore).lock()
    newest = tx.store(BoundaryStore).newest(grid.grid_id)
    version = newest.version if newest else 0
    require_version(expected_version, version)
    boundary = Boundary(
        grid_id=grid.grid_id,
        version=version + 1,
        shape=shape,
        datum=asked.datum,
        source=asked.source,
        note=asked.note,
        valid_from=asked.effective_at or now,
        valid_to=None,
        recorded_at=now,
        recorded_by=tx.context.actor_id,
    )
    places.check_start(boundary, grid.valid_from, grid.valid_to, newest)
    tx.store(BoundaryStore).add([boundary])
    return boundary


def get_boundary(tx: Transaction, grid_id: UUID, moment: datetime) -> Boundary:
    """The boundary of a grid at a moment. Raises GridNotFound, PermissionDenied, BoundaryNotFound."""
    return tx.store(BoundaryStore).at(get_grid(tx, grid_id).grid_id, moment)


def list_features(
    tx: Transaction,
    grid_id: UUID | None,
    level_id: str,
    *,
    moment: datetime,
    asked: PageRequest,
) -> Page[Feature]:
    """Grids that have a place that the caller may read, or of one subtree, in path order.

    Raises GridNotFound, PermissionDenied where the caller may not read the subtree.
    """
    if grid_id is not None:
        scopes: Sequence[str] = (get_grid(tx, grid_id).path,)
    else:
        scopes = readable_scopes(tx.context)
    return tx.store(BoundaryStore).features(scopes, level_id, moment, asked)
