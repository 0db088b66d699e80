"""Submitting, reading and verifying patrols, within the transaction that is given."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.patrols.ledger import domain
from services.patrols.ledger.domain import LedgerEntry, Patrol
from services.patrols.ledger.store import LedgerStore
from shared.db.transaction import Transaction
from shared.errors import PermissionDenied
from shared.hash_chain import content_hash
from shared.paging import Page, PageRequest
from shared.structure.errors import GridRetired
from shared.structure.store import Grid, Structure


def submit_patrol(tx: Transaction, patrol: Patrol, grid: Grid, now: datetime) -> LedgerEntry:
    """Enter a patrol of ``grid`` into its patroller's ledger.

    The same client id with the same content gives the entry made before.
    """
    tx.context.require_grid("patrol", grid.path)
    patrol = replace(patrol, grid_path=grid.path)
    head, earlier = tx.store(LedgerStore).place(patrol.patroller_id, patrol.client_id)
    if earlier is not None:  # before the checks: what was accepted stays accepted
        return _same_again(tx.store(LedgerStore).get(earlier), patrol)
    if grid.valid_to is not None and grid.valid_to <= patrol.started_at:
        raise GridRetired(grid_id=grid.grid_id, valid_to=grid.valid_to.isoformat())
    scheme = tx.store(Structure).scheme_now(now)
    domain.check(patrol, scheme.category_ids, now)
    entry = domain.enter(patrol, head, now)
    tx.store(LedgerStore).add(entry)
    for event in domain.events_of(entry):
        tx.outbox.add(event, subject=patrol.patrol_id, sequence=1)
    return entry


def get_patrol(tx: Transaction, patrol_id: UUID) -> LedgerEntry:
    """One patrol; the caller must read in its grid, or be its patroller."""
    entry = tx.store(LedgerStore).get(patrol_id)
    if entry.patrol.patroller_id != tx.context.actor_id:
        tx.context.require_grid("read", entry.patrol.grid_path)
    return entry


def list_patrols(
    tx: Transaction, grid_id: UUID | None, patroller_id: UUID | None, asked: PageRequest
) -> Page[LedgerEntry]:
    """Patrols in the caller's subtrees, or in one grid's; newest first."""
    paths: tuple[str, ...] = tx.context.grid_scopes("read")
    if grid_id is not None:
        path = tx.store(Structure).grid(grid_id).path
        tx.context.require_grid("read", path)
        paths = (path,)
    return tx.store(LedgerStore).page(paths, patroller_id, asked)


def verify_ledger(tx: Transaction, patroller_id: UUID) -> tuple[int, UUID | None]:
    """The number of records in the ledger, and the first that does not fit its chain."""
    ledger = tx.store(LedgerStore)
    if patroller_id != tx.context.actor_id:
        path = ledger.last_path(patroller_id)
        if path is None or not tx.context.may_grid("read", path):
            raise PermissionDenied(capability="read")
    return domain.verify(ledger.whole(patroller_id))


def _same_again(entry: LedgerEntry, patrol: Patrol) -> LedgerEntry:
    before, now = domain.content_of(entry.patrol), domain.content_of(patrol)
    if content_hash(before) != content_hash(now):
        raise domain.ClientIdTaken(client_id=patrol.client_id, patrol_id=entry.patrol.patrol_id)
    return entry
