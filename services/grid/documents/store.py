"""Written rules in PostgreSQL. Rows never leave this file."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    func,
    or_,
    select,
)

from services.grid.documents.domain import (
    Filing,
    GridWithout,
    Rule,
    RuleFilters,
    RuleKind,
    RuleNotFound,
    RuleVersion,
    Words,
)
from services.grid.documents.models import RuleFilingRow, RuleRow, RuleVersionRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import page_by_path, path_key, within
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest, page_of

PLAN_TAKEN = "uq_rule_documents_county_id_grid_id_plan"
VERSION_TAKEN = "pk_rule_versions"
FILING_TAKEN = "pk_rule_filings"

BY_ID = SortKey(RuleRow.rule_id)
NEWEST = SortKey(RuleVersionRow.version, descending=True)


class RuleStore:
    """The county's written rules."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._grids = ScopedTable(tx, GridRow)
        self._rules = ScopedTable(tx, RuleRow)
        self._versions = ScopedTable(tx, RuleVersionRow)
        self._filings = ScopedTable(tx, RuleFilingRow)

    def add(self, version: RuleVersion) -> None:
        """Write a new rule with its first version."""
        rule = version.rule
        self._rules.insert({**asdict(rule), "kind": rule.kind.value})
        self.add_version(version)

    def add_version(self, version: RuleVersion) -> None:
        """Write the next version of a rule."""
        self._versions.insert(
            {
                "rule_id": version.rule.rule_id,
                "version": version.version,
                "effective_on": version.effective_on,
                "added_by": version.added_by,
                "added_at": version.added_at,
                **asdict(version.words),
            }
        )

    def file(self, version: RuleVersion) -> None:
        """Write the filing that the version holds."""
        if version.filing is None:
            raise ValueError(version)
        key = {"rule_id": version.rule.rule_id, "version": version.version}
        self._filings.insert({**key, **asdict(version.filing)})

    def newest(self, rule_id: UUID) -> RuleVersion:
        """The version added last. Raises RuleNotFound."""
        return self._one(rule_id)

    def on(self, rule_id: UUID, day: date) -> RuleVersion:
        """The version in force on a day. Raises RuleNotFound."""
        return self._one(rule_id, RuleVersionRow.effective_on <= day)

    def versions(self, rule_id: UUID, asked: PageRequest) -> Page[RuleVersion]:
        """Versions of a rule, the newest first."""
        query = self._selected().where(RuleRow.rule_id == rule_id)
        return self._versions.page(query, NEWEST, asked).map(_version)

    def page(
        self, scopes: Sequence[str], filters: RuleFilters, day: date, asked: PageRequest
    ) -> Page[RuleVersion]:
        """Rules in force on a day, by id; rules of grids only within the subtrees."""
        query = (
            self._selected()
            .outerjoin(GridRow, same_county(GridRow, RuleRow, "grid_id"))
            .where(
                RuleVersionRow.version == self._newest_number(day),
                or_(RuleRow.grid_id.is_(None), *(within(scope) for scope in scopes)),
                *_matching(filters),
            )
        )
        return self._rules.page(query, BY_ID, asked).map(_version)

    def plan_of(self, grid_id: UUID) -> UUID | None:
        """The rule that is the grid's plan; None without one."""
        row = self._rules.find(grid_id=grid_id, kind=RuleKind.GRID_PLAN.value)
        return None if row is None else row.rule_id

    def grids_without(
        self,
        kind: RuleKind,
        scopes: Sequence[str],
        level_id: str,
        asked: PageRequest,
        *,
        filed: bool,
    ) -> Page[GridWithout]:
        """Grids in force, in path order, without a document of the kind.

        With ``filed``, grids also count if no document of theirs has its newest version filed.
        """
        has = self._has(kind)
        enough = and_(has, self._has(kind, self._newest_is_filed())) if filed else has
        query = self._grids.select(
            GridRow.grid_id, GridRow.path, GridRow.level_id, GridRow.name, has.label("unfiled")
        ).where(GridRow.valid_to.is_(None), or_(false(), *(within(s) for s in scopes)), ~enough)
        if level_id:
            query = query.where(GridRow.level_id == level_id)
        rows = self._grids.all(page_by_path(query, asked))
        return page_of([GridWithout(*row) for row in rows], asked, path_key)

    def _has(self, kind: RuleKind, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether the grid at hand has a document of the kind."""
        return self._rules.exists(
            RuleRow.grid_id == GridRow.grid_id,
            RuleRow.kind == kind.value,
            *conditions,
        )

    def _newest_is_filed(self) -> ColumnElement[bool]:
        newest = (
            self._versions.select(func.max(RuleVersionRow.version))
            .where(RuleVersionRow.rule_id == RuleRow.rule_id)
            .correlate(RuleRow)
            .scalar_subquery()
        )
        return self._filings.exists(
            RuleFilingRow.rule_id == RuleRow.rule_id,
            RuleFilingRow.version == newest,
        )

    def _newest_number(self, day: date) -> Any:
        other = self._versions.table.alias()
        return (
            select(func.max(other.c.version))
            .where(same_county(other, RuleRow, "rule_id"), other.c.effective_on <= day)
            .correlate(RuleRow)
            .scalar_subquery()
        )

    def _one(self, rule_id: UUID, *conditions: ColumnElement[bool]) -> RuleVersion:
        query = self._selected().where(RuleRow.rule_id == rule_id, *conditions)
        row = self._versions.first(query.order_by(RuleVersionRow.version.desc()).limit(1))
        if row is None:
            raise RuleNotFound(rule_id=rule_id)
        return _version(row)

    def _selected(self) -> Select[Any]:
        """Versions with their rules and filings."""
        return (
            select(
                RuleRow.rule_id,
                RuleRow.kind,
                RuleRow.level_id,
                RuleRow.grid_id,
                *(getattr(RuleVersionRow, name) for name in _VERSION),
                *(getattr(RuleFilingRow, name) for name in Filing.__slots__),
            )
            .select_from(RuleRow)
            .join(
                RuleVersionRow,
                same_county(RuleVersionRow, RuleRow, "rule_id"),
            )
            .outerjoin(
                RuleFilingRow, same_county(RuleFilingRow, RuleVersionRow, "rule_id", "version")
            )
            .where(self._rules.own)
        )


_VERSION = ("version", *Words.__slots__, "effective_on", "added_by", "added_at")


def _version(row: Any) -> RuleVersion:
    filed = row.filed_at is not None
    return RuleVersion(
        rule=Rule(row.rule_id, RuleKind(row.kind), row.level_id, row.grid_id),
        version=row.version,
        words=Words(*(getattr(row, name) for name in Words.__slots__)),
        effective_on=row.effective_on,
        added_by=row.added_by,
        added_at=row.added_at,
        filing=Filing(row.office, row.filed_by, row.filed_at) if filed else None,
    )


def _matching(filters: RuleFilters) -> list[ColumnElement[bool]]:
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (filters.kind, RuleRow.kind == (filters.kind or "")),
        (filters.level_id, RuleRow.level_id == filters.level_id),
        (filters.grid_id, RuleRow.grid_id == filters.grid_id),
    ]
    return [condition for given, condition in wanted if given is not None]
