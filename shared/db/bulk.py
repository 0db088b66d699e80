"""Writing many rows in one statement."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ARRAY, Connection, Table, bindparam, cast, func, insert, select

Row = Mapping[str, object]


def insert_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write the rows, which all name the same columns.

    Each column travels as one array and the database makes rows of them again, which took a third
    of the time of one INSERT a row when measured; COPY FROM does not work under row-level security.
    Columns that are arrays themselves cannot go this way.
    """
    if not rows:
        return
    names = list(rows[0])
    arrays = [
        func.unnest(cast(bindparam(name), ARRAY(table.c[name].type))).label(name) for name in names
    ]
    connection.execute(
        insert(table).from_select(names, select(*arrays)),
        {name: [row[name] for row in rows] for name in names},
    )
