"""One county's rows of a table. Stores work through it, which binds their SQL to the county.

A store makes one for each of its tables; the queries and writes that it makes are bound to the
transaction's county before the store adds anything of its own::

    class FileStore:
        def __init__(self, tx: Transaction) -> None:
            self._files = ScopedTable(tx, FileRow, missing=FileNotFound)

        def get(self, file_id: UUID) -> File:
            return _file(self._files.get(file_id=file_id))

        def save(self, file: File) -> None:
            self._files.save(_values(file), file.version - 1)

        def page(self, source_id: UUID, asked: PageRequest) -> Page[File]:
            query = self._files.select().where(FileRow.source_id == source_id)
            return self._files.page(query, NEWEST, asked).map(_file)

    NEWEST = SortKey(FileRow.file_id, descending=True)

Where tables are joined, ``same_county`` states the condition: ``same_county(FileRow, SourceRow,
"source_id")``. Statements whose SQL is made once are bound by ``of_county`` and run here too::

    HEAD = Statement(of_county(select(FileRow.number), FileRow).order_by(FileRow.number.desc()))
    row = self._files.first(HEAD)
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Exists,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.db import bulk
from shared.db.pages import SortKey, read_page
from shared.db.statements import Statement, answers
from shared.db.transaction import Transaction
from shared.db.upsert import keep_newest
from shared.errors import Aborted, NotFound
from shared.paging import Page, PageRequest

COUNTY: Final = "county_id"
Bound = TypeVar("Bound", bound=Any)
Values = Mapping[str, Any]


def table_of(rows: Any) -> Table:
    """The table of a mapped class, or the table itself."""
    return cast("Table", getattr(rows, "__table__", rows))


def of_county(statement: Bound, *rows: Any) -> Bound:
    """Bind a SELECT, UPDATE or DELETE to the transaction's county, for each of the tables.

    It is for what becomes a ``Statement``; the ScopedTable gives the value of ``county_id``.
    """
    own = (table_of(each).c[COUNTY] == bindparam(COUNTY) for each in rows)
    return cast("Bound", statement.where(*own))


def same_county(left: Any, right: Any, *names: str, **renamed: str) -> ColumnElement[bool]:
    """Whether two tables' rows are of one county and agree in these columns.

    ``renamed`` names a column of the right by one of the left: ``parent_id="grid_id"``. Both may be
    tables, aliases, subqueries or mapped classes.
    """
    ours, theirs = _columns(left), _columns(right)
    pairs = {COUNTY: COUNTY, **dict.fromkeys(names), **renamed}
    return and_(*(ours[name] == theirs[other or name] for name, other in pairs.items()))


class ScopedTable:
    """A table's rows of the county that the transaction is for."""

    def __init__(
        self, tx: Transaction, rows: Any, *, missing: type[NotFound] | None = None
    ) -> None:
        """``rows`` is a mapped class or a table; ``missing`` is raised where ``get`` finds nothing."""
        self.table = table_of(rows)
        self.c = self.table.c
        self.own: ColumnElement[bool] = self.c[COUNTY] == tx.county_id
        self._tx = tx
        self._missing = missing

    # Reads

    def select(self, *columns: Any) -> Select[Any]:
        """A SELECT of the county's rows: of these columns, or of all the table has."""
        return select(*(columns or (self.table,))).where(self.own)

    def select_for(self, kind: type) -> Select[Any]:
        """A SELECT of the columns that a dataclass has fields for, in their order."""
        return self.select(*(self.c[field.name] for field in fields(kind)))

    def find(self, **key: Any) -> Row[Any] | None:
        """The row with these values; None without one."""
        row: Row[Any] | None = self.first(self.select().where(*self._is(key)))
        return row

    def get(self, **key: Any) -> Row[Any]:
        """The row with these values. Raises the table's ``missing`` error, which names them."""
        return self._required(self.find(**key), key)

    def lock(self, **key: Any) -> Row[Any]:
        """As ``get``; nobody else changes the row until the transaction ends."""
        return self._required(
            self.first(self.select().where(*self._is(key)).with_for_update()), key
        )

    def has(self, *conditions: ColumnElement[bool], **key: Any) -> bool:
        """Whether the county has a row that meets all conditions."""
        query = select(self.exists(*conditions, *self._is(key)))
        return bool(self._tx.connection.execute(query).scalar())

    def exists(self, *conditions: ColumnElement[bool]) -> Exists:
        """``has`` as a condition within another query."""
        return exists().where(self.own, *conditions)

    def first(self, question: Select[Any] | Statement, **values: Any) -> Any:
        """The first row of the result; None without one. ``values`` are those a Statement names."""
        if isinstance(question, Statement):
            return question.first(self._tx.connection, **self._with_county(question, values))
        return self._tx.connection.execute(question, values or None).first()

    def all(self, question: Select[Any] | Statement, **values: Any) -> Sequence[Any]:
        """The rows of the result. ``values`` are those a Statement names."""
        if isinstance(question, Statement):
            return question.all(self._tx.connection, **self._with_county(question, values))
        return self._tx.connection.execute(question, values or None).all()

    def answers(self, questions: Sequence[Statement], **values: Any) -> list[list[Any]]:
        """The rows of each Statement, all run in one round trip."""
        for question in questions:
            values = self._with_county(question, values)
        return answers(self._tx.connection, questions, **values)

    def page(self, query: Select[Any], key: SortKey, asked: PageRequest) -> Page[Row[Any]]:
        """The page of the query's rows that is asked for, in the order of the key.

        Raises InvalidArgument at /page_token for what is no token of this list.
        """
        return read_page(self._tx.connection, query, key, asked)

    # Writes

    def insert(self, values: Values) -> None:
        """Write a new row."""
        self._tx.connection.execute(insert(self.table).values(self._row(values)))

    def insert_many(self, rows: Iterable[Values]) -> None:
        """Write new rows, which all name the same columns."""
        if written := [self._row(row) for row in rows]:
            self._tx.connection.execute(insert(self.table), written)

    def insert_bulk(self, rows: Iterable[Values]) -> None:
        """As ``insert_many``, three times as fast for thousands; not for columns that are arrays."""
        bulk.insert_many(self._tx.connection, self.table, [self._row(row) for row in rows])

    def insert_new(self, rows: Iterable[Values], *returning: Any) -> Sequence[Row[Any]]:
        """Write the rows that break no unique key, and return these columns of the rows written."""
        if not (written := [self._row(row) for row in rows]):
            return []
        statement = upsert(self.table).values(written).on_conflict_do_nothing()
        chosen = returning or tuple(self.table.primary_key)
        return self._tx.connection.execute(statement.returning(*chosen)).all()

    def upsert(self, rows: Iterable[Values], changed: Collection[str]) -> None:
        """Write rows. Where the primary key exists already, only the ``changed`` columns change."""
        if not (written := [self._row(row) for row in rows]):
            return
        statement = upsert(self.table).values(written)
        self._tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(self.table.primary_key),
                set_={name: statement.excluded[name] for name in changed},
            )
        )

    def keep_newest(self, rows: Iterable[Values]) -> None:
        """Write rows, each unless the table has the same key at the same or a newer version."""
        if written := [self._row(row) for row in rows]:
            keep_newest(self._tx.connection, self.table, written)

    def write(self, insertion: Statement, values: Values) -> None:
        """Have a row written by the Statement when the transaction ends (Transaction.write)."""
        self._tx.write(insertion, self._row(values))

    def update(self, changes: Values, *conditions: ColumnElement[bool], **key: Any) -> int:
        """Change the county's rows that meet all conditions, and return how many.

        ``changes`` are by names of columns; their values may be expressions.
        """
        statement = update(self.table).where(self.own, *conditions, *self._is(key))
        return self._tx.connection.execute(statement.values(changes)).rowcount

    def delete(self, *conditions: ColumnElement[bool], **key: Any) -> int:
        """Delete the county's rows that meet all conditions, and return how many."""
        statement = delete(self.table).where(self.own, *conditions, *self._is(key))
        return self._tx.connection.execute(statement).rowcount

    def save(self, values: Values, version: int) -> None:
        """Change the row whose primary key ``values`` has, if it is still at ``version``.

        ``values`` has the new version too. Raises Aborted where the row is at another version, and
        the table's ``missing`` error where it is gone.
        """
        key = {column.name: values[column.name] for column in self._own_key()}
        changes = {name: value for name, value in values.items() if name not in key}
        if not self.update(changes, self.c.version == version, **key):
            raise Aborted(expected=version, actual=self.get(**key).version)

    def _is(self, key: Values) -> list[ColumnElement[bool]]:
        return [self.c[name] == value for name, value in key.items()]

    def _own_key(self) -> list[Any]:
        return [column for column in self.table.primary_key if column.name != COUNTY]

    def _row(self, values: Values) -> dict[str, Any]:
        return {**values, COUNTY: self._tx.county_id}

    def _required(self, row: Row[Any] | None, key: Values) -> Row[Any]:
        if row is None:
            if self._missing is None:
                raise NotFound(kind=self.table.name, id=", ".join(map(str, key.values())))
            raise self._missing(**key)
        return row

    def _with_county(self, statement: Statement, values: dict[str, Any]) -> dict[str, Any]:
        if not statement.names_county:
            raise TypeError(f"bind the statement with of_county: {statement.sql}")
        return {**values, COUNTY: self._tx.county_id}


def _columns(rows: Any) -> Any:
    """The columns of a table, alias or subquery, or the attributes of a mapped class or its alias."""
    found = getattr(rows, "c", None)
    return _Attributes(rows) if found is None else found


class _Attributes:
    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __getitem__(self, name: str) -> Any:
        return getattr(self._rows, name)
