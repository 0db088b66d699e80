"""Changes of the county's division into grids, and the rules that they keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.grid.tree.domain.grids import Grid
from shared.contracts.grid import GridRestructured, RestructuringDocument, Succession
from shared.errors import FailedPrecondition, InvalidArgument, Text, Violation

IN_FUTURE = Text(
    "A change holds from now or from a moment past; {moment} lies ahead.",
    "变更只能自现在或过去的时间起生效;{moment} 尚未到来。",
)


class OverlapsHistory(FailedPrecondition):
    """The grid was changed after the moment from which the change is to hold."""

    reason = "OVERLAPS_HISTORY"
    title = Text("The grid changed later than that", "该时间之后网格已有变更")
    detail = Text(
        "{name} ({grid_id}) last changed at {moment}; give that moment or a later one.",
        "{name}({grid_id})最近一次变更于 {moment};生效时间不得早于该时间。",
    )


class GridEnded(FailedPrecondition):
    """The grid is no longer in force."""

    reason = "GRID_ENDED"
    title = Text("The grid has ended", "网格已停用")
    detail = Text(
        "{name} ({grid_id}) ended at {moment}; what was is not changed.",
        "{name}({grid_id})已于 {moment} 停用,历史记录不可更改。",
    )


class ChildrenInForce(FailedPrecondition):
    """Grids below the grid are in force, and no new parent is given for them."""

    reason = "CHILDREN_IN_FORCE"
    title = Text("Grids below are in force", "下级网格仍在使用")
    detail = Text(
        "{count} grids lie right below {name}; say in children_to where they go.",
        "{name} 之下还有 {count} 个直属网格;请在 children_to 中说明其去向。",
    )


class ChangeKind(StrEnum):
    """The kinds of change."""

    CREATED = "created"
    MOVED = "moved"
    RENAMED = "renamed"
    SPLIT = "split"
    MERGED = "merged"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Document:
    """The document on which a change rests. An empty member was not given."""

    title: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class ChangedGrid:
    """A grid as it stood before or after a change."""

    grid_id: UUID
    name: str
    admin_code: str | None
    local_code: str | None
    path: str

    @classmethod
    def of(cls, grid: Grid) -> "ChangedGrid":
        """Return the members of a state that a change keeps."""
        return cls(grid.grid_id, grid.name, grid.admin_code, grid.local_code, grid.path)


@dataclass(frozen=True, slots=True)
class GridChange:
    """One change, with its grids as they stood before and after it."""

    change_id: UUID
    kind: ChangeKind
    effective_at: datetime
    document: Document | None
    predecessors: tuple[ChangedGrid, ...]
    successors: tuple[ChangedGrid, ...]
    heirs: tuple[Succession, ...]
    carry_posts: bool
    made_by: UUID | None
    made_at: datetime


def restructured(change: GridChange) -> GridRestructured:
    """Return the event that reports a change."""
    paper = None
    if (given := change.document) is not None:
        paper = RestructuringDocument(title=given.title, number=given.number, url=given.url)
    return GridRestructured(
        change_id=change.change_id,
        kind=change.kind.value,
        effective_at=change.effective_at,
        document=paper,
        predecessors=tuple(grid.grid_id for grid in change.predecessors),
        successors=tuple(grid.grid_id for grid in change.successors),
        heirs=change.heirs,
        carry_posts=change.carry_posts,
    )


def moment_of(effective_at: datetime | None, now: datetime) -> datetime:
    """Return the moment from which a change holds. Raises InvalidArgument for one in the future."""
    if effective_at is not None and effective_at > now:
        detail = IN_FUTURE.format(moment=effective_at.isoformat())
        raise InvalidArgument([Violation("/effective_at", detail)])
    return effective_at or now


def require_after_history(grids: Iterable[Grid], at: datetime) -> None:
    """Raise OverlapsHistory if any of the grids changed after the moment, naming the latest."""
    later = [grid for grid in grids if grid.since > at]
    if later:
        last = max(later, key=lambda grid: grid.since)
        raise OverlapsHistory(grid_id=last.grid_id, name=last.name, moment=last.since.isoformat())


def require_in_force(grid: Grid) -> None:
    """Raise GridEnded if the grid has ended."""
    if grid.valid_to is not None:
        raise GridEnded(grid_id=grid.grid_id, name=grid.name, moment=grid.valid_to.isoformat())


def ended(grid: Grid, at: datetime) -> Grid:
    """Return the grid, ended at the moment."""
    return replace(grid, valid_to=at, since=at, version=grid.version + 1)


def renamed(
    grid: Grid, at: datetime, *, name: str, admin_code: str | None, local_code: str | None
) -> Grid:
    """Return the grid with the given name and codes."""
    return replace(
        grid,
        name=name,
        admin_code=admin_code,
        local_code=local_code,
        since=at,
        version=grid.version + 1,
    )


def placed_below(
    subtree: Sequence[Grid], root: Grid, parent: Grid | None, at: datetime
) -> list[Grid]:
    """Return the subtree of ``root`` with the paths it has once ``root`` lies below ``parent``."""
    path = f"{parent.path if parent else ''}{root.node}."
    parent_id = parent.grid_id if parent else None
    return [
        replace(
            grid,
            path=path + grid.path.removeprefix(root.path),
            parent_id=parent_id if grid.grid_id == root.grid_id else grid.parent_id,
            since=at,
            version=grid.version + 1,
        )
        for grid in subtree
        if grid.path.startswith(root.path)
    ]
