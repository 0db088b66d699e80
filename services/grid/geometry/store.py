"""Boundaries and points in PostgreSQL. Rows never leave this file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.grid.geometry.domain.boundaries import (
    Boundary,
    BoundaryNotFound,
    Box,
    Feature,
    PlacedGrid,
    Shape,
)
from services.grid.geometry.models import BoundaryRow, PointRow
from services.grid.tree.models import GridRow
from services.grid.tree.store.trails import page_by_path, within
from shared.db.scoped import ScopedTable, same_county
from shared.db.transaction import Transaction
from shared.paging import Page, PageRequest, encode

PAGE_VERTICES = 60_000
"""Vertices of one page of a map: about two megabytes of GeoJSON."""

_GRID = tuple(
    getattr(GridRow, name)
    for name in (
        "grid_id",
        "parent_id",
        "path",
        "level_id",
        "rank",
        "unit_type",
        "name",
        "admin_code",
        "kind",
    )
)
_BOUNDARY = tuple(column for column in BoundaryRow.__table__.c if column.name != "county_id")


class BoundaryStore:
    """Where the county's grids lie."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._drawn = ScopedTable(tx, BoundaryRow)
        self._points = ScopedTable(tx, PointRow)
        self._grids = ScopedTable(tx, GridRow)

    def newest(self, grid_id: UUID) -> Boundary | None:
        """The boundary of a grid that was recorded last."""
        found = self._boundaries(BoundaryRow.grid_id == grid_id, BoundaryRow.valid_to.is_(None))
        return found[0] if found else None

    def newest_of_all(self) -> dict[UUID, Boundary]:
        """The boundary recorded last of every grid that has one."""
        found = self._boundaries(BoundaryRow.valid_to.is_(None))
        return {boundary.grid_id: boundary for boundary in found}

    def at(self, grid_id: UUID, moment: datetime) -> Boundary:
        """The boundary of a grid at a moment. Raises BoundaryNotFound."""
        found = self._boundaries(BoundaryRow.grid_id == grid_id, _holds(BoundaryRow, moment))
        if not found:
            raise BoundaryNotFound(grid_id=grid_id)
        return found[0]

    def add(self, boundaries: Sequence[Boundary]) -> None:
        """Write boundaries; those before them end where they begin."""
        if not boundaries:
            return
        self._tx.connection.execute(
            update(BoundaryRow)
            .where(
                self._drawn.own,
                BoundaryRow.grid_id == bindparam("of_grid"),
                BoundaryRow.valid_to.is_(None),
            )
            .values(valid_to=bindparam("starts"))
            .execution_options(synchronize_session=False),
            [{"of_grid": each.grid_id, "starts": each.valid_from} for each in boundaries],
        )
        self._drawn.insert_many(_row(each) for each in boundaries)

    def points(self) -> dict[UUID, tuple[float, float]]:
        """Longitude and latitude of every grid that is marked by a point."""
        rows = self._tx.connection.execute(
            select(PointRow.grid_id, PointRow.longitude, PointRow.latitude).where(self._points.own)
        )
        return {grid_id: (lon, lat) for grid_id, lon, lat in rows}

    def mark(self, points: Mapping[UUID, tuple[float, float]], now: datetime) -> None:
        """Mark grids by points, in place of those they had."""
        if not points:
            return
        statement = upsert(PointRow)
        moved = {name: statement.excluded[name] for name in ("longitude", "latitude", "marked_at")}
        self._tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(self._points.table.primary_key),
                set_={**moved, "version": PointRow.version + 1},
            ),
            [
                {
                    "county_id": self._tx.county_id,
                    "grid_id": grid_id,
                    "longitude": lon,
                    "latitude": lat,
                    "marked_at": now,
                    "version": 1,
                }
                for grid_id, (lon, lat) in points.items()
            ],
        )

    def around(self, box: Box, moment: datetime) -> list[PlacedGrid]:
        """Grids in force whose boundary's box meets a box, with geometry, in path order."""
        meeting = (
            BoundaryRow.min_lon <= box.max_lon,
            BoundaryRow.max_lon >= box.min_lon,
            BoundaryRow.min_lat <= box.max_lat,
            BoundaryRow.max_lat >= box.min_lat,
        )
        return self._bounded(moment, *meeting)

    def everywhere(self, moment: datetime) -> dict[UUID, PlacedGrid]:
        """Every grid in force that has a boundary, with geometry."""
        return {grid.grid_id: grid for grid in self._bounded(moment)}

    def with_codes(self, codes: Collection[str], moment: datetime) -> list[PlacedGrid]:
        """Grids of division codes, the longest code first."""
        query = self._standing(moment).where(GridRow.admin_code.in_(codes))
        return self._placed(query.order_by(func.length(GridRow.admin_code).desc(), GridRow.trail))

    def named(self, name: str, moment: datetime, limit: int) -> list[PlacedGrid]:
        """Grids whose name holds the words: equal names first, then those that start with them."""
        tier = case(
            (GridRow.name == name, 0), (GridRow.name.startswith(name, autoescape=True), 1), else_=2
        )
        query = self._standing(moment).where(GridRow.name.contains(name, autoescape=True))
        return self._placed(query.order_by(tier, GridRow.trail).limit(limit))

    def of_nodes(self, nodes: Collection[int], moment: datetime) -> dict[int, PlacedGrid]:
        """Grids in force by their node number."""
        query = self._standing(moment, GridRow.node).where(GridRow.node.in_(nodes))
        rows = self._tx.connection.execute(query)
        return {row[-1]: PlacedGrid(*tuple(row)[:-1]) for row in rows}

    def features(
        self, scopes: Sequence[str], level_id: str, moment: datetime, asked: PageRequest
    ) -> Page[Feature]:
        """Grids in any of the subtrees that have a boundary or point, in path order.

        Fewer than a page come where boundaries are long; at least one does.
        """
        page = self._map(scopes, level_id, moment, asked).subquery()
        so_far = func.sum(page.c.vertices).over(order_by=page.c.trail) - page.c.vertices
        counted = select(*page.c, so_far.label("before"), func.count().over().label("all"))
        found = counted.subquery().c
        rows = self._tx.connection.execute(
            select(*found)
            .where(or_(found.before == 0, found.before + found.vertices <= PAGE_VERTICES))
            .order_by(found.trail)
        ).all()
        features = [_feature(tuple(row)[: len(_GRID) + 5]) for row in rows[: asked.size]]
        more = bool(rows) and rows[0][-1] > len(features)
        return Page(features, encode(features[-1].grid.path) if more else "")

    def _map(
        self, scopes: Sequence[str], level_id: str, moment: datetime, asked: PageRequest
    ) -> Select[Any]:
        query = (
            self._standing(
                moment,
                BoundaryRow.geometry,
                BoundaryRow.area_km2,
                PointRow.longitude,
                PointRow.latitude,
                func.coalesce(BoundaryRow.valid_from, PointRow.marked_at).label("since"),
                GridRow.trail,
                func.coalesce(BoundaryRow.vertices, 1).label("vertices"),
            )
            .outerjoin(BoundaryRow, and_(_of_grid(BoundaryRow), _holds(BoundaryRow, moment)))
            .outerjoin(PointRow, _of_grid(PointRow))
            .where(
                or_(false(), *(within(scope) for scope in scopes)),
                or_(BoundaryRow.grid_id.is_not(None), PointRow.grid_id.is_not(None)),
            )
        )
        if level_id:
            query = query.where(GridRow.level_id == level_id)
        return page_by_path(query, asked)

    def _bounded(self, moment: datetime, *conditions: ColumnElement[bool]) -> list[PlacedGrid]:
        """Boundaries first, then their grids.

        As a join it is left to statistics which side comes first, and right after an import they
        know nothing of the county: the wrong side takes a second where this takes milliseconds.
        """
        rows = self._tx.connection.execute(
            select(BoundaryRow.grid_id, BoundaryRow.geometry, BoundaryRow.area_km2).where(
                self._drawn.own, _holds(BoundaryRow, moment), *conditions
            )
        )
        drawn = {grid_id: (wkb, area) for grid_id, wkb, area in rows}
        if not drawn:
            return []
        query = self._standing(moment)
        if conditions:
            query = query.where(GridRow.grid_id.in_(drawn))
        grids = self._placed(query.order_by(GridRow.trail))
        return [
            replace(grid, wkb=drawn[grid.grid_id][0], area_km2=drawn[grid.grid_id][1])
            for grid in grids
            if grid.grid_id in drawn
        ]

    def _standing(self, moment: datetime, *more: Any) -> Select[Any]:
        return self._grids.select(*_GRID, *more).where(_holds(GridRow, moment))

    def _placed(self, query: Select[Any]) -> list[PlacedGrid]:
        return [PlacedGrid(*tuple(row)) for row in self._tx.connection.execute(query)]

    def _boundaries(self, *conditions: ColumnElement[bool]) -> list[Boundary]:
        rows = self._drawn.all(self._drawn.select(*_BOUNDARY).where(*conditions))
        return [_boundary(row) for row in rows]


def _of_grid(row: Any) -> ColumnElement[bool]:
    return same_county(row, GridRow, "grid_id")


def _holds(row: Any, moment: datetime) -> ColumnElement[bool]:
    return and_(row.valid_from <= moment, or_(row.valid_to.is_(None), row.valid_to > moment))


def _row(boundary: Boundary) -> dict[str, Any]:
    shape = boundary.shape
    return {
        "grid_id": boundary.grid_id,
        "version": boundary.version,
        "min_lon": shape.box.min_lon,
        "min_lat": shape.box.min_lat,
        "max_lon": shape.box.max_lon,
        "max_lat": shape.box.max_lat,
        "geometry": shape.wkb,
        "area_km2": shape.area_km2,
        "vertices": shape.vertices,
        "datum": boundary.datum,
        "source": boundary.source,
        "note": boundary.note,
        "valid_from": boundary.valid_from,
        "valid_to": boundary.valid_to,
        "recorded_at": boundary.recorded_at,
        "recorded_by": boundary.recorded_by,
    }


def _boundary(row: Any) -> Boundary:
    box = Box(row.min_lon, row.min_lat, row.max_lon, row.max_lat)
    return Boundary(
        grid_id=row.grid_id,
        version=row.version,
        shape=Shape(bytes(row.geometry), box, row.area_km2, row.vertices),
        datum=row.datum,
        source=row.source,
        note=row.note,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def _feature(row: Sequence[Any]) -> Feature:
    grid, (lon, lat, since) = PlacedGrid(*row[:-3]), row[-3:]
    return Feature(grid, None if grid.wkb else (lon, lat), since)
