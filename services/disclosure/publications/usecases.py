"""Publishing and withdrawing, and what the public reads."""

from datetime import datetime
from uuid import UUID

from services.disclosure.ports import DisclosureTransaction
from services.disclosure.publications import domain
from services.disclosure.publications.domain import (
    Publication,
    PublicationKey,
    PublicationPublished,
    PublicationWithdrawn,
    Withdrawal,
)
from services.disclosure.register.domain import RegisterItem, due_on, require_version
from services.disclosure.register.usecases import caller_of, saved
from shared.structure.store import StructureNotYetKnown


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
    saved(tx, item)
    tx.publications.add(publication)
    told = PublicationPublished(
        publication_id, item_id, item.kind, now, due_on(item, scheme.calendar)
    )
    tx.outbox.add(told, subject=publication_id, sequence=item.version)
    return item, publication


def withdraw_item(
    tx: DisclosureTransaction, item_id: UUID, expected_version: int, reason: str, now: datetime
) -> RegisterItem:
    """Withdraw what was published; that it was published stays known."""
    before = _item_to_make_public(tx, item_id, expected_version)
    item = saved(tx, domain.withdraw(before))
    if item.publication_id is None:
        raise ValueError(f"item {item_id} is published without a publication")
    publication = tx.publications.get(item.publication_id)
    tx.publications.withdraw(Withdrawal(item.publication_id, now, caller_of(tx), reason))
    told = PublicationWithdrawn(
        publication_id=item.publication_id,
        item_id=item_id,
        kind=item.kind,
        published_at=publication.published_at,
        due_on=due_on(item, tx.structure.scheme_now(now).calendar),
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
    require_version(item, expected_version)
    return item


def _known_county(tx: DisclosureTransaction) -> str:
    try:
        return tx.structure.county().name
    except StructureNotYetKnown as error:
        raise domain.CountyUnknown(county_id=tx.context.county_id) from error
