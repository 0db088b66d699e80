"""The service's tables. No behaviour."""

from services.personnel.models import (
    accounts,
    audit,
    certificates,
    following,
    groups,
    leaves,
    people,
    pledges,
    posts,
    staffing,
    trainings,
)
from services.personnel.models.base import PLATFORM, STRUCTURE, Base

__all__ = [
    "PLATFORM",
    "STRUCTURE",
    "Base",
    "accounts",
    "audit",
    "certificates",
    "following",
    "groups",
    "leaves",
    "people",
    "pledges",
    "posts",
    "staffing",
    "trainings",
]
