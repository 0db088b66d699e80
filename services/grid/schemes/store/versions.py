"""Versions of schemes in PostgreSQL. Rows never leave this file."""

from datetime import date

from sqlalchemy import (
    ColumnElement,
    insert,
    select,
)

from services.grid.schemes.domain.versions import (
    SchemeEntry,
    SchemeNotInForce,
    SchemeVersion,
    SchemeVersionUnknown,
)
from services.grid.schemes.models import SchemeRow
from shared.db.transaction import Transaction


class SchemeStore:
    """Published versions of the county's scheme."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

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

    def newest(self) -> SchemeVersion:
        """The version published last, in force or not yet. Raises SchemeVersionUnknown."""
        found = self._versions(limit=1)
        if not found:
            raise SchemeVersionUnknown(version=1)
        return found[0]

    def get(self, version: int) -> SchemeVersion:
        """One version. Raises SchemeVersionUnknown."""
        found = self._versions(SchemeRow.version == version, limit=1)
        if not found:
            raise SchemeVersionUnknown(version=version)
        return found[0]

    def after(self, day: date) -> SchemeVersion | None:
        """The first version that begins after a day; None without one."""
        columns = [getattr(SchemeRow, name) for name in SchemeVersion.__slots__]
        row = self._connection.execute(
            select(*columns)
            .where(SchemeRow.county_id == self._county_id, SchemeRow.effective_on > day)
            .order_by(SchemeRow.effective_on, SchemeRow.version.desc())
            .limit(1)
        ).first()
        return None if row is None else SchemeVersion(*tuple(row))

    def page(self, before: int | None, limit: int) -> list[SchemeEntry]:
        """Versions without their documents, the newest first, before one of them."""
        query = select(
            SchemeRow.version,
            SchemeRow.effective_on,
            SchemeRow.document["name"].as_string(),
            SchemeRow.published_at,
        ).where(SchemeRow.county_id == self._county_id)
        if before is not None:
            query = query.where(SchemeRow.version < before)
        rows = self._connection.execute(query.order_by(SchemeRow.version.desc()).limit(limit))
        return [SchemeEntry(*tuple(row)) for row in rows]

    def _versions(self, *conditions: ColumnElement[bool], limit: int) -> list[SchemeVersion]:
        columns = [getattr(SchemeRow, name) for name in SchemeVersion.__slots__]
        rows = self._connection.execute(
            select(*columns)
            .where(SchemeRow.county_id == self._county_id, *conditions)
            .order_by(SchemeRow.version.desc())
            .limit(limit)
        )
        return [SchemeVersion(*tuple(row)) for row in rows]

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
