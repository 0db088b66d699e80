"""The events of grid: the county's structure, and its pollution sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from shared.contracts.declare import Key, Length, event

GRIDS_PER_EVENT: Final = 500
RestructuringKind = Literal["created", "moved", "renamed", "split", "merged", "retired"]
KINDS: Final[tuple[str, ...]] = get_args(RestructuringKind)
ENDING: Final = frozenset({"split", "merged", "retired"})
"""Kinds of change whose predecessors end."""


@event("grid", "county.created.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CountyCreated:
    """A county joined the platform, or what is known of it changed."""

    county_id: str
    name: str
    admin_code: str
    time_zone: str


@event("grid", "county.changed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class CountyChanged:
    """A county was suspended or resumed."""

    county_id: str
    state: Annotated[str, "active or suspended"]
    changed_at: datetime


@event("grid", "scheme.published.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class SchemePublished:
    """A version of the county's scheme was published."""

    version: int
    effective_on: date
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GridState:
    """One grid in the state that holds from ``since`` on; without it, from ``valid_from`` on."""

    grid_id: UUID
    version: int
    parent_id: UUID | None
    path: str
    level_id: str
    rank: str
    unit_type: str
    name: str
    admin_code: str | None
    valid_from: datetime
    valid_to: datetime | None
    since: datetime | None = None
    kind: str = "territorial"
    local_code: str | None = None


@event("grid", "grid.changed.v1", plain=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class GridsChanged:
    """Grids that were made or changed together, as they stand now."""

    grids: Annotated[tuple[GridState, ...], Length(1, GRIDS_PER_EVENT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestructuringDocument:
    """The paper on which a change rests; what is empty was not given."""

    title: str
    number: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Which grid takes over the open work of one that ended."""

    from_id: Annotated[UUID, Key("from")]
    to_id: Annotated[UUID, Key("to")]


@event("grid", "grid.restructured.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class GridRestructured:
    """The division into grids was changed; sent after the grids' new states, in one transaction."""

    change_id: UUID
    kind: RestructuringKind
    effective_at: datetime
    document: RestructuringDocument | None
    predecessors: tuple[UUID, ...]
    successors: tuple[UUID, ...]
    heirs: tuple[Succession, ...]
    carry_posts: Annotated[
        bool, "Whether posts on grids that ended go on at the grid that takes over."
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """Which pollution source, and where it is."""

    source_id: UUID
    grid_id: UUID
    grid_path: str


@event("grid", "source.recorded.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecorded(SourceFacts):
    """A source was entered, or its entry changed; as it stands now."""

    type: str
    grade: str | None
    key_object: bool
    zone: str | None
    state: str
    verification: str
    off_list: bool


@event("grid", "source.verified.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceVerified(SourceFacts):
    """Somebody verified the source on site."""

    result: str
    actor_id: UUID | None
    verified_at: datetime


@event("grid", "source.graded.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGraded(SourceFacts):
    """A source was given a grade."""

    grade: str | None
    key_object: bool
    actor_id: UUID | None
    graded_at: datetime


STRUCTURE = (CountyCreated, SchemePublished, GridsChanged)
"""The events that feed the local copy of the structure; every service but grid consumes them."""
