"""Cases in PostgreSQL. Rows never leave this file."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, false, func, or_, select

from services.cases.clocks.store import OF_CASE as CLOCKS_OF_CASE
from services.cases.clocks.store import ClockStore, clock_of
from services.cases.life.domain.case import Case, HistoryHead, State, Transfer, TransferState
from services.cases.life.domain.errors import CaseNotFound
from services.cases.life.domain.history import HistoryEntry
from services.cases.life.domain.listing import Filter, Sight
from services.cases.life.models import CaseRow, HistoryRow, TransferRow
from services.cases.life.rows import (
    case_of,
    case_values,
    entry_of,
    entry_values,
    transfer_of,
    transfer_values,
)
from shared.db.pages import SortKey
from shared.db.scoped import ScopedTable, of_county, same_county
from shared.db.statements import Statement
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest

OVER = tuple(each.value for each in (State.CLOSED, State.REJECTED, State.VOID, State.MERGED))
"""States of cases that are no longer open."""
NEWEST = SortKey(CaseRow.opened_at, CaseRow.case_id, descending=True)
TRANSFERS = of_county(select(TransferRow.__table__), TransferRow).order_by(
    TransferRow.offered_at, TransferRow.transfer_id
)
TRANSFERS_OF_CASES = Statement(
    TRANSFERS.where(TransferRow.case_id == func.any(bindparam("case_ids")))
)
ONE_CASE = (
    Statement(
        of_county(select(CaseRow.__table__), CaseRow).where(CaseRow.case_id == bindparam("case_id"))
    ),
    CLOCKS_OF_CASE,
    Statement(TRANSFERS.where(TransferRow.case_id == bindparam("case_id"))),
)
"""A case, its clocks and its transfers."""
HISTORY = Statement(
    of_county(
        select(
            CaseRow.state, CaseRow.history_length, CaseRow.history_hash, HistoryRow.__table__
        ).outerjoin(HistoryRow, same_county(CaseRow, HistoryRow, "case_id")),
        CaseRow,
    )
    .where(CaseRow.case_id == bindparam("case_id"))
    .order_by(HistoryRow.sequence)
)
"""A case's state and history head with its entries: one query, so all as of one moment."""
CHANGES_OF_A_TRANSFER = ("state", "answered_at", "answered_by", "decline_reason")


class CaseStore:
    """One county's cases."""

    def __init__(self, tx: Transaction) -> None:
        self._cases = ScopedTable(tx, CaseRow, missing=CaseNotFound)
        self._transfers = ScopedTable(tx, TransferRow)
        self._history = ScopedTable(tx, HistoryRow)
        self._clocks = tx.store(ClockStore)

    def get(self, case_id: UUID) -> Case:
        """One case. Raises CaseNotFound."""
        rows, clocks, transfers = self._cases.answers(ONE_CASE, case_id=case_id)
        if not rows:
            raise CaseNotFound(case_id=case_id)
        return case_of(
            rows[0],
            [clock_of(row) for row in clocks],
            [transfer_of(row) for row in transfers],
        )

    def lock(self, case_id: UUID) -> Case:
        """One case, which nobody else changes until the transaction ends. Raises CaseNotFound."""
        return self._whole([self._cases.lock(case_id=case_id)])[0]

    def page(self, wanted: Filter, sight: Sight, asked: PageRequest) -> Page[Case]:
        """Cases that the caller may read, newest first."""
        query = self._cases.select().where(*self._matches(wanted))
        if "" not in sight.paths:
            query = query.where(self._in_sight(sight))
        return self._cases.page(query, NEWEST, asked).map_all(self._whole)

    def open_where(self, *conditions: ColumnElement[bool]) -> list[Case]:
        """Open cases that nobody else changes until the transaction ends."""
        query = self._cases.select().where(CaseRow.state.not_in(OVER), *conditions)
        rows = self._cases.all(query.order_by(CaseRow.case_id).with_for_update())
        return self._whole(rows)

    def add(self, case: Case) -> None:
        """Write a new case."""
        self._cases.insert(case_values(case))
        self._clocks.save(case.case_id, (), case.clocks)

    def save(self, before: Case, after: Case) -> None:
        """Write what changed. Raises Aborted where somebody else was first."""
        self._cases.save(case_values(after), before.version)
        self._clocks.save(after.case_id, before.clocks, after.clocks)
        changed = [each for each in after.transfers if each not in before.transfers]
        self._transfers.upsert(
            [{**transfer_values(each), "case_id": after.case_id} for each in changed],
            CHANGES_OF_A_TRANSFER,
        )

    def append(self, entry: HistoryEntry) -> None:
        """Add an entry to a case's history."""
        self._history.insert(entry_values(entry))

    def extend_history(self, case: Case, entry: HistoryEntry) -> None:
        """Add an entry that changes nothing else about the case."""
        self._cases.update(
            {"history_length": entry.sequence, "history_hash": entry.entry_hash},
            case_id=case.case_id,
        )
        self.append(entry)

    def history(self, case: Case) -> tuple[Case, list[HistoryEntry]]:
        """The case with the state and the end of its history, and all entries, oldest first.

        All are as of one moment, whatever steps others take meanwhile.
        """
        rows = self._cases.all(HISTORY, case_id=case.case_id)
        if not rows:
            raise CaseNotFound(case_id=case.case_id)
        head = HistoryHead(rows[0].history_length, rows[0].history_hash)
        entries = [entry_of(row) for row in rows if row.sequence is not None]
        return replace(case, state=State(rows[0].state), head=head), entries

    def _matches(self, wanted: Filter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.state is not None:
            conditions.append(CaseRow.state == wanted.state.value)
        if wanted.category is not None:
            conditions.append(CaseRow.category == wanted.category)
        if wanted.origin_id is not None:
            conditions.append(CaseRow.source_id == wanted.origin_id)
        if wanted.grid_path is not None:
            conditions.append(below(CaseRow.grid_path, wanted.grid_path))
        if wanted.department_id is not None:
            asked = self._offered((wanted.department_id,), TransferState.OFFERED)
            conditions.append(or_(CaseRow.department_id == wanted.department_id, asked))
        return conditions

    def _in_sight(self, sight: Sight) -> ColumnElement[bool]:
        seen: list[ColumnElement[bool]] = []
        for path in sight.paths:
            seen.append(below(CaseRow.grid_path, path))
            seen.append(below(CaseRow.responsible_grid_path, path))
        if sight.departments:
            seen.append(CaseRow.department_id.in_(sight.departments))
            seen.append(CaseRow.lead_department_id.in_(sight.departments))
            seen.append(self._offered(sight.departments))
        return or_(false(), *seen)

    def _offered(
        self, departments: Collection[str], state: TransferState | None = None
    ) -> ColumnElement[bool]:
        found = self._transfers.exists(
            TransferRow.case_id == CaseRow.case_id,
            TransferRow.to_department_id.in_(departments),
        )
        return found if state is None else found.where(TransferRow.state == state.value)

    def _whole(self, rows: Sequence[Row[Any]]) -> list[Case]:
        ids = [row.case_id for row in rows]
        if not ids:
            return []
        clocks, transfers = self._clocks.of_cases(ids), self._transfers_of(ids)
        return [
            case_of(row, clocks.get(row.case_id, ()), transfers.get(row.case_id, ()))
            for row in rows
        ]

    def _transfers_of(self, case_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Transfer]]:
        found: dict[UUID, list[Transfer]] = defaultdict(list)
        for row in self._transfers.all(TRANSFERS_OF_CASES, case_ids=list(case_ids)):
            found[row.case_id].append(transfer_of(row))
        return found
