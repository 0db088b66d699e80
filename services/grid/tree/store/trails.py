"""Where a grid lies, as the database compares it: see ``GridRow.trail``."""

import re
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, and_, true

from services.grid.tree.models import GridPastRow, GridRow
from shared.paging import PageRequest

AFTER_DOT = chr(ord(".") + 1)


def trail_of(path: str) -> str:
    """The path as the trail has it: every node as seven digits."""
    return "".join(f"{int(node):07}." for node in path.rstrip(".").split("."))


def within(scope: str) -> ColumnElement[bool]:
    """The subtree at a path among grids as they stand now."""
    return within_of(GridRow, scope)


def within_of(row: type[GridRow] | type[GridPastRow], scope: str) -> ColumnElement[bool]:
    """The subtree at a path, as a range of the index; the empty path is the whole county."""
    if not scope:
        return true()
    first = trail_of(scope)
    return and_(row.trail >= first, row.trail < first[:-1] + AFTER_DOT)


PATH = re.compile(r"(\d{1,7}\.)+")


class Placed(Protocol):
    """What lies in the tree."""

    @property
    def path(self) -> str:
        """The path in the tree."""


def path_key(item: Placed) -> tuple[str]:
    """The sort key of a list in path order, as its page tokens hold it."""
    return (item.path,)


def after_path(asked: PageRequest) -> str | None:
    """The path after which a page of a list in path order begins. Raises InvalidArgument."""
    found = asked.after(_path)
    return None if found is None else found[0]


def page_by_path(query: Select[Any], asked: PageRequest) -> Select[Any]:
    """The query's grids for a page in path order, and one more, which shows whether a next page exists."""
    if (path := after_path(asked)) is not None:
        query = query.where(GridRow.trail > trail_of(path))
    return query.order_by(GridRow.trail).limit(asked.size + 1)


def _path(value: Any) -> str:
    if not PATH.fullmatch(value):
        raise ValueError(value)
    return str(value)
