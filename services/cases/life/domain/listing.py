"""Which cases a list shows."""

from dataclasses import dataclass

from services.cases.life.domain.case import State
from shared.context import RequestContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases a list shows; what is None does not matter.

    ``department_id`` matches the department that has the case now, or is asked to take it.
    """

    state: State | None = None
    category: str | None = None
    department_id: str | None = None
    grid_path: str | None = None
    origin_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may read: subtrees of grids (``""`` is the county) and departments."""

    paths: tuple[str, ...]
    departments: tuple[str, ...]

    @classmethod
    def of(cls, caller: RequestContext) -> "Sight":
        """What the caller's posts let them read."""
        return cls(caller.grid_scopes("read"), caller.department_scopes("read"))
