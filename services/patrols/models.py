"""All tables of the service, as migrations are checked against them."""

from services.patrols.base import PLATFORM, STRUCTURE, Base
from services.patrols.ledger.models import FindingRow, PatrolRow

__all__ = ["PLATFORM", "STRUCTURE", "Base", "FindingRow", "PatrolRow"]
