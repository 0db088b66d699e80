"""Cases in PostgreSQL. Rows never leave this file."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from services.cases import models, schemas
from services.cases.domain.case import (
    Case,
    Clock,
    SourceType,
    State,
    Transfer,
    TransferState,
)
from services.cases.domain.errors import CaseNotFound
from services.cases.domain.history import HistoryEntry
from services.cases.models import (
    CaseRow,
    ClockRow,
    ClockSegmentRow,
    HistoryRow,
    NumberRow,
    TransferRow,
)
from services.cases.ports import Filter, PageKey, Sight
from services.cases.rows import (
    case_of,
    case_values,
    clock_of,
    clock_values,
    entry_of,
    transfer_of,
)
from shared.context import RequestContext
from shared.db.statements import Statement, answers
from shared.db.subtree import below
from shared.db.transaction import Transaction
from shared.errors import Aborted
from shared.structure.store import Structure


def _clocks() -> Select[*tuple[Any, ...]]:
    owners = aggregate_order_by(ClockSegmentRow.owner, ClockSegmentRow.segment_no)
    began = aggregate_order_by(ClockSegmentRow.began_at, ClockSegmentRow.segment_no)
    keys = ("county_id", "case_id", "clock_no")
    same = and_(*(getattr(ClockSegmentRow, k) == getattr(ClockRow, k) for k in keys))
    return (
        select(
            ClockRow.__table__,
            func.array_agg(owners).label("owners"),
            func.array_agg(began).label("began"),
        )
        .join(ClockSegmentRow, same)
        .group_by(*(getattr(ClockRow, k) for k in keys))
        .order_by(ClockRow.case_id, ClockRow.clock_no)
    )


def _of_one_case(query: Select[Any], row: Any) -> Statement:
    return Statement(
        query.where(row.county_id == bindparam("county_id"), row.case_id == bindparam("case_id"))
    )


OVER = tuple(each.value for each in (State.CLOSED, State.REJECTED, State.VOID, State.MERGED))
"""States of cases that are no longer open."""
CLOCKS = _clocks()
TRANSFERS = select(TransferRow.__table__).order_by(TransferRow.offered_at, TransferRow.transfer_id)
ONE_CASE = (
    _of_one_case(select(CaseRow.__table__), CaseRow),
    _of_one_case(CLOCKS, ClockRow),
    _of_one_case(TRANSFERS, TransferRow),
)
"""A case, its clocks and its transfers."""


class CaseStore:
    """One county's cases."""

    def __init__(self, connection: Connection, county_id: str) -> None:
        self._connection = connection
        self._county_id = county_id

    def get(self, case_id: UUID) -> Case:
        """One case. Raises CaseNotFound."""
        rows, clocks, transfers = answers(
            self._connection, ONE_CASE, county_id=self._county_id, case_id=case_id
        )
        if not rows:
            raise CaseNotFound(case_id=case_id)
        return case_of(
            rows[0],
            [clock_of(row) for row in clocks],
            [transfer_of(row) for row in transfers],
        )

    def lock(self, case_id: UUID) -> Case:
        """One case, which nobody else changes until the transaction ends. Raises CaseNotFound."""
        query = self._cases().where(CaseRow.case_id == case_id)
        return self._one(query.with_for_update(), case_id)

    def page(self, wanted: Filter, sight: Sight, after: PageKey | None, limit: int) -> list[Case]:
        """Cases within sight, newest first."""
        query = self._cases().where(*self._matches(wanted))
        if "" not in sight.paths:
            query = query.where(self._in_sight(sight))
        if after is not None:
            query = query.where(tuple_(CaseRow.opened_at, CaseRow.case_id) < tuple_(*after))
        newest = query.order_by(CaseRow.opened_at.desc(), CaseRow.case_id.desc()).limit(limit)
        return self._whole(self._connection.execute(newest).all())

    def is_open_from(self, source_type: SourceType, source_id: str) -> bool:
        """Whether the source has opened a case before."""
        found = exists().where(
            CaseRow.county_id == self._county_id,
            CaseRow.source_type == source_type.value,
            CaseRow.source_id == source_id,
        )
        return bool(self._connection.execute(select(found)).scalar())

    def next_ordinal(self, day: date) -> int:
        """The next number of the day; two that ask at once wait for one another.

        Given up with the transaction, so the numbers that stay have no hole.
        """
        first = upsert(NumberRow).values(county_id=self._county_id, day=day, last=1)
        statement = first.on_conflict_do_update(
            index_elements=["county_id", "day"], set_={"last": NumberRow.last + 1}
        ).returning(NumberRow.last)
        return int(self._connection.execute(statement).scalar_one())

    def add(self, case: Case) -> None:
        """Write a new case."""
        self._connection.execute(insert(CaseRow).values(case_values(case)))
        self._save_clocks(case.case_id, (), case.clocks)

    def save(self, before: Case, after: Case) -> None:
        """Write what changed. Raises Aborted where somebody else was first."""
        statement = (
            update(CaseRow)
            .where(self._is(after.case_id), CaseRow.version == before.version)
            .values(case_values(after))
        )
        if self._connection.execute(statement).rowcount != 1:
            actual = self.get(after.case_id).version
            raise Aborted(expected=before.version, actual=actual)
        self._save_clocks(after.case_id, before.clocks, after.clocks)
        self._save_transfers(after.case_id, before.transfers, after.transfers)

    def append(self, entry: HistoryEntry) -> None:
        """Add an entry to a case's history."""
        act = entry.act
        self._connection.execute(
            insert(HistoryRow).values(
                county_id=self._county_id,
                case_id=entry.case_id,
                sequence=entry.sequence,
                at=act.at,
                actor_id=act.actor_id,
                action=act.action,
                from_state=None if act.from_state is None else act.from_state.value,
                to_state=act.to_state.value,
                note=act.note,
                facts=dict(act.facts),
                previous_hash=entry.previous_hash,
                entry_hash=entry.entry_hash,
            )
        )

    def extend_history(self, case: Case, entry: HistoryEntry) -> None:
        """Add an entry that changes nothing else about the case."""
        self._connection.execute(
            update(CaseRow)
            .where(self._is(case.case_id))
            .values(history_length=entry.sequence, history_hash=entry.entry_hash)
        )
        self.append(entry)

    def history(self, case_id: UUID) -> list[HistoryEntry]:
        """A case's whole history, oldest first."""
        rows = self._connection.execute(
            select(HistoryRow.__table__)
            .where(HistoryRow.county_id == self._county_id, HistoryRow.case_id == case_id)
            .order_by(HistoryRow.sequence)
        )
        return [entry_of(row) for row in rows]

    def follow_grids(self, grid_ids: Sequence[UUID]) -> None:
        """Take over where the grids lie now: who reaches a case follows the county's own tree."""
        grids = models.STRUCTURE.grids
        for its_grid, its_path in (
            (CaseRow.grid_id, CaseRow.grid_path),
            (CaseRow.responsible_grid_id, CaseRow.responsible_grid_path),
        ):
            self._connection.execute(
                update(CaseRow)
                .where(
                    CaseRow.county_id == self._county_id,
                    its_grid.in_(grid_ids),
                    grids.c.county_id == self._county_id,
                    grids.c.grid_id == its_grid,
                    grids.c.path != its_path,
                )
                .values({its_path: grids.c.path})
            )

    def open_of_grids(self, grid_ids: Sequence[UUID]) -> list[Case]:
        """Open cases found in one of the grids, or for which one of them answers; held."""
        return self._held(
            or_(CaseRow.grid_id.in_(grid_ids), CaseRow.responsible_grid_id.in_(grid_ids))
        )

    def open_astray(self, grid_ids: Sequence[UUID]) -> list[Case]:
        """Open cases found in one of the grids for which one answers that is not above it; held."""
        return self._held(
            CaseRow.grid_id.in_(grid_ids),
            not_(func.starts_with(CaseRow.grid_path, CaseRow.responsible_grid_path)),
        )

    def _held(self, *conditions: ColumnElement[bool]) -> list[Case]:
        query = self._cases().where(CaseRow.state.not_in(OVER), *conditions)
        rows = self._connection.execute(query.order_by(CaseRow.case_id).with_for_update()).all()
        return self._whole(rows)

    def _is(self, case_id: UUID) -> ColumnElement[bool]:
        return and_(CaseRow.county_id == self._county_id, CaseRow.case_id == case_id)

    def _cases(self) -> Select[Any]:
        return select(CaseRow.__table__).where(CaseRow.county_id == self._county_id)

    def _one(self, query: Select[Any], case_id: UUID) -> Case:
        row = self._connection.execute(query).first()
        if row is None:
            raise CaseNotFound(case_id=case_id)
        return self._whole([row])[0]

    def _matches(self, wanted: Filter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.state is not None:
            conditions.append(CaseRow.state == wanted.state.value)
        if wanted.category is not None:
            conditions.append(CaseRow.category == wanted.category)
        if wanted.source_id is not None:
            conditions.append(CaseRow.source_id == wanted.source_id)
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
        found = exists().where(
            TransferRow.county_id == self._county_id,
            TransferRow.case_id == CaseRow.case_id,
            TransferRow.to_department_id.in_(departments),
        )
        return found if state is None else found.where(TransferRow.state == state.value)

    def _whole(self, rows: Sequence[Row[Any]]) -> list[Case]:
        ids = [row.case_id for row in rows]
        if not ids:
            return []
        clocks, transfers = self._clocks_of(ids), self._transfers_of(ids)
        return [case_of(row, clocks[row.case_id], transfers[row.case_id]) for row in rows]

    def _clocks_of(self, case_ids: Sequence[UUID]) -> dict[UUID, list[Clock]]:
        rows = self._connection.execute(
            CLOCKS.where(ClockRow.county_id == self._county_id, ClockRow.case_id.in_(case_ids))
        )
        found: dict[UUID, list[Clock]] = defaultdict(list)
        for row in rows:
            found[row.case_id].append(clock_of(row))
        return found

    def _transfers_of(self, case_ids: Sequence[UUID]) -> dict[UUID, list[Transfer]]:
        rows = self._connection.execute(
            TRANSFERS.where(
                TransferRow.county_id == self._county_id, TransferRow.case_id.in_(case_ids)
            )
        )
        found: dict[UUID, list[Transfer]] = defaultdict(list)
        for row in rows:
            found[row.case_id].append(transfer_of(row))
        return found

    def _save_clocks(self, case_id: UUID, before: Sequence[Clock], after: Sequence[Clock]) -> None:
        new, segments = [], []
        for number, clock in enumerate(after):
            key = {"county_id": self._county_id, "case_id": case_id, "clock_no": number}
            known = before[number] if number < len(before) else None
            if known is None:
                new.append({**key, **clock_values(clock)})
            elif known != clock:
                self._save_clock(key, clock)
            kept = 0 if known is None else len(known.segments)
            for place, segment in enumerate(clock.segments[kept:], kept):
                began = {"owner": segment.owner, "began_at": segment.began_at}
                segments.append({**key, "segment_no": place, **began})
        if new:
            self._connection.execute(insert(ClockRow), new)
        if segments:
            self._connection.execute(insert(ClockSegmentRow), segments)

    def _save_clock(self, key: dict[str, Any], clock: Clock) -> None:
        mine = (getattr(ClockRow, name) == value for name, value in key.items())
        changed = {"stopped_at": clock.stopped_at, "owner": clock.owner}
        self._connection.execute(update(ClockRow).where(*mine).values(changed))

    def _save_transfers(
        self, case_id: UUID, before: Sequence[Transfer], after: Sequence[Transfer]
    ) -> None:
        for transfer in after:
            if transfer in before:
                continue
            values = {
                "county_id": self._county_id,
                "case_id": case_id,
                **{f.name: getattr(transfer, f.name) for f in fields(Transfer)},
                "state": transfer.state.value,
            }
            answered = {
                name: values[name]
                for name in ("state", "answered_at", "answered_by", "decline_reason")
            }
            self._connection.execute(
                upsert(TransferRow)
                .values(values)
                .on_conflict_do_update(index_elements=["county_id", "transfer_id"], set_=answered)
            )


class CasesTransaction(Transaction):
    """One transaction of the service."""

    def __init__(self, connection: Connection, context: RequestContext) -> None:
        super().__init__(
            connection, context, service="cases", tables=models.PLATFORM, events=schemas.EVENTS
        )
        self.cases = CaseStore(connection, context.county_id)
        self.structure = Structure(connection, models.STRUCTURE, context.county_id)
        self.provide(self.structure)


def make_transaction(connection: Connection, context: RequestContext) -> CasesTransaction:
    """Bind the repositories to one connection and one county."""
    return CasesTransaction(connection, context)
