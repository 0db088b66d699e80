"""Where a grid lies, as the database compares it: see ``GridRow.trail``."""

from sqlalchemy import ColumnElement, and_, true

from services.grid.tree.models import GridPastRow, GridRow

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
