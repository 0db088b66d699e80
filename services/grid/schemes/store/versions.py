"""Versions of schemes in PostgreSQL. Rows never leave this file."""

from datetime import date
from typing import Any

from services.grid.schemes.domain.versions import (
    SchemeEntry,
    SchemeNotInForce,
    SchemeVersion,
    SchemeVersionUnknown,
)
from services.grid.schemes.models import SchemeRow
from services.grid.schemes.store.documents import DOCUMENTS
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

NEWEST = SortKey(SchemeRow.version, descending=True)
HEAD = (SchemeRow.version, SchemeRow.effective_on, SchemeRow.published_at)


class SchemeStore:
    """Published versions of the county's scheme."""

    def __init__(self, tx: Transaction) -> None:
        self._county_id = tx.county_id
        self._versions = ScopedTable(tx, SchemeRow)

    def add(self, scheme: SchemeVersion) -> None:
        """Write a new version."""
        self._versions.insert(
            {
                "version": scheme.version,
                "effective_on": scheme.effective_on,
                "document": scheme.document,
                "published_at": scheme.published_at,
            }
        )

    def newest(self) -> SchemeVersion:
        """The version published last, in force or not yet. Raises SchemeVersionUnknown."""
        row = self._versions.first(self._heads().order_by(SchemeRow.version.desc()).limit(1))
        if row is None:
            raise SchemeVersionUnknown(version=1)
        return self._version(row)

    def get(self, version: int) -> SchemeVersion:
        """One version. Raises SchemeVersionUnknown."""
        row = self._versions.first(self._heads().where(SchemeRow.version == version))
        if row is None:
            raise SchemeVersionUnknown(version=version)
        return self._version(row)

    def after(self, day: date) -> SchemeVersion | None:
        """The first version that begins after a day; None without one."""
        row = self._versions.first(
            self._heads()
            .where(SchemeRow.effective_on > day)
            .order_by(SchemeRow.effective_on, SchemeRow.version.desc())
            .limit(1)
        )
        return None if row is None else self._version(row)

    def on(self, day: date) -> SchemeVersion:
        """The version in force on a day. Raises SchemeNotInForce."""
        row = self._versions.first(
            self._heads()
            .where(SchemeRow.effective_on <= day)
            .order_by(SchemeRow.effective_on.desc(), SchemeRow.version.desc())
            .limit(1)
        )
        if row is None:
            raise SchemeNotInForce(day=day.isoformat())
        return self._version(row)

    def page(self, asked: PageRequest) -> Page[SchemeEntry]:
        """Versions without their documents, the newest first."""
        query = self._versions.select(
            SchemeRow.version,
            SchemeRow.effective_on,
            SchemeRow.document["name"].as_string(),
            SchemeRow.published_at,
        )
        return self._versions.page(query, NEWEST, asked).map(lambda row: SchemeEntry(*tuple(row)))

    def _heads(self) -> Any:
        return self._versions.select(*HEAD)

    def _version(self, row: Any) -> SchemeVersion:
        key = (self._county_id, row.version, row.published_at)
        document = DOCUMENTS.get(key, lambda: self._document(row.version))
        return SchemeVersion(row.version, row.effective_on, document, row.published_at)

    def _document(self, version: int) -> Any:
        query = self._versions.select(SchemeRow.document).where(SchemeRow.version == version)
        return self._versions.first(query).document
