"""Submitting and approving drafts, each within the transaction that is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.disclosure.register.domain import (
    CASE,
    STEPS,
    CaseSource,
    Masked,
    RegisterItem,
    require_allowed,
)
from services.disclosure.register.store import RegisterStore
from services.disclosure.register.usecases import caller_of, saved
from services.disclosure.review import domain
from services.disclosure.review.domain import SourceWords
from shared.db.transaction import Transaction
from shared.errors import PermissionDenied, require_version
from shared.structure.store import Structure


@dataclass(frozen=True, slots=True)
class CaseToDraftFrom:
    """A case whose words can make a draft; ``words`` is None where cases must be asked for them."""

    case_id: UUID
    words: SourceWords | None


def case_to_draft_from(
    tx: Transaction, item_id: UUID, mask_words: Sequence[str]
) -> CaseToDraftFrom | None:
    """The case that can make the item's draft; None where no draft can be submitted now."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("publish", item.grid_path)
    if item.state not in STEPS["submit"].starts or item.about_type != CASE:
        return None
    words = None if item.source is None else _words_kept(tx, item.source, mask_words)
    return CaseToDraftFrom(item.about_id, words)


def submit_item(
    tx: Transaction,
    item_id: UUID,
    expected_version: int,
    *,
    given: tuple[str, str],
    source: SourceWords | None,
    mask_words: Sequence[str],
    now: datetime,
) -> RegisterItem:
    """Draft an item: the ``given`` title and body, each made from the source where empty."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("publish", item.grid_path)
    require_version(expected_version, item.version)
    require_allowed(item, "submit")
    title, body = given
    masked: tuple[Masked, ...] = ()
    if source is not None:
        own_title, own_body = domain.wording(item, source, tx.store(Structure).scheme_now(now))
        masked = () if body.strip() else source.masked
        title, body = title.strip() or own_title, body.strip() or own_body
    draft = domain.make_draft(title, body, mask_words, submitted_by=caller_of(tx), masked=masked)
    return saved(tx, domain.submit(item, draft))


def approve_item(tx: Transaction, item_id: UUID, expected_version: int) -> RegisterItem:
    """Approve a draft that another person submitted."""
    item = tx.store(RegisterStore).get(item_id)
    tx.context.require_grid("review", item.grid_path)
    require_version(expected_version, item.version)
    return saved(tx, domain.approve(item, caller_of(tx)))


def _words_kept(
    tx: Transaction, source: CaseSource, mask_words: Sequence[str]
) -> SourceWords | None:
    """The words that the register keeps, for those who may read the case; None: ask cases.

    Cases is asked as well while the copy of the structure lacks a grid that the right rests on.
    Raises PermissionDenied, as cases does.
    """
    grids = [
        tx.store(Structure).find_grid(grid_id)
        for grid_id in (source.grid_id, source.responsible_grid_id)
    ]
    paths = [grid.path for grid in grids if grid is not None]
    if len(paths) < len(grids):
        return None
    if not tx.context.may_any("read", paths=paths, department_ids=source.department_ids):
        raise PermissionDenied(capability="read")
    return domain.words_kept(source, mask_words)
