"""The service's tables. No behaviour."""

from services.personnel.models import accounts, following, people, posts
from services.personnel.models.base import PLATFORM, STRUCTURE, Base

__all__ = ["PLATFORM", "STRUCTURE", "Base", "accounts", "following", "people", "posts"]
