"""The service's tables. No behaviour."""

from services.grid.models import counties, grids, places, rules, schemes, source_files, sources
from services.grid.models.base import PLATFORM, Base

__all__ = [
    "PLATFORM",
    "Base",
    "counties",
    "grids",
    "places",
    "rules",
    "schemes",
    "source_files",
    "sources",
]
