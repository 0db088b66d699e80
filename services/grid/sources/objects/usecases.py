"""Recording what lies around sources, and linking it to them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.ports import GridTransaction
from services.grid.sources.ledger.usecases import place_to_write, require_write, scopes_of
from services.grid.sources.objects import domain as rules
from services.grid.sources.objects.domain import LedgerObject, ObjectFilters, ObjectView
from shared.errors import Aborted, InvalidArgument


def create_object(tx: GridTransaction, made: LedgerObject, now: datetime) -> ObjectView:
    """Record one. Raises InvalidArgument, PermissionDenied, GridRetired."""
    place_to_write(tx, made.grid_id, rules.faults(made), now)
    tx.ledger_objects.add(made)
    return tx.ledger_objects.get(made.object_id)


def update_object(
    tx: GridTransaction,
    object_id: UUID,
    expected_version: int,
    given: Mapping[str, Any],
    now: datetime,
) -> ObjectView:
    """Change what is given. Raises LedgerObjectNotFound, PermissionDenied, InvalidArgument, Aborted."""
    view = _writable(tx, object_id)
    before = view.object
    if expected_version and expected_version != before.version:
        raise Aborted(expected=expected_version, actual=before.version)
    after = replace(before, **given)
    if after == before:
        return view
    faults = rules.faults(after)
    if after.grid_id != before.grid_id:
        place_to_write(tx, after.grid_id, faults, now)
    elif faults:
        raise InvalidArgument(faults)
    tx.ledger_objects.save(replace(after, version=before.version + 1))
    return tx.ledger_objects.get(object_id)


def list_objects(
    tx: GridTransaction,
    grid_id: UUID | None,
    filters: ObjectFilters,
    after: UUID | None,
    limit: int,
) -> list[ObjectView]:
    """Those within the caller's reach, or of one grid's subtree."""
    return tx.ledger_objects.page(scopes_of(tx, grid_id), filters, after, limit)


def link(tx: GridTransaction, object_id: UUID, source_id: UUID) -> ObjectView:
    """Link one to a source; whoever writes at the source's place may."""
    tx.ledger_objects.get(object_id)
    require_write(tx.context, tx.sources.get(source_id).grid_path)
    tx.ledger_objects.link(object_id, source_id)
    return tx.ledger_objects.get(object_id)


def unlink(tx: GridTransaction, object_id: UUID, source_id: UUID) -> ObjectView:
    """End a link."""
    tx.ledger_objects.get(object_id)
    require_write(tx.context, tx.sources.get(source_id).grid_path)
    tx.ledger_objects.unlink(object_id, source_id)
    return tx.ledger_objects.get(object_id)


def _writable(tx: GridTransaction, object_id: UUID) -> ObjectView:
    view = tx.ledger_objects.get(object_id)
    require_write(tx.context, view.grid_path)
    return view
