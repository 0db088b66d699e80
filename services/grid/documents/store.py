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
    exists,
    false,
    func,
    insert,
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
from services.grid.tree.store.trails import trail_of, within
from shared.db.transaction import Transaction

PLAN_TAKEN = "uq_rule_documents_county_id_grid_id_plan"
VERSION_TAKEN = "pk_rule_versions"
FILING_TAKEN = "pk_rule_filings"


class RuleStore:
    """The county's written rules."""

    def __init__(self, tx: Transaction) -> None:
        self._connection = tx.connection
        self._county_id = tx.county_id

    def add(self, version: RuleVersion) -> None:
        """Write a new rule with its first version."""
        rule = version.rule
        self._connection.execute(
            insert(RuleRow).values(
                county_id=self._county_id, **{**asdict(rule), "kind": rule.kind.value}
            )
        )
        self.add_version(version)

    def add_version(self, version: RuleVersion) -> None:
        """Write the next version of a rule."""
        self._connection.execute(
            insert(RuleVersionRow).values(
                county_id=self._county_id,
                rule_id=version.rule.rule_id,
                version=version.version,
                effective_on=version.effective_on,
                added_by=version.added_by,
                added_at=version.added_at,
                **asdict(version.words),
            )
        )

    def file(self, version: RuleVersion) -> None:
        """Write that the version was filed; it has its filing."""
        if version.filing is None:
            raise ValueError(version)
        self._connection.execute(
            insert(RuleFilingRow).values(
                county_id=self._county_id,
                rule_id=version.rule.rule_id,
                version=version.version,
                **asdict(version.filing),
            )
        )

    def newest(self, rule_id: UUID) -> RuleVersion:
        """The version added last. Raises RuleNotFound."""
        return self._one(rule_id)

    def on(self, rule_id: UUID, day: date) -> RuleVersion:
        """The version in force on a day. Raises RuleNotFound."""
        return self._one(rule_id, RuleVersionRow.effective_on <= day)

    def versions(self, rule_id: UUID, before: int | None, limit: int) -> list[RuleVersion]:
        """Versions of a rule, the newest first, before one of them."""
        query = self._selected().where(RuleRow.rule_id == rule_id)
        if before is not None:
            query = query.where(RuleVersionRow.version < before)
        query = query.order_by(RuleVersionRow.version.desc()).limit(limit)
        return [_version(row) for row in self._connection.execute(query)]

    def page(
        self,
        scopes: Sequence[str],
        filters: RuleFilters,
        day: date,
        after: UUID | None,
        limit: int,
    ) -> list[RuleVersion]:
        """Rules in force on a day, by id; those of grids within any of the subtrees alone."""
        query = (
            self._selected()
            .outerjoin(
                GridRow,
                and_(GridRow.county_id == self._county_id, GridRow.grid_id == RuleRow.grid_id),
            )
            .where(
                RuleVersionRow.version == self._newest_number(day),
                or_(RuleRow.grid_id.is_(None), *(within(scope) for scope in scopes)),
                *_matching(filters),
            )
        )
        if after is not None:
            query = query.where(RuleRow.rule_id > after)
        query = query.order_by(RuleRow.rule_id).limit(limit)
        return [_version(row) for row in self._connection.execute(query)]

    def plan_of(self, grid_id: UUID) -> UUID | None:
        """The rule that is the grid's plan; None without one."""
        return self._connection.execute(
            select(RuleRow.rule_id).where(
                RuleRow.county_id == self._county_id,
                RuleRow.grid_id == grid_id,
                RuleRow.kind == RuleKind.GRID_PLAN.value,
            )
        ).scalar()

    def grids_without(
        self,
        kind: RuleKind,
        scopes: Sequence[str],
        level_id: str,
        after: str | None,
        limit: int,
        *,
        filed: bool,
    ) -> list[GridWithout]:
        """Grids in force, in path order, without a document of the kind.

        ``filed``: also those of whose documents none has its newest version filed.
        """
        has = self._has(kind)
        enough = and_(has, self._has(kind, self._newest_is_filed())) if filed else has
        query = select(
            GridRow.grid_id, GridRow.path, GridRow.level_id, GridRow.name, has.label("unfiled")
        ).where(
            GridRow.county_id == self._county_id,
            GridRow.valid_to.is_(None),
            or_(false(), *(within(scope) for scope in scopes)),
            ~enough,
        )
        if level_id:
            query = query.where(GridRow.level_id == level_id)
        if after is not None:
            query = query.where(GridRow.trail > trail_of(after))
        rows = self._connection.execute(query.order_by(GridRow.trail).limit(limit))
        return [
            GridWithout(grid_id, path, level, name, unfiled)
            for grid_id, path, level, name, unfiled in rows
        ]

    def _has(self, kind: RuleKind, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether the grid at hand has a document of the kind."""
        return exists().where(
            RuleRow.county_id == self._county_id,
            RuleRow.grid_id == GridRow.grid_id,
            RuleRow.kind == kind.value,
            *conditions,
        )

    def _newest_is_filed(self) -> ColumnElement[bool]:
        newest = (
            select(func.max(RuleVersionRow.version))
            .where(
                RuleVersionRow.county_id == self._county_id,
                RuleVersionRow.rule_id == RuleRow.rule_id,
            )
            .correlate(RuleRow)
            .scalar_subquery()
        )
        return exists().where(
            RuleFilingRow.county_id == self._county_id,
            RuleFilingRow.rule_id == RuleRow.rule_id,
            RuleFilingRow.version == newest,
        )

    def _newest_number(self, day: date) -> Any:
        other = RuleVersionRow.__table__.alias()
        return (
            select(func.max(other.c.version))
            .where(
                other.c.county_id == self._county_id,
                other.c.rule_id == RuleRow.rule_id,
                other.c.effective_on <= day,
            )
            .correlate(RuleRow)
            .scalar_subquery()
        )

    def _one(self, rule_id: UUID, *conditions: ColumnElement[bool]) -> RuleVersion:
        query = self._selected().where(RuleRow.rule_id == rule_id, *conditions)
        row = self._connection.execute(
            query.order_by(RuleVersionRow.version.desc()).limit(1)
        ).first()
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
                and_(
                    RuleVersionRow.county_id == RuleRow.county_id,
                    RuleVersionRow.rule_id == RuleRow.rule_id,
                ),
            )
            .outerjoin(
                RuleFilingRow,
                and_(
                    RuleFilingRow.county_id == RuleRow.county_id,
                    RuleFilingRow.rule_id == RuleRow.rule_id,
                    RuleFilingRow.version == RuleVersionRow.version,
                ),
            )
            .where(RuleRow.county_id == self._county_id)
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
