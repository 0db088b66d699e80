"""Published schemes of all counties in PostgreSQL. Rows never leave this file."""

from sqlalchemy import func, insert, select

from services.grid.city.domain import COUNTY_ID, County
from services.grid.city.store.tenant import as_city
from services.grid.schemes.domain.published import (
    PublishedEntry,
    PublishedScheme,
    PublishedSchemeUnknown,
)
from services.grid.schemes.domain.versions import SchemeVersion
from services.grid.schemes.models import PublishedRow
from shared.context import CITY
from shared.db.pages import SortKey, read_page
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

BY_COUNTY = SortKey(PublishedRow.listed_id, PublishedRow.version, pattern=COUNTY_ID)


class PublishedSchemeStore:
    """Published schemes of all counties, as the city keeps them for others to copy."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, county: County, scheme: SchemeVersion) -> None:
        """Keep a version for others to copy, in the transaction that publishes it."""
        with as_city(self._tx):
            self._tx.connection.execute(
                insert(PublishedRow).values(
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

    def get(self, from_county_id: str, version: int) -> PublishedScheme:
        """A county's version, the newest for 0. Raises PublishedSchemeUnknown."""
        wanted = [PublishedRow.county_id == CITY, PublishedRow.listed_id == from_county_id]
        if version:
            wanted.append(PublishedRow.version == version)
        with as_city(self._tx):
            row = self._tx.connection.execute(
                select(
                    PublishedRow.listed_id,
                    PublishedRow.version,
                    PublishedRow.county_name,
                    PublishedRow.admin_code,
                    PublishedRow.document,
                )
                .where(*wanted)
                .order_by(PublishedRow.version.desc())
                .limit(1)
            ).first()
        if row is None:
            raise PublishedSchemeUnknown(from_county_id=from_county_id)
        return PublishedScheme(*tuple(row))

    def page(self, from_county_id: str, asked: PageRequest) -> Page[PublishedEntry]:
        """Schemes that can be copied, by county and version."""
        query = select(
            PublishedRow.listed_id,
            PublishedRow.county_name,
            PublishedRow.version,
            func.coalesce(PublishedRow.document["name"].as_string(), ""),
            func.coalesce(PublishedRow.document["template"].as_string(), ""),
            PublishedRow.effective_on,
            PublishedRow.published_at,
        ).where(PublishedRow.county_id == CITY)
        if from_county_id:
            query = query.where(PublishedRow.listed_id == from_county_id)
        with as_city(self._tx):
            found = read_page(self._tx.connection, query, BY_COUNTY, asked)
        return found.map(lambda row: PublishedEntry(*tuple(row)))
