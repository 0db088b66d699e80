"""The service's tables. No behaviour."""

from services.grid.models import counties, grids, source_files, sources
from services.grid.models.base import PLATFORM, Base

__all__ = ["PLATFORM", "Base", "counties", "grids", "source_files", "sources"]
