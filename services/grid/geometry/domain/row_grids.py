"""Which grids the rows of a file become: their parents, and which are there already."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.grid.divisions.domain import CODE_LENGTHS
from services.grid.geometry.domain.row_reading import SHOWN, Entry, Ladder
from services.grid.tree.domain.grids import Grid
from shared.errors import Text
from shared.rows import RowFault

Key = UUID | int
"""A grid that is there, by its id, or one to be made, by its row."""

NAMED = 10
"""Rows of a ring that are named."""
SEPARATORS = re.compile(r"\s*[/／>＞]\s*")

DUPLICATE_CODE = Text("Row {row} has the same code.", "与第 {row} 行的代码重复。")
DUPLICATE_NAME = Text(
    "Row {row} asks for the same name under the same parent.", "与第 {row} 行同级同名。"
)
RENAMED = Text(
    "The grid of this code is named {name}: rename it with :rename, or correct the row.",
    "该代码的网格现名为“{name}”:如已更名请使用更名(:rename)操作,否则请更正此行。",
)
OTHER_LEVEL = Text("The grid of this code is on level {level}.", "该代码的网格属于层级 {level}。")
OTHER_UNIT = Text(
    "The grid is there with the unit type {unit_type}.", "该网格现有单位类型为 {unit_type}。"
)
WITHOUT_CODE = Text(
    "A grid of this name is there without a code: leave the code out, or name it otherwise.",
    "该名称的网格已存在且没有代码:请去掉代码,或更换名称。",
)
WHICH_GRID = Text(
    "Several grids have this name here: give the code.", "此处有多个同名网格:请填写代码。"
)
MOVED = Text(
    "The grid hangs under another one: move it with :move, or correct the row.",
    "该网格现属另一上级网格:如需调整请使用移动(:move)操作,否则请更正此行。",
)
NO_PARENT = Text("Neither a grid nor a row is '{words}'.", "没有“{words}”的网格,文件中也没有该行。")
WHICH_PARENT = Text(
    "Several grids are named '{words}': give the code, or the names from the top, separated by /.",
    "有多个网格名为“{words}”:请填写上级代码,或用“/”分隔的完整名称路径。",
)
TWO_PARENTS = Text(
    "parent_code and parent_name name two different grids.", "上级代码与上级名称指向不同的网格。"
)
CYCLE = Text("The rows hang under one another: {rows}.", "这些行互为上下级:{rows}。")
NOT_ABOVE = Text(
    "The parent is on level {level}, which is not above.", "上级网格的层级 {level} 不高于本级。"
)
SKIPPED = Text(
    "The level {level} between the grid and its parent is missing.",
    "与上级网格之间缺少层级 {level}。",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rows become: grids to make, upper ones first, and those that are there already.

    ``parents``: the parent of each new one, None for a root.
    """

    new: list[Entry]
    there: list[tuple[Entry, Grid]]
    parents: Mapping[Key, Key | None]
    faults: list[RowFault]


def plan(
    entries: Sequence[Entry],
    grids: Sequence[Grid],
    ladder: Ladder,
    unread: Collection[str] = frozenset(),
) -> Plan:
    """Fit the rows together with the grids in force. If there are faults, the rest is not valid.

    ``unread`` are codes and names of rows that have faults of their own. A row that refers to one of
    them has no fault for that.
    """
    fitting = _Fitting(entries, grids, ladder, unread)
    fitting.check_codes()
    for entry in sorted(entries, key=lambda entry: (entry.rung.position, entry.row)):
        fitting.place(entry)
    fitting.check_levels(fitting.check_cycles())
    return fitting.plan()


def make_grids(
    planned: Plan,
    *,
    first_node: int,
    new_id: Callable[[], UUID],
    now: datetime,
    by_id: Mapping[UUID, Grid],
) -> dict[int, Grid]:
    """The new grids by row; ``by_id`` are those in force."""
    made: dict[int, Grid] = {}
    for node, entry in enumerate(planned.new, start=first_node):
        key = planned.parents[entry.row]
        parent = None if key is None else made[key] if isinstance(key, int) else by_id[key]
        made[entry.row] = Grid(
            grid_id=new_id(),
            node=node,
            parent_id=parent.grid_id if parent else None,
            path=f"{parent.path if parent else ''}{node}.",
            level_id=entry.rung.level_id,
            rank=entry.rung.rank,
            unit_type=entry.unit_type,
            name=entry.name,
            admin_code=entry.code or None,
            valid_from=now,
            valid_to=None,
            version=1,
            since=now,
        )
    return made


@dataclass(slots=True)
class _Fitting:
    entries: Sequence[Entry]
    grids: Sequence[Grid]
    ladder: Ladder
    unread: Collection[str]
    faults: list[RowFault] = field(default_factory=list)
    keys: dict[int, Key] = field(default_factory=dict)
    """Row → the grid it is: one that is there, or its own."""
    parents: dict[Key, Key | None] = field(default_factory=dict)
    names: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    codes: dict[str, Key] = field(default_factory=dict)
    places: dict[tuple[Key | None, str, str], list[Key]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Parent, level and name → the grids."""
    by_id: dict[UUID, Grid] = field(default_factory=dict)
    by_row: dict[int, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for grid in self.grids:
            self.by_id[grid.grid_id] = grid
            self.parents[grid.grid_id] = grid.parent_id
            self.names[grid.name].append(grid.grid_id)
            self.places[grid.parent_id, grid.level_id, grid.name].append(grid.grid_id)
            if grid.admin_code:
                self.codes[grid.admin_code] = grid.grid_id
        for entry in self.entries:
            self.by_row[entry.row] = entry
            self.keys[entry.row] = entry.row
            self.names[entry.name].append(entry.row)

    def fault(self, entry: Entry, column: str, detail: Text) -> None:
        self.faults.append(RowFault(entry.row, column, detail))

    def check_codes(self) -> None:
        """Match rows to grids that are there already, by their codes."""
        first: dict[str, int] = {}
        for entry in self.entries:
            if not entry.code:
                continue
            if entry.code in first:
                self.fault(entry, "code", DUPLICATE_CODE.format(row=first[entry.code]))
                continue
            first[entry.code] = entry.row
            there = self.codes.setdefault(entry.code, entry.row)
            if isinstance(there, UUID):
                self._same(entry, self.by_id[there])

    def _same(self, entry: Entry, grid: Grid) -> None:
        self.keys[entry.row] = grid.grid_id
        if grid.name != entry.name:
            self.fault(entry, "name", RENAMED.format(name=grid.name))
        if grid.level_id != entry.rung.level_id:
            self.fault(entry, "level", OTHER_LEVEL.format(level=grid.level_id))
        self._same_unit(entry, grid)

    def _same_unit(self, entry: Entry, grid: Grid) -> None:
        if entry.unit_type_stated and entry.unit_type != grid.unit_type:
            self.fault(entry, "unit_type", OTHER_UNIT.format(unit_type=grid.unit_type))

    def place(self, entry: Entry) -> None:
        """Find the parent of a row, and whether the grid of the row is there already."""
        stated = bool(entry.parent_code or entry.parent_name)
        found, parent = self._parent(entry)
        if not found:
            return
        key = self.keys[entry.row]
        if isinstance(key, UUID):
            if stated and self.parents[key] != parent:
                column = "parent_code" if entry.parent_code else "parent_name"
                self.fault(entry, column, MOVED)
            return
        self._settle(entry, parent)

    def _settle(self, entry: Entry, parent: Key | None) -> None:
        """Match a row to the grid or row of the same name beside it. Different codes mean different grids."""
        self.parents[entry.row] = parent
        place = self.places[parent, entry.rung.level_id, entry.name]
        beside = [key for key in place if not (entry.code and self._code(key))]
        place.append(entry.row)
        if not beside:
            return
        there = beside[0]
        if isinstance(there, int):
            self.fault(entry, "name", DUPLICATE_NAME.format(row=there))
        elif entry.code:
            self.fault(entry, "code", WITHOUT_CODE)
        elif len(beside) > 1:
            self.fault(entry, "name", WHICH_GRID)
        else:
            self.keys[entry.row] = there
            self._same_unit(entry, self.by_id[there])

    def _code(self, key: Key) -> str | None:
        return self.by_row[key].code if isinstance(key, int) else self.by_id[key].admin_code

    def _parent(self, entry: Entry) -> tuple[bool, Key | None]:
        """Whether the parent is clear, and which it is; None is a root."""
        if not (entry.parent_code or entry.parent_name):
            return self._nearest(entry)
        by_code = by_name = None
        if entry.parent_code:
            by_code = self._known(self.codes.get(entry.parent_code))
            if by_code is None:
                self._unknown(entry, "parent_code", entry.parent_code)
                return False, None
        if entry.parent_name:
            by_name = self._named(entry)
            if by_name is None:
                return False, None
        if by_code is not None and by_name is not None and by_code != by_name:
            self.fault(entry, "parent_name", TWO_PARENTS)
            return False, None
        return True, by_code if by_code is not None else by_name

    def _unknown(self, entry: Entry, column: str, words: str) -> None:
        if words not in self.unread:
            self.fault(entry, column, NO_PARENT.format(words=words[:SHOWN]))

    def _nearest(self, entry: Entry) -> tuple[bool, Key | None]:
        key = self.keys[entry.row]
        if isinstance(key, UUID):
            return True, self.parents[key]
        for code in (entry.code[:length] for length in reversed(CODE_LENGTHS)):
            if code == entry.code:
                continue
            if code in self.unread:
                return False, None
            if above := self.codes.get(code):
                return True, self._known(above)
        return True, None

    def _known(self, key: Key | None) -> Key | None:
        return self.keys[key] if isinstance(key, int) else key

    def _named(self, entry: Entry) -> Key | None:
        *above, last = SEPARATORS.split(entry.parent_name)
        own = self.keys[entry.row]
        found = {self._known(key) for key in self.names.get(last, ())} - {own, None}
        candidates = [key for key in found if key is not None and self._hangs(key, above)]
        upper = [key for key in candidates if self._is_above(key, entry)]
        if len(upper or candidates) == 1:
            return (upper or candidates)[0]
        if candidates:
            self.fault(entry, "parent_name", WHICH_PARENT.format(words=entry.parent_name[:SHOWN]))
        elif last not in self.unread:
            self._unknown(entry, "parent_name", entry.parent_name)
        return None

    def _hangs(self, key: Key, above: Sequence[str]) -> bool:
        """Whether the names from a grid upward are these, read from the end."""
        at: Key | None = key
        for name in reversed(above):
            at = self.parents.get(at) if at is not None else None
            if at is None or self._name(at) != name:
                return False
        return True

    def _name(self, key: Key) -> str:
        return self.by_row[key].name if isinstance(key, int) else self.by_id[key].name

    def _position(self, key: Key) -> int | None:
        if isinstance(key, int):
            return self.by_row[key].rung.position
        return self.ladder.position(self.by_id[key].level_id)

    def _is_above(self, key: Key, entry: Entry) -> bool:
        position = self._position(key)
        return position is not None and position < entry.rung.position

    def check_cycles(self) -> set[Key]:
        """Report every row that is above itself, and return those rows."""
        self.parents = {key: self._known(parent) for key, parent in self.parents.items()}
        done: set[Key] = set()
        in_cycles: set[Key] = set()
        for entry in self.entries:
            trail: list[Key] = []
            at: Key | None = entry.row
            while isinstance(at, int) and at not in done and at not in trail:
                trail.append(at)
                at = self.parents.get(at)
            if isinstance(at, int) and at in trail:
                ring = trail[trail.index(at) :]
                self._cycle(sorted(row for row in ring if isinstance(row, int)))
                in_cycles |= set(ring)
            done |= set(trail)
        return in_cycles

    def _cycle(self, ring: Sequence[int]) -> None:
        rows = ", ".join(str(row) for row in ring[:NAMED]) + ("…" if len(ring) > NAMED else "")
        detail = CYCLE.format(rows=rows)
        for row in ring:
            column = "parent_code" if self.by_row[row].parent_code else "parent_name"
            self.faults.append(RowFault(row, column, detail))

    def check_levels(self, leaving: Collection[Key]) -> None:
        """Refuse new grids under one that is not above, and levels left out between."""
        for entry in self.entries:
            if self.keys[entry.row] != entry.row or entry.special or entry.row in leaving:
                continue
            if entry.row not in self.parents:
                continue
            parent = self.parents[entry.row]
            column = "parent_name" if entry.parent_name else "parent_code"
            above = None if parent is None else self._position(parent)
            if parent is not None and above is None:
                continue
            if above is not None and above >= entry.rung.position:
                level = self.ladder.rungs[above].name
                self.fault(entry, column, NOT_ABOVE.format(level=level))
            elif skipped := self.ladder.skipped(above, entry.rung.position):
                self.fault(entry, column, SKIPPED.format(level=skipped.name))

    def plan(self) -> Plan:
        """Return the resulting plan."""
        faults = sorted(self.faults, key=lambda fault: (fault.row, fault.column))
        if faults or self.unread:
            return Plan([], [], {}, faults)
        new = [entry for entry in self.entries if self.keys[entry.row] == entry.row]
        there = [
            (entry, self.by_id[key])
            for entry in self.entries
            if isinstance(key := self.keys[entry.row], UUID)
        ]
        return Plan(self._upper_first(new), there, self.parents, [])

    def _upper_first(self, new: Iterable[Entry]) -> list[Entry]:
        ordered: dict[int, Entry] = {}
        for entry in new:
            trail = [entry]
            while isinstance(key := self.parents[trail[-1].row], int) and key not in ordered:
                trail.append(self.by_row[key])
            ordered |= {each.row: each for each in reversed(trail)}
        return list(ordered.values())
