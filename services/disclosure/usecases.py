"""What the service does, each within the transaction it is given."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.disclosure import domain
from services.disclosure.domain import (
    Publication,
    PublicationKey,
    PublicationPublished,
    PublicationWithdrawn,
    RegisterItem,
    RegisterKey,
    RegisterQuery,
    SourceWords,
    Withdrawal,
)
from services.disclosure.ports import DisclosureTransaction
from shared.errors import PermissionDenied
from shared.structure.store import StructureNotYetKnown


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


def case_to_draft_from(tx: DisclosureTransaction, item_id: UUID) -> UUID | None:
    """The case whose words can make the item's draft; None where no draft can be submitted now."""
    item = tx.register.get(item_id)
    tx.context.require_grid("publish", item.grid_path)
    open_to_drafts = item.state in domain.STEPS["submit"].starts
    return item.about_id if open_to_drafts and item.about_type == domain.CASE else None


def submit_item(
    tx: DisclosureTransaction,
    item_id: UUID,
    expected_version: int,
    *,
    given: tuple[str, str],
    source: SourceWords | None,
    mask_words: Sequence[str],
    now: datetime,
) -> RegisterItem:
    """Draft an item: the ``given`` title and body, each made from the source where empty."""
    item = tx.register.get(item_id)
    tx.context.require_grid("publish", item.grid_path)
    domain.require_version(item, expected_version)
    domain.require_allowed(item, "submit")
    title, body = given
    if source is not None:
        own_title, own_body = domain.wording(item, source, tx.structure.scheme_now(now))
        title, body = title.strip() or own_title, body.strip() or own_body
    draft = domain.make_draft(title, body, mask_words, submitted_by=_caller(tx))
    return _saved(tx, domain.submit(item, draft))


def approve_item(tx: DisclosureTransaction, item_id: UUID, expected_version: int) -> RegisterItem:
    """Approve a draft that another person submitted."""
    item = tx.register.get(item_id)
    tx.context.require_grid("review", item.grid_path)
    domain.require_version(item, expected_version)
    return _saved(tx, domain.approve(item, _caller(tx)))


def publish_item(
    tx: DisclosureTransaction,
    item_id: UUID,
    expected_version: int,
    *,
    publication_id: UUID,
    now: datetime,
) -> tuple[RegisterItem, Publication]:
    """Publish an approved draft and tell of it."""
    before = _item_to_make_public(tx, item_id, expected_version)
    scheme = tx.structure.scheme_now(now)
    item, publication = domain.publish(
        before,
        scheme,
        publication_id=publication_id,
        version=tx.publications.next_version(item_id),
        now=now,
    )
    _saved(tx, item)
    tx.publications.add(publication)
    told = PublicationPublished(
        publication_id, item_id, item.kind, now, domain.due_on(item, scheme.calendar)
    )
    tx.outbox.add(told, subject=publication_id, sequence=item.version)
    return item, publication


def withdraw_item(
    tx: DisclosureTransaction, item_id: UUID, expected_version: int, reason: str, now: datetime
) -> RegisterItem:
    """Withdraw what was published; that it was published stays known."""
    before = _item_to_make_public(tx, item_id, expected_version)
    item = _saved(tx, domain.withdraw(before))
    if item.publication_id is None:
        raise ValueError(f"item {item_id} is published without a publication")
    publication = tx.publications.get(item.publication_id)
    tx.publications.withdraw(Withdrawal(item.publication_id, now, _caller(tx), reason))
    told = PublicationWithdrawn(
        publication_id=item.publication_id,
        item_id=item_id,
        kind=item.kind,
        published_at=publication.published_at,
        due_on=domain.due_on(item, tx.structure.scheme_now(now).calendar),
    )
    tx.outbox.add(told, subject=item.publication_id, sequence=item.version)
    return item


def list_publications(
    tx: DisclosureTransaction, kind: str, after: PublicationKey | None, limit: int
) -> tuple[str, list[Publication]]:
    """The county's name, and what it has published as anyone may read it, newest first."""
    name = _known_county(tx)
    found = tx.publications.page(kind, after, limit)
    return name, [domain.for_the_public(publication) for publication in found]


def get_publication(tx: DisclosureTransaction, publication_id: UUID) -> Publication:
    """One publication as anyone may read it."""
    _known_county(tx)
    return domain.for_the_public(tx.publications.get(publication_id))


def _item_to_make_public(
    tx: DisclosureTransaction, item_id: UUID, expected_version: int
) -> RegisterItem:
    """The item, for whoever may publish in its grid or reviews for the whole county."""
    item = tx.register.get(item_id)
    if not tx.context.may_county("review"):
        tx.context.require_grid("publish", item.grid_path)
    domain.require_version(item, expected_version)
    return item


def _saved(tx: DisclosureTransaction, item: RegisterItem) -> RegisterItem:
    tx.register.save(item)
    return item


def _known_county(tx: DisclosureTransaction) -> str:
    try:
        return tx.structure.county().name
    except StructureNotYetKnown as error:
        raise domain.CountyUnknown(county_id=tx.context.county_id) from error


def _caller(tx: DisclosureTransaction) -> UUID:
    if tx.context.actor_id is None:
        raise PermissionDenied(capability="publish")
    return tx.context.actor_id
