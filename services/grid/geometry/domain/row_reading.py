"""Reading the rows of a file of grids, each on its own."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.grid.divisions import domain as placing
from services.grid.geometry.domain import geometry
from services.grid.geometry.domain.boundaries import Shape, special_unit_types
from services.grid.tree.domain.grids import GridKind
from services.grid.tree.domain.ladder import is_passable
from services.grid.tree.domain.levels import Level, own_levels
from shared.errors import InvalidArgument, Text, Violation
from shared.rows import Row, RowFault

NAME_LENGTH = 100
SHOWN = 60
"""Characters of a cell that a fault repeats."""
UNIT_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""Ranks that are no tier of the land: what lies below a township never hangs under them."""

MISSING = Text("This cell is required.", "该单元格必填。")
BAD_NAME = Text(
    f"Use one line of at most {NAME_LENGTH} characters.",
    f"应为单行文本,最多 {NAME_LENGTH} 个字符。",
)
UNKNOWN_LEVEL = Text(
    "The scheme has no level '{level}': give one of {known}.",
    "方案中没有层级“{level}”:应为 {known} 之一。",
)
WHICH_LEVEL = Text(
    "Several levels are '{level}': give one of {known}, or the unit type.",
    "“{level}”对应多个层级:请填写 {known} 之一,或填写单位类型。",
)
BAD_UNIT_TYPE = Text(
    "Give the word of the scheme, in lower-case letters, such as village.",
    "应为方案中的单位类型代码(小写英文),例如 village。",
)
NO_NUMBER = Text("Give degrees as a number, such as 113.345.", "应为数字(度),例如 113.345。")
BOTH = Text("Give lon and lat, or neither.", "经度与纬度应同时填写或同时不填。")
NOT_WITHIN = Text("The point lies outside of the boundary.", "该点不在边界之内。")


@dataclass(frozen=True, slots=True)
class Rung:
    """One of the county's own levels with its place in the ladder, from the top."""

    position: int
    level_id: str
    name: str
    rank: str
    unit_types: tuple[str, ...]
    passable: bool
    """Whether a deeper grid may hang directly under the tier above."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The county's own levels, and the unit types outside of them."""

    rungs: tuple[Rung, ...]
    special: frozenset[str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Ladder":
        """The ladder of a scheme."""
        names = {level["id"]: level["name"] for level in document["levels"]}
        return cls(
            tuple(
                _rung(position, level, names[level.level_id])
                for position, level in enumerate(own_levels(document))
            ),
            special_unit_types(document),
        )

    def position(self, level_id: str) -> int | None:
        """Where a level stands; None for one that the scheme no longer has."""
        return next((r.position for r in self.rungs if r.level_id == level_id), None)

    def skipped(self, above: int | None, below: int) -> Rung | None:
        """The first level between two that may not be skipped; ``above`` None is the top."""
        between = self.rungs[(-1 if above is None else above) + 1 : below]
        return next((rung for rung in between if not rung.passable), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be read: the grid it asks for."""

    row: int
    code: str
    name: str
    rung: Rung
    unit_type: str
    unit_type_stated: bool
    special: bool
    parent_code: str
    parent_name: str
    point: tuple[float, float] | None
    shape: Shape | None


def read_row(
    row: Row, ladder: Ladder, county_code: str, known: Collection[str]
) -> tuple[Entry | None, list[RowFault]]:
    """The grid that a row asks for, or everything that is wrong with it.

    ``known`` are the codes of the county's divisions.
    """
    reader = _Reader(row)
    name = reader.name()
    code = reader.code(county_code, known)
    rung = reader.level(ladder)
    unit_type = reader.unit_type(code, rung)
    point, shape = reader.place()
    if point and shape and geometry.relation(shape.wkb, *point) is None:
        reader.fault("lon", NOT_WITHIN)
    if rung is None or reader.faults:
        return None, reader.faults
    return Entry(
        row=row.number,
        code=code,
        name=name,
        rung=rung,
        unit_type=unit_type,
        unit_type_stated=bool(reader.cell("unit_type")),
        special=unit_type in ladder.special,
        parent_code=reader.cell("parent_code"),
        parent_name=reader.cell("parent_name"),
        point=point,
        shape=shape,
    ), []


class _Reader:
    """Reads cells and collects their faults."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.faults: list[RowFault] = []

    def cell(self, column: str) -> str:
        return self._row.cells.get(column, "").strip()

    def fault(self, column: str, detail: Text) -> None:
        self.faults.append(RowFault(self._row.number, column, detail))

    def name(self) -> str:
        name = self.cell("name")
        if not name:
            self.fault("name", MISSING)
        elif len(name) > NAME_LENGTH or not name.isprintable():
            self.fault("name", BAD_NAME)
        return name

    def code(self, county_code: str, known: Collection[str]) -> str:
        code = self.cell("code")
        if code and (fault := placing.code_fault(code, county_code, known)):
            self.fault("code", fault)
            return ""
        return code

    def level(self, ladder: Ladder) -> Rung | None:
        words = self.cell("level")
        if not words:
            self.fault("level", MISSING)
            return None
        found = _rungs_called(words, ladder.rungs)
        unit_type = self.cell("unit_type")
        if len(found) > 1:
            found = [rung for rung in found if unit_type in rung.unit_types] or found
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{rung.level_id} ({rung.name})" for rung in found or ladder.rungs)
        text = WHICH_LEVEL if found else UNKNOWN_LEVEL
        self.fault("level", text.format(level=words[:SHOWN], known=known))
        return None

    def unit_type(self, code: str, rung: Rung | None) -> str:
        given = self.cell("unit_type")
        if given and not UNIT_TYPE.fullmatch(given):
            self.fault("unit_type", BAD_UNIT_TYPE)
        if given or rung is None:
            return given
        words = placing.unit_types(code) if code else rung.unit_types or (rung.rank,)
        return next((word for word in words if word in rung.unit_types), words[0])

    def place(self) -> tuple[tuple[float, float] | None, Shape | None]:
        """Point and boundary; a geometry that is a point is the point."""
        point = self._point()
        text = self.cell("geometry")
        if not text:
            return point, None
        try:
            document = orjson.loads(text)
            if isinstance(document, dict) and document.get("type") == "Point":
                return point or self._drawn_point(document), None
            return point, geometry.read_boundary(document, pointer="")
        except orjson.JSONDecodeError:
            self.fault("geometry", geometry.NO_GEOJSON)
        except InvalidArgument as error:
            for violation in error.violations:
                self.fault("geometry", _at(violation))
        return point, None

    def _point(self) -> tuple[float, float] | None:
        if not self.cell("lon") and not self.cell("lat"):
            return None
        if not (self.cell("lon") and self.cell("lat")):
            self.fault("lat" if self.cell("lon") else "lon", BOTH)
            return None
        lon, lat = self._degrees("lon"), self._degrees("lat")
        if lon is None or lat is None:
            return None
        if fault := geometry.point_fault(lon, lat):
            self.fault("lon", fault)
        return lon, lat

    def _drawn_point(self, document: Mapping[str, Any]) -> tuple[float, float] | None:
        position: Any = document.get("coordinates")
        if not geometry.is_position(position):
            self.fault("geometry", geometry.NO_POSITION)
            return None
        lon, lat = float(position[0]), float(position[1])
        if fault := geometry.point_fault(lon, lat):
            self.fault("geometry", fault)
        return lon, lat

    def _degrees(self, column: str) -> float | None:
        try:
            value = float(self.cell(column))
        except ValueError:
            self.fault(column, NO_NUMBER)
            return None
        if abs(value) == float("inf") or value != value:  # noqa: PLR0124 - no number equals itself
            self.fault(column, NO_NUMBER)
            return None
        return value


def _at(violation: Violation) -> Text:
    """What is wrong with a geometry, with where in it."""
    if not violation.pointer:
        return violation.detail
    en, zh = violation.detail.en, violation.detail.zh
    return Text(f"{violation.pointer}: {en}", f"{violation.pointer}:{zh}")


def _rung(position: int, level: Level, name: str) -> Rung:
    return Rung(
        position=position,
        level_id=level.level_id,
        name=name,
        rank=level.rank,
        unit_types=level.unit_types,
        passable=is_passable(level, GridKind.TERRITORIAL),
    )


def _rungs_called(words: str, rungs: Sequence[Rung]) -> list[Rung]:
    """The levels that are meant by an id, by the county's own name or by a rank, in this order."""
    for attribute in ("level_id", "name", "rank"):
        if found := [rung for rung in rungs if getattr(rung, attribute) == words]:
            return found
    return []
