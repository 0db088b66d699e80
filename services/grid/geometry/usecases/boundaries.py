"""Recording where grids lie, and finding the grids of a place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.grid.geometry.domain import boundaries as places
from services.grid.geometry.domain import geometry
from services.grid.geometry.domain.boundaries import (
    Boundary,
    Box,
    Here,
    Located,
    MapPage,
    PlacedGrid,
)
from services.grid.ports import GridTransaction
from services.grid.schemes.usecases.reading import get_scheme
from services.grid.tree.usecases import WHOLE_COUNTY, get_grid
from shared.context import CITY_OPERATOR
from shared.errors import Aborted, InvalidArgument, Text, Violation

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
class NewBoundary:
    """A boundary that somebody records; ``document`` is GeoJSON."""

    grid_id: UUID
    document: Any
    datum: str
    source: str
    note: str
    effective_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: a point, a code or a name."""

    point: tuple[float | None, float | None]
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found; ``more``: further grids have the name."""

    grids: Sequence[Located] = ()
    carved_out_of: Sequence[Located] = ()
    more: bool = False


def set_boundary(
    tx: GridTransaction, asked: NewBoundary, expected_version: int, now: datetime
) -> Boundary:
    """Record where a grid lies from a moment on, now unless said.

    Raises GridNotFound, PermissionDenied, InvalidArgument, LaterBoundaryExists, Aborted.
    """
    grid = tx.grids.get(asked.grid_id)
    if CITY_OPERATOR not in tx.context.roles:
        tx.context.require_grid("configure", grid.path)
    shape = geometry.read_boundary(asked.document, asked.datum)
    tx.grids.lock()
    newest = tx.places.newest(grid.grid_id)
    version = newest.version if newest else 0
    if expected_version and expected_version != version:
        raise Aborted(expected=expected_version, actual=version)
    boundary = Boundary(
        grid_id=grid.grid_id,
        version=version + 1,
        shape=shape,
        datum=asked.datum,
        source=asked.source,
        note=asked.note,
        valid_from=asked.effective_at or now,
        valid_to=None,
        recorded_at=now,
        recorded_by=tx.context.actor_id,
    )
    places.check_start(boundary, grid.valid_from, grid.valid_to, newest)
    tx.places.add([boundary])
    return boundary


def get_boundary(tx: GridTransaction, grid_id: UUID, moment: datetime) -> Boundary:
    """The boundary of a grid at a moment. Raises GridNotFound, PermissionDenied, BoundaryNotFound."""
    return tx.places.at(get_grid(tx, grid_id).grid_id, moment)


def list_features(
    tx: GridTransaction,
    grid_id: UUID | None,
    level_id: str,
    *,
    moment: datetime,
    after: str | None,
    limit: int,
) -> MapPage:
    """Grids that have a place within the caller's reach, or of one subtree, in path order.

    Raises GridNotFound, PermissionDenied where the caller may not read the subtree.
    """
    if grid_id is not None:
        scopes: Sequence[str] = (get_grid(tx, grid_id).path,)
    else:
        scopes = WHOLE_COUNTY if tx.context.roles else tx.context.grid_scopes("read")
    return tx.places.features(scopes, level_id, moment, after, limit)


def locate(tx: GridTransaction, question: Question, moment: datetime) -> Answer:
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


def _at_point(tx: GridTransaction, lon: float, lat: float, moment: datetime) -> Answer:
    if fault := geometry.point_fault(lon, lat):
        raise InvalidArgument([Violation("/lon", fault)])
    carved = _carved(tx, moment)
    candidates = [
        Here(grid, inside, places.is_special(grid, carved))
        for grid in tx.places.around(Box(lon, lat, lon, lat), moment)
        if grid.wkb and (inside := geometry.relation(grid.wkb, lon, lat)) is not None
    ]
    belongs, lost = places.belonging(candidates)
    found = [Located(here.grid, POINT, here.special) for here in belongs]
    carved_out_of = [Located(here.grid, POINT, here.special) for here in lost]
    named = _with_names(tx, [*found, *carved_out_of], moment)
    return Answer(named[: len(found)], named[len(found) :])


def _of_code(tx: GridTransaction, code: str, moment: datetime) -> Answer:
    if not (code.isascii() and CODE.fullmatch(code)):
        raise InvalidArgument([Violation("/code", NO_CODE)])
    codes = {code[:length] for length in CODE_LENGTHS if length <= len(code)}
    found = tx.places.with_codes(codes, moment)
    if not found:
        return Answer()
    nearest = found[0]
    match = EXACT if nearest.admin_code == code else NEAREST
    above = tx.places.of_nodes(places.nodes_above(nearest.path), moment)
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


def _of_name(tx: GridTransaction, name: str, moment: datetime) -> Answer:
    found = tx.places.named(name, moment, NAMES_AT_ONCE + 1)
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


def _with_names(tx: GridTransaction, located: Sequence[Located], moment: datetime) -> list[Located]:
    """The same with the names of all grids above each, asked for at once."""
    nodes = {node for each in located for node in places.nodes_above(each.grid.path)}
    above = tx.places.of_nodes(nodes, moment) if nodes else {}
    return [replace(each, names=_names(each.grid, above)) for each in located]


def _names(grid: PlacedGrid, above: dict[int, PlacedGrid]) -> tuple[str, ...]:
    return tuple(above[node].name for node in places.nodes_above(grid.path) if node in above)


def _carved(tx: GridTransaction, moment: datetime) -> frozenset[str]:
    """Unit types that the scheme in force at a moment carves out."""
    return places.special_unit_types(get_scheme(tx, None, moment).document)
