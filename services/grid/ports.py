"""What the use cases need of a transaction."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.grid.domain.changes import GridChange
from services.grid.domain.counties import County
from services.grid.domain.grids import Grid, GridFilters, GridState
from services.grid.domain.provisions import Provision
from services.grid.domain.schemes import SchemeVersion
from shared.context import RequestContext


class Counties(Protocol):
    """The transaction's county, and the city's directory of all."""

    def add(self, county: County) -> None:
        """Write a new county, and list it in the city's directory. Raises CountyExists."""

    def get(self) -> County:
        """The transaction's county. Raises CountyUnknown."""

    def directory(self, after: str | None, limit: int) -> list[County]:
        """All counties of the city, by id; for a transaction of the city."""


class Schemes(Protocol):
    """Published versions of the county's scheme."""

    def add(self, scheme: SchemeVersion) -> None:
        """Write a new version."""

    def on(self, day: date) -> SchemeVersion:
        """The version in force on a day. Raises SchemeNotInForce."""


class Grids(Protocol):
    """The county's grids."""

    def lock(self) -> None:
        """Keep others from making grids in the county until this transaction ends."""

    def take_nodes(self, count: int) -> int:
        """Reserve node numbers; returns the first. Others wait until this transaction ends."""

    def in_force(self, codes: Collection[str]) -> dict[str, Grid]:
        """Grids in force by division code."""

    def with_local_codes(self, codes: Collection[str]) -> dict[str, Grid]:
        """Grids in force by the county's own code."""

    def add(self, grids: Sequence[Grid]) -> None:
        """Write new grids."""

    def supersede(self, grids: Sequence[Grid]) -> None:
        """Write new states of grids, and keep the states before them."""

    def get(self, grid_id: UUID) -> Grid:
        """One grid. Raises GridNotFound."""

    def find_all(self, grid_ids: Collection[UUID]) -> dict[UUID, Grid]:
        """Those of the grids that exist, by id."""

    def at(self, grid_id: UUID, moment: datetime) -> Grid | None:
        """The grid as it stood at a moment, in force then or not; None before its first state."""

    def nodes_at(self, nodes: Collection[int], moment: datetime) -> list[Grid]:
        """The grids with these node numbers, as they stood at a moment."""

    def above(self, path: str, moment: datetime | None) -> list[Grid]:
        """The grids above a path, nearest first, as they stand or stood at a moment."""

    def below(self, paths: Collection[str]) -> list[Grid]:
        """The grids at or below the paths, those that ended included, in path order."""

    def children(self, grid_ids: Collection[UUID]) -> list[Grid]:
        """The grids in force right below the grids."""

    def states(self, grid_id: UUID, before: int | None, limit: int) -> list[GridState]:
        """The states that a grid went through, newest first, those before a version if given."""

    def count_by_level(self) -> dict[str, int]:
        """How many grids in force each level has."""

    def page(
        self,
        scopes: Sequence[str],
        filters: GridFilters,
        at: datetime,
        after: str | None,
        limit: int,
        *,
        history: bool = False,
    ) -> list[Grid]:
        """Grids in any of the subtrees, in force at a moment, in path order, after the one at a path.

        With ``history`` as they stood at that moment, otherwise as they stand now.
        """


class Changes(Protocol):
    """The county's changes of its division into grids."""

    def add(self, change: GridChange) -> None:
        """Write a change."""

    def came_from(self, grid_id: UUID) -> list[GridChange]:
        """The changes of which the grid came, through all steps, oldest first."""

    def became(self, grid_id: UUID) -> list[GridChange]:
        """The changes of what became of the grid, through all steps, oldest first."""


class Provisions(Protocol):
    """What the county's grids are given to work with."""

    def find(self, grid_id: UUID, year: int) -> Provision | None:
        """What is stated for a grid and year; nobody else changes it meanwhile."""

    def put(self, provision: Provision) -> None:
        """Write what is stated now."""

    def page(self, grid_id: UUID, before: int | None, limit: int) -> list[Provision]:
        """A grid's provisions, the newest year first, those before a year if given."""


class EventSink(Protocol):
    """Where domain events go."""

    def add(self, event: object, *, subject: object, sequence: int) -> UUID:
        """Record an event."""


class GridTransaction(Protocol):
    """One transaction of the service."""

    context: RequestContext

    @property
    def counties(self) -> Counties:
        """The county, and the city's directory."""

    @property
    def schemes(self) -> Schemes:
        """The county's scheme."""

    @property
    def grids(self) -> Grids:
        """The county's grids."""

    @property
    def changes(self) -> Changes:
        """The changes of the division into grids."""

    @property
    def provisions(self) -> Provisions:
        """What grids are given to work with."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
