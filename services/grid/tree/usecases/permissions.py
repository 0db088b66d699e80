"""What a caller may do in the county and with its grids."""

from services.grid.tree.domain import grids
from services.grid.tree.domain.grids import Grid
from shared.context import CITY_OPERATOR, RequestContext

CONFIGURE, READ = "configure", "read"
WHOLE_COUNTY = ("",)


def readable_scopes(context: RequestContext) -> tuple[str, ...]:
    """Paths of the subtrees that the caller may read; the city reads every county whole."""
    return WHOLE_COUNTY if context.roles else context.grid_scopes(READ)


def require_read(context: RequestContext, grid: Grid) -> None:
    """Raise PermissionDenied unless the caller may read the grid."""
    if not context.roles:
        context.require_grid(READ, grid.path)


def require_configure(context: RequestContext) -> None:
    """Raise PermissionDenied unless the caller configures the whole county."""
    if CITY_OPERATOR not in context.roles:
        context.require_county(CONFIGURE)


def require_configure_at(context: RequestContext, grid: Grid | None) -> None:
    """Raise PermissionDenied unless the caller configures the grid, or without one the county."""
    if grid is None:
        require_configure(context)
    elif CITY_OPERATOR not in context.roles:
        context.require_grid(CONFIGURE, grid.path)


def require_configure_above(context: RequestContext, grid: Grid) -> None:
    """Raise PermissionDenied unless the caller configures what lies above the grid.

    So nobody restructures the grid that they themselves work in.
    """
    above = grids.paths_above(grid.path)
    if not above:
        require_configure(context)
    elif CITY_OPERATOR not in context.roles:
        context.require_grid(CONFIGURE, above[-1])
