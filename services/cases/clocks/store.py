"""Clocks in PostgreSQL. Rows never leave this file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.cases.clocks.domain import Clock, Segment
from services.cases.clocks.models import ClockRow, ClockSegmentRow
from shared.db.scoped import ScopedTable, of_county, same_county
from shared.db.statements import Statement
from shared.db.transaction import Transaction


def _clocks() -> Select[*tuple[Any, ...]]:
    owners = aggregate_order_by(ClockSegmentRow.owner, ClockSegmentRow.segment_no)
    began = aggregate_order_by(ClockSegmentRow.began_at, ClockSegmentRow.segment_no)
    return (
        select(
            ClockRow.__table__,
            func.array_agg(owners).label("owners"),
            func.array_agg(began).label("began"),
        )
        .join(ClockSegmentRow, same_county(ClockRow, ClockSegmentRow, "case_id", "clock_no"))
        .group_by(*ClockRow.__table__.primary_key)
        .order_by(ClockRow.case_id, ClockRow.clock_no)
    )


CLOCKS = of_county(_clocks(), ClockRow)
OF_CASE = Statement(CLOCKS.where(ClockRow.case_id == bindparam("case_id")))
"""The clocks of one case."""
OF_CASES = Statement(CLOCKS.where(ClockRow.case_id == func.any(bindparam("case_ids"))))


class ClockStore:
    """One county's clocks."""

    def __init__(self, tx: Transaction) -> None:
        self._clocks = ScopedTable(tx, ClockRow)
        self._segments = ScopedTable(tx, ClockSegmentRow)

    def of_cases(self, case_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Clock]]:
        """The clocks of each case, in the order in which they began."""
        found: dict[UUID, list[Clock]] = defaultdict(list)
        for row in self._clocks.all(OF_CASES, case_ids=list(case_ids)):
            found[row.case_id].append(clock_of(row))
        return found

    def save(self, case_id: UUID, before: Sequence[Clock], after: Sequence[Clock]) -> None:
        """Write new clocks, the changes of others, and the segments that were added."""
        new, segments = [], []
        for number, clock in enumerate(after):
            key = {"case_id": case_id, "clock_no": number}
            known = before[number] if number < len(before) else None
            if known is None:
                new.append({**key, **_values(clock)})
            elif known != clock:
                self._clocks.update({"stopped_at": clock.stopped_at, "owner": clock.owner}, **key)
            kept = 0 if known is None else len(known.segments)
            for place, segment in enumerate(clock.segments[kept:], kept):
                began = {"owner": segment.owner, "began_at": segment.began_at}
                segments.append({**key, "segment_no": place, **began})
        self._clocks.insert_many(new)
        self._segments.insert_many(segments)


def clock_of(row: Row[Any]) -> Clock:
    """Make a clock of its row and its owners."""
    return Clock(
        kind=row.kind,
        starts=row.starts,
        stops=row.stops,
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        segments=tuple(Segment(*pair) for pair in zip(row.owners, row.began, strict=True)),
    )


def _values(clock: Clock) -> dict[str, Any]:
    names = ("kind", "starts", "stops", "started_at", "due_at", "stopped_at", "owner")
    return {name: getattr(clock, name) for name in names}
