"""Rows of files and their outcome, as messages."""

from collections.abc import Iterable

from shared.rows import Outcome, Row
from wangge.table.v1 import table_pb2


def rows_of(messages: Iterable[table_pb2.Row]) -> list[Row]:
    """The rows of a request."""
    return [Row(each.number, dict(each.cells)) for each in messages]


def outcome_message(outcome: Outcome, *, dry_run: bool) -> table_pb2.Outcome:
    """The outcome of the rows as a message."""
    return table_pb2.Outcome(
        created=outcome.created,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        dry_run=dry_run,
        faults=[
            table_pb2.RowFault(
                row=each.row, column=each.column, detail=each.detail.en, detail_zh=each.detail.zh
            )
            for each in outcome.faults
        ],
    )
