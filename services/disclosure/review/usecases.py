"""Submitting and approving drafts, each within the transaction that is given."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.disclosure.register.domain import (
    CASE,
    STEPS,
    RegisterItem,
    require_allowed,
)
from services.disclosure.register.store import RegisterStore
from services.disclosure.register.usecases import caller_of, saved
from services.disclosure.review import domain
from services.disclosure.review.domain import CaseResult
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.structure.store import Structure


def case_to_draft_from(tx: Transaction, item_id: UUID) -> UUID | None:
    """The case whose result can make the item's draft; None where no draft can be submitted now."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("publish", item.grid_path)
    open_to_drafts = item.state in STEPS["submit"].starts
    return item.about_id if open_to_drafts and item.about_type == CASE else None


def submit_item(
    tx: Transaction,
    item_id: UUID,
    expected_version: int,
    *,
    given: tuple[str, str],
    source: CaseResult | None,
    mask_words: Sequence[str],
    now: datetime,
) -> RegisterItem:
    """Draft an item: the ``given`` title and body, each made from the case's result where empty."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("publish", item.grid_path)
    require_version(expected_version, item.version)
    require_allowed(item, "submit")
    title, body = given
    if source is not None:
        own_title, own_body = domain.wording(item, source, tx.store(Structure).scheme_now(now))
        title, body = title.strip() or own_title, body.strip() or own_body
    draft = domain.make_draft(title, body, mask_words, submitted_by=caller_of(tx))
    return saved(tx, domain.submit(item, draft))


def approve_item(tx: Transaction, item_id: UUID, expected_version: int) -> RegisterItem:
    """Approve a draft that another person submitted."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("review", item.grid_path)
    require_version(expected_version, item.version)
    return saved(tx, domain.approve(item, caller_of(tx)))
