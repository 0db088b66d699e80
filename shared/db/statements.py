"""Statements whose SQL is made once, for paths where making it costs more than running it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Dialect, Table, exc, insert
from sqlalchemy.dialects.postgresql import psycopg as dialects

DIALECT: Dialect = dialects.dialect()  # type: ignore[no-untyped-call]

Row = Mapping[str, object]


class Statement:
    """SQL made of a SQLAlchemy statement when the module is loaded; ``bindparam`` names its values.

    Values and columns are handed over as psycopg has them: no type of SQLAlchemy's own converts.
    """

    def __init__(self, clause: Any, columns: Iterable[str] | None = None) -> None:
        """``columns`` are those that an INSERT gives; the others keep their defaults."""
        names = None if columns is None else list(columns)
        compiled = clause.compile(dialect=DIALECT, column_keys=names)
        self.sql = str(compiled)
        self.constants = {
            name: bind.value for name, bind in compiled.binds.items() if not bind.required
        }
        self.names_county = "county_id" in compiled.binds

    def first(self, connection: Connection, **values: object) -> Any:
        """Its first row, with the columns as attributes; None without one."""
        driver: Any = connection.connection.driver_connection
        try:
            with driver.cursor(row_factory=namedtuple_row) as cursor:
                return cursor.execute(self.sql, {**self.constants, **values}).fetchone()
        except psycopg.Error as error:
            raise as_sqlalchemy(error) from error

    def all(self, connection: Connection, **values: object) -> list[Any]:
        """Its rows, with the columns as attributes."""
        return answers(connection, [self], **values)[0]


def answers(
    connection: Connection, questions: Sequence[Statement], **values: object
) -> list[list[Any]]:
    """The rows of each query; all get the same values.

    All run in a single round trip, so none can depend on the result of another.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            cursors = [
                driver.cursor(row_factory=namedtuple_row).execute(
                    question.sql, {**question.constants, **values}
                )
                for question in questions
            ]
            return [cursor.fetchall() for cursor in cursors]
    except psycopg.Error as error:
        raise as_sqlalchemy(error) from error


def insertion(table: Table, columns: Iterable[str]) -> Statement:
    """An INSERT of one row that gives these columns."""
    return Statement(insert(table), columns)


Write = tuple[Statement, Row]


def commit_with(connection: Connection, writes: Iterable[Write]) -> None:
    """Run statements that return nothing, in order, and commit: all in a single round trip.

    Raises the error of the first that fails, as SQLAlchemy would; then nothing is committed.
    """
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline(), driver.cursor() as cursor:
            for statement, row in writes:
                cursor.execute(statement.sql, row)
            driver.commit()
    except psycopg.Error as error:
        raise as_sqlalchemy(error) from error


def as_sqlalchemy(error: psycopg.Error) -> BaseException:
    """The error that SQLAlchemy raises where psycopg raises this one."""
    return exc.DBAPIError.instance(
        None, None, error, psycopg.Error, hide_parameters=True, dialect=DIALECT
    )
