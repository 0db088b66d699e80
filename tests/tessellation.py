"""Made-up land without gaps or overlaps: Voronoi cells within a square."""

import numpy as np
import shapely
from shapely.geometry import Polygon

LAND = shapely.box(113.0, 27.0, 114.0, 28.0)


def cells(count: int, seed: int, land: Polygon = LAND) -> list[Polygon]:
    """The land in as many cells, in no order; neighbours share their vertices."""
    random = np.random.default_rng(seed)
    west, south, east, north = land.bounds
    seeds = random.uniform((west, south), (east, north), (count, 2))
    whole = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=land)
    return [shapely.intersection(cell, land) for cell in shapely.get_parts(whole)]
