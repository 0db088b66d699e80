"""What the use cases need of a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.grid.changes.domain.changes import GridChange
from services.grid.city.domain import County
from services.grid.counties.domain import StateEntry
from services.grid.documents.domain import GridWithout, RuleFilters, RuleKind, RuleVersion
from services.grid.geometry.domain.boundaries import Boundary, Box, MapPage, PlacedGrid
from services.grid.provisions.domain import Provision
from services.grid.schemes.domain.drafts import Draft, LevelGrids
from services.grid.schemes.domain.published import Shelved, ShelvedEntry
from services.grid.schemes.domain.versions import SchemeEntry, SchemeVersion
from services.grid.source_ports import LedgerObjects, SourceFiles, SourceLists, Sources
from services.grid.tree.domain.grids import Grid, GridFilters, GridState
from shared.context import RequestContext


class Counties(Protocol):
    """The transaction's county, and the city's directory of all."""

    def add(self, county: County) -> None:
        """Write a new county, and list it in the city's directory. Raises CountyExists."""

    def get(self) -> County:
        """The transaction's county. Raises CountyUnknown."""

    def is_suspended(self) -> bool:
        """Whether the county is suspended; one that does not exist is not."""

    def turn(self, county: County, entry: StateEntry) -> None:
        """Write the county's new state, in the city's directory too, and how it came about."""

    def states(self, before: int | None, limit: int) -> list[StateEntry]:
        """When and why the county was suspended and resumed, the newest first."""

    def directory(self, after: str | None, limit: int) -> list[County]:
        """All counties of the city, by id; for a transaction of the city."""


class Schemes(Protocol):
    """Published versions of the county's scheme."""

    def add(self, scheme: SchemeVersion) -> None:
        """Write a new version."""

    def newest(self) -> SchemeVersion:
        """The version published last, in force or not yet. Raises SchemeVersionUnknown."""

    def get(self, version: int) -> SchemeVersion:
        """One version. Raises SchemeVersionUnknown."""

    def after(self, day: date) -> SchemeVersion | None:
        """The first version that begins after a day; None without one."""

    def page(self, before: int | None, limit: int) -> list[SchemeEntry]:
        """Versions without their documents, the newest first, before one of them."""

    def on(self, day: date) -> SchemeVersion:
        """The version in force on a day. Raises SchemeNotInForce."""


class Drafts(Protocol):
    """The county's draft."""

    def find(self) -> Draft | None:
        """The draft, or None where there is none."""

    def last_version(self) -> int:
        """The version of the draft there is, or of the last there was; 0 before the first."""

    def save(self, draft: Draft) -> None:
        """Write the draft in place of the one before."""

    def discard(self) -> None:
        """Remove the draft. Its version is used up."""


class Shelf(Protocol):
    """Published schemes of all counties, for others to copy."""

    def add(self, county: County, scheme: SchemeVersion) -> None:
        """Put a version on the shelf, in the transaction that publishes it."""

    def get(self, from_county_id: str, version: int) -> Shelved:
        """A county's version, the newest for 0. Raises ShelvedUnknown."""

    def page(
        self, from_county_id: str, after: tuple[str, int] | None, limit: int
    ) -> list[ShelvedEntry]:
        """What is on the shelf, by county and version, after one of them."""


class Grids(Protocol):
    """The county's grids."""

    def lock(self) -> None:
        """Keep others from making grids in the county until this transaction ends."""

    def take_nodes(self, count: int) -> int:
        """Reserve node numbers; returns the first. Others wait until this transaction ends."""

    def in_force(self, codes: Collection[str]) -> dict[str, Grid]:
        """Grids in force by division code."""

    def ended_codes(self, codes: Collection[str]) -> set[str]:
        """Those of the divisions that had a grid which has ended."""

    def ended_after(self, codes: Collection[str], moment: datetime) -> Grid | None:
        """A grid of one of the divisions that was still there at a moment and has ended since."""

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

    def count_by_unit_type(self) -> list[LevelGrids]:
        """How many grids in force each level has of each type of units."""

    def first_names(self, level_ids: Collection[str], limit: int) -> dict[str, list[str]]:
        """Names of the first grids in force of each level, in path order."""

    def nearest_code(self, path: str) -> str | None:
        """The division code of the grid at the path, or of the nearest above it that has one."""

    def codes_in_force(self, codes: Collection[str]) -> set[str]:
        """Those of the codes that a grid in force has."""

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


class WrittenRules(Protocol):
    """The county's written rules."""

    def add(self, version: RuleVersion) -> None:
        """Write a new rule with its first version."""

    def add_version(self, version: RuleVersion) -> None:
        """Write the next version of a rule."""

    def file(self, version: RuleVersion) -> None:
        """Write that the version was filed; it has its filing."""

    def newest(self, rule_id: UUID) -> RuleVersion:
        """The version added last. Raises RuleNotFound."""

    def on(self, rule_id: UUID, day: date) -> RuleVersion:
        """The version in force on a day. Raises RuleNotFound."""

    def versions(self, rule_id: UUID, before: int | None, limit: int) -> list[RuleVersion]:
        """Versions of a rule, the newest first, before one of them."""

    def page(
        self,
        scopes: Sequence[str],
        filters: RuleFilters,
        day: date,
        after: UUID | None,
        limit: int,
    ) -> list[RuleVersion]:
        """Rules in force on a day, by id; those of grids within any of the subtrees alone."""

    def plan_of(self, grid_id: UUID) -> UUID | None:
        """The rule that is the grid's plan; None without one."""

    def grids_without(
        self,
        kind: RuleKind,
        scopes: Sequence[str],
        level_id: str,
        after: str | None,
        limit: int,
        *,
        filed: bool,
    ) -> list[GridWithout]:
        """Grids in force, in path order, without a document of the kind.

        ``filed``: also those of whose documents none has its newest version filed.
        """


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
    def drafts(self) -> Drafts:
        """The draft of the county's scheme."""

    @property
    def rules(self) -> WrittenRules:
        """The county's written rules."""

    @property
    def shelf(self) -> Shelf:
        """Published schemes of all counties."""

    @property
    def places(self) -> Places:
        """Where the county's grids lie."""

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
    def changes(self) -> Changes:
        """The changes of the division into grids."""

    @property
    def provisions(self) -> Provisions:
        """What grids are given to work with."""

    @property
    def outbox(self) -> EventSink:
        """Events to publish."""
