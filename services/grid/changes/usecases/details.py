"""Stating details about a grid, and the overlay zones it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.grid.changes.domain import changes, details
from services.grid.changes.usecases.restructuring import Terms
from services.grid.city.store.counties import CountyStore
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.domain.grids import Grid
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases import permissions
from services.grid.tree.usecases.announcing import announce
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation, require_version

UNKNOWN_ZONE = Text(
    "The scheme in force has no overlay zone '{zone}'; it has: {known}.",
    "现行方案没有片区“{zone}”;现有:{known}。",
)
TWICE = Text("The zone is named twice.", "该片区重复出现。")


def update_grid(tx: Transaction, grid_id: UUID, patch: Mapping[str, Any], terms: Terms) -> Grid:
    """State details about a grid. Members that the patch leaves out stay, and null removes one.

    Raises InvalidArgument naming every fault, PermissionDenied, Aborted, GridEnded, OverlapsHistory.
    """
    at = changes.moment_of(terms.effective_at, terms.now)
    tx.store(CountyStore).lock()
    grid = _own(tx, grid_id, terms)
    document = get_scheme(tx, None, terms.now).document
    faults = details.faults_of(patch, [item["id"] for item in document["checklist"] or ()])
    if faults:
        raise InvalidArgument(faults)
    after = replace(
        grid, details=details.merged(grid.details, patch), since=at, version=grid.version + 1
    )
    return _keep(tx, grid, after)


def set_zones(tx: Transaction, grid_id: UUID, zones: Sequence[str], terms: Terms) -> Grid:
    """Put a grid into exactly these overlay zones of the scheme."""
    at = changes.moment_of(terms.effective_at, terms.now)
    tx.store(CountyStore).lock()
    grid = _own(tx, grid_id, terms)
    document = get_scheme(tx, None, terms.now).document
    known = [zone["id"] for zone in document["special_grids"]["overlay_zones"] or ()]
    faults = [
        Violation(f"/zones/{place}", UNKNOWN_ZONE.format(zone=zone, known=", ".join(known) or "-"))
        for place, zone in enumerate(zones)
        if zone not in known
    ]
    faults += [
        Violation(f"/zones/{place}", TWICE)
        for place, zone in enumerate(zones)
        if zone in zones[:place]
    ]
    if faults:
        raise InvalidArgument(faults)
    after = replace(grid, zones=tuple(zones), since=at, version=grid.version + 1)
    return _keep(tx, grid, after)


def _own(tx: Transaction, grid_id: UUID, terms: Terms) -> Grid:
    """A grid in force that the caller configures itself, at the version at which they saw it."""
    grid = tx.store(GridStore).get(grid_id)
    permissions.require_configure_at(tx.context, grid)
    require_version(terms.expected_version, grid.version)
    changes.require_in_force(grid)
    return grid


def _keep(tx: Transaction, before: Grid, after: Grid) -> Grid:
    """Write the new state, unless details and zones are as before."""
    if (after.details, after.zones) == (before.details, before.zones):
        return before
    changes.require_after_history([before], after.since)
    tx.store(GridStore).supersede([after])
    announce(tx, [after])
    return after
