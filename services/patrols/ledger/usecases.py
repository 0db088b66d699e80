"""What the service does, each within the transaction it is given."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.patrols.ledger import domain
from services.patrols.ledger.domain import LedgerEntry, Patrol
from services.patrols.ports import PatrolsTransaction
from shared.errors import PermissionDenied
from shared.hash_chain import content_hash
from shared.structure.store import Grid


def submit_patrol(tx: PatrolsTransaction, patrol: Patrol, grid: Grid, now: datetime) -> LedgerEntry:
    """Enter a signed patrol of ``grid`` into its patroller's ledger.

    The same client id with the same content gives the entry made before.
    """
    tx.context.require_grid("patrol", grid.path)
    patrol = replace(patrol, grid_path=grid.path)
    head, earlier = tx.ledger.place(patrol.patroller_id, patrol.client_id)
    if earlier is not None:  # before the checks: what was right when it came stays right
        return _same_again(tx.ledger.get(earlier), patrol)
    if grid.valid_to is not None and grid.valid_to <= patrol.started_at:
        raise domain.GridRetired(grid_id=grid.grid_id, valid_to=grid.valid_to.isoformat())
    scheme = tx.structure.scheme_now(now)
    domain.check(patrol, scheme.category_ids, now)
    entry = domain.enter(patrol, head, now)
    tx.ledger.add(entry)
    for event in domain.events_of(entry):
        tx.outbox.add(event, subject=patrol.patrol_id, sequence=1)
    return entry


def get_patrol(tx: PatrolsTransaction, patrol_id: UUID) -> LedgerEntry:
    """One patrol, for whoever may read its grid, and for its patroller."""
    entry = tx.ledger.get(patrol_id)
    if entry.patrol.patroller_id != tx.context.actor_id:
        tx.context.require_grid("read", entry.patrol.grid_path)
    return entry


def list_patrols(
    tx: PatrolsTransaction,
    grid_id: UUID | None,
    patroller_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[LedgerEntry]:
    """Patrols in the caller's subtrees, or in one grid's; newest first."""
    paths: tuple[str, ...] = tx.context.grid_scopes("read")
    if grid_id is not None:
        path = tx.structure.grid(grid_id).path
        tx.context.require_grid("read", path)
        paths = (path,)
    return tx.ledger.page(paths, patroller_id, after, limit)


def verify_ledger(tx: PatrolsTransaction, patroller_id: UUID) -> tuple[int, UUID | None]:
    """How many records the ledger has, and the first that was tampered with."""
    entries = tx.ledger.whole(patroller_id)
    if patroller_id != tx.context.actor_id and not any(
        tx.context.may_grid("read", entry.patrol.grid_path) for entry in entries[-1:]
    ):
        raise PermissionDenied(capability="read")
    return len(entries), domain.first_broken(entries)


def _same_again(entry: LedgerEntry, patrol: Patrol) -> LedgerEntry:
    before, now = domain.content_of(entry.patrol), domain.content_of(patrol)
    if content_hash(before) != content_hash(now):
        raise domain.ClientIdTaken(client_id=patrol.client_id, patrol_id=entry.patrol.patrol_id)
    return entry
