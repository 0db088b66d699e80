"""What the use cases need of a transaction."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.grid.domain.counties import County
from services.grid.domain.grids import Grid, GridFilters
from services.grid.domain.schemes import SchemeVersion
from services.grid.source_ports import LedgerObjects, SourceFiles, SourceLists, Sources
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
    def sources(self) -> Sources:
        """The ledger of pollution sources."""

    @property
    def source_lists(self) -> SourceLists:
        """Lists that departments supplied."""

    @property
    def source_files(self) -> SourceFiles:
        """What the sources' files hold."""

    @property
    def ledger_objects(self) -> LedgerObjects:
        """What the ledger holds beside sources."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
