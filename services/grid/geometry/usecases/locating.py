"""Finding the grids of a place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.grid.geometry.domain import boundaries as places
from services.grid.geometry.domain import geometry
from services.grid.geometry.domain.boundaries import Box, Here, Located, PlacedGrid
from services.grid.geometry.store import BoundaryStore
from services.grid.schemes.usecases.reading import get_scheme
from shared.db.transaction import Transaction
from shared.errors import InvalidArgument, Text, Violation

NAMES_AT_ONCE = 20


CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")


CODE_LENGTHS = (12, 9, 6, 4, 2)


EXACT, NEAREST, ABOVE, POINT, PREFIX, PART = (
    "exact",
    "nearest",
    "above",
    "point",
    "prefix",
    "part",
)


ONE_OF = Text(
    "Give a point (lon and lat), a division code or a name: exactly one of them.",
    "请给出坐标(lon 与 lat)、区划代码或名称三者之一。",
)


NO_CODE = Text(
    "Give a division code of 2, 4, 6, 9 or 12 digits.", "应为 2、4、6、9 或 12 位数字的区划代码。"
)


@dataclass(frozen=True, slots=True)
class Question:
    """The place to look for: a point, a code or a name."""

    point: tuple[float | None, float | None]
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found; ``more``: further grids have the name."""

    grids: Sequence[Located] = ()
    carved_out_of: Sequence[Located] = ()
    more: bool = False


def locate(tx: Transaction, question: Question, moment: datetime) -> Answer:
    """The grids of a point, a code or a name at a moment. Raises InvalidArgument."""
    lon, lat = question.point
    pointed = lon is not None or lat is not None
    if [pointed, bool(question.code), bool(question.name)].count(True) != 1:
        raise InvalidArgument([Violation("", ONE_OF)])
    if question.code:
        return _of_code(tx, question.code, moment)
    if question.name:
        return _of_name(tx, question.name, moment)
    if lon is None or lat is None:
        raise InvalidArgument([Violation("/lon" if lon is None else "/lat", ONE_OF)])
    return _at_point(tx, lon, lat, moment)


def _at_point(tx: Transaction, lon: float, lat: float, moment: datetime) -> Answer:
    if fault := geometry.point_fault(lon, lat):
        raise InvalidArgument([Violation("/lon", fault)])
    carved = _carved(tx, moment)
    candidates = [
        Here(grid, inside, places.is_special(grid, carved))
        for grid in tx.store(BoundaryStore).around(Box(lon, lat, lon, lat), moment)
        if grid.wkb and (inside := geometry.relation(grid.wkb, lon, lat)) is not None
    ]
    belongs, lost = places.belonging(candidates)
    found = [Located(here.grid, POINT, here.special) for here in belongs]
    carved_out_of = [Located(here.grid, POINT, here.special) for here in lost]
    named = _with_names(tx, [*found, *carved_out_of], moment)
    return Answer(named[: len(found)], named[len(found) :])


def _of_code(tx: Transaction, code: str, moment: datetime) -> Answer:
    if not (code.isascii() and CODE.fullmatch(code)):
        raise InvalidArgument([Violation("/code", NO_CODE)])
    codes = {code[:length] for length in CODE_LENGTHS if length <= len(code)}
    found = tx.store(BoundaryStore).with_codes(codes, moment)
    if not found:
        return Answer()
    nearest = found[0]
    match = EXACT if nearest.admin_code == code else NEAREST
    above = tx.store(BoundaryStore).of_nodes(places.nodes_above(nearest.path), moment)
    carved = _carved(tx, moment)
    chain = [above[node] for node in reversed(places.nodes_above(nearest.path)) if node in above]
    return Answer(
        _with_names(
            tx,
            [
                Located(grid, ABOVE if place else match, places.is_special(grid, carved))
                for place, grid in enumerate(chain)
            ],
            moment,
        )
    )


def _of_name(tx: Transaction, name: str, moment: datetime) -> Answer:
    found = tx.store(BoundaryStore).named(name, moment, NAMES_AT_ONCE + 1)
    carved = _carved(tx, moment)
    located = [
        Located(grid, _name_match(grid.name, name), places.is_special(grid, carved))
        for grid in found[:NAMES_AT_ONCE]
    ]
    return Answer(_with_names(tx, located, moment), more=len(found) > NAMES_AT_ONCE)


def _name_match(name: str, words: str) -> str:
    if name == words:
        return EXACT
    return PREFIX if name.startswith(words) else PART


def _with_names(tx: Transaction, located: Sequence[Located], moment: datetime) -> list[Located]:
    """Return the grids with the names of all grids above each, read at once."""
    nodes = {node for each in located for node in places.nodes_above(each.grid.path)}
    above = tx.store(BoundaryStore).of_nodes(nodes, moment) if nodes else {}
    return [replace(each, names=_names(each.grid, above)) for each in located]


def _names(grid: PlacedGrid, above: dict[int, PlacedGrid]) -> tuple[str, ...]:
    return tuple(above[node].name for node in places.nodes_above(grid.path) if node in above)


def _carved(tx: Transaction, moment: datetime) -> frozenset[str]:
    """Unit types that the scheme in force at a moment carves out."""
    return places.special_unit_types(get_scheme(tx, None, moment).document)
