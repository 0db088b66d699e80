"""What the use cases need of a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.grid.domain.counties import County
from services.grid.domain.grids import Grid, GridFilters
from services.grid.domain.places import Boundary, Box, MapPage, PlacedGrid
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

    def add(self, grids: Sequence[Grid]) -> None:
        """Write new grids."""

    def get(self, grid_id: UUID) -> Grid:
        """One grid. Raises GridNotFound."""

    def count_by_level(self) -> dict[str, int]:
        """How many grids in force each level has."""

    def page(
        self,
        scopes: Sequence[str],
        filters: GridFilters,
        at: datetime,
        after: str | None,
        limit: int,
    ) -> list[Grid]:
        """Grids in any of the subtrees, in force at a moment, in path order, after the one at a path."""


class Places(Protocol):
    """Where the county's grids lie."""

    def newest(self, grid_id: UUID) -> Boundary | None:
        """The boundary of a grid that was recorded last."""

    def newest_of_all(self) -> dict[UUID, Boundary]:
        """The boundary recorded last of every grid that has one."""

    def at(self, grid_id: UUID, moment: datetime) -> Boundary:
        """The boundary of a grid at a moment. Raises BoundaryNotFound."""

    def add(self, boundaries: Sequence[Boundary]) -> None:
        """Write boundaries; those before them end where they begin."""

    def points(self) -> dict[UUID, tuple[float, float]]:
        """Longitude and latitude of every grid that is marked by a point."""

    def mark(self, points: Mapping[UUID, tuple[float, float]], now: datetime) -> None:
        """Mark grids by points, in place of those they had."""

    def around(self, box: Box, moment: datetime) -> list[PlacedGrid]:
        """Grids in force whose boundary's box meets a box, with geometry, in path order."""

    def with_codes(self, codes: Collection[str], moment: datetime) -> list[PlacedGrid]:
        """Grids of division codes, the longest code first."""

    def named(self, name: str, moment: datetime, limit: int) -> list[PlacedGrid]:
        """Grids whose name holds the words: equal names first, then those that start with them."""

    def of_nodes(self, nodes: Collection[int], moment: datetime) -> dict[int, PlacedGrid]:
        """Grids in force by their node number."""

    def features(
        self, scopes: Sequence[str], level_id: str, moment: datetime, after: str | None, limit: int
    ) -> MapPage:
        """Grids in any of the subtrees that have a place, in path order, after the one at a path."""

    def everywhere(self, moment: datetime) -> dict[UUID, PlacedGrid]:
        """Every grid in force that has a boundary, with geometry."""


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
    def places(self) -> Places:
        """Where the county's grids lie."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
