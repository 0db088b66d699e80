"""The service's tables. No behaviour."""

from services.grid.models import (
    changes,
    counties,
    grids,
    places,
    provisions,
    rules,
    schemes,
    source_files,
    sources,
)
from services.grid.models.base import PLATFORM, Base

__all__ = [
    "PLATFORM",
    "Base",
    "changes",
    "counties",
    "grids",
    "places",
    "provisions",
    "rules",
    "schemes",
    "source_files",
    "sources",
]
