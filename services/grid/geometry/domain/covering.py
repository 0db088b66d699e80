"""How grids cover their land: overlaps, gaps, and places outside of the grid above.

Geometries are compared in degrees, as their edges are drawn; areas are those on the ellipsoid.
Nothing smaller than a tolerance counts, for neighbours are drawn by different hands.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from services.grid.geometry.domain.boundaries import PlacedGrid
from services.grid.geometry.domain.geometry import area_km2

M2_PER_KM2 = 1e6
M2_PER_SQUARE_DEGREE = 111_320.0**2
ROOM = 2.0
"""How far a first, flat estimate of an area may be off before the exact one is asked for."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A place that belongs to two grids, or to none, or lies outside of the grid above.

    The point lies within the largest of the ``parts``. ``without_boundary`` counts lower grids
    without a boundary.
    """

    grid_id: UUID
    other_id: UUID | None
    area_km2: float
    lon: float
    lat: float
    parts: int
    without_boundary: int = 0


class Coverage:
    """The boundaries of a county at a moment."""

    def __init__(
        self,
        grids: Sequence[PlacedGrid],
        is_special: Callable[[PlacedGrid], bool],
        tolerance_m2: float,
    ) -> None:
        """``grids`` have their geometry."""
        self._grids = grids
        self._at = {grid.grid_id: place for place, grid in enumerate(grids)}
        self._shapes = shapely.from_wkb(np.array([grid.wkb for grid in grids], dtype=object))
        self._special = np.array([is_special(grid) for grid in grids], dtype=bool)
        carved = tuple(grid.path for grid in grids if is_special(grid))
        self._carved = [grid.path.startswith(carved) for grid in grids]
        self._tolerance_m2 = tolerance_m2
        self._tree = shapely.STRtree(self._shapes)

    def overlaps(self) -> list[Misfit]:
        """Places in two grids of one level, largest first.

        What was carved out, with all below it, is no overlap with what it was carved out of, nor is
        a grid one with those above and below it.
        """
        left, right = self._tree.query(self._shapes, predicate="intersects")
        pairs = [
            (a, b)
            for a, b in zip(left.tolist(), right.tolist(), strict=True)
            if a < b and self._are_rivals(a, b)
        ]
        if not pairs:
            return []
        first, second = (np.array(each) for each in zip(*pairs, strict=True))
        shared = shapely.intersection(self._shapes[first], self._shapes[second])
        return self._misfits(
            (self._grids[a], self._grids[b], shape, 0)
            for (a, b), shape in zip(pairs, shared, strict=True)
        )

    def _are_rivals(self, a: int, b: int) -> bool:
        one, other = self._grids[a], self._grids[b]
        return (
            one.level_id == other.level_id
            and self._carved[a] == self._carved[b]
            and not one.path.startswith(other.path)
            and not other.path.startswith(one.path)
        )

    def gaps(self, undrawn: Mapping[UUID, int]) -> list[Misfit]:
        """Places within a grid that no grid below it covers, largest first.

        Special grids cover what they are carved out of. A grid below which none has a boundary is
        left out. ``undrawn`` counts the lower grids without boundary of each grid.
        """
        return self._misfits(
            (
                self._grids[parent],
                None,
                self._uncovered(parent, children),
                undrawn.get(parent_id, 0),
            )
            for parent_id, children in self._by_parent().items()
            if (parent := self._at.get(parent_id)) is not None
        )

    def _uncovered(self, parent: int, children: Collection[int]) -> BaseGeometry:
        shape = self._shapes[parent]
        carved = [
            place
            for place in self._tree.query(shape, predicate="intersects").tolist()
            if self._special[place]
            and not self._grids[parent].path.startswith(self._grids[place].path)
        ]
        covering = self._shapes[[*children, *carved]]
        found: BaseGeometry = shapely.difference(shape, shapely.union_all(covering))
        return found

    def outside(self) -> list[Misfit]:
        """Places of a grid outside of the grid above it, largest first."""
        pairs = [
            (child, self._at[grid.parent_id])
            for child, grid in enumerate(self._grids)
            if grid.parent_id in self._at
        ]
        if not pairs:
            return []
        children, parents = (np.array(each) for each in zip(*pairs, strict=True))
        beyond = ~shapely.covered_by(self._shapes[children], self._shapes[parents])
        outer = shapely.difference(self._shapes[children[beyond]], self._shapes[parents[beyond]])
        return self._misfits(
            (self._grids[child], self._grids[parent], shape, 0)
            for child, parent, shape in zip(children[beyond], parents[beyond], outer, strict=True)
        )

    def _by_parent(self) -> dict[UUID, list[int]]:
        children: dict[UUID, list[int]] = defaultdict(list)
        for place, grid in enumerate(self._grids):
            if grid.parent_id is not None:
                children[grid.parent_id].append(place)
        return children

    def _misfits(
        self, found: Iterable[tuple[PlacedGrid, PlacedGrid | None, Any, int]]
    ) -> list[Misfit]:
        misfits = []
        for grid, other, shape, undrawn in found:
            parts = self._parts(shape)
            if not parts:
                continue
            point = max(parts)[2].representative_point()
            misfits.append(
                Misfit(
                    grid.grid_id,
                    other.grid_id if other else None,
                    sum(area for area, _, _ in parts),
                    point.x,
                    point.y,
                    len(parts),
                    undrawn,
                )
            )
        return sorted(misfits, key=lambda misfit: -misfit.area_km2)

    def _parts(self, shape: Any) -> list[tuple[float, int, Any]]:
        """The separate areas above the tolerance, each with its size."""
        if not self._may_count(shape):
            return []
        areas = [
            (area_km2(part), number, part)
            for number, part in enumerate(shapely.get_parts(shape))
            if part.area and self._may_count(part)
        ]
        return [each for each in areas if each[0] * M2_PER_KM2 > self._tolerance_m2]

    def _may_count(self, shape: Any) -> bool:
        if shape.is_empty or not shape.area:
            return False
        shrunk = math.cos(math.radians(shape.bounds[1]))
        return bool(shape.area * M2_PER_SQUARE_DEGREE * shrunk * ROOM > self._tolerance_m2)
