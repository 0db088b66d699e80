"""Registering what must be published, and reading the register."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.disclosure.ports import DisclosureTransaction
from services.disclosure.register import domain
from services.disclosure.register.domain import RegisterItem, RegisterKey, RegisterQuery
from shared.errors import PermissionDenied


def register_case(
    tx: DisclosureTransaction,
    event_key: str,
    facts: Mapping[str, Any],
    arose_at: datetime,
    new_id: Callable[[], UUID],
) -> list[RegisterItem]:
    """Enter what the county's list says must be published of a case; what is there stays."""
    scheme = tx.structure.scheme_now(arose_at)
    entries = scheme.disclosure_items(event_key)
    if not entries:
        return []
    grid = tx.structure.awaited_grid(facts["grid_id"])
    items = [
        RegisterItem(
            item_id=new_id(),
            kind=entry["id"],
            about_type=domain.CASE,
            about_id=facts["case_id"],
            grid_id=grid.grid_id,
            grid_path=grid.path,
            grid_name=grid.name,
            category=facts["category"],
            state=domain.DUE,
            arose_at=arose_at,
            due_at=domain.due_at(scheme, entry, arose_at),
            draft=None,
            publication_id=None,
            version=1,
        )
        for entry in entries
    ]
    return [item for item in items if tx.register.add(item)]


def get_item(tx: DisclosureTransaction, item_id: UUID) -> RegisterItem:
    """One item, for whoever may read its grid."""
    item = tx.register.get(item_id)
    tx.context.require_grid("read", item.grid_path)
    return item


def list_register(
    tx: DisclosureTransaction,
    state: str | None,
    about_id: UUID | None,
    after: RegisterKey | None,
    limit: int,
) -> list[RegisterItem]:
    """Items in the caller's subtrees, the earliest due first."""
    query = RegisterQuery(tx.context.grid_scopes("read"), state, about_id)
    return tx.register.page(query, after, limit)


def saved(tx: DisclosureTransaction, item: RegisterItem) -> RegisterItem:
    """The item, kept. Raises Aborted when it was changed in between."""
    tx.register.save(item)
    return item


def caller_of(tx: DisclosureTransaction) -> UUID:
    """The person who calls. Raises PermissionDenied where none does."""
    if tx.context.actor_id is None:
        raise PermissionDenied(capability="publish")
    return tx.context.actor_id
