"""Publications: immutable versions that anyone may read, and their withdrawal."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.disclosure.register.domain import (
    RegisterItem,
    category_name,
    draft_of,
    take_step,
)
from shared.errors import (
    NotFound,
    Text,
)
from shared.hash_chain import content_hash
from shared.structure.scheme import Scheme


class PublicationNotFound(NotFound):
    """The county has published nothing under the id."""

    reason = "PUBLICATION_NOT_FOUND"
    title = Text("Publication not found", "未找到公开信息")
    detail = Text(
        "This county has published nothing under {publication_id}.",
        "本县没有编号为 {publication_id} 的公开信息。",
    )


class CountyUnknown(NotFound):
    """The service knows no such county."""

    reason = "COUNTY_NOT_FOUND"
    title = Text("County not found", "未找到该县(市、区)")
    detail = Text("There is no county {county_id} here.", "没有编号为 {county_id} 的县(市、区)。")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The withdrawal of a publication, with its reason."""

    publication_id: UUID
    withdrawn_at: datetime
    withdrawn_by: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Publication:
    """One immutable version of what the public may read."""

    publication_id: UUID
    item_id: UUID
    version: int
    kind: str
    title: str
    body: str
    grid_name: str
    category: str
    category_name: str
    publisher: str
    published_at: datetime
    content_hash: str
    withdrawn_at: datetime | None = None


def publish(
    item: RegisterItem, scheme: Scheme, *, publication_id: UUID, version: int, now: datetime
) -> tuple[RegisterItem, Publication]:
    """The item published, and what the public reads. Raises StepNotAllowed."""
    published = replace(take_step(item, "publish"), publication_id=publication_id)
    draft = draft_of(item)
    publication = Publication(
        publication_id=publication_id,
        item_id=item.item_id,
        version=version,
        kind=item.kind,
        title=draft.title,
        body=draft.body,
        grid_name=item.grid_name,
        category=item.category,
        category_name=category_name(scheme, item.category),
        publisher=(scheme.document.get("disclosure") or {}).get("publisher") or "",
        published_at=now,
        content_hash="",
    )
    return published, replace(publication, content_hash=content_hash(content_of(publication)))


def withdraw(item: RegisterItem) -> RegisterItem:
    """The item with its publication withdrawn. Raises StepNotAllowed."""
    return take_step(item, "withdraw")


def content_of(publication: Publication) -> dict[str, object]:
    """The content over which a publication's hash is made: all that the public reads of it."""
    return {
        "publication_id": publication.publication_id,
        "version": publication.version,
        "kind": publication.kind,
        "title": publication.title,
        "body": publication.body,
        "grid_name": publication.grid_name,
        "category": publication.category,
        "category_name": publication.category_name,
        "publisher": publication.publisher,
        "published_at": publication.published_at,
    }


def for_the_public(publication: Publication) -> Publication:
    """The publication as anyone may read it: without its body where it was withdrawn."""
    return replace(publication, body="") if publication.withdrawn_at else publication
