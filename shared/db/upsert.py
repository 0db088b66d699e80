"""Rows of which the newest version is kept, whatever the order in which versions arrive."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, FromClause, Table
from sqlalchemy.dialects.postgresql import insert


def keep_newest(connection: Connection, of: FromClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into the table ``of``, or replace those whose ``version`` is older.

    Of rows with the same key only the newest counts. ``rows`` must not be empty.
    """
    table = cast("Table", of)  # a mapped class says only FromClause of its own table
    keys = [column.name for column in table.primary_key]
    newest: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in sorted(rows, key=lambda row: int(row["version"])):
        newest[tuple(row[key] for key in keys)] = row
    statement = insert(table).values([dict(row) for row in newest.values()])
    changed = {column.name: column for column in statement.excluded if column.name not in keys}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_=changed,
            where=table.c.version < statement.excluded.version,
        )
    )
