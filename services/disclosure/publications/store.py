"""Publications in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, insert, select, tuple_

from services.disclosure.publications.domain import (
    Publication,
    PublicationKey,
    PublicationNotFound,
    Withdrawal,
)
from services.disclosure.publications.models import PublicationRow, WithdrawalRow

_CONTENT = tuple(name for name in Publication.__slots__ if name != "withdrawn_at")


class PublicationStore:
    """What one county has published."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, publication: Publication) -> None:
        """Write a version; it is never changed."""
        content = {name: getattr(publication, name) for name in _CONTENT}
        self._connection.execute(
            insert(PublicationRow).values(county_id=self._county_id, **content)
        )

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Record that a publication no longer stands."""
        self._connection.execute(
            insert(WithdrawalRow).values(county_id=self._county_id, **asdict(withdrawal))
        )

    def next_version(self, item_id: UUID) -> int:
        """The number of the item's next version, from 1."""
        latest: int | None = self._connection.execute(
            select(func.max(PublicationRow.version)).where(
                PublicationRow.county_id == self._county_id, PublicationRow.item_id == item_id
            )
        ).scalar()
        return (latest or 0) + 1

    def get(self, publication_id: UUID) -> Publication:
        """One publication. Raises PublicationNotFound."""
        found = self._publications(PublicationRow.publication_id == publication_id, limit=1)
        if not found:
            raise PublicationNotFound(publication_id=publication_id)
        return found[0]

    def page(self, kind: str, after: PublicationKey | None, limit: int) -> list[Publication]:
        """Publications, newest first; of one kind unless it is empty."""
        conditions = [PublicationRow.kind == kind] if kind else []
        if after is not None:
            place = tuple_(PublicationRow.published_at, PublicationRow.publication_id)
            conditions.append(place < tuple_(*after))
        return self._publications(*conditions, limit=limit)

    def _publications(self, *conditions: Any, limit: int) -> list[Publication]:
        columns = [getattr(PublicationRow, name) for name in _CONTENT]
        withdrawal = and_(
            WithdrawalRow.county_id == PublicationRow.county_id,
            WithdrawalRow.publication_id == PublicationRow.publication_id,
        )
        rows = self._connection.execute(
            select(*columns, WithdrawalRow.withdrawn_at)
            .select_from(PublicationRow)
            .outerjoin(WithdrawalRow, withdrawal)
            .where(PublicationRow.county_id == self._county_id, *conditions)
            .order_by(PublicationRow.published_at.desc(), PublicationRow.publication_id.desc())
            .limit(limit)
        )
        return [Publication(*tuple(row)) for row in rows]
