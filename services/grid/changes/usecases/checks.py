"""What a change of the division into grids is checked against: permission, place, names, codes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.city.store.counties import CountyStore
from services.grid.data import divisions_under
from services.grid.divisions import domain as placing
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.domain import grids, ladder
from services.grid.tree.domain.grids import Grid, GridKind
from services.grid.tree.domain.levels import Level, own_levels
from services.grid.tree.store.grids import GridStore
from shared.db.transaction import Transaction
from shared.errors import Text, Violation

FEWEST_GRIDS, MOST_GRIDS = 2, 100
MISSING = Text("This field is required.", "该字段必填。")
UNKNOWN_GRID = Text("There is no such grid in this county.", "本县没有该网格。")
GRID_ENDED = Text("The grid has ended; name one in force.", "该网格已停用;请填写在用的网格。")
TWICE = Text(
    "The grid is named twice, and a grid has one parent.", "该网格重复出现;一个网格只能有一个上级。"
)
CYCLE = Text("The grid would come to lie below itself.", "网格不能位于其自身之下(形成循环)。")
NO_CHANGE = Text("The grid lies there already.", "该网格已在此处。")
NOT_RENAMED = Text("Give another name or another code.", "请填写新的名称或新的代码。")
NO_CHILD = Text(
    "This is no grid right below the one that ends.", "该网格不是待变更网格的直属下级。"
)
CHILD_LEFT = Text(
    "The grid below, {name} ({grid_id}), goes to none of the successors.",
    "下级网格 {name}({grid_id})未分配给任何新网格。",
)
HOW_MANY = Text(
    f"Give {FEWEST_GRIDS} to {MOST_GRIDS} grids.",
    f"应填写 {FEWEST_GRIDS} 至 {MOST_GRIDS} 个网格。",
)
NO_HEIR = Text("There is no successor at this place.", "没有该序号的新网格。")
ENDS_ITSELF = Text("A grid that ends takes nothing over.", "即将停用的网格不能接收工作。")
NOT_ALIKE = Text(
    "Grids that become one are of one level and kind.", "合并的网格应属于同一层级和同一类型。"
)
PARENT_NEEDED = Text(
    "The grids have several parents: say below which the new one lies.",
    "这些网格的上级不同:请填写新网格的上级。",
)
NO_SPECIAL = Text(
    "The scheme in force does not provide for special grids; publish one that does.",
    "现行方案未设置特殊网格;请先发布允许设置的方案。",
)
UNLISTED_TYPE = Text(
    "Level '{level}' has no units of this type; it has: {known}.",
    "“{level}”层级没有该类单元;可选:{known}。",
)
CODE_TAKEN = Text("{name} has this code already.", "该代码已被“{name}”使用。")
CODE_TWICE = Text("The code is given twice.", "该代码重复出现。")
UNTYPED = (GridKind.SPECIAL, *grids.WITHIN_A_GRID)
"""The kinds of grid whose unit type is the kind itself unless another is given."""


@dataclass(frozen=True, slots=True)
class NewGrid:
    """A requested grid. An empty member is not given, or is left to the platform."""

    name: str
    parent_id: UUID | None = None
    kind: GridKind = GridKind.TERRITORIAL
    level_id: str = ""
    unit_type: str = ""
    admin_code: str = ""
    local_code: str = ""
    is_base: bool = False
    child_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of a new grid, and the moment from which it is there."""

    parent: Grid | None
    node: int
    grid_id: UUID
    at: datetime


def parent_of(tx: Transaction, grid: Grid) -> Grid | None:
    """Return the grid above, or None for a root."""
    return tx.store(GridStore).get(grid.parent_id) if grid.parent_id else None


def grids_named(tx: Transaction, ids: Iterable[UUID | None]) -> dict[UUID, Grid]:
    """Return those of the grids that exist, by id."""
    return tx.store(GridStore).find_all({grid_id for grid_id in ids if grid_id})


def named_faults(known: Mapping[UUID, Grid], named: Mapping[str, UUID | None]) -> list[Violation]:
    """Return a fault for each named grid that does not exist or has ended."""
    faults = []
    for pointer, grid_id in named.items():
        if grid_id is None:
            continue
        if grid_id not in known:
            faults.append(Violation(pointer, UNKNOWN_GRID))
        elif known[grid_id].valid_to is not None:
            faults.append(Violation(pointer, GRID_ENDED))
    return faults


def named_twice(ids: Sequence[UUID], pointer: str) -> list[Violation]:
    """Return a fault for each repetition of a grid."""
    return [
        Violation(pointer.format(place), TWICE)
        for place, grid_id in enumerate(ids)
        if grid_id in ids[:place]
    ]


def children_faults(
    known: Mapping[UUID, Grid], child_ids: Sequence[UUID], parent: Grid | None
) -> list[Violation]:
    """Return the faults of grids that are to go below a new one, itself below ``parent``."""
    pointers = {f"/child_ids/{place}": child for place, child in enumerate(child_ids)}
    faults = named_faults(known, pointers) + named_twice(child_ids, "/child_ids/{}")
    faults += [
        Violation(pointer, CYCLE)
        for pointer, child in pointers.items()
        if parent and child in known and parent.path.startswith(known[child].path)
    ]
    return faults


def levels_now(tx: Transaction, now: datetime) -> list[Level]:
    """Return the county's own levels in the scheme in force, from the top down."""
    return own_levels(get_scheme(tx, None, now).document)


def level_within(kind: GridKind, parent: Grid | None) -> str:
    """Return the parent's level for a kind that lies within a grid, else an empty text."""
    return parent.level_id if parent and kind in grids.WITHIN_A_GRID else ""


def place_faults(
    document: Mapping[str, Any], levels: Sequence[Level], new: NewGrid, parent: Grid | None
) -> list[Violation]:
    """Return the faults in level, kind and unit type of a new grid below ``parent``."""
    level = ladder.find_level(levels, new.level_id)
    if level is None:
        unknown = ladder.unknown_level(levels, new.level_id) if new.level_id else MISSING
        return [Violation("/level_id", unknown)]
    faults = []
    if fault := ladder.position_fault(levels, new.kind, level.level_id, parent):
        faults.append(Violation("/parent_id", fault))
    if new.kind is GridKind.SPECIAL and not document["special_grids"]["allowed"]:
        faults.append(Violation("/kind", NO_SPECIAL))
    typed = new.kind in (GridKind.TERRITORIAL, GridKind.DEPARTMENT) and level.unit_types
    if typed and new.unit_type and new.unit_type not in level.unit_types:
        known = ", ".join(level.unit_types)
        detail = UNLISTED_TYPE.format(level=level.level_id, known=known)
        faults.append(Violation("/unit_type", detail))
    return faults


def name_faults(pointer: str, name: str) -> list[Violation]:
    """Return a fault if the name is missing."""
    return [] if name.strip() else [Violation(f"{pointer}/name", MISSING)]


def code_faults(
    tx: Transaction, codes: Mapping[str, tuple[str, str]], leaving: Collection[Grid]
) -> list[Violation]:
    """Return the faults of codes, given by pointer: the division code and the county's own code.

    The codes of the grids ``leaving`` count as free.
    """
    admin = {f"{pointer}/admin_code": pair[0] for pointer, pair in codes.items() if pair[0]}
    local = {f"{pointer}/local_code": pair[1] for pointer, pair in codes.items() if pair[1]}
    gone = {grid.grid_id for grid in leaving}
    kept = {grid.admin_code for grid in leaving}
    faults = _unknown_code_faults(
        tx, {pointer: code for pointer, code in admin.items() if code not in kept}
    )
    taken = (
        (admin, tx.store(GridStore).in_force(set(admin.values())) if admin else {}),
        (local, tx.store(GridStore).with_local_codes(set(local.values())) if local else {}),
    )
    for given, holders in taken:
        seen: set[str] = set()
        for pointer, code in given.items():
            holder = holders.get(code)
            if holder is not None and holder.grid_id not in gone:
                faults.append(Violation(pointer, CODE_TAKEN.format(name=holder.name)))
            if code in seen:
                faults.append(Violation(pointer, CODE_TWICE))
            seen.add(code)
    return faults


def _unknown_code_faults(tx: Transaction, codes: Mapping[str, str]) -> list[Violation]:
    if not codes:
        return []
    county_code = tx.store(CountyStore).get().admin_code
    known = {division.code for division in divisions_under(county_code)}
    return [
        Violation(pointer, fault)
        for pointer, code in codes.items()
        if (fault := placing.code_fault(code, county_code, known))
    ]


def moving_fault(levels: Sequence[Level], grid: Grid, parent: Grid | None) -> Text | None:
    """Return why a grid may not be put below ``parent``, or None if it may."""
    if parent and parent.path.startswith(grid.path):
        return CYCLE
    if (parent.grid_id if parent else None) == grid.parent_id:
        return NO_CHANGE
    return ladder.position_fault(levels, grid.kind, grid.level_id, parent)


def adopting_fault(
    levels: Sequence[Level], grid: Grid, children: Sequence[Grid], target: Grid
) -> Text | None:
    """Return why the children of a grid that ends may not go below ``target``, or None."""
    if target.path.startswith(grid.path):
        return CYCLE
    faults = (
        ladder.position_fault(levels, child.kind, child.level_id, target) for child in children
    )
    return next((fault for fault in faults if fault), None)


def splitting_faults(
    parts: Sequence[NewGrid], heir: int, children: Mapping[UUID, Grid]
) -> list[Violation]:
    """Return the faults of the grids that take the place of one with these children."""
    if not FEWEST_GRIDS <= len(parts) <= MOST_GRIDS:
        return [Violation("/successors", HOW_MANY)]
    faults = [] if 0 <= heir < len(parts) else [Violation("/heir", NO_HEIR)]
    seen: set[UUID] = set()
    for place, part in enumerate(parts):
        for row, child in enumerate(part.child_ids):
            pointer = f"/successors/{place}/child_ids/{row}"
            if child not in children:
                faults.append(Violation(pointer, NO_CHILD))
            elif child in seen:
                faults.append(Violation(pointer, TWICE))
            seen.add(child)
    faults += [
        Violation("/successors", CHILD_LEFT.format(name=child.name, grid_id=child.grid_id))
        for child in children.values()
        if child.grid_id not in seen
    ]
    return faults


def merging_faults(
    tx: Transaction,
    merged: Sequence[Grid],
    into: NewGrid,
    known: Mapping[UUID, Grid],
    now: datetime,
) -> list[Violation]:
    """Return the faults of a merger."""
    first = merged[0]
    faults = name_faults("", into.name)
    faults += code_faults(tx, {"": (into.admin_code, into.local_code)}, leaving=merged)
    faults += [
        Violation(f"/grids/{place}/grid_id", NOT_ALIKE)
        for place, grid in enumerate(merged)
        if (grid.level_id, grid.kind) != (first.level_id, first.kind)
    ]
    if into.parent_id is None:
        if len({grid.parent_id for grid in merged}) > 1:
            faults.append(Violation("/parent_id", PARENT_NEEDED))
        return faults
    parent = known[into.parent_id]
    if any(parent.path.startswith(grid.path) for grid in merged):
        faults.append(Violation("/parent_id", CYCLE))
    elif fault := ladder.position_fault(levels_now(tx, now), first.kind, first.level_id, parent):
        faults.append(Violation("/parent_id", fault))
    return faults


def new_grid(new: NewGrid, level: Level, spot: Spot) -> Grid:
    """Return a new grid on a level of the scheme."""
    usual = level.unit_types[0] if level.unit_types and new.kind not in UNTYPED else new.kind.value
    return _made(
        new, spot, level_id=level.level_id, rank=level.rank, unit_type=new.unit_type or usual
    )


def like(before: Grid, new: NewGrid, spot: Spot) -> Grid:
    """Return a new grid with the level, kind and zones of one that ends."""
    made = _made(
        replace(new, kind=before.kind, is_base=before.is_base),
        spot,
        level_id=before.level_id,
        rank=before.rank,
        unit_type=new.unit_type or before.unit_type,
    )
    return replace(made, zones=before.zones)


def _made(new: NewGrid, spot: Spot, *, level_id: str, rank: str, unit_type: str) -> Grid:
    parent = spot.parent
    return Grid(
        grid_id=spot.grid_id,
        node=spot.node,
        parent_id=parent.grid_id if parent else None,
        path=f"{parent.path if parent else ''}{spot.node}.",
        level_id=level_id,
        rank=rank,
        unit_type=unit_type,
        name=new.name.strip(),
        admin_code=new.admin_code or None,
        valid_from=spot.at,
        valid_to=None,
        version=1,
        since=spot.at,
        kind=new.kind,
        is_base=new.is_base,
        local_code=new.local_code or None,
    )
