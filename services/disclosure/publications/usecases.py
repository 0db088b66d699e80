"""Publishing and withdrawing, and what the public reads."""

from datetime import datetime
from uuid import UUID

from services.disclosure.publications import domain
from services.disclosure.publications.domain import (
    Publication,
    Withdrawal,
)
from services.disclosure.publications.store import PublicationStore
from services.disclosure.register.domain import RegisterItem, due_on
from services.disclosure.register.store import RegisterStore
from services.disclosure.register.usecases import caller_of, saved
from shared.contracts.disclosure import PublicationPublished, PublicationWithdrawn
from shared.db.transaction import Transaction
from shared.errors import require_version
from shared.ids import new_id
from shared.paging import Page, PageRequest
from shared.structure.store import Structure, StructureNotYetKnown


def publish_item(
    tx: Transaction,
    item_id: UUID,
    expected_version: int,
    now: datetime,
) -> tuple[RegisterItem, Publication]:
    """Publish an approved draft."""
    before = _item_to_make_public(tx, item_id, expected_version)
    publication_id = new_id()
    scheme = tx.store(Structure).scheme_now(now)
    item, publication = domain.publish(
        before,
        scheme,
        publication_id=publication_id,
        version=tx.store(PublicationStore).next_version(item_id),
        now=now,
    )
    saved(tx, item)
    tx.store(PublicationStore).add(publication)
    event = PublicationPublished(
        publication_id=publication_id,
        item_id=item_id,
        kind=item.kind,
        published_at=now,
        due_on=due_on(item, scheme.calendar),
    )
    tx.outbox.add(event, subject=publication_id, sequence=item.version)
    return item, publication


def withdraw_item(
    tx: Transaction, item_id: UUID, expected_version: int, reason: str, now: datetime
) -> RegisterItem:
    """Withdraw a publication; the public still sees that it existed."""
    before = _item_to_make_public(tx, item_id, expected_version)
    item = saved(tx, domain.withdraw(before))
    if item.publication_id is None:
        raise ValueError(f"item {item_id} is published without a publication")
    publication = tx.store(PublicationStore).get(item.publication_id)
    tx.store(PublicationStore).withdraw(Withdrawal(item.publication_id, now, caller_of(tx), reason))
    event = PublicationWithdrawn(
        publication_id=item.publication_id,
        item_id=item_id,
        kind=item.kind,
        published_at=publication.published_at,
        due_on=due_on(item, tx.store(Structure).scheme_now(now).calendar),
    )
    tx.outbox.add(event, subject=item.publication_id, sequence=item.version)
    return item


def list_publications(
    tx: Transaction, kind: str, asked: PageRequest
) -> tuple[str, Page[Publication]]:
    """The county's name, and what it has published as anyone may read it, newest first."""
    name = _known_county(tx)
    found = tx.store(PublicationStore).page(kind, asked)
    return name, found.map(domain.for_the_public)


def get_publication(tx: Transaction, publication_id: UUID) -> Publication:
    """One publication as anyone may read it."""
    _known_county(tx)
    return domain.for_the_public(tx.store(PublicationStore).get(publication_id))


def _item_to_make_public(tx: Transaction, item_id: UUID, expected_version: int) -> RegisterItem:
    """The item; the caller must publish in its grid, or review for the whole county."""
    item = tx.store(RegisterStore).get(item_id)
    if not tx.context.may_county("review"):
        tx.context.require_grid("publish", item.grid_path)
    require_version(expected_version, item.version)
    return item


def _known_county(tx: Transaction) -> str:
    try:
        return tx.store(Structure).county().name
    except StructureNotYetKnown as error:
        raise domain.CountyUnknown(county_id=tx.context.county_id) from error
