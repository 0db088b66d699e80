"""Pages of a query's rows by sort key."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Integer,
    Row,
    Select,
    SmallInteger,
    String,
    Uuid,
    and_,
    false,
    literal,
    or_,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from shared.paging import Page, PageRequest, page_of

Kind = Callable[[Any], Any]
BITS = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))


class SortKey:
    """The columns that order a list. Together they are unique, and a page token holds their values."""

    def __init__(
        self, *columns: Any, descending: bool = False, pattern: re.Pattern[str] | None = None
    ) -> None:
        """``pattern`` is what a text among the values looks like; any text will do without it.

        NULL comes last; a descending key may not have it. Raises TypeError for columns whose values
        no token can hold.
        """
        self.columns = columns
        self.descending = descending
        self._nullable = [bool(getattr(column, "nullable", False)) for column in columns]
        if descending and any(self._nullable):
            raise TypeError("a descending sort key has columns without NULL only")
        self._kinds = [
            _or_none(_kind(column.type, pattern)) if nullable else _kind(column.type, pattern)
            for column, nullable in zip(columns, self._nullable, strict=True)
        ]

    def page(self, query: Select[Any], asked: PageRequest) -> Select[Any]:
        """The query for the page asked for, and for one row more, which shows that a next page exists.

        Raises InvalidArgument at /page_token for values that no such key has.
        """
        if (values := asked.after(*self._kinds)) is not None:
            query = query.where(self._follows(values))
        order = [column.desc() if self.descending else column for column in self.columns]
        return query.order_by(*order).limit(asked.size + 1)

    def of(self, row: Row[Any]) -> tuple[Any, ...]:
        """The row's values."""
        return tuple(getattr(row, column.key) for column in self.columns)

    def _follows(self, values: tuple[Any, ...]) -> ColumnElement[bool]:
        if any(self._nullable):
            return self._follows_with_null(values)
        there = [
            literal(value, column.type) for column, value in zip(self.columns, values, strict=True)
        ]
        if len(there) == 1:
            return _beyond(self.columns[0], there[0], descending=self.descending)
        return and_(
            _from(self.columns[0], there[0], descending=self.descending),
            _beyond(tuple_(*self.columns), tuple_(*there), descending=self.descending),
        )

    def _follows_with_null(self, values: tuple[Any, ...]) -> ColumnElement[bool]:
        """By each column in turn: those before it are the same, and it is greater or NULL."""
        cases: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for column, value, nullable in zip(self.columns, values, self._nullable, strict=True):
            if value is not None:
                greater = or_(column > value, column.is_(None)) if nullable else column > value
                cases.append(and_(*same, greater))
            same.append(column.is_(None) if value is None else column == value)
        return or_(false(), *cases)


def read_page(
    connection: Connection, query: Select[Any], key: SortKey, asked: PageRequest
) -> Page[Row[Any]]:
    """The page of the query's rows that is asked for; the query selects the key's columns too.

    Raises InvalidArgument at /page_token for what is no token of this list.
    """
    return page_of(connection.execute(key.page(query, asked)).all(), asked, key.of)


def _beyond(left: Any, right: Any, *, descending: bool) -> ColumnElement[bool]:
    found: ColumnElement[bool] = left < right if descending else left > right
    return found


def _from(left: Any, right: Any, *, descending: bool) -> ColumnElement[bool]:
    """What the row comparison implies, said of the first column alone so that an index is found."""
    found: ColumnElement[bool] = left <= right if descending else left >= right
    return found


def _kind(of: TypeEngine[Any], pattern: re.Pattern[str] | None) -> Kind:
    if isinstance(of, Uuid):
        return UUID
    if isinstance(of, DateTime):
        return _moment
    if isinstance(of, Date):
        return date.fromisoformat
    if isinstance(of, String):
        return lambda value: _text(value, pattern)
    for kind, bits in BITS:
        if isinstance(of, kind):
            return lambda value: _whole(value, bits)
    raise TypeError(f"a page token holds no {of!r}")


def _or_none(kind: Kind) -> Kind:
    return lambda value: None if value is None else kind(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment has a zone")
    return moment.astimezone(UTC)  # the database knows fewer zones than a text can name


def _text(value: Any, pattern: re.Pattern[str] | None) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    if "\0" in value or (pattern is not None and not pattern.fullmatch(value)):
        raise ValueError("no such text")
    return value


def _whole(value: Any, bits: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no whole number")
    if not -(1 << bits) <= value < 1 << bits:
        raise ValueError("no number of the column")
    return value
