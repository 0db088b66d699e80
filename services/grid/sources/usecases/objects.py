"""Recording what lies around sources, and linking it to them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.sources.domain import objects as rules
from services.grid.sources.domain.objects import LedgerObject, ObjectFilters, ObjectView
from services.grid.sources.store.ledger import SourceStore
from services.grid.sources.store.objects import LedgerObjectStore
from services.grid.sources.usecases.ledger import grid_path_to_write, require_write, scopes_of
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, require_version
from shared.paging import Page, PageRequest


def create_object(tx: Transaction, made: LedgerObject, now: datetime) -> ObjectView:
    """Record an object. Raises InvalidArgument, PermissionDenied, GridRetired."""
    grid_path_to_write(tx, made.grid_id, rules.faults(made), now)
    tx.store(LedgerObjectStore).add(made)
    return tx.store(LedgerObjectStore).get(made.object_id)


def update_object(
    tx: Transaction,
    object_id: UUID,
    expected_version: int,
    given: Mapping[str, Any],
    now: datetime,
) -> ObjectView:
    """Change what is given.

    Raises LedgerObjectNotFound, PermissionDenied, InvalidArgument, GridRetired, Aborted.
    """
    view = _writable(tx, object_id)
    before = view.object
    require_version(expected_version, before.version)
    after = replace(before, **given)
    if after == before:
        return view
    faults = rules.faults(after)
    if after.grid_id != before.grid_id:
        grid_path_to_write(tx, after.grid_id, faults, now)
    elif faults:
        raise InvalidArgument(faults)
    tx.store(LedgerObjectStore).save(replace(after, version=before.version + 1))
    return tx.store(LedgerObjectStore).get(object_id)


def list_objects(
    tx: Transaction,
    grid_id: UUID | None,
    filters: ObjectFilters,
    asked: PageRequest,
) -> Page[ObjectView]:
    """List the objects that the caller may read, or those of one grid's subtree."""
    return tx.store(LedgerObjectStore).page(scopes_of(tx, grid_id), filters, asked)


def link(tx: Transaction, object_id: UUID, source_id: UUID) -> ObjectView:
    """Link an object to a source.

    Raises LedgerObjectNotFound, SourceNotFound, and PermissionDenied unless the caller may write in
    the source's grid.
    """
    tx.store(LedgerObjectStore).get(object_id)
    require_write(tx.context, tx.store(SourceStore).get(source_id).grid_path)
    tx.store(LedgerObjectStore).link(object_id, source_id)
    return tx.store(LedgerObjectStore).get(object_id)


def unlink(tx: Transaction, object_id: UUID, source_id: UUID) -> ObjectView:
    """Remove the link between an object and a source. Raises as ``link`` does."""
    tx.store(LedgerObjectStore).get(object_id)
    require_write(tx.context, tx.store(SourceStore).get(source_id).grid_path)
    tx.store(LedgerObjectStore).unlink(object_id, source_id)
    return tx.store(LedgerObjectStore).get(object_id)


def _writable(tx: Transaction, object_id: UUID) -> ObjectView:
    view = tx.store(LedgerObjectStore).get(object_id)
    require_write(tx.context, view.grid_path)
    return view
