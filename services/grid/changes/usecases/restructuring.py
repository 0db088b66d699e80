"""Changing the county's division into grids.

Every change is one transaction. Changes in one county wait for each other, so that none rests on a
tree that another is changing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.grid.changes.domain import changes
from services.grid.changes.domain.changes import (
    ChangedGrid,
    ChangeKind,
    ChildrenInForce,
    Document,
    GridChange,
)
from services.grid.changes.store import GridChangeStore
from services.grid.changes.usecases import checks
from services.grid.changes.usecases.checks import NewGrid, Spot
from services.grid.city.store.counties import CountyStore
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.sources.usecases import ledger as sources
from services.grid.tree.domain import grids, ladder
from services.grid.tree.domain.grids import Grid
from services.grid.tree.domain.levels import own_levels
from services.grid.tree.store.grids import GridStore
from services.grid.tree.usecases import permissions
from services.grid.tree.usecases.announcing import announce
from shared.contracts.grid import Succession
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Violation, require_version


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a change. An ``expected_version`` of 0 skips the check of the version."""

    now: datetime
    new_id: Callable[[], UUID]
    effective_at: datetime | None = None
    document: Document | None = None
    carry_posts: bool = False
    expected_version: int = 0


@dataclass(frozen=True, slots=True)
class Renaming:
    """The new name and codes of a grid. None keeps a member, and an empty code removes the code."""

    name: str | None
    admin_code: str | None
    local_code: str | None


@dataclass(frozen=True, slots=True)
class Merging:
    """The grids that become one, with the versions that the caller saw, and the new grid."""

    versions: Sequence[tuple[UUID, int]]
    into: NewGrid


@dataclass(slots=True)
class _Edit:
    """A change in preparation: the grids that it touches, and the states that it creates."""

    tx: Transaction
    kind: ChangeKind
    terms: Terms
    at: datetime
    predecessors: list[Grid] = field(default_factory=list)
    successors: list[Grid] = field(default_factory=list)
    touched: list[Grid] = field(default_factory=list)
    changed: list[Grid] = field(default_factory=list)
    made: list[Grid] = field(default_factory=list)
    heirs: list[Succession] = field(default_factory=list)

    def place_below(self, parent: Grid | None, roots: Iterable[Grid]) -> None:
        """Put grids, with all below them, below another, or make them roots."""
        roots = list(roots)
        subtrees = self.tx.store(GridStore).below([root.path for root in roots])
        self.touched += subtrees
        for root in roots:
            self.changed += changes.placed_below(subtrees, root, parent, self.at)

    def finish(self) -> GridChange:
        """Write the change and publish its events. Raises OverlapsHistory."""
        tx, terms = self.tx, self.terms
        changes.require_after_history([*self.touched, *self.predecessors], self.at)
        if self.changed:
            tx.store(GridStore).supersede(self.changed)
        if self.made:
            tx.store(GridStore).add(self.made)
        change = GridChange(
            change_id=terms.new_id(),
            kind=self.kind,
            effective_at=self.at,
            document=terms.document,
            predecessors=tuple(ChangedGrid.of(grid) for grid in self.predecessors),
            successors=tuple(ChangedGrid.of(grid) for grid in self.successors),
            heirs=tuple(self.heirs),
            carry_posts=terms.carry_posts,
            made_by=tx.context.actor_id,
            made_at=terms.now,
        )
        tx.store(GridChangeStore).add(change)
        announce(tx, grids.upper_first([*self.changed, *self.made]))
        tx.outbox.add(changes.restructured(change), subject=change.change_id, sequence=1)
        for heir in self.heirs:
            sources.rehome(tx, heir.from_id, heir.to_id)
        return change


def create_grid(tx: Transaction, new: NewGrid, terms: Terms) -> Grid:
    """Make a grid. Raises InvalidArgument naming every fault, PermissionDenied, OverlapsHistory."""
    edit = _begin(tx, ChangeKind.CREATED, terms)
    known = checks.grids_named(tx, [new.parent_id, *new.child_ids])
    parent = known.get(new.parent_id) if new.parent_id else None
    permissions.require_configure_at(tx.context, parent)
    faults = checks.named_faults(known, {"/parent_id": new.parent_id})
    faults += checks.children_faults(known, new.child_ids, parent)
    new = replace(new, level_id=new.level_id or checks.level_within(new.kind, parent))
    document = get_scheme(tx, None, terms.now).document
    levels = own_levels(document)
    if not faults:
        faults += checks.place_faults(document, levels, new, parent)
    faults += checks.name_faults("", new.name)
    faults += checks.code_faults(tx, {"": (new.admin_code, new.local_code)}, leaving=())
    children = [known[child] for child in new.child_ids if child in known]
    level = ladder.find_level(levels, new.level_id)
    if level is not None:
        stub = checks.new_grid(new, level, Spot(parent, 0, terms.new_id(), edit.at))
        faults += [
            Violation(f"/child_ids/{place}", fault)
            for place, child in enumerate(children)
            if (fault := ladder.position_fault(levels, child.kind, child.level_id, stub))
        ]
    if faults or level is None:
        raise InvalidArgument(faults)
    grid = checks.new_grid(
        new, level, Spot(parent, tx.store(CountyStore).take_nodes(1), terms.new_id(), edit.at)
    )
    edit.touched += [parent] if parent else []
    edit.made, edit.successors = [grid], [grid]
    for child in children:
        permissions.require_configure_above(tx.context, child)
    edit.place_below(grid, children)
    edit.finish()
    return grid


def move_grid(
    tx: Transaction, grid_id: UUID, parent_id: UUID | None, terms: Terms
) -> tuple[GridChange, Grid]:
    """Put a grid, with all below it, below another, or make it a root."""
    edit = _begin(tx, ChangeKind.MOVED, terms)
    grid = _own(tx, grid_id, terms.expected_version)
    known = checks.grids_named(tx, [parent_id])
    faults = checks.named_faults(known, {"/parent_id": parent_id})
    if faults:
        raise InvalidArgument(faults)
    parent = known[parent_id] if parent_id else None
    permissions.require_configure_at(tx.context, parent)
    if fault := checks.moving_fault(checks.levels_now(tx, terms.now), grid, parent):
        raise InvalidArgument([Violation("/parent_id", fault)])
    edit.touched += [parent] if parent else []
    edit.place_below(parent, [grid])
    moved = next(each for each in edit.changed if each.grid_id == grid_id)
    edit.predecessors, edit.successors = [grid], [moved]
    return edit.finish(), moved


def rename_grid(
    tx: Transaction, grid_id: UUID, wanted: Renaming, terms: Terms
) -> tuple[GridChange, Grid]:
    """Give a grid another name or other codes."""
    edit = _begin(tx, ChangeKind.RENAMED, terms)
    grid = _own(tx, grid_id, terms.expected_version)
    name = grid.name if wanted.name is None else wanted.name
    admin_code = grid.admin_code if wanted.admin_code is None else wanted.admin_code or None
    local_code = grid.local_code if wanted.local_code is None else wanted.local_code or None
    faults = checks.name_faults("", name)
    faults += checks.code_faults(tx, {"": (admin_code or "", local_code or "")}, leaving=(grid,))
    if (name, admin_code, local_code) == (grid.name, grid.admin_code, grid.local_code):
        faults.append(Violation("/name", checks.NOT_RENAMED))
    if faults:
        raise InvalidArgument(faults)
    after = changes.renamed(grid, edit.at, name=name, admin_code=admin_code, local_code=local_code)
    edit.changed, edit.predecessors, edit.successors = [after], [grid], [after]
    return edit.finish(), after


def split_grid(
    tx: Transaction, grid_id: UUID, parts: Sequence[NewGrid], heir: int, terms: Terms
) -> tuple[GridChange, list[Grid]]:
    """End a grid in favour of new ones on its level; ``heir`` is the index of the one that takes over."""
    edit = _begin(tx, ChangeKind.SPLIT, terms)
    grid = _own(tx, grid_id, terms.expected_version)
    children = {child.grid_id: child for child in tx.store(GridStore).children([grid_id])}
    faults = checks.splitting_faults(parts, heir, children)
    faults += [
        fault
        for place, part in enumerate(parts)
        for fault in checks.name_faults(f"/successors/{place}", part.name)
    ]
    codes = {
        f"/successors/{place}": (part.admin_code, part.local_code)
        for place, part in enumerate(parts)
    }
    faults += checks.code_faults(tx, codes, leaving=(grid,))
    if faults:
        raise InvalidArgument(faults)
    parent = checks.parent_of(tx, grid)
    first = tx.store(CountyStore).take_nodes(len(parts))
    edit.predecessors = [grid]
    edit.changed = [changes.ended(grid, edit.at)]
    edit.made = [
        checks.like(grid, part, Spot(parent, node, terms.new_id(), edit.at))
        for node, part in enumerate(parts, first)
    ]
    edit.successors = edit.made
    edit.heirs = [Succession(from_id=grid_id, to_id=edit.made[heir].grid_id)]
    edit.touched += [parent] if parent else []
    for made, part in zip(edit.made, parts, strict=True):
        edit.place_below(made, [children[child] for child in part.child_ids])
    return edit.finish(), edit.made


def merge_grids(tx: Transaction, wanted: Merging, terms: Terms) -> tuple[GridChange, Grid]:
    """End grids of one level and kind in favour of a new one, which takes over their open work."""
    edit = _begin(tx, ChangeKind.MERGED, terms)
    ids = [grid_id for grid_id, _ in wanted.versions]
    if not checks.FEWEST_GRIDS <= len(ids) <= checks.MOST_GRIDS:
        raise InvalidArgument([Violation("/grids", checks.HOW_MANY)])
    parent_id = wanted.into.parent_id
    known = checks.grids_named(tx, [*ids, parent_id])
    pointers = {f"/grids/{place}/grid_id": grid_id for place, grid_id in enumerate(ids)}
    faults = checks.named_faults(known, {**pointers, "/parent_id": parent_id})
    faults += checks.named_twice(ids, "/grids/{}/grid_id")
    for grid_id in ids:
        if grid_id in known:
            permissions.require_configure_above(tx.context, known[grid_id])
    if faults:
        raise InvalidArgument(faults)
    merged = [known[grid_id] for grid_id in ids]
    for grid, (_, version) in zip(merged, wanted.versions, strict=True):
        require_version(version, grid.version)
    faults += checks.merging_faults(tx, merged, wanted.into, known, terms.now)
    if faults:
        raise InvalidArgument(faults)
    parent = known[parent_id] if parent_id else checks.parent_of(tx, merged[0])
    permissions.require_configure_at(tx.context, parent)
    spot = Spot(parent, tx.store(CountyStore).take_nodes(1), terms.new_id(), edit.at)
    made = checks.like(merged[0], wanted.into, spot)
    edit.predecessors, edit.made, edit.successors = merged, [made], [made]
    edit.changed = [changes.ended(grid, edit.at) for grid in merged]
    edit.heirs = [Succession(from_id=grid.grid_id, to_id=made.grid_id) for grid in merged]
    edit.touched += [parent] if parent else []
    edit.place_below(made, tx.store(GridStore).children(ids))
    return edit.finish(), made


def retire_grid(
    tx: Transaction,
    grid_id: UUID,
    children_to: UUID | None,
    heir_id: UUID | None,
    terms: Terms,
) -> tuple[GridChange, Grid]:
    """End a grid. Its children go to another grid, and its open work goes to the heir.

    Raises ChildrenInForce if it has children and no new parent is given for them, InvalidArgument,
    GridNotFound, PermissionDenied, Aborted, GridEnded, OverlapsHistory.
    """
    edit = _begin(tx, ChangeKind.RETIRED, terms)
    grid = _own(tx, grid_id, terms.expected_version)
    known = checks.grids_named(tx, [children_to, heir_id])
    faults = checks.named_faults(known, {"/children_to": children_to, "/heir_id": heir_id})
    if heir_id == grid_id:
        faults.append(Violation("/heir_id", checks.ENDS_ITSELF))
    if faults:
        raise InvalidArgument(faults)
    children = tx.store(GridStore).children([grid_id])
    if children and children_to is None:
        raise ChildrenInForce(count=len(children), name=grid.name)
    if children and children_to is not None:
        target = known[children_to]
        permissions.require_configure_at(tx.context, target)
        if fault := checks.adopting_fault(checks.levels_now(tx, terms.now), grid, children, target):
            raise InvalidArgument([Violation("/children_to", fault)])
        edit.touched.append(target)
        edit.place_below(target, children)
    after = changes.ended(grid, edit.at)
    edit.changed.append(after)
    edit.predecessors = [grid]
    heir = heir_id or grid.parent_id
    edit.heirs = [Succession(from_id=grid_id, to_id=heir)] if heir else []
    return edit.finish(), after


def _begin(tx: Transaction, kind: ChangeKind, terms: Terms) -> _Edit:
    at = changes.moment_of(terms.effective_at, terms.now)
    tx.store(CountyStore).lock()
    return _Edit(tx, kind, terms, at)


def _own(tx: Transaction, grid_id: UUID, expected_version: int) -> Grid:
    """Return a grid in force that the caller may change, at the version that the caller saw."""
    grid = tx.store(GridStore).get(grid_id)
    permissions.require_configure_above(tx.context, grid)
    require_version(expected_version, grid.version)
    changes.require_in_force(grid)
    return grid
