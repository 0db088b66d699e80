"""All tables of the service, as migrations are checked against them."""

from services.notifications.base import PLATFORM, STRUCTURE, Base
from services.notifications.inbox.models import NoticeRow
from services.notifications.rules.models import ContactRow, HolderRow, StandInRow

__all__ = [
    "PLATFORM",
    "STRUCTURE",
    "Base",
    "ContactRow",
    "HolderRow",
    "NoticeRow",
    "StandInRow",
]
