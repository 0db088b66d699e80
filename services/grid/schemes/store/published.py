"""Published schemes of all counties in PostgreSQL. Rows never leave this file."""

from sqlalchemy import func, insert, select, tuple_

from services.grid.city.domain import County
from services.grid.city.store.tenant import as_city
from services.grid.schemes.domain.published import Shelved, ShelvedEntry, ShelvedUnknown
from services.grid.schemes.domain.versions import SchemeVersion
from services.grid.schemes.models import ShelfRow
from shared.context import CITY
from shared.db.transaction import Transaction


class PublishedSchemeStore:
    """Published schemes of all counties, as the city keeps them for others to copy."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, county: County, scheme: SchemeVersion) -> None:
        """Put a version on the shelf, in the transaction that publishes it."""
        with as_city(self._connection, self._county_id):
            self._connection.execute(
                insert(ShelfRow).values(
                    county_id=CITY,
                    listed_id=county.county_id,
                    county_name=county.name,
                    admin_code=county.admin_code,
                    version=scheme.version,
                    effective_on=scheme.effective_on,
                    document=scheme.document,
                    published_at=scheme.published_at,
                )
            )

    def get(self, from_county_id: str, version: int) -> Shelved:
        """A county's version, the newest for 0. Raises ShelvedUnknown."""
        wanted = [ShelfRow.county_id == CITY, ShelfRow.listed_id == from_county_id]
        if version:
            wanted.append(ShelfRow.version == version)
        with as_city(self._connection, self._county_id):
            row = self._connection.execute(
                select(
                    ShelfRow.listed_id,
                    ShelfRow.version,
                    ShelfRow.county_name,
                    ShelfRow.admin_code,
                    ShelfRow.document,
                )
                .where(*wanted)
                .order_by(ShelfRow.version.desc())
                .limit(1)
            ).first()
        if row is None:
            raise ShelvedUnknown(from_county_id=from_county_id)
        return Shelved(*tuple(row))

    def page(
        self, from_county_id: str, after: tuple[str, int] | None, limit: int
    ) -> list[ShelvedEntry]:
        """What is on the shelf, by county and version, after one of them."""
        query = select(
            ShelfRow.listed_id,
            ShelfRow.county_name,
            ShelfRow.version,
            func.coalesce(ShelfRow.document["name"].as_string(), ""),
            func.coalesce(ShelfRow.document["template"].as_string(), ""),
            ShelfRow.effective_on,
            ShelfRow.published_at,
        ).where(ShelfRow.county_id == CITY)
        if from_county_id:
            query = query.where(ShelfRow.listed_id == from_county_id)
        if after is not None:
            query = query.where(tuple_(ShelfRow.listed_id, ShelfRow.version) > after)
        with as_city(self._connection, self._county_id):
            rows = self._connection.execute(
                query.order_by(ShelfRow.listed_id, ShelfRow.version).limit(limit)
            ).all()
        return [ShelvedEntry(*tuple(row)) for row in rows]
