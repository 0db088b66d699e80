"""All tables of the service, as migrations are checked against them."""

from services.cases.base import PLATFORM, STRUCTURE, Base
from services.cases.clocks.models import ClockRow, ClockSegmentRow
from services.cases.intake.models import NumberRow
from services.cases.life.models import CaseRow, HistoryRow, TransferRow

__all__ = [
    "PLATFORM",
    "STRUCTURE",
    "Base",
    "CaseRow",
    "ClockRow",
    "ClockSegmentRow",
    "HistoryRow",
    "NumberRow",
    "TransferRow",
]
