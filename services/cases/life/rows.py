"""Rows of cases as domain objects, and back; for ``store.py`` alone."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from services.cases.clocks.domain import Clock
from services.cases.life.domain.case import (
    Case,
    HistoryHead,
    Origin,
    State,
    Transfer,
    TransferState,
)
from services.cases.life.domain.history import Act, HistoryEntry

APART = ("county_id", "origin", "origin_id", "clocks", "transfers", "head")
PLAIN = tuple(field.name for field in fields(Case) if field.name not in APART)
"""Fields of a case that are columns of its row."""


def case_values(case: Case) -> dict[str, Any]:
    """The columns of a case's own row; the county is the transaction's."""
    values = {name: getattr(case, name) for name in PLAIN}
    values["state"] = case.state.value
    values["source_type"], values["source_id"] = case.origin.value, case.origin_id
    values["history_length"] = case.head.length
    values["history_hash"] = case.head.entry_hash
    return values


def case_of(row: Row[Any], clocks: Sequence[Clock], transfers: Sequence[Transfer]) -> Case:
    """A case, put together from its row, its clocks and its transfers."""
    values = {name: getattr(row, name) for name in PLAIN}
    values["state"] = State(row.state)
    values["origin"], values["origin_id"] = Origin(row.source_type), row.source_id
    return Case(
        **values,
        county_id=row.county_id,
        head=HistoryHead(row.history_length, row.history_hash),
        clocks=tuple(clocks),
        transfers=tuple(transfers),
    )


def transfer_of(row: Row[Any]) -> Transfer:
    """The transfer of a row."""
    values = {field.name: getattr(row, field.name) for field in fields(Transfer)}
    return Transfer(**{**values, "state": TransferState(row.state)})


def entry_of(row: Row[Any]) -> HistoryEntry:
    """The entry of the history of a row."""
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


def transfer_values(transfer: Transfer) -> dict[str, Any]:
    """The columns of a transfer's row but for its case."""
    values = {field.name: getattr(transfer, field.name) for field in fields(Transfer)}
    return {**values, "state": transfer.state.value}


def entry_values(entry: HistoryEntry) -> dict[str, Any]:
    """The columns of the row of an entry."""
    act = entry.act
    return {
        "case_id": entry.case_id,
        "sequence": entry.sequence,
        "at": act.at,
        "actor_id": act.actor_id,
        "action": act.action,
        "from_state": None if act.from_state is None else act.from_state.value,
        "to_state": act.to_state.value,
        "note": act.note,
        "facts": dict(act.facts),
        "previous_hash": entry.previous_hash,
        "entry_hash": entry.entry_hash,
    }
