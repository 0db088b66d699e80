"""How far the caller's capabilities reach over records."""

from services.personnel.people.usecases.people import STAFF
from shared.context import RequestContext


def require_staff_on(context: RequestContext, grid_path: str | None) -> None:
    """Raise PermissionDenied unless the staff capability reaches the grid, or without one the county."""
    if grid_path is None:
        context.require_county(STAFF)
    else:
        context.require_grid(STAFF, grid_path)
