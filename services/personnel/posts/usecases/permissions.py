"""How far the caller's staff capability reaches: over places and people."""

from uuid import UUID

from services.personnel.posts.domain.posts import Place, Viewer
from services.personnel.posts.store.permissions import PermissionStore
from services.personnel.roster.domain import PersonNotFound
from services.personnel.roster.store import RosterStore
from shared.context import RequestContext
from shared.db.transaction import Transaction
from shared.errors import PermissionDenied

STAFF = "staff"


def require_staff_on(context: RequestContext, grid_path: str | None) -> None:
    """Raise PermissionDenied unless the staff capability reaches the grid, or without one the county."""
    if grid_path is None:
        context.require_county(STAFF)
    else:
        context.require_grid(STAFF, grid_path)


def require_staff(tx: Transaction, place: Place) -> None:
    """Raise PermissionDenied unless the caller's staff capability reaches the place."""
    if place.department_id is not None:
        tx.context.require_department(STAFF, place.department_id)
    elif place.grid_path is not None:
        tx.context.require_grid(STAFF, place.grid_path)
    else:
        tx.context.require_county(STAFF)


def may_staff(tx: Transaction, person_id: UUID) -> bool:
    """Whether the caller's staff capability reaches the person, who may be the caller."""
    return bool(tx.store(PermissionStore).staffed([person_id], Viewer.of(tx.context, STAFF)))


def require_person(tx: Transaction, person_id: UUID) -> None:
    """Raise PersonNotFound, or PermissionDenied where the staff capability does not reach the person."""
    if not tx.store(RosterStore).names([person_id]):
        raise PersonNotFound(person_id=person_id)
    if not may_staff(tx, person_id):
        raise PermissionDenied(capability=STAFF)
