"""Rows of cases as domain objects, and back; for ``store.py`` alone."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from services.cases.clocks.domain import Clock, Segment
from services.cases.life.domain.case import (
    Case,
    HistoryHead,
    SourceType,
    State,
    Transfer,
    TransferState,
)
from services.cases.life.domain.history import Act, HistoryEntry

OWN_TABLES = ("clocks", "transfers", "head")
PLAIN = tuple(field.name for field in fields(Case) if field.name not in OWN_TABLES)
"""Fields of a case that are columns of its row."""


def case_values(case: Case) -> dict[str, Any]:
    """Return the columns of a case's own row."""
    values = {name: getattr(case, name) for name in PLAIN}
    values["state"] = case.state.value
    values["source_type"] = case.source_type.value
    values["history_length"] = case.head.length
    values["history_hash"] = case.head.entry_hash
    return values


def case_of(row: Row[Any], clocks: Sequence[Clock], transfers: Sequence[Transfer]) -> Case:
    """Put a case together from its row, its clocks and its transfers."""
    values = {name: getattr(row, name) for name in PLAIN}
    values["state"] = State(row.state)
    values["source_type"] = SourceType(row.source_type)
    return Case(
        **values,
        head=HistoryHead(row.history_length, row.history_hash),
        clocks=tuple(clocks),
        transfers=tuple(transfers),
    )


def clock_values(clock: Clock) -> dict[str, Any]:
    """Return the columns of a clock's row."""
    names = ("kind", "starts", "stops", "started_at", "due_at", "stopped_at", "owner")
    return {name: getattr(clock, name) for name in names}


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


def transfer_of(row: Row[Any]) -> Transfer:
    """Make a transfer of its row."""
    values = {field.name: getattr(row, field.name) for field in fields(Transfer)}
    return Transfer(**{**values, "state": TransferState(row.state)})


def entry_of(row: Row[Any]) -> HistoryEntry:
    """Make an entry of the history of its row."""
    return HistoryEntry(
        county_id=row.county_id,
        case_id=row.case_id,
        sequence=row.sequence,
        act=Act(
            action=row.action,
            actor_id=row.actor_id,
            at=row.at,
            from_state=None if row.from_state is None else State(row.from_state),
            to_state=State(row.to_state),
            note=row.note,
            facts=row.facts,
        ),
        previous_hash=row.previous_hash,
        entry_hash=row.entry_hash,
    )
