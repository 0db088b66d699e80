"""The service's tables. No behaviour."""

from services.grid.models import changes, counties, grids, provisions
from services.grid.models.base import PLATFORM, Base

__all__ = ["PLATFORM", "Base", "changes", "counties", "grids", "provisions"]
