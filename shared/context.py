"""The context of a request: the caller, the county, and what the caller's posts allow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.errors import PermissionDenied

CITY = "city"
"""The pseudo-tenant that holds what belongs to the city itself."""

CITY_OPERATOR = "city_operator"
CITY_SUPERVISOR = "city_supervisor"


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The caller of one request, or the cause of one event.

    ``capabilities`` maps a capability to its scopes: ``g:<grid path>`` for a subtree (``g:`` is the
    whole county) and ``d:<department id>``.
    """

    county_id: str
    correlation_id: str
    actor_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    causation_id: str | None = None
    traceparent: str | None = None
    token: str | None = field(default=None, repr=False)
    account_id: UUID | None = None
    session_id: UUID | None = None
    must_change_password: bool = False
    """Whether the caller has to choose another password before anything else is allowed."""

    def grid_scopes(self, capability: str) -> tuple[str, ...]:
        """Paths of the subtrees the capability holds for; ``""`` among them is the whole county."""
        return tuple(s[2:] for s in self.capabilities.get(capability, ()) if s.startswith("g:"))

    def department_scopes(self, capability: str) -> tuple[str, ...]:
        """Departments the capability holds for."""
        return tuple(s[2:] for s in self.capabilities.get(capability, ()) if s.startswith("d:"))

    def may_grid(self, capability: str, path: str) -> bool:
        """Whether the capability reaches the grid at ``path``."""
        return any(path.startswith(scope) for scope in self.grid_scopes(capability))

    def may_department(self, capability: str, department_id: str) -> bool:
        """Whether the capability holds in the department, or in the whole county."""
        scopes = self.capabilities.get(capability, ())
        return f"d:{department_id}" in scopes or "g:" in scopes

    def may_any(
        self, capability: str, *, paths: Collection[str], department_ids: Collection[str]
    ) -> bool:
        """Whether the capability reaches any of the grids or is held in any of the departments."""
        return any(self.may_grid(capability, path) for path in paths) or not set(
            department_ids
        ).isdisjoint(self.department_scopes(capability))

    def may_county(self, capability: str) -> bool:
        """Whether the capability holds for the whole county."""
        return "g:" in self.capabilities.get(capability, ())

    def require_grid(self, capability: str, path: str) -> None:
        """Raise PermissionDenied unless the capability reaches the grid at ``path``."""
        if not self.may_grid(capability, path):
            raise PermissionDenied(capability=capability)

    def require_department(self, capability: str, department_id: str) -> None:
        """Raise PermissionDenied unless the capability holds in the department."""
        if not self.may_department(capability, department_id):
            raise PermissionDenied(capability=capability)

    def require_county(self, capability: str) -> None:
        """Raise PermissionDenied unless the capability holds for the whole county."""
        if not self.may_county(capability):
            raise PermissionDenied(capability=capability)
