"""The service's tables. No behaviour."""

from services.personnel.models import accounts, leaves, people, posts, staffing
from services.personnel.models.base import PLATFORM, STRUCTURE, Base

__all__ = ["PLATFORM", "STRUCTURE", "Base", "accounts", "leaves", "people", "posts", "staffing"]
