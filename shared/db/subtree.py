"""Paths of grids in tables: how they are stored, and how to find what lies below one.

Row-level security lets a condition use an index only where its operator is leakproof. ``LIKE`` is
not, so a prefix match would read the whole county; comparing text in the order of its bytes is.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, true

GRID_PATH: Final = Text(collation="C")
"""The type of a column that holds a grid's path."""

AFTER_DOT: Final = chr(ord(".") + 1)


def below(column: Any, path: str) -> ColumnElement[bool]:
    """Whether the column's path is ``path`` or lies below it; ``""`` is the whole county."""
    if not path:
        return true()
    return and_(column >= path, column < path[:-1] + AFTER_DOT)
