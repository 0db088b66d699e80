"""Versions of schemes in PostgreSQL. Rows never leave this file."""

from datetime import date

from sqlalchemy import (
    Connection,
    insert,
    select,
)

from services.grid.domain.schemes import SchemeNotInForce, SchemeVersion
from services.grid.models.counties import SchemeRow


class SchemeStore:
    """Published versions of the county's scheme."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def add(self, scheme: SchemeVersion) -> None:
        """Write a new version."""
        self._connection.execute(
            insert(SchemeRow).values(
                county_id=self._county_id,
                version=scheme.version,
                effective_on=scheme.effective_on,
                document=scheme.document,
                published_at=scheme.published_at,
            )
        )

    def on(self, day: date) -> SchemeVersion:
        """The version in force on a day. Raises SchemeNotInForce."""
        columns = [getattr(SchemeRow, name) for name in SchemeVersion.__slots__]
        row = self._connection.execute(
            select(*columns)
            .where(SchemeRow.county_id == self._county_id, SchemeRow.effective_on <= day)
            .order_by(SchemeRow.effective_on.desc(), SchemeRow.version.desc())
            .limit(1)
        ).first()
        if row is None:
            raise SchemeNotInForce(day=day.isoformat())
        return SchemeVersion(*tuple(row))
