"""Registering what must be published, and reading the register."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.disclosure.register import domain
from services.disclosure.register.domain import CaseSource, Masked, RegisterItem, RegisterQuery
from services.disclosure.register.store import RegisterStore
from shared.contracts.cases import CaseClosed
from shared.db.transaction import Transaction
from shared.errors import PermissionDenied
from shared.ids import new_id
from shared.paging import Page, PageRequest
from shared.structure.store import Structure


def register_case(
    tx: Transaction,
    event_key: str,
    case: CaseClosed,
    arose_at: datetime,
) -> list[RegisterItem]:
    """Enter what the county's list says must be published of a case; existing items stay."""
    scheme = tx.store(Structure).scheme_now(arose_at)
    entries = scheme.disclosure_items(event_key)
    if not entries:
        return []
    grid = tx.store(Structure).awaited_grid(case.grid_id)
    items = [
        RegisterItem(
            item_id=new_id(),
            kind=entry["id"],
            about_type=domain.CASE,
            about_id=case.case_id,
            grid_id=grid.grid_id,
            grid_path=grid.path,
            grid_name=grid.name,
            category=case.category,
            state=domain.DUE,
            arose_at=arose_at,
            due_at=domain.due_at(scheme, entry, arose_at),
            draft=None,
            publication_id=None,
            version=1,
            source=_source_of(case),
        )
        for entry in entries
    ]
    return [item for item in items if tx.store(RegisterStore).add(item)]


def get_item(tx: Transaction, item_id: UUID) -> RegisterItem:
    """One item; the caller must read in its grid."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("read", item.grid_path)
    return item


def list_register(tx: Transaction, wanted: RegisterQuery, asked: PageRequest) -> Page[RegisterItem]:
    """Items in the caller's subtrees, the earliest due first."""
    wanted = replace(wanted, paths=tx.context.grid_scopes("read"))
    return tx.store(RegisterStore).page(wanted, asked)


def saved(tx: Transaction, item: RegisterItem) -> RegisterItem:
    """The item, kept. Raises Aborted when it was changed in between."""
    tx.store(RegisterStore).save(item)
    return item


def caller_of(tx: Transaction) -> UUID:
    """The person who calls. Raises PermissionDenied where none does."""
    if tx.context.actor_id is None:
        raise PermissionDenied(capability="publish")
    return tx.context.actor_id


def _source_of(case: CaseClosed) -> CaseSource | None:
    """What the event says of the result; None where it is of an earlier form."""
    if case.masked is None or case.reader_department_ids is None:
        return None
    return CaseSource(
        number=case.number,
        result=case.result,
        masked=tuple(Masked(each.kind, each.count) for each in case.masked),
        grid_id=case.grid_id,
        responsible_grid_id=case.responsible_grid_id,
        department_ids=case.reader_department_ids,
    )
