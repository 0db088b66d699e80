"""Publications in PostgreSQL. Rows never leave this file."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func

from services.disclosure.publications.domain import Publication, PublicationNotFound, Withdrawal
from services.disclosure.publications.models import PublicationRow, WithdrawalRow
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

_CONTENT = tuple(name for name in Publication.__slots__ if name != "withdrawn_at")
NEWEST = SortKey(PublicationRow.published_at, PublicationRow.publication_id, descending=True)


class PublicationStore:
    """One county's publications."""

    def __init__(self, tx: Transaction) -> None:
        self._publications = ScopedTable(tx, PublicationRow)
        self._withdrawals = ScopedTable(tx, WithdrawalRow)

    def add(self, publication: Publication) -> None:
        """Write a version; it is never changed."""
        self._publications.insert({name: getattr(publication, name) for name in _CONTENT})

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Record the withdrawal of a publication."""
        self._withdrawals.insert(asdict(withdrawal))

    def next_version(self, item_id: UUID) -> int:
        """The number of the item's next version, from 1."""
        latest = self._publications.first(
            self._publications.select(func.max(PublicationRow.version)).where(
                PublicationRow.item_id == item_id
            )
        )
        return (latest[0] or 0) + 1

    def get(self, publication_id: UUID) -> Publication:
        """One publication. Raises PublicationNotFound."""
        query = self._select().where(PublicationRow.publication_id == publication_id)
        row = self._publications.first(query)
        if row is None:
            raise PublicationNotFound(publication_id=publication_id)
        return _publication(row)

    def page(self, kind: str, asked: PageRequest) -> Page[Publication]:
        """Publications, newest first; of one kind unless it is empty."""
        query = self._select()
        if kind:
            query = query.where(PublicationRow.kind == kind)
        return self._publications.page(query, NEWEST, asked).map(_publication)

    def _select(self) -> Select[Any]:
        columns = (getattr(PublicationRow, name) for name in _CONTENT)
        return self._publications.select(*columns, WithdrawalRow.withdrawn_at).outerjoin(
            WithdrawalRow, same_county(PublicationRow, WithdrawalRow, "publication_id")
        )


def _publication(row: Row[Any]) -> Publication:
    return Publication(*tuple(row))
